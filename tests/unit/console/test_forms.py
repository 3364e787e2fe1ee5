"""Forms: bound to their session, harmless when repeated, kept when the session has ended."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Blueprint, redirect, render_template_string, request

from services.console import formtokens
from services.console.accounts.drafts import LARGEST
from services.console.accounts.tables import drafts
from services.console.app import create_app
from services.console.doors import command
from services.console.forms import again, missing, say
from services.console.people import permissions_of
from services.console.port import OutcomeUnknown, ServiceUnavailable
from services.console.visits import needs, visit
from shared.kernel.refusals import Denied, Refusal
from tests.unit.console.conftest import PASSWORD, Browser, World

PAGE = """{% extends "base.html" %}{% block content %}
{% call ui.form("/notes/add", version=7) %}{{ ui.textarea("text", "Text") }}{{ ui.field("day", "Day", value="today") }}
{{ ui.button("Save") }}{% endcall %}
{% call ui.form("/notes/other") %}{{ ui.textarea("text", "Other") }}{% endcall %}{% endblock %}"""


@pytest.fixture
def notes(world: World) -> World:
    """A console with a page that writes notes."""
    pages = Blueprint("notes", __name__)

    @pages.get("/notes")
    @needs("casework:case:view")
    def show() -> str:
        return render_template_string(PAGE)

    @pages.post("/notes/add")
    @needs("casework:note:add")
    def add() -> Any:
        try:
            if wrong := missing("text"):
                raise wrong
            answer = command("casework", "add_note", {"text": request.form["text"]})
        except Refusal as refusal:
            return again(refusal, show)
        say("Saved: " + str(answer.get("id")), link=("/notes", "Back"))
        return redirect("/notes", 303)

    world.app.register_blueprint(pages)
    world.services.answers["casework", "add_note"] = {"id": "n1"}
    return world


def written(world: World) -> list[dict[str, Any]]:
    return [one for one in world.services.asked if one["door"] == "add_note"]


def test_a_form_reaches_the_door_with_its_command_id_version_role_and_language(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    hidden = browser.hidden("/notes", "/notes/add")
    assert browser.send("/notes/add", hidden | {"text": "seen"}).status_code == 303
    (asked,) = written(notes)
    assert asked["command_id"] == hidden["_command"]
    assert asked["expected_version"] == 7
    assert asked["token"].endswith("|teacher")
    assert asked["language"] == "en"
    assert asked["correlation"]


def test_a_form_sent_twice_orders_under_one_id(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    hidden = browser.hidden("/notes", "/notes/add")
    for _ in range(2):
        assert browser.send("/notes/add", hidden | {"text": "seen"}).status_code == 303
    first, second = written(notes)
    assert first["command_id"] == second["command_id"]


def test_two_forms_order_under_two_ids(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    for _ in range(2):
        browser.post("/notes/add", {"text": "seen"}, page="/notes")
    first, second = written(notes)
    assert first["command_id"] != second["command_id"]


@pytest.mark.parametrize("token", ["", "x", "AAAA", "é", "A" * 86])
def test_a_form_without_our_token_is_refused(notes: World, token: str) -> None:
    browser = notes.signed_in("wang", "teacher")
    answer = browser.send("/notes/add", {"text": "seen", "_form": token})
    assert answer.status_code == 403
    assert written(notes) == []


def test_a_form_of_another_persons_session_is_refused(notes: World) -> None:
    hers, his = notes.signed_in("wang", "teacher"), notes.signed_in("li", "teacher")
    assert his.send("/notes/add", hers.hidden("/notes", "/notes/add") | {"text": "seen"}).status_code == 403
    assert written(notes) == []


def test_a_strangers_token_does_not_serve_a_session(notes: World) -> None:
    stranger, browser = notes.browser(), notes.signed_in("wang", "teacher")
    token = stranger.hidden("/sign-in", "/sign-in")["_form"]
    assert browser.send("/notes/add", {"text": "seen", "_form": token}).status_code == 403


def test_the_sign_in_form_too_is_bound_to_the_browser_that_was_shown_it(notes: World) -> None:
    notes.person("wang", "teacher")
    hidden = notes.browser().hidden("/sign-in", "/sign-in")
    answer = notes.browser().send("/sign-in", hidden | {"account": "wang", "password": PASSWORD})
    assert answer.status_code == 403


def test_a_token_that_was_touched_is_none_of_ours() -> None:
    token = formtokens.make(b"k" * 32, "secret", None, "teacher")
    assert formtokens.read(b"k" * 32, token) is not None
    assert formtokens.read(b"j" * 32, token) is None
    for place in range(0, len(token), 7):
        touched = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert formtokens.read(b"k" * 32, touched) is None, place


def test_a_form_is_sent_in_the_role_that_its_page_showed(notes: World) -> None:
    notes.person("wang", "teacher", "supervisor")
    browser = notes.browser()
    browser.sign_in("wang")
    hidden = browser.hidden("/notes", "/notes/add")
    browser.post("/role", {"role": "supervisor"}, page="/today")
    browser.send("/notes/add", hidden | {"text": "seen"})
    assert written(notes)[0]["token"].endswith("|teacher")


def test_what_was_typed_stays_when_a_field_is_wrong_and_the_summary_leads_to_it(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    page = browser.post("/notes/add", {"text": " ", "day": "tomorrow <b>"}, page="/notes")
    assert page.status_code == 422
    assert '<a href="#f-text">Text: This is needed.</a>' in page.text
    assert 'value="tomorrow &lt;b&gt;"' in page.text
    assert 'aria-describedby="e-text" aria-invalid="true"' in page.text
    assert page.text.count("This is needed.") == 2  # in the summary and beside its field, not in the other form


def test_a_refusal_without_a_field_stands_above_the_form(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    notes.services.answers["casework", "add_note"] = Refusal("changed", expected=7, actual=8)
    page = browser.post("/notes/add", {"text": "mine"}, page="/notes")
    assert page.status_code == 409
    assert "Someone else has changed this" in page.text
    assert page.text.count(">mine</textarea>") == 1  # the other form of the page has a field of that name too


def test_field_errors_of_a_door_stand_beside_their_fields(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    notes.services.answers["casework", "add_note"] = Refusal("invalid", errors={"day": ["Not a valid date."]})
    page = browser.post("/notes/add", {"text": "mine"}, page="/notes")
    assert '<a href="#f-day">Day: This is not a day. Write it like 2026-03-05.</a>' in page.text


def test_a_missing_right_has_its_own_page_with_the_right_and_who_grants_it(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    notes.services.answers["casework", "add_note"] = Denied("casework:note:view")
    page = browser.post("/notes/add", {"text": "mine"}, page="/notes")
    assert page.status_code == 403
    assert "read confidential notes" in page.text
    assert "Counsellor" in page.text
    assert "County administrator" in page.text


def test_a_message_is_shown_once_on_the_next_page(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    browser.post("/notes/add", {"text": "seen"}, page="/notes")
    assert "Saved: n1" in browser.get("/notes").text
    assert "Saved: n1" not in browser.get("/notes").text


def test_an_unknown_outcome_offers_to_ask_again_under_the_same_id(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    hidden = browser.hidden("/notes", "/notes/add")
    notes.services.answers["casework", "add_note"] = OutcomeUnknown(hidden["_command"])
    page = browser.send("/notes/add", hidden | {"text": "seen"})
    assert page.status_code == 504
    assert "Outcome unknown" in page.text
    form = re.search(r'<form method="post" action="/notes/add">.*?</form>', page.text, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[0]))
    notes.services.answers["casework", "add_note"] = {"id": "n1"}
    assert browser.send("/notes/add", fields).status_code == 303
    first, second = written(notes)
    assert first["command_id"] == second["command_id"]
    assert second["data"] == {"text": "seen"}
    assert second["expected_version"] == 7


def test_a_service_that_is_away_keeps_what_was_typed_and_offers_to_send_it_again(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    notes.services.answers["casework", "add_note"] = ServiceUnavailable("casework")
    page = browser.post("/notes/add", {"text": "seen"}, page="/notes")
    assert page.status_code == 503
    assert 'name="text" value="seen"' in page.text


def late(world: World, browser: Browser, text: str = "a long story") -> None:
    """The form is open while its session ends; it is sent all the same."""
    hidden = browser.hidden("/notes", "/notes/add")
    world.clock.move(31 * 60)
    answer = browser.send("/notes/add", hidden | {"text": text, "day": "monday"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?back=/notes&kept=1&ended=1"


def test_a_form_that_came_after_its_session_comes_back_after_sign_in(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    late(notes, browser)
    assert written(notes) == []
    answer = browser.post("/sign-in", {"account": "wang", "password": PASSWORD}, page="/sign-in?back=/notes&kept=1")
    page = browser.get(answer.headers["Location"])
    assert ">a long story</textarea>" in page.text
    assert 'value="monday"' in page.text
    assert "What you typed before the session ended is back" in page.text


def test_a_draft_fills_its_own_form_only(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    late(notes, browser)
    browser.sign_in("wang")
    assert browser.get("/notes").text.count(">a long story</textarea>") == 1


def test_a_draft_is_gone_once_it_was_sent(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    late(notes, browser)
    browser.sign_in("wang")
    browser.post("/notes/add", {"text": "a long story"}, page="/notes")
    assert "a long story" not in browser.get("/notes").text


def test_the_next_person_at_the_same_computer_never_sees_the_draft(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    late(notes, browser)
    notes.person("li", "teacher")
    browser.sign_in("li")
    assert "a long story" not in browser.get("/notes").text


def test_a_draft_lies_sealed_and_holds_what_was_typed(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    late(notes, browser)
    with notes.console.database.read() as tx:
        (row,) = tx.execute(drafts.select()).all()
    assert b"a long story" not in row.sealed
    account = notes.console.accounts.find("wang")
    assert account is not None
    with notes.console.database.read() as tx:
        (draft,) = notes.console.accounts.drafts.waiting(tx, account.id, notes.clock.now())
    assert dict(draft.fields) == {"text": "a long story", "day": "monday"}


def test_passwords_are_no_part_of_a_draft(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    hidden = browser.hidden("/me", "/me/password")
    notes.clock.move(31 * 60)
    browser.send("/me/password", hidden | {"password_old": PASSWORD, "password_new": "another one", "other": "kept"})
    account = notes.console.accounts.find("wang")
    assert account is not None
    with notes.console.database.read() as tx:
        (draft,) = notes.console.accounts.drafts.waiting(tx, account.id, notes.clock.now())
    assert [name for name, _ in draft.fields if name.startswith("password")] == []
    assert ("other", "kept") in draft.fields


def test_a_draft_is_forgotten_after_two_hours(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    late(notes, browser)
    notes.clock.move(2 * 3600)
    browser.sign_in("wang")
    assert "a long story" not in browser.get("/notes").text


def test_a_form_too_large_to_keep_is_not_promised_to_come_back(notes: World) -> None:
    browser = notes.signed_in("wang", "teacher")
    hidden = browser.hidden("/notes", "/notes/add")
    notes.clock.move(31 * 60)
    answer = browser.send("/notes/add", hidden | {"text": "x" * LARGEST})
    assert "kept" not in answer.headers["Location"]


def test_a_forged_form_cannot_plant_a_draft(notes: World) -> None:
    notes.person("wang", "teacher")
    forged = formtokens.make(b"another key, of some other console", "s", None, "teacher")
    answer = notes.browser().send("/notes/add", {"text": "planted", "_form": forged})
    assert "kept" not in answer.headers["Location"]
    with notes.console.database.read() as tx:
        assert tx.execute(drafts.select()).all() == []


def test_a_role_sees_the_pages_of_its_permissions_only(notes: World) -> None:
    assert "casework:case:view" not in permissions_of("cashier")
    page = notes.signed_in("zhao", "cashier").get("/notes")
    assert page.status_code == 403
    assert "see cases" in page.text


def test_a_page_that_does_not_say_who_may_come_stops_the_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = Blueprint("careless", __name__)
    careless.add_url_rule("/careless", view_func=lambda: str(visit()), endpoint="show")
    monkeypatch.setattr("services.console.pages.register", lambda app, **_: app.register_blueprint(careless))
    console = world.console
    with pytest.raises(RuntimeError, match=r"careless\.show"):
        create_app(console.settings, console.client, console.database, console.clock, console.signer)
