"""What funding says: that a grant for a child was applied for, approved, paid. Amounts are in fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.kernel.messages import Event, Person, Ref, event


@event("funding.application_submitted", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(Event):
    """An application for a grant to a child from a fund."""

    application: Ref
    fund: Ref
    child: Person
    amount: int


@event("funding.application_approved", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationApproved(Event):
    """Approved by someone other than the applicant; the amount is set aside in the fund."""

    application: Ref
    fund: Ref
    child: Person
    amount: int


@event("funding.application_paid", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationPaid(Event):
    """Paid out."""

    application: Ref
    fund: Ref
    child: Person
    amount: int


@event("funding.erasure_weighed", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureWeighed(Event):
    """What stands in funding against erasing a person: codes, and the day after which nothing does, if it is known."""

    erasure: Ref
    request: int
    child: Person
    reasons: tuple[str, ...]
    until: date | None = None


@event("funding.person_erased", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Nothing personal about these people is left in funding: keys, sealed parts and views."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


@event("funding.person_restricted", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonRestricted(Event):
    """What funding keeps of these people is closed."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


@event("funding.restriction_lifted", version=1)
@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(Event):
    """What funding keeps of these people is used again."""

    erasure: Ref
    request: int
    people: tuple[Person, ...]


EVENTS = (
    ApplicationSubmitted,
    ApplicationApproved,
    ApplicationPaid,
    ErasureWeighed,
    PersonErased,
    PersonRestricted,
    RestrictionLifted,
)
