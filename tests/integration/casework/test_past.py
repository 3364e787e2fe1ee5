"""A case as it stood at a past moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.kernel.ids import new_id
from tests.integration.casework.house import CHILD, House, Refused


def test_a_case_is_told_as_it_stood_with_who_changed_it(house: House) -> None:
    case = house.ask("open_case", {"child": CHILD, "why": "独居"})["id"]
    house.ask("add_note", {"case": case, "note_class": "ordinary", "text": "家访"})
    before = house.clock.now().isoformat()
    house.clock.at += timedelta(days=1)
    house.hire("reviewer", "supervisor")
    house.ask("close_case", {"case": case, "reason": "goals_met"}, by="reviewer")
    then = house.ask("case_as_of", {"case": case, "known_at": before})["state"]
    now = house.ask("case_as_of", {"case": case, "history": True})
    assert (then["state"], then["notes"], now["state"]["state"]) == ("open", 1, "closed")
    states = [(one["value"], one["by_name"]) for one in now["history"] if one["field"] == "state"]
    assert states[0] == ("closed", "职工reviewer")
    assert "家访" not in str(now)
    assert "独居" not in str(now)
    with pytest.raises(Refused) as refused:
        house.ask("case_as_of", {"case": new_id(house.clock.now())})
    assert refused.value.code == "not_found"
