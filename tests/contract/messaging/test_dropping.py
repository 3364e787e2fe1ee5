"""A parked event that is given up: what the log keeps of it for good, without a word about anybody."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from shared.eventstore.codec import Codec
from shared.kernel.messages import PublicText, Ref, sealed_fields
from shared.messaging.dropping import DropReason, ParkedDropped, ParkedEvent, parked_event_of, parked_id
from shared.messaging.parking import Parked
from shared.testing.aggregates import AN_ID, given

GOLDEN = json.loads((Path(__file__).parent / "parked_dropped.v1.json").read_text())
PARKED = Parked(
    projector=GOLDEN["projector"],
    source=GOLDEN["source"],
    position=GOLDEN["position"],
    event_id=GOLDEN["dropped"],
    stream=f"registry.child-{AN_ID}",
    type=GOLDEN["kind"],
    persons=(AN_ID,),
    error=GOLDEN["error"],
    since=datetime(2026, 3, 2, tzinfo=UTC),
    attempts=GOLDEN["attempts"],
)
DROPPED = ParkedDropped(
    **{name: PublicText(GOLDEN[name]) for name in ("source", "projector", "kind", "error")},
    dropped=Ref(GOLDEN["dropped"]),
    position=GOLDEN["position"],
    attempts=GOLDEN["attempts"],
    reason=DropReason.OVERTAKEN,
)


def test_giving_up_records_what_and_why() -> None:
    given(parked_event_of("alerts")).when(lambda it: it.drop(PARKED, DropReason.OVERTAKEN)).then(DROPPED)


def test_it_stands_in_the_log_of_the_service_that_gave_it_up() -> None:
    made: ParkedEvent = parked_event_of("funding")(parked_id(PARKED.event_id, PARKED.projector))
    assert made.stream.startswith("funding.parked-")
    assert parked_id(PARKED.event_id, "alerts.board") != parked_id(PARKED.event_id, PARKED.projector)


def test_version_1_is_read_and_written_as_it_once_was() -> None:
    codec = Codec([ParkedDropped])
    assert codec.event("log.parked_dropped", 1, dict(GOLDEN)) == DROPPED
    assert codec.split(DROPPED) == (GOLDEN, {})


def test_it_names_nobody_and_seals_nothing() -> None:
    assert DROPPED.persons() == []
    assert sealed_fields(ParkedDropped) == {}


def test_no_reason_that_stands_in_a_log_is_ever_lost() -> None:
    assert {"done_by_hand", "overtaken", "duplicate", "mistake_of_source", "not_needed"} <= set(DropReason)
