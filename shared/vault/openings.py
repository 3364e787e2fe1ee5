"""Openings: two different people together read what is kept of restricted people, for a while.

    openings.begin(tx, opening_id, child, people, asked_by=first, approved_by=second, until=…, now=…)
    vault.open_to(tx, by=first, child=child)    # from here on this transaction opens their parts, for one of the two

Who may ask and who may approve is decided at registry, and is in its log. The rows are what each service keeps of it:
the database refuses one in which a person approves their own, and none opens anything after its end, whether or not
somebody has said that it is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from shared.kernel.ids import derived_id
from shared.vault.tables import vault_openings

LONGEST = timedelta(hours=1)
"""How long an opening may last."""


def opening_id(openings: str, request: int) -> str:
    """The id of one opening, by the history that it belongs to and its number there."""
    return derived_id(openings, f"opening {request}")


def begin(
    tx: Connection,
    opening: str,
    child: str,
    people: Iterable[str],
    *,
    asked_by: str,
    approved_by: str,
    until: datetime,
    now: datetime,
) -> None:
    """Let two people open what is kept here of these people, who are `child` or stand on its card.

    Beginning again changes nothing, one that is over is not begun, and none lasts beyond `LONGEST` from now. Openings
    that are over are removed. Raises ValueError where one person is both.
    """
    if asked_by == approved_by:
        raise ValueError("an opening needs two people")
    until = min(until, now + LONGEST)
    tx.execute(delete(vault_openings).where(vault_openings.c.until <= now))
    if until <= now:
        return
    usual = {"opening": opening, "child": child, "asked_by": asked_by, "approved_by": approved_by, "until": until}
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    rows = [{**usual, "person": person} for person in sorted(set(people))]
    if rows:
        tx.execute(dialect.insert(vault_openings).on_conflict_do_nothing(), rows)


def end(tx: Connection, opening: str) -> None:
    """Close an opening before its time; one that is not there is fine."""
    tx.execute(delete(vault_openings).where(vault_openings.c.opening == opening))


def running(tx: Connection, *, by: str, child: str, now: datetime) -> dict[str, frozenset[str]]:
    """The openings about a child, one of whose two is `by`: opening → the people whom it opens."""
    c = vault_openings.c
    query = select(c.opening, c.person).where(
        c.child == child, c.until > now, or_(c.asked_by == by, c.approved_by == by)
    )
    found: dict[str, set[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.opening, set()).add(row.person)
    return {opening: frozenset(people) for opening, people in sorted(found.items())}
