"""The follower: hears one source for one service, each event exactly once in effect, in the order of the log.

    follower = Follower("alerts", "registry", database, codec, vault, views, reactor, fetch, fetch_keys, clock)
    follower.receive(message)      a range, from a consumer: returning acknowledges it, raising does not
    follower.hear_head(message)    a head, from a listener
    follower.idle_check()          each second: asks the source for what may be missing

A range that is known already is a duplicate; one that begins beyond the next position is a gap, which `idle_check`
fetches from the source at once. An epoch or a leaf hash that does not fit means that the source is not the log that
was followed so far: the follower stops, loudly, and touches nothing any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import structlog

from shared.eventstore.codec import Codec
from shared.eventstore.projecting import Projector, Reactor
from shared.kernel.clock import Clock
from shared.messaging.applying import Applier
from shared.messaging.letters import FetchKeys, Letter, fetch_missing, letters_of
from shared.messaging.parking import blocked, counts
from shared.messaging.places import PlaceMoved, places
from shared.messaging.ranges import MOST_EVENTS, Head, Range, UnreadableRange
from shared.messaging.silence import Hearing
from shared.messaging.standing import Standing
from shared.messaging.status import followed, missing
from shared.messaging.trouble import described
from shared.messaging.verdicts import Verdict, contradiction, verdict
from shared.storage.database import Database
from shared.vault.vault import Vault

log = structlog.get_logger(__name__)
Fetch = Callable[[str, int, int], dict[str, Any] | None]
"""Asks a source for the range after a position, with at most so many events: the door `read_log`. None: no more yet."""
_ROUNDS = 20
"""How often a range is judged anew because another process has moved the places meanwhile: each time it got further."""


class Outcome(StrEnum):
    """What came of a range. Whatever it is, the range need not be sent again."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    GAP = "gap"
    STOPPED = "stopped"


