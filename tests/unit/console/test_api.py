"""The HTTP API: tokens, problem documents, order ids, versions, the document."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from marshmallow import Schema, fields

from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.doors import call, command
from services.console.port import OutcomeUnknown, ServiceUnavailable
from shared.kernel.refusals import Changed, Denied, NotFound, Refusal
from tests.unit.console.conftest import PASSWORD, World

KEY = "01926f3e-0000-7000-8000-000000000001"


class NoteIn(Schema):
    text = fields.String(required=True)


class NoteOut(Schema):
    id = fields.String(required=True)
    version = fields.Integer(required=True)


@pytest.fixture
def api(world: World) -> World:
    notes = Resources("notes", "Notes")

    @notes.get("/notes", needs="casework:case:view", query=PageQuery, answers=page_of(NoteOut, "Notes"))
    def listed(query: dict[str, Any]) -> dict[str, Any]:
        return call("casework", "notes", query)

    @notes.get("/notes/<uuid:note>", needs="casework:case:view", answers=NoteOut)
    def note(note: str) -> dict[str, Any]:
        return call("casework", "note", {"note": note})

    @notes.post("/notes", needs="casework:note:add", takes=NoteIn, answers=NoteOut, status=201)
    def add(given: dict[str, Any]) -> dict[str, Any]:
        return command("casework", "add_note", given)

    @notes.post("/papers", needs="casework:note:add", takes=NoteIn, answers=NoteOut, status=201, upload=True)
    def paper(files: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        return command("casework", "add_note", given | {"size": len(files["file"].read())})

    world.app.register_blueprint(notes.blueprint, url_prefix="/api/v1")
    world.services.answers["casework", "add_note"] = {"id": "n1", "version": 3}
    world.services.answers["casework", "notes"] = {"items": [{"id": "n1", "version": 3}], "next": "abc"}
    world.services.answers["casework", "note"] = {"id": "n1", "version": 3}
    return world


class Program:
    """A program with a bearer token."""

    def __init__(self, world: World, *roles: str, role: str | None = None) -> None:
        world.person("robot", *roles)
        self.client = world.app.test_client()
        body = {"account": "robot", "password": PASSWORD} | ({"role": role} if role else {})
        answer = self.client.post("/api/v1/tokens", json=body)
        assert answer.status_code == 201, answer.text
        self.token = answer.get_json()["token"]
        self.expires_at = answer.get_json()["expires_at"]

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"} | headers)

    def post(self, path: str, body: Any = None, key: str | None = KEY, **headers: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {}) | headers
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)


def test_a_program_signs_in_and_asks_who_it_is(world: World) -> None:
    program = Program(world, "teacher", "county_admin", role="county_admin")
    assert program.expires_at == "2026-11-23T18:05:00.000000Z"
    assert program.get("/me").get_json() == {
        "account": "robot",
        "name": "王秀兰",
        "role": "county_admin",
        "roles": ["teacher", "county_admin"],
    }


def test_a_token_for_a_role_that_is_not_held_is_refused_and_not_left_behind(world: World) -> None:
    world.person("robot", "teacher")
    body = {"account": "robot", "password": PASSWORD, "role": "auditor"}
    answer = world.app.test_client().post("/api/v1/tokens", json=body)
    assert answer.status_code == 403
    from services.console.accounts.tables import sessions

    with world.console.database.read() as tx:
        assert tx.execute(sessions.select()).all() == []


def test_a_question_that_is_posted_needs_no_key_and_minds_none(world: World) -> None:
    world.person("robot", "teacher")
    body = {"account": "robot", "password": PASSWORD}
    for headers in ({}, {"Idempotency-Key": "order 12"}):
        assert world.app.test_client().post("/api/v1/tokens", json=body, headers=headers).status_code == 201


def test_a_wrong_password_is_a_problem_document(world: World) -> None:
    answer = world.app.test_client().post("/api/v1/tokens", json={"account": "robot", "password": "wrong"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert body["code"] == "console.sign_in_failed"
    assert body["status"] == 401
    assert body["title"]
    assert body["type"]
    assert body["instance"] == f"urn:uuid:{answer.headers['X-Request-Id']}"


def test_throttling_tells_a_program_when_to_come_back(world: World) -> None:
    client = world.app.test_client()
    for _ in range(6):
        answer = client.post("/api/v1/tokens", json={"account": "robot", "password": "wrong"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "30"


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic cm9ib3Q6eA==", "Bearer"])
def test_without_a_good_token_nothing_is_answered(api: World, authorization: str | None) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = api.app.test_client().get("/api/v1/notes", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["code"] == "console.not_signed_in"


def test_a_browsers_cookie_opens_nothing_in_the_api(api: World) -> None:
    browser = api.signed_in("wang", "teacher")
    assert browser.get("/api/v1/notes").status_code == 401


def test_a_programs_token_opens_no_page(api: World) -> None:
    program = Program(api, "teacher")
    program.client.set_cookie("shouwang_session", program.token)
    assert program.client.get("/today").status_code == 303


def test_a_token_ends_after_twelve_hours_and_not_for_idleness(api: World) -> None:
    program = Program(api, "teacher")
    api.clock.move(12 * 3600 - 1)
    assert program.get("/notes").status_code == 200
    api.clock.move(1)
    assert program.get("/notes").status_code == 401


def test_an_order_carries_its_key_as_the_command_id(api: World) -> None:
    assert Program(api, "teacher").post("/notes", {"text": "seen"}).status_code == 201
    assert api.services.asked[-1]["command_id"] == KEY


def test_a_key_that_is_no_uuid_gives_the_same_id_each_time_for_this_account(api: World) -> None:
    program = Program(api, "teacher")
    for _ in range(2):
        program.post("/notes", {"text": "seen"}, key="order 12")
    first, second = (one["command_id"] for one in api.services.asked if one["door"] == "add_note")
    assert first == second
    assert len(first) == 36


@pytest.mark.parametrize(("key", "code"), [(None, "console.key_missing"), ("x" * 201, "console.key_malformed")])
def test_an_order_without_a_good_key_is_not_given(api: World, key: str | None, code: str) -> None:
    answer = Program(api, "teacher").post("/notes", {"text": "seen"}, key=key)
    assert answer.status_code == 400
    assert answer.get_json()["code"] == code
    assert not any(one["door"] == "add_note" for one in api.services.asked)


def test_the_version_is_the_etag_and_if_match_is_the_expected_version(api: World) -> None:
    program = Program(api, "teacher")
    assert program.get(f"/notes/{KEY}").headers["ETag"] == '"3"'
    program.post("/notes", {"text": "seen"}, **{"If-Match": '"3"'})
    assert api.services.asked[-1]["expected_version"] == 3


def test_an_if_match_that_we_never_gave_is_refused(api: World) -> None:
    answer = Program(api, "teacher").post("/notes", {"text": "seen"}, **{"If-Match": '"abc"'})
    assert answer.get_json()["code"] == "console.if_match_malformed"


def test_a_list_is_paged_by_cursor(api: World) -> None:
    answer = Program(api, "teacher").get("/notes?after=abc&limit=10")
    assert answer.get_json()["next"] == "abc"
    assert api.services.asked[-1]["data"] == {"after": "abc", "limit": 10}


def test_a_page_of_too_many_is_refused_by_field(api: World) -> None:
    answer = Program(api, "teacher").get("/notes?limit=1000")
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["limit"]


def test_a_body_that_does_not_fit_names_its_fields_in_the_readers_language(api: World) -> None:
    answer = Program(api, "teacher").post("/notes", {}, **{"Accept-Language": "zh-CN"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {"text": "请填写。"}


def test_a_body_that_is_no_json_is_a_problem_too(api: World) -> None:
    program = Program(api, "teacher")
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": KEY, "Content-Type": "application/json"}
    answer = program.client.post("/api/v1/notes", data="{", headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (NotFound("case"), 404, "not_found"),
        (Denied("casework:note:add"), 403, "denied"),
        (Changed("casework.case-1", 3, 4), 409, "changed"),
        (Refusal("unauthenticated"), 401, "unauthenticated"),
        (Refusal("casework.something_new", why="x"), 409, "casework.something_new"),
        (ServiceUnavailable("casework"), 503, "console.service_unavailable"),
        (OutcomeUnknown(KEY), 504, "console.outcome_unknown"),
        (RuntimeError("王小明"), 500, "internal"),
    ],
)
def test_whatever_goes_wrong_is_a_problem_document_from_the_one_table(
    api: World, raised: Exception, status: int, code: str
) -> None:
    api.services.answers["casework", "add_note"] = raised
    answer = Program(api, "teacher").post("/notes", {"text": "seen"})
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == code
    assert "王小明" not in answer.text


def test_the_facts_of_a_refusal_come_along(api: World) -> None:
    api.services.answers["casework", "add_note"] = Refusal("casework.something_new", open_tasks=2)
    answer = Program(api, "teacher").post("/notes", {"text": "seen"})
    assert answer.get_json()["facts"] == {"open_tasks": 2}


def test_a_right_that_the_role_lacks_is_refused_before_any_door_is_asked(api: World) -> None:
    answer = Program(api, "cashier").post("/notes", {"text": "seen"})
    assert answer.status_code == 403
    assert answer.get_json()["facts"] == {"permission": "casework:note:add"}
    assert not any(one["service"] == "casework" for one in api.services.asked)


def test_an_address_that_is_not_there_is_a_problem_document(world: World) -> None:
    answer = world.app.test_client().get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_no_two_schemas_of_the_document_share_a_name(world: World) -> None:
    schemas = world.app.test_client().get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    assert [name for name in schemas if name[-1].isdigit()] == []


def test_the_document_is_openapi_31_and_says_what_every_operation_needs(world: World) -> None:
    document = world.app.test_client().get("/api/v1/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    operations = [
        operation for item in document["paths"].values() for name, operation in item.items() if name in ("get", "post")
    ]
    assert operations
    assert all("x-permission" in operation for operation in operations)
    assert "/api/v1/tokens" in document["paths"]


def test_every_problem_in_the_document_has_its_shape(world: World) -> None:
    document = world.app.test_client().get("/api/v1/openapi.json").get_json()
    answers = document["paths"]["/api/v1/tokens"]["post"]["responses"]
    assert {"401", "403", "422", "429", "503"} <= set(answers)
    for status, answer in answers.items():
        if status.isdecimal() and int(status) >= 400:
            assert list(answer["content"]) == ["application/problem+json"], status


def test_a_file_comes_as_a_multipart_form_with_its_fields(api: World) -> None:
    program = Program(api, "teacher")
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": KEY}
    data = {"text": "photo", "file": (BytesIO(b"12345"), "photo.jpg")}
    assert program.client.post("/api/v1/papers", data=data, headers=headers).status_code == 201
    assert api.services.asked[-1]["data"] == {"text": "photo", "size": 5}
    answer = program.client.post("/api/v1/papers", data={"text": "photo"}, headers=headers)
    assert answer.get_json()["errors"]["file"]


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_the_document_is_readable_as_a_page(world: World, language: str) -> None:
    page = world.browser(language).get("/api/docs")
    assert page.status_code == 200
    assert "/api/v1/tokens" in page.text
    assert "console.too_many_attempts" in page.text
