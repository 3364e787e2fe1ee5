"""Cosignatures as C2SP `tlog-cosignature` writes them, rebuilt here from the format's own words."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.ledger.cosignatures import Cosigner, WitnessKey, check_line, cosignatures
from shared.ledger.notes import ForgedNoteError, MalformedNoteError, SigningKey, read_checkpoint, sign_checkpoint

NAME = "liuyang.example/alerts/witness"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
COSIGNER = Cosigner(NAME, PRIVATE)
LOG = SigningKey.generate("liuyang.example/registry")
NOTE = sign_checkpoint(LOG.name, 7, hashlib.sha256(b"root").digest(), LOG)
TIME = datetime(2026, 11, 23, 8, 0, 1, 999_999, tzinfo=UTC)


def test_a_cosignature_is_written_as_the_format_says() -> None:
    seconds = 1795420801
    body = NOTE.split("\n\n")[0] + "\n"
    signed = f"cosignature/v1\ntime {seconds}\n{body}".encode()
    key_id = hashlib.sha256(NAME.encode() + b"\n\x04" + PUBLIC).digest()[:4]
    payload = key_id + seconds.to_bytes(8, "big") + PRIVATE.sign(signed)

    assert COSIGNER.cosign(NOTE, TIME) == f"\u2014 {NAME} {base64.b64encode(payload).decode()}\n"


def test_a_note_with_cosignatures_is_still_the_log_s_checkpoint() -> None:
    note = NOTE + COSIGNER.cosign(NOTE, TIME)

    assert read_checkpoint(note, [LOG.verifier]).signers == (LOG.name,)
    assert cosignatures(note, [COSIGNER.key]) == {NAME: TIME.replace(microsecond=0)}
    assert cosignatures(NOTE, [COSIGNER.key]) == {}


def test_a_cosignature_by_an_unknown_witness_is_passed_over() -> None:
    stranger = Cosigner(NAME, Ed25519PrivateKey.generate())
    assert cosignatures(NOTE + stranger.cosign(NOTE, TIME), [COSIGNER.key]) == {}
    with pytest.raises(ForgedNoteError):
        check_line(NOTE, stranger.cosign(NOTE, TIME), COSIGNER.key)


@pytest.mark.parametrize("at", [4, 11, 12, 75])
def test_a_cosignature_whose_time_or_signature_was_changed_condemns_the_note(at: int) -> None:
    name, _, payload = COSIGNER.cosign(NOTE, TIME).rstrip("\n").rpartition(" ")
    changed = bytearray(base64.b64decode(payload))
    changed[at] ^= 1
    with pytest.raises((ForgedNoteError, MalformedNoteError)):
        cosignatures(f"{NOTE}{name} {base64.b64encode(changed).decode()}\n", [COSIGNER.key])


def test_the_key_of_a_witness_reads_back_and_is_not_a_log_s() -> None:
    assert WitnessKey.parse(str(COSIGNER.key)) == COSIGNER.key
    with pytest.raises(MalformedNoteError):
        WitnessKey.parse(str(LOG.verifier))


def test_more_than_one_line_is_no_cosignature() -> None:
    line = COSIGNER.cosign(NOTE, TIME)
    with pytest.raises(ForgedNoteError):
        check_line(NOTE, line + line, COSIGNER.key)
