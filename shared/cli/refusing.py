"""What a service has refused, in one line of a terminal: a sentence, and the code that programs know it by."""

from __future__ import annotations

import importlib
from typing import Any

from shared.kernel.refusals import Refusal

_SENTENCES = "services.console.refusals"
"""Where the sentences stand. Found by name, because `shared` knows no service."""


def in_words(refusal: Refusal) -> str:
    """The refusal as a person reads it, in English, with its code; without a sentence for it, its facts."""
    facts = "; ".join(_flat(refusal.facts.get("errors", refusal.facts)))
    said = importlib.import_module(_SENTENCES).SENTENCES.get(refusal.code)
    if said is None or refusal.code == "invalid":
        return f"{refusal.code}: {facts}" if facts else refusal.code
    try:
        return f"{said.text % refusal.facts} ({refusal.code})"
    except KeyError:  # a fact that the sentence names did not come
        return f"{refusal.code}: {facts}"


def _flat(facts: Any, path: str = "") -> list[str]:
    if isinstance(facts, dict):
        return [line for name, value in facts.items() for line in _flat(value, f"{path}.{name}" if path else str(name))]
    if isinstance(facts, (list, tuple)):
        facts = ", ".join(str(one) for one in facts)
    return [f"{path} {facts}" if path else str(facts)]
