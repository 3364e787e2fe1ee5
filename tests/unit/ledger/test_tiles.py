"""Tiles and bundles have one name and one form each; a receipt proves by itself what it says."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.bundles import LONGEST, BundleError, bundle_of, entries_in
from shared.ledger.merkle import Frontier, ProofError, inclusion_proof, leaf_hash
from shared.ledger.notes import SigningKey, UntrustedNoteError, sign_checkpoint
from shared.ledger.receipts import Receipt, ReceiptError, read_receipt
from shared.ledger.tiles import ENTRIES, Tile, index_path, levels_of, tile_at, tiles_of

KEY = SigningKey.generate("county.example/casework")
ENTRY = b'{"id":"one"}'


def test_an_index_is_written_as_the_format_has_it() -> None:
    assert index_path(1_234_067) == "x001/x234/067"
    assert Tile(0, 273, 112).path == "tile/0/273.p/112"
    assert Tile(ENTRIES, 1000).path == "tile/entries/x001/000"


@given(st.integers(-1, 7), st.integers(0, 2**55 - 1), st.integers(1, 256))
def test_every_tile_is_found_again_by_its_path(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert tile_at(level, tile.path.split("/", 2)[2]) == tile


@pytest.mark.parametrize(
    "path",
    ["", "1", "0001", "x000/001", "001/002", "x001", "001.p/0", "001.p/256", "001.p/01", "001.p/", "../001", "٠٠١"],
)
def test_a_path_that_is_written_in_another_way_names_nothing(path: str) -> None:
    assert tile_at(0, path) is None


def test_the_tree_of_the_formats_own_example_has_the_tiles_that_it_names() -> None:
    size = 70_000
    assert list(levels_of(size)) == [0, 1, 2]
    full, partial = {}, {}
    for level in levels_of(size):
        tiles = list(tiles_of(level, size))
        full[level] = sum(one.full for one in tiles)
        partial[level] = [one.width for one in tiles if not one.full]
        assert all(one.lies_in(size) for one in tiles)
    assert (full, partial) == ({0: 273, 1: 1, 2: 0}, {0: [112], 1: [17], 2: [1]})
    assert [[one.width for one in tiles_of(level, 256)] for level in levels_of(256)] == [[256], [1]]
    assert list(levels_of(0)) == []
    assert list(levels_of(1)) == [0]


def test_a_tile_beyond_the_edge_does_not_lie_in_the_tree() -> None:
    assert Tile(0, 0, 10).lies_in(10)
    assert not Tile(0, 0, 11).lies_in(10)
    assert not Tile(1, 0, 1).lies_in(255)
    assert Tile(ENTRIES, 1, 1).lies_in(257)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert entries_in(bundle_of(entries)) == entries


def test_a_bundle_holds_no_longer_entry_than_two_bytes_can_count() -> None:
    assert entries_in(bundle_of([bytes(LONGEST)])) == [bytes(LONGEST)]
    with pytest.raises(OverflowError):
        bundle_of([bytes(LONGEST + 1)])


@pytest.mark.parametrize("bundle", [b"\x00", b"\x00\x05abcd", b"\x00\x01a\x00"])
def test_a_bundle_that_ends_within_an_entry_is_none(bundle: bytes) -> None:
    with pytest.raises(BundleError):
        entries_in(bundle)


def receipt(position: int = 5, size: int = 9) -> Receipt:
    leaves = [leaf_hash(ENTRY if at == position else bytes([at])) for at in range(size)]
    nodes = {(0, at): leaf for at, leaf in enumerate(leaves)}
    edge = Frontier()
    for leaf in leaves:
        nodes |= {(level, index): one for level, index, one in edge.append(leaf)}
    proof = inclusion_proof(position, size, lambda level, index: nodes[level, index])
    return Receipt(ENTRY, position, tuple(proof), sign_checkpoint(KEY.name, size, edge.root(), KEY))


@given(st.integers(1, 40), st.data())
def test_a_receipt_proves_itself_to_whoever_trusts_the_key(size: int, data: st.DataObject) -> None:
    made = receipt(data.draw(st.integers(0, size - 1)), size)
    assert read_receipt(made.text()) == made
    assert made.verify([KEY.verifier]).size == size


def test_a_receipt_is_written_as_the_format_has_it() -> None:
    lines = receipt().text().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", f"extra {base64.b64encode(ENTRY).decode()}", "index 5"]
    assert lines[lines.index("") + 1 :] == receipt().note.split("\n")[:3] + lines[lines.index("") + 4 :]


def test_a_receipt_of_something_else_proves_nothing() -> None:
    made = receipt()
    for wrong in (Receipt(b"{}", 5, made.proof, made.note), Receipt(ENTRY, 6, made.proof, made.note)):
        with pytest.raises(ProofError):
            wrong.verify([KEY.verifier])
    with pytest.raises(UntrustedNoteError):
        made.verify([SigningKey.generate(KEY.name).verifier])


@pytest.mark.parametrize(
    ("old", "new"),
    [("@v1", "@v2"), ("extra ", "other "), ("index 5", "index 05"), ("extra e", "extra !"), ("\n\n", "\nAAAA\n\n")],
)
def test_a_crooked_receipt_is_not_read(old: str, new: str) -> None:
    with pytest.raises(ReceiptError):
        read_receipt(receipt().text().replace(old, new, 1))
