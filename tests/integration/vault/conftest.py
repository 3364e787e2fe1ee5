"""A service's vault over a fresh database of each kind, reached in the role that cannot change history."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.messages import PURPOSES
from shared.storage.database import Database
from shared.vault.attachments import Attachments
from shared.vault.guards import create_vault
from shared.vault.keyring import Keyring
from shared.vault.vault import SealedPart, SealRequest, Vault
from tests.infrastructure.database import TestDatabase


@dataclass(frozen=True)
class House:
    """One service's vault with its database, as its application and as its owner see it."""

    vault: Vault
    database: Database
    owner: Database
    clock: FixedClock

    def seal(self, *requests: SealRequest) -> list[SealedPart]:
        with self.database.begin() as tx:
            return self.vault.seal(tx, list(requests))

    def reopen(self, *sealed: SealedPart) -> list[dict[str, Any] | None]:
        with self.database.read() as tx:
            return list(self.vault.open(tx, [(one.event_id, one.reference()) for one in sealed]).values())

    @property
    def files(self) -> Attachments:
        return Attachments(self.vault, self.clock)

    def bring(self, person: str, *chunks: bytes, attachment: str | None = None) -> str:
        """A file's chunks come in, each in a transaction of its own."""
        name = attachment or new()
        for number, chunk in enumerate(chunks, 1):
            with self.database.begin() as tx:
                self.files.put(
                    tx,
                    name,
                    number=number,
                    count=len(chunks),
                    content=chunk,
                    owner="somebody",
                    person=person,
                    purpose="identity",
                )
        return name

    def attach(self, person: str, *chunks: bytes) -> tuple[str, SealedPart]:
        """A file of a person is kept as a part of an event."""
        name = self.bring(person, *(chunks or (b"%PDF a small one",)))
        with self.database.begin() as tx:
            kept = self.files.keep(
                tx, name, event_id=new(), part="child.identity.file", person=person, purpose="identity"
            )
        return name, kept

    def download(self, attached: tuple[str, SealedPart], count: int = 1) -> list[bytes | None]:
        """The chunks of a kept file."""
        name, kept = attached
        with self.database.read() as tx:
            return [
                self.files.read(tx, name, kept.reference(), number=number, count=count)
                for number in range(1, count + 1)
            ]

    def does(self, act: Callable[..., Any], *people: str) -> Any:
        with self.database.begin() as tx:
            return act(tx, *people)


def new() -> str:
    return str(uuid.uuid4())


def part(person: str, purpose: str = "identity") -> SealRequest:
    return SealRequest(event_id=new(), part=f"child.{purpose}", person=person, purpose=purpose, content={"name": "𠮷"})


@pytest.fixture
def house(test_database: TestDatabase, tmp_path: Path) -> Iterator[House]:
    clock = FixedClock(datetime(2026, 11, 23, 8, tzinfo=UTC))
    owner, application = Database(test_database.owner_url), Database(test_database.application_url)
    with owner.begin() as tx:
        create_vault(tx, application_role=test_database.application_role)
    yield House(Vault("registry", Keyring.create(tmp_path / "keys", PURPOSES), clock), application, owner, clock)
    owner.dispose()
    application.dispose()
