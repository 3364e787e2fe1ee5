"""Registry's doors about rosters."""

from __future__ import annotations

from typing import Any

from services.registry import schemas as s
from services.registry.domain import commands as c
from services.registry.wiring import build
from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.hosting.service import Wired, rpc

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class RosterDoors:
    """Taking a roster in: upload, look, import in chunks, see what became of each row."""

    rooms = Wired(build)

    @rpc
    @command(s.UploadRoster, May.ROSTER_IMPORT)
    def upload_roster(self, call: Call[c.UploadRoster]) -> Answer:
        """Keep a roster file for its import."""
        return self.rooms.handlers.upload_roster(call)

    @rpc
    @command(s.ConfirmMapping, May.ROSTER_IMPORT)
    def confirm_mapping(self, call: Call[c.ConfirmMapping]) -> Decision:
        """Remember which column holds which field."""
        return self.rooms.handlers.confirm_mapping(call)

    @rpc
    @command(s.StartImport, May.ROSTER_IMPORT)
    def start_import(self, call: Call[c.StartImport]) -> Answer:
        """Start to import a roster."""
        return self.rooms.handlers.start_import(call)

    @rpc
    @command(s.ImportChunk, May.ROSTER_IMPORT)
    def import_chunk(self, call: Call[c.ImportChunk]) -> Answer:
        """Import the next rows."""
        return self.rooms.handlers.import_chunk(call)

    @rpc
    @command(s.AbandonImport, May.ROSTER_IMPORT)
    def abandon_import(self, call: Call[c.AbandonImport]) -> Decision:
        """Give an import up."""
        return self.rooms.handlers.abandon_import(call)

    @rpc
    @query(s.PreviewRoster, May.ROSTER_IMPORT)
    def preview_roster(self, call: Asked) -> Answer:
        """A dry run of a roster."""
        return self.rooms.queries.preview_roster(call)

    @rpc
    @query(s.OneImport, May.ROSTER_IMPORT)
    def import_progress(self, call: Asked) -> Answer:
        """How an import is getting on."""
        return self.rooms.queries.import_progress(call)

    @rpc
    @query(s.ImportResult, May.ROSTER_IMPORT)
    def import_result(self, call: Asked) -> Answer:
        """What became of each row."""
        return self.rooms.queries.import_result(call)

    @rpc
    @query(s.Imports, May.ROSTER_IMPORT)
    def imports(self, call: Asked) -> Answer:
        """The caller's own imports."""
        return self.rooms.queries.imports(call)
