"""Casework's queries: permission first, then rows to answers. Words are opened from the history, for who may read."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from services.casework import views as v
from services.casework.domain import events as e
from services.casework.domain.case import Case
from services.casework.domain.codes import AccessKind, NoteClass
from services.casework.handlers import Handlers
from services.casework.schemas import CasePage, CasePast, CaseView, FilePart
from shared.access import tables as access
from shared.access.asof import Telling, Tellings, as_of, staff_names
from shared.access.paging import page, position
from shared.access.permissions import Permission
from shared.access.principals import Call
from shared.access.roles import FieldClass
from shared.access.timeline import timeline
from shared.eventstore import tables as t
from shared.eventstore.store import LogRow
from shared.hosting.foundation import Foundation
from shared.kernel.ids import stream_of
from shared.kernel.messages import Event, Recorded
from shared.kernel.refusals import Denied, NotFound, Refusal
from shared.vault.attachments import CHUNK
from shared.vault.tables import vault_persons

Asked = Call[dict[str, Any]]
_WORDED = {
    e.CaseOpened: ("why", "why"),
    e.CaseClosed: ("closing_text", "text"),
    e.CaseReopened: ("reopening_text", "text"),
}


def _telling(tx: Connection, _seen: frozenset[FieldClass]) -> Telling[Case]:
    def facts(case: Case) -> dict[str, Any]:
        name = tx.execute(select(v.children.c.name).where(v.children.c.child == case.child)).scalar()
        counsellor = staff_names(tx, {case.counsellor}).get(case.counsellor) if case.counsellor else None
        return {
            "case": case.id,
            "child": case.child,
            "child_name": name,
            "state": case.state,
            "counsellor": counsellor,
            "notes": len(case.notes),
            "alerts": len(case.alerts),
        }

    return Telling(kind=Case, facts=facts, view=CasePast())


class Queries:
    """What casework's query doors lead to."""

    past: ClassVar[Tellings] = {"case": _telling}

    def __init__(self, base: Foundation, handlers: Handlers) -> None:
        self._gate, self._database, self._store, self._handlers = base.gate, base.database, base.store, handlers

    def cases(self, call: Asked) -> dict[str, Any]:
        """Cases within reach, the latest opened first; of a state or a child where asked."""
        c, data = v.cases.c, call.data
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            wanted = [c[name] == data[name] for name in ("state", "child") if data[name] is not None]
            query = _cases().where(reach.children(c.child), *wanted)
            if data["after"]:
                query = query.where(_before(*position(data["after"], 2)))
            query = query.order_by(c.opened_at.desc(), c.case.desc()).limit(data["limit"] + 1)
            return page(
                tx.execute(query).all(),
                data["limit"],
                lambda row: (row.opened_at.isoformat(), row.case),
                lambda row: CaseView().shown(row, call.principal.sees),
            )

    def case(self, call: Asked) -> dict[str, Any]:
        """One case with its words, alerts, notes and files.

        A confidential note, or the name of a confidential file, is opened for its author and for the case's counsellor
        (any counsellor within reach where none is assigned), and that is recorded before it is shown; for others it is
        withheld, and stays sealed.
        """
        wanted = call.data["case"]
        with self._database.read() as tx:
            row = tx.execute(_cases().where(v.cases.c.case == wanted)).one_or_none()
            if row is None:
                raise NotFound("case", id=wanted)
            self._gate.clear(tx, call, child=row.child)
            told = self._store.stream(tx, stream_of("casework", "case", wanted))
            readable = [one for one in told if _may_read(call, row, one)]
            opened = self._opened(tx, [one.id for one in readable])
            facts = {
                **row._mapping,
                **_words(opened.values()),
                "alerts": tx.execute(_alerts().where(v.attached.c.case == wanted)).all(),
                "notes": [_note(*one) for one in _written(tx, told, opened, e.NoteAdded)],
                "files": [_file(*one) for one in _written(tx, told, opened, e.FileAttached)],
            }
        if any(_is_confidential(one) for one in readable):
            self._handlers.note_reading(call, child=row.child, case=wanted, what=AccessKind.CONFIDENTIAL_NOTES)
        return CasePage().shown(facts, call.principal.sees)

    def read_file(self, call: Asked) -> dict[str, Any]:
        """A chunk of a file, for who may read a note of its class; a confidential one is recorded before it is shown.

        Refuses `casework.file_gone`: the file was erased, or its child is restricted.
        """
        wanted, part = call.data["case"], call.data["part"]
        with self._database.read() as tx:
            row = tx.execute(_cases().where(v.cases.c.case == wanted)).one_or_none()
            if row is None:
                raise NotFound("case", id=wanted)
            self._gate.clear(tx, call, child=row.child)
            told = self._store.stream(tx, stream_of("casework", "case", wanted))
            said = _said_of(told, call.data["file"])
            event: Any = said.event
            parts = -(-event.size // CHUNK)
            if part > parts:
                raise NotFound("file", id=event.file)
            if not _may_read(call, row, said):
                raise Denied(str(Permission.NOTE_VIEW))
            content = self._store.attached(tx, said.id, event.file, number=part, count=parts)
            if content is None:
                raise Refusal("casework.file_gone")
            words: Any = self._opened(tx, [said.id])[said.id].event
            facts = {
                "file": event.file,
                "name": words.name,
                "media_type": event.media_type,
                "size": event.size,
                "part": part,
                "parts": parts,
                "content": base64.b64encode(content).decode(),
            }
        if _is_confidential(said):
            self._handlers.note_reading(call, child=row.child, case=wanted, what=AccessKind.CONFIDENTIAL_FILE)
        return FilePart().shown(facts, call.principal.sees)

    def case_as_of(self, call: Asked) -> dict[str, Any]:
        """A case as it stood: its state, who answered for it, how much was in it. Its words stay where they are."""
        wanted = call.data["case"]
        with self._database.read() as tx:
            history = self._store.stream(tx, stream_of("casework", "case", wanted))
            if not history or not isinstance(history[0].event, e.CaseOpened):
                raise NotFound("case", id=wanted)
            child = history[0].event.child
            self._gate.clear(tx, call, child=child)
            seen = call.principal.sees
            return as_of(tx, call, _telling(tx, seen), wanted, history, self._store.clock.now(), seen=seen)

    def timeline(self, call: Asked) -> dict[str, Any]:
        """What happened with a child's cases, the latest first."""
        with self._database.read() as tx:
            self._gate.clear(tx, call, child=call.data["child"])
            return timeline(tx, self._store, call)

    def _opened(self, tx: Connection, ids: list[str]) -> dict[str, Recorded]:
        """These events with their words, by id: the others are not opened even here."""
        query = select(t.events.c.id, t.events.c.type, t.events.c.entry).where(t.events.c.id.in_(ids))
        rows = [
            LogRow(position=number, id=one.id, type=one.type, entry=bytes(one.entry), leaf=b"")
            for number, one in enumerate(tx.execute(query.order_by(t.events.c.arrival)))
        ]
        return {one.id: one for one in self._store.open(tx, rows)}


def _is_confidential(one: Recorded) -> bool:
    return isinstance(one.event, (e.NoteAdded, e.FileAttached)) and one.event.note_class is NoteClass.CONFIDENTIAL


def _may_read(call: Asked, row: Row[Any], one: Recorded) -> bool:
    if not _is_confidential(one) or one.cause.actor.id == call.principal.id:
        return True
    counsels = row.counsellor in (None, call.principal.id)
    return counsels and Permission.NOTE_VIEW in call.principal.permissions


def _words(opened: Iterable[Recorded]) -> dict[str, str | None]:
    """Why it was opened, closed, opened again, the latest of each."""
    found: dict[str, str | None] = {}
    for one in opened:
        if type(one.event) in _WORDED:
            name, field = _WORDED[type(one.event)]
            found[name] = getattr(one.event, field)
    return found


def _said_of(told: Iterable[Recorded], file: str) -> Recorded:
    for one in told:
        if isinstance(one.event, e.FileAttached) and one.event.file == file:
            return one
    raise NotFound("file", id=file)


def _written(
    tx: Connection, told: list[Recorded], opened: dict[str, Recorded], kind: type[Event]
) -> list[tuple[Recorded, Recorded | None, str | None]]:
    """The events of a kind, oldest first, each as its reader may see it, with its author's name."""
    written = [one for one in told if isinstance(one.event, kind)]
    authors = {one.cause.actor.id for one in written}
    s = access.staff.c
    names = dict(tx.execute(select(s.staff, s.name).where(s.staff.in_(authors))).all())
    return [(one, opened.get(one.id), names.get(one.cause.actor.id)) for one in written]


def _note(one: Recorded, opened: Recorded | None, name: str | None) -> dict[str, Any]:
    sealed: Any = one.event
    words: Any = opened.event if opened else None
    return {**_by(one, opened, name), "note": sealed.note, "text": words.text if words else None}


def _file(one: Recorded, opened: Recorded | None, name: str | None) -> dict[str, Any]:
    sealed: Any = one.event
    words: Any = opened.event if opened else None
    facts = {"file": sealed.file, "media_type": sealed.media_type, "size": sealed.size}
    return {**_by(one, opened, name), **facts, "name": words.name if words else None}


def _by(one: Recorded, opened: Recorded | None, name: str | None) -> dict[str, Any]:
    sealed: Any = one.event
    return {
        "note_class": sealed.note_class,
        "by": one.cause.actor.id,
        "by_name": name,
        "role": one.cause.actor.role,
        "at": one.time,
        "happened_on": one.cause.happened_on,
        "withheld": opened is None,
    }


def _cases() -> Select[Any]:
    c, a = v.cases.c, v.alerts.c
    return (
        select(
            v.cases,
            v.children.c.name.label("child_name"),
            vault_persons.c.standing.label("child_standing"),
            access.staff.c.name.label("counsellor_name"),
            a.kind.label("alert_kind"),
            a.level.label("alert_level"),
            a.state.label("alert_state"),
            a.outcome.label("alert_outcome"),
        )
        .outerjoin(v.children, v.children.c.child == c.child)
        .outerjoin(vault_persons, vault_persons.c.person == c.child)
        .outerjoin(access.staff, access.staff.c.staff == c.counsellor)
        .outerjoin(v.alerts, a.alert == c.alert)
    )


def _alerts() -> Select[Any]:
    a, b = v.alerts.c, v.attached.c
    query = select(b.alert, a.kind, a.level, a.state, a.outcome)
    return query.select_from(v.attached.outerjoin(v.alerts, a.alert == b.alert)).order_by(b.alert.desc())


def _before(opened_at: str, case: str) -> ColumnElement[bool]:
    c, instant = v.cases.c, datetime.fromisoformat(opened_at)
    return or_(c.opened_at < instant, and_(c.opened_at == instant, c.case < case))
