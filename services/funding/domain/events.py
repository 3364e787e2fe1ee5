"""What has happened in funding. Amounts are in fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.funding.domain.codes import AgainstErasure, Method, RefusalReason, Source
from shared.kernel.messages import Event, Person, PublicText, Ref, event, personal


@event("funding.fund_opened", version=1)
@dataclass(frozen=True, kw_only=True)
class FundOpened(Event):
    """A fund is open."""

    fund: Ref
    name: PublicText
    purpose: PublicText


@event("funding.donation_received", version=1)
@dataclass(frozen=True, kw_only=True)
class DonationReceived(Event):
    """Money came into a fund."""

    donation: Ref
    fund: Ref
    amount: int
    source: Source
    received_on: date
    donor: Person | None = None
    donor_name: str | None = personal("donor", of="donor")


@event("funding.application_drafted", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationDrafted(Event):
    """An application was begun, or what it says was changed."""

    application: Ref
    fund: Ref
    child: Person
    amount: int
    reason: str | None = personal("application", of="child")


@event("funding.application_submitted", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(Event):
    """It was handed in for approval, by a member of staff."""

    application: Ref
    fund: Ref
    child: Person
    amount: int
    by: Ref


@event("funding.application_returned", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationReturned(Event):
    """It was sent back to be completed."""

    application: Ref
    child: Person
    note: str | None = personal("application", of="child")


@event("funding.application_approved", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationApproved(Event):
    """It was approved; the amount is set aside in the fund."""

    application: Ref
    fund: Ref
    child: Person
    amount: int
    by: Ref


@event("funding.application_refused", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationRefused(Event):
    """It was refused."""

    application: Ref
    child: Person
    reason: RefusalReason


@event("funding.application_withdrawn", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn(Event):
    """It was taken back. `released` fen that had been set aside are available again."""

    application: Ref
    fund: Ref
    child: Person
    released: int


@event("funding.application_paid", version=1)
@dataclass(frozen=True, kw_only=True)
class ApplicationPaid(Event):
    """The grant was handed over."""

    application: Ref
    fund: Ref
    child: Person
    amount: int
    by: Ref
    method: Method
    paid_on: date


@event("funding.erasure_weighed", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureWeighed(Event):
    """What stands in funding against erasing a person: codes, and the day after which nothing does, if it is known."""

    erasure: Ref
    request: int
    child: Person
    reasons: tuple[AgainstErasure, ...]
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
    FundOpened,
    DonationReceived,
    ApplicationDrafted,
    ApplicationSubmitted,
    ApplicationReturned,
    ApplicationApproved,
    ApplicationRefused,
    ApplicationWithdrawn,
    ApplicationPaid,
    ErasureWeighed,
    PersonErased,
    PersonRestricted,
    RestrictionLifted,
)
