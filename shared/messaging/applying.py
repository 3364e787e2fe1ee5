"""Applying: a range becomes rows and reactions, each effect in one transaction with the place that it moves.

Views take a whole range in one transaction; where that fails, one event at a time, so that one bad event costs only
itself and what hangs on it. Reactions are one event a transaction always.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import structlog

from shared.eventstore.codec import Codec
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.clock import Clock
from shared.messaging.letters import FetchKeys, Letter, fetch_missing, open_together
from shared.messaging.parking import WAITS, failed_again, park, release, waiting
from shared.messaging.places import Place, PlaceMoved, end_of, move
from shared.messaging.ranges import Range
from shared.messaging.trouble import described, passing, patiently
from shared.storage.database import Database
from shared.vault.vault import Vault

log = structlog.get_logger(__name__)
Blocked = dict[str, set[str]]
"""For each projector the streams and people whose events must wait."""


class Applier:
    """Applies what one source says. `places` is where each projector was when last read or moved from here.

    Every method raises PlaceMoved when another process was faster (nothing is left behind; read the places again), and
    errors that may pass, after having tried for a while.
    """

    def __init__(
        self,
        source: str,
        database: Database,
        codec: Codec,
        vault: Vault,
        clock: Clock,
        *,
        places: dict[str, Place],
        sleep: Callable[[float], object],
        applied: Callable[[], None],
    ) -> None:
        self._source, self._database, self._codec, self._vault = source, database, codec, vault
        self._clock, self._sleep, self._applied = clock, sleep, applied
        self.places = places

    def together(self, group: Sequence[Projector], one: Range, letters: Sequence[Letter], blocked: Blocked) -> None:
        """Apply a range to projectors that stand at the same place, in one transaction; apart where that fails."""
        try:
            self._whole(group, one, letters, blocked)
            return
        except PlaceMoved:
            raise
        except Exception as error:
            if passing(error):
                raise
            log.warning("range_taken_apart", source=self._source, first=one.first, error=described(error))
        for projector in group:
            if len(group) > 1:
                self.together([projector], one, letters, blocked)
            else:
                self.singly(projector, one, letters, blocked[projector.name])

    def _whole(self, group: Sequence[Projector], one: Range, letters: Sequence[Letter], blocked: Blocked) -> None:
        held: Blocked = {}

        def effect() -> None:
            # Anew at each attempt: a transaction that was rolled back has parked nothing.
            held.update({projector.name: set(blocked[projector.name]) for projector in group})
            with self._database.begin() as tx:
                rows = Rows(tx)
                for projector in group:
                    move(tx, self._source, projector.name, self.places[projector.name], end_of(one))
                # All at once: a question for each event would take as long as the effects themselves.
                heard = [letter for letter in letters if any(_hears(one, letter, self.places) for one in group)]
                open_together(tx, heard, self._vault)
                for letter in heard:
                    for projector in group:
                        if not _hears(projector, letter, self.places):
                            continue
                        if letter.touches & held[projector.name]:
                            held[projector.name] |= letter.touches
                            park(tx, self._source, projector.name, letter, WAITS, self._clock.now())
                        else:
                            projector.apply(rows, letter.recorded(tx, self._codec, self._vault))
                rows.write()

        patiently(effect, self._sleep)
        blocked.update(held)
        for projector in group:
            self.places[projector.name] = end_of(one)

    def singly(self, projector: Projector, one: Range, letters: Sequence[Letter], held: set[str]) -> None:
        """Apply a range to one projector, one event a transaction. What cannot be applied is parked."""
        heard = [letter for letter in letters if _hears(projector, letter, self.places)]
        for letter in heard:
            place = end_of(one) if letter is heard[-1] else letter.place
            error = WAITS if letter.touches & held else self._attempt(projector, letter, place)
            if error is not None:
                self._set_aside(projector.name, letter, error, place)
                held |= letter.touches
            self._applied()
        if self.places[projector.name].position < one.last:
            self._pass_by(projector.name, end_of(one))

    def again(self, projector: Projector, fetch_keys: FetchKeys) -> tuple[int, int]:
        """Try the parked events of a projector in the order of the log: how many were applied, how many are left."""
        with self._database.read() as tx:
            letters = waiting(tx, self._source, projector.name)
        fetch_missing(self._database, self._vault, letters, fetch_keys)
        held: set[str] = set()
        done = 0
        for letter in letters:
            if not letter.touches & held and self._once_more(projector, letter):
                done += 1
                self._applied()
            else:
                held |= letter.touches
        return done, len(letters) - done

    def _attempt(self, projector: Projector, letter: Letter, place: Place) -> str | None:
        """Apply one event and move the place. The description of the error where it cannot be applied."""

        def effect() -> None:
            with self._database.begin() as tx:
                move(tx, self._source, projector.name, self.places[projector.name], place)
                projector.effect(tx, letter.recorded(tx, self._codec, self._vault))

        try:
            patiently(effect, self._sleep)
        except PlaceMoved:
            raise
        except Exception as error:
            if passing(error):
                raise
            return described(error)
        self.places[projector.name] = place
        return None

    def _set_aside(self, name: str, letter: Letter, error: str, place: Place) -> None:
        def effect() -> None:
            with self._database.begin() as tx:
                move(tx, self._source, name, self.places[name], place)
                park(tx, self._source, name, letter, error, self._clock.now())

        patiently(effect, self._sleep)
        self.places[name] = place

    def _pass_by(self, name: str, place: Place) -> None:
        def effect() -> None:
            with self._database.begin() as tx:
                move(tx, self._source, name, self.places[name], place)

        patiently(effect, self._sleep)
        self.places[name] = place

    def _once_more(self, projector: Projector, letter: Letter) -> bool:
        """Try a parked event: whether it is no longer parked."""

        def effect() -> None:
            with self._database.begin() as tx:
                # Taken out first: where another process is at it too, this waits and then finds nothing to do.
                if release(tx, self._source, projector.name, letter.position):
                    projector.effect(tx, letter.recorded(tx, self._codec, self._vault))

        try:
            patiently(effect, self._sleep)
        except Exception as error:
            if passing(error):
                raise
            with self._database.begin() as tx:
                failed_again(tx, self._source, projector.name, letter.position, described(error))
            return False
        return True


def _hears(projector: Projector, letter: Letter, places: Mapping[str, Place]) -> bool:
    return letter.type in projector.hears and letter.position > places[projector.name].position
