"""The tree agrees with RFC 6962: with published roots, and with the RFC's own recursive definitions."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    ProofError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The inputs and roots that the implementations of certificate transparency test themselves with.
REFERENCE_LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(1, 130)


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(str(one).encode()) for one in range(size)]


def split(width: int) -> int:
    power = 1
    while power * 2 < width:
        power *= 2
    return power


def model_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + model_root(leaves[:k]) + model_root(leaves[k:])).digest()


def model_path(position: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if position < k:
        return [*model_path(position, leaves[:k]), model_root(leaves[k:])]
    return [*model_path(position - k, leaves[k:]), model_root(leaves[:k])]


def model_proof(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [model_root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*model_proof(old, leaves[:k], whole), model_root(leaves[k:])]
    return [*model_proof(old - k, leaves[k:], False), model_root(leaves[:k])]


class Nodes:
    """Complete nodes as a database keeps them: read by level and index, absent ones are an error."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.kept = {(0, index): leaf for index, leaf in enumerate(leaves)}
        edge = Frontier()
        for leaf in leaves:
            self.kept.update({(level, index): one for level, index, one in edge.append(leaf)})

    def __call__(self, level: int, index: int) -> bytes:
        return self.kept[level, index]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_root_is_the_published_one(size: int) -> None:
    root = root_of(leaf_hash(one) for one in REFERENCE_LEAVES[:size])
    assert root.hex() == REFERENCE_ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT == sha256(b"").digest()


def test_a_published_audit_path_verifies() -> None:
    path = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    verify_inclusion(
        leaf_hash(REFERENCE_LEAVES[0]), 0, 8, [bytes.fromhex(one) for one in path], bytes.fromhex(REFERENCE_ROOTS[7])
    )


def test_a_leaf_is_never_taken_for_a_node() -> None:
    left, right = leaves_of(2)
    assert leaf_hash(left + right) != node_hash(left, right)


@given(sizes)
def test_the_growing_edge_gives_the_root_of_the_definition_at_every_size(size: int) -> None:
    leaves = leaves_of(size)
    edge = Frontier()
    for grown, leaf in enumerate(leaves, start=1):
        edge.append(leaf)
        assert edge.root() == model_root(leaves[:grown])


@given(sizes)
def test_each_complete_inner_node_is_returned_once_with_its_hash(size: int) -> None:
    leaves = leaves_of(size)
    edge = Frontier()
    found = [one for leaf in leaves for one in edge.append(leaf)]
    wanted = {
        (level, index): model_root(leaves[index << level : (index + 1) << level])
        for level in range(1, size.bit_length())
        for index in range(size >> level)
    }
    assert len(found) == len(wanted)
    assert {(level, index): one for level, index, one in found} == wanted


