"""Casework's doors."""

from __future__ import annotations

from typing import Any, ClassVar

from services.casework import schemas as s
from services.casework.domain import commands as c
from services.casework.wiring import build
from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.hosting.news import Reached, Tells, Told
from shared.hosting.service import Service, Wired, follows, rpc

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class CaseworkService(Service):
    """Cases, their notes, their counsellors."""

    name = "casework"
    rooms = Wired(build)
    hears = follows("registry", "alerts", "funding")
    tells: ClassVar[Tells] = {"case": Told(May.CASE_VIEW, Reached.CHILD)}

    @rpc
    @command(s.OpenCase, May.CASE_OPEN)
    def open_case(self, call: Call[c.OpenCase]) -> Decision:
        """Open a case for a child."""
        return self.rooms.handlers.open_case(call)

    @rpc
    @command(s.AddNote, May.NOTE_ADD)
    def add_note(self, call: Call[c.AddNote]) -> Decision:
        """Write a note into a case."""
        return self.rooms.handlers.add_note(call)

    @rpc
    @command(s.UploadFile, May.FILE_ATTACH)
    def upload_file(self, call: Call[c.UploadFile]) -> Answer:
        """Bring a chunk of a file for a case."""
        return self.rooms.handlers.upload_file(call)

    @rpc
    @command(s.AttachFile, May.FILE_ATTACH)
    def attach_file(self, call: Call[c.AttachFile]) -> Decision:
        """Attach a file that was brought to a case."""
        return self.rooms.handlers.attach_file(call)

    @rpc
    @command(s.CloseCase, May.CASE_CLOSE)
    def close_case(self, call: Call[c.CloseCase]) -> Decision:
        """Close a case with a reason."""
        return self.rooms.handlers.close_case(call)

    @rpc
    @command(s.ReopenCase, May.CASE_OPEN)
    def reopen_case(self, call: Call[c.ReopenCase]) -> Decision:
        """Open a closed case again."""
        return self.rooms.handlers.reopen_case(call)

    @rpc
    @command(s.AssignCounsellor, May.CASE_CLOSE)
    def assign_counsellor(self, call: Call[c.AssignCounsellor]) -> Decision:
        """Say which counsellor answers for a case."""
        return self.rooms.handlers.assign_counsellor(call)

    @rpc
    @query(s.Cases, May.CASE_VIEW)
    def cases(self, call: Asked) -> Answer:
        """Cases within reach."""
        return self.rooms.queries.cases(call)

    @rpc
    @query(s.OneCase, May.CASE_VIEW)
    def case(self, call: Asked) -> Answer:
        """One case with its notes; reading confidential ones is recorded."""
        return self.rooms.queries.case(call)

    @rpc
    @query(s.ReadFile, May.CASE_VIEW)
    def read_file(self, call: Asked) -> Answer:
        """A chunk of a case's file; reading a confidential one is recorded."""
        return self.rooms.queries.read_file(call)

    @rpc
    @query(s.CaseAsOf, May.CASE_VIEW)
    def case_as_of(self, call: Asked) -> Answer:
        """A case as it stood, and the history of its fields."""
        return self.rooms.queries.case_as_of(call)

    @rpc
    @query(s.Timeline, May.CASE_VIEW)
    def timeline(self, call: Asked) -> Answer:
        """A child's cases as a timeline."""
        return self.rooms.queries.timeline(call)
