"""The enumerations of who answers for children in words."""

from __future__ import annotations

from services.console.catalogues import N_

ASSIGNMENT_BASES = {
    "rule": N_("as the class's teacher or the village's director"),
    "hand": N_("named by hand"),
    "hand_over": N_("by a hand-over"),
    "transfer": N_("by a transfer"),
}
HAND_OVER_KINDS = {
    "class": N_("A class passes to another teacher"),
    "departure": N_("Somebody leaves and hands over everything"),
}
HAND_OVER_STATES = {
    "listed": N_("waits for signatures"),
    "done": N_("handed over"),
    "withdrawn": N_("withdrawn"),
}
HAND_OVER_COLOURS = {"listed": "yellow", "done": "green"}
TRANSFER_STATES = {
    "signed": N_("waits for the receiving side"),
    "done": N_("transferred"),
    "refused": N_("refused"),
    "withdrawn": N_("withdrawn"),
}
TRANSFER_COLOURS = {"signed": "yellow", "done": "green"}
ANSWERING: dict[str, dict[str, str]] = {
    "assignment_basis": ASSIGNMENT_BASES,
    "hand_over_kind": HAND_OVER_KINDS,
    "hand_over_state": HAND_OVER_STATES,
    "transfer_state": TRANSFER_STATES,
}
