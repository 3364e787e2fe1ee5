"""Named examples: a child, people who act, an alert as it is raised."""

from __future__ import annotations

from dataclasses import replace

from services.alerts.domain import events as e
from services.alerts.domain.codes import Kind, Level
from services.alerts.domain.policy import DEFAULT
from shared.kernel.messages import Person, Ref
from shared.testing.aggregates import AN_ID

CHILD = Person("01890000-0000-7000-8000-0000000c0001")
SECOND = Person("01890000-0000-7000-8000-0000000c0002")
THIRD = Person("01890000-0000-7000-8000-0000000c0003")
OFFICER = Person("01890000-0000-7000-8000-00000005f001")
LEADER = Person("01890000-0000-7000-8000-00000005f002")
CONTACT = Person("01890000-0000-7000-8000-0000000ca001")
VILLAGE = Ref("01890000-0000-7000-8000-00000000d001")
KLASS = Ref("01890000-0000-7000-8000-00000000e001")
ALERT = Ref(AN_ID)

RAISED = e.AlertRaised(
    alert=ALERT,
    child=CHILD,
    kind=Kind.ABSENCE,
    level=Level.ORANGE,
    village=VILLAGE,
    school=None,
    klass=KLASS,
    policy=None,
    policy_version=1,
    roles=tuple(one.role for one in DEFAULT.steps),
    waits=tuple(one.wait_minutes for one in DEFAULT.steps),
    resolve_minutes=DEFAULT.resolve_minutes,
)
ACKNOWLEDGED = e.AlertAcknowledged(alert=ALERT, child=CHILD, by=OFFICER)


def raised(**changed: object) -> e.AlertRaised:
    """The alert, raised with something different."""
    return replace(RAISED, **changed)  # type: ignore[arg-type]
