"""Staff, their roles and their accounts, as an administrator manages them over the registry's real doors."""

from __future__ import annotations

import re

import pytest

from services.console.context import Console
from tests.infrastructure.waiting import eventually
from tests.integration.console.test_over_real_doors import Town, signed_in, town
from tests.unit.console.conftest import PASSWORD, Browser

__all__ = ["town"]


@pytest.fixture
def staff(town: Town) -> str:
    """A member of staff without an account."""
    return str(town.order("register_staff", {"name": "李小满", "phone": "15499000002"})["id"])


def page_of(staff: str) -> str:
    return f"/places/people/{staff}"


def first_password(html: str) -> str:
    found = re.search(r'<code class="entry-text">([^<]+)</code>', html)
    assert found, html
    return found[1]


def with_account(town: Town, staff: str) -> tuple[Browser, str]:
    """The administrator, who has just made the account `li`; and its first password."""
    admin = signed_in(town)
    made = admin.post(f"{page_of(staff)}/account", {"login": "li"}, page=page_of(staff))
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    return admin, first_password(made.text)


def newcomer(town: Town, password: str) -> Browser:
    browser = Browser(town.app.test_client(), "en")
    assert browser.sign_in("li", password).status_code == 303
    return browser


def settled(town: Town, password: str) -> Browser:
    """The newcomer with a password of their own."""
    browser = newcomer(town, password)
    own = {"password_new": PASSWORD, "password_twice": PASSWORD}
    assert browser.post("/me/first-password", own, page="/me/first-password").status_code == 303
    return browser


def test_a_first_password_opens_nothing_but_the_page_where_ones_own_is_chosen(town: Town, staff: str) -> None:
    _, first = with_account(town, staff)
    browser = newcomer(town, first)
    for path in ("/", "/me", "/today"):
        assert browser.get(path).headers["Location"] == "/me/first-password"
    same = {"password_new": first, "password_twice": first}
    assert (
        "the password that you were given" in browser.post("/me/first-password", same, page="/me/first-password").text
    )
    own = {"password_new": PASSWORD, "password_twice": PASSWORD}
    assert browser.post("/me/first-password", own, page="/me/first-password").headers["Location"] == "/"
    assert "李小满" in browser.get("/me").text
    assert Browser(town.app.test_client(), "en").sign_in("li", first).status_code == 401


def test_a_double_click_makes_one_account_and_shows_the_same_password(town: Town, staff: str) -> None:
    admin = signed_in(town)
    action = f"{page_of(staff)}/account"
    form = admin.hidden(page_of(staff), action) | {"login": "li"}
    assert first_password(admin.send(action, form).text) == first_password(admin.send(action, form).text)
    assert admin.get(page_of(staff)).text.count("Account made") == 1


def test_a_new_first_password_and_a_lock_sign_the_person_out_everywhere(town: Town, staff: str) -> None:
    admin, first = with_account(town, staff)
    person = settled(town, first)
    assert person.get("/me").status_code == 200
    admin.post(f"{page_of(staff)}/account/sessions/end", page=page_of(staff))
    assert person.get("/me").status_code == 303
    person = Browser(town.app.test_client(), "en")
    person.sign_in("li")
    admin.post(f"{page_of(staff)}/account/lock", page=page_of(staff))
    assert person.get("/me").status_code == 303
    assert person.sign_in("li").status_code == 401
    admin.post(f"{page_of(staff)}/account/unlock", page=page_of(staff))
    assert person.sign_in("li").status_code == 303
    anew = first_password(admin.post(f"{page_of(staff)}/account/password", page=page_of(staff)).text)
    assert person.get("/me").status_code == 303
    assert newcomer(town, anew).get("/me").headers["Location"] == "/me/first-password"


def test_every_act_stands_in_the_persons_history_and_in_the_registrys_log(town: Town, staff: str) -> None:
    admin, _ = with_account(town, staff)
    for act in ("lock", "unlock", "password"):
        admin.post(f"{page_of(staff)}/account/{act}", page=page_of(staff))
    grant = {"role": "teacher", "scope": "division", "division": town.county}
    admin.post(page_of(staff), grant, page=page_of(staff))
    page = admin.get(page_of(staff)).text
    history = page[page.index("History") :]
    told = ["Role granted", "New first password", "Account unlocked", "Account locked", "Account made", "Registered"]
    assert sorted(told, key=history.index) == told
    assert "王秀兰" in history
    with town.host.engines["registry"].base.database.read() as tx:
        entries = [bytes(row[0]) for row in tx.exec_driver_sql("SELECT entry FROM events ORDER BY arrival")]
    assert [b'"act":"made"' in one for one in entries].count(True) == 1
    assert not [one for one in entries if b'"li"' in one]


def test_an_administrator_can_lock_neither_themselves_nor_the_last_role_of_the_county(town: Town) -> None:
    admin = signed_in(town)
    own = page_of(town.staff)
    page = admin.get(own).text
    assert "Lock the account" not in page
    assert "End the role" not in page
    form = admin.hidden("/places/people", "/places/people/search")
    console: Console = town.app.extensions["console"]
    console.accounts.administration.unlock(town.staff)
    assert admin.send(f"{own}/account/lock", form).status_code == 403
    assert admin.get("/today").status_code == 200


def test_without_the_right_nothing_of_accounts_is_shown_or_done(town: Town, staff: str) -> None:
    _, first = with_account(town, staff)
    town.order("grant_role", {"staff": staff, "role": "supervisor", "scope": "division", "division": town.county})
    person = settled(town, first)
    eventually(lambda: person.get(page_of(town.staff)).status_code == 200, what="the role of a supervisor")
    page = person.get(page_of(town.staff)).text
    assert "/account" not in page[page.index("<main") :].replace("My account", "")
    form = person.hidden("/me", "/me/password")
    for act in ("account", "account/lock", "account/password", "account/sessions/end"):
        assert person.send(f"{page_of(town.staff)}/{act}", form).status_code == 403


def test_staff_are_found_by_role_place_and_name_and_the_name_stands_in_no_address(town: Town, staff: str) -> None:
    admin = signed_in(town)
    assert "李小满" not in admin.get(f"/places/people?role=county_admin&division={town.county}").text
    assert "County administrator · 示范县" in admin.get("/places/people?role=county_admin").text
    found = admin.post("/places/people/search", {"name": "小满"}, page="/places/people")
    assert "李小满" in found.text
    assert "王秀兰</a>" not in found.text


def test_my_account_lists_where_i_am_signed_in_and_signs_out_elsewhere(town: Town) -> None:
    here, there = signed_in(town), signed_in(town)
    page = here.get("/me").text
    assert page.count("(this one)") == 1
    assert "Sign out elsewhere" in page
    here.post("/me/sessions/end", page="/me")
    assert there.get("/me").status_code == 303
    page = here.get("/me").text
    assert "Sign out elsewhere" not in page
