"""Children, search, rosters and places over the registry's real doors."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from shared.demo.county import make_county, write_roster
from tests.integration.console.test_over_real_doors import Town, signed_in, town
from tests.unit.console.conftest import PASSWORD, Browser

__all__ = ["town"]
CHILDREN = 24


@pytest.fixture
def county(town: Town, tmp_path: Path) -> Path:
    """The demonstration county's places are registered; its roster lies at the path."""
    made = make_county(CHILDREN, seed=7)
    rows = [
        {"code": _here(one.code), "name": one.name, "level": "township", "parent": "990100"} for one in made.townships
    ]
    rows += [
        {"code": _here(one.code), "name": one.name, "level": "village", "parent": _here(one.township)}
        for one in made.villages
    ]
    town.order("register_divisions", {"divisions": rows})
    browser = signed_in(town)
    for school in made.schools:
        division = _option(browser.get("/places/schools/new").text, _name(made.townships, school.township))
        stage = {"primary": "primary", "secondary": "junior"}[school.stage]
        fields = {"name": school.name, "division": division, "stages": stage}
        opened = browser.post("/places/schools/new", fields, page="/places/schools/new")
        assert opened.status_code == 303, opened.text
    path = tmp_path / "roster.xlsx"
    write_roster(made, path)
    return path


def _here(code: str) -> str:
    """A division's code within the town's county."""
    return f"990100{code[6:]}"


def _name(townships: Any, code: str) -> str:
    return str(next(one.name for one in townships if one.code == code))


def _option(html: str, words: str) -> str:
    found = re.search(rf'<option value="([^"]+)">{words}</option>', html)
    assert found, words
    return found[1]


def imported(town: Town, county: Path) -> tuple[Browser, str]:
    browser = signed_in(town)
    shown = uploaded(browser, county.read_bytes(), "roster.xlsx")
    where = shown.request.path
    started = browser.post(f"{where}/start", {"legal_basis": "statutory_duty"}, page=where)
    assert started.status_code == 303, started.text
    place = started.headers["Location"]
    for _turn in range(50):
        if "Result as Excel" in browser.get(f"{place}?step=1").text:
            return browser, place
    raise AssertionError("the import did not end")


def uploaded(browser: Browser, content: bytes, name: str) -> Any:
    fields: dict[str, Any] = browser.hidden("/rosters", "/rosters")
    fields["file"] = (io.BytesIO(content), name)
    return browser.client.post(
        "/rosters", data=fields, headers=browser.headers, content_type="multipart/form-data", follow_redirects=True
    )


def a_child(browser: Browser) -> str:
    found = re.search(r'href="(/children/[0-9a-f-]{36})"', browser.get("/children").text)
    assert found
    return found[1]


def test_a_roster_is_taken_in_without_script_and_its_children_are_listed(town: Town, county: Path) -> None:
    browser, place = imported(town, county)
    result = browser.get(place).text
    assert f"<dt>newly registered</dt><dd>{CHILDREN}</dd>" in result
    assert f"{CHILDREN} children under watch" in browser.get("/children").text


def test_the_same_file_again_says_that_it_was_taken_in_before(town: Town, county: Path) -> None:
    browser, _place = imported(town, county)
    again = uploaded(browser, county.read_bytes(), "roster.xlsx")
    assert "This very file was taken in before" in again.text
    assert f"<dt>registered already</dt><dd>{CHILDREN}</dd>" in again.text


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_result_is_a_file_with_a_line_for_each_row(town: Town, county: Path, kind: str) -> None:
    browser, place = imported(town, county)
    answer = browser.get(f"{place}/result.{kind}")
    assert "attachment" in answer.headers["Content-Disposition"]
    if kind == "csv":
        lines = answer.data.decode("utf-8-sig").splitlines()
        assert lines[0] == "Sheet,Row,Name,What became of it,Column,Why"
        assert sum("newly registered" in line for line in lines) == CHILDREN
    else:
        assert answer.data.startswith(b"PK")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "roster.csv", "The file is empty."),
        (b"%PDF-1.7 nothing", "roster.xlsx", "This is no spreadsheet"),
        (b"a,b\n1,2\n", "roster.csv", "No sheet has a line with headings"),
    ],
)
def test_a_file_that_is_no_roster_is_answered_with_why(
    town: Town, county: Path, content: bytes, name: str, said: str
) -> None:
    page = uploaded(signed_in(town), content, name)
    assert page.status_code == 422
    assert said in page.text
    assert 'name="file"' in page.text


def test_a_childs_page_shows_card_care_and_timeline(town: Town, county: Path) -> None:
    browser, _place = imported(town, county)
    child = a_child(browser)
    page = browser.get(child).text
    assert 'href="tel:' in page
    assert "Contact recorded" in page
    assert "Contact card read" not in page
    assert "Contact card read" in browser.get(f"{child}?only=reads").text


