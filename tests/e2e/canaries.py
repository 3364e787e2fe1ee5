"""What is personal and told to every service, and how it would look in the clear: what searches look for."""

from __future__ import annotations

import json

from tests.e2e.crew import WITHIN, Crew, fund_with
from tests.infrastructure.waiting import eventually

NOTE, REASON, STAFF = "金丝雀在笔记里", "金丝雀在申请里", "金丝雀职工"


def words(crew: Crew) -> list[str]:
    """What must not be found: each in the forms in which careless code would have written it."""
    child = crew.a_child(77)
    plain = [child["name"], child["identity_number"], child["address"], NOTE, REASON, STAFF, "15400007777"]
    plain += [one[part] for one in child["contacts"] for part in ("name", "phone")]
    return plain + [json.dumps(one)[1:-1] for one in plain if not one.isascii()]


def tell(crew: Crew) -> None:
    """Tell every service something personal."""
    crew.ask("bootstrap", "registry", "register_staff", {"name": STAFF, "phone": "15400007777"})
    child = crew.child(77)
    crew.heard("teacher", "alerts", "timeline", {"child": child})
    crew.roll_call(child, session="morning")
    alert = crew.alert_of(child)["alert"]
    crew.ask("duty_officer", "alerts", "contact_card", {"child": child})
    crew.ask("duty_officer", "alerts", "acknowledge_alert", {"alert": alert})
    said = {"alert": alert, "outcome": "other", "note": NOTE}
    crew.ask("duty_officer", "alerts", "resolve_alert", said)
    case = eventually(lambda: crew.case_of(child), within=WITHIN, what="a case")
    assert case is not None
    crew.ask("supervisor", "casework", "add_note", {"case": case["case"], "note_class": "ordinary", "text": NOTE})
    fund = fund_with(crew, 100_000)
    wanted = {"child": child, "fund": fund, "amount": 100, "reason": REASON}
    crew.heard("funding_officer", "funding", "draft_application", wanted)
