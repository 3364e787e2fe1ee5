"""The peer: the `eventsourcing` package as its documentation sets it up, doing the same work as ours.

Its events go through its own aggregates, JSON transcoder and recorders. `safe` is its default on PostgreSQL: the
table is locked in each inserting transaction, so that numbers are visible in order. `fast` is the setting
`POSTGRES_ENABLE_DB_FUNCTIONS`: one call of a function that inserts without that lock.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from sqlalchemy.engine import make_url

from tests.infrastructure.database import TestDatabase

ACTOR = {"id": "staff-1", "role": "teacher"}


class Beacon(Aggregate):
    """The same facts as our lit beacon's entry: child, actor, command, correlation."""

    def __init__(self, child: str, actor: dict[str, str], command: str, correlation: str) -> None:
        self.child, self.times = child, 1

    @event("Lit")
    def light(self, child: str, actor: dict[str, str], command: str, correlation: str) -> None:
        """Once more."""
        self.child = child
        self.times += 1


class Log(Application[UUID]):
    """Its application, with pages of the log as long as ours."""

    log_section_size = 500


class Peer:
    """The peer's application over a database of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.app: Application[UUID] = Log(env=environment)

    def close(self) -> None:
        """Let its connections go."""
        self.app.close()

    def begin(self, count: int = 1) -> UUID:
        """A new aggregate with so many events, saved in one transaction."""
        made = self._made(str(uuid4()))
        self.app.save(self._lit(made, count - 1))
        return made.id

    def append(self, beacon: Beacon, count: int = 1) -> None:
        """So many more events of an aggregate that is in memory, saved in one transaction."""
        self.app.save(self._lit(beacon, count))

    def load(self, beacon: UUID) -> Beacon:
        """An aggregate from its events."""
        found: Beacon = self.app.repository.get(beacon)
        return found

    def replay(self, count: int, page: int = 500) -> int:
        """Read so many events by position and decode them; gives how many there were."""
        after, done = 0, 0
        while done < count:
            rows = self.app.notification_log.select(start=after + 1, limit=page)
            if not rows:
                break
            for one in rows:
                self.app.mapper.to_domain_event(one)
            after, done = rows[-1].id, done + len(rows)
        return done

    def new(self) -> Beacon:
        """An aggregate that is not saved yet."""
        return self._made(str(uuid4()))

    @staticmethod
    def _made(child: str) -> Beacon:
        command = str(uuid4())
        return Beacon(child=child, actor=ACTOR, command=command, correlation=command)

    @staticmethod
    def _lit(beacon: Beacon, count: int) -> Beacon:
        for _ in range(count):
            command = str(uuid4())
            beacon.light(child=beacon.child, actor=ACTOR, command=command, correlation=command)
        return beacon


def on_postgres(given: TestDatabase, *, fast: bool = False, connections: int = 4) -> Peer:
    """The peer on PostgreSQL."""
    return Peer(environment(given.owner_url, fast=fast, connections=connections))


def environment(owner_url: str, *, fast: bool, connections: int) -> dict[str, str]:
    """What it is told in its environment."""
    url = make_url(owner_url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": url.database or "",
        "POSTGRES_HOST": url.host or "",
        "POSTGRES_PORT": str(url.port),
        "POSTGRES_USER": url.username or "",
        "POSTGRES_PASSWORD": url.password or "",
        "POSTGRES_POOL_SIZE": str(connections),
        "POSTGRES_MAX_OVERFLOW": str(connections),
        "POSTGRES_ENABLE_DB_FUNCTIONS": "y" if fast else "n",
    }


def on_sqlite(path: Path) -> Peer:
    """The peer on SQLite, which it opens with WAL and SQLite's own default of synchronous=FULL."""
    return Peer({"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})
