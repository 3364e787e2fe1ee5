"""Entries have one byte form: RFC 8785, narrowed; whatever is not in that form is refused."""

from __future__ import annotations

import json
import sys
import unicodedata
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.canonical import CanonicalError, canonical, parse

LARGEST = 2**53 - 1
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


def model_text(text: str) -> str:
    """Serialisation of a string as RFC 8785, section 3.2.2.2, spells it out."""
    short = {0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r", 0x22: '\\"', 0x5C: "\\\\"}
    parts = []
    for char in unicodedata.normalize("NFC", text):
        code = ord(char)
        parts.append(short.get(code) or (f"\\u{code:04x}" if code < 0x20 else char))
    return '"' + "".join(parts) + '"'


def model(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return model_text(value)
    if isinstance(value, list):
        return "[" + ",".join(map(model, value)) + "]"
    named = {unicodedata.normalize("NFC", name): member for name, member in value.items()}
    in_order = sorted(named, key=lambda name: [*name.encode("utf-16-be")])
    # Code units compare like big-endian bytes, two at a time.
    return "{" + ",".join(f"{model_text(name)}:{model(named[name])}" for name in in_order) + "}"


def names_collide(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(names_collide, value))
    if isinstance(value, dict):
        return len({unicodedata.normalize("NFC", name) for name in value}) < len(value) or any(
            map(names_collide, value.values())
        )
    return False


@given(values)
def test_canonical_bytes_are_those_of_the_rfc(value: Any) -> None:
    if names_collide(value):
        with pytest.raises(CanonicalError):
            canonical(value)
    else:
        assert canonical(value) == model(value).encode()


@given(values.filter(lambda value: not names_collide(value)))
def test_canonical_bytes_are_read_back_and_written_alike(value: Any) -> None:
    written = canonical(value)
    assert canonical(parse(written)) == written


def test_every_character_is_written_as_the_rfc_says() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if not 0xD800 <= code <= 0xDFFF:
            assert canonical(char) == model_text(char).encode(), hex(code)


def test_names_stand_in_the_order_of_the_rfcs_own_example() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = json.loads(
        canonical(dict.fromkeys(names, 0)), object_pairs_hook=lambda pairs: [name for name, _ in pairs]
    )
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", unicodedata.normalize("NFC", "\ufb33")]
    # The sixth name there, U+FB33, is excluded from NFC composition and becomes two characters below U+20AC.
    expected.insert(4, expected.pop())
    assert written == expected


def test_an_astral_name_stands_before_one_from_the_end_of_the_basic_plane() -> None:
    assert canonical({"\uff5e": 1, "\U00020000": 2}) == '{"\U00020000":2,"\uff5e":1}'.encode()


def test_text_is_brought_to_nfc() -> None:
    assert canonical("e\u0301") == canonical("\u00e9") == '"\u00e9"'.encode()
    assert canonical({"e\u0301": "e\u0301"}) == '{"\u00e9":"\u00e9"}'.encode()


def test_two_names_that_normalise_to_one_are_refused() -> None:
    with pytest.raises(CanonicalError, match="one name"):
        canonical({"e\u0301": 1, "\u00e9": 2})


@pytest.mark.parametrize("value", [LARGEST, -LARGEST, 0])
def test_the_largest_exact_integers_are_written(value: int) -> None:
    assert canonical(value) == str(value).encode()


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        LARGEST + 1,
        -LARGEST - 1,
        "\ud800",
        "\udc00\ud800",
        {"\ud800": 1},
        {"\ud800": 1, "é": 2},
        {1: "a"},
        {None: "a"},
        b"bytes",
        {1, 2},
        Colour.RED,
        [[{"deep": [0.5]}]],
        object(),
    ],
    ids=lambda value: repr(value).partition(" at 0x")[0],  # the same on every worker
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical(value)


def test_nesting_beyond_the_stack_is_refused_in_both_directions() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(CanonicalError, match="deep"):
        canonical(deep)
    with pytest.raises(CanonicalError):
        parse(b"[" * 100_000 + b"]" * 100_000)


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b" {}",
        b"{}\n",
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b"1.0",
        b"1e2",
        b"-0",
        b"01",
        b"9007199254740992",
        b"NaN",
        b'"\\u0041"',
        b'"\\/"',
        b'"\\u001F"',
        b'"\\u000a"',
        b'"\\ud83d\\ude00"',
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        b'"\x01"',
        '"e\u0301"'.encode(),
        '{"\uff5e":1,"\U00020000":2}'.encode(),
        b"{} {}",
    ],
    ids=repr,
)
def test_bytes_in_any_other_form_are_refused(entry: bytes) -> None:
    with pytest.raises(CanonicalError):
        parse(entry)


def test_a_tuple_is_written_as_a_list() -> None:
    assert canonical({"a": (1, "二", None, True, False)}) == '{"a":[1,"二",null,true,false]}'.encode()
