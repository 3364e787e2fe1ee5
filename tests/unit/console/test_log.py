"""The log at its public address: hashes for everybody, entries for the auditor, receipts to take away."""

from __future__ import annotations

import base64
import gzip

import pytest

from shared.kernel.ids import new_id
from shared.kernel.refusals import NotFound
from tests.unit.console.conftest import NOW, PASSWORD, World

TILE = bytes(range(32)) * 256
BUNDLE = b"\x00\x02{}" * 256


@pytest.fixture
def log(world: World) -> World:
    world.services.answers["casework", "log_tile"] = {"tile": base64.b64encode(TILE).decode()}
    world.services.answers["casework", "log_bundle"] = {"bundle": base64.b64encode(BUNDLE).decode()}
    return world


def token(world: World, *roles: str) -> str:
    world.person("program", *roles)
    made = world.app.test_client().post("/api/v1/tokens", json={"account": "program", "password": PASSWORD})
    assert made.status_code == 201, made.text
    return str(made.json["token"])


def test_a_full_tile_is_for_everybody_and_for_good(log: World) -> None:
    answer = log.browser().get("/log/casework/tile/0/x001/234")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, TILE, "application/octet-stream")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert log.services.asked[-1]["data"] == {"level": 0, "index": 1234, "width": 256}


def test_a_partial_tile_is_not_kept_for_good(log: World) -> None:
    answer = log.browser().get("/log/casework/tile/1/000.p/7")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]
    assert log.services.asked[-1]["data"] == {"level": 1, "index": 0, "width": 7}


@pytest.mark.parametrize(
    "path",
    [
        "casework/tile/0/1",
        "casework/tile/00/001",
        "casework/tile/8/001",
        "casework/tile/0/001.p/256",
        "casework/tile/0/001/002",
        "casework/tile/0/000.p/0",
        "other/tile/0/001",
    ],
)
def test_what_is_no_tile_is_not_asked_for(log: World, path: str) -> None:
    assert log.browser().get(f"/log/{path}").status_code == 404
    assert [one for one in log.services.asked if one["door"] == "log_tile"] == []


def test_a_tile_that_does_not_exist_is_not_found_and_not_kept(log: World) -> None:
    log.services.answers["casework", "log_tile"] = NotFound("tile")
    answer = log.browser().get("/log/casework/tile/0/999")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_entries_are_the_auditors(log: World) -> None:
    path = "/log/casework/tile/entries/000"
    assert log.browser().get(path).status_code == 303
    assert log.signed_in("wang", "teacher").get(path).status_code == 403
    answer = log.signed_in("li", "auditor").get(path)
    assert (answer.status_code, answer.data) == (200, BUNDLE)
    assert answer.headers["Cache-Control"].startswith("private")


def test_a_program_takes_entries_with_its_token(log: World) -> None:
    path = "/log/casework/tile/entries/000"
    bearer = {"Authorization": f"Bearer {token(log, 'auditor')}", "Accept-Encoding": "gzip"}
    answer = log.app.test_client().get(path, headers=bearer)
    assert (answer.status_code, gzip.decompress(answer.data)) == (200, BUNDLE)
    assert answer.headers["Content-Encoding"] == "gzip"
    wrong = log.app.test_client().get(path, headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.mimetype) == (401, "application/problem+json")


def test_a_program_without_the_right_takes_none(log: World) -> None:
    bearer = {"Authorization": f"Bearer {token(log, 'teacher')}"}
    answer = log.app.test_client().get("/log/casework/tile/entries/000", headers=bearer)
    assert (answer.status_code, answer.json["code"]) == (403, "denied")


def test_a_token_opens_no_page(log: World) -> None:
    bearer = {"Authorization": f"Bearer {token(log, 'auditor')}"}
    assert log.app.test_client().get("/log/casework", headers=bearer).status_code == 303


def test_a_receipt_is_taken_away_as_a_file(log: World) -> None:
    event = new_id(NOW)
    text = "c2sp.org/tlog-proof@v1\n"
    log.services.answers["casework", "log_receipt"] = {"event": event, "position": 7, "size": 9, "receipt": text}
    entry = f'{{"id":"{event}","type":"casework.case_opened"}}'
    log.services.answers["casework", "log_entries"] = {
        "items": [{"position": 7, "leaf": "00", "entry": entry}], "next": None, "size": 9,
    }  # fmt: skip
    auditor = log.signed_in("li", "auditor")
    link = f"/log/casework/receipts/{event}"
    assert f'href="{link}"' in auditor.get("/log/casework").text
    answer = auditor.get(link)
    assert (answer.text, answer.mimetype) == (text, "text/plain")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="casework-7.tlog-proof"'
    assert log.signed_in("wang", "teacher").get(link).status_code == 403
