"""What funding can be asked to do. Amounts are in fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.funding.domain.codes import Method, RefusalReason, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFund:
    """Open a fund for a purpose that is known to all."""

    name: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDonation:
    """Record money received. A source without a donor (sold waste paper) names nobody."""

    fund: str
    amount: int
    source: Source
    received_on: date
    donor: str | None = None
    donor_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftApplication:
    """Begin an application for a child."""

    child: str
    fund: str
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendApplication:
    """Change what a draft or a returned application says."""

    application: str
    fund: str
    amount: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfApplication:
    """Submit, approve or withdraw an application."""

    application: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnApplication:
    """Send an application back to whoever submitted it, saying what is missing."""

    application: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseApplication:
    """Refuse an application for good."""

    application: str
    reason: RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PayApplication:
    """Record that an approved grant was handed over."""

    application: str
    method: Method
    paid_on: date
