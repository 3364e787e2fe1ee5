"""Staff and volunteers, and the roles granted to them: one person, often several."""

from __future__ import annotations

from typing import NamedTuple

from services.registry.domain.codes import AccountAct, GrantScope, StaffRole
from services.registry.domain.events import AccountManaged, RoleEnded, RoleGranted, StaffRegistered
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal


class Held(NamedTuple):
    """A role and where it holds."""

    role: StaffRole
    scope: GrantScope
    division: str | None
    place: str | None


class StaffMember(Aggregate):
    """A member of staff or a volunteer."""

    service, kind = "registry", "staff"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.grants: dict[str, Held] = {}
        self.ended: frozenset[str] = frozenset()

    def register(self, *, name: str, phone: str | None) -> None:
        """Register the person."""
        if not self.exists:
            self.record(StaffRegistered(staff=Person(self.id), name=name, phone=phone))

    def grant(
        self, grant: str, role: StaffRole, scope: GrantScope, *, division: str | None = None, place: str | None = None
    ) -> None:
        """Grant a role. A role that is held for the same already is not granted twice.

        Refuses `registry.grant_scope`: a division scope names a division and nothing else, a place scope a place, and
        the scope of the children assigned neither.
        """
        named = {GrantScope.DIVISION: (True, False), GrantScope.PLACE: (False, True), GrantScope.CHILDREN: (False,) * 2}
        if (division is not None, place is not None) != named[scope]:
            raise Refusal("registry.grant_scope", scope=scope)
        if Held(role, scope, division, place) not in self.grants.values():
            self.record(
                RoleGranted(
                    grant=Ref(grant),
                    staff=Person(self.id),
                    role=role,
                    scope=scope,
                    division=Ref(division) if division else None,
                    place=Ref(place) if place else None,
                )
            )

    def end_grant(self, grant: str, *, answers_for: int, last_administrator: bool = False) -> None:
        """End a grant.

        Refuses `registry.grant_unknown`, `registry.last_administrator` where nobody else administers the county, and
        `registry.staff_answers_for_children` for the last grant of someone who is still the responsible person of
        children (`answers_for`, their number): nobody is ever without an owner.
        """
        if grant in self.ended:
            return
        if grant not in self.grants:
            raise Refusal("registry.grant_unknown", grant=grant)
        if last_administrator:
            raise Refusal("registry.last_administrator")
        if answers_for and len(self.grants) == 1:
            raise Refusal("registry.staff_answers_for_children", children=answers_for)
        self.record(RoleEnded(grant=Ref(grant), staff=Person(self.id)))

    def manage_account(self, act: AccountAct) -> None:
        """Record an act on the person's account. The console keeps the account; who did what to it is history here."""
        self.record(AccountManaged(staff=Person(self.id), act=act))

    def _apply_staff_registered(self, it: StaffRegistered) -> None:
        """Name and phone are for views; no decision needs them."""

    def _apply_account_managed(self, it: AccountManaged) -> None:
        """Whether an account is locked is the console's to know; no decision here needs it."""

    def _apply_role_granted(self, it: RoleGranted) -> None:
        self.grants[it.grant] = Held(it.role, it.scope, it.division, it.place)

    def _apply_role_ended(self, it: RoleEnded) -> None:
        self.grants.pop(it.grant, None)
        self.ended |= {it.grant}
