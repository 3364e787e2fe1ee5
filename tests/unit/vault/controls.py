"""Named examples of what is sealed, and the few steps that the vault's tests share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, update

from shared.vault.tables import vault_keys
from shared.vault.vault import SealedPart, SealRequest
from tests.unit.vault.conftest import House


def new() -> str:
    return str(uuid.uuid4())


def request(**differs: Any) -> SealRequest:
    usual = {
        "event_id": new(),
        "part": "child.identity",
        "person": new(),
        "purpose": "identity",
        "content": {"name": "阿依古丽·买买提"},
    }
    return SealRequest(**(usual | differs))


def seal(house: House, *requests: SealRequest) -> list[SealedPart]:
    with house.database.begin() as tx:
        return house.vault.seal(tx, list(requests))


def reopen(house: House, *sealed: SealedPart, **differs: str) -> list[dict[str, Any] | None]:
    with house.database.read() as tx:
        return list(house.vault.open(tx, [(one.event_id, one.reference() | differs) for one in sealed]).values())


def hand_over(owner: House, neighbour: House, *sealed: SealedPart) -> None:
    with owner.database.read() as tx:
        keys = owner.vault.wrapped_keys(tx, {(one.person, one.purpose) for one in sealed})
    with neighbour.database.begin() as tx:
        neighbour.vault.keep_keys(tx, keys)


def carry(owner: House, neighbour: House, sealed: SealedPart, purposes: list[str]) -> dict[str, Any]:
    with owner.database.read() as tx:
        parts = owner.vault.parts_for(tx, [sealed.event_id], purposes)
    with neighbour.database.read() as tx:
        stored = {(sealed.event_id, part): content for part, content in parts.get(sealed.event_id, {}).items()}
        opened = neighbour.vault.open_carried(tx, [(sealed.event_id, sealed.reference())], stored)
    return {part: content for (_event, part), content in opened.items()}


def destroy(house: House, sealed: SealedPart) -> None:
    with house.database.begin() as tx:
        tx.execute(update(vault_keys).where(vault_keys.c.key_id == sealed.key).values(wrapped=None))


@contextmanager
def counted(tx: Connection) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(tx, "before_cursor_execute", note)
    yield said
    event.remove(tx, "before_cursor_execute", note)
