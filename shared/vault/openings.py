"""Openings: two different people together open what is kept of a restricted person, for a while and for a reason.

    openings.ask(tx, opening_id, person, by=first, reason="court_order", until=…)
    openings.join(tx, opening_id, by=second, now=…)
    with vault.opening(tx, opening_id, by=first):
        …                       # within the block, `vault.open` answers for this person as if nothing were restricted

Whether the two may do so is for the handlers to ask at their gate; that they did so is an event of the caller's. The
row is the proof that both asked: the database refuses one in which a person joins their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from shared.kernel.refusals import NotFound, Refusal
from shared.vault.erasing import standing
from shared.vault.tables import vault_openings

LONGEST = timedelta(hours=1)
"""How long an opening may last, from the first one's asking."""
_REASON = re.compile(r"[a-z][a-z_]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An opening of one person's parts. `joined_by` is None while the second one has not joined."""

    id: str
    person: str
    reason: str
    asked_by: str
    joined_by: str | None
    until: datetime


def ask(
    tx: Connection, opening_id: str, person: str, *, by: str, reason: str, until: datetime, now: datetime
) -> Opening:
    """The first of the two asks. Openings that are over are removed.

    `reason` is a code of the caller's. Raises the refusal `opening_not_needed` where the person is not restricted, and
    ValueError on a reason that is no code or an end that is not within `LONGEST`.
    """
    if not _REASON.fullmatch(reason):
        raise ValueError("the reason of an opening is a code")
    if not now < until <= now + LONGEST:
        raise ValueError("an opening lasts an hour at most")
    if standing(tx, person) != "restricted":
        raise Refusal("opening_not_needed", person=person)
    tx.execute(delete(vault_openings).where(vault_openings.c.until <= now))
    opening = Opening(id=opening_id, person=person, reason=reason, asked_by=by, joined_by=None, until=until)
    row = {"id": opening.id, "person": person, "reason": reason, "asked_by": by, "joined_by": None, "until": until}
    tx.execute(insert(vault_openings).values(row))
    return opening


def join(tx: Connection, opening_id: str, *, by: str, now: datetime) -> Opening:
    """The second of the two joins; joining again changes nothing.

    Raises NotFound where there is no such opening any more, and the refusals `opening_needs_another` for who asked
    and `opening_taken` where a second one has joined already.
    """
    opening = _running(tx, opening_id, now)
    if opening.asked_by == by:
        raise Refusal("opening_needs_another", opening=opening_id)
    c = vault_openings.c
    tx.execute(update(vault_openings).where(c.id == opening_id, c.joined_by.is_(None)).values(joined_by=by))
    joined = _running(tx, opening_id, now)
    if joined.joined_by != by:
        raise Refusal("opening_taken", opening=opening_id)
    return joined


def proven(tx: Connection, opening_id: str, *, by: str, now: datetime) -> Opening:
    """An opening that two people made, for one of them.

    Raises NotFound where there is none for this reader any more, and the refusal `opening_needs_another` while the
    second one has not joined.
    """
    opening = _running(tx, opening_id, now)
    if by not in (opening.asked_by, opening.joined_by):
        raise NotFound("opening", id=opening_id)
    if opening.joined_by is None or opening.joined_by == opening.asked_by:
        raise Refusal("opening_needs_another", opening=opening_id)
    return opening


def _running(tx: Connection, opening_id: str, now: datetime) -> Opening:
    query = select(vault_openings).where(vault_openings.c.id == opening_id, vault_openings.c.until > now)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise NotFound("opening", id=opening_id)
    return Opening(**row._mapping)
