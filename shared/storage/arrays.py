"""Arrays as PostgreSQL itself writes them, in text: `{1,2}`, `{"a","b"}`, `{"\\\\x6162"}`.

A list as psycopg2 writes it is an expression for each of its elements, which the server takes longer to read than it
takes to insert them. As text an array is one value, through either driver.
"""

from __future__ import annotations

from collections.abc import Sequence


def numbers(values: Sequence[int]) -> str:
    """An array of any integer type."""
    return f"{{{','.join(map(str, values))}}}"


def binaries(values: Sequence[bytes]) -> str:
    """A `bytea[]`."""
    return '{"' + '","'.join([f"\\\\x{one.hex()}" for one in values]) + '"}' if values else "{}"


def texts(values: Sequence[str]) -> str:
    """A `text[]` of strings without NUL, which PostgreSQL cannot hold."""
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join([one.replace("\\", "\\\\").replace('"', '\\"') for one in values])
    return f'{{"{joined}"}}'


def binary(value: bytes) -> str:
    """A `bytea`."""
    return f"\\x{value.hex()}"
