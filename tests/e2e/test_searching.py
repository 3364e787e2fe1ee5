"""The searches of the story of erasure can fail: what is planted in each place is found there."""

from __future__ import annotations

import base64
import gzip
import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import amqp
import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest
from sqlalchemy import create_engine

from shared.messaging.tables import metadata
from shared.messaging.topology import Topology
from tests.e2e.erasing import plain_in
from tests.e2e.searching import forms, in_files, in_message, in_tables, in_text, tapped, waiting
from tests.infrastructure.broker import connect, new_run, remove_namespace
from tests.infrastructure.database import TestDatabase
from tests.infrastructure.services import TestServices
from tests.infrastructure.waiting import eventually

WORD = "埋丝雀"
WORDS = forms([WORD])


@pytest.mark.parametrize("written", [WORD, json.dumps(WORD)])
def test_a_word_among_parked_events_is_found_in_its_table(test_database: TestDatabase, written: str) -> None:
    engine = create_engine(test_database.owner_url)
    metadata.create_all(engine)
    assert in_tables(test_database.owner_url, WORDS) == set()
    table = metadata.tables["parked"]
    row = {"projector": "p", "source": "registry", "position": 1, "event_id": "e", "stream": "s", "type": "a.b"}
    row |= {"persons": [], "entry": "{}", "parts": {"name": [written, ""]}, "error": "e", "attempts": 1}
    with engine.begin() as tx:
        tx.execute(table.insert().values(**row, since=datetime.now(UTC)))
    engine.dispose()
    assert in_tables(test_database.owner_url, WORDS) == {"parked"}


def test_a_word_that_was_deleted_without_care_is_found_in_the_file_and_its_wal(tmp_path: Path) -> None:
    file = tmp_path / "house.sqlite"
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute("CREATE TABLE t (v TEXT)")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("INSERT INTO t VALUES (?)", (WORD,))
    files = sorted(tmp_path.glob("house.sqlite*"))
    assert in_files(files, WORDS) == {"house.sqlite-wal"}
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("DELETE FROM t")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert in_files(files, WORDS) == {"house.sqlite"}
    connection.close()


@pytest.mark.parametrize(
    "body",
    [
        WORD.encode(),
        json.dumps({"events": [{"entry": json.dumps({"data": {"name": WORD}})}]}).encode(),
        json.dumps({"parts": {"name": base64.b64encode(WORD.encode()).decode()}}).encode(),
        json.dumps({"entry": base64.b64encode(json.dumps({"name": WORD}).encode()).decode()}).encode(),
    ],
)
def test_a_word_in_a_message_is_found_however_it_is_wrapped(body: bytes) -> None:
    assert in_message(body, WORDS) != set()
    assert in_message(body.replace(b"A", b"B"), ["nothing like it"]) == set()


@pytest.mark.parametrize("line", [{"entry": WORD}, {"row": {"part": base64.b64encode(WORD.encode()).decode()}}])
def test_a_word_in_a_packed_backup_is_found(tmp_path: Path, line: dict[str, object]) -> None:
    packed, plain = tmp_path / "rows.jsonl.gz", tmp_path / "manifest.json"
    packed.write_bytes(gzip.compress(b"{}\n" + json.dumps(line).encode()))
    plain.write_text(json.dumps(line))
    assert plain_in([packed, plain], WORDS) == {packed.name, plain.name}
    assert plain_in([packed, plain], ["nothing like it"]) == set()


@pytest.mark.broker
def test_a_word_on_its_way_through_the_broker_is_found(services: TestServices) -> None:
    namespace = new_run() + "tap"
    topology = Topology(namespace)
    try:
        with connect(services.amqp_url) as connection:
            channel = connection.channel()
            channel.exchange_declare(topology.log, "topic", durable=True, auto_delete=False)
            channel.exchange_declare(topology.heads, "topic", durable=False, auto_delete=False)
            with tapped(services.amqp_url, namespace) as tap:
                channel.basic_publish(amqp.Message(WORD.encode()), topology.log, "registry.alerts")
                headers = {"application_headers": {"ce-subject": WORD}}
                channel.basic_publish(amqp.Message(b"{}", **headers), topology.heads, "registry")
                seen: list[set[str]] = []

                def both() -> bool:
                    seen.extend(hits for one in tap.bodies() if (hits := in_message(one, WORDS)))
                    return len(seen) >= 2

                eventually(both, within=30.0, what="the body of one message and the header of the other")
            channel.queue_declare(f"{namespace}.left", auto_delete=False)
            channel.basic_publish(amqp.Message(b"left"), "", f"{namespace}.left")
            eventually(
                lambda: waiting(services.control, namespace) == {f"{namespace}.left": 1} or None,
                within=30.0,
                what="the broker's count",
            )
    finally:
        remove_namespace(services.amqp_url, services.control, namespace)


def test_a_word_in_a_log_line_and_in_a_metric_is_found(tmp_path: Path) -> None:
    file = tmp_path / "registry.log"
    file.write_text("child_seen\n")
    assert in_text(file.read_text(), WORDS) == set()
    file.write_text(json.dumps({"event": "child_seen", "name": WORD}) + "\n")
    assert in_text(file.read_text(), WORDS) == {WORDS[1]}
    registry = CollectorRegistry()
    Counter("careless", "x", ["child"], registry=registry).labels(WORD).inc()
    assert in_text(generate_latest(registry).decode(), WORDS) == {WORD}
