"""Reading a roster for somebody: within their reach, with the layouts that people confirmed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from services.registry.handlers.importing.holding import Holding, Kind
from services.registry.handlers.importing.places import Places
from services.registry.handlers.importing.planning import Plan, Reader, remembered_layouts
from services.registry.rosters.files import open_sheets
from services.registry.rosters.headers import Layout, Proposal
from services.registry.rosters.sheets import Sheets
from services.registry.views import tables as t
from services.registry.views.marks import Marker
from shared.access.gate import Gate
from shared.access.principals import Call
from shared.kernel.ids import derived_id
from shared.kernel.refusals import NotFound, Refusal

Mappings = Mapping[str, Mapping[int, str]]


class Files:
    """Roster files, as the preview and the import read them."""

    def __init__(self, gate: Gate, holding: Holding, marker: Marker, today: date) -> None:
        self._gate, self._holding, self._marker, self._today = gate, holding, marker, today

    def clear(self, tx: Connection, call: Call[Any], school: str | None) -> None:
        """Let pass who may import for the school, or, when the file names the schools, who may import at all."""
        if school is not None:
            self._gate.clear(tx, call, place=school)
            if tx.execute(select(t.schools.c.school).where(t.schools.c.school == school)).first() is None:
                raise NotFound("school", id=school)
        else:
            self._gate.listing(tx, call)

    def uploaded(self, tx: Connection, call: Call[Any], upload: str) -> bytes:
        """The bytes of the caller's own upload. Raises NotFound; refuses `registry.roster_incomplete` {missing}."""
        numbers = self._holding.numbers(tx, upload, Kind.FILE)
        if not numbers or self._holding.owner(tx, upload, Kind.FILE) != call.principal.id:
            raise NotFound("upload", id=upload)
        parts = [self._holding.get(tx, upload, Kind.FILE, number) or b"" for number in numbers]
        missing = sorted(set(range(1, parts[0][0] + 1)) - set(numbers))
        if missing:
            raise Refusal("registry.roster_incomplete", missing=missing)
        return b"".join(part[1:] for part in parts)

    def reference(self, content: bytes) -> str:
        """What stands in the log for a file: nobody can tell from it which bytes they were without the secret."""
        return derived_id(self._marker.file(hashlib.sha256(content).digest()).hex(), "registry.roster_file")

    def opened(
        self, tx: Connection, call: Call[Any], content: bytes, school: str | None, given: Mappings
    ) -> tuple[Reader, Sheets, Proposal, tuple[Layout, ...]]:
        """The sheets of a file and their layouts, with the mappings given, else remembered, else proposed."""
        s = t.schools.c.school
        within = s == school if school is not None else self._gate.reach(tx, call.principal).in_places(s)
        reader = Reader(Places(tx, within), remembered_layouts(tx), self._today, school)
        sheets = open_sheets(content)
        proposal, layouts = reader.layouts(sheets, given)
        return reader, sheets, proposal, layouts

    def plan(self, tx: Connection, call: Call[Any], content: bytes, school: str | None) -> Plan:
        """What an import of the file will do. Refuses `registry.mapping_unconfirmed` for a layout that is a guess."""
        reader, sheets, _, layouts = self.opened(tx, call, content, school, {})
        for one in layouts:
            if not one.is_sure:
                raise Refusal("registry.mapping_unconfirmed", sheet=one.sheet, key=one.key)
        return reader.plan(sheets, layouts)
