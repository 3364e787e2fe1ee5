"""Checkpoints are C2SP notes: those of others are read, ours are read by others, and nothing crooked is read at all."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.ledger.merkle import EMPTY_ROOT
from shared.ledger.notes import (
    Checkpoint,
    ForgedNoteError,
    MalformedNoteError,
    NoteError,
    SigningKey,
    UntrustedNoteError,
    Verifier,
    read_checkpoint,
    sign_checkpoint,
)

ORIGIN = "liuyang.example/casework"
KEY = SigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = SigningKey("neighbour.example/alerts", Ed25519PrivateKey.from_private_bytes(bytes(32)))
ROOT = bytes(range(32))
NOTE = sign_checkpoint(ORIGIN, 7, ROOT, KEY)
BODY = NOTE[: NOTE.index("\n\n") + 1]

# Made with another tool (openssl, and the key of RFC 8032's first test): an independent hand at the same format.
REFERENCE_SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
REFERENCE_VERIFIER = "log.example/reference+979290de+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
REFERENCE_NOTE = (
    "log.example/reference\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
    "\u2014 log.example/reference "
    "l5KQ3m+5nUjXobmKbqjri8JdnQqQH3pg16XvqK1p9xdxPxcpiWi4hE/uX8vvUneVCpCydTcGXtAYgxgykCt/HjJQiwg=\n"
)


def signed(body: str, key: SigningKey = KEY) -> str:
    """A note over any body, for those that `sign_checkpoint` would not write."""
    return f"{body}\n{key.sign(body)}"


def test_a_note_made_by_another_tool_is_read() -> None:
    checkpoint = read_checkpoint(REFERENCE_NOTE, [Verifier.parse(REFERENCE_VERIFIER)])
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("log.example/reference", 0, EMPTY_ROOT)
    assert checkpoint.signers == ("log.example/reference",)


def test_our_note_is_the_one_that_another_tool_made() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(REFERENCE_SEED))
    key = SigningKey("log.example/reference", private)
    assert sign_checkpoint("log.example/reference", 0, EMPTY_ROOT, key) == REFERENCE_NOTE
    assert str(key.verifier) == REFERENCE_VERIFIER


def test_what_was_signed_is_read_back() -> None:
    assert read_checkpoint(NOTE, [KEY.verifier]) == Checkpoint(ORIGIN, 7, ROOT, NOTE, (ORIGIN,))


def test_a_checkpoint_has_the_lines_of_the_specification() -> None:
    origin, size, root, empty, signature, end = NOTE.split("\n")
    assert (origin, size, root, empty, end) == (ORIGIN, "7", base64.b64encode(ROOT).decode(), "", "")
    dash, name, material = signature.split(" ")
    assert (dash, name) == ("\u2014", ORIGIN)
    assert base64.b64decode(material)[:4] == KEY.verifier.key_hash
    assert len(base64.b64decode(material)) == 68


def test_the_same_checkpoint_is_signed_alike_twice() -> None:
    assert sign_checkpoint(ORIGIN, 7, ROOT, KEY) == NOTE


def test_extension_lines_are_kept_and_signed() -> None:
    note = sign_checkpoint(ORIGIN, 7, ROOT, KEY, ["epoch 1"])
    assert read_checkpoint(note, [KEY.verifier]).extensions == ("epoch 1",)
    with pytest.raises(ForgedNoteError):
        read_checkpoint(note.replace("epoch 1", "epoch 2"), [KEY.verifier])


def test_signatures_by_strangers_are_passed_over() -> None:
    note = NOTE + OTHER.sign(BODY)
    assert read_checkpoint(note, [KEY.verifier]).signers == (ORIGIN,)
    assert read_checkpoint(note, [OTHER.verifier]).signers == (OTHER.name,)
    assert read_checkpoint(note, [OTHER.verifier, KEY.verifier]).signers == (ORIGIN, OTHER.name)


def test_a_stranger_under_a_trusted_name_is_still_a_stranger() -> None:
    namesake = SigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(UntrustedNoteError):
        read_checkpoint(signed(BODY, namesake), [KEY.verifier])


def test_nobody_is_trusted_without_configuration() -> None:
    with pytest.raises(UntrustedNoteError):
        read_checkpoint(NOTE, [])


def test_one_forged_signature_of_a_trusted_key_condemns_the_note() -> None:
    forged = KEY.sign("another text\n")
    for note in (f"{BODY}\n{forged}", NOTE + forged, f"{BODY}\n{forged}{KEY.sign(BODY)}"):
        with pytest.raises(ForgedNoteError):
            read_checkpoint(note, [KEY.verifier])


@pytest.mark.parametrize("line", range(3))
def test_a_changed_line_is_found(line: int) -> None:
    lines = NOTE.split("\n")
    lines[line] = ["liuyang.example/funding", "8", base64.b64encode(bytes(32)).decode()][line]
    with pytest.raises(ForgedNoteError):
        read_checkpoint("\n".join(lines), [KEY.verifier])


ROOT64 = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "body",
    [
        f"{ORIGIN}\n07\n{ROOT64}\n",
        f"{ORIGIN}\n+7\n{ROOT64}\n",
        f"{ORIGIN}\n-7\n{ROOT64}\n",
        f"{ORIGIN}\n7 \n{ROOT64}\n",
        f"{ORIGIN}\n７\n{ROOT64}\n",
        f"{ORIGIN}\n\n7\n{ROOT64}\n",
        f"{ORIGIN}\n9223372036854775808\n{ROOT64}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT64}\n",
        f"{ORIGIN}\n7\n{ROOT64[:-1]}\n",
        f"{ORIGIN}\n7\n {ROOT64}\n",
        f"{ORIGIN}\n7\n{ROOT64.replace('8=', '9=')}\n",  # stray bits under the padding
        f"{ORIGIN}\n7\n{base64.b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n7\n{base64.b64encode(bytes(33)).decode()}\n",
        f"{ORIGIN}\n7\n",
        f"\n7\n{ROOT64}\n",
        f"{ORIGIN}\n7\n{ROOT64}\n\nafter\n",
        "\n",
    ],
    ids=ascii,
)
def test_a_well_signed_note_that_is_no_checkpoint_is_refused(body: str) -> None:
    with pytest.raises(MalformedNoteError):
        read_checkpoint(signed(body), [KEY.verifier])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "\n\n",
        BODY,
        BODY + "\n",
        NOTE.removesuffix("\n"),
        NOTE + "\n",
        NOTE + "more\n",
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("\u2014", "-"),
        NOTE.replace("\u2014 ", "\u2014  "),
        NOTE.replace("\u2014 ", "\u2014"),
        NOTE.replace("=\n", "==\n"),
        NOTE.replace("\n\u2014", "\n\t\u2014"),
        NOTE.replace("casework\n", "case\tworks\n"),
        NOTE.replace("casework\n", "case\ud800\n"),
        f"{BODY}\n\u2014 {ORIGIN} AAAA\n",
        f"{BODY}\n\u2014 a+b {base64.b64encode(bytes(68)).decode()}\n",
        f"{BODY}\n\u2014 a\u3000b {base64.b64encode(bytes(68)).decode()}\n",
        NOTE + OTHER.sign(BODY) * 100,
        "x" * 200_000 + NOTE,
    ],
    ids=range(21),
)
def test_a_crooked_note_is_refused(note: str) -> None:
    with pytest.raises(MalformedNoteError):
        read_checkpoint(note, [KEY.verifier])


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_no_single_changed_character_gets_through(at: int, char: str) -> None:
    note = NOTE[:at] + char + NOTE[at + 1 :]
    if note != NOTE:
        with pytest.raises(NoteError):
            read_checkpoint(note, [KEY.verifier])


@given(st.text())
def test_no_text_makes_the_reader_fail_otherwise(text: str) -> None:
    with pytest.raises(NoteError):
        read_checkpoint(text, [KEY.verifier])


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 7, ROOT, []),
        ("two\nlines", 7, ROOT, []),
        ("tab\tbed", 7, ROOT, []),
        (ORIGIN, -1, ROOT, []),
        (ORIGIN, 2**63, ROOT, []),
        (ORIGIN, 7, ROOT[:-1], []),
        (ORIGIN, 7, ROOT, [""]),
    ],
)
def test_what_could_not_be_read_is_not_signed(origin: str, size: int, root: bytes, extensions: list[str]) -> None:
    with pytest.raises(MalformedNoteError):
        sign_checkpoint(origin, size, root, KEY, extensions)


def test_a_stored_key_is_loaded_again() -> None:
    key = SigningKey.generate(ORIGIN)
    loaded = SigningKey.load(key.store())
    assert loaded.verifier == key.verifier
    assert loaded.sign(BODY) == key.sign(BODY)


def test_two_generated_keys_differ() -> None:
    assert SigningKey.generate(ORIGIN).verifier != SigningKey.generate(ORIGIN).verifier


STORED = KEY.store().decode().strip()


@pytest.mark.parametrize(
    "stored",
    [
        "",
        STORED.removeprefix("PRIVATE+KEY+"),
        STORED[:-4],
        STORED.replace("casework", "funding"),
        STORED.replace(STORED.split("+")[3], "00000000"),
        str(KEY.verifier),
        f"PRIVATE+KEY+{KEY.verifier}",
    ],
)
def test_a_damaged_key_is_refused(stored: str) -> None:
    with pytest.raises(MalformedNoteError):
        SigningKey.load(stored.encode())


def test_the_secret_shows_in_no_description_and_no_error() -> None:
    secret = STORED.rsplit("+", 1)[1]
    assert secret not in repr(KEY)
    with pytest.raises(MalformedNoteError) as caught:
        SigningKey.load(STORED.replace("casework", "funding").encode())
    assert secret not in str(caught.value)


@pytest.mark.parametrize("name", ["", "with space", "full\u3000width", "plus+sign", "line\n", "\ud800"])
def test_a_key_name_that_could_not_stand_in_a_line_is_refused(name: str) -> None:
    with pytest.raises(MalformedNoteError):
        SigningKey.generate(name)


VERIFIER = str(KEY.verifier)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+hash",
        VERIFIER[:-4],
        VERIFIER.replace("casework", "funding"),
        VERIFIER.replace(KEY.verifier.key_hash.hex(), KEY.verifier.key_hash.hex().upper()),
        f"{ORIGIN}+00000000+{base64.b64encode(bytes([2]) + bytes(32)).decode()}",
    ],
)
def test_a_damaged_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedNoteError):
        Verifier.parse(text)


def test_the_key_hash_binds_name_and_key() -> None:
    assert Verifier("a", bytes(32)).key_hash != Verifier("b", bytes(32)).key_hash
    assert Verifier("a", bytes(32)).key_hash != Verifier("a", b"\x01" * 32).key_hash
