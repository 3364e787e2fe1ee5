"""What would break a reader of the published language, in words: which promise, how, and what to do instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from docs.reference.language import Schema

_NEW_VERSION = "raise its version, with an upcaster (docs/how-to/change-an-event.md)"
_Readers = Mapping[str, Mapping[str, list[str]]]


def breaks(before: Mapping[str, Schema], now: Mapping[str, Schema]) -> list[str]:
    """Each way in which the schemas of today break those that were promised, by file."""
    newest: dict[str, int] = {}
    for one in now.values():
        newest[one["title"]] = max(newest.get(one["title"], 0), _version(one))
    found: list[str] = []
    for name, promise in before.items():
        kind, version = promise["title"], _version(promise)
        if kind not in newest:
            found.append(f"{kind} is no longer published: entries of it stand in logs; publish it again")
        elif newest[kind] < version:
            found.append(f"{kind} went back from version {version} to {newest[kind]}: versions only rise")
        elif name in now:
            found += [f"{kind} version {version}: {one}" for one in _changes(promise, now[name])]
    return found


def reader_breaks(before: _Readers, now: _Readers) -> list[str]:
    """Each reader that hears less than it was promised."""
    found = []
    for source, readers in before.items():
        for reader, purposes in readers.items():
            here = now.get(source, {}).get(reader)
            if here is None:
                found.append(f"{reader} no longer hears {source}: end its following first, in a release of its own")
                continue
            found += [
                f"{reader} may no longer open {one!r} of {source}: its views need it; take it out of them first"
                for one in purposes
                if one not in here
            ]
    return found


def additions(before: Mapping[str, Schema], now: Mapping[str, Schema]) -> list[str]:
    """What is new or said in other words, and breaks nobody: the files are to be written anew."""
    return [name for name, one in now.items() if before.get(name) != one]


def _changes(promise: Schema, now: Schema) -> Iterator[str]:
    yield from _clear(promise, now)
    yield from _parts(_sealed(promise), _sealed(now))
    yield from _required(promise["properties"]["data"], now["properties"]["data"])


def _clear(promise: Schema, now: Schema) -> Iterator[str]:
    here, sealed = now["properties"]["data"]["properties"], _sealed(now)
    for name, kind in promise["properties"]["data"]["properties"].items():
        if name in sealed:
            yield f"the field {name!r}, which stood in the clear, is sealed; {_NEW_VERSION}"
        elif name not in here:
            yield f"the field {name!r} is gone; keep it, or {_NEW_VERSION}"
        elif here[name] != kind:
            yield f"the field {name!r} changed its type; keep it and add another, or {_NEW_VERSION}"


def _parts(promise: Mapping[str, tuple[str, Any]], now: Mapping[str, tuple[str, Any]]) -> Iterator[str]:
    for name, (part, kind) in promise.items():
        if name not in now:
            yield f"the sealed field {name!r} is gone from {part!r}; keep it, or {_NEW_VERSION}"
        elif now[name] != (part, kind):
            yield f"the sealed field {name!r} of {part!r} changed its part or type; {_NEW_VERSION}"


def _required(promise: Schema, now: Schema) -> Iterator[str]:
    for name in now["required"]:
        if name not in promise["properties"]:
            yield f"the field {name!r} is new and required, and old entries lack it; give it a default"
        elif name not in promise["required"]:
            yield f"the field {name!r} was optional and is required; give it its default again, or {_NEW_VERSION}"
    for name in promise["required"]:
        if name in now["properties"] and name not in now["required"]:
            yield f"the field {name!r} was required and is optional: readers count on it; {_NEW_VERSION}"


def _sealed(schema: Schema) -> dict[str, tuple[str, Any]]:
    return {
        name: (part, kind)
        for part, content in schema.get("$defs", {}).items()
        for name, kind in content["properties"].items()
    }


def _version(schema: Schema) -> int:
    version: int = schema["properties"]["version"]["const"]
    return version
