"""Codes in words, in one place: what the pages say where services say codes. A code belongs to its enumeration.

    said_code("risk", code)         in a template, by the name of the enumeration
    w.said(w.KINDS, code)           the same by its table; `w` is this package
    options(w.KINDS), code_options("risk")          as a form offers them

A code without words is shown as it is: a neighbour that learns a new one must not break a page.
"""

from __future__ import annotations

from services.console.codes.answering import (
    ANSWERING,
    ASSIGNMENT_BASES,
    HAND_OVER_COLOURS,
    HAND_OVER_KINDS,
    HAND_OVER_STATES,
    TRANSFER_COLOURS,
    TRANSFER_STATES,
)
from services.console.codes.calendar import CALENDAR, DAY_BASES, SCHOOL_HALVES, WATCHERS
from services.console.codes.erasures import (
    AGAINST_ERASURE,
    ERASURE_GROUNDS,
    ERASURE_REFUSALS,
    ERASURE_STATES,
    ERASURES,
    LIFTING_REASONS,
)
from services.console.codes.openings import OPENING_COLOURS, OPENING_REASONS, OPENING_STATES, OPENINGS
from services.console.codes.register import REGISTER
from services.console.codes.roster_fields import roster_field
from services.console.codes.work import (
    ACCOUNTS,
    ALERT_STATES,
    APPLICATION_COLOURS,
    APPLICATION_STATES,
    CASE_STATES,
    CLOSE_REASONS,
    CONTRADICTION_REASONS,
    CONTRADICTIONS,
    KINDS,
    LEVELS,
    MARKS,
    MEDIA_TYPES,
    METHODS,
    NOTE_CLASSES,
    ORIGINS,
    OUTCOMES,
    POSTINGS,
    RAISED_BY_HAND,
    REASONS,
    REFUSED_FOR,
    REMAINS,
    RESPONDERS,
    RESULTS,
    SERVICES,
    SESSIONS,
    SIGNALS,
    SOURCES,
    VERDICTS,
    WORK,
)
from services.console.roles import ROLES
from services.console.words import _

CODES: dict[str, dict[str, str]] = REGISTER | WORK | ERASURES | OPENINGS | ANSWERING | CALENDAR | {"role": ROLES}
"""Enumeration → code → message id: the one place."""
RELATIONS = REGISTER["relation"]

__all__ = [
    "ACCOUNTS",
    "AGAINST_ERASURE",
    "ALERT_STATES",
    "APPLICATION_COLOURS",
    "APPLICATION_STATES",
    "ASSIGNMENT_BASES",
    "CASE_STATES",
    "CLOSE_REASONS",
    "CODES",
    "CONTRADICTIONS",
    "CONTRADICTION_REASONS",
    "DAY_BASES",
    "ERASURE_GROUNDS",
    "ERASURE_REFUSALS",
    "ERASURE_STATES",
    "HAND_OVER_COLOURS",
    "HAND_OVER_KINDS",
    "HAND_OVER_STATES",
    "KINDS",
    "LEVELS",
    "LIFTING_REASONS",
    "MARKS",
    "MEDIA_TYPES",
    "METHODS",
    "NOTE_CLASSES",
    "OPENING_COLOURS",
    "OPENING_REASONS",
    "OPENING_STATES",
    "ORIGINS",
    "OUTCOMES",
    "POSTINGS",
    "RAISED_BY_HAND",
    "REASONS",
    "REFUSED_FOR",
    "RELATIONS",
    "REMAINS",
    "RESPONDERS",
    "RESULTS",
    "SCHOOL_HALVES",
    "SERVICES",
    "SESSIONS",
    "SIGNALS",
    "SOURCES",
    "TRANSFER_COLOURS",
    "TRANSFER_STATES",
    "VERDICTS",
    "WATCHERS",
    "code_options",
    "options",
    "role_said",
    "roster_field",
    "said",
    "said_code",
]


def said(table: dict[str, str], code: str | None) -> str:
    """A code in the reader's language; the code itself where the table has no words for it, nothing for none."""
    if code is None:
        return ""
    return _(table[code]) if code in table else code


def said_code(enumeration: str, code: str | None) -> str:
    """A code of an enumeration in the reader's language. Raises KeyError for an enumeration that there is not."""
    return said(CODES[enumeration], code)


def role_said(code: str | None) -> str:
    """A role's name in the reader's words."""
    return said(ROLES, code)


def options(table: dict[str, str], *codes: str) -> list[tuple[str, str]]:
    """Choices for a form: (code, words), of these codes or of all."""
    return [(code, _(table[code])) for code in (codes or table)]


def code_options(enumeration: str) -> list[tuple[str, str]]:
    """All codes of an enumeration with their words, as a form offers them."""
    return options(CODES[enumeration])
