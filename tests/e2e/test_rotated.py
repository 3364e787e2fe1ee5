"""While the system runs, keys are wrapped anew and the old ones removed: all that was sealed opens, for everybody."""

from __future__ import annotations

from typing import Any

from shared.cli.reach import Reach
from shared.cli.rotating import Rotation, asked
from shared.config.settings import Settings
from shared.hosting.key_folders import KeyFolders, holders
from tests.e2e.conftest import County

PURPOSE = "contact"


def test_the_contact_cards_of_a_county_are_read_before_during_and_after_a_rotation(county: County) -> None:
    crew = county.crew
    child = crew.child(70)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    before = crew.ask("teacher", "registry", "child", {"child": child})
    reach = _reach(county)
    folders = KeyFolders(county.system.keys)
    (old,) = folders.kek_ids(PURPOSE)
    rotation = Rotation(reach, folders)

    rotation.rotate(PURPOSE, new=True)

    _, young = folders.kek_ids(PURPOSE)
    for service in holders(PURPOSE):
        assert _wrapped(reach, service) == {old: (0, True), young: (_wrapped(reach, service)[young][0], True)}
    assert _wrapped(reach, "registry")[young][0] > 0
    assert crew.ask("teacher", "registry", "child", {"child": child}) == before
    another = crew.child(71)
    crew.heard("teacher", "alerts", "timeline", {"child": another})

    rotation.retire(PURPOSE)

    assert folders.kek_ids(PURPOSE) == [young]
    assert crew.ask("teacher", "registry", "child", {"child": child}) == before


def _wrapped(reach: Reach, service: str) -> dict[str, tuple[int, bool]]:
    items: list[dict[str, Any]] = asked(reach, service, "keys_status")["items"]
    return {one["kek"]: (one["keys"], one["held"]) for one in items if one["purpose"] == PURPOSE}


def _reach(county: County) -> Reach:
    environment = {"SHOUWANG_ENVIRONMENT": "test", "SHOUWANG_KEYS": str(county.system.keys)}
    settings = Settings.from_environment(environment, None)
    return Reach(client=county.system.client, clock=county.system.clock, settings=settings, how="test")
