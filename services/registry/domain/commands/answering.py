"""What is asked about who answers for children: hand-overs and transfers."""

from __future__ import annotations

from dataclasses import dataclass

from services.registry.domain.authority_codes import HandOverKind


@dataclass(frozen=True, kw_only=True)
class DrawUpHandOver:
    """Draw up the list of what one person hands over to another: a class (`klass`), or everything at a departure."""

    kind: HandOverKind
    giver: str
    receiver: str
    klass: str | None = None


@dataclass(frozen=True, kw_only=True)
class OfHandOver:
    """Sign or withdraw a hand-over."""

    hand_over: str


@dataclass(frozen=True, kw_only=True)
class SignTransfer:
    """Sign a child away to a village of another township, for the sending side."""

    child: str
    village: str
    school: str | None = None
    klass: str | None = None


@dataclass(frozen=True, kw_only=True)
class AcceptTransfer:
    """Sign a transfer for the receiving side. `responsible`: who answers for the child; else the rule says."""

    transfer: str
    responsible: str | None = None


@dataclass(frozen=True, kw_only=True)
class OfTransfer:
    """Refuse or withdraw a transfer."""

    transfer: str
