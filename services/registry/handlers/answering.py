"""Commands about who answers for children: named by hand, handed over in a list, transferred to another township."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, func, select

from services.registry.domain import commands as c
from services.registry.domain.authority_codes import AssignmentBasis, HandOverKind
from services.registry.domain.child import Child
from services.registry.domain.hand_over import HandOver
from services.registry.domain.places import Division, SchoolClass
from services.registry.domain.staff import StaffMember
from services.registry.domain.transfer import Transfer, transfers_id
from services.registry.handlers.ground import Ground
from services.registry.handlers.responsible import Area, Responsibles
from services.registry.handlers.staff import administrators
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.permissions import Permission
from shared.access.principals import Call
from shared.eventstore.work import Decision, Work
from shared.kernel.refusals import Denied, NotFound, Refusal


class AnsweringHandlers(Ground):
    """Hand-overs and transfers."""

    def draw_up_hand_over(self, call: Call[c.DrawUpHandOver]) -> Decision:
        """Draw up the list of a class's children, or of all children of somebody who leaves (换届).

        A departure ends the giver's roles with it, so that who draws it up must be allowed to end each of them.
        Refuses what the list refuses, and `registry.responsible_unknown` for a receiver who is no member of staff.
        """
        it = call.data

        def draw_up(work: Work) -> HandOver:
            if it.kind is HandOverKind.CLASS:
                if it.klass is None:
                    raise Refusal("registry.hand_over_class_missing")
                self._gate.clear(work.tx, call, place=it.klass)
                work.load(SchoolClass, it.klass)
            else:
                self._gate.clear(work.tx, call, anywhere=True)
                self._clear_departure(work, call, it.giver)
            children = _answered_by(work.tx, it.giver, it.klass if it.kind is HandOverKind.CLASS else None)
            self._clear_children(work.tx, call, children)
            for one in (it.giver, it.receiver):
                if not work.find(StaffMember, one).exists:
                    raise Refusal("registry.responsible_unknown", staff=one)
            listed = work.find(HandOver, call.command_id)
            listed.draw_up(
                it.kind,
                giver=it.giver,
                receiver=it.receiver,
                children=children,
                outside=Area(work.tx, self._gate, it.receiver).outside(children),
                by=call.principal.id,
                klass=it.klass if it.kind is HandOverKind.CLASS else None,
            )
            return listed

        return self._desk.decide(call.order(), draw_up)

    def sign_hand_over(self, call: Call[c.OfHandOver]) -> Decision:
        """Sign a list as its giver or receiver, or in the place of a giver who can no longer sign.

        With the second signature the receiver answers for every child of it that the giver still answers for. Refuses
        what the list refuses; `registry.hand_over_outside_area`; and for a departure
        `registry.hand_over_list_changed` {children}: the giver answers for more of them by now.
        """

        def sign(work: Work) -> HandOver:
            self._gate.clear(work.tx, call, anywhere=True)
            listed = work.load(HandOver, call.data.hand_over)
            in_place = False
            if call.principal.id not in (listed.giver, listed.receiver):
                in_place = Permission.HAND_OVER_DRAW in call.principal.permissions
                self._clear_children(work.tx, call, list(listed.children))
                if in_place and listed.what is HandOverKind.DEPARTURE:
                    self._clear_departure(work, call, listed.giver)
            work.expect(listed)
            open_before = not listed.both_signed
            listed.sign(by=call.principal.id, in_place=in_place)
            if open_before and listed.both_signed:
                self._carry_out(work, listed)
            return listed

        return self._desk.decide(call.order(), sign)

    def withdraw_hand_over(self, call: Call[c.OfHandOver]) -> Decision:
        """Take a list back before both have signed."""

        def withdraw(work: Work) -> HandOver:
            self._gate.clear(work.tx, call, anywhere=True)
            listed = work.load(HandOver, call.data.hand_over)
            if call.principal.id not in (listed.by, listed.giver):
                self._clear_children(work.tx, call, list(listed.children))
            work.expect(listed)
            listed.withdraw()
            return listed

        return self._desk.decide(call.order(), withdraw)

    def sign_transfer(self, call: Call[c.SignTransfer]) -> Decision:
        """Sign a child away to a village of another township: nothing changes for it before the other side signs.

        Refuses `registry.child_left`, `registry.division_no_village`, and what the transfer refuses.
        """
        it = call.data

        def sign(work: Work) -> Transfer:
            self._gate.clear(work.tx, call, child=it.child)
            child = work.load(Child, it.child)
            child.open_to_change()
            if not child.present:
                raise Refusal("registry.child_left", child=it.child)
            work.load(Division, it.village)
            self._check_place(work, it.school, it.klass)
            origin, target = (_township(work.tx, one) for one in (child.village, it.village))
            transfer = work.find(Transfer, transfers_id(it.child))
            work.expect(transfer)
            transfer.sign(
                child=it.child,
                origin=child.village,
                village=it.village,
                same_township=origin == target,
                by=call.principal.id,
                school=it.school,
                klass=it.klass,
            )
            return transfer

        return self._desk.decide(call.order(), sign)

    def accept_transfer(self, call: Call[c.AcceptTransfer]) -> Decision:
        """Sign it for the receiving side: the child lives there and is answered for there, in this one transaction.

        The one named answers for it, else the teacher of its class or the director of its village, else who signs.
        Refuses `registry.responsible_unknown`, `registry.hand_over_outside_area`, and what the transfer refuses.
        """

        def accept(transfer: Transfer, work: Work) -> None:
            by = call.principal.id
            child = work.load(Child, transfer.child)
            ruled = Responsibles(work.tx).of(transfer.klass, transfer.village)
            staff = call.data.responsible or ruled or by
            if transfer.accept(staff=staff, by=by):
                child.open_to_change()
                child.move(transfer.village)
                child.enrol(transfer.school, transfer.klass)
                if not work.find(StaffMember, staff).exists:
                    raise Refusal("registry.responsible_unknown", staff=staff)
                if not Area(work.tx, self._gate, staff).holds(child):
                    raise Refusal("registry.hand_over_outside_area", children=1)
                child.name_responsible(staff, basis=AssignmentBasis.TRANSFER, source=transfer.id)

        return self._on_transfer(call, accept, receiving=True)

    def refuse_transfer(self, call: Call[c.OfTransfer]) -> Decision:
        """Refuse it for the receiving side."""
        return self._on_transfer(call, lambda it, _: it.refuse(), receiving=True)

    def withdraw_transfer(self, call: Call[c.OfTransfer]) -> Decision:
        """Take it back for the sending side."""
        return self._on_transfer(call, lambda it, _: it.withdraw(), receiving=False)

    def _on_transfer(self, call: Call[Any], act: Callable[[Transfer, Work], None], *, receiving: bool) -> Decision:
        def decide(work: Work) -> Transfer:
            transfer = work.load(Transfer, call.data.transfer)
            if receiving:
                self._gate.clear(work.tx, call, division=transfer.village)
            else:
                self._gate.clear(work.tx, call, child=transfer.child)
            work.expect(transfer)
            act(transfer, work)
            return transfer

        return self._desk.decide(call.order(), decide)

    def _carry_out(self, work: Work, listed: HandOver) -> None:
        children = work.find_all(Child, listed.children)
        passed = [one for one in children.values() if one.responsible == listed.giver and one.present]
        if outside := Area(work.tx, self._gate, listed.receiver).outside([one.id for one in passed]):
            raise Refusal("registry.hand_over_outside_area", children=outside)
        for one in passed:
            one.name_responsible(listed.receiver, basis=AssignmentBasis.HAND_OVER, source=listed.id)
        if listed.what is HandOverKind.DEPARTURE:
            more = set(_answered_by(work.tx, listed.giver, None)) - set(listed.children)
            if more:
                raise Refusal("registry.hand_over_list_changed", children=len(more))
            leaving, left = work.load(StaffMember, listed.giver), administrators(work.tx)
            last = bool(left) and set(left) <= set(leaving.grants)
            for grant in sorted(leaving.grants):
                leaving.end_grant(grant, answers_for=0, last_administrator=last and grant in left)
        listed.carry_out([one.id for one in passed])

    def _clear_departure(self, work: Work, call: Call[Any], giver: str) -> None:
        """Whoever lets somebody go ends their roles, and must be allowed to end each of them."""
        for held in work.find(StaffMember, giver).grants.values():
            nowhere = held.division is None and held.place is None
            self._gate.clear(
                work.tx,
                call,
                division=held.division,
                place=held.place,
                anywhere=nowhere,
                permission=Permission.ROLE_GRANT,
            )

    def _clear_children(self, tx: Connection, call: Call[Any], children: list[str]) -> None:
        """All of these children lie within the caller's reach. Raises Denied."""
        column = access.children.c.child
        reach = self._gate.reach(tx, call.principal).children(column)
        query = select(func.count()).select_from(access.children).where(column.in_(children), reach)
        if children and tx.execute(query).scalar() != len(children):
            raise Denied(str(call.permission), reach=True)


def _answered_by(tx: Connection, staff: str, klass: str | None) -> list[str]:
    c = t.children.c
    query = select(c.child).where(c.responsible == staff, c.present.is_(True))
    return list(tx.execute(query.where(c.klass == klass) if klass else query).scalars())


def _township(tx: Connection, village: str) -> str:
    """The township that a village lies in. Raises NotFound, and `registry.division_no_village` for what is none."""
    d = access.divisions.c
    row = tx.execute(select(d.level, d.parent).where(d.division == village)).one_or_none()
    if row is None:
        raise NotFound("division", id=village)
    if row.level != "village":
        raise Refusal("registry.division_no_village", division=village)
    return str(row.parent)
