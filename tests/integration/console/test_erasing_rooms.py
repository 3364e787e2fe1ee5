"""Erasing, reading together and lifting, as two people do it on the pages, over all services' real doors."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from shared.cli.commands import shouwang
from tests.infrastructure.waiting import eventually
from tests.integration.console.working import Working, at_work
from tests.unit.console.conftest import Browser

ASKED = {"grounds": "family_asked"}
NEEDS_ANOTHER = "Another person has to."


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Working]:
    with at_work(tmp_path_factory.mktemp("erasing"), socket=True) as made:
        yield made


@pytest.fixture
def supervisor(county: Working) -> Browser:
    return county.browser("supervisor")


@pytest.fixture
def admin(county: Working) -> Browser:
    return county.browser("county_admin")


def asked(browser: Browser, child: str) -> str:
    """The page of a request that the reader has made for a child."""
    form = f"/children/{child}/erasure"
    answer = browser.post(form, ASKED | {"person": child}, page=form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def says(browser: Browser, page: str, words: str, times: int = 1) -> str:
    """The page once it says so."""
    return eventually(
        lambda: text if (text := browser.get(page).text).count(words) >= times else None, what=f"{words!r} on {page}"
    )


def answered(browser: Browser, page: str) -> None:
    """Wait until every service has said what stands against it."""
    eventually(lambda: "Not answered yet" not in browser.get(page).text, what="every service's answer")


def restricted(county: Working, supervisor: Browser, admin: Browser, name: str) -> tuple[str, str]:
    """A child whose erasure became a restriction, because a case is open; and the page of the request."""
    child = county.another(name)
    form = f"/children/{child}/case"
    assert supervisor.post(form, {"why": "often alone"}, page=form).status_code == 303
    page = asked(supervisor, child)
    answered(admin, page)
    assert "A case is open" in admin.get(page).text
    assert admin.post(f"{page}/approval", page=page).status_code == 303
    says(admin, page, "Lift the restriction")
    return child, page


def test_one_asks_and_sees_who_has_answered_another_approves_and_it_is_carried_out(
    county: Working, supervisor: Browser, admin: Browser
) -> None:
    child = county.another("石秋月")
    with county.host.engines["funding"].base.database.begin():  # funding can write nothing meanwhile
        page = asked(supervisor, child)
        shown = says(supervisor, page, "Nothing stands against it", 2)
        assert shown.count("Not answered yet") == 1
        early = admin.post(f"{page}/approval", page=page)
        assert (early.status_code, "Try again in a moment." in early.text) == (409, True)
    answered(admin, page)
    assert supervisor.send(f"{page}/approval", supervisor.hidden(page, f"{page}/withdrawal")).status_code == 403

    assert admin.post(f"{page}/approval", page=page).status_code == 303
    says(admin, page, "Carried out", 4)
    assert ">Erased</a>" in admin.get("/erasures?state=erased").text
    assert "Everything personal was erased." in supervisor.get(f"/children/{child}").text
    assert "石秋月" not in supervisor.get("/erasures").text
    again = supervisor.send(
        f"/children/{child}/erasure",
        supervisor.hidden(f"/children/{child}/erasure", f"/children/{child}/erasure") | ASKED | {"person": child},
    )
    assert (again.status_code, "has been erased already" in again.text) == (410, True)


def test_whoever_asked_is_refused_with_a_sentence_and_another_refuses_with_a_reason(
    county: Working, admin: Browser
) -> None:
    page = asked(admin, county.another("石秋风"))
    answered(admin, page)
    own = admin.post(f"{page}/approval", page=page)
    assert (own.status_code, NEEDS_ANOTHER in own.text) == (403, True)
    assert "waits for a second person" in admin.get(page).text
    assert admin.post(f"{page}/withdrawal", page=page).status_code == 303
    assert "withdrawn" in admin.get(page).text


def test_two_read_together_what_is_restricted_and_nobody_else(
    county: Working, supervisor: Browser, admin: Browser
) -> None:
    child, _ = restricted(county, supervisor, admin, "石秋雨")
    place, ask = f"/children/{child}", f"/children/{child}/opening"
    third = county.browser("duty_officer")
    assert all("石秋雨" not in one.get(place).text for one in (supervisor, admin, third))
    assert f'href="{ask}"' in supervisor.get(place).text

    own = str(admin.post(ask, {"reason": "audit", "minutes": "10"}, page=ask).location)
    token = admin.hidden(own, f"{own}/withdrawal")
    refused = admin.send(f"{own}/approval", token)
    assert (refused.status_code, NEEDS_ANOTHER in refused.text) == (403, True)
    assert admin.post(f"{own}/withdrawal", page=own).status_code == 303

    page = str(supervisor.post(ask, {"reason": "court_order", "minutes": "30"}, page=ask).location)
    assert f'href="{page}"' in admin.get("/openings").text
    assert admin.post(f"{page}/approval", page=page).status_code == 303
    assert "It is open for the two who asked and approved" in supervisor.get(page).text
    for one in (supervisor, admin):
        shown = one.get(place).text
        assert "石秋雨" in shown
        assert "This reading was recorded." in shown
    assert "石秋雨" not in third.get(place).text
    assert "log.restricted_read" in county.browser("auditor").get("/log/registry").text

    assert supervisor.post(f"{page}/end", page=page).status_code == 303
    assert "Nothing is open." in admin.get(page).text
    assert all("石秋雨" not in one.get(place).text for one in (supervisor, admin, third))


def test_a_restriction_is_lifted_by_two_and_what_is_known_appears_again(
    county: Working, supervisor: Browser, admin: Browser
) -> None:
    child, page = restricted(county, supervisor, admin, "石秋霜")
    own = admin.post(f"{page}/lifting", {"why": "no_grounds"}, page=page)
    assert own.status_code == 303
    token = admin.hidden(page, f"{page}/lifting/withdrawal")
    refused = admin.send(f"{page}/lifting/approval", token)
    assert (refused.status_code, NEEDS_ANOTHER in refused.text) == (403, True)
    assert admin.post(f"{page}/lifting/withdrawal", page=page).status_code == 303

    assert supervisor.post(f"{page}/lifting", {"why": "care_needed"}, page=page).status_code == 303
    assert admin.post(f"{page}/lifting/approval", page=page).status_code == 303
    says(admin, page, "Lifted here", 4)
    assert "restriction lifted" in admin.get("/erasures").text
    eventually(lambda: "石秋霜" in supervisor.get(f"/children/{child}").text, what="the child's name")
    eventually(lambda: "石秋霜" in supervisor.get("/cases").text, what="the name on the case")


class Typed:
    """What an operator types behind `shouwang person`."""

    def __call__(self, *words: str) -> Result:
        return CliRunner(env={"COLUMNS": "200"}).invoke(shouwang, ["person", *words])


@pytest.fixture
def typed(county: Working, monkeypatch: pytest.MonkeyPatch) -> Typed:
    for name in ("SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL", "SHOUWANG_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHOUWANG_ENVIRONMENT", "test")
    monkeypatch.setenv("SHOUWANG_DATA", str(county.host.settings.data))
    monkeypatch.setattr("shared.observability.logs.configure", lambda **_: None)
    monkeypatch.setattr("shared.observability.logs.catch_the_uncaught", lambda: None)
    return Typed()


def test_an_operator_asks_for_an_erasure_and_for_its_lifting_and_decides_neither(
    county: Working, admin: Browser, supervisor: Browser, typed: Typed
) -> None:
    child = county.another("石秋雪")
    form = f"/children/{child}/case"
    assert supervisor.post(form, {"why": "often alone"}, page=form).status_code == 303
    asked = typed("erase", child, "--grounds", "retention_ended")
    found = re.search(r"asked for erasure ([0-9a-f-]{36}); another person approves it", asked.output)
    assert found, asked.output
    request, page = found[1], f"/erasures/{found[1]}"
    assert "at the terminal" in admin.get(page).text

    early = typed("lift", request)
    assert early.exit_code == 1
    assert "registry refuses: Nothing is restricted by this request, or it is being decided anew." in early.output
    answered(admin, page)
    admin.post(f"{page}/approval", page=page)
    says(admin, page, "Lift the restriction")

    lifting = typed("lift", request, "--reason", "wrong_person")
    assert "asked that the restriction end; another person approves it in the console" in lifting.output
    shown = admin.get(page).text
    assert "It was another person" in shown
    assert admin.post(f"{page}/lifting/refusal", page=page).status_code == 303
    assert ">Restricted</a>" in admin.get("/erasures?state=restricted").text

    assert typed("lift", request).exit_code == 0
    assert admin.post(f"{page}/lifting/approval", page=page).status_code == 303
    says(admin, page, "Lifted here", 4)


@pytest.mark.parametrize(
    "words", [("lift", "somebody"), ("erase", "somebody"), ("lift",), ("lift", "x", "--reason", "y")]
)
def test_what_is_no_reference_is_refused_before_anybody_is_asked(typed: Typed, words: tuple[str, ...]) -> None:
    assert typed(*words).exit_code == 2
