"""Erasing people in one service, whoever it is: what is taken away, how registry's word is heard, how it is redone.

Registry owns the decision. Each service does it in its own database, in the transaction that records that it did:
keys and sealed parts are destroyed, views scrubbed, parked events emptied; files are seen to after the commit
(`Scrubber`). What comes late from neighbours opens no more, because the vault keeps no key of who was erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import structlog
from sqlalchemy import Connection, Table, select

from shared.access.permissions import Permission
from shared.access.principals import by_system
from shared.contracts import registry as r
from shared.eventstore import tables as t
from shared.eventstore.projecting import Projector, Reactor
from shared.eventstore.scrubbing import personal_columns, scrub, view_tables
from shared.eventstore.work import Work
from shared.hosting.foundation import Foundation
from shared.hosting.remains import Remains
from shared.kernel.clock import day_of
from shared.kernel.erasing import Against, ErasureHere
from shared.kernel.messages import Recorded
from shared.messaging.following import Following
from shared.messaging.parking import empty, listed_types
from shared.messaging.tables import follower_positions
from shared.vault import openings
from shared.vault.erasing import destroy, lift, restrict, standings

log = structlog.get_logger(__name__)
_MAY = Permission.ERASURE_PERFORM
_OF_REGISTRY = (r.PersonErased.type, r.PersonRestricted.type, r.RestrictionLifted.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this person be erased?

    `child` is the person or whose card they stand on; `by` is who asks; `today` is the day in Asia/Shanghai.
    """

    person: str
    child: str
    by: str
    today: date


class Eraser:
    """Takes away, or closes, what one service keeps of people, in the caller's transaction.

    `heard` are the projectors that neighbours feed. `beside(tx, people)` goes first, while everything can still be
    read: it takes away what only this service has (what is held of rosters), in the tables `held`.
    """

    def __init__(
        self,
        base: Foundation,
        heard: Iterable[Projector] = (),
        *,
        beside: Callable[[Connection, Sequence[str]], object] = lambda _tx, _people: None,
        held: Iterable[Table] = (),
    ) -> None:
        self.base = base
        self._tables = view_tables((*base.own, *heard))
        self._beside = beside
        self.remains = Remains(base, [*(one for one in self._tables if personal_columns(one)), *held])

    def erase(self, tx: Connection, people: Sequence[str]) -> None:
        """Leave nothing personal of these people. Doing it again takes away what has come back, which is harmless."""
        self._hold_followers(tx)
        self._beside(tx, people)
        gone = destroy(tx, *people)
        rows = scrub(tx, self._tables, people) + empty(tx, people)
        self.remains.ask(tx)
        log.info("people_erased", service=self.base.name, people=len(people), parts=gone.parts, scrubbed=rows)

    def restrict(self, tx: Connection, people: Sequence[str]) -> None:
        """Close what is kept of these people: sealed parts stay, and nothing of them is shown any more."""
        self._hold_followers(tx)
        self._beside(tx, people)
        stands = standings(tx, people)
        for person in sorted(stands):
            if stands[person] != "erased":
                restrict(tx, person)
        scrub(tx, self._tables, people)

    def lift(self, tx: Connection, people: Sequence[str]) -> None:
        """Use again what is kept of these people: sealed parts open, and views hear it anew from registry."""
        stands = standings(tx, people)
        for person in sorted(stands):
            if stands[person] != "erased":
                lift(tx, person)

    def _hold_followers(self, tx: Connection) -> None:
        """Wait for views that are being written, and let no other be until this is done.

        Otherwise a follower that has opened a person's fields already would write them after the scrubbing.
        """
        c = follower_positions.c
        tx.execute(select(c.position).order_by(c.source, c.projector).with_for_update()).all()


