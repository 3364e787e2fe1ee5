"""Readers lift a neighbour's events of an older version to the contract's: with a language of the tests' own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import LANGUAGE, Published
from shared.eventstore.codec import Codec
from shared.hosting import assembling
from shared.kernel.messages import Event, Person, Ref, event, personal

GOLDEN = json.loads((Path(__file__).parent / "lantern_hung.v1.json").read_text())


@event("registry.lantern_hung", version=2)
@dataclass(frozen=True, kw_only=True)
class LanternHung(Event):
    """A lantern was hung. Since version 2 its light is called `colour`, and it may hang for a child."""

    lantern: Ref
    colour: str
    child: Person | None
    name: str | None = personal("identity", of="child")


def since_version_2(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fields.items() if name != "lamp"}
    return {**kept, "colour": fields["lamp"], "child": None}


LANTERNS = Published(
    events=(LanternHung,), readers={"alerts": frozenset()}, upcasters={("registry.lantern_hung", 1): since_version_2}
)


@pytest.mark.parametrize("opened", [{}, GOLDEN["sealed"]["child.identity"]], ids=["closed", "opened"])
def test_version_1_is_read_as_version_2_whether_its_parts_are_open_or_not(opened: dict[str, str]) -> None:
    codec = Codec(LANTERNS.events, LANTERNS.upcasters)
    read = codec.event(GOLDEN["type"], GOLDEN["version"], {**GOLDEN["data"], **opened})
    assert read == LanternHung(lantern=Ref(GOLDEN["data"]["lantern"]), colour="red", child=None, **opened)


@pytest.mark.parametrize("version", [0, 2, 3])
def test_an_upcaster_of_a_version_that_is_none_or_not_past_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="lift nothing"):
        Published(events=(LanternHung,), readers={}, upcasters={("registry.lantern_hung", version): since_version_2})


def test_a_past_version_without_an_upcaster_is_refused() -> None:
    with pytest.raises(ValueError, match=r"nothing lifts.*registry\.lantern_hung 1"):
        Published(events=(LanternHung,), readers={})


def test_followers_are_assembled_with_the_upcasters_of_what_they_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LANGUAGE, "registry", LANTERNS)
    read = assembling.codec_of("registry").event(GOLDEN["type"], 1, dict(GOLDEN["data"]))
    assert isinstance(read, LanternHung)
