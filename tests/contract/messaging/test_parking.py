"""What cannot be applied is parked with what hangs on it; the rest goes on. On both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from shared.kernel.ids import new_id
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import NotFound
from shared.messaging import parking
from shared.messaging.tables import parked
from tests.contract.messaging import beacon as b


@pytest.fixture
def reader(reader):
    reader.born_with_the_deployment()
    return reader


@pytest.fixture
def people(clock):
    return [Person(new_id(clock.now())) for _ in range(4)]


def cannot(reader, position: int, where: str = "alerts.diary") -> None:
    """Let a projector fail on the event at a position, with words that quote the child."""

    def before(name, one):
        if name == where and one.position == position:
            raise ValueError(f"no place for {getattr(one.event, 'name', '?')}")

    reader.before = before


def all_parked(reader) -> list[tuple[str, int, str, int]]:
    with reader.database.read() as tx:
        rows = tx.execute(
            select(parked.c.projector, parked.c.position, parked.c.error, parked.c.attempts).order_by(
                parked.c.projector, parked.c.position
            )
        )
        return [tuple(row) for row in rows]


def where(reader, projector: str = "alerts.diary") -> list[int]:
    return [position for name, position, _, _ in all_parked(reader) if name == projector]


def test_an_event_that_cannot_be_applied_is_parked_and_the_rest_goes_on(source, reader) -> None:
    cannot(reader, 1)
    source.light(4)
    assert reader.follower(source).receive(source.message(-1)) == "applied"
    assert reader.seen() == [0, 2, 3]
    [(projector, position, error, attempts)] = all_parked(reader)
    assert (projector, position, attempts) == ("alerts.diary", 1, 1)
    assert error.startswith("ValueError at tests.contract.messaging.")


def test_the_error_of_a_parked_event_quotes_nobody(source, reader, capsys) -> None:
    cannot(reader, 0)
    source.light(1, name="Wang-Xiaoming")
    reader.follower(source).receive(source.message(-1))
    [(_, _, error, _)] = all_parked(reader)
    assert "Xiaoming" not in error + "".join(capsys.readouterr())


def test_what_follows_on_the_same_person_waits(source, reader, people) -> None:
    cannot(reader, 0)
    source.light(1, child=people[0])
    source.light(1, child=people[1])
    source.light(1, child=people[0])
    reader.follower(source).receive(source.message(-1))
    assert reader.seen() == [1]
    assert where(reader) == [0, 2]


def test_what_follows_on_the_same_stream_waits(source, reader) -> None:
    cannot(reader, 0)
    [one] = source.light(1)
    source.light(1)
    source.record(b.BeaconPutOut(beacon=one.beacon))
    reader.follower(source).receive(source.message(-1))
    assert reader.seen() == [1]
    assert where(reader) == [0, 2]


def test_what_hangs_on_a_waiting_event_waits_too(source, reader, people) -> None:
    cannot(reader, 0)
    source.light(1, child=people[0])
    source.light(1, child=people[1], friend=people[0])
    source.light(1, child=people[1])
    source.light(1, child=people[2])
    reader.follower(source).receive(source.message(-1))
    assert reader.seen() == [3]
    assert where(reader) == [0, 1, 2]


def test_what_hangs_on_a_waiting_event_waits_too_when_it_comes_in_a_later_range(source, reader, people) -> None:
    cannot(reader, 0)
    source.light(1, child=people[0])
    follower = reader.follower(source)
    follower.receive(source.message(-1))
    source.light(1, child=people[1], friend=people[0])
    source.light(1, child=people[1])
    source.light(1, child=people[2])
    follower.receive(source.message(0))
    assert reader.seen() == [3]
    assert where(reader) == [0, 1, 2]


def test_what_came_before_a_waiting_event_does_not_wait_because_another_one_failed(source, reader, people) -> None:
    cannot(reader, 0)
    source.light(1, child=people[0])
    follower = reader.follower(source)
    follower.receive(source.message(-1))
    cannot(reader, 3)
    source.light(1, child=people[1])
    source.light(1, child=people[1], friend=people[0])
    source.light(1, child=people[2])
    follower.receive(source.message(0))
    assert reader.seen() == [1]
    assert where(reader) == [0, 2, 3]


@pytest.mark.parametrize("limit", [1, 2])
def test_what_follows_in_a_later_range_waits_too(source, reader, people, limit) -> None:
    cannot(reader, 0)
    for child in (people[0], people[1], people[0], people[0]):
        source.light(1, child=child)
    reader.follower(source).catch_up(limit=limit)
    assert reader.seen() == [1]
    assert where(reader) == [0, 2, 3]


def test_each_projector_parks_apart_and_so_does_the_reactor(source, reader, people) -> None:
    cannot(reader, 0, "alerts.reactions")
    source.light(1, child=people[0])
    source.light(1, child=people[0])
    source.light(1, child=people[1])
    reader.follower(source).receive(source.message(-1))
    assert reader.seen() == [0, 1, 2]
    assert set(reader.times().values()) == {1}
    assert reader.reacted() == [2]
    assert where(reader, "alerts.reactions") == [0, 1]
    assert where(reader) == []


def test_a_retry_applies_in_the_order_of_the_log(source, reader, people) -> None:
    cannot(reader, 0)
    for child in (people[0], people[1], people[0]):
        source.light(1, child=child)
    follower = reader.follower(source)
    follower.receive(source.message(-1))
    reader.before = lambda _name, _one: None
    assert follower.retry("alerts.diary") == {"alerts.diary": (2, 0)}
    assert reader.seen() == [1, 0, 2]
    assert all_parked(reader) == []
    assert reader.names()[1:] == [("n0", None), ("n0", None)]


def test_a_retry_that_fails_again_is_counted_and_what_waits_keeps_waiting(source, reader, people) -> None:
    cannot(reader, 0)
    source.light(1, child=people[0])
    source.light(1, child=people[0])
    follower = reader.follower(source)
    follower.receive(source.message(-1))
    assert follower.retry()["alerts.diary"] == (0, 2)
    assert [(position, attempts) for _, position, _, attempts in all_parked(reader)] == [(0, 2), (1, 0)]
    assert reader.seen() == []


def test_after_a_retry_new_events_of_the_same_person_go_through(source, reader, people) -> None:
    cannot(reader, 0)
    source.light(1, child=people[0])
    follower = reader.follower(source)
    follower.receive(source.message(-1))
    reader.before = lambda _name, _one: None
    follower.retry()
    source.light(1, child=people[0])
    follower.receive(source.message(0))
    assert reader.seen() == [0, 1]


def test_what_waited_behind_an_event_that_was_given_up_can_be_applied(source, reader, people) -> None:
    cannot(reader, 0)
    source.light(1, child=people[0])
    source.light(1, child=people[0])
    follower = reader.follower(source)
    follower.receive(source.message(-1))
    with reader.database.begin() as tx:
        one = parking.give_up(tx, "registry", "alerts.diary", 0)
    assert (one.position, one.type, one.attempts) == (0, "registry.beacon_lit", 1)
    assert follower.retry()["alerts.diary"] == (1, 0)
    assert reader.seen() == [1]


def test_only_what_is_parked_can_be_given_up(source, reader) -> None:
    cannot(reader, 0)
    source.light(1)
    reader.follower(source).receive(source.message(-1))
    with pytest.raises(NotFound), reader.database.begin() as tx:
        parking.give_up(tx, "registry", "alerts.diary", 9)
    assert where(reader) == [0]


def test_a_changed_part_is_parked_and_never_shown(source, reader) -> None:
    source.light(2)
    message = source.message(-1)
    ciphertext, blind = message["events"][0]["parts"]["child.identity"]
    message["events"][0]["parts"]["child.identity"] = [ciphertext[:-8] + "AAAAAAA=", blind]
    reader.follower(source).receive(message)
    assert reader.seen() == [1]
    assert [error.split()[0] for _, _, error, _ in all_parked(reader)] == ["Tampered"] * 3


def test_an_event_of_a_newer_version_is_parked_where_it_is_heard(source, reader) -> None:
    made = source.light(1)
    source.record(b.BeaconPutOut(beacon=made[0].beacon))
    message = source.message(-1)
    entry = message["events"][0]["entry"]
    message["events"][0]["entry"] = entry.replace('"version":1}', '"version":2}').replace(
        '"version":1,', '"version":2,'
    )
    assert message["events"][0]["entry"] != entry
    reader.follower(source).receive(message)
    assert where(reader, "alerts.counter") == [0]
    assert where(reader) == [0, 1]


def test_what_is_parked_can_be_listed_and_counted(source, reader, people) -> None:
    cannot(reader, 0)
    source.light(1, child=people[0], beacon=Ref(new_id(source.clock.now())))
    source.light(1, child=people[0])
    reader.follower(source).receive(source.message(-1))
    with reader.database.read() as tx:
        assert parking.counts(tx) == {("registry", "alerts.diary"): 2}
        first, second = parking.listed(tx)
    assert (first.position, first.type, first.persons, first.attempts) == (0, "registry.beacon_lit", (people[0],), 1)
    assert (second.error, second.attempts) == (parking.WAITS, 0)
