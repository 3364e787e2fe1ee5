"""The enumerations of erasing people in words."""

from __future__ import annotations

from services.console.catalogues import N_

ERASURE_GROUNDS = {
    "family_asked": N_("The family asks for it"),
    "consent_withdrawn": N_("Consent was withdrawn"),
    "purpose_ended": N_("It is no longer needed for its purpose"),
    "retention_ended": N_("The time for keeping it is over"),
    "unlawful": N_("It should never have been kept"),
}
ERASURE_STATES = {
    "requested": N_("waits for a second person"),
    "seconded": N_("approved, weighed once more"),
    "erased": N_("erased"),
    "restricted": N_("restricted"),
    "lifted": N_("restriction lifted"),
    "refused": N_("refused"),
    "withdrawn": N_("withdrawn"),
}
ERASURE_REFUSALS = {
    "not_entitled": N_("Who asks is not entitled to"),
    "wrong_person": N_("It is another person"),
    "no_grounds": N_("There is no ground for it"),
    "requester_named": N_("Who asks is named in a case of the child"),
}
LIFTING_REASONS = {
    "care_needed": N_("The child is cared for again"),
    "family_asked": N_("The family asks for it"),
    "wrong_person": N_("It was another person"),
    "no_grounds": N_("There was no ground for it"),
}
AGAINST_ERASURE = {
    "open_alert": N_("An alert is open"),
    "open_case": N_("A case is open"),
    "case_retention": N_("The record of a case must be kept"),
    "unpaid_application": N_("An application is not paid yet"),
    "payment_retention": N_("Payment vouchers must be kept"),
    "requester_named": N_("Who asks is named in a case of the child"),
    "other": N_("Another reason"),
}
ERASURES: dict[str, dict[str, str]] = {
    "against_erasure": AGAINST_ERASURE,
    "erasure_grounds": ERASURE_GROUNDS,
    "erasure_refusal": ERASURE_REFUSALS,
    "erasure_state": ERASURE_STATES,
    "lifting_reason": LIFTING_REASONS,
}
