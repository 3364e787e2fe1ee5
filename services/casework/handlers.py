"""Casework's commands: permission, aggregate, decision. The claim has the last word on a child's one open case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from services.casework import views as v
from services.casework.domain import commands as c
from services.casework.domain.access import AccessLog, access_id
from services.casework.domain.case import Case
from services.casework.domain.codes import AccessKind, Origin
from services.casework.domain.files import LARGEST, check_name, media_type_of
from shared.access import tables as access
from shared.access.principals import Call, Grant, Principal
from shared.access.roles import Role
from shared.eventstore.work import Decision, Order, Work
from shared.hosting.foundation import Foundation
from shared.kernel.clock import SHANGHAI
from shared.kernel.refusals import NotFound, Refusal
from shared.vault.attachments import CHUNK, MOST_CHUNKS


class Handlers:
    """What casework's command doors and reactions lead to."""

    def __init__(self, base: Foundation) -> None:
        self._base, self._gate, self._desk, self._clock = base, base.gate, base.desk, base.clock
        self._files = base.store.attachments

    def open_case(self, call: Call[c.OpenCase]) -> Decision:
        """Open a case by hand; its reference is the command's id.

        Refuses `casework.case_already_open {case}`: the words belong into that case.
        """
        data = call.data

        def decide(work: Work) -> Case:
            self._gate.clear(work.tx, call, child=data.child)
            _must_be_free(work.tx, data.child)
            case = work.find(Case, call.command_id)
            case.open(child=data.child, origin=Origin.BY_HAND, why=data.why)
            return case

        return self._claiming(call.order(), decide)

    def open_because(self, call: Call[c.OpenBecause]) -> Decision:
        """Open a case because of what a neighbour said. Where one is open, an alert joins it, and a risk is known."""
        data = call.data

        def decide(work: Work) -> Case:
            self._gate.clear(work.tx, call, child=data.child)
            open_case = _open_case_of(work.tx, data.child)
            case = work.find(Case, open_case or call.command_id)
            if open_case is None:
                case.open(child=data.child, origin=data.origin, alert=data.alert)
            elif data.alert is not None:
                case.attach(alert=data.alert)
            return case

        return self._claiming(call.order(), decide)

    def add_note(self, call: Call[c.AddNote]) -> Decision:
        """Write a note; its reference is the command's id."""
        data = call.data
        return self._on(
            call,
            data.case,
            lambda case, _: case.add_note(note=call.command_id, note_class=data.note_class, text=data.text),
        )

    def upload_file(self, call: Call[c.UploadFile]) -> dict[str, Any]:
        """Seal a chunk of a file for at most a day. Answers `{"file", "parts": numbers held}`.

        Refuses `casework.file_empty`, `casework.file_too_large {most}`, `casework.case_closed`.
        """
        data = call.data
        if data.parts > MOST_CHUNKS:
            raise Refusal("casework.file_too_large", most=LARGEST)
        if not data.content:
            raise Refusal("casework.file_empty")
        if data.part > data.parts or (data.part < data.parts and len(data.content) < CHUNK):
            raise Refusal("invalid", errors={"content": ["length"]})
        file = data.file or call.command_id
        with self._base.database.begin() as tx:
            case = self._base.store.aggregate(tx, Case, data.case)
            if not case.exists:
                raise NotFound("case", id=data.case)
            self._gate.clear(tx, call, child=case.child)
            case.must_be_open()
            self._files.put(
                tx,
                file,
                number=data.part,
                count=data.parts,
                content=data.content,
                owner=call.principal.id,
                person=case.child,
                purpose="notes",
            )
            waiting = self._files.waiting(tx, file)
            return {"file": file, "parts": list(waiting.numbers) if waiting else []}

    def attach_file(self, call: Call[c.AttachFile]) -> Decision:
        """Attach a file that its bringer has brought whole.

        Refuses `casework.file_incomplete`, and what its content or its name is refused for (`domain.files`).
        """
        data = call.data

        def attach(case: Case, work: Work) -> None:
            if data.file in case.files:
                return
            case.must_be_open()
            waiting = self._files.waiting(work.tx, data.file)
            if waiting is None or waiting.owner != call.principal.id or waiting.person != case.child:
                raise NotFound("upload", id=data.file)
            if not waiting.whole:
                raise Refusal("casework.file_incomplete")
            media_type = media_type_of(self._files.opened(work.tx, waiting))
            check_name(data.name, media_type)
            case.attach_file(
                file=data.file, note_class=data.note_class, media_type=media_type, size=waiting.size, name=data.name
            )

        return self._on(call, data.case, attach)

    def close_case(self, call: Call[c.CloseCase]) -> Decision:
        """Close a case with a reason."""
        return self._on(call, call.data.case, lambda case, _: case.close(reason=call.data.reason, text=call.data.text))

    def reopen_case(self, call: Call[c.ReopenCase]) -> Decision:
        """Open a case again. Refuses `casework.case_already_open {case}` where another one was opened meanwhile."""

        def reopen(case: Case, work: Work) -> None:
            case.reopen(text=call.data.text)
            if case.recorded:
                _must_be_free(work.tx, case.child)

        return self._on(call, call.data.case, reopen)

    def assign_counsellor(self, call: Call[c.AssignCounsellor]) -> Decision:
        """Say who answers for a case. Refuses `casework.not_a_counsellor` of one who does not counsel the child."""
        staff = call.data.staff

        def assign(case: Case, work: Work) -> None:
            case.assign(staff=staff)
            if case.recorded and not self._counsels(work.tx, staff, case.child):
                raise Refusal("casework.not_a_counsellor", staff=staff)

        return self._on(call, call.data.case, assign)

    def note_reading(self, call: Call[Any], *, child: str, case: str, what: AccessKind) -> None:
        """Record that the caller, who was cleared to, reads confidential notes or a confidential file of a case."""
        now = self._clock.now().astimezone(SHANGHAI)

        def note(work: Work) -> AccessLog:
            log = work.find(AccessLog, access_id(call.principal.id, now.date()))
            log.read(child=child, case=case, what=what, minute=now.hour * 60 + now.minute)
            return log

        self._desk.decide(call.order(), note)

    def _on(self, call: Call[Any], case_id: str, act: Callable[[Case, Work], None]) -> Decision:
        def decide(work: Work) -> Case:
            case = work.load(Case, case_id)
            self._gate.clear(work.tx, call, child=case.child)
            work.expect(case)
            act(case, work)
            return case

        return self._claiming(call.order(), decide)

    def _claiming(self, order: Order, decision: Callable[[Work], Case]) -> Decision:
        """Decide; once more where another transaction opened a case for the child in the meantime.

        The second time the decision sees that case. A reaction shares its transaction with its place in the log, and
        is given again as a whole by its follower.
        """
        try:
            return self._desk.decide(order, decision)
        except IntegrityError as error:
            if order.within is not None or not any(name in str(error.orig) for name in v.ONE_OPEN_CASE):
                raise
        return self._desk.decide(order, decision)

    def _counsels(self, tx: Connection, staff: str, child: str) -> bool:
        g = access.grants.c
        query = select(access.grants).where(g.staff == staff, g.role == str(Role.COUNSELLOR), g.ended.is_(False))
        held = tuple(
            Grant(id=row.id, role=Role.COUNSELLOR, scope=row.scope, division=row.division, place=row.place)
            for row in tx.execute(query)
        )
        reach = self._gate.reach(tx, Principal.staff(staff, Role.COUNSELLOR, held))
        known = access.children.c.child
        return bool(held) and tx.execute(select(known).where(known == child, reach.children(known))).first() is not None


def _open_case_of(tx: Connection, child: str) -> str | None:
    found: str | None = tx.execute(select(v.claims.c.case).where(v.claims.c.child == child)).scalar()
    return found


def _must_be_free(tx: Connection, child: str) -> None:
    case = _open_case_of(tx, child)
    if case is not None:
        raise Refusal("casework.case_already_open", case=case)
