"""Where words stand: in tables and files of databases, in what the broker carries and holds, in log lines and metrics.

Each function answers with the places where one of the words was found, so that an empty answer can be compared with
what the same search finds where something was planted (`test_searching.py`).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import amqp
from sqlalchemy import create_engine, inspect

from shared.messaging.topology import Topology
from tests.infrastructure.broker import Control, connect


def forms(plain: Iterable[str]) -> list[str]:
    """The words, and how careless code would have written them."""
    said = list(plain)
    return said + [json.dumps(one)[1:-1] for one in said if not one.isascii()]


def in_tables(url: str, words: Sequence[str]) -> set[str]:
    """The tables of a database of which any cell holds one of the words."""
    hits: set[str] = set()
    engine = create_engine(url)
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                # JSON within JSON escapes its escapes.
                text = "\x1f".join(_text(cell) for cell in row).replace("\\\\", "\\")
                hits |= {table for word in words if word in text}
    engine.dispose()
    return hits


def in_files(files: Iterable[Path], words: Sequence[str]) -> set[str]:
    """The names of the files whose bytes hold one of the words, in UTF-8 or UTF-16."""
    wanted = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le")]
    hits = set()
    for file in files:
        if file.is_file():
            content = file.read_bytes().replace(b"\\\\", b"\\")
            hits |= {file.name for word in wanted if word in content}
    return hits


def in_text(text: str, words: Sequence[str]) -> set[str]:
    """Which of the words stand in a text."""
    return {word for word in words if word in text}


def in_message(body: bytes, words: Sequence[str]) -> set[str]:
    """Which of the words stand in a message, however deep: in JSON within JSON, and in what is written as base64."""
    return {word for text in _layers(body.decode("utf-8", "replace")) for word in words if word in text}


def waiting(control: Control, namespace: str) -> dict[str, int]:
    """The queues of a namespace in which messages wait or are being worked on, and how many; but for a tap's own."""
    lines = control.lines("list_queues", "name", "messages", "--no-table-headers")
    found = dict(line.split("\t")[:2] for line in lines if namespace in line and ".tap" not in line)
    return {name: int(count) for name, count in found.items() if count not in ("", "0")}


class Tap:
    """A queue of one's own that gets a copy of everything a namespace publishes for its readers."""

    def __init__(self, channel: amqp.Channel, namespace: str) -> None:
        self._channel = channel
        self.queue = channel.queue_declare(queue=f"{namespace}.tap", exclusive=True).queue
        topology = Topology(namespace)
        for exchange in (topology.log, topology.heads):
            channel.queue_bind(self.queue, exchange, routing_key="#")

    def bodies(self) -> Iterator[bytes]:
        """The messages so far, headers and properties with them; each once."""
        while (message := self._channel.basic_get(self.queue, no_ack=True)) is not None:
            body = message.body if isinstance(message.body, bytes) else message.body.encode()
            yield body
            yield json.dumps(message.properties, default=str, ensure_ascii=False).encode()


@contextmanager
def tapped(url: str, namespace: str) -> Iterator[Tap]:
    """Listen to a namespace for as long as the block lasts."""
    with connect(url, within=30.0) as connection:
        yield Tap(connection.channel(), namespace)


def _layers(text: str) -> Iterator[str]:
    """A text, and what is written in it: the values of its JSON, and of its base64."""
    yield text
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, (dict, list)):
        for inner in _strings(value):
            yield from _layers(inner)
        return
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return
    if len(decoded) > 3:
        yield decoded.decode("utf-8", "replace")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _text(cell: object) -> str:
    if isinstance(cell, (bytes, memoryview)):
        return bytes(cell).decode("utf-8", "replace")
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, (dict, list)) else str(cell)
