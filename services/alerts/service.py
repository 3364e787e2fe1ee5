"""Alerts' doors."""

from __future__ import annotations

from typing import Any, ClassVar

from services.alerts import schemas as s
from services.alerts.domain import commands as c
from services.alerts.wiring import build
from shared.access.doors import command, query
from shared.access.permissions import Permission as May
from shared.access.principals import Call
from shared.eventstore.work import Decision
from shared.hosting.news import Reached, Tells, Told
from shared.hosting.service import Service, Wired, follows, rpc

Asked = Call[dict[str, Any]]
Answer = dict[str, Any]


class AlertsService(Service):
    """Roll calls, alerts, contact cards, policies."""

    name = "alerts"
    rooms = Wired(build)
    hears = follows("registry", "casework")
    tells: ClassVar[Tells] = {
        "alert": Told(May.ALERT_VIEW, Reached.CHILD),
        "policy": Told(May.POLICY_VIEW, Reached.ANYWHERE),
        "roll_call": Told(May.ROLL_CALL_VIEW, Reached.CHILD),
    }

    @rpc
    @command(s.TakeRollCall, May.ROLL_CALL_TAKE)
    def take_roll_call(self, call: Call[c.TakeRollCall]) -> Decision:
        """Take or amend a class's roll call."""
        return self.rooms.handlers.take_roll_call(call)

    @rpc
    @command(s.RaiseAlert, May.ALERT_RAISE)
    def raise_alert(self, call: Call[c.RaiseAlert]) -> Decision:
        """Raise an alert."""
        return self.rooms.handlers.raise_alert(call)

    @rpc
    @command(s.AcknowledgeAlert, May.ALERT_ACKNOWLEDGE)
    def acknowledge_alert(self, call: Call[c.OfAlert]) -> Decision:
        """Take an alert in hand."""
        return self.rooms.handlers.acknowledge_alert(call)

    @rpc
    @command(s.RecordContactAttempt, May.CONTACT_ATTEMPT_RECORD)
    def record_contact_attempt(self, call: Call[c.RecordContactAttempt]) -> Decision:
        """Record a call to somebody on the card."""
        return self.rooms.handlers.record_contact_attempt(call)

    @rpc
    @command(s.ResolveAlert, May.ALERT_RESOLVE)
    def resolve_alert(self, call: Call[c.ResolveAlert]) -> Decision:
        """Resolve an alert."""
        return self.rooms.handlers.resolve_alert(call)

    @rpc
    @command(s.SetPolicy, May.POLICY_SET)
    def set_policy(self, call: Call[c.SetPolicy]) -> Decision:
        """Say how alerts of a kind climb in a division."""
        return self.rooms.handlers.set_policy(call)

    @rpc
    @command(s.ReportTroubles, May.TROUBLE_REPORT)
    def report_troubles(self, call: Call[c.ReportTroubles]) -> Decision:
        """Say which troubles a service has with its sources; those that it no longer names are over."""
        return self.rooms.handlers.report_troubles(call)

    @rpc
    @query(s.Board, May.ALERT_VIEW)
    def board(self, call: Asked) -> Answer:
        """The alert board."""
        return self.rooms.queries.board(call)

    @rpc
    @query(s.Everything, May.TROUBLE_VIEW)
    def troubles(self, call: Asked) -> Answer:
        """What is wrong with the house itself at present."""
        return self.rooms.queries.troubles(call)

    @rpc
    @query(s.OneAlert, May.ALERT_VIEW)
    def alert(self, call: Asked) -> Answer:
        """One alert."""
        return self.rooms.queries.alert(call)

    @rpc
    @query(s.OneChild, May.ALERTS_CARD_VIEW)
    def contact_card(self, call: Asked) -> Answer:
        """A contact card from this service's own copy; reading it is recorded."""
        return self.rooms.queries.contact_card(call)

    @rpc
    @query(s.OneRollCall, May.ROLL_CALL_VIEW)
    def roll_call(self, call: Asked) -> Answer:
        """A class's roll call."""
        return self.rooms.queries.roll_call(call)

    @rpc
    @query(s.Everything, May.POLICY_VIEW)
    def policies(self, call: Asked) -> Answer:
        """The policies in force."""
        return self.rooms.queries.policies(call)

    @rpc
    @query(s.AlertAsOf, May.ALERT_VIEW)
    def alert_as_of(self, call: Asked) -> Answer:
        """An alert as it stood, and the history of its fields."""
        return self.rooms.queries.alert_as_of(call)

    @rpc
    @query(s.Timeline, May.ALERT_VIEW)
    def timeline(self, call: Asked) -> Answer:
        """A child's alerts as a timeline."""
        return self.rooms.queries.timeline(call)
