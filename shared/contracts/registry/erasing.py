"""What registry says about erasing and restricting people, and about reading together what is restricted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.kernel.messages import Event, Person, Ref, event


@event("registry.erasure_requested", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureRequested(Event):
    """Somebody asks that a child, or a person on its card (`person`), be erased: who has something to say against it?

    `request` counts the requests about this person. `people` are those whose fields would go: a child's card goes with
    the child. 个人信息保护法 art. 47.
    """

    erasure: Ref
    request: int
    person: Person
    child: Person
    people: tuple[Person, ...]


@event("registry.person_erased", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Two people decided that everything personal about `people` goes, everywhere and for good."""

    erasure: Ref
    request: int
    child: Person
    people: tuple[Person, ...]


@event("registry.person_restricted", version=1)
@dataclass(frozen=True, kw_only=True)
class PersonRestricted(Event):
    """What is kept of `people` is closed, because something stands against erasing it: codes, and until when if known.

    个人信息保护法 art. 47: where retention still runs, processing stops.
    """

    erasure: Ref
    request: int
    child: Person
    people: tuple[Person, ...]
    reasons: tuple[str, ...]
    until: date | None = None


@event("registry.erasure_seconded", version=1)
@dataclass(frozen=True, kw_only=True)
class ErasureSeconded(Event):
    """A second person is for it: who has something to say against it now? `request` is the next number."""

    erasure: Ref
    request: int
    person: Person
    child: Person
    people: tuple[Person, ...]


@event("registry.restriction_lifted", version=1)
@dataclass(frozen=True, kw_only=True)
class RestrictionLifted(Event):
    """Two people decided that what is kept of `people` is used again."""

    erasure: Ref
    request: int
    child: Person
    people: tuple[Person, ...]


@event("registry.opening_approved", version=1)
@dataclass(frozen=True, kw_only=True)
class OpeningApproved(Event):
    """For so many minutes `asked_by` and `approved_by` read what is kept of `people`: a child, and those on its card.

    `request` counts those about this child.
    """

    opening: Ref
    request: int
    child: Person
    people: tuple[Person, ...]
    minutes: int
    asked_by: Ref
    approved_by: Ref


@event("registry.opening_ended", version=1)
@dataclass(frozen=True, kw_only=True)
class OpeningEnded(Event):
    """Nobody reads by it any more, or ever did. `end`: refused, withdrawn, lapsed, closed, expired."""

    opening: Ref
    request: int
    child: Person
    end: str


EVENTS = (
    ErasureRequested,
    PersonErased,
    PersonRestricted,
    ErasureSeconded,
    RestrictionLifted,
    OpeningApproved,
    OpeningEnded,
)
