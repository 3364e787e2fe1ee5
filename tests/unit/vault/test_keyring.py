"""Key files: who may read them, which key wraps, and that none is ever lost."""

from __future__ import annotations

import base64
import os
import threading
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from shared.kernel.messages import PURPOSES
from shared.vault.cipher import WrongSeal, new_key
from shared.vault.errors import KeyringError, NotEntitled
from shared.vault.keyfiles import load_or_create_ed25519, load_public_ed25519, write_once
from shared.vault.keyring import Keyring

ABOUT = {"key_id": "k", "person": "p", "purpose": "identity"}


def kek_file(path: Path, purpose: str, kek: str) -> Path:
    file = path / f"kek-{purpose}-{kek}.key"
    write_once(file, base64.b64encode(new_key()))
    return file


def files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


def test_a_new_directory_and_its_files_are_for_their_owner_only(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        Keyring.create(tmp_path / "deep" / "keys", ["identity"])
    finally:
        os.umask(old)
    assert (tmp_path / "deep" / "keys").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "deep" / "keys").iterdir()} == {0o600}


def test_creating_again_changes_no_file_and_adds_what_is_missing(tmp_path: Path) -> None:
    Keyring.create(tmp_path, ["identity"])
    before = files(tmp_path)
    Keyring.create(tmp_path, ["identity", "contact"])
    after = files(tmp_path)
    assert before.items() <= after.items()
    assert [name.split("-")[1] for name in after.keys() - before.keys()] == ["contact"]


def test_processes_that_start_together_make_one_key(tmp_path: Path) -> None:
    threads = [threading.Thread(target=Keyring.create, args=(tmp_path / "keys", ["identity"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list((tmp_path / "keys").glob("kek-*"))) == 1


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    file = kek_file(tmp_path, "identity", "0001")
    before = file.read_bytes()
    with pytest.raises(FileExistsError):
        write_once(file, b"other")
    assert files(tmp_path) == {file.name: before}


def test_a_key_wrapped_by_one_process_is_unwrapped_by_another(tmp_path: Path) -> None:
    key = new_key()
    kek, wrapped = Keyring.create(tmp_path, PURPOSES).wrap(key, **ABOUT)
    assert Keyring.load(tmp_path, PURPOSES).unwrap(wrapped, kek=kek, **ABOUT) == key


def test_the_newest_key_wraps_and_the_older_still_unwrap(tmp_path: Path) -> None:
    key = new_key()
    old = Keyring.create(tmp_path, ["identity"])
    old_kek, old_wrapped = old.wrap(key, **ABOUT)
    kek_file(tmp_path, "identity", "0002abcdef")
    both = Keyring.load(tmp_path, ["identity"])
    new_kek, _wrapped = both.wrap(key, **ABOUT)
    assert new_kek == "0002abcdef"
    assert both.unwrap(old_wrapped, kek=old_kek, **ABOUT) == key


def test_only_the_entitled_purposes_are_loaded(tmp_path: Path) -> None:
    Keyring.create(tmp_path, PURPOSES)
    keyring = Keyring.load(tmp_path, ["contact"])
    assert keyring.purposes == {"contact"}
    with pytest.raises(NotEntitled):
        keyring.wrap(new_key(), key_id="k", person="p", purpose="notes")


@pytest.mark.parametrize("changed", ["key_id", "person"])
def test_a_wrapped_key_opens_for_its_own_person_only(tmp_path: Path, changed: str) -> None:
    keyring = Keyring.create(tmp_path, PURPOSES)
    kek, wrapped = keyring.wrap(new_key(), **ABOUT)
    with pytest.raises(WrongSeal):
        keyring.unwrap(wrapped, kek=kek, **{**ABOUT, changed: "other"})


def test_a_key_encryption_key_that_is_not_held_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="0009"):
        Keyring.create(tmp_path, ["identity"]).unwrap(b"x" * 60, kek="0009", **ABOUT)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_production_refuses_a_key_that_others_may_read(tmp_path: Path, mode: int) -> None:
    Keyring.create(tmp_path, ["identity"])
    (tmp_path / "commands.key").chmod(mode)
    with pytest.raises(KeyringError, match=r"commands\.key"):
        Keyring.load(tmp_path, ["identity"])
    assert Keyring.load(tmp_path, ["identity"], strict=False).purposes == {"identity"}


def test_a_purpose_without_a_key_is_named(tmp_path: Path) -> None:
    Keyring.create(tmp_path, ["identity"])
    with pytest.raises(KeyringError, match="contact"):
        Keyring.load(tmp_path, ["identity", "contact"])


def test_an_unknown_purpose_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="weather"):
        Keyring.create(tmp_path, ["weather"])


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="nowhere"):
        Keyring.load(tmp_path / "nowhere", ["identity"])