class Erasing:
    """How a service that hears registry takes part. `weigh(tx, question)` says what stands against an erasure here."""

    def __init__(
        self, eraser: Eraser, kind: type[ErasureHere], weigh: Callable[[Connection, Question], Against]
    ) -> None:
        self._eraser, self._kind, self._weigh = eraser, kind, weigh

    def hear(self, reactor: Reactor) -> None:
        """Let a service's reactions answer what registry says of erasures."""

        @reactor.when(r.ErasureRequested, r.ErasureSeconded)
        def _requested(tx: Connection, event: r.ErasureRequested | r.ErasureSeconded, recorded: Recorded) -> None:
            asked = Question(person=event.person, child=event.child, by=recorded.cause.actor.id, today=self._today())
            against = self._weigh(tx, asked)
            self._record(
                tx, recorded, event, lambda it: it.weigh(request=event.request, child=event.child, against=against)
            )

        @reactor.when(r.PersonErased)
        def _erased(tx: Connection, event: r.PersonErased, recorded: Recorded) -> None:
            def carry(it: ErasureHere) -> None:
                if event.request not in it.erased and self._came_up(tx, event):
                    self._eraser.restrict(tx, event.people)
                    it.restrict(request=event.request, people=event.people)
                else:
                    self._eraser.erase(tx, event.people)
                    it.erase(request=event.request, people=event.people)

            self._record(tx, recorded, event, carry)

        @reactor.when(r.PersonRestricted)
        def _restricted(tx: Connection, event: r.PersonRestricted, recorded: Recorded) -> None:
            self._eraser.restrict(tx, event.people)
            self._record(tx, recorded, event, lambda it: it.restrict(request=event.request, people=event.people))

        @reactor.when(r.RestrictionLifted)
        def _lifted(tx: Connection, event: r.RestrictionLifted, recorded: Recorded) -> None:
            self._eraser.lift(tx, event.people)
            self._record(tx, recorded, event, lambda it: it.lift(request=event.request, people=event.people))

        @reactor.when(r.OpeningApproved)
        def _opened(tx: Connection, event: r.OpeningApproved, recorded: Recorded) -> None:
            openings.begin(
                tx,
                openings.opening_id(event.opening, event.request),
                event.child,
                event.people,
                asked_by=event.asked_by,
                approved_by=event.approved_by,
                until=recorded.time + timedelta(minutes=event.minutes),
                now=self._eraser.base.clock.now(),
            )

        @reactor.when(r.OpeningEnded)
        def _closed(tx: Connection, event: r.OpeningEnded, _: Recorded) -> None:
            openings.end(tx, openings.opening_id(event.opening, event.request))

    def _came_up(self, tx: Connection, event: r.PersonErased) -> bool:
        """Whether something stands against it after all: then it is closed here, and erased once that is over."""
        person = event.child if event.child in event.people else event.people[0]
        asked = Question(person=person, child=event.child, by="", today=self._today())
        reasons = self._weigh(tx, asked).reasons
        if reasons:
            log.warning("erasure_postponed", service=self._eraser.base.name, reasons=[str(one) for one in reasons])
        return bool(reasons)

    def _today(self) -> date:
        return day_of(self._eraser.base.clock.now())

    def _record(
        self,
        tx: Connection,
        recorded: Recorded,
        event: r.ErasureRequested | r.ErasureSeconded | r.PersonErased | r.PersonRestricted | r.RestrictionLifted,
        act: Callable[[ErasureHere], None],
    ) -> None:
        base = self._eraser.base
        call = by_system(base.name, event, _MAY, name=event.type, cause=recorded, within=tx)

        def decide(work: Work) -> ErasureHere:
            base.gate.clear(work.tx, call, anywhere=True)
            it = work.find(self._kind, event.erasure)
            act(it)
            return it

        base.desk.decide(call.order(), decide)


class Scrubber:
    """What an erasure leaves to be done after its commit, looked for by the engine: files, and what was parked."""

    def __init__(
        self, base: Foundation, remains: Remains | None, followings: Callable[[], Iterable[Following]]
    ) -> None:
        self._base, self._remains, self._followings = base, remains, followings

    def step(self) -> bool:
        """See to what erasures have left in files, and try erasures again that a reaction could not apply."""
        if self._remains:
            self._remains.step()
        with self._base.database.read() as tx:
            stuck = listed_types(tx, _OF_REGISTRY)
        if stuck:
            for one in self._followings():
                if one.follower.source == "registry":
                    for projector in sorted(stuck):
                        one.follower.retry(projector)
        return False


def erased_people(tx: Connection, service: str) -> frozenset[str]:
    """Everybody whose erasure a service's own log records."""
    return frozenset(_people(tx, f"{service}.person_erased"))


def redo_erasures(tx: Connection, eraser: Eraser) -> int:
    """Do every erasure and restriction on record again, as after a restore; how many people that were.

    Before anything is served: a backup may hold what was erased after it was made. Doing it again is harmless.
    """
    erased = erased_people(tx, eraser.base.name)
    if erased:
        eraser.erase(tx, sorted(erased))
    restricted = _restricted(tx, eraser.base.name) - erased
    if restricted:
        eraser.restrict(tx, sorted(restricted))
    return len(erased) + len(restricted)


def _restricted(tx: Connection, service: str) -> set[str]:
    """Who is restricted by what a service's own log says last, in its order."""
    closed: set[str] = set()
    kinds = {f"{service}.person_restricted": closed.update, f"{service}.restriction_lifted": closed.difference_update}
    query = select(t.events.c.type, t.events.c.entry).where(t.events.c.type.in_(kinds)).order_by(t.events.c.arrival)
    for row in tx.execute(query):
        kinds[row.type](msgspec.json.decode(bytes(row.entry))["data"]["people"])
    return closed


def _people(tx: Connection, kind: str) -> Iterable[str]:
    for entry in tx.execute(select(t.events.c.entry).where(t.events.c.type == kind)).scalars():
        yield from msgspec.json.decode(bytes(entry))["data"]["people"]
