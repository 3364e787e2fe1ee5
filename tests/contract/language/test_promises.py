"""The published language keeps its promises: what a neighbour was told it may rely on is there for good.

`docs/reference/schemas` holds what was promised. A change that breaks a reader fails here, with what to do instead; one
that adds asks for `make reference`.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from docs.reference import __main__ as reference
from docs.reference import breaking, language
from shared.contracts import LANGUAGE
from shared.kernel.messages import Event, Person, Ref, event, personal
from tests.contract.golden.samples import as_json, path_of, read, sample

PROMISED, READERS = language.promised()
PUBLISHED = [one for published in LANGUAGE.values() for one in published.events]


def test_nothing_that_was_promised_is_broken() -> None:
    assert breaking.breaks(PROMISED, language.schemas()) == []
    assert breaking.reader_breaks(READERS, language.readers()) == []


def test_what_was_added_stands_among_the_promises() -> None:
    assert breaking.additions(PROMISED, language.schemas()) == [], "make reference"
    assert language.readers() == READERS, "make reference"


def test_every_promise_of_an_event_lies_where_its_type_and_version_say() -> None:
    for name, one in PROMISED.items():
        service, _, what = one["title"].partition(".")
        assert name == f"{service}/{what}.v{one['properties']['version']['const']}.json"


@pytest.mark.parametrize("name", PROMISED)
def test_a_promise_is_a_json_schema(name: str) -> None:
    jsonschema_rs.meta.validate(PROMISED[name])


@pytest.mark.parametrize("cls", PUBLISHED, ids=lambda one: one.type)
def test_the_golden_entry_of_a_published_event_is_what_its_schema_says(cls: type[Event]) -> None:
    golden, schema = read(path_of(cls.type, cls.schema_version)), PROMISED[language.file_of(cls)]
    assert jsonschema_rs.is_valid(schema, golden)
    for part, inside in schema.get("$defs", {}).items():
        assert set(inside["properties"]) <= set(golden["sealed"][part]["fields"])
        assert jsonschema_rs.is_valid(inside, golden["sealed"][part]["fields"])


@event("registry.lamp_lit", version=1)
@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    """A lamp is lit."""

    lamp: Ref
    by: Person
    times: int
    colour: str | None = None
    words: str | None = personal("identity", of="by")


BEFORE = {"registry/lamp_lit.v1.json": language.schema_of(LampLit)}


def changed(**how: Any) -> dict[str, Any]:
    """The promise with its data changed: fields given, or taken away where None; `required` replaces the list."""
    now = copy.deepcopy(BEFORE)
    data = now["registry/lamp_lit.v1.json"]["properties"]["data"]
    data["required"] = how.pop("required", data["required"])
    for name, kind in how.items():
        data["properties"].pop(name, None)
        if kind is not None:
            data["properties"][name] = kind
    return now


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (changed(times=None, required=["lamp", "by"]), "the field 'times' is gone; keep it, or raise its version"),
        (changed(times={"type": "string"}), "the field 'times' changed its type; keep it and add another"),
        (changed(lamp=language.kind_of(Person)), "the field 'lamp' changed its type"),
        (changed(required=["lamp", "by", "times", "colour"]), "'colour' was optional and is required"),
        (changed(required=["lamp", "by"]), "'times' was required and is optional"),
        (changed(oil={"type": "integer"}, required=["lamp", "by", "times", "oil"]), "'oil' is new and required"),
        ({}, "registry.lamp_lit is no longer published"),
    ],
)
def test_a_change_that_breaks_a_reader_is_named_with_what_to_do(now: dict[str, Any], said: str) -> None:
    [only] = breaking.breaks(BEFORE, now)
    assert said in only
    assert ";" in only or ":" in only


def test_a_sealed_field_that_goes_or_opens_breaks_its_readers() -> None:
    gone = copy.deepcopy(BEFORE)
    del gone["registry/lamp_lit.v1.json"]["$defs"]
    assert "sealed field 'words' is gone from 'by.identity'" in breaking.breaks(BEFORE, gone)[0]
    sealed = changed(colour=None)
    sealed["registry/lamp_lit.v1.json"]["$defs"]["by.identity"]["properties"]["colour"] = {"type": "string"}
    assert "'colour', which stood in the clear, is sealed" in breaking.breaks(BEFORE, sealed)[0]


def test_an_optional_field_more_breaks_nobody_and_asks_to_be_written_down() -> None:
    now = changed(oil={"type": "integer"})
    assert breaking.breaks(BEFORE, now) == []
    assert breaking.additions(BEFORE, now) == ["registry/lamp_lit.v1.json"]


def test_a_new_version_leaves_the_promise_of_the_old_one() -> None:
    second = copy.deepcopy(BEFORE["registry/lamp_lit.v1.json"])
    second["properties"]["version"]["const"] = 2
    del second["properties"]["data"]["properties"]["times"]
    assert breaking.breaks(BEFORE, {"registry/lamp_lit.v2.json": second}) == []
    assert "went back from version 2 to 1" in breaking.breaks({"registry/lamp_lit.v2.json": second}, BEFORE)[0]


def test_a_reader_that_hears_or_opens_less_is_named() -> None:
    before = {"registry": {"alerts": ["contact", "identity"], "casework": []}}
    less = breaking.reader_breaks(before, {"registry": {"alerts": ["identity"]}})
    assert [one.partition(":")[0] for one in less] == [
        "alerts may no longer open 'contact' of registry",
        "casework no longer hears registry",
    ]
    assert breaking.reader_breaks(before, before) == []


def test_the_reference_is_not_written_where_it_would_break_a_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    promised = tmp_path / "registry" / "lamp_lit.v1.json"
    promised.parent.mkdir()
    promised.write_text(json.dumps(BEFORE["registry/lamp_lit.v1.json"]), encoding="utf-8")
    monkeypatch.setattr(language, "promised", lambda known=language.promised: known(tmp_path))
    monkeypatch.setattr(language, "write", lambda: pytest.fail("it wrote"))
    assert reference.main() == 1
    assert "registry.lamp_lit is no longer published" in capsys.readouterr().err


def test_writing_adds_and_never_takes_away(tmp_path: Path) -> None:
    assert language.write(tmp_path)
    (tmp_path / "registry" / "lamp_lit.v1.json").write_text(json.dumps(BEFORE["registry/lamp_lit.v1.json"]))
    assert language.write(tmp_path) == []
    known, readers = language.promised(tmp_path)
    assert "registry/lamp_lit.v1.json" in known
    assert readers == language.readers()


def test_a_sample_of_an_event_is_what_its_schema_says() -> None:
    lit = sample(LampLit)
    entry = as_json({"type": lit.type, "version": 1, "data": {"lamp": lit.lamp, "by": lit.by, "times": lit.times}})  # type: ignore[attr-defined]
    assert jsonschema_rs.is_valid(BEFORE["registry/lamp_lit.v1.json"], entry)
    assert not jsonschema_rs.is_valid(BEFORE["registry/lamp_lit.v1.json"], entry | {"version": 2})
