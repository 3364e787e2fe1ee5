"""Rosters: the layout of a form, and the import of a file in chunks that may be interrupted anywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from services.registry.domain.codes import LegalBasis, RowOutcome
from services.registry.domain.events import (
    LayoutConfirmed,
    RosterAbandoned,
    RosterChunkDone,
    RosterFinished,
    RosterStarted,
)
from shared.kernel.aggregate import Aggregate
from shared.kernel.ids import derived_id
from shared.kernel.messages import Person, PublicText, Ref
from shared.kernel.refusals import Refusal

CHUNK_ROWS = 300
"""The most rows of a chunk. Each chunk is a commit and a step of the progress bar."""
CHUNK_CHILDREN = 36
"""The most children under watch in a chunk. One that is new comes to eleven events; one whose full card gets a new
first contact, to twenty. With two events for each class among the rows that stays within what a command may record."""
CHUNK_CLASSES = 60
"""The most classes among the rows of a chunk; each may be formed and counted in it."""


def layout_id(key: str) -> str:
    """The id of the layout with this key."""
    return derived_id(key, "registry.roster_layout")


class RosterLayout(Aggregate):
    """Which column of a form holds what, as a person confirmed it."""

    service, kind = "registry", "roster_layout"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.mapping: dict[int, str] = {}

    def confirm(self, mapping: Mapping[int, str]) -> None:
        """Remember a mapping: column (from 1) → field."""
        if dict(mapping) != self.mapping:
            columns = tuple(sorted(mapping))
            self.record(
                LayoutConfirmed(
                    layout=Ref(self.id), columns=columns, fields=tuple(PublicText(mapping[one]) for one in columns)
                )
            )

    def _apply_layout_confirmed(self, it: LayoutConfirmed) -> None:
        self.mapping = dict(zip(it.columns, it.fields, strict=True))


class RosterImport(Aggregate):
    """One import of one file. Chunks are numbered from 1 and done in order, each once."""

    service, kind = "registry", "roster"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.staff = ""
        self.school: str | None = None
        self.chunks = 0
        self.done = 0
        self.ended = False
        self.legal_basis: LegalBasis | None = None

    @property
    def next_chunk(self) -> int | None:
        """The chunk to do next; None when it has ended."""
        return None if self.ended else self.done + 1

    def start(
        self, *, file: str, staff: str, school: str | None, rows: int, chunks: int, legal_basis: LegalBasis
    ) -> None:
        """Start. Refuses `registry.roster_without_rows`."""
        if rows < 1 or chunks < 1:
            raise Refusal("registry.roster_without_rows")
        if not self.exists:
            self.record(
                RosterStarted(
                    roster=Ref(self.id),
                    file=Ref(file),
                    staff=Person(staff),
                    school=Ref(school) if school else None,
                    rows=rows,
                    chunks=chunks,
                    legal_basis=legal_basis,
                )
            )

    def turn(self, chunk: int | None) -> int | None:
        """Which chunk is to be done now, where `chunk` is asked for (None: the next). None: nothing is left to do.

        Refuses `registry.roster_chunk_early` for one whose turn has not come.
        """
        if self.ended or (chunk is not None and chunk <= self.done):
            return None
        if chunk is not None and chunk > self.done + 1:
            raise Refusal("registry.roster_chunk_early", chunk=chunk, next=self.done + 1)
        return self.done + 1

    def finish_chunk(self, chunk: int, outcomes: Counter[RowOutcome]) -> None:
        """A chunk is done; the last one ends the import."""
        self.record(
            RosterChunkDone(roster=Ref(self.id), chunk=chunk, **{str(one): outcomes[one] for one in RowOutcome})
        )
        if chunk == self.chunks:
            self.record(RosterFinished(roster=Ref(self.id)))

    def abandon(self) -> None:
        """Give it up."""
        if not self.ended:
            self.record(RosterAbandoned(roster=Ref(self.id)))

    def _apply_roster_started(self, it: RosterStarted) -> None:
        self.staff, self.school, self.chunks, self.legal_basis = it.staff, it.school, it.chunks, it.legal_basis

    def _apply_roster_chunk_done(self, it: RosterChunkDone) -> None:
        self.done = it.chunk

    def _apply_roster_finished(self, _: RosterFinished) -> None:
        self.ended = True

    def _apply_roster_abandoned(self, _: RosterAbandoned) -> None:
        self.ended = True
