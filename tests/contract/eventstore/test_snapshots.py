"""Snapshots spare time and prove nothing: with them, without them and with wrong ones every answer is the same."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from services.funding.domain.fund import Fund
from services.registry.domain.access import AccessLog
from shared.eventstore import snapshots
from shared.eventstore import tables as t
from shared.kernel.aggregate import Aggregate, snake
from shared.kernel.ids import new_id
from shared.kernel.messages import Event, sealed_fields
from tests.contract.eventstore.conftest import NOW, order
from tests.contract.eventstore.lantern import Lantern
from tests.contract.golden.samples import sample
from tests.contract.owners import SERVICES, all_events, landed

WORDS = "奶奶的电话是 13900000000"


def kept(rooms: Any) -> dict[str, Any]:
    with rooms.database.read() as tx:
        return {row.stream: (row.version, row.state) for row in tx.execute(select(t.snapshots))}


def loaded(rooms: Any, lantern: str, **how: Any) -> Lantern:
    with rooms.database.read() as tx:
        return rooms.base.store.aggregate(tx, Lantern, lantern, **how)


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot every ten events instead of every thousand."""
    monkeypatch.setattr(snapshots, "EVERY", 10)


def test_a_stream_that_passes_a_thousand_events_is_kept_and_a_shorter_one_is_not(rooms, light) -> None:
    short, long = new_id(NOW), new_id(NOW)
    light(short, times=3)
    put_out(rooms, long, rounds=499)
    assert kept(rooms) == {}
    put_out(rooms, long, rounds=1)
    assert kept(rooms) == {f"casework.lantern-{long}": (1000, {"lit": 0})}


def put_out(rooms: Any, lantern: str, rounds: int) -> None:
    """Light a lantern and put it out, so often, in one command."""

    def decide(work: Any) -> Lantern:
        it = work.find(Lantern, lantern)
        for _ in range(rounds):
            it.light(new_id(NOW), brightness=0)
            it.put_out()
        return it

    rooms.base.desk.decide(order(), decide)


def test_a_load_reads_only_what_followed_on_the_snapshot(rooms, light, seldom, monkeypatch) -> None:
    lantern = new_id(NOW)
    for _ in range(12):
        light(lantern)
    store, read = rooms.base.store, []
    real = store.histories
    monkeypatch.setattr(store, "histories", lambda *given, **how: read.append(real(*given, **how)) or read[-1])
    it = loaded(rooms, lantern)
    assert (it.version, it.lit) == (12, 12)
    assert [len(one) for one in read[-1].values()] == [2]


def test_without_any_snapshot_all_is_the_same(rooms, light, seldom) -> None:
    lantern = new_id(NOW)
    for _ in range(25):
        light(lantern)
    before = vars(loaded(rooms, lantern))
    with rooms.database.begin() as tx:
        tx.execute(delete(t.snapshots))
    assert vars(loaded(rooms, lantern)) == before
    assert light(lantern).version == 26
    assert kept(rooms) == {}
    light(lantern, times=4)
    assert [version for version, _ in kept(rooms).values()] == [30]


@pytest.mark.parametrize(
    "wrong",
    [{"fold": 2}, {"version": 9}, {"event_id": new_id(NOW)}],
    ids=["another fold", "another place", "another history"],
)
def test_a_snapshot_that_does_not_fit_is_passed_over(rooms, light, seldom, wrong) -> None:
    lantern = new_id(NOW)
    for _ in range(12):
        light(lantern)
    with rooms.database.begin() as tx:
        tx.execute(update(t.snapshots).values(state={"lit": 999}))
    assert loaded(rooms, lantern).lit == 1001, "a snapshot that fits is taken at its word"
    with rooms.database.begin() as tx:
        tx.execute(update(t.snapshots).values(**wrong))
    assert loaded(rooms, lantern).lit == 12


def test_a_snapshot_is_made_of_the_closed_history_and_an_opened_load_never_uses_one(rooms, light, seldom) -> None:
    lantern = new_id(NOW)
    for _ in range(11):
        light(lantern, words=WORDS)
    with rooms.database.begin() as tx:
        assert WORDS not in json.dumps([row.state for row in tx.execute(select(t.snapshots))])
        tx.execute(update(t.snapshots).values(state={"lit": 999}))
    assert loaded(rooms, lantern, opened=True).lit == 11


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(1, 7)), min_size=3, max_size=12))
def test_any_history_gives_the_same_with_and_without_snapshots(rooms, seldom, steps) -> None:
    lantern = new_id(NOW)
    for out, times in steps:

        def decide(work: Any, out: bool = out, times: int = times) -> Lantern:
            it = work.find(Lantern, lantern)
            for _ in range(times):
                it.light(new_id(NOW), brightness=0)
            if out:
                it.put_out()
            return it

        rooms.base.desk.decide(order(), decide)
    with_them = loaded(rooms, lantern)
    with rooms.database.begin() as tx:
        tx.execute(delete(t.snapshots))
    assert vars(loaded(rooms, lantern)) == vars(with_them)


def kept_aggregates() -> list[type[Aggregate]]:
    """Every aggregate of every service that is kept in snapshots."""
    for service in landed():
        for path in (SERVICES / service / "domain").rglob("*.py"):
            importlib.import_module(".".join(path.relative_to(SERVICES.parent).with_suffix("").parts))
    found = [one for one in Aggregate.__subclasses__() if one.fold and one.__module__.startswith("services.")]
    return sorted(found, key=lambda one: one.kind)


def events_of(kind: type[Aggregate]) -> list[type[Event]]:
    return [one for one in all_events() if one.type.startswith(f"{kind.service}.") and _applies(kind, one)]


def _applies(kind: type[Aggregate], one: type[Event]) -> bool:
    return hasattr(kind, f"_apply_{snake(one.__name__)}")


def test_funds_and_accesses_are_kept_and_nothing_else() -> None:
    assert kept_aggregates() == [AccessLog, Fund]


@pytest.mark.parametrize("kind", [AccessLog, Fund])
def test_what_is_kept_holds_nothing_personal_and_comes_back_whole(kind: type[Aggregate]) -> None:
    history = [sample(one) for one in events_of(kind)]
    assert history
    it = kind.replayed(new_id(NOW), history)
    state = json.loads(json.dumps(it.kept()))
    personal = [getattr(one, name) for one in history for name in sealed_fields(type(one))]
    assert [one for one in personal if str(one) in json.dumps(state, ensure_ascii=False)] == []
    again = kind.replayed(it.id, [], since=(it.version, state))
    assert {**vars(again), "recorded": []} == {**vars(it), "recorded": []}
