"""A restored service: the same log, the same views, a new epoch; refused where it would do harm."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from services.registry.service import RegistryService
from services.registry.wiring import build
from shared.access.permissions import Permission
from shared.config.settings import Settings
from shared.eventstore.tables import epochs
from shared.hosting.backup.files import DamagedBackup
from shared.hosting.backup.restoring import Restored, RestoreRefused, restore
from shared.hosting.backup.tables import kept_tables
from shared.hosting.live_check import verify
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.storage.database import Database
from shared.testing.rooms import call_as, test_settings
from shared.vault import erasing
from shared.vault.errors import KeyringError
from tests.infrastructure.database import TestDatabase, postgres_database, sqlite_database
from tests.infrastructure.services import TestServices
from tests.integration.backup.conftest import Backup, place
from tests.integration.registry.house import House


@dataclass
class Empty:
    """An empty database of the same kind, and how a backup is restored into it."""

    given: TestDatabase
    settings: Settings
    clock: FixedClock
    out: Path

    def restore(self, **options: Any) -> Restored:
        def wired(settings: Settings, **overrides: Any) -> Any:
            return build(settings, clock=self.clock, **overrides)

        return restore(self.out / "registry", self.settings, wired, **options)

    def house(self, before: House) -> House:
        service = RegistryService()
        service.rooms = build(self.settings, database=Database(self.given.application_url), clock=self.clock)
        return House(
            service=service, clock=self.clock, keys=before.keys, staff=before.staff, school=before.school,
            klass=before.klass,
        )  # fmt: skip


@pytest.fixture
def empty(
    test_database: TestDatabase, services: TestServices, tmp_path: Path, out: Path, clock: FixedClock
) -> Iterator[Empty]:
    def made(given: TestDatabase) -> Empty:
        settings = dataclasses.replace(
            test_settings(tmp_path), database_url=given.application_url, owner_database_url=given.owner_url
        )
        return Empty(given, settings, clock, out)

    if test_database.is_sqlite:
        yield made(sqlite_database(tmp_path / "restored.sqlite"))
        return
    with postgres_database(services.database_url) as given:
        yield made(given)


def rows(house: House) -> dict[str, list[Any]]:
    """The rows of a service's tables by name, but for the epochs."""
    tables = {table.name: table for one in house.rooms.views() for table in one.sorted_tables}
    tables |= {one.name: one for one in kept_tables("registry")}
    with house.database.read() as tx:
        return {
            name: sorted(tuple(row) for row in tx.execute(select(table)))
            for name, table in tables.items()
            if name != "epochs"
        }


def test_a_restored_service_has_the_same_history_views_and_keys(house: House, backup: Backup, empty: Empty) -> None:
    house.child(name="王小海", identity_number=None, born="2015-02-03", contacts=[], carer=None)
    place(house)
    manifest = backup()

    done = empty.restore()
    restored = empty.house(house)

    assert manifest.log is not None
    assert done.events == manifest.log.size
    assert rows(restored) == rows(house)
    report = verify(restored.rooms, call_as(restored.rooms, {"accept_late": 0}, Permission.ENTRY_VIEW))
    assert (report["outcome"], report["root"]) == ("whole", manifest.log.root)
    restored.database.dispose()


def test_parts_are_opened_and_work_goes_on(house: House, backup: Backup, empty: Empty) -> None:
    backup()
    empty.restore()
    restored = empty.house(house)

    found = restored.ask("children", {})["items"]
    assert [one["name"] for one in found] == ["唐曦"]
    restored.ask("form_class", {"school": house.school, "name": "（2）班", "grade": 4})
    place(restored)
    report = verify(restored.rooms, call_as(restored.rooms, {"accept_late": 0}, Permission.ENTRY_VIEW))
    assert report["outcome"] == "whole"
    restored.database.dispose()


def test_a_new_epoch_begins_at_the_last_known_size_and_root(house: House, backup: Backup, empty: Empty) -> None:
    manifest = backup()
    empty.restore()
    restored = empty.house(house)

    with restored.database.read() as tx:
        first, second = tx.execute(select(epochs).order_by(epochs.c.number)).all()
    assert manifest.log is not None
    assert first.epoch == manifest.log.epoch != second.epoch
    assert (second.size, bytes(second.root).hex()) == (manifest.log.size, manifest.log.root)
    restored.database.dispose()


