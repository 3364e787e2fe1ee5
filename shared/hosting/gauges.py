"""What a service's engine shows of itself to Prometheus, measured every few seconds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from shared.eventstore import tables as t
from shared.hosting.witnessing import standing_facts
from shared.observability import metrics

if TYPE_CHECKING:
    from shared.hosting.engine import Engine


def measure(engine: Engine) -> None:
    """Set the gauges of one service. Raises what the database raises."""
    base = engine.base
    name, now = base.name, base.clock.now()
    waiting = select(func.count()).select_from(t.timers)
    with base.database.read() as tx:
        metrics.LOG_SIZE.labels(name).set(base.store.size(tx))
        metrics.PENDING.labels(name).set(tx.execute(select(func.count()).select_from(t.pending)).scalar_one())
        metrics.TIMERS_WAITING.labels(name).set(tx.execute(waiting).scalar_one())
        metrics.TIMERS_OVERDUE.labels(name).set(tx.execute(waiting.where(t.timers.c.due_at <= now)).scalar_one())
        said = standing_facts(base, tx)
    if said["checkpoint"]:
        metrics.CHECKPOINT_SIZE.labels(name).set(said["checkpoint"]["size"])
        metrics.CHECKPOINT_AGE.labels(name).set(_age(now, said["checkpoint"]["time"]))
    for one in said["cosigned"]:
        metrics.COSIGNED_SIZE.labels(name, one["witness"]).set(one["size"])
        metrics.COSIGNED_AGE.labels(name, one["witness"]).set(_age(now, one["time"]))
    metrics.CONTRADICTIONS.labels(name).set(said["contradicted"])
    metrics.LEADS.labels(name).set(int(engine.leads))
    if engine.relay is not None:
        for reader, behind in engine.relay.behind().items():
            metrics.RELAY_LAG.labels(name, reader).set(behind)
    for source, following in engine.followings.items():
        status = following.follower.status()
        for projector, at in status["projectors"].items():
            metrics.FOLLOWER_LAG.labels(name, source, projector).set(at["lag"] or 0)
            metrics.PARKED.labels(name, source, projector).set(at["parked"])
        metrics.SILENCE.labels(name, source).set(status["silent_for"])


def _age(now: datetime, instant: str) -> float:
    return max((now - datetime.fromisoformat(instant)).total_seconds(), 0.0)
