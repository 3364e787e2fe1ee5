"""The published language as JSON Schema: one file for each version of each event, kept for good.

The files are what was promised. A neighbour that nobody here knows of may rely on them, so `make reference` adds to
them and never takes anything back: what would break a reader is named and nothing is written (`breaking`).
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import types
import typing
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from docs.reference.pages import first_line
from shared.contracts import LANGUAGE, Published
from shared.kernel.messages import Event, Person, PublicText, Ref, sealed_fields

FOLDER = Path(__file__).resolve().parent / "schemas"
READERS = "readers.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
_KINDS: dict[Any, Schema] = {
    Person: {"type": "string", "format": "uuid", "x-names": "person"},
    Ref: {"type": "string", "format": "uuid", "x-names": "thing"},
    PublicText: {"type": "string", "x-text": "public"},
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    type(None): {"type": "null"},
}


def schemas(language: Mapping[str, Published] = LANGUAGE) -> dict[str, Schema]:
    """The schema of each event as it is published today, by the file that it belongs in."""
    return {file_of(one): schema_of(one) for published in language.values() for one in published.events}


def readers(language: Mapping[str, Published] = LANGUAGE) -> dict[str, dict[str, list[str]]]:
    """Who hears whom: source → reader → the purposes whose sealed parts that reader may open."""
    return {
        source: {reader: sorted(purposes) for reader, purposes in published.readers.items()}
        for source, published in language.items()
    }


def file_of(cls: type[Event]) -> str:
    """Where the schema of an event lies in the folder: `registry/child_moved.v1.json`."""
    service, _, what = cls.type.partition(".")
    return f"{service}/{what}.v{cls.schema_version}.json"


def schema_of(cls: type[Event]) -> Schema:
    """What an entry of this event says: its `data` in the clear, and under `$defs` the contents of its sealed parts.

    A part is named `<whose>.<purpose>`. Readers ignore fields that they do not know: a schema forbids none.
    """
    hints, sealed = typing.get_type_hints(cls), sealed_fields(cls)
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    clear = {one.name: kind_of(hints[one.name]) for one in fields if one.name not in sealed}
    needed = [one.name for one in fields if one.name in clear and one.default is dataclasses.MISSING]
    parts: dict[str, Schema] = {}
    for name, (purpose, of) in sealed.items():
        part = parts.setdefault(f"{of}.{purpose}", {"type": "object", "properties": {}})
        part["properties"][name] = kind_of(hints[name])
    found = {
        "$schema": DIALECT,
        "title": cls.type,
        "description": first_line(inspect.getdoc(cls)),
        "type": "object",
        "required": ["type", "version", "data"],
        "properties": {
            "type": {"const": cls.type},
            "version": {"const": cls.schema_version},
            "data": {"type": "object", "properties": clear, "required": needed},
        },
    }
    return found | ({"$defs": parts} if parts else {})


def kind_of(hint: Any) -> Schema:
    """The schema of one field's type. Raises TypeError on a type that no published event should have."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return {"anyOf": [kind_of(one) for one in typing.get_args(hint)]}
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)
        if inner[-1] is ...:
            return {"type": "array", "items": kind_of(inner[0])}
        return {"type": "array", "prefixItems": [kind_of(one) for one in inner]}
    for kind, schema in _KINDS.items():
        if hint is kind:
            return dict(schema)
    raise TypeError(f"no schema for {hint}")


def text_of(value: Any) -> str:
    """A JSON value as it is written into a file."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def promised(folder: Path = FOLDER) -> tuple[dict[str, Schema], dict[str, dict[str, list[str]]]]:
    """What the files say: the schemas by file, and the readers. Nothing where nothing was promised yet."""
    files = {str(path.relative_to(folder)): path for path in sorted(folder.glob("*/*.json"))}
    known = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in files.items()}
    heard = folder / READERS
    return known, json.loads(heard.read_text(encoding="utf-8")) if heard.exists() else {}


def write(folder: Path = FOLDER) -> list[str]:
    """Write what is new, and name what was written. Whoever calls it has seen to it that nothing breaks."""
    wanted = {**{name: text_of(one) for name, one in schemas().items()}, READERS: text_of(readers())}
    changed = []
    for name, text in sorted(wanted.items()):
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(f"schemas/{name}")
    return changed
