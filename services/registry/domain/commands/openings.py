"""What registry is asked to do about reading together what is restricted."""

from __future__ import annotations

from dataclasses import dataclass

from services.registry.domain.codes import OpeningReason


@dataclass(frozen=True, kw_only=True)
class AskToOpen:
    """Ask to read, with a second person, what is restricted about a child and its card."""

    child: str
    reason: OpeningReason
    minutes: int


@dataclass(frozen=True, kw_only=True)
class OfOpening:
    """Approve, refuse or withdraw a request to open, or close what is open."""

    opening: str


@dataclass(frozen=True, kw_only=True)
class ExpireOpening:
    """The time of an opening, or for deciding about it, has come."""

    opening: str
    request: int
