"""Rosters: how a layout is read, how an import went. All private: what others need, children's events say."""

from __future__ import annotations

from dataclasses import dataclass

from services.registry.domain.codes import LegalBasis
from shared.kernel.messages import Event, Person, PublicText, Ref, event


@event("registry.layout_confirmed", version=1)
@dataclass(frozen=True, kw_only=True)
class LayoutConfirmed(Event):
    """Which column holds which field, for all sheets with the same headings.

    `fields[i]` (a code such as `father.phone`) stands in column `columns[i]`, counted from 1.
    """

    layout: Ref
    columns: tuple[int, ...]
    fields: tuple[PublicText, ...]


@event("registry.roster_started", version=1)
@dataclass(frozen=True, kw_only=True)
class RosterStarted(Event):
    """An import of a file, cut into chunks. `file` is derived from a keyed digest of its bytes."""

    roster: Ref
    file: Ref
    staff: Person
    school: Ref | None
    rows: int
    chunks: int
    legal_basis: LegalBasis


@event("registry.roster_chunk_done", version=1)
@dataclass(frozen=True, kw_only=True)
class RosterChunkDone(Event):
    """What became of the rows of one chunk, in numbers. The children's own events stand beside it, in one command."""

    roster: Ref
    chunk: int
    registered: int
    updated: int
    unchanged: int
    counted: int
    duplicate: int
    refused: int


@event("registry.roster_finished", version=1)
@dataclass(frozen=True, kw_only=True)
class RosterFinished(Event):
    """Every chunk is done."""

    roster: Ref


@event("registry.roster_abandoned", version=1)
@dataclass(frozen=True, kw_only=True)
class RosterAbandoned(Event):
    """An import that was given up before its last chunk; what went in stays, what was kept of the file is gone."""

    roster: Ref
