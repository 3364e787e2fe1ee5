from __future__ import annotations

from typing import Any

from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.hosting.service import Service, Wired, follows, rpc
from tests.integration.hosting.small.registry import rooms as s


class RegistryService(Service):
    name = "registry"
    rooms = Wired(s.build)
    hears = follows("alerts", "casework", "funding")

    @rpc
    @command(s.DivisionSchema, May.DIVISION_REGISTER)
    def register_division(self, call: Any) -> Any:
        return self.rooms.handlers.register_division(call)

    @rpc
    @command(s.StaffSchema, May.STAFF_REGISTER)
    def register_staff(self, call: Any) -> Any:
        return self.rooms.handlers.register_staff(call)

    @rpc
    @command(s.GrantSchema, May.ROLE_GRANT)
    def grant_role(self, call: Any) -> Any:
        return self.rooms.handlers.grant_role(call)

    @rpc
    @query(s.Nothing, May.DIVISION_REGISTER)
    def divisions(self, call: Any) -> Any:
        return self.rooms.queries.divisions(call)
