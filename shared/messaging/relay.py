"""The relay: tells each reader, in log order, what was sequenced. It runs where the sequencer's leader runs.

Where it is with each reader is kept in the database and moved after the broker has confirmed; a crash in between
repeats ranges, which followers know already. Two relays at once do no harm either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from shared.contracts import LANGUAGE, Published
from shared.eventstore.store import EventStore
from shared.messaging.ranges import MOST_EVENTS, Head, Range, epoch_of, head_of
from shared.messaging.tables import relay_positions
from shared.messaging.telling import ranges_for
from shared.messaging.transport import Transport, TransportDown, Unconfirmed
from shared.storage.database import Database
from shared.vault.vault import Vault

log = structlog.get_logger(__name__)
MOST_RANGES = 16
"""The most ranges that one step publishes to one reader."""
ANNOUNCE_EVERY = 1.0
"""Seconds between two announcements of the head when nothing happens."""
FIRST_REST, LONGEST_REST = 5.0, 60.0
"""Seconds for which a reader is left alone whose queue took nothing: at first, and at most after doubling."""


class Relay:
    """Publishes one service's log to those who read it.

    `source` is the service's name; `monotonic` gives seconds that no test clock moves.
    """

    def __init__(
        self,
        source: str,
        database: Database,
        store: EventStore,
        vault: Vault,
        transport: Transport,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        language: Mapping[str, Published] = LANGUAGE,
        limit: int = MOST_EVENTS,
        most_ranges: int = MOST_RANGES,
    ) -> None:
        self.source, self._language = source, language
        self._database, self._store, self._vault, self._transport = database, store, vault, transport
        self._monotonic = monotonic
        self._limit, self._most_ranges = limit, most_ranges
        published = language.get(source)
        self.readers = tuple(sorted(published.readers)) if published else ()
        self._announced: float | None = None
        self._shown: Head | None = None
        self._told: Head | None = None
        self._refused: dict[str, tuple[float, float]] = {}

    def step(self) -> int:
        """Publish what is sequenced and not yet told, a bounded lot of it; returns how many ranges that were.

        Call it again at once while it returns something, otherwise after a few milliseconds or a notification.
        A reader whose queue takes nothing is left alone for a while and the others are told. Raises TransportDown
        where the broker is not there, and WrongTopology; then nothing has moved for the readers not yet told.
        """
        head = self.head()
        # First of all: pages wait for the head alone, and a reader whom no range reaches can ask for it.
        if head != self._shown or self._due():
            self._announce(head)
        if head == self._told and not self._refused:
            return 0
        told = sum(self._tell(reader) for reader in self.readers)
        # Until the head moves there is nothing more to tell, and the readers' places need not be looked up.
        self._told = None if told else head
        return told

    def _tell(self, reader: str) -> int:
        """Publish to one reader and move its place."""
        refused = self._refused.get(reader)
        if refused is not None and self._monotonic() < refused[0]:
            return 0
        with self._database.read() as tx:
            place = self._place(tx, reader)
            ranges = self._next(tx, reader, place)
        if not ranges:
            return 0
        try:
            self._transport.publish(ranges)
        except Unconfirmed as error:
            pause = min(refused[1] * 2, LONGEST_REST) if refused else FIRST_REST
            self._refused[reader] = self._monotonic() + pause, pause
            log.error("reader_not_reached", reader=reader, why=str(error), seconds=pause)  # noqa: TRY400 - told apart
            return 0
        self._refused.pop(reader, None)
        self._moved(place, ranges[-1])
        return len(ranges)

    def behind(self) -> dict[str, int]:
        """For each reader how many positions are sequenced and not yet told."""
        with self._database.read() as tx:
            size = self._store.size(tx)
            return {reader: size - 1 - self._place(tx, reader)[0] for reader in self.readers}

    def _place(self, tx: Connection, reader: str) -> tuple[int, str]:
        """What a reader was told last, and in which epoch that was: none before the first."""
        c = relay_positions.c
        row = tx.execute(select(c.position, c.epoch).where(c.reader == reader)).one_or_none()
        return (row[0], row[1]) if row else (-1, "")

    def _next(self, tx: Connection, reader: str, place: tuple[int, str]) -> list[Range]:
        after, told = place
        if told not in ("", epoch_of(tx)):
            # Restored from a backup: what this reader has heard of the lost end is for it to find out, by the epoch.
            log.warning("relay_in_new_epoch", reader=reader, position=after)
            after = min(after, self._store.size(tx) - 1)
        found = ranges_for(
            tx, self._store, self._vault, self.source, reader, after, self._limit, language=self._language
        )
        return list(islice(found, self._most_ranges))

    def _moved(self, place: tuple[int, str], last: Range) -> None:
        """Remember what was confirmed, unless another relay has remembered more meanwhile."""
        position, epoch = place
        c = relay_positions.c
        with self._database.begin() as tx:
            if not epoch:
                row = {"reader": last.reader, "position": last.last, "epoch": last.epoch}
                _insert_unless_there(tx, relay_positions, row)
                return
            tx.execute(
                update(relay_positions)
                .where(c.reader == last.reader, c.position == position, c.epoch == epoch)
                .values(position=last.last, epoch=last.epoch)
            )

    def _due(self) -> bool:
        return self._announced is None or self._monotonic() - self._announced >= ANNOUNCE_EVERY

    def _announce(self, head: Head) -> None:
        self._announced = self._monotonic()
        try:
            self._transport.announce(head)
            self._shown = head
        except TransportDown:
            # The next one, a second later, says the same and more.
            log.warning("head_not_announced", size=head.size)

    def head(self) -> Head:
        """The head of the log as it is announced."""
        with self._database.read() as tx:
            return head_of(tx, self._store, self.source)


def _insert_unless_there(tx: Connection, table: Table, row: dict[str, Any]) -> None:
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    tx.execute(dialect.insert(table).on_conflict_do_nothing(), [row])
