"""What was once recorded is read for good: each event against the golden file of each of its versions."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import LANGUAGE
from shared.eventstore.codec import Codec, UnknownEvent
from shared.kernel.messages import Event, PublicText, Ref, event
from shared.testing.rooms import test_settings
from tests.contract.golden import __main__ as command
from tests.contract.golden.samples import FOLDER, Golden, as_json, codes_of, golden_of, path_of, read, sample
from tests.contract.owners import EVERYWHERE, SERVICES, all_events, events_of, hints, landed

FILES = sorted(FOLDER.glob("*/*.json"))
PUBLISHED = {one.type for published in LANGUAGE.values() for one in published.events}


def named(path: Path) -> str:
    return f"{path.parent.name}.{path.stem}"


@pytest.fixture(scope="module")
def codec_of(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The codec that a service is wired with, its upcasters included."""

    @cache
    def found(service: str) -> Codec:
        if not (SERVICES / service / "wiring.py").exists():
            return Codec(events_of(service))
        build = importlib.import_module(f"services.{service}.wiring").build
        codec: Codec = build(test_settings(tmp_path_factory.mktemp(service))).base.store.codec
        return codec

    return found


def all_fields(golden: Golden) -> dict[str, Any]:
    """Clear and sealed fields of a golden entry, as an entitled reader has them."""
    opened = {name: value for part in golden["sealed"].values() for name, value in part["fields"].items()}
    return {**golden["data"], **opened}


def today(path: Path) -> type[Event]:
    """The class that reads a golden file's type today."""
    golden = read(path)
    by_type = {one.type: one for one in events_of(path.parent.name)}
    assert golden["type"] in by_type, f"{golden['type']} stands in logs: its class and its readers stay"
    return by_type[golden["type"]]


@pytest.mark.parametrize("one", all_events(), ids=lambda one: f"{one.type}.v{one.schema_version}")
def test_each_event_has_a_golden_file_for_its_version(one: type[Event]) -> None:
    assert path_of(one.type, one.schema_version).exists(), "python -m tests.contract.golden --write"


@pytest.mark.parametrize("one", all_events(), ids=lambda one: one.type)
def test_no_version_before_todays_lacks_its_golden_file(one: type[Event]) -> None:
    missing = [version for version in range(1, one.schema_version) if not path_of(one.type, version).exists()]
    assert missing == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_golden_file_lies_where_its_type_and_version_say(path: Path) -> None:
    golden = read(path)
    assert path_of(golden["type"], golden["version"]) == path
    assert golden["version"] <= today(path).schema_version


@pytest.mark.parametrize("path", FILES, ids=named)
def test_an_event_that_changes_its_shape_takes_a_new_version(path: Path) -> None:
    golden, cls = read(path), today(path)
    if golden["version"] < cls.schema_version:
        return  # lifted, see below
    assert {**golden_of(cls), "codes": None} == {**golden, "codes": None}, f"raise the version of {cls.type}"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_golden_entry_is_read_as_todays_event_and_written_back_the_same(path: Path, codec_of: Any) -> None:
    golden, cls = read(path), today(path)
    codec: Codec = codec_of(path.parent.name)
    lifted = codec.event(golden["type"], golden["version"], all_fields(golden))
    assert type(lifted) is cls
    assert golden["persons"] == [one for one in lifted.persons() if one in golden["persons"]]
    if golden["version"] == cls.schema_version:
        assert lifted == sample(cls)
        clear, parts = codec.split(lifted)
        assert as_json(clear) == golden["data"]
        assert as_json({part: fields for part, (_, _, fields) in parts.items()}) == {
            part: one["fields"] for part, one in golden["sealed"].items()
        }


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_golden_entry_is_read_with_its_sealed_parts_closed(path: Path, codec_of: Any) -> None:
    golden = read(path)
    closed = codec_of(path.parent.name).event(golden["type"], golden["version"], dict(golden["data"]))
    assert type(closed) is today(path)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_closed_list_loses_no_code_that_stands_in_a_log(path: Path) -> None:
    golden, cls = read(path), today(path)
    if golden["version"] < cls.schema_version:
        return  # its upcaster may give a code another name
    known = {name: set(codes_of(hint)) for name, hint in hints(cls).items()}
    lost = {name: set(codes) - known.get(name, set()) for name, codes in golden["codes"].items()}
    assert {name: codes for name, codes in lost.items() if codes} == {}


@pytest.mark.parametrize("path", [path for path in FILES if read(path)["type"] in PUBLISHED], ids=named)
def test_neighbours_read_every_version_of_what_is_published(path: Path) -> None:
    golden = read(path)
    language = LANGUAGE[path.parent.name]
    codec = Codec(language.events, language.upcasters)
    heard = codec.event(golden["type"], golden["version"], all_fields(golden))
    assert heard.persons()[: len(golden["persons"])] == [one for one in golden["persons"] if one in heard.persons()]


@event("registry.lamp_lit", version=1)
@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    """An event as it was."""

    lamp: Ref


@event("registry.lamp_lit", version=1)
@dataclass(frozen=True, kw_only=True)
class LampLitAndNamed(Event):
    """The same event after somebody changed its shape and forgot its version."""

    lamp: Ref
    name: PublicText


@event("registry.lamp_lit", version=2)
@dataclass(frozen=True, kw_only=True)
class LampLitSince(Event):
    """The same event after it was changed as it should be."""

    lamp: Ref
    name: PublicText


def test_an_entry_of_an_old_version_is_lifted_and_without_an_upcaster_not_read() -> None:
    old = golden_of(LampLit)
    lifting = Codec([LampLitSince], {("registry.lamp_lit", 1): lambda fields: {**fields, "name": "lamp"}})
    assert lifting.event(old["type"], 1, all_fields(old)) == LampLitSince(
        lamp=old["data"]["lamp"], name=PublicText("lamp")
    )
    with pytest.raises(UnknownEvent):
        Codec([LampLitSince]).event(old["type"], 1, all_fields(old))


def test_a_field_more_makes_another_golden_file() -> None:
    assert golden_of(LampLit) != golden_of(LampLitAndNamed)


def test_a_golden_file_that_is_there_is_never_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "lamp_lit.v1.json"
    monkeypatch.setattr(command, "path_of", lambda _kind, _version: kept)
    monkeypatch.setattr(command, "all_events", lambda: [LampLit])
    assert command.main(write=False) == 1
    assert command.main(write=True) == 0
    first = kept.read_bytes()
    monkeypatch.setattr(command, "all_events", lambda: [LampLitAndNamed])
    assert command.main(write=True) == 0
    assert kept.read_bytes() == first


def test_the_golden_files_are_of_services_that_there_are() -> None:
    assert {path.parent.name for path in FILES} <= {*landed(), EVERYWHERE}
