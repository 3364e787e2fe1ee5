"""Policies: how an alert climbs. Data; an alert carries a copy of the one that held when it was raised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.alerts.domain.codes import Kind, Responder
from services.alerts.domain.commands import Step
from services.alerts.domain.events import PolicySet
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Ref
from shared.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A version of a policy. The last step comes again until somebody acknowledges.

    `resolve_minutes` is how long whoever acknowledged has, counted anew from each call that they record.
    """

    policy: str | None
    version: int
    steps: tuple[Step, ...]
    resolve_minutes: int


DEFAULT = Terms(
    policy=None,
    version=1,
    steps=(
        Step(role=Responder.DUTY_OFFICER, wait_minutes=10),
        Step(role=Responder.DUTY_LEADER, wait_minutes=10),
        Step(role=Responder.COUNTY_ADMIN, wait_minutes=10),
    ),
    resolve_minutes=60,
)
"""What holds where nobody has set a policy."""


def policy_id(division: str, kind: Kind) -> str:
    """The id of the policy for alerts of a kind in a division."""
    return derived_id(f"{division}\x1f{kind}", "alerts.policy")


def terms_of(event: PolicySet) -> Terms:
    """The version of a policy that an event set."""
    steps = tuple(Step(role=role, wait_minutes=wait) for role, wait in zip(event.roles, event.waits, strict=True))
    return Terms(policy=event.policy, version=event.number, steps=steps, resolve_minutes=event.resolve_minutes)


class Policy(Aggregate):
    """The policy for one kind of alert in one division, in its versions."""

    service = "alerts"
    kind = "policy"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.terms: Terms | None = None

    def set(self, *, division: str, kind: Kind, steps: Sequence[Step], resolve_minutes: int) -> None:
        """Set it. The same again changes nothing. Refuses `alerts.policy_empty` without steps."""
        if not steps:
            raise Refusal("alerts.policy_empty")
        before = self.terms
        if before and (before.steps, before.resolve_minutes) == (tuple(steps), resolve_minutes):
            return
        self.record(
            PolicySet(
                policy=Ref(self.id),
                division=Ref(division),
                kind=kind,
                number=before.version + 1 if before else 1,
                roles=tuple(one.role for one in steps),
                waits=tuple(one.wait_minutes for one in steps),
                resolve_minutes=resolve_minutes,
            )
        )

    def _apply_policy_set(self, event: PolicySet) -> None:
        self.terms = terms_of(event)
