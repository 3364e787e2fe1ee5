"""Rosters: the dry run, how an import is getting on, and what became of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, or_, select

from services.registry.domain.commands import RegisterChild
from services.registry.domain.rosters import layout_id
from services.registry.handlers.importing.holding import Kind
from services.registry.handlers.importing.planning import HeldRow, Plan
from services.registry.handlers.rosters import PROGRESS
from services.registry.queries.ground import Answer, Asked, Ground
from services.registry.queries.looking import cut, gathered, sorted_out
from services.registry.rosters.fields import FIELDS
from services.registry.rosters.headers import Layout
from services.registry.schemas import RowView
from services.registry.views import tables as t
from shared.access.paging import cursor, page, position
from shared.kernel.refusals import Invalid, NotFound

_AT_ONCE = 200


class RosterQueries(Ground):
    """Rosters."""

    def preview_roster(self, call: Asked) -> Answer:
        """A dry run: how each sheet would be read, and what would become of the rows. Nothing is kept of it.

        Refuses what the file is refused for. Rows with something to say are listed, the gravest first, all or those of
        a group; `groups` counts all, `more` those behind the page. `known` children are in the register already.
        """
        data = call.data
        if (data["upload"] is None) == (data["content"] is None):
            raise Invalid({"upload": ["upload_or_content"]})
        with self._database.read() as tx:
            files = self._handlers.files()
            files.clear(tx, call, data["school"])
            content = data["content"] if data["upload"] is None else files.uploaded(tx, call, data["upload"])
            reader, sheets, proposal, layouts = files.opened(tx, call, content, data["school"], data["mappings"])
            plan = reader.plan(sheets, layouts)
            met = self._meet(tx, plan)
            seen = self._seen(tx, files.reference(content))
        telling, groups = sorted_out(met)
        shown, more, following = cut(telling, data["show"], data["after"], data["limit"])
        counts = Counter(row["outcome"] for row in met)
        return {
            "kind": sheets.kind,
            "encoding": sheets.encoding,
            "seen": seen,
            "fields": sorted(FIELDS),
            "sheets": _sheets(layouts, data["mappings"], reader.remembered),
            "skipped": [{"sheet": one.sheet, "reason": one.reason} for one in proposal.skipped],
            "counts": {
                "rows": len(plan.rows),
                "pupils": plan.roster.pupils,
                "left_behind": plan.roster.left_behind,
                **{name: counts[name] for name in ("new", "known", "counted", "duplicate", "refused")},
            },
            "classes": [
                {"klass": one.klass, "school": one.school, "grade": one.grade, "name": one.name}
                for one in plan.classes.values()
            ],
            "groups": groups,
            "rows": [RowView().shown(row, call.principal.sees) for row in shown],
            "more": more,
            "next": following,
        }

    def import_progress(self, call: Asked) -> Answer:
        """How an import is getting on, in numbers."""
        with self._database.read() as tx:
            row = self._cleared(tx, call)
            return {**_progress(row), "seen": self._seen(tx, row.file, but=row.roster)}

    def import_result(self, call: Asked) -> Answer:
        """What became of the rows in the order of the file: a chunk to a page, or a page of one group.

        `next` is there while more is done. Rows can be had for thirty days from the start.
        """
        show, after = call.data["show"], call.data["after"]
        with self._database.read() as tx:
            row = self._cleared(tx, call)

            def chunk(number: int) -> list[dict[str, Any]]:
                content = self._handlers.holding.get(tx, row.roster, Kind.RESULT, number)
                return msgspec.json.decode(content) if content is not None else []

            if show is not None:
                rows, following = gathered(chunk, row.done, show, after, call.data["limit"])
            else:
                number = int(position(after, 1)[0]) if after else 1
                rows, following = chunk(number), cursor((str(number + 1),)) if number < row.done else None
            return {
                "progress": _progress(row),
                "items": [RowView().shown(one, call.principal.sees) for one in rows],
                "next": following,
            }

    def imports(self, call: Asked) -> Answer:
        """The caller's own imports, the latest first."""
        i, data = t.imports.c, call.data
        with self._database.read() as tx:
            self._gate.clear(tx, call, anywhere=True)
            query = select(t.imports).where(i.staff == call.principal.id)
            if data["after"]:
                moment, roster = position(data["after"], 2)
                started = datetime.fromisoformat(moment)
                query = query.where(or_(i.started < started, and_(i.started == started, i.roster < roster)))
            rows = tx.execute(query.order_by(i.started.desc(), i.roster.desc()).limit(data["limit"] + 1)).all()
            return page(rows, data["limit"], lambda row: (row.started.isoformat(), row.roster), _progress)

    def _cleared(self, tx: Connection, call: Asked) -> Row[Any]:
        row = tx.execute(select(t.imports).where(t.imports.c.roster == call.data["roster"])).one_or_none()
        if row is None:
            raise NotFound("roster", id=call.data["roster"])
        if row.staff == call.principal.id:
            self._gate.clear(tx, call, anywhere=True)
        elif row.school is not None:
            self._gate.clear(tx, call, place=row.school)
        else:
            raise NotFound("roster", id=call.data["roster"])
        return row

    def _meet(self, tx: Connection, plan: Plan) -> list[dict[str, Any]]:
        """Each row with what would become of it: `new`, `known`, `counted`, `duplicate`, `refused`."""
        wanted = [row for row in plan.rows if row.child is not None]
        outcome: dict[int, tuple[str, dict[str, Any] | None]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            children: list[RegisterChild] = [row.child for row in some if row.child is not None]
            for row, match in zip(some, self._handlers.lookalikes(tx).like(children), strict=True):
                if match.same is None and match.alike:
                    facts = {"children": list(match.alike)}
                    outcome[id(row)] = ("refused", {"code": "registry.child_looks_registered", "facts": facts})
                else:
                    outcome[id(row)] = ("known" if match.same else "new", None)
        return [_previewed(row, *outcome.get(id(row), (str(row.outcome), None))) for row in plan.rows]

    @staticmethod
    def _seen(tx: Connection, file: str, *, but: str | None = None) -> dict[str, Any] | None:
        i = t.imports.c
        query = select(t.imports).where(i.file == file, i.roster != (but or ""))
        row = tx.execute(query.order_by(i.started.desc()).limit(1)).one_or_none()
        return _progress(row) if row is not None else None


def _previewed(row: HeldRow, outcome: str, problem: dict[str, Any] | None) -> dict[str, Any]:
    problems = list(row.problems)
    if problem is not None:
        problems.append({"severity": "error", "column": None, "value": "", **problem})
    return {"sheet": row.sheet, "row": row.row, "name": row.name, "outcome": outcome, "problems": problems}


def _progress(row: Row[Any]) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in PROGRESS},
        "started": row.started.isoformat(),
        "ended": row.ended.isoformat() if row.ended else None,
    }


def _sheets(
    layouts: tuple[Layout, ...], given: Mapping[str, Any], remembered: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return [
        {
            "sheet": one.sheet,
            "key": one.key,
            "header_rows": list(one.header_rows),
            "school": one.school,
            "stated_day": one.stated_day.isoformat() if one.stated_day else None,
            "sure": one.is_sure,
            "confirmed": one.key in given or layout_id(one.key) in remembered,
            "columns": [
                {
                    "number": column.number,
                    "letter": column.letter,
                    "header": column.header,
                    "field": column.field,
                    "confidence": round(column.confidence, 2),
                }
                for column in one.columns
            ],
        }
        for one in layouts
    ]
