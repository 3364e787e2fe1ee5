"""Forgetting people in what is held of rosters: files that wait, rows that wait, results that were not fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
from sqlalchemy import Connection, select

from services.registry.domain.child import Child
from services.registry.domain.codes import RowOutcome
from services.registry.handlers.importing.holding import Holding, Kind, held
from services.registry.handlers.importing.planning import HeldRow, packed, unpacked
from shared.eventstore.store import EventStore
from shared.kernel.ids import stream_of


def forget(tx: Connection, store: EventStore, holding: Holding, people: Sequence[str]) -> None:
    """Take these people out of everything that is held. Called while their names can still be read.

    A row that tells of one of them is only counted from then on. Whole files cannot be read for somebody: those that
    wait for their import, for a day at most, are destroyed, and are uploaded again.
    """
    query = select(held.c.holder, held.c.kind, held.c.number, held.c.owner)
    pieces = tx.execute(query).all()
    if not pieces:
        return
    words = _words(tx, store, people)
    for one in pieces:
        if one.kind == Kind.FILE:
            holding.drop(tx, one.holder, Kind.FILE, one.number)
            continue
        content = holding.get(tx, one.holder, Kind(one.kind), one.number)
        left = _without(content, Kind(one.kind), words) if content is not None else content
        if left is not None and left != content:
            holding.put(tx, one.holder, Kind(one.kind), one.number, one.owner, left)


def _words(tx: Connection, store: EventStore, people: Sequence[str]) -> list[str]:
    """By what rows are known to tell of these people: references, names, numbers.

    Of a child's card nothing is looked for but the child: a grandmother may stand in the rows of its sisters too.
    """
    words = set(people)
    children = [one for one in people if store.stream(tx, stream_of("registry", "child", one))]
    for one in children:
        child = store.aggregate(tx, Child, one, opened=True)
        words |= {word for word in (child.name, child.identity[0]) if word}
    if not children:
        for person in people:
            for told in store.of_person(tx, person, opened=True):
                words |= {
                    value
                    for name in ("name", "phone", "other_phone")
                    if getattr(told.event, "contact", None) == person
                    and isinstance(value := getattr(told.event, name, None), str)
                }
    return sorted(words)


def _without(content: bytes, kind: Kind, words: Sequence[str]) -> bytes:
    if kind is Kind.RESULT:
        results = msgspec.json.decode(content)
        gone: dict[str, object] = {"name": "", "child": None, "problems": []}
        return msgspec.json.encode([one | gone if _tells(one, words) else one for one in results])
    chunk = unpacked(content)
    rows = tuple(
        HeldRow(sheet=row.sheet, row=row.row, outcome=RowOutcome.COUNTED) if _tells(row, words) else row
        for row in chunk.rows
    )
    return packed(replace(chunk, rows=rows))


def _tells(row: object, words: Sequence[str]) -> bool:
    text = msgspec.json.encode(row).decode()
    return any(word in text for word in words)
