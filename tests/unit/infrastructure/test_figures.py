"""Figures of the benchmarks: a missed target is said to be missed, and nothing that was not measured is met."""

from __future__ import annotations

import pytest

from tests.benchmarks.figures import Figure, Target, in_turn, missed, percentile, shown


def test_a_rate_below_its_share_of_the_peer_is_missed_by_name() -> None:
    one = Figure(what="append", ours=150, peer=100, per_second="events", targets=(Target("peer", 1.6),))
    assert missed([one]) == ["missed: append: 1.50 of the peer, the target is 1.6"]
    assert "MISSED" in shown([one])


def test_a_rate_at_its_share_is_met() -> None:
    one = Figure(what="append", ours=160, peer=100, per_second="events", targets=(Target("peer", 1.6),))
    assert (missed([one]), one.cells()[-1]) == ([], "met")


def test_a_time_is_better_the_shorter_it_is() -> None:
    one = Figure(what="board", ours=0.4, floor=0.1, targets=(Target("itself", 0.3),))
    assert one.ratio("floor") == pytest.approx(0.25)
    assert missed([one]) == ["missed: board: 0.4, the target is 0.3"]


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    one = Figure(
        what="rebuild", ours=None, missing="not built", targets=(Target("itself", 15_000),), per_second="events"
    )
    assert (missed([one]), one.cells()[-1]) == ([], "not measured")


def test_rivals_are_measured_in_turn_and_the_median_is_shown() -> None:
    order: list[str] = []
    samples = {"ours": iter([1.0, 9.0, 2.0]), "floor": iter([3.0, 3.0, 3.0])}

    def way(name: str) -> float:
        order.append(name)
        return next(samples[name])

    rounds = in_turn({name: lambda name=name: way(name) for name in samples})  # type: ignore[misc]
    assert order == ["ours", "floor"] * 3
    assert rounds.median("ours") == 2.0


def test_a_percentile_is_a_sample_that_was_measured() -> None:
    assert percentile([float(one) for one in range(1, 101)], 99) == 99.0
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 50)
