"""What registry is asked to do about erasing people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.registry.domain.codes import Carrier, ErasureGrounds, ErasureRefusal, LiftingReason


@dataclass(frozen=True, kw_only=True)
class RequestErasure:
    """Ask that a child, or a person who ever stood on its card, be erased."""

    person: str
    grounds: ErasureGrounds


@dataclass(frozen=True, kw_only=True)
class OfErasure:
    """Approve a request for erasure, or take it back."""

    erasure: str


@dataclass(frozen=True, kw_only=True)
class RefuseErasure:
    """Refuse a request for erasure."""

    erasure: str
    reason: ErasureRefusal


@dataclass(frozen=True, kw_only=True)
class NoteAnswer:
    """A service has said what stands against an erasure."""

    erasure: str
    request: int
    service: Carrier
    reasons: tuple[str, ...]
    until: date | None


@dataclass(frozen=True, kw_only=True)
class NoteCarriedOut:
    """A service has carried an erasure (`erased`) or restriction out."""

    erasure: str
    request: int
    service: Carrier
    erased: bool


@dataclass(frozen=True, kw_only=True)
class AskToLift:
    """Ask that the restriction that a request became end."""

    erasure: str
    reason: LiftingReason


@dataclass(frozen=True, kw_only=True)
class NoteLifted:
    """A service uses again what it kept."""

    erasure: str
    request: int
    service: Carrier


@dataclass(frozen=True, kw_only=True)
class EraseAgain:
    """Services that postponed an erasure are to look again."""

    erasure: str
    request: int
