"""An alert as it stood at a past moment."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.alerts.house import House


def test_an_alert_is_told_as_it_stood_with_who_took_it_on(house: House) -> None:
    alert = house.raise_alert()
    before = house.clock.now().isoformat()
    house.clock.at += timedelta(minutes=1)
    house.ask("acknowledge_alert", {"alert": alert})
    then = house.ask("alert_as_of", {"alert": alert, "known_at": before})["state"]
    now = house.ask("alert_as_of", {"alert": alert, "history": True})
    assert (then["state"], then["by"]) == ("raised", None)
    assert now["state"]["state"] == "acknowledged"
    assert [one["value"] for one in now["history"] if one["field"] == "state"] == ["acknowledged", "raised"]
