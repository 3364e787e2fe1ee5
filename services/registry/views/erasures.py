"""Requests for erasure, as the list of them shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.registry.domain import events as e
from services.registry.domain.codes import ErasureState
from services.registry.views import tables as t
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded

erasures = Projector("registry.erasures", t.metadata)


@erasures.when(e.ErasureRequested)
def _requested(rows: Rows, event: e.ErasureRequested, recorded: Recorded) -> None:
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
        until=None,
        version=recorded.stream_version,
    )


@erasures.when(e.ErasureAnswered)
def _answered(rows: Rows, event: e.ErasureAnswered, recorded: Recorded) -> None:
    until = event.until.isoformat() if event.until else None
    said = {"service": str(event.service), "reasons": [str(one) for one in event.reasons], "until": until}
    answers = [*_standing(rows, event.erasure)["answers"], said]
    _change(rows, event.erasure, recorded, answers=sorted(answers, key=lambda one: str(one["service"])))


@erasures.when(e.ErasureApproved)
def _approved(rows: Rows, event: e.ErasureApproved, recorded: Recorded) -> None:
    facts = {"state": ErasureState(event.outcome.value), "decided_by": event.by, "decided_at": recorded.time}
    _change(rows, event.erasure, recorded, **facts, until=event.until)


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
    carried = {*_standing(rows, event.erasure)["carried"], str(event.service)}
    _change(rows, event.erasure, recorded, carried=sorted(carried))


def _change(rows: Rows, erasure: str, recorded: Recorded, **facts: Any) -> None:
    rows.change(t.erasures, erasure, version=recorded.stream_version, **facts)


def _standing(rows: Rows, erasure: str) -> Mapping[str, Any]:
    row = rows.read(t.erasures, erasure)
    if row is None:
        raise LookupError(f"no erasure {erasure}")
    return row
