"""Pages: languages, roles, navigation, headers, errors, the styleguide."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from flask import Blueprint, abort, render_template_string
from structlog.testing import capture_logs

from services.console.app import create_app
from services.console.roles import ROLES
from services.console.settings import ConsoleSettings
from services.console.visits import needs, public
from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import FakeServices, FakeSigner, World

LANGUAGES = {"zh-Hans": "登录", "zh-Hant": "登錄", "en": "Sign in"}


@pytest.mark.parametrize(("wanted", "given"), [("zh-CN", "zh-Hans"), ("zh-TW,zh;q=0.9", "zh-Hant"), ("fr", "zh-Hans")])
def test_the_page_speaks_the_language_that_the_browser_asks_for(world: World, wanted: str, given: str) -> None:
    page = world.browser(wanted).get("/sign-in").text
    assert f'<html lang="{given}"' in page
    assert "<h1>守望</h1>" in page
    assert LANGUAGES[given] in page


def test_the_language_chosen_stays_in_the_browser(world: World) -> None:
    browser = world.browser("en")
    answer = browser.post("/language", {"language": "zh-Hant"}, page="/sign-in")
    assert answer.headers["Location"] == "/sign-in"
    assert '<html lang="zh-Hant"' in browser.get("/sign-in").text


def test_the_language_chosen_goes_with_the_account(world: World) -> None:
    browser = world.signed_in("wang", "teacher", language="en")
    browser.post("/language", {"language": "zh-Hans"}, page="/today")
    elsewhere = world.browser("en")
    elsewhere.sign_in("wang")
    assert '<html lang="zh-Hans"' in elsewhere.get("/today").text


def test_a_language_that_we_do_not_speak_is_refused(world: World) -> None:
    assert world.browser().post("/language", {"language": "fr"}, page="/sign-in").status_code == 422


def test_one_acts_in_another_of_ones_roles(world: World) -> None:
    browser = world.signed_in("wang", "teacher", "county_admin")
    assert 'value="teacher" aria-pressed="true"' in browser.get("/today").text
    page = browser.post("/role", {"role": "county_admin"}, page="/today")
    assert page.status_code == 303
    page = browser.get("/today")
    assert 'value="county_admin" aria-pressed="true"' in page.text
    assert "You now act as: County administrator." in page.text


def test_the_role_last_acted_in_is_taken_up_at_the_next_sign_in(world: World) -> None:
    browser = world.signed_in("wang", "teacher", "county_admin")
    browser.post("/role", {"role": "county_admin"}, page="/today")
    again = world.browser()
    again.sign_in("wang")
    assert 'value="county_admin" aria-pressed="true"' in again.get("/today").text


def test_a_role_that_one_does_not_hold_is_refused(world: World) -> None:
    page = world.signed_in("wang", "teacher", "headteacher").post("/role", {"role": "auditor"}, page="/today")
    assert page.status_code == 403


def test_a_role_that_was_taken_away_is_gone_at_the_next_growth_of_the_register(world: World) -> None:
    browser = world.signed_in("wang", "teacher", "county_admin")
    browser.post("/role", {"role": "county_admin"}, page="/today")
    account = world.console.accounts.find("wang")
    assert account is not None
    world.grants[account.staff] = world.grants[account.staff][:1]
    assert 'value="county_admin" aria-pressed="true"' in browser.get("/today").text
    world.console.heads.announce("registry", 12)
    assert "county_admin" not in browser.get("/today").text


def test_someone_without_a_role_is_told_who_gives_one(world: World) -> None:
    assert "You hold no role yet" in world.signed_in("new").get("/today").text


def test_a_page_is_shown_from_memory_for_a_while_when_the_registry_is_away(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    assert browser.get("/today").status_code == 200
    world.services.answers["registry", "grants_of"] = TimeoutError("away")
    world.clock.move(120)
    assert browser.get("/today").status_code == 200


def with_pages(world: World) -> World:
    for name, endpoint, permission in (
        ("children", "listed", "registry:child:view"),
        ("alerts", "board", "alerts:alert:view"),
        ("funding", "listed", "funding:fund:view"),
        ("log", "show", "log:entry:view"),
    ):
        pages = Blueprint(name, __name__)
        view = needs(permission)(lambda: render_template_string('{% extends "base.html" %}'))
        pages.add_url_rule(f"/{name}", endpoint=endpoint, view_func=view)
        if name not in world.app.blueprints:
            world.app.register_blueprint(pages)
    return world


@pytest.mark.parametrize(
    ("role", "landing", "shown", "hidden"),
    [
        ("duty_officer", "/alerts", ["/children", "/alerts"], ["/funding", "/log"]),
        ("auditor", "/log", ["/funding", "/log"], ["/children", "/alerts"]),
        ("cashier", "/funding", ["/funding"], ["/children", "/alerts", "/log"]),
        ("teacher", "/today", ["/children", "/alerts"], ["/funding", "/log"]),
    ],
)
def test_each_role_begins_on_its_page_and_sees_what_it_may(
    world: World, role: str, landing: str, shown: list[str], hidden: list[str]
) -> None:
    browser = with_pages(world).signed_in("wang", role)
    assert browser.get("/").headers["Location"] == landing
    page = browser.get("/today").text
    rail = re.search(r'<nav class="rail".*?</nav>', page, re.DOTALL)
    assert rail
    assert all(f'href="{path}"' in rail[0] for path in shown)
    assert not any(f'href="{path}"' in rail[0] for path in hidden)


@pytest.mark.parametrize("role", list(ROLES))
def test_every_role_has_a_page_to_begin_on(world: World, role: str) -> None:
    assert world.signed_in("wang", role).get("/", follow_redirects=True).status_code == 200


def test_every_answer_carries_the_security_headers(world: World) -> None:
    for path in ("/sign-in", "/nowhere", "/healthz", "/api/v1/nowhere", "/static/parts.css"):
        headers = world.browser().get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/sign-in", "/today", "/me", "/api/docs"])
def test_pages_are_kept_by_no_cache(world: World, path: str) -> None:
    assert world.signed_in("wang", "teacher").get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/sign-in", "/styleguide", "/styleguide?wrong=1", "/me", "/today", "/api/docs"])
@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_no_page_has_script_or_style_within(world: World, path: str, language: str) -> None:
    html = world.signed_in("wang", "teacher", "auditor", language=language).get(path, follow_redirects=True).text
    assert "<style" not in html
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
@pytest.mark.parametrize("path", ["/styleguide", "/styleguide?wrong=1"])
def test_the_styleguide_shows_every_part_in_each_language(world: World, path: str, language: str) -> None:
    page = world.browser(language).get(path)
    assert page.status_code == 200
    for part in (
        "button primary",
        "field",
        "check",
        "table",
        "card",
        "badge red",
        "timeline",
        "empty",
        "chips",
        "pager",
    ):
        assert f'class="{part}' in page.text, part
    assert ('class="error"' in page.text) == (path != "/styleguide")
    if language != "en":
        assert "Acknowledge" not in page.text


def test_ids_on_a_page_are_unique(world: World) -> None:
    html = world.browser().get("/styleguide?wrong=1").text
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


def test_the_styleguide_is_not_in_production(world: World) -> None:
    console = world.console
    settings = ConsoleSettings(secret=b"s" * 32, production=True)
    app = create_app(settings, FakeServices(), console.database, console.clock, FakeSigner())
    assert app.test_client().get("/styleguide").status_code == 404


def test_what_is_not_there_is_said_with_a_way_on(world: World) -> None:
    page = world.browser().get("/nowhere")
    assert page.status_code == 404
    assert "This page is not here" in page.text
    assert 'href="/"' in page.text


def broken(world: World, error: Exception) -> Any:
    pages = Blueprint("broken", __name__)

    @pages.get("/broken")
    @public
    def show() -> str:
        raise error

    world.app.register_blueprint(pages)
    return world.browser().get("/broken")


def test_a_fault_of_ours_is_answered_with_a_number_and_no_detail(world: World) -> None:
    with capture_logs() as logs:
        page = broken(world, RuntimeError("password of 王小明"))
    assert page.status_code == 500
    assert page.headers["X-Request-Id"] in page.text
    assert "王小明" not in page.text
    (line,) = [one for one in logs if one["event"] == "request_broke"]
    assert line["error"] == "RuntimeError"
    assert "王小明" not in str(logs)
    assert any("test_pages.py" in place for place in line["where"])


def test_a_refusal_that_a_page_did_not_expect_is_said_in_words(world: World) -> None:
    page = broken(world, Refusal("casework.something_new"))
    assert page.status_code == 409
    assert "casework.something_new" in page.text


def test_a_request_line_in_the_log_holds_the_route_and_no_address(world: World) -> None:
    with capture_logs() as logs:
        world.browser().get("/sign-in?back=/children/secret")
    (line,) = [one for one in logs if one["event"] == "request_answered"]
    assert line["route"] == "/sign-in"
    assert "secret" not in str(logs)


def test_a_wrong_method_is_answered_with_the_right_ones(world: World) -> None:
    answer = world.signed_in("wang", "teacher").client.put("/today")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_an_error_of_the_protocol_keeps_its_status(world: World) -> None:
    pages = Blueprint("gone", __name__)
    pages.add_url_rule("/gone", endpoint="show", view_func=public(lambda: abort(410)))
    world.app.register_blueprint(pages)
    assert world.browser().get("/gone").status_code == 410


def test_the_first_load_is_under_sixty_kilobytes(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    total, seen = 0, ["/styleguide"]
    html = browser.get("/styleguide", headers={"Accept-Encoding": "gzip"})
    assert html.headers["Content-Encoding"] == "gzip"
    total += len(html.data)
    for path in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', gzip.decompress(html.data).decode())):
        answer = browser.get(path, headers={"Accept-Encoding": "gzip"})
        assert "immutable" in answer.headers["Cache-Control"]
        total += len(answer.data)
        seen.append(path)
    assert len(seen) == 7
    assert total < 60 * 1024


def test_static_files_lie_in_their_folder_only(world: World) -> None:
    for name in ("..%2fapp.py", "%2e%2e/app.py", "nothing.css", ".", ""):
        assert world.browser().get(f"/static/{name}").status_code == 404


def test_a_request_that_is_too_large_is_refused_with_a_page_that_says_how_large_it_may_be(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    page = browser.client.post("/me/password", data=b"x" * (65 * 1024 * 1024), headers=browser.headers)
    assert page.status_code == 413
    assert "larger than 64 MB" in page.text
    assert "王秀兰" in page.text


def test_the_machines_are_told_alive_ready_and_counts(world: World) -> None:
    browser = world.browser()
    assert browser.get("/healthz").get_json() == {"status": "ok"}
    assert browser.get("/readyz").status_code == 200
    assert (
        'shouwang_console_requests_total{method="GET",route="/readyz",status="200"} 1.0' in browser.get("/metrics").text
    )


def test_a_service_that_fell_silent_makes_the_console_unready(world: World) -> None:
    world.console.heads.announce("alerts", 5)
    world.clock.move(61)
    answer = world.browser().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["silent"] == ["alerts"]
