"""The history checker finds each fault that is planted in a sound history, and nothing in the sound one."""

from __future__ import annotations

from tests.faults.history.checker import Seen, Verdict, Written, check

WRITTEN = [Written(f"e{number}", f"s{number % 3}", number // 3 + 1) for number in range(30)]
SOUND = [Seen(position, one.id) for position, one in enumerate(WRITTEN)]


def faults(verdict: Verdict) -> dict[str, int]:
    return {kind: count for kind, count in verdict.counts().items() if count}


def at_places(seen: list[Seen]) -> list[Seen]:
    """The same events at positions without gaps."""
    return [Seen(position, one.id) for position, one in enumerate(seen)]


def test_a_sound_history_is_sound() -> None:
    assert check("reader", WRITTEN, SOUND).sound


def test_a_lost_event_is_found_with_the_gap_that_it_leaves() -> None:
    verdict = check("reader", WRITTEN, SOUND[:7] + SOUND[8:])
    assert (verdict.lost, verdict.gaps) == (["e7"], [7])
    assert faults(verdict) == {"lost": 1, "gaps": 1}


def test_a_lost_event_is_found_where_the_positions_hide_it() -> None:
    assert faults(check("reader", WRITTEN, at_places(SOUND[:7] + SOUND[8:]))) == {"lost": 1}


def test_a_lost_last_event_is_found() -> None:
    assert faults(check("reader", WRITTEN, SOUND[:-1])) == {"lost": 1}


def test_a_doubled_event_is_found() -> None:
    assert faults(check("reader", WRITTEN, at_places([*SOUND[:8], SOUND[7], *SOUND[8:]]))) == {"doubled": 1}


def test_an_event_that_comes_before_an_earlier_one_of_its_stream_is_found() -> None:
    swapped = [*SOUND[:3], SOUND[6], SOUND[4], SOUND[5], SOUND[3], *SOUND[7:]]
    assert check("reader", WRITTEN, at_places(swapped)).reordered == ["e3"]


def test_positions_that_go_back_are_found() -> None:
    assert faults(check("reader", WRITTEN, [SOUND[1], SOUND[0], *SOUND[2:]])) == {"reordered": 1, "gaps": 1}


def test_an_event_that_was_rolled_back_is_found() -> None:
    assert faults(check("reader", WRITTEN, [*SOUND, Seen(30, "undone")])) == {"phantoms": 1}


def test_numbers_used_up_by_a_rollback_are_no_fault_where_they_are_allowed() -> None:
    assert check("reader", WRITTEN, [Seen(2 * one.position, one.id) for one in SOUND], gaps_allowed=True).sound
