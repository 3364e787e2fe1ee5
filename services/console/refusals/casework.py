"""Refusals of casework, in sentences: code → how it is said."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.refusals.said import Said

SENTENCES: dict[str, Said] = {
    "casework.case_already_open": Said(text=N_("This child has an open case already. Add to that one.")),
    "casework.case_closed": Said(text=N_("This case is closed. Reopen it to add to it.")),
    "casework.file_damaged": Said(
        text=N_("The file is a %(media_type)s that does not end where it should, or was changed. Make it anew."),
        status=422,
        field="file",
        words={"media_type": "media_type"},
    ),
    "casework.file_empty": Said(text=N_("The file is empty."), status=422, field="file"),
    "casework.file_gone": Said(
        text=N_("This file cannot be opened any more: it was erased, or what is kept of this child is restricted.")
    ),
    "casework.file_hides_another": Said(
        text=N_("The file is a %(media_type)s with another file in it or behind it. Save it anew and take that."),
        status=422,
        field="file",
        words={"media_type": "media_type"},
    ),
    "casework.file_incomplete": Said(text=N_("Parts of the file did not arrive. Upload it again.")),
    "casework.file_not_accepted": Said(
        text=N_("Only PDF files and pictures (JPEG, PNG) are taken. This file is something else, whatever its name."),
        status=422,
        field="file",
    ),
    "casework.file_too_large": Said(
        text=N_("The file is larger than %(most)s."), status=422, field="file", sizes=("most",)
    ),
    "casework.file_wrong_ending": Said(
        text=N_("The file is a %(media_type)s, but its name ends as that of something else. Put the name right."),
        status=422,
        field="file",
        words={"media_type": "media_type"},
    ),
    "casework.not_a_counsellor": Said(
        text=N_("This person is not a counsellor for this child."), status=422, field="staff"
    ),
    "casework.reason_needs_text": Said(text=N_("Say in a few words why the case is closed."), status=422, field="text"),
}