class Follower:
    """Follows `source` for the service `name`. Thread-safe.

    `codec` reads the source's published language; `projectors` are the views fed by it, `reactor` its reactions, which
    never run in a replay: with `start_at_head` (the default) a reactor without a place starts at the head that is
    heard first, otherwise at the first position. `on_silent(source, seconds)` is told once when nothing was heard for
    a minute; `applied` is called after each commit of a reaction or a retried event (it wakes the sequencer).
    """

    def __init__(
        self,
        name: str,
        source: str,
        database: Database,
        codec: Codec,
        vault: Vault,
        projectors: Sequence[Projector],
        reactor: Reactor | None,
        fetch: Fetch,
        fetch_keys: FetchKeys,
        clock: Clock,
        *,
        start_at_head: bool = True,
        on_silent: Callable[[str, float], object] = lambda _source, _seconds: None,
        applied: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.name, self.source = name, source
        self._database, self._vault = database, vault
        self._views, self._reactor = tuple(projectors), reactor
        self._fetch, self._fetch_keys = fetch, fetch_keys
        self._on_silent = on_silent
        at_head = reactor.name if reactor is not None and start_at_head else None
        self._standing = Standing(database, source, [one.name for one in self._all], at_head)
        self._places = self._standing.places
        self._applier = Applier(
            source, database, codec, vault, clock, places=self._places, sleep=sleep, applied=applied
        )
        self._hearing = Hearing(monotonic)
        self._lock = threading.RLock()
        self._size = 0
        self.stopped: str | None = None
        self.heard: Head | None = None  # the last head, also of a log that is not followed any more
        self.wake = threading.Event()
        """Set when `idle_check` has something to do at once."""

    def receive(self, message: Any) -> Outcome:
        """Take a range. Raises what may pass (the database, the fetching of keys); then the range must come again."""
        with self._lock:
            self._hearing.heard(a_range=True)
            if self.stopped is not None:
                return Outcome.STOPPED
            try:
                return self._take(message)
            except UnreadableRange as error:
                # As good as lost: the source itself is asked for what was in it.
                log.error("range_unreadable", reader=self.name, source=self.source, why=str(error))  # noqa: TRY400
                return self._missed()

    def hear_head(self, message: Any) -> None:
        """Take a head: start a new reactor there, find out that the source is another log, or that ranges are late."""
        try:
            head = Head.read(message)
        except UnreadableRange:
            log.error("head_unreadable", reader=self.name, source=self.source)  # noqa: TRY400
            return
        if head.source != self.source:
            return
        with self._lock:
            self._hearing.heard()
            self.heard = head
            if self.stopped is not None:
                return
            self._standing.load()
            self._standing.first_hearing(head.epoch, head.size, head.leaf)
            for name, place in self._places.items():
                if why := contradiction(place, head):
                    self._stop(name, why)
                    return
            self._size = max(self._size, head.size)
            self._hearing.behind(self._behind())

    def idle_check(self, now: float | None = None) -> bool:
        """Ask the source when there is a gap, when ranges are late, and after five seconds of silence.

        `now` is in seconds of the monotonic clock. Returns whether it asked and was answered. Never raises for a
        source that does not answer: it asks again, with growing pauses.
        """
        self.wake.clear()
        if self.stopped is not None and not self._decided():
            return False
        seconds = self._hearing.silent_for_too_long(now)
        if seconds is not None:
            log.error("source_silent", reader=self.name, source=self.source, seconds=round(seconds))
            self._on_silent(self.source, seconds)
        try:
            if self._hearing.late(now):
                self._look_again()
            if not self._hearing.should_ask(now):
                return False
            self.catch_up()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next check asks again
            self._hearing.missed()
            self._hearing.unanswered(now)
            log.warning("source_unanswered", reader=self.name, source=self.source, error=described(error))
            return False
        return True

    def ask_soon(self) -> None:
        """Let the next `idle_check` ask the source."""
        self._missed()

    def catch_up(self, limit: int = MOST_EVENTS) -> int:
        """Fetch and apply what comes after whoever is furthest behind, up to the head; returns how many ranges.

        Raises what `fetch` raises, and what `receive` raises.
        """
        ranges, until = 0, None
        while self.stopped is None:
            with self._lock:
                self._standing.load(anew=True)
                after = self._standing.lowest()
            if until is not None and after >= until:
                break
            message = self._fetch(self.source, after, limit)
            with self._lock:
                self._hearing.answered()
                if message is None:
                    break
                self._take(message)
                ranges += 1
                until = self._size - 1 if until is None else until
                if self._standing.lowest() <= after and self.stopped is None:
                    raise UnreadableRange("the source answers with another range than was asked for")
        self._look_again()
        return ranges

    def retry(self, projector: str | None = None) -> dict[str, tuple[int, int]]:
        """Try what is parked again, in the order of the log: for each projector how many were applied and are left."""
        with self._lock:
            self._standing.load()
            chosen = [one for one in self._all if projector in (None, one.name)]
            return {one.name: self._applier.again(one, self._fetch_keys) for one in chosen}

    def status(self) -> dict[str, Any]:
        """What doctor and metrics show, as JSON values. `lag` counts positions up to the last head that was heard."""
        with self._lock, self._database.read() as tx:
            now, held = places(tx, self.source), counts(tx)
        following = {
            one.name: followed(now.get(one.name), self._size, held.get((self.source, one.name), 0)) for one in self._all
        }
        return {
            "reader": self.name,
            "source": self.source,
            "state": "following" if self.stopped is None else "stopped",
            "reason": self.stopped,
            "epoch": self._standing.epoch or None,
            "heard": missing(self.heard, now.values()) if self.stopped and self.heard else None,
            "size": self._size,
            "silent_for": round(self._hearing.quiet(), 1),
            "projectors": following,
        }

    def _decided(self) -> bool:
        """Go on where somebody has decided meanwhile that the log that is heard is followed (`SourceAccepted`)."""
        with self._lock:
            head = self.heard
            self._standing.load(anew=True)
            if head is None or any(contradiction(one, head) for one in self._places.values()):
                return False
            log.warning("follower_goes_on", reader=self.name, source=self.source, reason=self.stopped)
            self._size, self.stopped = head.size, None
            self._hearing.missed()
        return True

    @property
    def _all(self) -> tuple[Projector, ...]:
        return (*self._views, self._reactor) if self._reactor is not None else self._views

    def _take(self, message: Any) -> Outcome:
        one = Range.read(message)
        if one.source != self.source or one.reader != self.name:
            raise UnreadableRange(f"a range of {one.source} for {one.reader}")
        letters = letters_of(one)
        for attempt in range(_ROUNDS):
            self._standing.load(anew=attempt > 0)
            # A range that ends at the head names the leaf there; another leaves it open.
            self._standing.first_hearing(one.epoch, one.size, one.after if one.last == one.size - 1 else None)
            try:
                return self._judged(one, letters)
            except PlaceMoved:
                log.info("place_moved_elsewhere", reader=self.name, source=self.source, attempt=attempt)
        raise PlaceMoved

    def _judged(self, one: Range, letters: Sequence[Letter]) -> Outcome:
        verdicts = {name: verdict(place, one, letters) for name, place in self._places.items()}
        for name, (what, why) in verdicts.items():
            if what is Verdict.ANOTHER_LOG:
                self._stop(name, why)
                return Outcome.STOPPED
        self._size = max(self._size, one.size)
        due = [each for each in self._all if verdicts.get(each.name, ("", ""))[0] is Verdict.NEXT]
        if due:
            self._apply(due, one, letters)
            self._hearing.behind(self._behind())
        if any(what is Verdict.BEYOND for what, _ in verdicts.values()):
            return self._missed()
        return Outcome.APPLIED if due else Outcome.DUPLICATE

    def _apply(self, due: Sequence[Projector], one: Range, letters: Sequence[Letter]) -> None:
        heard = {each.name: [letter for letter in letters if self._concerns(each, letter)] for each in due}
        needed = {letter.position: letter for own in heard.values() for letter in own}
        fetch_missing(self._database, self._vault, needed.values(), self._fetch_keys)
        with self._database.read() as tx:
            held = blocked(tx, self.source, [each.name for each in due])
        groups: dict[int, list[Projector]] = {}
        for each in due:
            # A reactor that hears nothing of this range moves along with the views.
            if each is not self._reactor or not heard[each.name]:
                groups.setdefault(self._places[each.name].position, []).append(each)
        for group in groups.values():
            self._applier.together(group, one, letters, held)
        if self._reactor is not None and heard.get(self._reactor.name):
            self._applier.singly(self._reactor, one, letters, held[self._reactor.name])

    def _concerns(self, each: Projector, letter: Letter) -> bool:
        return letter.type in each.hears and letter.position > self._places[each.name].position

    def _behind(self) -> bool:
        return self._standing.lowest() < self._size - 1

    def _look_again(self) -> None:
        """Read the places anew: a replica may have applied what this process only heard of."""
        with self._lock:
            self._standing.load(anew=True)
            self._hearing.behind(self._behind())

    def _missed(self) -> Outcome:
        self._hearing.missed()
        self.wake.set()
        return Outcome.GAP

    def _stop(self, projector: str, why: str) -> None:
        self.stopped = why
        log.error("follower_stopped", reader=self.name, source=self.source, projector=projector, why=why)
