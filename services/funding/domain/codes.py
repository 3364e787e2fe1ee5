"""The closed lists of funding."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """Where money comes from: a donor, a collection, sold waste paper and bottles, an allocation from above."""

    DONOR = "donor"
    COLLECTION = "collection"
    WASTE_PAPER = "waste_paper"
    ALLOCATION = "allocation"


class Method(StrEnum):
    """How a grant was handed over."""

    CASH = "cash"
    BANK_CARD = "bank_card"
    SCHOOL_ACCOUNT = "school_account"


class ApplicationState(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PAID = "paid"


class RefusalReason(StrEnum):
    """Why an application is not approved."""

    NOT_ELIGIBLE = "not_eligible"
    DUPLICATE = "duplicate"
    INCOMPLETE = "incomplete"
    NO_FUNDS = "no_funds"


class Account(StrEnum):
    """The accounts of a fund in the double-entry ledger.

    `bank` is what lies in the bank, `available` what may still be granted, `set_aside` what is approved and not yet
    paid. A posting is a signed amount: the postings of one event add up to nothing.
    """

    BANK = "bank"
    AVAILABLE = "available"
    SET_ASIDE = "set_aside"


class AgainstErasure(StrEnum):
    """What stands against an erasure here: money that is not paid yet, vouchers that must be kept, who asks."""

    UNPAID_APPLICATION = "unpaid_application"
    PAYMENT_RETENTION = "payment_retention"
    REQUESTER_NAMED = "requester_named"
