from __future__ import annotations

import pytest

from shared.messaging.silence import Hearing


class Hands:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def hearing(hands: Hands) -> Hearing:
    return Hearing(hands)


def test_a_source_that_speaks_is_not_asked(hands: Hands, hearing: Hearing) -> None:
    for _ in range(20):
        hands.at += 1
        hearing.heard()
        assert not hearing.should_ask()


def test_five_seconds_without_a_word_are_enough_to_ask(hands: Hands, hearing: Hearing) -> None:
    hands.at = 5
    assert hearing.should_ask()


def test_an_answer_counts_as_a_word(hands: Hands, hearing: Hearing) -> None:
    hands.at = 5
    hearing.answered()
    hands.at = 9
    assert not hearing.should_ask()
    assert hearing.quiet() == 4


def test_a_gap_is_asked_for_at_once_and_once(hearing: Hearing) -> None:
    hearing.missed()
    assert hearing.should_ask()
    hearing.answered()
    assert not hearing.should_ask()


def test_ranges_are_late_when_none_comes_after_the_head(hands: Hands, hearing: Hearing) -> None:
    hearing.behind(True)
    hands.at = 1
    hearing.behind(True)
    assert not hearing.should_ask()
    hands.at = 1.6
    assert hearing.late()
    assert hearing.should_ask()
    hearing.behind(False)
    assert not hearing.should_ask()


def test_ranges_that_come_are_not_late(hands: Hands, hearing: Hearing) -> None:
    hearing.behind(True)
    for _ in range(5):
        hands.at += 1
        hearing.heard(a_range=True)
        assert not hearing.late()


def test_a_minute_of_silence_is_told_once_and_again_after_the_next_word(hands: Hands, hearing: Hearing) -> None:
    hands.at = 59
    assert hearing.silent_for_too_long() is None
    hands.at = 61
    assert hearing.silent_for_too_long() == 61
    hands.at = 100
    assert hearing.silent_for_too_long() is None
    hearing.heard()
    hands.at = 161
    assert hearing.silent_for_too_long() == 61


def test_who_does_not_answer_is_asked_less_and_less_and_then_at_least_twice_a_minute(
    hands: Hands, hearing: Hearing
) -> None:
    hearing.missed()
    pauses = []
    for _ in range(8):
        assert hearing.should_ask()
        hearing.unanswered()
        asked = hands.at
        while not hearing.should_ask():
            hands.at += 1
        pauses.append(hands.at - asked)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
