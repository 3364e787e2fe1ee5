"""Erasing people: who asked, what stood against it, who decided, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.registry.domain.codes import (
    AgainstErasure,
    Carrier,
    ErasureGrounds,
    ErasureOutcome,
    ErasureRefusal,
    LiftingEnd,
    LiftingReason,
)
from shared.kernel.messages import Event, Person, Ref, event


@event("registry.erasure_requested", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureRequested(Event):
    """Somebody, the actor of the entry, asks that a person be erased. `request` counts those about this person.

    `people` are those whose fields would go: a child's card goes with the child.
    """

    erasure: Ref
    request: int
    person: Person
    child: Person
    people: tuple[Person, ...]
    grounds: ErasureGrounds
    by: Ref


@event("registry.erasure_answered", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureAnswered(Event):
    """A service has said what stands against it there: nothing, if there are no reasons. Private."""

    erasure: Ref
    request: int
    service: Carrier
    reasons: tuple[AgainstErasure, ...]
    until: date | None = None


@event("registry.erasure_approved", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureApproved(Event):
    """A second person, `by`, approved it. `outcome` says whether it became an erasure or a restriction. Private."""

    erasure: Ref
    request: int
    outcome: ErasureOutcome
    reasons: tuple[AgainstErasure, ...]
    by: Ref
    until: date | None = None


@event("registry.erasure_seconded", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureSeconded(Event):
    """A second person, `by`, is for it: under the next `request` each service says once more what stands against it."""

    erasure: Ref
    request: int
    person: Person
    child: Person
    people: tuple[Person, ...]
    by: Ref


@event("registry.erasure_postponed", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasurePostponed(Event):
    """Something came up in a service after all: it closed what it keeps, and erases once that is over. Private."""

    erasure: Ref
    request: int
    service: Carrier


@event("registry.erasure_refused", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureRefused(Event):
    """It is refused: nothing happens to the person. Private."""

    erasure: Ref
    request: int
    reason: ErasureRefusal


@event("registry.erasure_withdrawn", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureWithdrawn(Event):
    """It was taken back. Private."""

    erasure: Ref
    request: int


@event("registry.erasure_done", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureDone(Event):
    """A service says that it has done it. Private."""

    erasure: Ref
    request: int
    service: Carrier


@event("registry.person_erased", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Everything personal about `people` goes, everywhere and for good. It stands in the child's history."""

    erasure: Ref
    request: int
    child: Person
    people: tuple[Person, ...]


@event("registry.person_restricted", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonRestricted(Event):
    """What is kept of `people` is closed, for these reasons. It stands in the child's history."""

    erasure: Ref
    request: int
    child: Person
    people: tuple[Person, ...]
    reasons: tuple[AgainstErasure, ...]
    until: date | None = None


@event("registry.lifting_asked", version=1)
@dataclass(frozen=True, kw_only=True)
class LiftingAsked(Event):
    """Somebody, `by`, asks that a restriction end. Private."""

    erasure: Ref
    request: int
    reason: LiftingReason
    by: Ref


@event("registry.lifting_ended", version=1)
@dataclass(frozen=True, kw_only=True)
class LiftingEnded(Event):
    """The restriction stays. Private."""

    erasure: Ref
    request: int
    end: LiftingEnd


@event("registry.lifting_approved", version=1)
@dataclass(frozen=True, kw_only=True)
class LiftingApproved(Event):
    """A second person, `by`, approved it. Private."""

    erasure: Ref
    request: int
    by: Ref


@event("registry.lifting_done", version=1)
@dataclass(frozen=True, kw_only=True)
class LiftingDone(Event):
    """A service says that it uses again what it kept. Private."""

    erasure: Ref
    request: int
    service: Carrier


@event("registry.restriction_lifted", version=1)
@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(Event):
    """What is kept of `people` is used again. It stands in the child's history."""

    erasure: Ref
    request: int
    child: Person
    people: tuple[Person, ...]
