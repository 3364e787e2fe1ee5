"""Key-encryption keys made and removed in a directory, and taken up by processes that run."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.vault.cipher import new_key
from shared.vault.errors import KeyringError
from shared.vault.keyring import Keyring
from shared.vault.rotating import alone, kek_file, kek_ids, make_kek, remove_kek

ABOUT = {"key_id": "k", "person": "p", "purpose": "identity"}


def test_a_new_key_sorts_after_all_others_and_is_for_its_owner_only(tmp_path: Path) -> None:
    Keyring.create(tmp_path, ["identity", "contact"])
    before = kek_ids(tmp_path, "contact")
    made = [make_kek(tmp_path, "identity") for _ in range(3)]
    assert kek_ids(tmp_path, "identity")[1:] == made == sorted(made)
    assert [one[:4] for one in made] == ["0002", "0003", "0004"]
    assert kek_file(tmp_path, "identity", made[0]).stat().st_mode & 0o777 == 0o600
    assert kek_ids(tmp_path, "contact") == before


def test_a_process_that_runs_wraps_by_the_new_key_and_opens_what_the_old_one_wrapped(tmp_path: Path) -> None:
    running = Keyring.create(tmp_path, ["identity"])
    key = new_key()
    old, before = running.wrap(key, **ABOUT)
    young = make_kek(tmp_path, "identity")
    assert running.wrap(key, **ABOUT)[0] == young
    assert remove_kek(tmp_path, "identity", old)
    assert running.unwrap(before, kek=old, **ABOUT) == key
    assert not remove_kek(tmp_path, "identity", old)
    with pytest.raises(KeyringError, match=old):
        Keyring.load(tmp_path, ["identity"]).unwrap(before, kek=old, **ABOUT)


def test_many_threads_that_meet_new_keys_at_once_all_find_them(tmp_path: Path) -> None:
    maker, key = Keyring.create(tmp_path, ["identity", "contact"]), new_key()
    for _ in range(20):
        running = Keyring.load(tmp_path, ["identity", "contact"])
        wrapped = []
        for _ in range(3):
            make_kek(tmp_path, "identity")
            wrapped.append(maker.wrap(key, **ABOUT))
        together = threading.Barrier(6)

        def unwrap(kek: str, its: bytes, running: Keyring, together: threading.Barrier) -> bytes:
            together.wait(10)
            return running.unwrap(its, kek=kek, **ABOUT)

        with ThreadPoolExecutor(6) as pool:
            each = [pool.submit(unwrap, *wrapped[number % 3], running, together) for number in range(6)]
            assert {one.result(10) for one in each} == {key}


def test_a_file_that_is_no_key_yet_hides_no_other_and_stops_no_wrapping(tmp_path: Path) -> None:
    running, key = Keyring.create(tmp_path, ["identity"]), new_key()
    first = running.newest("identity")
    half = kek_file(tmp_path, "identity", "0002ffffff")
    half.write_bytes(b"aGFsZg==")
    half.chmod(0o600)
    assert running.wrap(key, **ABOUT)[0] == first
    with pytest.raises(KeyringError, match="0002ffffff"):
        running.unwrap(b"x" * 60, kek="0002ffffff", **ABOUT)
    young = make_kek(tmp_path, "identity")
    assert running.wrap(key, **ABOUT)[0] == young


def test_only_one_rotates_the_keys_of_a_directory(tmp_path: Path) -> None:
    Keyring.create(tmp_path, ["identity"])
    with alone(tmp_path), pytest.raises(KeyringError, match="another process"), alone(tmp_path):
        pytest.fail("two at once")
    with alone(tmp_path):
        pass


def test_no_key_is_made_for_a_purpose_that_there_is_not_nor_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="no such purpose: weather"):
        make_kek(tmp_path, "weather")
    with pytest.raises(KeyringError, match="nowhere"), alone(tmp_path / "nowhere"):
        pytest.fail("there is no such directory")
    with read_only() as directory:
        held = sorted(directory.iterdir())
        with pytest.raises(KeyringError, match="no key can be made"):
            make_kek(directory, "identity")
        with pytest.raises(KeyringError, match="no key can be made"), alone(directory):
            pytest.fail("the directory cannot be written")
        with pytest.raises(KeyringError):
            remove_kek(directory, "identity", kek_ids(directory, "identity")[0])
        assert sorted(directory.iterdir()) == held


@contextmanager
def read_only() -> Iterator[Path]:
    """A directory of keys that this process reads and does not write, also where it began as root."""
    directory = Path(tempfile.mkdtemp())
    Keyring.create(directory, ["identity"])
    directory.chmod(0o555)
    began = os.geteuid()
    if began == 0:
        os.seteuid(65534)
    try:
        yield directory
    finally:
        os.seteuid(began)
        directory.chmod(0o700)
        shutil.rmtree(directory)
