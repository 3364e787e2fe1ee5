from __future__ import annotations

from typing import Any

from marshmallow import Schema

from shared.access.doors import query
from shared.access.permissions import Permission as May
from shared.hosting.service import Service, Wired, follows, rpc
from tests.integration.hosting.small.alerts.rooms import build


class AlertsService(Service):
    name = "alerts"
    rooms = Wired(build)
    hears = follows("registry", "casework")

    @rpc
    @query(Schema, May.ALERT_VIEW)
    def bells(self, call: Any) -> Any:
        return self.rooms.queries.bells(call)
