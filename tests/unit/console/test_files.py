"""Files of cases at the console: brought in chunks, taken away and never shown; the same over the API."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest

from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import NOW, World
from tests.unit.console.test_api import Program

FILE, CHILD, CASE = (new_id(NOW) for _ in range(3))


def asked(world: World, door: str) -> Any:
    """What a door was asked with last."""
    return [one["data"] for one in world.services.asked if one["door"] == door][-1]


def case_with(world: World, **file: Any) -> World:
    """A case with one file, as casework answers it."""
    one = {"file": FILE, "note_class": "ordinary", "media_type": "pdf", "size": 1500, "by": CHILD, "by_name": "覃老师",
           "role": "teacher", "at": "2026-11-23T05:00:00+00:00", "name": "回执.pdf", "withheld": False}  # fmt: skip
    world.services.answers["casework", "case"] = {
        "case": CASE, "child": CHILD, "child_name": "陈小雨", "origin": "alert", "state": "open", "notes": [],
        "opened_at": "2026-11-22T05:00:00+00:00", "counsellor_name": None, "alert": None, "version": 2,
        "files": [one | file],
    }  # fmt: skip
    return world


def test_a_file_is_offered_to_be_taken_away_with_its_type_and_size(world: World) -> None:
    page = case_with(world).signed_in("wang", "teacher").get(f"/cases/{CASE}").text
    assert f'href="/cases/{CASE}/files/{FILE}"' in page
    assert "回执.pdf" in page
    assert "2 KB" in page


@pytest.mark.parametrize(("withheld", "said"), [(True, "This file is withheld"), (False, "This file was erased")])
def test_a_file_that_is_withheld_or_gone_says_so(world: World, withheld: bool, said: str) -> None:
    page = case_with(world, name=None, withheld=withheld).signed_in("wang", "teacher").get(f"/cases/{CASE}").text
    assert said in page
    assert f"/files/{FILE}" not in page


def test_a_file_is_brought_in_chunks_of_a_mebibyte_and_then_attached(world: World) -> None:
    world.services.answers["casework", "upload_file"] = {"file": FILE, "parts": [1]}
    world.services.answers["casework", "attach_file"] = {"id": CASE, "version": 3, "repeated": False, "events": []}
    browser = case_with(world).signed_in("wang", "teacher")
    content = b"%PDF" + bytes(1024 * 1024)
    given = {"file": (io.BytesIO(content), "papers/回执.pdf"), "file_class": "confidential"}
    answer = browser.post(f"/cases/{CASE}/files", given, page=f"/cases/{CASE}")
    assert answer.status_code == 303
    sent = [one for one in world.services.asked if one["door"] == "upload_file"]
    assert b"".join(base64.b64decode(one["data"]["content"]) for one in sent) == content
    assert [(one["data"]["part"], one["data"]["parts"], one["data"].get("file")) for one in sent] == [
        (1, 2, None),
        (2, 2, FILE),
    ]
    assert asked(world, "attach_file") == {
        "case": CASE, "file": FILE, "name": "回执.pdf", "note_class": "confidential",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "The file is empty."), (bytes(10 * 1024 * 1024 + 1), "The file is larger than 10 MB.")]
)
def test_nothing_and_too_much_are_refused_before_anything_is_sent(world: World, content: bytes, said: str) -> None:
    browser = case_with(world).signed_in("wang", "teacher")
    given = {"file": (io.BytesIO(content), "a.pdf"), "file_class": "ordinary"}
    answer = browser.post(f"/cases/{CASE}/files", given, page=f"/cases/{CASE}")
    assert answer.status_code == 422
    assert said in answer.text
    assert not any(one["door"] == "upload_file" for one in world.services.asked)


def test_a_file_is_taken_away_and_never_shown_by_the_browser(world: World) -> None:
    world.services.answers["casework", "read_file"] = {
        "file": FILE, "name": "回执.pdf", "media_type": "pdf", "size": 4, "part": 1, "parts": 1,
        "content": base64.b64encode(b"%PDF").decode(),
    }  # fmt: skip
    answer = world.signed_in("wang", "teacher").get(f"/cases/{CASE}/files/{FILE}")
    assert (answer.data, answer.mimetype, answer.content_length) == (b"%PDF", "application/pdf", 4)
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%9B%9E%E6%89%A7.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_program_attaches_a_file_and_takes_it_away(world: World) -> None:
    world.services.answers["casework", "upload_file"] = {"file": FILE, "parts": [1]}
    world.services.answers["casework", "attach_file"] = {"id": CASE, "version": 3, "repeated": False, "events": []}
    world.services.answers["casework", "read_file"] = {
        "file": FILE, "name": None, "media_type": "png", "size": 2, "part": 1, "parts": 1, "content": "aGk=",
    }  # fmt: skip
    program = Program(case_with(world), "teacher")
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": FILE}
    form = {"file": (io.BytesIO(b"hi"), "a.png"), "note_class": "ordinary"}
    made = program.client.post(f"/api/v1/cases/{CASE}/files", data=form, headers=headers)
    assert (made.status_code, made.get_json()["file"]) == (201, FILE)
    assert [one["file"] for one in program.get(f"/cases/{CASE}/files").get_json()["items"]] == [FILE]
    taken = program.get(f"/cases/{CASE}/files/{FILE}")
    assert (taken.data, taken.mimetype) == (b"hi", "image/png")
    assert taken.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{FILE}"


def test_a_program_hears_why_a_file_is_refused(world: World) -> None:
    world.services.answers["casework", "upload_file"] = {"file": FILE, "parts": [1]}
    world.services.answers["casework", "attach_file"] = Refusal("casework.file_hides_another", media_type="png")
    world.services.answers["casework", "read_file"] = Refusal("casework.file_gone")
    program = Program(world, "teacher")
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": FILE}
    form = {"file": (io.BytesIO(b"hi"), "a.png"), "note_class": "ordinary"}
    answer = program.client.post(f"/api/v1/cases/{CASE}/files", data=form, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "casework.file_hides_another")
    assert "PNG图片文件中夹带了其他文件" in answer.get_json()["title"]
    assert program.get(f"/cases/{CASE}/files/{FILE}").status_code == 409


def test_the_description_of_the_api_says_that_a_file_is_bytes(world: World) -> None:
    described = world.app.test_client().get("/api/v1/openapi.json").get_json()
    answer = described["paths"]["/api/v1/cases/{case}/files/{file}"]["get"]["responses"]["200"]
    assert answer["content"] == {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
