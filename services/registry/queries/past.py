"""A child as it stood at a past moment, and the history of each field: "was … until …, changed by …"."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from services.registry.domain.child import Child
from services.registry.domain.codes import AccessKind
from services.registry.domain.events import CareArranged
from services.registry.queries.ground import Answer, Asked, Ground
from services.registry.schemas import ChildPast, ContactView
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.asof import Telling, Tellings, as_of, staff_names
from shared.access.permissions import Permission
from shared.access.roles import FieldClass
from shared.kernel.ids import stream_of
from shared.kernel.refusals import NotFound
from shared.localisation.identity import masked_identity

_NUMBERS = ("phone", "other_phone", "employer_phone", "address")
_PARTS = "contacts"


class PastQueries(Ground):
    """What was."""

    @property
    def past(self) -> Tellings:
        """What registry can tell of the past."""
        return PAST

    def child_as_of(self, call: Asked) -> Answer:
        """A child with its card, its care and its whereabouts as they stood. Names of places are those of today.

        Who may read the contact card sees it with its numbers, and that reading is recorded before it is shown.
        """
        wanted = call.data["child"]
        full = Permission.CONTACT_CARD_VIEW in call.principal.permissions
        seen, now = call.principal.sees, self._base.clock.now()
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=wanted)
            history = self._store.stream(tx, stream_of("registry", "child", wanted), opened=True)
            if not history:
                raise NotFound("child", id=wanted)
            answer = as_of(tx, call, _telling(tx, seen, numbers=full), wanted, history, now, seen=seen)
        if full:
            self._handlers.note_reading(call, [wanted], AccessKind.CONTACT_CARD)
        return answer


def _telling(tx: Connection, seen: frozenset[FieldClass], *, numbers: bool = False) -> Telling[Child]:
    names = _Names(tx)

    def facts(child: Child) -> dict[str, Any]:
        contacts = [_contact(one, place, seen, numbers=numbers) for place, one in enumerate(child.card.contacts, 1)]
        carer = child.card.find(child.care[2]) if child.care and child.care[2] else None
        number, missing = child.identity
        return {
            "child": child.id,
            "present": child.present,
            "name": child.name,
            "sex": child.sex,
            "born": child.born,
            "identity": masked_identity(number) if number else None,
            "identity_missing": missing,
            "address": child.address,
            "village": names.village(child.village),
            "school": names.school(child.school) if child.school else None,
            "klass": names.klass(child.klass) if child.klass else None,
            "arrangement": child.care[0] if child.care else None,
            "since": child.care[1] if child.care else None,
            "carer": carer.details.name if carer else None,
            "responsible": names.staff(child.responsible) if child.responsible else None,
            "risks": sorted(child.risks),
            _PARTS: contacts,
        }

    return Telling(kind=Child, facts=facts, view=ChildPast(), acted={CareArranged: "since"}, parts=_apart)


def _contact(one: Any, place: int, seen: frozenset[FieldClass], *, numbers: bool) -> dict[str, Any]:
    facts = {"contact": one.id, "order": place, **vars(one.details)}
    if not numbers:
        facts |= dict.fromkeys(_NUMBERS)
    return ContactView().shown(facts, seen)


def _apart(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts with each person on the card on their own, so that the history tells who changed."""
    cards = {f"contact {one['contact']}": one for one in facts.get(_PARTS, ())}
    return {name: value for name, value in facts.items() if name not in (_PARTS, "child")} | cards


class _Names:
    """The present names of what a history refers to, each asked for once."""

    def __init__(self, tx: Connection) -> None:
        d, s, k = access.divisions.c, t.schools.c, t.classes.c
        self.village = cache(lambda one: tx.execute(select(d.name).where(d.division == one)).scalar())
        self.school = cache(lambda one: tx.execute(select(s.name).where(s.school == one)).scalar())
        self.klass = cache(lambda one: tx.execute(select(k.name).where(k.klass == one)).scalar())
        self.staff = cache(lambda one: staff_names(tx, {one}).get(one))


PAST: Tellings = {"child": _telling}