@given(sizes, st.data())
def test_an_edge_that_was_stored_goes_on_like_the_one_that_was_not(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    stop = data.draw(st.integers(0, size))
    first = Frontier()
    for leaf in leaves[:stop]:
        first.append(leaf)
    second = Frontier(first.size, first.hashes)
    for leaf in leaves[stop:]:
        assert first.append(leaf) == second.append(leaf)
    assert second.root() == model_root(leaves)


@pytest.mark.parametrize(("size", "hashes"), [(0, 1), (1, 0), (3, 1), (4, 2), (-1, 1)])
def test_an_edge_with_the_wrong_number_of_hashes_is_refused(size: int, hashes: int) -> None:
    with pytest.raises(ValueError, match="at its edge"):
        Frontier(size, leaves_of(hashes))


@given(sizes, st.data())
def test_an_inclusion_proof_is_that_of_the_definition_and_verifies(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    position = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(position, size, Nodes(leaves))
    assert proof == model_path(position, leaves)
    verify_inclusion(leaves[position], position, size, proof, model_root(leaves))


@given(sizes, st.data())
def test_a_consistency_proof_is_that_of_the_definition_and_verifies(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size))
    proof = consistency_proof(old, size, Nodes(leaves))
    assert proof == model_proof(old, leaves)
    verify_consistency(old, model_root(leaves[:old]), size, model_root(leaves), proof)


def test_proofs_for_an_old_size_need_no_node_that_came_later() -> None:
    leaves = leaves_of(21)
    for size in range(1, 21):
        nodes = Nodes(leaves[:size])
        for position in range(size):
            inclusion_proof(position, size, nodes)
        for old in range(1, size + 1):
            consistency_proof(old, size, nodes)


def altered(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    """The proof with one hash changed, left out, doubled, or two exchanged."""
    kind = data.draw(st.sampled_from(["change", "drop", "double", "append"] if proof else ["append"]))
    at = data.draw(st.integers(0, max(len(proof) - 1, 0)))
    wrong = sha256(b"wrong").digest()
    if kind == "change":
        return [*proof[:at], wrong, *proof[at + 1 :]]
    if kind == "drop":
        return proof[:at] + proof[at + 1 :]
    if kind == "double":
        return proof[: at + 1] + proof[at:]
    return [*proof, wrong]


@given(sizes, st.data())
def test_an_altered_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    position = data.draw(st.integers(0, size - 1))
    proof = altered(model_path(position, leaves), data)
    with pytest.raises(ProofError):
        verify_inclusion(leaves[position], position, size, proof, model_root(leaves))


@given(sizes, st.data())
def test_an_altered_consistency_proof_is_refused(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size))
    proof = altered(model_proof(old, leaves), data)
    with pytest.raises(ProofError):
        verify_consistency(old, model_root(leaves[:old]), size, model_root(leaves), proof)


@given(st.integers(2, 130), st.data())
def test_a_proof_for_one_place_proves_no_other(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    position = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != position))
    with pytest.raises(ProofError):
        verify_inclusion(leaves[position], other, size, model_path(position, leaves), model_root(leaves))


@given(st.integers(2, 130), st.data())
def test_a_rewritten_past_is_not_consistent(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, old - 1))
    forged = [*leaves[:changed], leaf_hash(b"forged"), *leaves[changed + 1 :]]
    with pytest.raises(ProofError):
        verify_consistency(old, model_root(leaves[:old]), size, model_root(forged), model_proof(old, forged))


def test_a_proof_for_one_size_proves_no_other() -> None:
    leaves = leaves_of(8)
    root, path = model_root(leaves), model_path(0, leaves)
    with pytest.raises(ProofError, match="too short"):
        verify_inclusion(leaves[0], 0, 16, path, root)
    with pytest.raises(ProofError, match="too long"):
        verify_inclusion(leaves[0], 0, 4, path, root)
    with pytest.raises(ProofError, match="too short"):
        verify_consistency(2, model_root(leaves[:2]), 16, root, model_proof(2, leaves))
    with pytest.raises(ProofError, match="too long"):
        verify_consistency(2, model_root(leaves[:2]), 4, root, model_proof(2, leaves))


def test_nothing_need_be_proved_of_the_empty_or_the_same_tree() -> None:
    root = root_of(leaves_of(5))
    assert consistency_proof(0, 5, Nodes(leaves_of(5))) == consistency_proof(5, 5, Nodes(leaves_of(5))) == []
    verify_consistency(0, EMPTY_ROOT, 5, root, [])
    verify_consistency(5, root, 5, root, [])


@pytest.mark.parametrize(
    ("old", "old_root", "new", "proof"),
    [
        (0, b"x" * 32, 5, []),  # not the empty tree's root
        (5, b"x" * 32, 5, []),  # two roots for one size
        (5, None, 5, [b"x" * 32]),  # more than nothing
        (6, None, 5, []),  # backwards
        (-1, None, 5, []),
        (3, None, 5, [b"short"]),
        (3, None, 5, []),
    ],
)
def test_a_consistency_claim_at_the_edges_is_refused(
    old: int, old_root: bytes | None, new: int, proof: list[bytes]
) -> None:
    root = root_of(leaves_of(5))
    with pytest.raises(ProofError):
        verify_consistency(old, old_root or root, new, root, proof)


@pytest.mark.parametrize(("position", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(position: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(position, size, Nodes(leaves_of(3)))
    with pytest.raises(ProofError, match="no leaf"):
        verify_inclusion(b"x" * 32, position, size, [], b"x" * 32)


def test_a_tree_cannot_shrink() -> None:
    with pytest.raises(ValueError, match="does not continue"):
        consistency_proof(4, 3, Nodes(leaves_of(4)))
