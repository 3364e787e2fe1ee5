"""`shouwang keys`, typed against an embedded system that runs, and starts that must not be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from shared.cli.commands import shouwang
from shared.config.settings import Settings
from shared.hosting.embedded import EmbeddedHost
from shared.hosting.foundation import Foundation
from shared.kernel.ids import new_id
from shared.kernel.messages import PURPOSES
from shared.vault.errors import KeyringError
from shared.vault.keyring import Keyring
from shared.vault.parts import SealedPart, SealRequest
from shared.vault.rotating import alone, kek_file, kek_ids, make_kek
from shared.vault.tables import vault_keys

NAME = {"name": "𠮷"}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL", "SHOUWANG_KEYS"):
        monkeypatch.delenv(name, raising=False)
    environment = {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_DATA": str(tmp_path)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("shared.observability.logs.configure", lambda **_: None)
    monkeypatch.setattr("shared.observability.logs.catch_the_uncaught", lambda: None)
    return Settings.from_environment(environment, None)


@pytest.fixture
def host(settings: Settings) -> Iterator[EmbeddedHost]:
    with EmbeddedHost(settings) as running:
        yield running


@pytest.fixture
def sealed(host: EmbeddedHost) -> list[SealedPart]:
    """Parts of seven people in registry, whose keys alerts has fetched."""
    registry, alerts = host.engines["registry"].base, host.engines["alerts"].base
    people = [new_id(host.clock.now()) for _ in range(7)]
    with registry.database.begin() as tx:
        made = registry.vault.seal(tx, [_part(one) for one in people])
        fetched = registry.vault.wrapped_keys(tx, {(one, "identity") for one in people})
    with alerts.database.begin() as tx:
        alerts.vault.keep_keys(tx, fetched)
    return made


def typed(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(shouwang, ["keys", *words])


def test_keys_are_rotated_shown_and_retired(host: EmbeddedHost, sealed: list[SealedPart]) -> None:
    keys = host.settings.key_directory
    (old,) = kek_ids(keys, "identity")
    assert typed("status").exit_code == 0
    rotated = typed("rotate", "--purpose", "identity")
    assert rotated.exit_code == 0, rotated.output
    assert "14 keys wrapped anew" in rotated.output
    assert kek_ids(keys, "identity")[0] == old
    assert _opened(host.engines["registry"].base, sealed) == [NAME] * 7
    retired = typed("rotate", "--purpose", "identity", "--retire")
    assert retired.exit_code == 0, retired.output
    assert f"{old}  removed" in retired.output
    (young,) = kek_ids(keys, "identity")
    assert young != old
    shown = typed("status")
    assert shown.exit_code == 0
    assert young in shown.output
    assert _opened(host.engines["registry"].base, sealed) == [NAME] * 7


def test_a_rotation_that_was_cut_off_goes_on_without_a_further_key(
    host: EmbeddedHost, sealed: list[SealedPart], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = host.settings.key_directory
    monkeypatch.setattr("shared.cli.rotating.STEP", 2)
    calls = cut_at = 0
    answer = type(host).answer

    def cut(self: EmbeddedHost, service: str, door: str, message: dict[str, object]) -> dict[str, object]:
        nonlocal calls
        if door == "rewrap_keys":
            calls += 1
            if calls == cut_at:
                raise LookupError(f"{service}.{door}")
        return answer(self, service, door, message)

    for place in (1, 2, 3, 5):
        calls, cut_at = 0, place
        with monkeypatch.context() as patched:
            patched.setattr(type(host), "answer", cut)
            assert typed("rotate", "--purpose", "identity").exit_code == 2
        assert len(kek_ids(keys, "identity")) == 2
        assert _opened(host.engines["registry"].base, sealed) == [NAME] * 7
        assert typed("status").exit_code == 1
        assert typed("rotate", "--purpose", "identity", "--retire").exit_code == 0
        assert len(kek_ids(keys, "identity")) == 1


def test_an_old_key_that_still_wraps_something_stays(host: EmbeddedHost, sealed: list[SealedPart]) -> None:
    keys = host.settings.key_directory
    with host.engines["alerts"].base.database.begin() as tx:
        tx.execute(update(vault_keys).values(wrapped=b"x" * 60))
    (old,) = kek_ids(keys, "identity")
    for words in (("rotate", "--purpose", "identity"), ("rotate", "--purpose", "identity", "--retire")):
        refused = typed(*words)
        assert refused.exit_code == 1
        assert "keys.key_damaged" in refused.output
    assert kek_ids(keys, "identity")[0] == old
    assert _opened(host.engines["registry"].base, sealed) == [NAME] * 7


def test_a_purpose_that_there_is_not_a_second_rotation_and_a_closed_directory_change_nothing(
    host: EmbeddedHost, sealed: list[SealedPart]
) -> None:
    keys = host.settings.key_directory
    before = sorted(keys.glob("kek-*"))
    assert typed("rotate", "--purpose", "weather").exit_code == 2
    with alone(keys):
        busy = typed("rotate")
    assert busy.exit_code == 1
    assert "being rotated by another process" in busy.output
    refused = typed("rotate", "--purpose", "identity", "--keys", "/proc")  # nobody writes there, root neither
    assert refused.exit_code == 1
    assert "no key can be made" in refused.output
    assert sorted(keys.glob("kek-*")) == before


def test_another_directory_than_the_services_have_wraps_nothing_and_is_named(
    host: EmbeddedHost, sealed: list[SealedPart], tmp_path: Path
) -> None:
    Keyring.create(tmp_path / "elsewhere", PURPOSES)
    refused = typed("rotate", "--purpose", "identity", "--keys", str(tmp_path / "elsewhere"))
    assert refused.exit_code == 1
    assert "keys.kek_not_held" in refused.output
    assert _opened(host.engines["registry"].base, sealed) == [NAME] * 7


@pytest.mark.parametrize("trouble", ["missing", "emptied", "foreign", "damaged"])
def test_a_system_whose_keys_do_not_fit_does_not_start_and_leaves_all_as_it_is(
    settings: Settings, trouble: str
) -> None:
    with EmbeddedHost(settings, socket=False) as host:
        base = host.engines["registry"].base
        with base.database.begin() as tx:
            sealed = base.vault.seal(tx, [_part(new_id(host.clock.now()))])
    keys = settings.key_directory
    shutil.copytree(keys, keys.parent / "kept")
    (old,) = kek_ids(keys, "identity")
    file = kek_file(keys, "identity", old)
    if trouble == "missing":
        make_kek(keys, "identity")
        file.unlink()
    elif trouble == "emptied":
        shutil.rmtree(keys)
        keys.mkdir(0o700)
    elif trouble == "foreign":
        other = Keyring.create(keys.parent / "other", PURPOSES) and next((keys.parent / "other").glob("kek-identity-*"))
        file.write_bytes(other.read_bytes())
    else:
        file.write_bytes(file.read_bytes()[:20])
    found = {one.name: one.read_bytes() for one in keys.iterdir() if one.name != ".lock"}
    with pytest.raises(
        KeyringError, match="no keys lie" if trouble == "emptied" else file.name if trouble == "damaged" else old
    ):
        EmbeddedHost(settings, socket=False).start()
    assert {one.name: one.read_bytes() for one in keys.iterdir() if one.name != ".lock"} == found
    shutil.rmtree(keys)
    shutil.copytree(keys.parent / "kept", keys)
    with EmbeddedHost(settings, socket=False) as host:
        assert _opened(host.engines["registry"].base, sealed) == [NAME]
        with host.engines["registry"].base.database.read() as tx:
            assert len(tx.execute(select(vault_keys.c.key_id)).all()) == 1


def _part(person: str) -> SealRequest:
    return SealRequest(event_id=person, part="child.identity", person=person, purpose="identity", content=NAME)


def _opened(base: Foundation, sealed: list[SealedPart]) -> list[object]:
    with base.database.read() as tx:
        return list(base.vault.open(tx, [(one.event_id, one.reference()) for one in sealed]).values())
