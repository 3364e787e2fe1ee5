"""A sample of each event, the same on every machine, and the file that describes it."""

from __future__ import annotations

import json
import typing
import uuid
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from shared.eventstore.codec import Codec
from shared.kernel.messages import Event, Person, PublicText, Ref
from tests.contract.owners import hints, members

FOLDER = Path(__file__).resolve().parent
Golden = dict[str, Any]


def path_of(kind: str, version: int) -> Path:
    """Where the golden file of a stored type and version lies."""
    service, _, what = kind.partition(".")
    return FOLDER / service / f"{what}.v{version}.json"


def read(path: Path) -> Golden:
    """A golden file."""
    found: Golden = json.loads(path.read_text(encoding="utf-8"))
    return found


def written(golden: Golden) -> str:
    """A golden file as it is written."""
    return json.dumps(golden, ensure_ascii=False, indent=2) + "\n"


def golden_of(cls: type[Event]) -> Golden:
    """What the golden file of an event says, by today's shape of it: its sample, split as an entry would hold it.

    `codes` are the closed lists as they were when the file was made: a list may grow, and loses no code that stands in
    a log.
    """
    event = sample(cls)
    clear, parts = Codec([cls]).split(event)
    golden = {
        "type": cls.type,
        "version": cls.schema_version,
        "persons": event.persons(),
        "data": clear,
        "sealed": {
            part: {"person": person, "purpose": purpose, "fields": fields}
            for part, (person, purpose, fields) in parts.items()
        },
        "codes": {name: codes for name, hint in hints(cls).items() if (codes := codes_of(hint))},
    }
    return as_json(golden)


def as_json(value: dict[str, Any]) -> dict[str, Any]:
    """A value as JSON gives it back: tuples are lists."""
    found: dict[str, Any] = json.loads(json.dumps(value))
    return found


def sample(cls: type[Event]) -> Event:
    """An event whose every field holds something; what it holds follows from the names of type and field."""
    return cls(**{name: value_of(hint, f"{cls.type}.{name}") for name, hint in hints(cls).items()})


def value_of(hint: Any, name: str) -> Any:
    """A value of a type. Raises TypeError on a type that no event should have."""
    hint = next((one for one in members(hint) if one is not type(None)), None)
    if typing.get_origin(hint) is tuple:
        return _several(typing.get_args(hint), name)
    for kinds, value in (
        ((Person, Ref), str(uuid.uuid5(uuid.NAMESPACE_OID, name))),
        ((PublicText, str), f"样本 {name.rpartition('.')[2]}"),
        ((bool,), True),
        ((int,), 100 + len(name)),
        ((date,), date(2026, 9, 1)),
    ):
        if any(hint is kind for kind in kinds):
            return value
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return next(iter(hint))
    raise TypeError(f"{name} is {hint}, of which no sample is made")


def _several(inner: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    if inner[-1] is ...:
        return tuple(value_of(inner[0], f"{name}.{place}") for place in (1, 2))
    return tuple(value_of(one, f"{name}.{place}") for place, one in enumerate(inner, 1))


def codes_of(hint: Any) -> list[str]:
    """The codes of the closed lists in a type."""
    found: list[str] = []
    for one in members(hint):
        if isinstance(one, type) and issubclass(one, StrEnum):
            found += [str(code) for code in one]
        found += [code for inner in typing.get_args(one) if inner is not ... for code in codes_of(inner)]
    return found
