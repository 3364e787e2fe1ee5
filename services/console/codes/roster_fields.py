"""What the columns of a roster may hold, in words."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.words import _

_PEOPLE = {"father": N_("Father"), "mother": N_("Mother"), "guardian": N_("Guardian"), "parents": N_("Parents")}
_FIELDS = {
    "name": N_("Name"),
    "sex": N_("Sex"),
    "ethnicity": N_("Ethnic group"),
    "born": N_("Day of birth"),
    "identity_number": N_("Identity number"),
    "identity_missing": N_("Why there is no identity number"),
    "school": N_("School"),
    "grade": N_("Grade"),
    "class": N_("Class"),
    "grade_class": N_("Grade and class"),
    "township": N_("Township"),
    "village": N_("Village"),
    "address": N_("Address"),
    "household_address": N_("Registered address"),
    "phone": N_("Telephone"),
    "left_behind": N_("Left behind or not"),
    "away_party": N_("Who is away"),
    "care_arrangement": N_("Who cares for the child"),
    "boarding": N_("Boards or not"),
    "note": N_("Note"),
    "relation": N_("Relation"),
    "occupation": N_("Occupation"),
    "age": N_("Age"),
    "health": N_("Health"),
    "employer": N_("Employer"),
    "place": N_("Place of work"),
    "away": N_("Away or not"),
    "status": N_("Situation"),
}


def roster_field(code: str) -> str:
    """What a column of a roster may hold, in words: `father.phone` is the father's telephone."""
    who, _dot, attribute = code.rpartition(".")
    words = _(_FIELDS[attribute]) if attribute in _FIELDS else attribute
    if not who:
        return words
    whose = _(_PEOPLE[who]) if who in _PEOPLE else who
    return _("%(label)s: %(problem)s", label=whose, problem=words)
