"""Commands about rosters: upload, confirm a mapping, start, one chunk after the other, give up."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from services.registry.domain import commands as c
from services.registry.domain.codes import RowOutcome
from services.registry.domain.places import SchoolClass
from services.registry.domain.rosters import RosterImport, RosterLayout, layout_id
from services.registry.handlers.ground import Ground
from services.registry.handlers.importing.files import Files
from services.registry.handlers.importing.holding import Kind
from services.registry.handlers.importing.meeting import Meeting
from services.registry.handlers.importing.planning import Chunk, Plan, packed, unpacked
from services.registry.rosters.fields import FIELDS
from services.registry.rosters.sheets import letter
from services.registry.views import tables as t
from shared.access.permissions import Permission
from shared.access.principals import Call, by_system
from shared.eventstore.timers import Timer
from shared.eventstore.work import Decision, Work
from shared.kernel.refusals import Denied, NotFound, Refusal

WAITS = timedelta(hours=24)
"""How long an upload waits for its import to start."""
PROGRESS = (
    "roster", "school", "state", "rows", "chunks", "done",
    "registered", "updated", "unchanged", "counted", "duplicate", "refused",
)  # fmt: skip


class RosterHandlers(Ground):
    """Rosters and their import."""

    def files(self) -> Files:
        """How rosters are read; the preview reads them in the same way."""
        return Files(self._gate, self._holding, self._marker, self._today())

    def upload_roster(self, call: Call[c.UploadRoster]) -> dict[str, Any]:
        """Keep a file, or a part of it, sealed for at most a day. Answers `{"upload", "parts": numbers held}`."""
        data = call.data
        upload = data.upload or call.command_id
        with self._base.database.begin() as tx:
            self._gate.clear(tx, call, anywhere=True)
            owner = self._holding.owner(tx, upload, Kind.FILE)
            if data.part > data.parts or (owner is None and data.upload is not None):
                raise NotFound("upload", id=upload)
            if owner not in {None, call.principal.id}:
                raise NotFound("upload", id=upload)
            self._holding.drop_files_before(tx, self._now() - WAITS)
            self._holding.put(tx, upload, Kind.FILE, data.part, call.principal.id, bytes([data.parts]) + data.content)
            return {"upload": upload, "parts": self._holding.numbers(tx, upload, Kind.FILE)}

    def confirm_mapping(self, call: Call[c.ConfirmMapping]) -> Decision:
        """Remember a mapping for all sheets with the same headings.

        Refuses `registry.roster_mapping_field`, `registry.roster_mapping_twice`, `registry.roster_mapping_name`.
        """
        _check_mapping(call.data.mapping)

        def confirm(work: Work) -> RosterLayout:
            self._gate.clear(work.tx, call, anywhere=True)
            layout = work.find(RosterLayout, layout_id(call.data.key))
            layout.confirm(call.data.mapping)
            return layout

        return self._desk.decide(call.order(), confirm)

    def start_import(self, call: Call[c.StartImport]) -> dict[str, Any]:
        """Judge the uploaded file, keep its rows sealed in chunks, and forget the file.

        The same file whose import is under way goes on where it stopped. Answers the import's progress, `repeated`, and
        under `seen` the last import of the same file that ended, if there is one. Refuses what the file is refused
        for, and `registry.mapping_unconfirmed` {sheet, key} for a layout that is a guess and was not confirmed.
        """
        data = call.data
        with self._base.database.read() as tx:
            files = self.files()
            files.clear(tx, call, data.school)
            before = self._base.store.answer(tx, call.principal.id, call.command_id)
            if before is not None:
                return self._answer(tx, before.subject[-36:], repeated=True)
            content = files.uploaded(tx, call, data.upload)
            file = files.reference(content)
            running = self._running(tx, call, file)
            if running is None:
                plan = files.plan(tx, call, content, data.school)
        if running is not None:
            with self._base.database.begin() as tx:
                self._holding.drop(tx, data.upload)
                return self._answer(tx, running, repeated=True)
        return self._started(call, file, plan)

    def import_chunk(self, call: Call[c.ImportChunk]) -> dict[str, Any]:
        """Let the next chunk of rows in, all in one transaction; nothing when none is left. Answers the progress.

        Refuses `registry.roster_chunk_early`, and `registry.roster_rows_gone` when the rows were held for too long.
        """
        data = call.data
        with self._base.database.read() as tx:
            row = self._import(tx, data.roster)
            self._clear_import(tx, call, row)
        order = call.order()
        order = dataclasses.replace(order, cause=order.cause._replace(legal_basis=row.legal_basis))

        def take_in(work: Work) -> RosterImport:
            roster = work.load(RosterImport, data.roster)
            number = roster.turn(data.chunk)
            if number is None:
                return roster
            content = self._holding.get(work.tx, roster.id, Kind.ROWS, number)
            if content is None:
                raise Refusal("registry.roster_rows_gone", chunk=number)
            chunk = unpacked(content)
            self._classes(work, chunk)
            reach = self._gate.reach(work.tx, call.principal)
            results = Meeting(work, self._marker, reach, roster, self._today()).let_in(chunk.rows)
            roster.finish_chunk(number, Counter(RowOutcome(one["outcome"]) for one in results))
            self._holding.drop(work.tx, roster.id, Kind.ROWS, number)
            self._holding.put(work.tx, roster.id, Kind.RESULT, number, roster.staff, msgspec.json.encode(results))
            return roster

        decision = self._decide(order, take_in)
        with self._base.database.read() as tx:
            return self._answer(tx, data.roster, repeated=decision.repeated)

    def abandon_import(self, call: Call[c.AbandonImport]) -> Decision:
        """Give an import up: what went in stays, the rows that wait are destroyed."""

        def abandon(work: Work) -> RosterImport:
            self._clear_import(work.tx, call, self._import(work.tx, call.data.roster))
            roster = work.load(RosterImport, call.data.roster)
            roster.abandon()
            self._holding.drop(work.tx, roster.id, Kind.ROWS)
            return roster

        return self._desk.decide(call.order(), abandon)

    def expire_import(self, tx: Connection, timer: Timer) -> None:
        """Nothing of an import is held for longer than its results may be had."""
        command = c.AbandonImport(roster=timer.subject)
        may = Permission.ROSTER_IMPORT
        call = by_system("registry", command, may, name="expire", command_id=timer.command_id, within=tx)
        self.abandon_import(call)
        self._holding.drop(tx, timer.subject)

    def _started(self, call: Call[c.StartImport], file: str, plan: Plan) -> dict[str, Any]:
        data, chunks = call.data, plan.chunks()

        def start(work: Work) -> RosterImport:
            roster = work.find(RosterImport, call.command_id)
            roster.start(
                file=file,
                staff=call.principal.id,
                school=data.school,
                rows=len(plan.rows),
                chunks=len(chunks),
                legal_basis=data.legal_basis,
            )
            for number, chunk in enumerate(chunks, 1):
                self._holding.put(work.tx, roster.id, Kind.ROWS, number, roster.staff, packed(chunk))
            self._holding.drop(work.tx, data.upload)
            return roster

        decision = self._desk.decide(call.order(), start)
        with self._base.database.read() as tx:
            return self._answer(tx, call.command_id, repeated=decision.repeated)

    def _running(self, tx: Connection, call: Call[c.StartImport], file: str) -> str | None:
        """An import of the same file that was interrupted and is the caller's to continue."""
        i = t.imports.c
        query = select(t.imports).where(i.file == file, i.state == "running").order_by(i.started.desc())
        for row in tx.execute(query):
            mine = row.staff == call.principal.id or (row.school is not None and row.school == call.data.school)
            if mine and row.school == call.data.school:
                return str(row.roster)
        return None

    def _classes(self, work: Work, chunk: Chunk) -> None:
        wanted = {*(one.klass for one in chunk.classes), *(one[0] for one in chunk.counts)}
        known = work.find_all(SchoolClass, sorted(wanted))
        for one in chunk.classes:
            known[one.klass].form(school=one.school, name=one.name, grade=one.grade)
        for klass, pupils, left_behind in chunk.counts:
            known[klass].count(pupils=pupils, left_behind=left_behind, on=self._today())

    def _clear_import(self, tx: Connection, call: Call[Any], row: Row[Any]) -> None:
        if row.school is not None:
            self._gate.clear(tx, call, place=row.school)
        elif row.staff == call.principal.id or call.principal.is_system:
            self._gate.clear(tx, call, anywhere=True)
        else:
            raise Denied(str(call.permission), reach=True)

    @staticmethod
    def _import(tx: Connection, roster: str) -> Row[Any]:
        row = tx.execute(select(t.imports).where(t.imports.c.roster == roster)).one_or_none()
        if row is None:
            raise NotFound("roster", id=roster)
        return row

    def _answer(self, tx: Connection, roster: str, *, repeated: bool) -> dict[str, Any]:
        row = self._import(tx, roster)
        i = t.imports.c
        seen = tx.execute(
            select(i.roster, i.started)
            .where(i.file == row.file, i.roster != roster, i.state == "finished")
            .order_by(i.started.desc())
            .limit(1)
        ).one_or_none()
        return {
            "id": roster,
            "repeated": repeated,
            **{name: getattr(row, name) for name in PROGRESS},
            "started": row.started.isoformat(),
            "seen": {"roster": seen.roster, "started": seen.started.isoformat()} if seen else None,
        }


def _check_mapping(mapping: dict[int, str]) -> None:
    for column, field in mapping.items():
        if field not in FIELDS:
            raise Refusal("registry.roster_mapping_field", column=letter(column), field=field)
        if list(mapping.values()).count(field) > 1:
            raise Refusal("registry.roster_mapping_twice", column=letter(column), field=field)
    if "name" not in mapping.values():
        raise Refusal("registry.roster_mapping_name")
