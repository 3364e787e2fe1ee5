"""The Merkle tree of RFC 6962: hashing, the growing edge, proofs, and their verification.

A node is named by its level and index: (0, i) is the hash of leaf i, and (l, i) covers the leaves from i·2^l up to
(i+1)·2^l. Only nodes whose leaves all exist ("complete") are ever kept; they never change again. Every other hash is
folded from complete ones when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves (RFC 6962, section 2.1)."""

Node = tuple[int, int, bytes]
"""Level, index and hash of a complete node."""
NodeReader = Callable[[int, int], bytes]
"""Reads the hash of a complete node by level and index."""


class ProofError(ValueError):
    """A proof that does not prove what it is said to prove."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def complete_nodes(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The fewest complete nodes (level, index) that cover the leaves from `start` up to `stop`, left to right.

    `start` is a multiple of a power of two that is not smaller than `stop - start`, as in every proof.
    """
    while start < stop:
        level = (stop - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


class Frontier:
    """The right edge of a tree: all that is needed to append to it and to know its root.

    `hashes` are those of `complete_nodes(0, size)`: one for each bit set in `size`, the widest first.
    Raises ValueError when there are more or fewer.
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)
        if size < 0 or len(self.hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has not {len(self.hashes)} hashes at its edge")

    def append(self, leaf: bytes) -> list[Node]:
        """Take in the next leaf's hash. Returns the inner nodes (level 1 and up) that it completes, lowest first."""
        completed: list[Node] = []
        index, level = self.size, 0
        while index & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            index >>= 1
            level += 1
            completed.append((level, index, leaf))
        self.hashes.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes."""
    edge = Frontier()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def inclusion_spans(position: int, size: int) -> list[tuple[int, int]]:
    """The spans of leaves (start, stop) whose hashes prove that `position` is in the tree of `size` leaves.

    In the order of PATH (RFC 6962, section 2.1.1). Raises ValueError when there is no such leaf.
    """
    if not 0 <= position < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {position}")
    start, stop = 0, size
    spans = []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if position < middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[tuple[int, int]]:
    """The spans of leaves whose hashes prove that the tree of `new` leaves begins with the tree of `old`.

    In the order of PROOF (RFC 6962, section 2.1.2). Nothing is needed from an empty or an equal tree.
    Raises ValueError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not continue one of {old}")
    if old in (0, new):
        return []
    start, stop = 0, new
    spans = []
    while stop != old:
        middle = start + _split(stop - start)
        if old <= middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:  # otherwise the verifier holds this very hash: it is the old root
        spans.append((start, stop))
    return spans[::-1]


def span_hash(start: int, stop: int, node: NodeReader) -> bytes:
    """The hash over the leaves from `start` up to `stop`, folded from complete nodes."""
    return _fold([node(level, index) for level, index in complete_nodes(start, stop)])


def inclusion_proof(position: int, size: int, node: NodeReader) -> list[bytes]:
    """The audit path of a leaf in the tree of `size` leaves. Raises ValueError when there is no such leaf."""
    return [span_hash(start, stop, node) for start, stop in inclusion_spans(position, size)]


def consistency_proof(old: int, new: int, node: NodeReader) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old`. Raises ValueError unless 0 <= old <= new."""
    return [span_hash(start, stop, node) for start, stop in consistency_spans(old, new)]


def verify_inclusion(leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at `position` in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2).

    Raises ProofError when it does not.
    """
    if not 0 <= position < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {position}")
    _check_sizes([leaf, root, *proof])
    current = leaf
    for sibling, stands_left in _climb(position, size - 1, proof):
        current = node_hash(sibling, current) if stands_left else node_hash(current, sibling)
    if current != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162, section 2.1.4.2).

    Raises ProofError when it does not.
    """
    _check_sizes([old_root, new_root, *proof])
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {new} leaves does not continue one of {old}")
    if old in (0, new):
        if proof:
            raise ProofError("the proof is too long")
        if old_root != (new_root if old else EMPTY_ROOT):
            raise ProofError("two roots for one size")
        return
    # Both trees share the narrowest complete node at the old edge. It is the old root itself, and left out of the
    # proof, when the old size is a power of two.
    hashes = [*proof] if old & (old - 1) else [old_root, *proof]
    if not hashes:
        raise ProofError("the proof is too short")
    level = (old & -old).bit_length() - 1
    was = now = hashes[0]
    for sibling, stands_left in _climb((old - 1) >> level, (new - 1) >> level, hashes[1:]):
        if stands_left:
            was = node_hash(sibling, was)
        now = node_hash(sibling, now) if stands_left else node_hash(now, sibling)
    if was != old_root:
        raise ProofError("the proof leads to another old root")
    if now != new_root:
        raise ProofError("the proof leads to another new root")


def _climb(index: int, last: int, proof: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each sibling on the way from a node to the root, with whether it stands to the left of what is known so far.

    `last` is the index of the last node at the same level. Raises ProofError when the way ends early or late.
    """
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        stands_left = bool(index & 1) or index == last
        # A right edge without a sibling rises until it is a right child.
        while stands_left and index and not index & 1:
            index >>= 1
            last >>= 1
        yield sibling, stands_left
        index >>= 1
        last >>= 1
    if last:
        raise ProofError("the proof is too short")


def _split(width: int) -> int:
    """The largest power of two below `width`, which is at least 2."""
    return 1 << ((width - 1).bit_length() - 1)


def _fold(hashes: Sequence[bytes]) -> bytes:
    current = hashes[-1]
    for left in reversed(hashes[:-1]):
        current = node_hash(left, current)
    return current


def _check_sizes(hashes: Iterable[bytes]) -> None:
    if any(len(one) != HASH_SIZE for one in hashes):
        raise ProofError("a hash has 32 bytes")
