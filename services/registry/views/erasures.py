"""Requests for erasure, as the list of them shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.registry.domain import events as e
from services.registry.domain.codes import ErasureOutcome, ErasureState
from services.registry.views import tables as t
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.eventstore.timers import Timer, clear_timer, set_timer
from shared.kernel.ids import derived_id
from shared.kernel.messages import Recorded
from shared.storage.columns import instant_text

AGAIN = "registry_erase_again"
"""The timer after which services that postponed an erasure look again."""
_FIRST, _THEN = timedelta(hours=1), timedelta(days=7)
erasures = Projector("registry.erasures", t.metadata)


@erasures.when(e.ErasureRequested)
def _requested(rows: Rows, event: e.ErasureRequested, recorded: Recorded) -> None:
    before = rows.read(t.erasures, event.erasure)
    rows.put(
        t.erasures,
        erasure=event.erasure,
        request=event.request,
        person=event.person,
        child=event.child,
        grounds=event.grounds,
        state=ErasureState.REQUESTED,
        requested_by=event.by,
        requested_at=recorded.time,
        decided_by=None,
        decided_at=None,
        refusal=None,
        answers=[],
        carried=[],
        postponed=[],
        until=None,
        closed=bool(before and before["closed"]),
        lifting=None,
        version=recorded.stream_version,
    )


@erasures.when(e.ErasureSeconded)
def _seconded(rows: Rows, event: e.ErasureSeconded, recorded: Recorded) -> None:
    facts = {"state": ErasureState.SECONDED, "request": event.request, "answers": []}
    _change(rows, event.erasure, recorded, **facts, decided_by=event.by, decided_at=recorded.time)


@erasures.when(e.ErasureAnswered)
def _answered(rows: Rows, event: e.ErasureAnswered, recorded: Recorded) -> None:
    until = event.until.isoformat() if event.until else None
    said = {"service": str(event.service), "reasons": [str(one) for one in event.reasons], "until": until}
    answers = [*_standing(rows, event.erasure)["answers"], said]
    _change(rows, event.erasure, recorded, answers=sorted(answers, key=lambda one: str(one["service"])))


@erasures.when(e.ErasureApproved)
def _approved(rows: Rows, event: e.ErasureApproved, recorded: Recorded) -> None:
    facts = {"state": ErasureState(event.outcome.value), "decided_by": event.by, "decided_at": recorded.time}
    closed = event.outcome is ErasureOutcome.RESTRICTED
    _change(rows, event.erasure, recorded, **facts, until=event.until, closed=closed)


@erasures.when(e.ErasureRefused)
def _refused(rows: Rows, event: e.ErasureRefused, recorded: Recorded) -> None:
    facts = {"state": ErasureState.REFUSED, "decided_by": recorded.cause.actor.id, "decided_at": recorded.time}
    _change(rows, event.erasure, recorded, **facts, refusal=event.reason)


@erasures.when(e.ErasureWithdrawn)
def _withdrawn(rows: Rows, event: e.ErasureWithdrawn, recorded: Recorded) -> None:
    facts = {"state": ErasureState.WITHDRAWN, "decided_by": recorded.cause.actor.id, "decided_at": recorded.time}
    _change(rows, event.erasure, recorded, **facts)


@erasures.when(e.ErasureDone)
def _carried_out(rows: Rows, event: e.ErasureDone, recorded: Recorded) -> None:
    row = _standing(rows, event.erasure)
    carried = {*row["carried"], str(event.service)}
    postponed = [one for one in row["postponed"] if one != str(event.service)]
    _change(rows, event.erasure, recorded, carried=sorted(carried), postponed=postponed)
    if not postponed:
        clear_timer(rows, _timer(event.erasure))


@erasures.when(e.ErasurePostponed)
def _postponed(rows: Rows, event: e.ErasurePostponed, recorded: Recorded) -> None:
    before = _standing(rows, event.erasure)["postponed"]
    waited = str(event.service) in before
    _change(rows, event.erasure, recorded, postponed=sorted({*before, str(event.service)}))
    due, data = recorded.time + (_THEN if waited else _FIRST), {"request": event.request}
    set_timer(rows, Timer(id=_timer(event.erasure), kind=AGAIN, due_at=due, subject=event.erasure, data=data))


@erasures.when(e.LiftingAsked)
def _lifting(rows: Rows, event: e.LiftingAsked, recorded: Recorded) -> None:
    asked = {"by": event.by, "reason": str(event.reason), "at": instant_text(recorded.time), "done": None}
    _change(rows, event.erasure, recorded, lifting=asked)


@erasures.when(e.LiftingEnded)
def _kept(rows: Rows, event: e.LiftingEnded, recorded: Recorded) -> None:
    _change(rows, event.erasure, recorded, lifting=None)


@erasures.when(e.LiftingApproved)
def _lifted(rows: Rows, event: e.LiftingApproved, recorded: Recorded) -> None:
    lifting = {**_standing(rows, event.erasure)["lifting"], "done": []}
    decided = {"decided_by": event.by, "decided_at": recorded.time, "closed": False, "lifting": lifting}
    _change(rows, event.erasure, recorded, state=ErasureState.LIFTED, **decided)


@erasures.when(e.LiftingDone)
def _lifted_there(rows: Rows, event: e.LiftingDone, recorded: Recorded) -> None:
    lifting = _standing(rows, event.erasure)["lifting"]
    done = sorted({*lifting["done"], str(event.service)})
    _change(rows, event.erasure, recorded, lifting={**lifting, "done": done})


def _change(rows: Rows, erasure: str, recorded: Recorded, **facts: Any) -> None:
    rows.change(t.erasures, erasure, version=recorded.stream_version, **facts)


def _standing(rows: Rows, erasure: str) -> Mapping[str, Any]:
    row = rows.read(t.erasures, erasure)
    if row is None:
        raise LookupError(f"no erasure {erasure}")
    return row


def _timer(erasure: str) -> str:
    return derived_id(erasure, "registry.erase again")
