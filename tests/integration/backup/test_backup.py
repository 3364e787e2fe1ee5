"""A backup of a service at work: whole, private, without views and keys; and a damaged one is found out."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import inspect

from shared.contracts import LANGUAGE
from shared.eventstore.tables import metadata as eventstore
from shared.hosting.backup.checking import check
from shared.hosting.backup.files import DamagedBackup
from shared.hosting.backup.keys import copy_keys
from shared.hosting.backup.tables import MADE_AGAIN, kept_tables
from shared.hosting.backup.taking import BackupRefused, Given, take
from shared.hosting.directory import service_class
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.localisation.identity import make_identity
from shared.storage.database import Database
from shared.testing.rooms import test_settings
from shared.vault.tables import metadata as vault
from tests.infrastructure.database import TestDatabase, sqlite_database
from tests.integration.backup.conftest import NOW, Backup, place
from tests.integration.registry.house import House, open_house


def test_a_backup_says_how_far_the_log_is_and_is_whole(backup: Backup, house: House, out: Path) -> None:
    made = backup()

    with house.database.read() as tx:
        size, root = house.rooms.base.store.size(tx), house.rooms.base.store.tree.root(tx).hex()
    assert made.log is not None
    assert (made.log.size, made.log.root, made.log.pending) == (size, root, 0)
    assert check(out / "registry") == made
    assert made.files["events.jsonl.gz"].rows == size


def test_it_holds_neither_views_nor_what_is_personal_in_the_clear(backup: Backup, out: Path) -> None:
    backup()

    names = {one.name.partition(".")[0] for one in (out / "registry").iterdir()}
    content = b"".join(gzip.decompress(one.read_bytes()) for one in (out / "registry").glob("*.gz"))
    assert [name for name in names if name.startswith(("registry_", "access_"))] == ["registry_held"]
    assert "唐曦".encode() not in content
    assert not [one for one in out.rglob("*") if one.suffix in (".key", ".ed25519")]


def test_its_files_are_for_their_owner_only(backup: Backup, out: Path) -> None:
    backup()

    assert {oct(one.stat().st_mode & 0o777) for one in out.rglob("*") if one.is_file()} == {"0o600"}
    assert oct((out / "registry").stat().st_mode & 0o777) == "0o700"


def test_writers_go_on_and_the_backup_is_of_one_moment(house: House, test_database: TestDatabase, out: Path) -> None:
    written: list[str] = []

    def told(_service: str, done: int, _all: int) -> None:
        if done > 0 and len(written) < 3:
            number = len(written) + 20
            identity = make_identity("439901", date(2015, 5, 3), number, "female")
            written.append(house.child(name=f"王{chr(0x4E00 + number)}", born="2015-05-03", identity_number=identity))
            place(house)

    given = [Given(service="registry", url=test_database.application_url)]
    before = house.events()
    made = take(out, given, deployment="county.example", now=NOW, told=told)[0]

    assert len(written) == 3 < house.events() - before
    assert made.log is not None
    assert made.log.size == before
    check(out / "registry")


def test_nothing_is_written_over(backup: Backup, out: Path) -> None:
    backup()

    with pytest.raises(BackupRefused, match="is there already"):
        backup()


@pytest.mark.parametrize("service", LANGUAGE)
def test_every_table_is_kept_or_is_made_again(service: str, tmp_path: Path) -> None:
    given = sqlite_database(tmp_path / f"{service}.sqlite")
    upgrade(service, given.owner_url)
    database = Database(given.owner_url)
    rooms = service_class(service).rooms.build(test_settings(tmp_path), database=database)

    views = {table.name for one in rooms.views() for table in one.sorted_tables}
    kept = {one.name for one in kept_tables(service)}
    assert set(inspect(database.engine).get_table_names()) == kept | views | MADE_AGAIN | {"alembic_version"}
    assert {*eventstore.tables, *vault.tables} >= MADE_AGAIN
    assert not kept & views
    database.dispose()


@pytest.mark.parametrize(
    ("damage", "file", "what"),
    [
        (lambda folder: _flip(folder / "events.jsonl.gz"), "registry/events.jsonl.gz", "has the sum"),
        (lambda folder: (folder / "vault_keys.jsonl.gz").unlink(), "registry/vault_keys.jsonl.gz", "is missing"),
        (lambda folder: (folder / "manifest.json").unlink(), "registry/manifest.json", "is missing"),
        (lambda folder: _flip(folder / "manifest.json"), "registry/manifest.json", "has the sum"),
        (lambda folder: (folder / "MANIFEST.sha256").unlink(), "registry/MANIFEST.sha256", "is missing"),
        (lambda folder: (folder / "more").touch(), "registry/more", "is not in the manifest"),
        (lambda folder: _says(folder, "size", 3), "registry/manifest.json", "the manifest says 3"),
        (lambda folder: _without_a_row(folder), "registry/log_positions.jsonl.gz", "position 2 stands where 1"),
    ],
)
def test_a_damaged_backup_is_refused_with_what_and_where(
    sqlite: TestDatabase, tmp_path: Path, damage: Callable[[Path], None], file: str, what: str
) -> None:
    folder = _small(sqlite, tmp_path)
    check(folder)

    damage(folder)

    with pytest.raises(DamagedBackup, match=what) as refused:
        check(folder)
    assert refused.value.file == file


def test_keys_are_copied_apart_and_never_into_the_backup(sqlite: TestDatabase, tmp_path: Path) -> None:
    folder, keys = _small(sqlite, tmp_path), tmp_path / "keys"

    with pytest.raises(BackupRefused, match="keys never lie with a backup"):
        copy_keys(keys, folder.parent / "keys", out=folder.parent)
    number = copy_keys(keys, tmp_path / "elsewhere", out=folder.parent)

    copied = [one for one in (tmp_path / "elsewhere").iterdir() if one.suffix != ".txt"]
    assert len(copied) == number > 5
    assert {oct(one.stat().st_mode & 0o777) for one in copied} == {"0o600"}
    with pytest.raises(BackupRefused, match="holds something already"):
        copy_keys(keys, tmp_path / "elsewhere", out=folder.parent)


def _small(given: TestDatabase, folder: Path) -> Path:
    """The backup of a registry that has four divisions."""
    house = open_house(given, folder, FixedClock(NOW))
    house.database.dispose()
    take(folder / "backup", [Given(service="registry", url=given.owner_url)], deployment="county.example", now=NOW)
    return folder / "backup" / "registry"


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _says(folder: Path, name: str, value: int) -> None:
    """Change what the manifest says of the log, sums and all."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["log"][name] = value
    _put(folder, "manifest.json", json.dumps(manifest).encode())


def _without_a_row(folder: Path) -> None:
    """Take the second place away, sums and all."""
    lines = gzip.decompress((folder / "log_positions.jsonl.gz").read_bytes()).splitlines(keepends=True)
    content = gzip.compress(b"".join([*lines[:2], *lines[3:]]))
    _put(folder, "log_positions.jsonl.gz", content)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["log_positions.jsonl.gz"] |= {"sha256": hashlib.sha256(content).hexdigest()}
    _put(folder, "manifest.json", json.dumps(manifest).encode())


def _put(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    lines = (folder / "MANIFEST.sha256").read_text().splitlines()
    kept = [one for one in lines if not one.endswith(f"  {name}")]
    kept.append(f"{hashlib.sha256(content).hexdigest()}  {name}")
    (folder / "MANIFEST.sha256").write_text("\n".join(kept) + "\n")