@pytest.mark.parametrize("content", [b"", b"not base64!", base64.b64encode(b"x" * 31)])
def test_a_broken_key_file_is_named(tmp_path: Path, content: bytes) -> None:
    Keyring.create(tmp_path, ["identity"])
    (tmp_path / "commands.key").write_bytes(content)
    with pytest.raises(KeyringError, match=r"commands\.key"):
        Keyring.load(tmp_path, ["identity"])


@pytest.mark.parametrize("first", ["load", "unwrap"])
def test_a_key_removed_between_the_listing_and_the_reading_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    begun = Keyring.create(tmp_path, ["identity"])
    gone = tmp_path / "kek-identity-0000gone.key"
    young = kek_file(tmp_path, "identity", "0002abcdef")
    kek, wrapped = Keyring.load(tmp_path, ["identity"]).wrap(b"k" * 32, **ABOUT)
    listed = [("identity", "0000gone", gone), ("identity", "0002abcdef", young)]
    monkeypatch.setattr("shared.vault.keyring.kek_files", lambda _path: listed)
    reader = begun if first == "unwrap" else Keyring.load(tmp_path, ["identity"])
    assert reader.unwrap(wrapped, kek=kek, **ABOUT) == b"k" * 32


def test_a_digest_depends_on_content_and_secret(tmp_path: Path) -> None:
    one, other = Keyring.create(tmp_path / "one", []), Keyring.create(tmp_path / "other", [])
    assert one.digest(b"command") == Keyring.load(tmp_path / "one", []).digest(b"command")
    assert len({one.digest(b"command"), one.digest(b"commando"), other.digest(b"command")}) == 3
    assert len(one.digest(b"")) == 32


def test_no_key_appears_in_a_repr(tmp_path: Path) -> None:
    assert repr(Keyring.create(tmp_path, ["identity", "contact"])) == "Keyring(contact, identity)"


def test_a_signing_key_is_made_once_with_its_public_half(tmp_path: Path) -> None:
    made = load_or_create_ed25519(tmp_path / "keys", "log-registry")
    loaded = load_or_create_ed25519(tmp_path / "keys", "log-registry")
    load_public_ed25519(tmp_path / "keys", "log-registry").verify(loaded.sign(b"root"), b"root")
    assert made.private_bytes_raw() == loaded.private_bytes_raw()
    assert (tmp_path / "keys" / "log-registry.ed25519").stat().st_mode & 0o777 == 0o600


def test_signing_keys_of_two_names_differ(tmp_path: Path) -> None:
    load_or_create_ed25519(tmp_path, "tokens")
    signature = load_or_create_ed25519(tmp_path, "log-registry").sign(b"x")
    with pytest.raises(InvalidSignature):
        load_public_ed25519(tmp_path, "tokens").verify(signature, b"x")


def test_a_signing_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_or_create_ed25519(tmp_path, "tokens")
    (tmp_path / "tokens.ed25519").chmod(0o644)
    with pytest.raises(KeyringError, match="tokens"):
        load_or_create_ed25519(tmp_path, "tokens")


@pytest.mark.parametrize("name", ["", "../tokens", "Tokens", "a/b"])
def test_a_name_that_leaves_the_directory_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyringError):
        load_or_create_ed25519(tmp_path, name)


def test_a_broken_signing_key_is_named_and_kept(tmp_path: Path) -> None:
    (tmp_path / "tokens.ed25519").write_text("broken")
    (tmp_path / "tokens.ed25519").chmod(0o600)
    with pytest.raises(KeyringError, match="tokens"):
        load_or_create_ed25519(tmp_path, "tokens")
    assert (tmp_path / "tokens.ed25519").read_text() == "broken"


def test_a_missing_public_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="tokens"):
        load_public_ed25519(tmp_path, "tokens")


def test_a_complete_directory_needs_no_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = load_or_create_ed25519(tmp_path, "tokens")
    monkeypatch.setattr("shared.vault.keyfiles.write_once", None)
    (tmp_path / ".lock").unlink()
    assert load_or_create_ed25519(tmp_path, "tokens").sign(b"x") == made.sign(b"x")
    assert not (tmp_path / ".lock").exists()


def test_a_place_where_no_directory_can_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyringError, match="file"):
        Keyring.create(tmp_path / "file" / "keys", ["identity"])
