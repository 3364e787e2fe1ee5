"""What can be wrong with a row: stable codes with facts. The sentences are made where they are read.

An *error* keeps the row out, a *duplicate* is left out because the same child stands above, a *notice* lets the row
in and wants a look. Facts hold lengths, limits and places in the file, never anything personal; the offending value
is masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.registry.rosters.sheets import Cell, text_in
from shared.localisation.identity import masked_identity
from shared.localisation.phones import masked

Severity = Literal["error", "duplicate", "notice"]

CODES: dict[str, Severity] = {
    "roster.name_missing": "error",
    "roster.name_too_long": "error",
    "roster.birth_date_missing": "error",
    "roster.birth_date_impossible": "error",
    "roster.birth_date_incomplete": "error",
    "roster.birth_date_unreadable": "error",
    "roster.birth_date_disagrees": "error",
    "roster.age_out_of_range": "error",
    "roster.identity_spreadsheet_number": "error",
    "roster.identity_length": "error",
    "roster.identity_characters": "error",
    "roster.identity_date": "error",
    "roster.identity_check": "error",
    "roster.formula": "error",
    "roster.formula_text": "error",
    "roster.school_unknown": "error",
    "roster.duplicate_identity": "duplicate",
    "roster.duplicate_person": "duplicate",
    "roster.identity_area_unknown": "notice",
    "roster.sex_disagrees": "notice",
    "roster.sex_unreadable": "notice",
    "roster.phone_unreadable": "notice",
    "roster.grade_unreadable": "notice",
    "roster.care_arrangement_unreadable": "notice",
    "roster.left_behind_unreadable": "notice",
    "roster.away_unreadable": "notice",
}
"""Every code with what it means for the row."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it stands (`column` is a letter; None for the row as a whole), and facts.

    `value` is what stands there, masked.
    """

    code: str
    sheet: str
    row: int
    column: str | None = None
    value: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """What it means for the row."""
        return CODES[self.code]


def masked_value(field_code: str, cell: Cell) -> str:
    """What stands in a cell, so far as it may be shown in a list of problems and in logs."""
    text = text_in(cell)[:60]
    if text.startswith("="):
        return "=…"
    if field_code.endswith("identity_number"):
        return masked_identity(text)
    if field_code.endswith("phone"):
        return masked(text)
    if field_code == "born":
        return text[:4] + "".join("*" if character.isdigit() else character for character in text[4:])
    if field_code in {"school", "grade", "class", "sex", "left_behind", "away_party", "care_arrangement", "boarding"}:
        return text
    return text[:1] + "*" * min(len(text) - 1, 6) if text else ""
