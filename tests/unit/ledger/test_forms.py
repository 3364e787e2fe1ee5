"""An export's entries are held against forms of those that were read in full: what fits is what reading accepts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.ledger.export.verify import OFTEN, Examined, Forms, parse
from tests.unit.ledger.exports import START, entry_at, stamp


def test_what_fits_a_form_is_what_a_full_reading_accepts() -> None:
    """Each byte of an entry is changed into others, taken out and doubled: a form never takes what `parse` refuses."""
    forms = Forms()
    for position in range(2 * OFTEN):
        entry = entry_at(position)
        forms.learn(entry, parse(entry))
    entry = entry_at(3, persons=[])
    assert forms.match(entry) is not None
    fitting = 0
    for at in range(len(entry)):
        others = [b"", entry[at : at + 1] * 2, *(bytes([one]) for one in b'"\\ \n\x00\x1f\x7f\xe7\xff0-9aA,:{}[]')]
        for other in others:
            changed = entry[:at] + other + entry[at + 1 :]
            try:
                found = forms.match(changed)
            except UnicodeDecodeError:
                continue
            if found is not None:
                fitting += 1
                value = parse(changed)
                named = (value["id"], value["stream"], str(value["stream_version"]), value["time"])
                assert named == tuple(one.decode() for one in found.groups())
    assert fitting > len(entry)


@pytest.mark.parametrize(
    "text", ["e\u0301", "\u1100\u1161", "\U0001f600", "\uff08", "a\\u00e9", "\\/", "\\ud800"], ids=ascii
)
def test_text_in_another_form_fits_none(text: str) -> None:
    forms = Forms()
    for position in range(OFTEN):
        forms.learn(entry_at(position), parse(entry_at(position)))
    changed = entry_at(1).replace(b'"none"', f'"{text}"'.encode())
    try:
        accepted = parse(changed) is not None
    except ValueError:
        accepted = False
    assert (forms.match(changed) is not None) <= accepted


def test_an_entry_of_another_log_never_becomes_a_form() -> None:
    examined = Examined(0, 64)
    examined.say(
        [entry_at(position, source="county.example/alerts") for position in range(64)], "county.example/casework"
    )
    assert [what for _, what, _, _ in examined.found] == ["entry_of_another_log"] * 64


def entries_with_times_in_their_ids(**changed: dict[str, Any]) -> list[bytes]:
    return [
        entry_at(at, **({"id": new_id(START + timedelta(seconds=at))} | changed.get(f"e{at}", {}))) for at in range(64)
    ]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"id": new_id(START + timedelta(minutes=20))}, "time_contradicts_id"),
        ({"time": stamp(START + timedelta(minutes=20))}, "time_contradicts_id"),
        ({"time": "2026-11-23T08:00:61.000000Z"}, "entry_unreadable"),
        ({"time": "2026-11-23T08:00:5..000000Z"}, "entry_unreadable"),
        ({"id": "two\nlines"}, "entry_unreadable"),
        ({"stream": ""}, "entry_unreadable"),
    ],
)
def test_what_an_entry_says_is_seen_among_many_that_agree(changed: dict[str, Any], found: str) -> None:
    examined = Examined(0, 64)
    examined.say(entries_with_times_in_their_ids(e50=changed), "county.example/casework")
    assert [(what, at) for _, what, at, _ in examined.found] == [(found, 50)]


def test_one_entry_with_a_mark_leaves_the_others_to_their_forms() -> None:
    examined = Examined(0, 64)
    examined.say(entries_with_times_in_their_ids(e50={"data": {"words": 'a "word" \\'}}), "county.example/casework")
    assert examined.found == []
    assert len(examined.times) == 64
