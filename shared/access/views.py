"""The projector that keeps a service's copy of grants, divisions, places and children's whereabouts.

Registry feeds it from its own events in the transaction that appends them, the others as followers.
"""

from __future__ import annotations

from shared.access import tables as t
from shared.contracts import registry as r
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded

access = Projector("access", t.metadata)


@access.when(r.DivisionRegistered)
def _division(rows: Rows, event: r.DivisionRegistered, _: Recorded) -> None:
    rows.add(
        t.divisions, division=event.division, parent=event.parent, level=event.level, code=event.code, name=event.name
    )


@access.when(r.SchoolOpened)
def _school(rows: Rows, event: r.SchoolOpened, _: Recorded) -> None:
    rows.add(t.places, place=event.school, kind="school", division=event.division, name=event.name)


@access.when(r.ClassFormed)
def _class(rows: Rows, event: r.ClassFormed, _: Recorded) -> None:
    rows.add(t.places, place=event.klass, kind="class", parent=event.school, name=event.name)


@access.when(r.StaffRegistered)
def _staff(rows: Rows, event: r.StaffRegistered, _: Recorded) -> None:
    rows.add(t.staff, staff=event.staff, name=event.name, phone=event.phone)


@access.when(r.RoleGranted)
def _granted(rows: Rows, event: r.RoleGranted, _: Recorded) -> None:
    rows.add(
        t.grants,
        id=event.grant,
        staff=event.staff,
        role=event.role,
        scope=event.scope,
        division=event.division,
        place=event.place,
        ended=False,
    )


@access.when(r.RoleEnded)
def _ended(rows: Rows, event: r.RoleEnded, _: Recorded) -> None:
    rows.change(t.grants, event.grant, ended=True)


@access.when(r.ChildRegistered)
def _child(rows: Rows, event: r.ChildRegistered, _: Recorded) -> None:
    rows.add(t.children, child=event.child, village=event.village, school=event.school, klass=event.klass, present=True)


@access.when(r.ChildEnrolled)
def _enrolled(rows: Rows, event: r.ChildEnrolled, _: Recorded) -> None:
    _change(rows, event.child, school=event.school, klass=event.klass)


@access.when(r.ChildMoved)
def _moved(rows: Rows, event: r.ChildMoved, _: Recorded) -> None:
    _change(rows, event.child, village=event.village)


@access.when(r.ResponsibleNamed)
def _responsible(rows: Rows, event: r.ResponsibleNamed, _: Recorded) -> None:
    _change(rows, event.child, responsible=event.staff)


@access.when(r.ChildLeft)
def _left(rows: Rows, event: r.ChildLeft, _: Recorded) -> None:
    _change(rows, event.child, present=False)


@access.when(r.ChildReturned)
def _returned(rows: Rows, event: r.ChildReturned, _: Recorded) -> None:
    _change(rows, event.child, present=True)


@access.when(r.PersonErased)
def _erased(rows: Rows, event: r.PersonErased, _: Recorded) -> None:
    if event.child in event.people:
        _change(rows, event.child, present=False)


def _change(rows: Rows, child: str, **values: str | bool | None) -> None:
    rows.change(t.children, child, **values)
