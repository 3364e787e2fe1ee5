"""Where all projectors of one follower stand, as last read from the database or moved from here."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from shared.messaging.places import START, Place, begin, places
from shared.storage.database import Database

log = structlog.get_logger(__name__)


class Standing:
    """The places of a follower's `projectors` in one source.

    Each that has none yet starts before the first position, except `at_head` (a new reactor), which waits for
    `first_hearing`. `places` is one dictionary for good: whoever moves a place writes it there.
    """

    def __init__(self, database: Database, source: str, projectors: Sequence[str], at_head: str | None) -> None:
        self._database, self._source = database, source
        self._projectors, self._at_head = tuple(projectors), at_head
        self._loaded = False
        self.places: dict[str, Place] = {}
        self.epoch = ""

    def load(self, *, anew: bool = False) -> None:
        """Read the places if they have not been read yet, or `anew`, after another process has moved them."""
        if self._loaded and not anew:
            return
        with self._database.read() as tx:
            found = places(tx, self._source)
        fresh = [name for name in self._projectors if name not in found and name != self._at_head]
        if fresh:
            with self._database.begin() as tx:
                begin(tx, self._source, fresh, START)
                found = places(tx, self._source)
        self.places.clear()
        self.places.update({name: found[name] for name in self._projectors if name in found})
        self.epoch = next((one.epoch for one in self.places.values() if one.epoch), self.epoch)
        self._loaded = True

    def first_hearing(self, epoch: str, size: int, leaf: str | None) -> None:
        """Let what starts at the head start there, now that the head was heard of; `leaf` is None where not known."""
        self.epoch = self.epoch or epoch
        name = self._at_head
        if name is None or name in self.places:
            return
        with self._database.begin() as tx:
            begin(tx, self._source, [name], Place(size - 1, epoch, leaf))
            self.places[name] = places(tx, self._source)[name]
        log.info("reactor_starts", reactor=name, source=self._source, position=self.places[name].position)

    def lowest(self) -> int:
        """The position of whoever is furthest behind."""
        return min((place.position for place in self.places.values()), default=-1)
