"""What all of registry's handlers stand on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from services.registry.domain.places import School, SchoolClass
from services.registry.handlers.importing.holding import Holding
from services.registry.handlers.importing.matching import Lookalikes
from services.registry.views.marks import Marker
from shared.access.principals import Call
from shared.eventstore.work import Decision, Order, Work
from shared.hosting.foundation import Foundation
from shared.kernel.aggregate import Aggregate
from shared.kernel.clock import day_of
from shared.kernel.refusals import Denied, Refusal

ONE_CHILD_A_NUMBER = ("registry_one_child_a_number", "registry_identity_marks.mark")
"""How PostgreSQL and SQLite name the claim that a second child with an identity number runs into."""


class Ground:
    """The foundation, and the few steps that every command takes."""

    def __init__(self, base: Foundation, marker: Marker) -> None:
        self._base, self._gate, self._desk, self._clock = base, base.gate, base.desk, base.clock
        self._marker = marker
        self._holding = Holding(base.vault.keyring, base.clock)

    @property
    def holding(self) -> Holding:
        """What is held of rosters."""
        return self._holding

    def lookalikes(self, tx: Connection) -> Lookalikes:
        """Who in the register a child may be."""
        return Lookalikes(tx, self._marker)

    def _now(self) -> datetime:
        return self._clock.now()

    def _today(self) -> date:
        return day_of(self._clock.now())

    def _decide(self, order: Order, decision: Callable[[Work], Aggregate]) -> Decision:
        """Decide; once more if another transaction registered the same identity number in the meantime.

        The second time the decision sees the other child, and refuses or takes it for the same.
        """
        try:
            return self._desk.decide(order, decision)
        except IntegrityError as error:
            if order.within is not None or not any(name in str(error.orig) for name in ONE_CHILD_A_NUMBER):
                raise
        return self._desk.decide(order, decision)

    def _check_number(self, tx: Connection, number: str | None, but: str | None) -> None:
        """Refuse `registry.identity_number_taken` {child} where another child than `but` has this number."""
        taken = self.lookalikes(tx).of_number(number) if number else None
        if taken is not None and taken != but:
            raise Refusal("registry.identity_number_taken", child=taken)

    def _check_place(self, work: Work, school: str | None, klass: str | None) -> None:
        if school is not None:
            work.load(School, school)
        if klass is not None and work.load(SchoolClass, klass).school != school:
            raise Refusal("registry.class_not_of_school", klass=klass)

    def _clear_somewhere(self, tx: Connection, call: Call[Any], *places: dict[str, str]) -> None:
        """Clear a call that may pass at any one of these: a teacher's class or a director's village."""
        for where in places[:-1]:
            try:
                self._gate.clear(tx, call, **where)  # type: ignore[arg-type]
                return
            except Denied:
                continue
        self._gate.clear(tx, call, **places[-1])  # type: ignore[arg-type]
