from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.merkle import leaf_hash
from shared.messaging.letters import letters_of
from shared.messaging.places import Place
from shared.messaging.ranges import Carried, Head, Range, UnreadableRange, decoded
from shared.messaging.verdicts import Verdict, contradiction, verdict


def entry(position: int) -> str:
    return f'{{"id":"{position:036}","persons":[],"sealed":[],"stream":"s-{position % 3}","type":"t"}}'


def leaf(position: int) -> str:
    return leaf_hash(entry(position).encode()).hex() if position >= 0 else ""


def span(first: int, last: int, *, epoch: str = "e", skip: tuple[int, ...] = ()) -> Range:
    return Range(
        source="registry",
        reader="alerts",
        origin="county.example/registry",
        epoch=epoch,
        first=first,
        last=last,
        before=leaf(first - 1),
        after=leaf(last),
        size=100,
        events=[Carried(position=one, entry=entry(one), parts={}) for one in range(first, last + 1) if one not in skip],
    )


def at(position: int) -> Place:
    return Place(position, "e" if position >= 0 else "", leaf(position))


def judged(place: Place, one: Range) -> Verdict:
    return verdict(place, one, letters_of(one))[0]


def test_a_range_is_read_as_it_was_written() -> None:
    one = span(3, 7)
    assert Range.read(decoded(one.body())) == one
    assert set(one.message()) >= {"source", "origin", "epoch", "from", "to", "before", "after", "size", "events"}


def test_the_id_of_a_range_is_the_same_for_the_same_positions() -> None:
    assert span(3, 7).id == span(3, 7).id
    assert len({span(3, 7).id, span(3, 8).id, span(2, 7).id, span(3, 7, epoch="f").id}) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": 8},
        {"from": -1},
        {"to": 100},
        {"before": ""},
        {"before": "AB" * 32},
        {"after": "ab"},
        {"after": ""},
        {"epoch": ""},
        {"size": "many"},
        {"events": [{"position": 3, "entry": "{}", "parts": {}}] * 2},
        {"events": [{"position": 2, "entry": "{}", "parts": {}}]},
        {"events": [{"position": 9, "entry": "{}", "parts": {}}]},
        {"events": [{"position": 3, "entry": 7, "parts": {}}]},
    ],
)
def test_a_range_that_contradicts_itself_is_not_read(wrong: dict[str, object]) -> None:
    with pytest.raises(UnreadableRange):
        Range.read(span(3, 7).message() | wrong)


@pytest.mark.parametrize("wrong", ["[]", "{}", "{", '{"stream":"s","persons":[],"sealed":{},"type":"t"}'])
def test_an_event_without_an_entry_is_not_read(wrong: str) -> None:
    one = span(3, 3)
    broken = msgspec.structs.replace(one, events=[Carried(position=3, entry=wrong, parts={})])
    with pytest.raises(UnreadableRange):
        letters_of(broken)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", "nothing"])
def test_what_is_no_json_is_no_message(body: bytes | str) -> None:
    assert decoded(body) is None


@given(st.integers(-1, 30), st.integers(0, 30), st.integers(0, 10))
def test_of_the_same_log_a_range_is_next_known_or_beyond_by_its_positions(position: int, first: int, more: int) -> None:
    last = first + more
    wanted = Verdict.BEYOND if first > position + 1 else Verdict.KNOWN if last <= position else Verdict.NEXT
    assert judged(at(position), span(first, last)) is wanted


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 10))
def test_another_leaf_is_found_wherever_the_range_reaches_the_place(position: int, first: int, more: int) -> None:
    place = Place(position, "e", "00" * 32)
    reaches = first - 1 <= position <= first + more
    assert (judged(place, span(first, first + more)) is Verdict.ANOTHER_LOG) == reaches


def test_a_range_of_another_epoch_is_of_another_log() -> None:
    assert judged(at(4), span(5, 6, epoch="f")) is Verdict.ANOTHER_LOG


def test_a_leaf_that_a_range_does_not_tell_contradicts_nothing() -> None:
    assert judged(at(4), span(3, 6, skip=(4,))) is Verdict.NEXT


def test_a_place_without_a_leaf_believes_the_range() -> None:
    assert judged(Place(4, "e", None), span(5, 6)) is Verdict.NEXT


@pytest.mark.parametrize(
    ("size", "tail", "epoch", "contradicts"),
    [
        (5, leaf(4), "e", False),
        (5, leaf(3), "e", True),
        (3, leaf(2), "e", False),
        (9, leaf(8), "e", False),
        (5, leaf(4), "f", True),
    ],
)
def test_a_head_contradicts_by_its_epoch_or_by_the_leaf_at_the_place(
    size: int, tail: str, epoch: str, contradicts: bool
) -> None:
    head = Head(source="registry", origin="o", epoch=epoch, size=size, leaf=tail)
    assert (contradiction(at(4), head) is not None) == contradicts
