"""How a refusal is said: its status, its sentence, and how its facts are written."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One refusal code as people read it.

    `text` is a message marked with `N_`, with the facts as `%(name)s`. Facts named in `money` are fen, in `days` ISO
    days, in `instants` ISO instants, in `lengths` seconds, in `sizes` bytes; `words` says of a fact that is a code
    which enumeration it belongs to (`services.console.codes`, or the `WORDS` of a room here).
    `field` names the form field that the refusal is about, if it is always the same.
    """

    text: str
    status: int = 409
    field: str | None = None
    money: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    instants: tuple[str, ...] = ()
    lengths: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
