"""Refusals about who answers for children, in sentences: code → how it is said."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.refusals.said import Said

SENTENCES: dict[str, Said] = {
    "registry.division_no_village": Said(text=N_("This is no village."), status=422, field="village"),
    "registry.hand_over_class_missing": Said(text=N_("Say which class is handed over."), status=422, field="klass"),
    "registry.hand_over_empty": Said(
        text=N_("This person answers for no child of the class."), status=422, field="giver"
    ),
    "registry.hand_over_list_changed": Said(
        text=N_(
            "The one who leaves answers for %(children)s more children by now. Withdraw this list and draw up anew."
        )
    ),
    "registry.hand_over_not_open": Said(text=N_("This list has been handed over or withdrawn already.")),
    "registry.hand_over_not_yours": Said(text=N_("Only who gives and who takes over can sign this list."), status=403),
    "registry.hand_over_outside_area": Said(
        text=N_("Of these children, %(children)s live and learn where this person holds no role. Grant it first."),
        status=422,
        field="receiver",
    ),
    "registry.hand_over_to_oneself": Said(
        text=N_("Nobody hands over to themselves. Choose another person."), status=422, field="receiver"
    ),
    "registry.hand_over_too_long": Said(
        text=N_("%(children)s children are too many for one list, which holds %(most)s. Hand over class by class.")
    ),
    "registry.transfer_needed": Said(
        text=N_("This village belongs to others. Transfer the child there: both sides sign."),
        status=422,
        field="village",
    ),
    "registry.transfer_not_waiting": Said(text=N_("This transfer has been decided or withdrawn already.")),
    "registry.transfer_signed_already": Said(
        text=N_("A transfer of this child waits already. Withdraw it first, if it shall go elsewhere.")
    ),
    "registry.transfer_to_oneself": Said(
        text=N_("Whoever signs a child away cannot take it in as well. The other side signs."), status=403
    ),
    "registry.transfer_within_township": Said(
        text=N_("Within a township no transfer is needed. Record the new village of the child."),
        status=422,
        field="village",
    ),
}
