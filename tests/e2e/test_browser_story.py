"""The story as people live it: in browsers, each in front of their own, over the embedded system."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shared.cli.house import HousedConsole
from shared.demo.county import make_county
from shared.demo.load import CHILDREN, SEED, Centre, load_demo
from shared.testing.hosts import embedded_system
from tests.e2e.rosters import on_paper, row
from tests.infrastructure.browser import DESK, PHONE, Pages
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.ports import LOOPBACK, free_port
from tests.unit.casework.papers import pdf_of

pytestmark = pytest.mark.browser
PASSWORD = "quiet-river-stone-41"
SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demonstration is served."""
    folder: Path = tmp_path_factory.mktemp("browser")
    with embedded_system(folder, MovedClock(folder / "clock").path) as system:
        assert system.host is not None
        settings = dataclasses.replace(system.host.settings, host=LOOPBACK, port=free_port())
        console = HousedConsole(settings, system.host)
        load_demo(system.client, keys=system.keys, clock=system.clock, accounts=console.accounts, password=PASSWORD)
        console.start()
        yield console.address
        console.stop()


@pytest.fixture
def sign_in(address: str, pages: Pages) -> SignIn:
    """Opens a browser of somebody's own and signs in there; roles are the names of the accounts."""

    def enter(role: str, width: int = DESK) -> Page:
        page = pages.open(width, base_url=address)
        page.goto("/sign-in")
        page.fill("[name=account]", role)
        page.fill("[name=password]", PASSWORD)
        page.click("main form button[type=submit]")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    return enter


def test_a_headteacher_brings_a_roster_in_and_sees_what_became_of_each_row(sign_in: SignIn, tmp_path: Path) -> None:
    page = sign_in("headteacher")
    page.goto("/rosters")
    name = Centre.of(make_county(CHILDREN, SEED)).school
    file = tmp_path / "roster.csv"
    file.write_bytes(on_paper(name, [*map(row, range(6)), row(7, name=""), row(3)]))

    page.set_input_files("[name=file]", file)
    page.select_option("[name=school]", label=name)
    page.click("form[enctype] button[type=submit]")
    page.wait_for_url("**/rosters/uploads/**")
    page.select_option("[name=legal_basis]", "statutory_duty")
    page.click("form[action$='/start'] button[type=submit]")

    expect(page.locator("a[href$='result.xlsx']")).to_be_visible(timeout=30_000)
    page.goto("/rosters")
    cells = page.locator("table tbody tr").first.locator("[role=cell], [role=rowheader], td, th").all_inner_texts()
    assert [cell.strip() for cell in cells][-4:] == ["8", "6", "0", "1"]


def test_an_absence_marked_on_a_telephone_is_seen_elsewhere_without_a_reload_and_dealt_with(sign_in: SignIn) -> None:
    board = sign_in("duty_officer")
    board.goto("/alerts")
    board.evaluate("window.neverReloaded = true")
    teacher = sign_in("teacher", PHONE)
    teacher.goto("/roll-call")
    if teacher.url.rstrip("/").endswith("/roll-call"):
        teacher.click("main a[href*='/roll-call/']")
    pupil = teacher.locator(".pupils li").filter(has=teacher.locator("input.present:checked")).first
    name = pupil.locator(".name").inner_text().strip()
    assert teacher.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"

    pupil.locator("label[for^='absent-']").click()
    teacher.click(".send-bar button")

    alert = board.locator(".board li", has_text=name)
    expect(alert).to_be_visible(timeout=15_000)
    assert board.evaluate("window.neverReloaded === true")

    alert.locator("form button").click()
    board.wait_for_url("**/alerts/*-*")
    board.locator("#next .results button").first.click()
    board.select_option("[name=outcome]", "found_safe")
    board.click("form[action$='/resolve'] button[type=submit]")
    expect(board.locator("form[action$='/resolve']")).to_have_count(0)
    board.goto("/alerts")
    expect(board.locator(".board li", has_text=name)).to_have_count(0)


def test_a_grant_is_approved_by_one_and_paid_by_another(sign_in: SignIn) -> None:
    approver, cashier = sign_in("funding_approver"), sign_in("cashier")
    approver.goto("/funding/applications")
    approver.locator("main a[href*='/funding/applications/']").first.click()
    approver.wait_for_url("**/funding/applications/*-*")
    application = approver.url

    approver.click("form[action$='/approve'] button[type=submit]")
    expect(approver.locator("form[action$='/approve']")).to_have_count(0)
    cashier.goto(application)
    cashier.check("[name=method][value=cash]")
    cashier.click("form[action$='/pay'] button[type=submit]")

    expect(cashier.locator("form[action$='/pay']")).to_have_count(0)
    approver.goto("/funding")
    expect(approver.locator("main")).to_contain_text("600")


@pytest.mark.parametrize("service", ["registry", "casework", "alerts", "funding"])
def test_an_auditor_has_each_log_verified(sign_in: SignIn, service: str) -> None:
    auditor = sign_in("auditor")
    auditor.goto(f"/log/{service}/verification")

    expect(auditor.locator("main .badge.green")).to_be_visible()


def test_a_confidential_file_is_attached_on_a_telephone_and_comes_back_as_it_was(
    sign_in: SignIn, tmp_path: Path
) -> None:
    page = sign_in("counsellor", PHONE)
    page.goto("/cases")
    page.locator("main a[href*='/cases/']:not([href$='/new'])").first.click()
    page.wait_for_url("**/cases/*-*")
    file = tmp_path / "转介回执.pdf"
    file.write_bytes(pdf_of(2 * 1024 * 1024 + 5))

    page.locator("details", has=page.locator("[name=file]")).locator("summary").click()
    page.set_input_files("[name=file]", file)
    page.check("[name=file_class][value=confidential]")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
    page.click("form[action$='/files'] button[type=submit]")

    link = page.locator("a[href*='/files/']", has_text="转介回执.pdf")
    expect(link).to_be_visible(timeout=15_000)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
    with page.expect_download() as taken:
        link.click()
    assert taken.value.suggested_filename == "转介回执.pdf"
    assert taken.value.path().read_bytes() == file.read_bytes()
    supervisor = sign_in("supervisor")
    supervisor.goto(page.url)
    expect(supervisor.locator("main")).not_to_contain_text("转介回执")
