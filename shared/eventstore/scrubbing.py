"""Scrubbing: what views hold of a person is taken away, with the person's sealed parts, in one transaction.

A personal column of a view says whose it is, by the name of the column with the person's reference:

    Column("name", String(200), info={"personal_of": "child"})

Scrubbed, it is NULL, as a projector writes it that may no longer open the part. Where a personal column cannot be
NULL, the row is nothing without it and goes. So live views that were scrubbed are equal to rebuilt ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Column, Connection, Table, delete, or_, update

from shared.eventstore.projecting import Projector
from shared.vault.tables import among

PERSONAL_OF = "personal_of"
"""The key of a column's `info` that names the column with the reference of the person whom it tells about."""


def scrub(tx: Connection, tables: Iterable[Table], people: Sequence[str]) -> int:
    """Take away what these tables hold of these people; how many rows were changed or removed. Again is harmless."""
    touched = 0
    for table in tables:
        for whose, columns in personal_columns(table).items():
            theirs = among(tx, table.c[whose], sorted(set(people)))
            if all(one.nullable for one in columns):
                left = or_(*(one.is_not(None) for one in columns))
                nothing = dict.fromkeys((one.name for one in columns), None)
                touched += tx.execute(update(table).where(theirs, left).values(nothing)).rowcount
            else:
                touched += tx.execute(delete(table).where(theirs)).rowcount
    return touched


def personal_columns(table: Table) -> dict[str, list[Column[object]]]:
    """The personal columns of a table, by the column that says whose they are."""
    found: dict[str, list[Column[object]]] = {}
    for column in table.columns:
        if PERSONAL_OF in column.info:
            found.setdefault(column.info[PERSONAL_OF], []).append(column)
    return found


def personal_names(table: Table) -> list[str]:
    """The names of a table's personal columns."""
    return [one.name for columns in personal_columns(table).values() for one in columns]


def view_tables(projectors: Iterable[Projector]) -> list[Table]:
    """The tables of these projectors, once each."""
    found = {table.name: table for projector in projectors for table in projector.metadata.sorted_tables}
    return list(found.values())
