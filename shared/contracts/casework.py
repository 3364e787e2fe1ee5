"""What casework says: that a child's case is open or closed. Notes are never published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.kernel.messages import Event, Person, Ref, event


@event("casework.case_opened", version=1)
@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case for a child. `origin`: by_hand, alert, living_alone, risk; `alert` names the alert that opened it."""

    case: Ref
    child: Person
    origin: str
    alert: Ref | None = None


@event("casework.case_closed", version=1)
@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """The case is closed. `reason`: goals_met, moved_away, family_declined, duplicate, other."""

    case: Ref
    child: Person
    reason: str


@event("casework.case_reopened", version=1)
@dataclass(frozen=True, kw_only=True)
class CaseReopened(Event):
    """The case is open again."""

    case: Ref
    child: Person


@event("casework.erasure_weighed", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureWeighed(Event):
    """What stands in casework against erasing a person: codes, and the day after which nothing does, if it is known."""

    erasure: Ref
    request: int
    child: Person
    reasons: tuple[str, ...]
    until: date | None = None


@event("casework.person_erased", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Nothing personal about these people is left in casework: keys, sealed parts and views."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


@event("casework.person_restricted", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonRestricted(Event):
    """What casework keeps of these people is closed."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


@event("casework.restriction_lifted", version=1)
@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(Event):
    """What casework keeps of these people is used again."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


EVENTS = (
    CaseOpened,
    CaseClosed,
    CaseReopened,
    ErasureWeighed,
    PersonErased,
    PersonRestricted,
    RestrictionLifted,
)
