"""What stands around every door on both hosts: names for the log lines, counts, and an end for the unexpected.

A door answers or refuses. Whatever else it does is a fault: it is logged here under an incident's id, and the caller
learns that id and nothing more, because an exception's words may hold what only the database should.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from structlog.contextvars import bound_contextvars

from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.observability import metrics

log = structlog.get_logger(__name__)
Message = dict[str, Any]
_clock = SystemClock()


def answered(service: str, door: str, call: Callable[[Message], Message], message: Message) -> Message:
    """What a door answers to a message: `answer`, `refused`, or `failed` with the incident's id.

    `failed.unknown` says that the database went away while it worked, so that a command may have been committed.
    """
    began = time.perf_counter()
    correlation = message.get("correlation") if isinstance(message, dict) else None
    if not isinstance(correlation, str) or not correlation:
        correlation = new_id(_clock.now())
    with bound_contextvars(service=service, door=door, correlation=correlation[:64]):
        answer = _answered(call, {**message, "correlation": correlation} if isinstance(message, dict) else {})
        outcome = next(iter(answer))
        metrics.DOORS.labels(service, door, outcome).inc()
        metrics.DOOR_SECONDS.labels(service, door).observe(time.perf_counter() - began)
    return answer


def _answered(call: Callable[[Message], Message], message: Message) -> Message:
    try:
        return call(message)
    except Exception as error:
        incident = new_id(_clock.now())
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        busy = isinstance(error, PoolTimeoutError)
        log.exception("door_failed", incident=incident, error=type(error).__name__, database=lost or busy)
        return {"failed": {"incident": incident, "unknown": lost}}
