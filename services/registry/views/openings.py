"""Requests to read together what is restricted, as the list of them shows them; and the timers that end them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.registry.domain import events as e
from services.registry.domain.codes import OpeningState
from services.registry.domain.opening import WAITS
from services.registry.views import tables as t
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.eventstore.timers import Timer, clear_timer, set_timer
from shared.kernel.ids import derived_id
from shared.kernel.messages import Recorded

EXPIRE = "registry_opening_expires"
"""The timer that ends an opening, or a request that nobody decided about."""
openings = Projector("registry.openings", t.metadata, opens=())


@openings.when(e.OpeningAsked)
def _asked(rows: Rows, event: e.OpeningAsked, recorded: Recorded) -> None:
    rows.put(
        t.openings,
        opening=event.opening,
        request=event.request,
        child=event.child,
        reason=event.reason,
        minutes=event.minutes,
        state=OpeningState.ASKED,
        asked_by=event.by,
        asked_at=recorded.time,
        decided_by=None,
        decided_at=None,
        until=None,
        ended_at=None,
        version=recorded.stream_version,
    )
    _ring(rows, event, recorded.time + WAITS)


@openings.when(e.OpeningApproved)
def _approved(rows: Rows, event: e.OpeningApproved, recorded: Recorded) -> None:
    until = recorded.time + timedelta(minutes=event.minutes)
    decided = {"decided_by": event.approved_by, "decided_at": recorded.time}
    _change(rows, event.opening, recorded, state=OpeningState.OPEN, until=until, **decided)
    _ring(rows, event, until)


@openings.when(e.OpeningEnded)
def _ended(rows: Rows, event: e.OpeningEnded, recorded: Recorded) -> None:
    facts: dict[str, Any] = {"state": OpeningState(event.end.value), "ended_at": recorded.time}
    if facts["state"] is OpeningState.REFUSED:
        facts |= {"decided_by": recorded.cause.actor.id, "decided_at": recorded.time}
    _change(rows, event.opening, recorded, **facts)
    clear_timer(rows, _timer(event.opening))


def _change(rows: Rows, opening: str, recorded: Recorded, **facts: Any) -> None:
    rows.change(t.openings, opening, version=recorded.stream_version, **facts)


def _ring(rows: Rows, event: e.OpeningAsked | e.OpeningApproved, due: datetime) -> None:
    data = {"request": event.request}
    set_timer(rows, Timer(id=_timer(event.opening), kind=EXPIRE, due_at=due, subject=event.opening, data=data))


def _timer(opening: str) -> str:
    return derived_id(opening, "registry.opening expires")
