"""Files of a case: sealed in chunks, read by who may read a note of their class, gone with an erased child."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from shared.eventstore.sequencer import take
from shared.hosting.live_check import _checked
from shared.ledger.verify import Outcome
from shared.storage.database import Database
from shared.vault.attachments import CHUNK
from shared.vault.erasing import destroy, restrict
from shared.vault.tables import vault_attachments, vault_chunks
from tests.infrastructure.database import TestDatabase
from tests.integration.casework.house import CHILD, House, Refused, named
from tests.unit.casework.papers import archive, jpeg, pdf, pdf_of, png

NAME = "派出所回执.pdf"
MOST = 10 * CHUNK


@pytest.fixture
def case(house: House) -> str:
    return house.open()


def upload(house: House, case: str, content: bytes, by: str = "director") -> str:
    """A file comes in, chunk by chunk."""
    pieces = [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)] or [b""]
    file: dict[str, str] = {}
    for part, piece in enumerate(pieces, 1):
        sent = {"case": case, "content": base64.b64encode(piece).decode(), "part": part, "parts": len(pieces)}
        file = {"file": house.ask("upload_file", sent | file, by=by)["file"]}
    return file["file"]


def attach(
    house: House, case: str, content: bytes, name: str = NAME, note_class: str = "ordinary", by: str = "director"
) -> str:
    """A file is uploaded and attached."""
    file = upload(house, case, content, by)
    house.ask("attach_file", {"case": case, "file": file, "name": name, "note_class": note_class}, by=by)
    return file


def read(house: House, case: str, file: str, by: str = "director") -> bytes:
    """What comes out, chunk by chunk."""
    content, part, parts = b"", 0, 1
    while part < parts:
        part += 1
        answer = house.ask("read_file", {"case": case, "file": file, "part": part}, by=by)
        content, parts = content + base64.b64decode(answer["content"]), answer["parts"]
    return content


def refusal(act: Any, *given: Any, **named_: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(*given, **named_)
    return str(refused.value.code)


@pytest.mark.parametrize("content", [pdf(), pdf_of(CHUNK), pdf_of(MOST)], ids=["small", "1 MiB", "10 MiB"])
def test_a_file_comes_out_as_it_went_in(house: House, case: str, content: bytes) -> None:
    file = attach(house, case, content)
    assert read(house, case, file, by="supervisor") == content
    (shown,) = house.case(case)["files"]
    assert (shown["name"], shown["media_type"], shown["size"]) == (NAME, "pdf", len(content))
    assert (shown["by"], shown["by_name"], shown["withheld"]) == (named("director"), "职工director", False)


def test_pictures_are_taken_too(house: House, case: str) -> None:
    attach(house, case, jpeg(), "a.jpg")
    attach(house, case, png(), "a.png")
    assert [one["media_type"] for one in house.case(case)["files"]] == ["jpeg", "png"]


def test_nothing_and_too_much_are_refused_by_name(house: House, case: str) -> None:
    assert refusal(attach, house, case, b"") == "casework.file_empty"
    assert refusal(attach, house, case, pdf_of(MOST + 1)) == "casework.file_too_large"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"x", NAME, "casework.file_not_accepted"),
        (png()[:-3], "a.png", "casework.file_damaged"),
        (png() + archive(), "a.png", "casework.file_hides_another"),
        (png(), NAME, "casework.file_wrong_ending"),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_leaves_nothing(
    house: House, case: str, content: bytes, name: str, code: str
) -> None:
    assert refusal(attach, house, case, content, name) == code
    assert house.case(case)["files"] == []
    assert "casework.file_attached" not in house.types()


def test_a_file_that_did_not_arrive_whole_is_not_attached(house: House, case: str) -> None:
    piece = base64.b64encode(pdf_of(CHUNK)).decode()
    file = house.ask("upload_file", {"case": case, "content": piece, "part": 1, "parts": 2})["file"]
    words = {"case": case, "file": file, "name": NAME, "note_class": "ordinary"}
    assert refusal(house.ask, "attach_file", words) == "casework.file_incomplete"
    short = {"case": case, "content": "JVBERg==", "part": 1, "parts": 2}
    assert refusal(house.ask, "upload_file", short) == "invalid"


def test_what_one_brought_nobody_else_attaches_and_it_goes_to_no_other_child(house: House, case: str) -> None:
    file = upload(house, case, pdf())
    words = {"case": case, "file": file, "name": NAME, "note_class": "ordinary"}
    assert refusal(house.ask, "attach_file", words, by="supervisor") == "not_found"
    assert refusal(house.ask, "attach_file", words | {"file": named("nothing")}) == "not_found"
    assert house.ask("attach_file", words)["id"] == case


def test_attaching_twice_is_once(house: House, case: str) -> None:
    file = upload(house, case, pdf())
    words = {"case": case, "file": file, "name": NAME, "note_class": "ordinary"}
    house.ask("attach_file", words, command_id=named("order"))
    house.ask("attach_file", words, command_id=named("order"))
    house.ask("attach_file", words)
    assert house.types().count("casework.file_attached") == 1


def test_a_closed_case_takes_no_file(house: House, case: str) -> None:
    file = upload(house, case, pdf())
    house.ask("close_case", {"case": case, "reason": "goals_met"}, by="supervisor")
    words = {"case": case, "file": file, "name": NAME, "note_class": "ordinary"}
    assert refusal(house.ask, "attach_file", words) == "casework.case_closed"
    assert refusal(upload, house, case, pdf()) == "casework.case_closed"


def test_a_confidential_file_is_read_by_its_author_and_the_counsellor_and_by_nobody_else(
    house: House, case: str
) -> None:
    file = attach(house, case, pdf(), note_class="confidential")
    house.ask("assign_counsellor", {"case": case, "staff": named("counsellor")}, by="supervisor")
    assert read(house, case, file) == pdf()
    assert read(house, case, file, by="counsellor") == pdf()
    for stranger in ("supervisor", "other counsellor", "far counsellor"):
        assert refusal(read, house, case, file, by=stranger) == "denied"
    (shown,) = house.case(case, by="supervisor")["files"]
    assert (shown["name"], shown["withheld"]) == (None, True)


def test_a_reading_of_a_confidential_file_is_recorded_before_it_is_shown(house: House, case: str) -> None:
    file = attach(house, case, pdf_of(CHUNK + 1), note_class="confidential")
    read(house, case, file, by="counsellor")
    reads = [json.loads(one) for one in house.log() if "casework.records_read" in one]
    assert [(one["actor"]["id"], one["persons"], one["data"]["what"]) for one in reads] == [
        (named("counsellor"), [CHILD], "confidential_file")
    ]


def test_reading_an_ordinary_file_is_no_event_and_who_is_far_reads_none(house: House, case: str) -> None:
    file = attach(house, case, pdf())
    read(house, case, file, by="supervisor")
    assert "casework.records_read" not in house.types()
    assert refusal(read, house, case, file, by="far counsellor") == "denied"
    assert refusal(house.ask, "read_file", {"case": case, "file": file, "part": 2}) == "not_found"
    assert refusal(house.ask, "read_file", {"case": case, "file": named("other")}) == "not_found"


def test_who_only_sees_cases_attaches_nothing(house: House, case: str) -> None:
    house.hire("officer", "duty_officer")
    assert refusal(upload, house, case, pdf(), by="officer") == "denied"


def test_the_entry_says_what_the_file_is_and_nothing_of_what_it_holds(house: House, case: str) -> None:
    content = pdf(b"CANARY " * 20)
    file = attach(house, case, content)
    (entry,) = [json.loads(one) for one in house.log() if "casework.file_attached" in one]
    assert entry["data"] == {
        "case": case,
        "child": CHILD,
        "file": file,
        "note_class": "ordinary",
        "media_type": "pdf",
        "size": len(content),
    }
    assert [one["part"] for one in entry["sealed"]] == ["child.notes", "child.notes.file"]
    assert NAME not in "\n".join(house.log())


def test_a_file_of_an_erased_or_restricted_child_is_not_shown(house: House, case: str) -> None:
    file = attach(house, case, pdf())
    with house.rooms.database.begin() as tx:
        restrict(tx, CHILD)
    assert refusal(read, house, case, file) == "casework.file_gone"
    with house.rooms.database.begin() as tx:
        destroy(tx, CHILD)
    assert refusal(read, house, case, file) == "casework.file_gone"
    (shown,) = house.case(case)["files"]
    assert (shown["name"], shown["withheld"]) == (None, False)


def test_no_byte_of_an_erased_file_is_left_in_the_database(
    house: House, case: str, test_database: TestDatabase
) -> None:
    file = attach(house, case, pdf(b"CANARY " * 200))
    with house.rooms.database.begin() as tx:
        kept = tx.execute(vault_chunks.select().where(vault_chunks.c.attachment == file)).one()
        destroy(tx, CHILD)
    with house.rooms.database.read() as tx:
        assert tx.execute(vault_chunks.select()).all() == tx.execute(vault_attachments.select()).all() == []
    if house.rooms.database.is_sqlite:
        with house.rooms.database.engine.connect() as raw:
            raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        stored = Path(test_database.owner_url.removeprefix("sqlite:///")).read_bytes()
        assert bytes(kept.ciphertext)[40:80] not in stored
        assert b"CANARY CANARY" not in stored


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (update(vault_chunks).where(vault_chunks.c.number == 2).values(ciphertext=bytes(40)), "sealed_part_changed"),
        (delete(vault_chunks).where(vault_chunks.c.number == 2), "sealed_part_changed"),
        (delete(vault_attachments), "sealed_part_missing"),
    ],
)
def test_a_file_that_was_changed_or_taken_away_is_tampering(
    house: House, case: str, test_database: TestDatabase, change: Any, what: str
) -> None:
    attach(house, case, pdf_of(CHUNK + 500))
    base = house.rooms.base
    with house.rooms.database.begin() as tx:
        if not house.rooms.database.is_sqlite:
            take(tx, base.store.tree)
        base.checkpoints.make(tx)
    assert _checked(base, timedelta()).outcome is Outcome.WHOLE
    owner = Database(test_database.owner_url)
    with owner.begin() as tx:
        for table in ("vault_chunks", "vault_attachments"):
            for action in ("update", "delete"):
                tx.execute(text(f"DROP TRIGGER {table}_no_{action}" + ("" if owner.is_sqlite else f" ON {table}")))
        tx.execute(change)
    owner.dispose()
    report = _checked(base, timedelta())
    assert (report.outcome, [one.what for one in report.findings]) == (Outcome.TAMPERED, [what])
