"""Two people reading together what is restricted: who asked, who approved, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from services.registry.domain.codes import OpeningEnd, OpeningReason
from shared.kernel.messages import Event, Person, Ref, event


@event("registry.opening_asked", version=1)
@dataclass(frozen=True, kw_only=True)
class OpeningAsked(Event):
    """Somebody, `by`, asks to read what is restricted about a child and its card, for so many minutes. Private.

    `request` counts those about this child.
    """

    opening: Ref
    request: int
    child: Person
    reason: OpeningReason
    minutes: int
    by: Ref


@event("registry.opening_approved", version=1)
@dataclass(frozen=True, kw_only=True)
class OpeningApproved(Event):
    """A second person, `approved_by`, approved it: from now on the two read what is kept of `people`."""

    opening: Ref
    request: int
    child: Person
    people: tuple[Person, ...]
    reason: OpeningReason
    minutes: int
    asked_by: Ref
    approved_by: Ref


@event("registry.opening_ended", version=1)
@dataclass(frozen=True, kw_only=True)
class OpeningEnded(Event):
    """It is over, or never began: nobody reads by it any more."""

    opening: Ref
    request: int
    child: Person
    end: OpeningEnd
