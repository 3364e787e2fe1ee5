"""News for programs: what happened to which thing, as far as the grants reach, and nothing of what was said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.contracts import registry as r
from shared.hosting import news
from shared.testing.rooms import place_pending
from tests.integration.alerts.house import CHILD, KLASS, STRANGER, VILLAGE, House, Refused


def told(house: House, by: str, **asked: Any) -> dict[str, Any]:
    place_pending(house.rooms)
    answer: dict[str, Any] = house.ask("log_news", asked, by=by)
    return answer


def test_an_alert_is_told_with_what_a_program_needs_to_ask_for_it(house: House) -> None:
    alert = house.raise_alert(note="在桥口村附近走失")
    house.ask("acknowledge_alert", {"alert": alert})

    items = told(house, "officer")["items"]

    assert [one["type"] for one in items] == ["alerts.alert_raised", "alerts.alert_acknowledged"]
    assert items[0] == {
        "position": 0,
        "type": "alerts.alert_raised",
        "kind": "alert",
        "subject": alert,
        "version": 1,
        "children": [CHILD],
        "time": items[0]["time"],
    }
    assert "桥口村" not in json.dumps(items, ensure_ascii=False)


def test_news_of_children_beyond_reach_are_passed_over_and_the_cursor_leads_on(house: House) -> None:
    house.raise_alert()
    theirs = house.raise_alert(STRANGER, by="elsewhere")

    found = told(house, "elsewhere")

    assert [one["subject"] for one in found["items"]] == [theirs]
    assert (found["next"], found["size"]) == (1, 2)
    assert told(house, "teacher")["items"][0]["children"] == [CHILD]


def test_who_sees_one_of_two_children_is_not_told_of_what_touches_both(house: House) -> None:
    house.call_roll((CHILD, "present", None))
    before = told(house, "officer")["items"]
    house.hire("director", "village_director", division=VILLAGE)
    mine = told(house, "director")["items"]
    with house.rooms.database.begin() as tx:
        tx.exec_driver_sql(
            f"INSERT INTO event_persons (person, arrival) SELECT '{STRANGER}', arrival FROM event_persons "
            f"WHERE person = '{CHILD}'"
        )

    assert mine == [one for one in before if one["children"]]
    assert told(house, "director")["items"] == []


def test_kinds_that_the_role_may_not_see_are_not_told(house: House) -> None:
    house.hire("counsellor", "counsellor", place=KLASS)
    house.call_roll((CHILD, "absent", None))

    seen = {one["kind"] for one in told(house, "counsellor")["items"]}

    assert seen == {"alert"}
    assert {one["kind"] for one in told(house, "teacher")["items"]} == {"alert", "roll_call"}


def test_pages_go_on_behind_the_last_and_end(house: House) -> None:
    alerts = [house.raise_alert(kind=kind) for kind in ("missing", "incident", "other")]

    first = told(house, "officer", limit=2)
    second = told(house, "officer", limit=2, after=first["next"])

    assert [one["subject"] for one in [*first["items"], *second["items"]]] == alerts
    assert second["next"] == second["size"] - 1
    assert told(house, "officer", after=second["next"]) == {"items": [], "next": second["next"], "size": second["size"]}


def test_an_answer_looks_at_so_many_places_and_leads_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "WINDOW", 2)
    for kind in ("missing", "incident"):
        house.raise_alert(kind=kind)
    theirs = house.raise_alert(STRANGER, by="elsewhere")

    first = told(house, "elsewhere")

    assert (first["items"], first["next"]) == ([], 1)
    assert [one["subject"] for one in told(house, "elsewhere", after=1)["items"]] == [theirs]


def test_who_holds_no_grant_any_longer_hears_nothing(house: House) -> None:
    house.raise_alert()
    person, _role = house.staff["elsewhere"]
    with house.rooms.database.read() as tx:
        held = tx.exec_driver_sql(f"SELECT id FROM access_grants WHERE staff = '{person}'").scalar_one()
    house.tell(r.RoleEnded(grant=held, staff=person))

    with pytest.raises(Refused, match="denied"):
        told(house, "elsewhere")
