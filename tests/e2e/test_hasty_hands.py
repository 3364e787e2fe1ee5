"""Hasty hands: two clicks for one, the way back, a reload, and a session that ended under the typing.

It counts what the logs hold, as a program is told of it, so that what a page says is not believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Request, expect

from tests.e2e.walking import PASSWORD, Country, open_as
from tests.infrastructure.browser import DESK, PHONE, Pages

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("every page")]


@dataclass(frozen=True)
class Errand:
    """A form of a role's: on which page, which type of event one sending of it records, and what is filled in."""

    role: str
    kind: str
    action: str
    event: str
    fill: Callable[[Page], None]

    def __str__(self) -> str:
        return self.event


def _alert(page: Page) -> None:
    page.check("[name=kind][value=incident]")
    page.fill("[name=note]", "在操场上摔倒")


def _contact(page: Page) -> None:
    page.select_option("[name=relation]", "relative")
    page.fill("[name=name]", "田小满")
    page.fill("[name=phone]", "15400009999")


def _child(page: Page) -> None:
    page.fill("[name=name]", "覃小满")
    page.check("[name=sex][value=female]")
    page.fill("[name=born]", "2016-05-01")
    page.select_option("[name=village]", index=1)
    page.select_option("[name=identity_missing]", "not_given")
    page.select_option("[name=legal_basis]", "guardian_consent")


def _note(page: Page) -> None:
    page.fill("[name=text]", "已电话联系")


def _donation(page: Page) -> None:
    page.fill("[name=amount]", "600")
    page.select_option("[name=source]", "collection")


ERRANDS = [
    Errand("teacher", "/children/{id}/alert", "/alert", "alerts.alert_raised", _alert),
    Errand("village_director", "/children/{id}/contacts/new", "/contacts/new", "registry.contact_recorded", _contact),
    Errand("village_director", "/children/new", "/children/new", "registry.child_registered", _child),
    Errand(
        "teacher", "/cases/{id}", "/notes", "casework.note_added", lambda page: page.fill("[name=text]", "已电话联系")
    ),
    Errand("funding_officer", "/funding/funds/{id}", "/donations", "funding.donation_received", _donation),
]


class Told:
    """Counts what a role is told by `/api/v1/events`."""

    def __init__(self, country: Country, page: Page, role: str) -> None:
        self._page = page
        answer = page.request.post(f"{country.address}/api/v1/tokens", data={"account": role, "password": PASSWORD})
        self._address = f"{country.address}/api/v1/events"
        self._headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        self._next = "-1"
        self.since()

    def since(self) -> list[str]:
        """The types of what happened since the last time."""
        found: list[str] = []
        more = True
        while more:
            asked = {"after": self._next, "limit": 200}
            answer = self._page.request.get(self._address, params=asked, headers=self._headers).json()
            found += [one["type"] for one in answer["items"]]
            self._next, more = answer["next"], answer["more"]
        return found


def posts(page: Page) -> list[str]:
    """The forms that a page sends from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    page.on("request", note)
    return sent


def opened(country: Country, page: Page, errand: Errand) -> str:
    """Open an errand's page and fill its form in; gives the selector of its button."""
    page.goto(country.path(errand.role, errand.kind))
    form = f"main form[method=post][action$='{errand.action}']"
    # Some forms stand behind a heading that opens them.
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    errand.fill(page)
    return f"{form} .button[type=submit]"


@pytest.mark.parametrize("errand", ERRANDS, ids=str)
def test_a_double_click_sends_once_and_back_and_reload_send_nothing(
    country: Country, pages: Pages, errand: Errand
) -> None:
    page = open_as(country, pages, errand.role, PHONE, "zh-CN")
    told = Told(country, page, errand.role)
    button = opened(country, page, errand)
    sent = posts(page)
    before = page.url

    with page.expect_navigation():
        page.dblclick(button)
    page.wait_for_load_state()
    after = page.url
    page.reload()
    page.go_back()
    page.reload()

    assert len(sent) == 1, sent
    assert told.since().count(errand.event) == 1
    assert page.url in (before, after)


@pytest.mark.parametrize("errand", ERRANDS[3:], ids=str)
def test_without_scripts_two_clicks_record_once(country: Country, pages: Pages, errand: Errand) -> None:
    page = open_as(country, pages, errand.role, DESK, "zh-CN", javascript=False)
    told = Told(country, page, errand.role)
    page.goto(country.path(errand.role, errand.kind))
    form = page.locator(f"main form[method=post][action$='{errand.action}']")
    for closed in page.locator("main details:not([open]) > summary").all():
        closed.click()
    errand.fill(page)
    fields = dict(form.evaluate("one => [...new FormData(one)]"))
    action = str(form.evaluate("one => one.action"))

    answers = [page.request.post(action, form=fields, max_redirects=0).status for _ in range(2)]

    assert answers == [303, 303]
    assert told.since().count(errand.event) == 1


def test_what_was_typed_comes_back_after_the_session_ended_and_is_sent_once(country: Country, pages: Pages) -> None:
    errand = ERRANDS[1]
    page = pages.open(PHONE, base_url=country.address)
    page.goto("/sign-in")
    sign_in(page, errand.role)
    told = Told(country, page, errand.role)
    button = opened(country, page, errand)
    other = pages.open(beside=page)
    other.goto("/me")
    other.click("main form[action='/sign-out'] button")
    other.wait_for_url("**/sign-in**")

    page.click(button)
    page.wait_for_url("**/sign-in**")
    assert told.since() == []
    sign_in(page, errand.role)

    expect(page.locator("[name=name]")).to_have_value("田小满")
    expect(page.locator("[name=relation]")).to_have_value("relative")
    with page.expect_navigation():
        page.click(button)
    assert told.since() == [errand.event]
    page.goto(country.path(errand.role, errand.kind))
    expect(page.locator("[name=name]")).to_have_value("")


def sign_in(page: Page, role: str) -> None:
    page.fill("[name=account]", role)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "sign-in" not in url)
