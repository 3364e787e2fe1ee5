"""Entry bundles of C2SP `tlog-tiles`: up to 256 entries, each after its length in two bytes, big end first."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 2**16 - 1
"""Bytes of the longest entry that the format can hold: the store refuses a longer one before it is written."""


class BundleError(ValueError):
    """Bytes that are no bundle."""


def bundle_of(entries: Iterable[bytes]) -> bytes:
    """The bundle of these entries. Raises OverflowError on one that is too long."""
    return b"".join(len(one).to_bytes(2, "big") + one for one in entries)


def entries_in(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises BundleError when it ends within one."""
    found, at = [], 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if at > len(bundle) or start > len(bundle):
            raise BundleError("the bundle ends within an entry")
        found.append(bundle[start:at])
    return found
