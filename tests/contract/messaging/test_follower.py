"""What a follower makes of ranges, heads and silence, on both databases."""

from __future__ import annotations

import itertools
import threading

import msgspec
import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import OperationalError

from shared.eventstore import tables as t
from shared.eventstore.appending import ConcurrencyConflict
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.messaging.places import PlaceMoved
from shared.messaging.ranges import Head, head_of
from shared.messaging.transport.patience import Patience
from shared.vault.erasing import destroy
from shared.vault.tables import vault_keys
from tests.contract.messaging import beacon as b

FIVE = list(range(5))
PATIENT = Patience(attempts=10)


def new_epoch(source) -> None:
    """As a restore from backup begins one."""
    now = source.clock.now()
    with source.database.begin() as tx:
        tx.execute(insert(t.epochs).values(number=2, epoch=new_id(now), time=now, size=0, root=b"0" * 32))


def head(source) -> Head:
    with source.database.read() as tx:
        found = head_of(tx, source.store, "registry")
    assert found is not None
    return found


class Hands:
    """A monotonic clock that a test moves by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


# Ranges


def test_a_range_at_or_below_the_position_is_a_duplicate(source, reader) -> None:
    follower = reader.follower(source)
    source.light(5)
    whole, part = source.message(-1), source.message(-1, limit=3)
    assert follower.receive(whole) == "applied"
    assert [follower.receive(one) for one in (whole, part)] == ["duplicate", "duplicate"]
    assert reader.seen() == FIVE


def test_of_a_partly_known_range_the_rest_is_applied(source, reader) -> None:
    follower = reader.follower(source)
    source.light(5)
    assert follower.receive(source.message(-1, limit=2)) == "applied"
    assert follower.receive(source.message(-1)) == "applied"
    assert reader.seen() == FIVE
    assert set(reader.times().values()) == {1}


def test_a_range_beyond_the_next_position_is_a_gap_that_is_fetched(source, reader) -> None:
    reader.born_with_the_deployment()
    follower = reader.follower(source)
    source.light(5)
    assert follower.receive(source.message(2)) == "gap"
    assert follower.wake.is_set()
    assert reader.seen() == []
    assert follower.idle_check()
    assert source.asked == [-1]
    assert reader.seen() == reader.reacted() == FIVE


def test_private_positions_move_the_follower_along(source, reader) -> None:
    follower = reader.follower(source)
    [one] = source.light(1)
    source.record(b.BeaconInspected(beacon=one.beacon), b.BeaconPutOut(beacon=one.beacon))
    source.record(b.BeaconInspected(beacon=one.beacon))
    assert follower.receive(source.message(-1)) == "applied"
    assert reader.seen() == [0, 2]
    assert follower.status()["projectors"]["alerts.diary"]["position"] == 3


@pytest.mark.parametrize("nonsense", [None, "range", {}, {"source": "registry"}])
def test_what_is_no_range_is_as_good_as_lost(source, reader, nonsense) -> None:
    reader.born_with_the_deployment()
    follower = reader.follower(source)
    source.light(5)
    assert follower.receive(nonsense) == "gap"
    assert follower.idle_check()
    assert reader.seen() == FIVE


def test_a_range_that_contradicts_itself_is_not_believed(source, reader) -> None:
    follower = reader.follower(source)
    source.light(2)
    message = source.message(-1)
    message["events"][1]["entry"] = message["events"][1]["entry"].replace("registry", "register")
    assert follower.receive(message) == "gap"
    assert reader.seen() == []


def test_a_range_for_another_reader_is_not_taken(source, reader) -> None:
    follower = reader.follower(source)
    source.light(2)
    assert follower.receive(source.range(-1, reader="funding").message()) == "gap"
    assert reader.seen() == []


# Another log


def test_another_epoch_stops_the_follower(source, reader) -> None:
    follower = reader.follower(source)
    source.light(2)
    follower.receive(source.message(-1))
    new_epoch(source)
    source.light(1)
    assert follower.receive(source.message(1)) == "stopped"
    assert "epoch" in follower.status()["reason"]
    assert follower.status()["state"] == "stopped"
    assert reader.seen() == [0, 1]


def test_a_head_of_another_epoch_stops_the_follower(source, reader) -> None:
    follower = reader.follower(source)
    source.light(2)
    follower.receive(source.message(-1))
    new_epoch(source)
    follower.hear_head(head(source).message())
    assert follower.status()["state"] == "stopped"


def test_a_stopped_follower_touches_nothing_any_more(source, reader) -> None:
    follower = reader.follower(source)
    source.light(2)
    follower.receive(source.message(-1, limit=1))
    good = source.message(0)
    follower.receive(good | {"before": "00" * 32})
    assert follower.receive(good) == "stopped"
    assert follower.idle_check() is False
    assert reader.seen() == [0]


@pytest.mark.parametrize("start", [0, -1])
def test_another_leaf_before_a_range_stops_the_follower(source, reader, start) -> None:
    follower = reader.follower(source)
    source.light(3)
    follower.receive(source.message(-1, limit=1))
    wrong = msgspec.json.decode(msgspec.json.encode(source.message(start)))
    if start == 0:
        wrong["before"] = "ab" * 32
    else:
        wrong["events"][0]["entry"] = wrong["events"][0]["entry"].replace("teacher", "approver")
    assert follower.receive(wrong) == "stopped"
    assert "entry" in follower.status()["reason"]
    assert reader.seen() == [0]


def test_another_leaf_at_the_end_of_a_known_range_stops_the_follower(source, reader) -> None:
    follower = reader.follower(source)
    source.light(2)
    known = source.message(-1)
    follower.receive(known)
    assert follower.receive(known | {"after": "cd" * 32, "events": []}) == "stopped"


def test_a_head_with_another_leaf_stops_the_follower_and_an_older_one_does_not(source, reader) -> None:
    follower = reader.follower(source)
    source.light(1)
    old = head(source).message()
    source.light(2)
    follower.receive(source.message(-1))
    follower.hear_head(old)
    assert follower.status()["state"] == "following"
    follower.hear_head(head(source).message() | {"leaf": "ef" * 32})
    assert follower.status()["state"] == "stopped"


# Views and reactions


def test_a_new_view_starts_at_zero_and_runs_no_reaction(source, reader) -> None:
    reader.born_with_the_deployment()
    source.light(5)
    diary, counter = b.views(lambda name, one: reader.before(name, one))
    reader.follower(source, projectors=[diary]).receive(source.message(-1))
    assert reader.times() == {}
    reader.follower(source, projectors=[diary, counter]).catch_up(limit=2)
    assert set(reader.times().values()) == {1}
    assert len(reader.times()) == 5
    assert reader.seen() == reader.reacted() == FIVE


def test_a_new_reactor_starts_at_the_head_it_first_hears(source, reader) -> None:
    source.light(3)
    follower = reader.follower(source)
    follower.hear_head(head(source).message())
    source.light(2)
    follower.catch_up()
    assert reader.seen() == FIVE
    assert reader.reacted() == [3, 4]


def test_a_new_reactor_that_hears_a_range_first_starts_at_the_head_it_names(source, reader) -> None:
    source.light(3)
    follower = reader.follower(source)
    follower.receive(source.message(-1, limit=1))
    source.light(2)
    follower.catch_up()
    assert reader.seen() == FIVE
    assert reader.reacted() == [3, 4]


def test_a_reactor_may_be_told_to_start_at_the_first_position(source, reader) -> None:
    source.light(5)
    reader.follower(source, start_at_head=False).catch_up()
    assert reader.reacted() == FIVE


def test_a_reactor_alone_finds_the_head_by_asking(source, reader) -> None:
    source.light(3)
    follower = reader.follower(source, projectors=[])
    follower.catch_up()
    source.light(1)
    follower.catch_up()
    assert reader.reacted() == [3]


def test_a_reaction_tells_that_something_was_committed(source, reader) -> None:
    reader.born_with_the_deployment()
    source.light(2)
    kicks = []
    follower = reader.follower(source, applied=lambda: kicks.append(reader.reacted()))
    follower.receive(source.message(-1))
    assert kicks == [[0], [0, 1]]


# What passes by itself


def _locked() -> Exception:
    return OperationalError("UPDATE …", {}, Exception("the database is locked"))


@pytest.mark.parametrize("trouble", [ConcurrencyConflict, _locked])
@pytest.mark.parametrize("where", ["alerts.diary", "alerts.reactions"])
def test_what_passes_by_itself_is_tried_again_and_never_parked(source, reader, trouble, where) -> None:
    reader.born_with_the_deployment()
    source.light(3)
    failures = iter(range(4))

    def before(name, one):
        if name == where and one.position == 1 and next(failures, None) is not None:
            raise trouble()

    reader.before = before
    follower = reader.follower(source)
    assert follower.receive(source.message(-1)) == "applied"
    assert reader.seen() == reader.reacted() == [0, 1, 2]
    assert [one["parked"] for one in follower.status()["projectors"].values()] == [0, 0, 0]


def test_what_does_not_pass_leaves_the_range_with_the_broker(source, reader) -> None:
    source.light(3)

    def before(_name, _one):
        raise _locked()

    reader.before = before
    follower = reader.follower(source)
    with pytest.raises(OperationalError):
        follower.receive(source.message(-1))
    reader.before = lambda _name, _one: None
    assert follower.receive(source.message(-1)) == "applied"
    assert reader.seen() == [0, 1, 2]


def _received(replica, message) -> None:
    """Give a replica a message until it takes it, as a consumer does whose place the others keep moving."""
    for _ in range(50):
        try:
            replica.receive(message)
            return
        except PlaceMoved:
            continue
    raise AssertionError("fifty times the place had moved")


def test_a_reaction_that_meets_what_does_not_pass_is_not_parked_but_comes_again(source, reader) -> None:
    reader.born_with_the_deployment()
    source.light(3)

    def before(name, one):
        if name == "alerts.reactions" and one.position == 1:
            raise ConcurrencyConflict

    reader.before = before
    follower = reader.follower(source)
    with pytest.raises(ConcurrencyConflict):
        follower.receive(source.message(-1))
    assert reader.reacted() == [0]
    reader.before = lambda _name, _one: None
    assert follower.receive(source.message(-1)) == "applied"
    assert reader.seen() == reader.reacted() == [0, 1, 2]


def test_replicas_apply_each_event_once_between_them(source, reader) -> None:
    reader.born_with_the_deployment()
    source.light(40)
    replicas = [reader.follower(source) for _ in range(3)]
    messages = [source.message(after, limit=4) for after in range(-1, 39, 4)]
    start = threading.Barrier(3)
    troubles = []

    def take(replica) -> None:
        start.wait()
        for message in messages:
            try:
                _received(replica, message)
            except Exception as error:  # noqa: BLE001 - shown by the assertion
                troubles.append(error)

    threads = [threading.Thread(target=take, args=(one,)) for one in replicas]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    replicas[0].catch_up()
    assert troubles == []
    assert reader.seen() == reader.reacted() == list(range(40))
    assert set(reader.times().values()) == {1}


# Keys


def test_keys_are_fetched_before_the_transaction_and_kept(source, reader) -> None:
    asked = []

    def fetch_keys(owner, pairs):
        assert reader.seen() == []
        asked.append((owner, len(pairs)))
        return source.fetch_keys(owner, pairs)

    follower = reader.follower(source, fetch_keys=fetch_keys)
    made = source.light(3)
    follower.receive(source.message(-1))
    assert asked == [("registry", 3)]
    assert reader.names() == [(one.name, None) for one in made]


def test_a_key_that_is_kept_is_not_asked_for_again(source, reader) -> None:
    asked = []

    def fetch_keys(owner, pairs):
        asked.extend(pairs)
        return source.fetch_keys(owner, pairs)

    follower = reader.follower(source, fetch_keys=fetch_keys)
    [one] = source.light(1)
    follower.receive(source.message(-1))
    source.light(1, child=one.child)
    follower.receive(source.message(0))
    assert asked == [(one.child, "identity")]


def test_where_the_key_is_gone_the_event_is_applied_without_its_personal_fields(source, reader) -> None:
    follower = reader.follower(source)
    source.light(1)
    with source.database.begin() as tx:
        tx.execute(update(vault_keys).values(wrapped=None))
    assert follower.receive(source.message(-1)) == "applied"
    assert reader.names() == [(None, None)]


def test_where_the_parts_are_gone_too_the_event_is_applied(source, reader) -> None:
    follower = reader.follower(source)
    [one] = source.light(1)
    with source.database.begin() as tx:
        destroy(tx, one.child)
    assert follower.receive(source.message(-1)) == "applied"
    assert reader.names() == [(None, None)]


def test_a_range_waits_while_its_keys_cannot_be_fetched(source, reader) -> None:
    def nobody_answers(_owner, _pairs):
        raise TimeoutError

    source.light(1)
    with pytest.raises(TimeoutError):
        reader.follower(source, fetch_keys=nobody_answers).receive(source.message(-1))
    assert reader.seen() == []
    assert reader.follower(source).receive(source.message(-1)) == "applied"


# Silence


def test_after_five_seconds_of_silence_the_source_is_asked(source, reader) -> None:
    hands = Hands()
    follower = reader.follower(source, monotonic=hands)
    source.light(2)
    hands.at += 4.9
    assert follower.idle_check() is False
    hands.at += 0.2
    assert follower.idle_check() is True
    assert reader.seen() == [0, 1]


def test_a_head_beyond_the_position_makes_it_ask_when_no_range_follows(source, reader) -> None:
    hands = Hands()
    follower = reader.follower(source, monotonic=hands)
    source.light(2)
    follower.hear_head(head(source).message())
    assert follower.idle_check() is False
    hands.at += 2
    follower.hear_head(head(source).message())
    assert follower.idle_check() is True
    assert reader.seen() == [0, 1]


def test_ranges_that_keep_coming_are_not_asked_for(source, reader) -> None:
    hands = Hands()
    follower = reader.follower(source, monotonic=hands)
    source.light(5)
    follower.hear_head(head(source).message())
    for after in range(-1, 3):
        hands.at += 1
        follower.receive(source.message(after, limit=1))
        assert follower.idle_check() is False
    assert source.asked == []


def test_a_source_silent_for_a_minute_is_reported_once(source, reader) -> None:
    hands = Hands()
    source.silent = True
    follower = reader.follower(source, monotonic=hands)
    for _ in range(90):
        hands.at += 1
        follower.idle_check()
    assert [round(one) for one in reader.silences] == [60]
    source.silent = False
    hands.at += 31
    assert follower.idle_check() is True
    source.silent = True
    for _ in range(61):
        hands.at += 1
        follower.idle_check()
    assert len(reader.silences) == 2


def test_a_source_that_does_not_answer_is_asked_with_growing_pauses(source, reader) -> None:
    hands = Hands()
    asked = []

    def nobody(_source, _after, _limit):
        asked.append(hands.at)
        raise TimeoutError

    follower = reader.follower(source, monotonic=hands, fetch=nobody)
    for _ in range(200):
        hands.at += 1
        follower.idle_check()
    pauses = [later - sooner for sooner, later in itertools.pairwise(asked)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 1
    assert pauses[-1] == 30


def test_the_status_shows_position_lag_and_what_is_parked(source, reader) -> None:
    reader.born_with_the_deployment()

    def before(name, one):
        if name == "alerts.counter" and one.position == 0:
            raise Refusal("test.no")

    reader.before = before
    follower = reader.follower(source)
    source.light(3)
    follower.receive(source.message(-1, limit=2))
    follower.hear_head(head(source).message())
    status = follower.status()
    assert msgspec.json.decode(msgspec.json.encode(status)) == status
    assert status["state"] == "following"
    assert status["size"] == 3
    assert status["projectors"] == {
        "alerts.diary": {"position": 1, "lag": 1, "parked": 0},
        "alerts.counter": {"position": 1, "lag": 1, "parked": 1},
        "alerts.reactions": {"position": 1, "lag": 1, "parked": 0},
    }
