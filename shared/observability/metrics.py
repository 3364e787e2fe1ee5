"""What is counted, for Prometheus. Labels are names of services, doors and loops; never a person, never a reference."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST
_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

DOORS = Counter("shouwang_door_calls", "Calls at doors by outcome", ("service", "door", "outcome"))
DOOR_SECONDS = Histogram(
    "shouwang_door_seconds", "Seconds from a call to its answer", ("service", "door"), buckets=_FAST
)
LOOP_FAILURES = Counter("shouwang_loop_failures", "Steps of the engine that failed", ("service", "loop"))
LOG_SIZE = Gauge("shouwang_log_entries", "Entries that have their place in the log", ("service",))
CHECKPOINT_SIZE = Gauge("shouwang_checkpoint_entries", "Entries under the last signed checkpoint", ("service",))
CHECKPOINT_AGE = Gauge("shouwang_checkpoint_age_seconds", "Seconds since the log was last signed", ("service",))
COSIGNED_SIZE = Gauge(
    "shouwang_cosigned_entries", "Entries under the last checkpoint that a witness cosigned", ("service", "witness")
)
COSIGNED_AGE = Gauge(
    "shouwang_cosigned_age_seconds", "Seconds since a witness last cosigned the log", ("service", "witness")
)
CONTRADICTIONS = Gauge(
    "shouwang_log_contradictions", "Contradictions between a log and a witness that a service has met", ("service",)
)
PENDING = Gauge("shouwang_sequencer_pending", "Committed events without a place in the log", ("service",))
LEADS = Gauge("shouwang_sequencer_leads", "1 where this process places events", ("service",))
RELAY_LAG = Gauge("shouwang_relay_lag", "Places that a reader has not been told of yet", ("service", "reader"))
FOLLOWER_LAG = Gauge(
    "shouwang_follower_lag", "Places of a source that a projector is behind", ("service", "source", "projector")
)
SILENCE = Gauge("shouwang_follower_silence_seconds", "Seconds since a source was last heard", ("service", "source"))
PARKED = Gauge("shouwang_parked", "Events that a projector has parked", ("service", "source", "projector"))
TIMERS_OVERDUE = Gauge("shouwang_timers_overdue", "Timers that are due and have not rung", ("service",))
TIMERS_WAITING = Gauge("shouwang_timers_waiting", "Timers that wait", ("service",))


def exposition() -> bytes:
    """All of it, as Prometheus reads it."""
    return generate_latest(REGISTRY)