def test_a_database_that_is_not_empty_is_refused_by_name(house: House, backup: Backup, empty: Empty) -> None:
    backup()
    upgrade("registry", empty.given.owner_url, application_role=empty.given.application_role)
    other = empty.house(house)
    with other.database.begin() as tx:
        other.rooms.base.checkpoints.make(tx)
    other.database.dispose()

    with pytest.raises(RestoreRefused, match=r"the database of registry is not empty \(0 events\).*begin again"):
        empty.restore()


def test_a_database_that_was_only_migrated_is_taken_as_an_empty_one(house: House, backup: Backup, empty: Empty) -> None:
    manifest = backup()
    upgrade("registry", empty.given.owner_url, application_role=empty.given.application_role)

    assert not empty.restore().again

    restored = empty.house(house)
    assert rows(restored) == rows(house)
    with restored.database.read() as tx:
        assert manifest.log is not None
        assert tx.execute(select(epochs.c.epoch).order_by(epochs.c.number)).scalars().first() == manifest.log.epoch
    with pytest.raises(IntegrityError), Database(empty.given.owner_url).begin() as tx:
        tx.execute(delete(epochs))
    assert upgrade("registry", empty.given.owner_url, application_role=empty.given.application_role).current
    restored.database.dispose()


def test_a_database_that_was_migrated_for_another_service_is_not_taken(
    house: House, backup: Backup, empty: Empty
) -> None:
    backup()
    upgrade("funding", empty.given.owner_url, application_role=empty.given.application_role)

    with pytest.raises(RestoreRefused, match="the database of registry is not empty"):
        empty.restore()


def test_a_restore_that_broke_off_is_begun_again_and_a_finished_one_is_left_alone(
    house: House, backup: Backup, empty: Empty
) -> None:
    backup()

    class Killed(BaseException):
        pass

    def told(what: str, _done: int, _all: int) -> None:
        if what == "registry views":
            raise Killed

    with pytest.raises(Killed):
        empty.restore(told=told)
    assert not empty.restore().again
    assert empty.restore().again


def test_who_was_erased_is_erased_again_before_any_view_is_made(house: House, backup: Backup, empty: Empty) -> None:
    child = house.child(name="王小海", identity_number=None, born="2015-02-03", contacts=[], carer=None)
    place(house)
    with house.database.begin() as tx:
        erasing.destroy(tx, child)
    backup()

    empty.restore()

    restored = empty.house(house)
    with restored.database.read() as tx:
        assert erasing.standing(tx, child) == "erased"
    assert sorted(str(one["name"]) for one in restored.ask("children", {})["items"]) == ["None", "唐曦"]
    restored.database.dispose()


def test_a_damaged_backup_leaves_the_database_empty(house: House, backup: Backup, empty: Empty) -> None:
    backup()
    file = empty.out / "registry" / "events.jsonl.gz"
    content = bytearray(file.read_bytes())
    content[40] ^= 1
    file.write_bytes(content)

    with pytest.raises(DamagedBackup, match=r"registry/events\.jsonl\.gz"):
        empty.restore()

    file.write_bytes(bytes(content[:40] + bytes([content[40] ^ 1]) + content[41:]))
    assert not empty.restore().again


@pytest.mark.parametrize("which", ["kek-identity", "log-registry"])
def test_a_missing_key_stops_the_restore_before_anything_is_written(
    house: House, backup: Backup, empty: Empty, which: str
) -> None:
    backup()
    for file in house.keys.glob(f"{which}*"):
        file.unlink()

    with pytest.raises(KeyringError, match=which.replace("kek-", "")):
        empty.restore()


def test_another_key_of_the_same_name_is_noticed(house: House, backup: Backup, empty: Empty, tmp_path: Path) -> None:
    backup()
    test_settings(tmp_path / "another")
    (mine,) = house.keys.glob("kek-identity-*.key")
    (another,) = (tmp_path / "another" / "keys").glob("kek-identity-*.key")
    shutil.copy(another, mine)

    with pytest.raises(KeyringError, match="is not the one that was used"):
        empty.restore()
