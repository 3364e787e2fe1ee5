"""Children, their contacts and risks, ready to be searched and listed; and the timers of birthdays that end a risk."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from services.registry.domain import events as e
from services.registry.domain.codes import Risk, Sex
from services.registry.domain.risks import ALONE_BELOW, UNATTENDED_BELOW
from services.registry.views import tables as t
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.eventstore.timers import Timer, clear_timer, set_timer
from shared.kernel.clock import SHANGHAI
from shared.kernel.ids import derived_id
from shared.kernel.messages import Recorded
from shared.localisation.names import comparison_key, pinyin_keys

WEIGH = "registry_weigh_risks"
"""The timer that rings on the birthday on which a risk ends."""
_ENDS_AT = {Risk.LIVING_ALONE: ALONE_BELOW, Risk.UNATTENDED_UNDER_8: UNATTENDED_BELOW}

children = Projector("registry.children", t.metadata)


@children.when(e.ChildRegistered)
def _registered(rows: Rows, event: e.ChildRegistered, _: Recorded) -> None:
    rows.add(
        t.children,
        child=event.child,
        village=event.village,
        school=event.school,
        klass=event.klass,
        scope=event.scope,
        present=True,
        **_identity(event.name, event.sex, event.born),
    )
    _sounds(rows, event.child, event.name)


@children.when(e.ChildCorrected)
def _corrected(rows: Rows, event: e.ChildCorrected, _: Recorded) -> None:
    rows.change(t.children, event.child, **_identity(event.name, event.sex, event.born))
    rows.remove_all(t.name_keys, child=event.child)
    _sounds(rows, event.child, event.name)
    for risk in sorted(_ENDS_AT):
        if rows.read(t.risks, (event.child, risk)) is not None:
            _ring(rows, event.child, risk, event.born)


@children.when(e.IdentityRecorded)
def _identified(rows: Rows, event: e.IdentityRecorded, _: Recorded) -> None:
    rows.change(t.children, event.child, identity_missing=event.missing)


@children.when(e.ChildEnrolled)
def _enrolled(rows: Rows, event: e.ChildEnrolled, _: Recorded) -> None:
    rows.change(t.children, event.child, school=event.school, klass=event.klass)


@children.when(e.ChildMoved)
def _moved(rows: Rows, event: e.ChildMoved, _: Recorded) -> None:
    rows.change(t.children, event.child, village=event.village)


@children.when(e.ChildLeft)
def _left(rows: Rows, event: e.ChildLeft, _: Recorded) -> None:
    rows.change(t.children, event.child, present=False, left_reason=event.reason)


@children.when(e.ChildReturned)
def _returned(rows: Rows, event: e.ChildReturned, _: Recorded) -> None:
    rows.change(t.children, event.child, present=True, left_reason=None)


@children.when(e.PersonErased)
def _erased(rows: Rows, event: e.PersonErased, _: Recorded) -> None:
    if event.child in event.people:
        rows.change(t.children, event.child, present=False)


@children.when(e.ResponsibleNamed)
def _responsible(rows: Rows, event: e.ResponsibleNamed, _: Recorded) -> None:
    rows.change(t.children, event.child, responsible=event.staff)


@children.when(e.CareArranged)
def _cared_for(rows: Rows, event: e.CareArranged, _: Recorded) -> None:
    rows.change(t.children, event.child, arrangement=event.arrangement, since=event.since, carer=event.carer)


@children.when(e.ContactRecorded)
def _contact(rows: Rows, event: e.ContactRecorded, _: Recorded) -> None:
    rows.put(
        t.contacts,
        child=event.child,
        contact=event.contact,
        relation=event.relation,
        place=event.order,
        status=event.status,
        away=event.away,
        name=event.name,
        name_key=comparison_key(event.name) if event.name else None,
        phone=event.phone,
        other_phone=event.other_phone,
    )


@children.when(e.ContactRemoved)
def _removed(rows: Rows, event: e.ContactRemoved, _: Recorded) -> None:
    rows.remove(t.contacts, (event.child, event.contact))


@children.when(e.RiskFound)
def _found(rows: Rows, event: e.RiskFound, _: Recorded) -> None:
    rows.add(t.risks, child=event.child, risk=event.risk)
    child = rows.read(t.children, event.child)
    _ring(rows, event.child, event.risk, child["born"] if child else None)


@children.when(e.RiskCleared)
def _cleared(rows: Rows, event: e.RiskCleared, _: Recorded) -> None:
    rows.remove(t.risks, (event.child, event.risk))
    clear_timer(rows, _timer(event.child, event.risk))


def _identity(name: str | None, sex: Sex | None, born: date | None) -> dict[str, Any]:
    key = comparison_key(name) if name else None
    sounds = pinyin_keys(name).full if name else ()
    # Sorted as people look names up, by sound; the characters decide between namesakes of sound.
    sort_key = f"{sounds[0] if sounds else '~'} {key}" if key else None
    return {"name": name, "name_key": key, "sort_key": sort_key, "sex": sex, "born": born}


def _sounds(rows: Rows, child: str, name: str | None) -> None:
    if not name:
        return
    keys = pinyin_keys(name)
    kinds = (("full", keys.full), ("initials", keys.initials), ("sounds", keys.sounds))
    for kind, several in kinds:
        for key in several:
            rows.add(t.name_keys, child=child, kind=kind, key=key)


def _ring(rows: Rows, child: str, risk: Risk, born: date | None) -> None:
    """Set the timer of the birthday that ends a risk, where one does and the birth date is known."""
    if risk in _ENDS_AT and born is not None:
        due = _birthday(born, _ENDS_AT[risk])
        set_timer(rows, Timer(id=_timer(child, risk), kind=WEIGH, due_at=due, subject=child, data={}))


def _timer(child: str, risk: Risk) -> str:
    return derived_id(child, f"registry.weigh {risk}")


def _birthday(born: date, age: int) -> datetime:
    """The first moment, in Asia/Shanghai, of the day on which someone reaches an age; 1 March for 29 February."""
    try:
        day = born.replace(year=born.year + age)
    except ValueError:
        day = date(born.year + age, 3, 1)
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
