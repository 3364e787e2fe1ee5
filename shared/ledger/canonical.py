"""The one byte form of an entry: canonical JSON of RFC 8785, narrowed so that nothing in it is a matter of opinion.

No floats; integers within ±(2^53 - 1), which every JSON reader holds exactly; strings in Unicode form NFC without lone
surrogates; object members in the order of their names' UTF-16 code units, each name once. What is written here is
hashed as written and never written again, so a reader accepts these bytes and no others.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import msgspec

LARGEST_INTEGER = 2**53 - 1
"""The largest magnitude of an integer (I-JSON, RFC 7493, section 2.2)."""

# msgspec writes strings and integers as RFC 8785 asks (the tests compare every character); order is ours to give.
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder().decode


class CanonicalError(ValueError):
    """A value that has no canonical form, or bytes that are not in it."""


def canonical(value: Any) -> bytes:
    """The canonical bytes of a JSON value: None, bool, int, str, list, tuple and dict with str names, nothing else.

    Strings are brought to NFC. Raises CanonicalError on a float, an integer out of range, a lone surrogate, any other
    type (subclasses included: an enumeration must be turned into its code first), two names that are one after
    normalisation, and nesting deeper than the interpreter's stack.
    """
    try:
        if _is_plain(value):
            # What is ASCII as a whole, as entries mostly are, holds no string to normalise and no name out of order.
            written = _encode_sorted(value)
            if written.isascii():
                return written
        return _encode(_settled(value))
    except UnicodeEncodeError as error:
        raise CanonicalError("a string holds a lone surrogate") from error
    except RecursionError as error:
        raise CanonicalError("nested too deeply") from error


def parse(entry: bytes) -> Any:
    """The value of canonical bytes. Raises CanonicalError unless they are exactly what `canonical` makes of it."""
    try:
        value = _decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CanonicalError(f"not JSON: {error}") from error
    if canonical(value) != entry:
        raise CanonicalError("not in canonical form")
    return value


def _is_plain(value: Any) -> bool:
    """Whether all of it is of types that have a canonical form, so that only strings and order can need settling."""
    kind = type(value)
    if kind is dict:
        for name, member in value.items():
            if type(name) is not str or (type(member) is not str and not _is_plain(member)):
                return False
        return True
    if kind is int:
        return bool(-LARGEST_INTEGER <= value <= LARGEST_INTEGER)
    if kind is list or kind is tuple:
        return all(type(one) is str or _is_plain(one) for one in value)
    return kind is str or value is None or kind is bool


def _settled(value: Any) -> Any:
    """The value with its strings normalised and its members in order."""
    kind = type(value)
    if kind is str:
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if kind is dict:
        return _members(value)
    if kind is int:
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise CanonicalError(f"an integer beyond ±{LARGEST_INTEGER}")
        return value
    if kind is list or kind is tuple:
        return [_settled(one) for one in value]
    if value is None or kind is bool:
        return value
    raise CanonicalError(f"{kind.__name__} has no canonical form")


def _members(value: dict[Any, Any]) -> dict[str, Any]:
    if any(type(name) is not str for name in value):
        raise CanonicalError("a member's name is not a string")
    if all(map(str.isascii, value)):
        return {name: _settled(value[name]) for name in sorted(value)}
    members: dict[str, Any] = {}
    for name, member in value.items():
        settled = unicodedata.normalize("NFC", name)
        if settled in members:
            raise CanonicalError("two members have one name")
        members[settled] = _settled(member)
    # Code points and UTF-16 code units differ in order from U+E000 on (RFC 8785, section 3.2.3).
    return {name: members[name] for name in sorted(members, key=lambda one: one.encode("utf-16-be"))}