def test_what_is_recorded_by_form_stands_on_the_page(town: Town, county: Path) -> None:
    browser, _place = imported(town, county)
    child = a_child(browser)
    fields = {"relation": "relative", "name": "覃阿姨", "phone": "15400009999", "status": "living"}
    assert browser.post(f"{child}/contacts/new", fields, page=f"{child}/contacts/new").status_code == 303
    assert "覃阿姨" in browser.get(child).text
    care = {"arrangement": "boarding", "since": "2026-09-01"}
    assert browser.post(f"{child}/care", care, page=f"{child}/care").status_code == 303
    assert "boards at school" in browser.get(child).text
    address = {"address": "溪山村9组"}
    answer = browser.post(f"{child}/correct/address", address, page=f"{child}/correct")
    assert answer.status_code == 303, answer.text
    assert "溪山村9组" in browser.get(child).text


def test_a_wrong_number_comes_back_beside_its_field(town: Town, county: Path) -> None:
    browser, _place = imported(town, county)
    child = a_child(browser)
    page = browser.post(f"{child}/contacts/new", {"relation": "relative", "phone": "12"}, page=f"{child}/contacts/new")
    assert page.status_code == 422
    assert 'id="e-phone"' in page.text
    assert 'value="12"' in page.text


def test_the_card_on_paper_has_a_number_and_the_logs_root(town: Town, county: Path) -> None:
    browser, _place = imported(town, county)
    child = a_child(browser)
    page = browser.get(f"{child}/card").text
    assert "Thumbprint" in page
    assert f"No. {child[-8:].upper()}-" in page


def test_search_says_why_and_keeps_the_words_out_of_the_address(town: Town, county: Path) -> None:
    browser, _place = imported(town, county)
    name = re.search(r'href="/children/[0-9a-f-]{36}">([^<]+)</a>', browser.get("/children").text)
    assert name
    answer = browser.post("/search", {"query": name[1]}, page="/search")
    assert answer.location == "/search?last=1"
    page = browser.get("/search?last=1").text
    assert name[1] in page
    assert '<span>name <span class="strong">' in page


def test_a_child_registered_by_hand_is_found_alike_the_second_time(town: Town, county: Path) -> None:
    browser = signed_in(town)
    village = re.search(r'<option value="([0-9a-f-]{36})">', browser.get("/children/new").text)
    assert village
    fields = {"name": "覃小雨", "sex": "female", "born": "2016-05-01", "village": village[1]}
    fields |= {"legal_basis": "guardian_consent", "scope": "left_behind", "identity_missing": "not_given"}
    first = browser.post("/children/new", fields, page="/children/new")
    assert first.status_code == 303, first.text
    second = browser.post("/children/new", fields, page="/children/new")
    assert second.status_code == 409
    assert "I have looked: this is another child" in second.text


def test_staff_is_registered_and_holds_a_role(town: Town, county: Path) -> None:
    browser = signed_in(town)
    made = browser.post("/places/people/new", {"name": "石春"}, page="/places/people/new")
    person = made.headers["Location"]
    granted = browser.post(person, {"role": "duty_officer", "scope": "division", "division": town.county}, page=person)
    assert granted.status_code == 303, granted.text
    assert "Duty officer" in browser.get(person).text


def test_programs_list_search_and_register_children(town: Town, county: Path) -> None:
    _browser, _place = imported(town, county)
    client = town.app.test_client()
    token = client.post("/api/v1/tokens", json={"account": "wang", "password": PASSWORD}).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    page = client.get("/api/v1/children?limit=5", headers=headers).get_json()
    assert len(page["items"]) == 5
    assert page["next"]
    child = page["items"][0]
    one = client.get(f"/api/v1/children/{child['child']}", headers=headers)
    assert one.headers["ETag"] == f'"{one.get_json()["version"]}"'
    found = client.post("/api/v1/children/searches", json={"query": child["name"]}, headers=headers).get_json()
    assert child["child"] in [item["child"] for item in found["items"]]
    card = client.get(f"/api/v1/children/{child['child']}/contact-card", headers=headers).get_json()
    assert any(person.get("phone") for person in card["contacts"])
    told = client.get(f"/api/v1/children/{child['child']}/timeline", headers=headers).get_json()
    assert told["items"]
    key = {"Idempotency-Key": "care-1"}
    care = {"arrangement": "boarding", "since": "2026-09-02"}
    path = f"/api/v1/children/{child['child']}/care-arrangement"
    assert client.post(path, json=care, headers=headers | key).get_json()["repeated"] is False
    assert client.post(path, json=care, headers=headers | key).get_json()["repeated"] is True
    imports = client.get("/api/v1/rosters", headers=headers).get_json()
    rows = client.get(f"/api/v1/rosters/{imports['items'][0]['roster']}/result", headers=headers).get_json()
    assert len(rows["items"]) == CHILDREN


def test_a_child_of_the_roster_is_shown_as_it_stood_with_its_history(town: Town, county: Path) -> None:
    browser, _ = imported(town, county)
    found = re.search(r'href="(/children/[0-9a-f-]{36})"', browser.get("/children").text)
    assert found
    answer = browser.get(f"{found[1]}/past?history=yes")
    assert answer.status_code == 200, answer.text
    for words in ("How it stood", "Contact card", "Village"):
        assert words in answer.text
    assert browser.get(f"{found[1]}/past?known=2020-01-01").status_code == 422
