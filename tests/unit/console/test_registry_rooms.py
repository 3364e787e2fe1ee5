"""Rooms over the register with a fake neighbour: a page whose neighbours are away, files that cannot compute."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import pytest

from services.console.codes import CODES, roster_field
from services.console.exports import as_csv, as_xlsx
from services.console.pages.children.telling import TYPES
from services.console.port import ServiceUnavailable
from services.registry.domain import codes as register
from services.registry.rosters.fields import FIELDS
from shared.contracts import alerts, casework, funding, registry
from shared.kernel.ids import new_id
from shared.kernel.refusals import Denied
from tests.unit.console.conftest import NOW, Browser, World

CHILD = new_id(NOW)
FACTS: dict[str, Any] = {
    "child": CHILD,
    "version": 3,
    "name": "覃小雨",
    "sex": "female",
    "born": "2016-05-01",
    "age": 10,
    "village": new_id(NOW),
    "village_name": "溪山村",
    "township_name": "白岭镇",
    "address": "溪山村4组",
    "present": True,
    "scope": "left_behind",
    "risks": ["living_alone"],
    "arrangement": "alone",
    "since": "2026-09-01",
    "carer": None,
    "school_name": None,
    "class_name": None,
    "identity": None,
    "identity_missing": "not_given",
    "responsible_name": "田春梅",
    "responsible_phone": "15499000001",
    "contacts": [
        {"contact": new_id(NOW), "order": 1, "relation": "mother", "status": "living", "away": True}
        | {"name": "覃芳", "phone": "15400000001"}
    ],
}


def reader(world: World, role: str = "village_director") -> Browser:
    """Somebody who reads the page of a child; only the register answers."""
    world.services.answers["registry", "child"] = FACTS
    world.services.answers["registry", "contact_card"] = FACTS
    for service in ("registry", "alerts", "casework", "funding"):
        world.services.answers[service, "timeline"] = {"items": [], "next": None}
        world.services.answers[service, "checkpoint"] = {"note": None, "verifier": "v"}
    world.services.answers["alerts", "board"] = {"items": [], "next": None}
    world.services.answers["casework", "cases"] = {"items": [], "next": None}
    return world.signed_in("tian", role)


def test_a_childs_page_puts_the_contact_card_first_with_a_call_in_one_tap(world: World) -> None:
    page = reader(world).get(f"/children/{CHILD}").text
    assert 'href="tel:15400000001"' in page
    assert page.index("Contact card") < page.index("Alerts and cases")


def test_a_childs_page_stands_when_its_neighbours_are_away(world: World) -> None:
    browser = reader(world)
    for door in (("alerts", "board"), ("casework", "cases"), ("alerts", "timeline"), ("casework", "timeline")):
        world.services.answers[door] = ServiceUnavailable(door[0])
    page = browser.get(f"/children/{CHILD}")
    assert page.status_code == 200
    assert 'href="tel:15400000001"' in page.text
    assert "Alerts cannot be reached at the moment" in page.text


def test_without_the_right_to_the_card_no_number_is_asked_for(world: World) -> None:
    page = reader(world, "funding_officer").get(f"/children/{CHILD}").text
    assert "Telephone numbers are not shown to your role." in page
    assert "contact_card" not in [one["door"] for one in world.services.asked]


def test_the_timeline_joins_the_services_with_the_latest_first(world: World) -> None:
    browser = reader(world)

    def told(kind: str, time: str, data: dict[str, Any]) -> dict[str, Any]:
        actor = {"id": "x", "role": "teacher", "name": "彭雨欣"}
        item = {"id": new_id(NOW), "type": kind, "time": time, "actor": actor, "data": data}
        return {"items": [item], "next": None}

    answers = world.services.answers
    first, second, third = "2026-11-20T01:00:00+00:00", "2026-11-21T01:00:00Z", "2026-11-22T09:00:00+08:00"
    answers["registry", "timeline"] = told("registry.risk_found", first, {"risk": "living_alone"})
    answers["casework", "timeline"] = told("casework.case_opened", second, {"origin": "alert"})
    answers["alerts", "timeline"] = told("alerts.alert_resolved", third, {"outcome": "found_safe"})
    page = browser.get(f"/children/{CHILD}").text
    assert page.index("Alert resolved") < page.index("Case opened") < page.index("Risk found")
    assert "After an alert" in page


def test_the_card_on_paper_names_each_logs_size_and_root(world: World) -> None:
    browser = reader(world)
    note = "shouwang/registry\n1371\nFE9PiQ=\n\n— shouwang/registry xyz\n"
    world.services.answers["registry", "checkpoint"] = {"note": note, "verifier": "v"}
    page = browser.get(f"/children/{CHILD}/card").text
    assert "registry 1371 FE9PiQ=" in page


def test_a_child_out_of_reach_is_answered_with_the_right_that_is_missing(world: World) -> None:
    browser = reader(world)
    world.services.answers["registry", "child"] = Denied("registry:child:view", reach=True)
    assert browser.get(f"/children/{CHILD}").status_code == 403


def test_the_words_of_a_search_stand_in_no_address(world: World) -> None:
    browser = reader(world)
    world.services.answers["registry", "search_children"] = {"items": [], "next": None}
    answer = browser.post("/search", {"query": "覃"}, page="/search")
    assert answer.headers["Location"] == "/search?last=1"
    page = browser.get("/search?last=1").text
    assert "Nobody found" in page
    assert 'method="get"' not in page


def test_what_was_searched_for_is_there_after_a_reload_and_for_nobody_else(world: World) -> None:
    browser = reader(world)
    found = {
        "child": CHILD,
        "name": "覃小雨",
        "age": 10,
        "village_name": "溪山村",
        "school_name": None,
        "class_name": None,
    }
    because = [{"why": "initials", "what": "qxy"}]
    world.services.answers["registry", "search_children"] = {
        "items": [found | {"present": True, "because": because}],
        "next": None,
    }
    browser.post("/search", {"query": "qxy"}, page="/search")

    for _again in range(2):
        page = browser.get("/search?last=1").text
        assert 'value="qxy"' in page
        assert re.search(r'initials <span class="strong">qxy', page)
    assert 'value="qxy"' not in world.signed_in("another", "village_director").get("/search?last=1").text


def test_every_page_of_who_may_see_children_has_a_search_box_that_posts(world: World) -> None:
    page = reader(world).get(f"/children/{CHILD}").text
    assert re.search(
        r'<form class="find" role="search" method="post" action="/search">.*?name="query"', page, re.DOTALL
    )
    assert "/search" not in world.signed_in("an_auditor", "auditor").get("/today").text


def test_a_roster_is_offered_only_for_the_schools_within_reach(world: World) -> None:
    browser = reader(world, "headteacher")
    grant = world.grants[next(iter(world.grants))][0]
    mine, other, under = ({"school": new_id(NOW), "name": name} for name in ("甲小学", "乙小学", "丙小学"))
    grant |= {"place": mine["school"]}
    world.services.answers["registry", "imports"] = {"items": [], "next": None}
    world.services.answers["registry", "schools"] = lambda asked: {
        "items": [under] if asked.get("division") == grant["division"] else [mine, other, under]
    }
    page = browser.get("/rosters").text
    assert mine["school"] in page
    assert under["school"] in page
    assert other["school"] not in page


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " \t=1"])
def test_no_text_of_a_file_begins_to_compute(text: str) -> None:
    (_head, line) = list(csv.reader(io.StringIO(as_csv(["Name"], [[text]]).decode("utf-8-sig"))))
    assert line[0].startswith("'")
    with zipfile.ZipFile(io.BytesIO(as_xlsx("Result", ["Name"], [[text]]))) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("relation", register.Relation),
        ("status", register.ContactStatus),
        ("arrangement", register.Arrangement),
        ("risk", register.Risk),
        ("scope", register.ChildScope),
        ("leave", register.LeaveReason),
        ("identity_missing", register.IdentityMissing),
        ("legal_basis", register.LegalBasis),
        ("stage", register.Stage),
        ("level", register.Level),
        ("grant_scope", register.GrantScope),
        ("sex", register.Sex),
    ],
)
def test_every_code_of_the_register_has_words(kind: str, codes: Any) -> None:
    assert set(CODES[kind]) == {str(one) for one in codes}
    assert {str(one) for one in register.RowOutcome} <= set(CODES["outcome"])


def test_every_field_of_a_roster_has_words(world: World) -> None:
    with world.app.test_request_context():
        assert [code for code in FIELDS if roster_field(code) == code or "." in roster_field(code)] == []


def test_every_published_event_about_a_child_has_words() -> None:
    events = [one for room in (registry, alerts, casework, funding) for one in room.EVENTS]
    about = [one for one in events if "child" in one.__dataclass_fields__]
    assert about
    assert {one.type for one in about} <= set(TYPES)
