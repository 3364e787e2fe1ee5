"""Refusals of funding, in sentences: code → how it is said."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.refusals.said import Said

SENTENCES: dict[str, Said] = {
    "funding.amount_too_large": Said(
        text=N_("The amount is more than one entry may hold (%(most)s)."), status=422, field="amount", money=("most",)
    ),
    "funding.application_not_approved": Said(text=N_("This application is not approved, so it cannot be paid.")),
    "funding.application_not_open": Said(
        text=N_("That can no longer be done: the application is in the state “%(state)s”."),
        words={"state": "application_state"},
    ),
    "funding.approver_is_applicant": Said(
        text=N_("You applied for this yourself. Another person has to decide."), status=403
    ),
    "funding.donor_missing": Said(text=N_("Say who gave, or that the gift is anonymous."), status=422, field="donor"),
    "funding.insufficient_funds": Said(
        text=N_("The fund has %(available)s left; %(requested)s are asked for."), money=("available", "requested")
    ),
    "funding.paid_in_future": Said(
        text=N_("The day of payment, %(paid_on)s, has not come yet."), status=422, field="paid_on", days=("paid_on",)
    ),
    "funding.payer_is_applicant": Said(
        text=N_("You applied for this yourself. Another person has to pay."), status=403
    ),
    "funding.payer_is_approver": Said(text=N_("You approved this yourself. Another person has to pay."), status=403),
    "funding.received_in_future": Said(
        text=N_("The day of receipt, %(received_on)s, has not come yet."),
        status=422,
        field="received_on",
        days=("received_on",),
    ),
}
