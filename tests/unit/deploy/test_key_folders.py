"""A new key-encryption key reaches the folders of those who are entitled to it, and no others; removed, it is gone."""

from __future__ import annotations

from pathlib import Path

from shared.hosting.key_folders import KeyFolders, entitled, holders
from shared.kernel.messages import PURPOSES
from shared.vault.keyring import Keyring
from shared.vault.rotating import kek_file, kek_ids, make_kek

SERVICES = ("alerts", "casework", "funding", "registry")


def test_a_new_key_is_handed_to_who_is_entitled_and_removed_everywhere(tmp_path: Path) -> None:
    Keyring.create(tmp_path / "all", PURPOSES)
    for service in SERVICES:
        Keyring.create(tmp_path / service, ())
    folders = KeyFolders(tmp_path)
    for purpose in PURPOSES:
        (old,) = folders.kek_ids(purpose)
        folders.hand_out(purpose, old)
    young = make_kek(folders.first, "contact")
    mine = {service for service in SERVICES if "contact" in entitled(service)}
    assert folders.hand_out("contact", young) == len(mine)
    assert folders.hand_out("contact", young) == 0
    assert {one for one in SERVICES if kek_file(tmp_path / one, "contact", young).exists()} == mine
    for service in mine:
        assert kek_file(tmp_path / service, "contact", young).stat().st_mode & 0o777 == 0o600
        held = Keyring.load(tmp_path / service, entitled(service))
        assert held.newest("contact") == young
    old = folders.kek_ids("contact")[0]
    assert folders.remove("contact", old) == len(mine) + 1
    assert [kek_ids(tmp_path / one, "contact") for one in sorted(mine)] == [[young]] * len(mine)


def test_who_makes_the_keys_is_given_a_new_one_last() -> None:
    for purpose, owner in PURPOSES.items():
        assert holders(purpose)[-1] == owner
        assert all(purpose in entitled(one) for one in holders(purpose))
    assert holders("notes") == ["casework"]
