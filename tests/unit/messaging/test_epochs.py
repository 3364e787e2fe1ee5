"""How much a restored log has in common with what was followed of it, after one restore and after several."""

from __future__ import annotations

import pytest

from shared.messaging.epochs import MOST_EPOCHS, shared_size

BORN = ("first", 0)


@pytest.mark.parametrize(
    ("epochs", "followed", "accepted", "size"),
    [
        ([("second", 5), BORN], "first", [], 5),
        ([("third", 8), ("second", 5), BORN], "first", [], 5),
        ([("third", 8), ("second", 5), BORN], "second", [5], 8),
        ([("third", 3), ("second", 5), BORN], "second", [5], 3),
        ([("second", 5), BORN], "second", [], 5),
    ],
    ids=["one", "two-and-neither-accepted", "two-and-the-first-accepted", "further-back", "agreed-already"],
)
def test_what_lies_before_every_restore_since_then_is_shared(
    epochs: list[tuple[str, int]], followed: str, accepted: list[int], size: int
) -> None:
    assert shared_size(epochs, followed, accepted) == size


def test_an_epoch_that_the_log_does_not_know_began_where_it_was_accepted() -> None:
    """The log went back to a backup from before the epoch that was followed."""
    assert shared_size([("third", 50), BORN], "second", [3]) == 3
    assert shared_size([("third", 2), BORN], "second", [3]) == 2


def test_a_log_that_was_begun_anew_shares_nothing() -> None:
    assert shared_size([("other", 0)], "first", [5]) == 0
    assert shared_size([], "first") == 0


def test_a_log_with_more_epochs_than_it_tells_of_leaves_none_of_them_out() -> None:
    told = [(str(number), number) for number in range(MOST_EPOCHS, 0, -1)]
    assert shared_size(told, "first") == 1
