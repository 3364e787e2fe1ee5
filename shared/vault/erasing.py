"""Erasing and restricting people, within the caller's transaction.

    gone = erasing.destroy(tx, child)          # no key, part or attachment of theirs is left here
    erasing.restrict(tx, child)                # kept, and opened by two people together only (see `openings`)

Each service does it in its own database: it knows its own parts, and the keys that it makes or has fetched. Each call
takes a constant number of statements, however much is kept of however many people. The event that says why is the
caller's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ARRAY, Connection, String, bindparam, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from shared.vault.errors import PersonErased
from shared.vault.tables import (
    among,
    vault_attachments,
    vault_chunks,
    vault_keys,
    vault_openings,
    vault_parts,
    vault_persons,
    vault_uploads,
)

Standing = Literal["normal", "restricted", "erased"]
_DESTROY = text("SELECT keys, parts, attachments FROM shouwang_destroy(:people)").bindparams(
    bindparam("people", type_=ARRAY(String))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed:
    """What an erasure took away here: keys that were emptied, sealed parts and attachments that were deleted."""

    keys: int
    parts: int
    attachments: int = 0


def destroy(tx: Connection, *people: str) -> Destroyed:
    """Erase people: empty all their keys that are held here, own and fetched, and delete their sealed parts and files.

    From then on nothing is sealed for them, and keys of theirs that come from elsewhere are not kept. Doing it again
    takes away what is left, which is nothing, and is how a restored database is brought up to date.
    """
    everybody = sorted(set(people))
    if not everybody:
        return Destroyed(keys=0, parts=0)
    if tx.dialect.name == "postgresql":
        row = tx.execute(_DESTROY, {"people": everybody}).one()
        return Destroyed(keys=row.keys, parts=row.parts, attachments=row.attachments)
    stands = sqlite.insert(vault_persons)
    stands = stands.on_conflict_do_update(index_elements=["person"], set_={"standing": "erased"})
    tx.execute(stands, [{"person": one, "standing": "erased"} for one in everybody])
    whose = among(tx, vault_keys.c.person, everybody)
    keys = tx.execute(update(vault_keys).where(whose, vault_keys.c.wrapped.is_not(None)).values(wrapped=None))
    tx.execute(delete(vault_openings).where(among(tx, vault_openings.c.person, everybody)))
    parts = tx.execute(delete(vault_parts).where(among(tx, vault_parts.c.person, everybody)))
    for table in (vault_uploads, vault_chunks):
        tx.execute(delete(table).where(among(tx, table.c.person, everybody)))
    files = tx.execute(delete(vault_attachments).where(among(tx, vault_attachments.c.person, everybody)))
    return Destroyed(keys=keys.rowcount, parts=parts.rowcount, attachments=files.rowcount)


def restrict(tx: Connection, person: str) -> None:
    """Keep a person's parts, and open them no more but to two people together. Raises PersonErased."""
    _stand(tx, person, "restricted")


def lift(tx: Connection, person: str) -> None:
    """End a restriction; of who is not restricted nothing changes. Raises PersonErased."""
    _stand(tx, person, "normal")


def standing(tx: Connection, person: str) -> Standing:
    """How a person stands in this service."""
    return standings(tx, (person,))[person]


def standings(tx: Connection, people: Iterable[str]) -> dict[str, Standing]:
    """How several people stand in this service, in one statement."""
    found: dict[str, Standing] = dict.fromkeys(people, "normal")
    query = select(vault_persons.c.person, vault_persons.c.standing)
    for row in tx.execute(query.where(among(tx, vault_persons.c.person, sorted(found)))):
        found[row.person] = row.standing
    return found


def _stand(tx: Connection, person: str, stands: Standing) -> None:
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(vault_persons).values(person=person, standing=stands)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["person"],
            set_={"standing": statement.excluded.standing},
            # An erasure that commits meanwhile is waited for, and stands.
            where=vault_persons.c.standing != "erased",
        )
    )
    if standing(tx, person) == "erased":
        raise PersonErased(person)
