"""Rows of a roster to look at: the gravest first, a group at a time, page by page."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry.queries.looking import cut, gathered, sorted_out
from shared.kernel.refusals import Invalid


def row(number: int, outcome: str, *codes: str) -> dict[str, Any]:
    return {"row": number, "outcome": outcome, "problems": [{"code": code} for code in codes]}


ROWS = [
    row(1, "new", "roster.phone_unreadable"),
    row(2, "new"),
    row(3, "refused", "roster.name_missing"),
    row(4, "duplicate", "roster.duplicate_person"),
    row(5, "counted", "roster.grade_unreadable"),
    row(6, "refused", "roster.identity_check"),
    row(7, "refused", "roster.name_missing"),
    row(8, "duplicate"),
]


def numbers(rows: list[dict[str, Any]]) -> list[int]:
    return [one["row"] for one in rows]


def test_refused_rows_come_first_then_doubles_then_remarks_the_same_problems_together() -> None:
    rows, counts = sorted_out(ROWS)
    assert numbers(rows) == [6, 3, 7, 8, 4, 5, 1]
    assert counts == {"refused": 3, "duplicate": 2, "notice": 2}


def test_a_page_says_how_many_rows_of_the_group_come_behind_it() -> None:
    rows, _counts = sorted_out(ROWS)
    shown, behind, following = cut(rows, "refused", None, 2)
    assert (numbers(shown), behind) == ([6, 3], 1)
    assert following is not None
    assert cut(rows, "refused", following, 2) == ([ROWS[6]], 0, None)
    assert numbers(cut(rows, None, None, 300)[0]) == [6, 3, 7, 8, 4, 5, 1]


def test_one_group_is_gathered_over_the_chunks_without_losing_or_repeating_a_row() -> None:
    chunks = {1: ROWS[:3], 2: ROWS[3:6], 3: ROWS[6:]}
    seen: list[int] = []
    after: str | None = None
    for _page in range(5):
        shown, after = gathered(chunks.__getitem__, 3, "refused", after, 1)
        seen += numbers(shown)
        if after is None:
            break
    assert seen == [3, 6, 7]


@pytest.mark.parametrize("after", ["zzz", "WyJ4Il0", "WyItMSJd"])
def test_a_cursor_that_is_none_is_refused(after: str) -> None:
    with pytest.raises(Invalid):
        cut(ROWS, None, after, 2)
