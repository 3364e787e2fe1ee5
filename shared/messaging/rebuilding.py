"""Rebuilding what a service keeps of its neighbours: their logs are fetched from the first position on and projected
into tables beside the live ones, up to the very place where each live projector stands. Reactions are never run.

What is parked, or was given up, is left out, because the live views do not have it either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Table, select

from shared.eventstore import tables as t
from shared.eventstore.beside import Beside
from shared.eventstore.codec import Codec
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.messaging.dropping import ParkedDropped
from shared.messaging.follower import Fetch
from shared.messaging.letters import FetchKeys, Letter, fetch_missing, letters_of, open_together
from shared.messaging.places import places
from shared.messaging.ranges import MOST_EVENTS, Range
from shared.messaging.tables import follower_positions, parked
from shared.storage.database import Database
from shared.vault.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source as it is heard: its codec, the views that it feeds, and how it is asked."""

    name: str
    codec: Codec
    projectors: Sequence[Projector]
    fetch: Fetch
    fetch_keys: FetchKeys


class HeardViews:
    """The rebuilding of one source's views, as far as the live ones have come, or `until` a position."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        source: Source,
        beside: Beside,
        *,
        pause: Callable[[], object] = lambda: None,
        until: int | None = None,
    ) -> None:
        self._database, self._vault, self._source = database, vault, source
        self._until = until
        self._beside, self._pause = beside, pause
        self._done = {one.name: -1 for one in source.projectors}
        self._held: dict[str, int] = {}
        self._ahead: list[Letter] = []
        self._after = -1
        self._skipped: list[tuple[Projector, Letter]] = []

    def replay(self, told: Callable[[int, int], None] = lambda _done, _size: None) -> None:
        """Fetch all that the source has, and project what the live views have seen of it.

        Raises what `fetch` raises.
        """
        source = self._source
        while self._until is None or self._after < self._until:
            message = source.fetch(source.name, self._after, MOST_EVENTS)
            if message is None:
                return
            one = Range.read(message)
            letters = letters_of(one)
            fetch_missing(self._database, self._vault, letters, source.fetch_keys)
            with self._database.read() as tx:
                open_together(tx, letters, self._vault)
                live = {name: place.position for name, place in places(tx, source.name).items()}
            self._ahead += letters
            self._after = one.last
            with self._beside.writing() as tx:
                self._project(tx, live if self._until is None else self._all_until())
            told(one.last + 1, one.size)
            self._pause()

    def hold(self, alone: Connection) -> bool:
        """Keep the live projectors where they are until the transaction ends.

        False where they have moved beyond what `replay` has fetched.
        """
        if self._until is not None:
            self._held = self._all_until()
            return True
        c = follower_positions.c
        names = [one.name for one in self._source.projectors]
        query = select(c.projector, c.position).where(c.source == self._source.name, c.projector.in_(names))
        self._held = {
            row.projector: row.position for row in alone.execute(query.order_by(c.projector).with_for_update())
        }
        return all(position <= self._after for position in self._held.values())

    def finish(self, alone: Connection) -> None:
        """Project up to where the live projectors are held."""
        left_out = self._left_out(alone)
        beside = self._beside.rows_beside(alone)
        # What was parked when it was passed by may have been applied since, and then it was applied after what it held.
        rows = Rows(beside)
        for projector, letter in self._skipped:
            if (projector.name, letter.position) not in left_out:
                projector.apply(rows, letter.recorded(beside, self._source.codec, self._vault))
        rows.write()
        self._project(beside, self._held, left_out)
        self._beside.rows_live(alone)

    def _project(self, tx: Connection, until: dict[str, int], left_out: set[tuple[str, int]] | None = None) -> None:
        if left_out is None:
            with self._database.read() as live:
                left_out = self._left_out(live)
        rows = Rows(tx)
        for letter in self._ahead:
            for projector in self._source.projectors:
                name = projector.name
                if not self._done[name] < letter.position <= until.get(name, -1):
                    continue
                self._done[name] = letter.position
                if letter.type not in projector.hears:
                    continue
                if (name, letter.position) in left_out:
                    self._skipped.append((projector, letter))
                else:
                    projector.apply(rows, letter.recorded(tx, self._source.codec, self._vault))
        rows.write()
        slowest = min(self._done.values(), default=-1)
        self._ahead = [letter for letter in self._ahead if letter.position > slowest]

    def _left_out(self, tx: Connection) -> set[tuple[str, int]]:
        name, c = self._source.name, parked.c
        found = {
            (row.projector, row.position) for row in tx.execute(select(c.projector, c.position).where(c.source == name))
        }
        for entry in tx.execute(select(t.events.c.entry).where(t.events.c.type == ParkedDropped.type)).scalars():
            said = msgspec.json.decode(bytes(entry))["data"]
            if said["source"] == name:
                found.add((said["projector"], said["position"]))
        return {one for one in found if self._until is None or one[1] <= self._until}

    def _all_until(self) -> dict[str, int]:
        """Where the projectors shall stand instead of where they do."""
        return {one.name: self._until if self._until is not None else -1 for one in self._source.projectors}


def heard_tables(sources: Sequence[Source]) -> list[Table]:
    """The tables that these sources feed."""
    found = {
        table.name: table
        for source in sources
        for projector in source.projectors
        for table in projector.metadata.sorted_tables
    }
    return list(found.values())
