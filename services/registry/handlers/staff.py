"""Commands about staff and the roles they hold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from services.registry.domain import commands as c
from services.registry.domain.codes import StaffRole
from services.registry.domain.places import Division
from services.registry.domain.staff import StaffMember
from services.registry.handlers.ground import Ground
from services.registry.views import tables as t
from shared.access import tables as access
from shared.access.principals import Call
from shared.eventstore.work import Decision, Work
from shared.kernel.refusals import NotFound, Refusal

COUNTY_WIDE = frozenset({StaffRole.AUDITOR})
"""Roles whose rights know no place: an auditor reads the entries of the whole log."""


class StaffHandlers(Ground):
    """Staff and grants."""

    def register_staff(self, call: Call[c.RegisterStaff]) -> Decision:
        """Register a member of staff; the reference is the command's id."""

        def register(work: Work) -> StaffMember:
            self._gate.clear(work.tx, call, anywhere=True)
            member = work.find(StaffMember, call.command_id)
            member.register(name=call.data.name, phone=call.data.phone)
            return member

        return self._desk.decide(call.order(), register)

    def grant_role(self, call: Call[c.GrantRole]) -> Decision:
        """Grant a role within the granter's own reach; the grant's reference is the command's id.

        Refuses `registry.not_for_oneself`, so that two people stand behind every right, and
        `registry.role_needs_county`: a role that reads past every place is given by who answers for all of them.
        """
        data = call.data

        def grant(work: Work) -> StaffMember:
            nowhere = data.division is None and data.place is None
            self._gate.clear(work.tx, call, division=data.division, place=data.place, anywhere=nowhere)
            member = work.load(StaffMember, data.staff)
            work.expect(member)
            _refuse_oneself(call, data.staff)
            if data.role in COUNTY_WIDE and not self._whole_county(work.tx, call):
                raise Refusal("registry.role_needs_county", role=data.role)
            if data.division is not None:
                work.load(Division, data.division)
            if data.place is not None:
                _must_be_a_place(work.tx, data.place)
            member.grant(call.command_id, data.role, data.scope, division=data.division, place=data.place)
            return member

        return self._desk.decide(call.order(), grant)

    def end_grant(self, call: Call[c.EndGrant]) -> Decision:
        """End a grant within the reach of who ends it.

        Refuses `registry.not_for_oneself` for the role of an administrator: who ends it is still there to give it
        back; and `registry.last_administrator`, which two who end each other's at the same moment meet.
        """
        data = call.data

        def end(work: Work) -> StaffMember:
            member = work.load(StaffMember, data.staff)
            held = member.grants.get(data.grant)
            division, place = (held.division, held.place) if held is not None else (None, None)
            nowhere = division is None and place is None
            self._gate.clear(work.tx, call, division=division, place=place, anywhere=nowhere)
            work.expect(member)
            if held is not None and held.role is StaffRole.COUNTY_ADMIN:
                _refuse_oneself(call, data.staff)
            last = administrators(work.tx) == [data.grant]
            member.end_grant(data.grant, answers_for=_answers_for(work.tx, data.staff), last_administrator=last)
            return member

        return self._desk.decide(call.order(), end)

    def manage_account(self, call: Call[c.ManageAccount]) -> Decision:
        """Record an act on somebody's account: what the console asks before it does it.

        Everything that the person answers for must lie within the reach of who acts, or an administrator of one
        township could take over the account of another's. Refuses `registry.not_for_oneself`.
        """
        data = call.data

        def manage(work: Work) -> StaffMember:
            self._gate.clear(work.tx, call, anywhere=True)
            member = work.load(StaffMember, data.staff)
            for held in member.grants.values():
                if held.division is not None or held.place is not None:
                    self._gate.clear(work.tx, call, division=held.division, place=held.place)
                if held.role in COUNTY_WIDE and not self._whole_county(work.tx, call):
                    raise Refusal("registry.role_needs_county", role=held.role)
            work.expect(member)
            _refuse_oneself(call, data.staff)
            member.manage_account(data.act)
            return member

        return self._desk.decide(call.order(), manage)

    def _whole_county(self, tx: Connection, call: Call[Any]) -> bool:
        reach = self._gate.reach(tx, call.principal)
        d = access.divisions.c
        return reach.everything or bool(
            set(tx.execute(select(d.division).where(d.parent.is_(None))).scalars()) & reach.divisions
        )


def _refuse_oneself(call: Call[Any], staff: str) -> None:
    if call.principal.id == staff:
        raise Refusal("registry.not_for_oneself")


def administrators(tx: Connection) -> list[str]:
    """The grants of those who administer the whole county. Locked: of two who end each other's, one comes second."""
    g, d = access.grants.c, access.divisions.c
    county = select(d.division).where(d.parent.is_(None))
    query = select(g.id).where(g.role == str(StaffRole.COUNTY_ADMIN), g.ended.is_(False), g.division.in_(county))
    return list(tx.execute(query.order_by(g.id).with_for_update()).scalars())


def _must_be_a_place(tx: Connection, place: str) -> None:
    if tx.execute(select(access.places.c.place).where(access.places.c.place == place)).first() is None:
        raise NotFound("place", id=place)


def _answers_for(tx: Connection, staff: str) -> int:
    c = t.children.c
    query = select(func.count()).select_from(t.children).where(c.responsible == staff, c.present.is_(True))
    return int(tx.execute(query).scalar() or 0)
