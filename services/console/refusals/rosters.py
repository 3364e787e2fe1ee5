"""Rosters, in sentences: why a file is refused, what is wrong with a row. Codes of rows begin with `roster.`."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.refusals.said import Said

_MAPPING = "mapping"

SENTENCES: dict[str, Said] = {
    "registry.mapping_unconfirmed": Said(
        text=N_("Confirm first what the columns of the sheet “%(sheet)s” mean."), status=409
    ),
    "registry.roster_chunk_early": Said(text=N_("Rows before these are not in yet (part %(next)s comes next).")),
    "registry.roster_empty": Said(text=N_("The file is empty."), status=422, field="file"),
    "registry.roster_encrypted": Said(
        text=N_("The file has a password. Save it without one and upload it again."), status=422, field="file"
    ),
    "registry.roster_incomplete": Said(text=N_("Parts of the file did not arrive. Upload it again."), status=409),
    "registry.roster_inflates": Said(
        text=N_("The file unpacks to far more than a roster holds. Save it anew and upload that."),
        status=422,
        field="file",
    ),
    "registry.roster_mapping_column": Said(text=N_("There is no column %(column)s."), status=422, field=_MAPPING),
    "registry.roster_mapping_field": Said(
        text=N_("Column %(column)s is given a meaning that there is not."), status=422, field=_MAPPING
    ),
    "registry.roster_mapping_name": Said(
        text=N_("Say which column holds the child's name."), status=422, field=_MAPPING
    ),
    "registry.roster_mapping_twice": Said(
        text=N_("Column %(column)s has a meaning that another column has too."), status=422, field=_MAPPING
    ),
    "registry.roster_no_header": Said(
        text=N_("No sheet has a line with headings such as name or identity number. Add one and upload it again."),
        status=422,
        field="file",
    ),
    "registry.roster_not_a_spreadsheet": Said(
        text=N_("This is no spreadsheet (%(looks_like)s). Upload an .xlsx, .xls or .csv file."),
        status=422,
        field="file",
        words={"looks_like": "file_kind"},
    ),
    "registry.roster_rows_gone": Said(text=N_("The rows are not kept any more. Upload the file again."), status=409),
    "registry.roster_text_unreadable": Said(
        text=N_("The characters of the file cannot be read. Save it as .xlsx, or as CSV in UTF-8."),
        status=422,
        field="file",
    ),
    "registry.roster_too_large": Said(
        text=N_("The file has %(bytes)s; at most %(most)s can be taken in. Upload it in parts."),
        status=413,
        field="file",
        sizes=("bytes", "most"),
    ),
    "registry.roster_too_many_cells": Said(
        text=N_("The sheet “%(sheet)s” has more cells than a roster needs."), status=422, field="file"
    ),
    "registry.roster_too_many_columns": Said(
        text=N_("The sheet “%(sheet)s” has %(found)s columns; at most %(most)s can be read."), status=422, field="file"
    ),
    "registry.roster_too_many_rows": Said(
        text=N_("The sheet “%(sheet)s” has %(found)s rows; at most %(most)s can be read."), status=422, field="file"
    ),
    "registry.roster_too_many_sheets": Said(
        text=N_("The file has %(found)s sheets; at most %(most)s can be read."), status=422, field="file"
    ),
    "registry.roster_without_rows": Said(text=N_("The file has headings but no rows."), status=422, field="file"),
    "roster.name_missing": Said(text=N_("The name is missing."), status=422),
    "roster.name_too_long": Said(text=N_("The name is longer than 50 characters."), status=422),
    "roster.birth_date_missing": Said(text=N_("The day of birth is missing."), status=422),
    "roster.birth_date_impossible": Said(text=N_("There is no such day of birth."), status=422),
    "roster.birth_date_incomplete": Said(text=N_("The day of birth is incomplete."), status=422),
    "roster.birth_date_unreadable": Said(text=N_("The day of birth cannot be read."), status=422),
    "roster.birth_date_disagrees": Said(text=N_("The day of birth is not the one in the identity number."), status=422),
    "roster.age_out_of_range": Said(
        text=N_("At %(age)s the child is outside the ages of this roster (%(least)s to %(most)s)."), status=422
    ),
    "roster.identity_spreadsheet_number": Said(
        text=N_("The spreadsheet has turned the identity number into a rounded number. Type it again as text."),
        status=422,
    ),
    "roster.identity_length": Said(text=N_("The identity number has %(length)s characters, not 18."), status=422),
    "roster.identity_characters": Said(
        text=N_("The identity number has characters that do not belong into one."), status=422
    ),
    "roster.identity_date": Said(text=N_("The date within the identity number does not exist."), status=422),
    "roster.identity_check": Said(
        text=N_("The last character of the identity number does not fit the others."), status=422
    ),
    "roster.formula": Said(text=N_("A formula stands here. Enter the value itself."), status=422),
    "roster.formula_text": Said(text=N_("The text here looks like a formula. Enter plain text."), status=422),
    "roster.school_unknown": Said(text=N_("This school is not in the register, or not yours."), status=422),
    "roster.village_unknown": Said(text=N_("The village could not be found; the school's is taken."), status=422),
    "roster.duplicate_identity": Said(
        text=N_("The same identity number stands further up, in row %(first_row)s."), status=422
    ),
    "roster.duplicate_person": Said(text=N_("The same child stands further up, in row %(first_row)s."), status=422),
    "roster.identity_area_unknown": Said(text=N_("The area of the identity number is not known."), status=422),
    "roster.sex_disagrees": Said(text=N_("The sex is not the one in the identity number."), status=422),
    "roster.sex_unreadable": Said(text=N_("The sex cannot be read."), status=422),
    "roster.phone_unreadable": Said(text=N_("The telephone number cannot be read."), status=422),
    "roster.grade_unreadable": Said(text=N_("The grade cannot be read."), status=422),
    "roster.care_arrangement_unreadable": Said(text=N_("Who cares for the child cannot be read."), status=422),
    "roster.left_behind_unreadable": Said(text=N_("Whether the child is left behind cannot be read."), status=422),
    "roster.away_unreadable": Said(text=N_("Who is away cannot be read."), status=422),
}

WORDS: dict[str, dict[str, str]] = {
    "file_kind": {
        "pdf": N_("it is a PDF"),
        "image": N_("it is a picture"),
        "archive": N_("it is an archive"),
        "document": N_("it is a text document"),
        "web_page": N_("it is a web page"),
        "binary": N_("its kind is unknown"),
        "damaged": N_("it is damaged"),
    }
}
"""Enumerations that stand among the facts of refusals only: code → words."""
