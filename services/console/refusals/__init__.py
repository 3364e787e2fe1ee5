"""Refusals at the edge: one table from code to status and sentence, for pages and for the API alike.

Each service's sentences stand in a file of its own here. A code without a sentence is answered with 409 and a general
sentence; a test finds it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.console.catalogues import N_
from services.console.codes import CODES
from services.console.context import here
from services.console.formatting import Formats
from services.console.refusals import alerts, answering, calendar, casework, funding, general, registry, rosters
from services.console.refusals.said import Said
from services.console.words import _, catalogue, language
from shared.kernel.refusals import Refusal

_ROOMS = (general, registry, answering, calendar, rosters, casework, alerts, funding)
SENTENCES: dict[str, Said] = {code: said for room in _ROOMS for code, said in room.SENTENCES.items()}
"""Every refusal code and how it is said: the one table."""
_WORDS: dict[str, dict[str, str]] = CODES | general.WORDS | rosters.WORDS
_UNSAID = Said(text=N_("This is not possible now (%(code)s)."))


def status_of(code: str) -> int:
    """The HTTP status of a refusal."""
    return SENTENCES.get(code, _UNSAID).status


def sentence(refusal: Refusal) -> str:
    """The refusal in the reader's language, with its facts as people write them."""
    said = SENTENCES.get(refusal.code, _UNSAID)
    facts = _written(said, refusal.facts) | {"code": refusal.code}
    try:
        return _(said.text, **facts)
    except KeyError:  # a fact that the sentence names did not come: say less rather than nothing
        return _(_UNSAID.text, code=refusal.code)


def field_errors(refusal: Refusal) -> dict[str, str]:
    """Form field → sentence, where the refusal is about fields of the form."""
    if refusal.code == "invalid":
        return dict(_flat("", refusal.facts.get("errors", {})))
    said = SENTENCES.get(refusal.code)
    return {said.field: sentence(refusal)} if said and said.field else {}


def words_of(enumeration: str, code: str) -> str:
    """The message of a code that stands among the facts; the code itself if it has none."""
    return _WORDS[enumeration].get(code, code)


def _flat(path: str, errors: Any) -> list[tuple[str, str]]:
    if isinstance(errors, dict):
        return [pair for key, value in errors.items() for pair in _flat(f"{path}.{key}" if path else str(key), value)]
    first = errors[0] if isinstance(errors, (list, tuple)) and errors else errors
    code = general.LIBRARY.get(str(first), "unknown" if str(first).startswith("Must be one of") else str(first))
    words = general.FIELDS.get(code, general.FIELDS["malformed"])
    return [(path, _(words))]


def _written(said: Said, facts: dict[str, Any]) -> dict[str, Any]:
    formats = Formats(language(), catalogue(), here().clock.now())
    written = dict(facts)
    for name in facts.keys() & {*said.money, *said.days, *said.instants, *said.lengths, *said.sizes, *said.words}:
        value = facts[name]
        if name in said.money:
            written[name] = formats.money(value)
        elif name in said.days:
            written[name] = formats.full_date(date.fromisoformat(value))
        elif name in said.instants:
            written[name] = formats.moment(datetime.fromisoformat(value))
        elif name in said.lengths:
            written[name] = formats.duration(value)
        elif name in said.sizes:
            written[name] = f"{value / 1024 / 1024:.0f} MB"
        else:
            written[name] = _(words_of(said.words[name], value), **facts)
    return written
