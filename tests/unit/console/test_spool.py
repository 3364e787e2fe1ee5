"""What is too large for memory lies in a file of which nobody else can make anything."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import request
from hypothesis import given
from hypothesis import strategies as st

from services.console.serving import Embedded
from services.console.spool import IN_MEMORY, SealedSpool, stream_for
from tests.infrastructure.ports import LOOPBACK
from tests.unit.console.conftest import World

WORD = "密丝雀".encode()
LARGE = WORD * (2 * IN_MEMORY // len(WORD))


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every temporary file that is made, kept open so that it can be read past its maker."""
    made: list[Any] = []
    real = tempfile.TemporaryFile

    def noted(*given: Any, **named: Any) -> Any:
        file = real(*given, **named)
        made.append(os.fdopen(os.dup(file.fileno()), "rb"))
        return file

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    yield made
    for one in made:
        one.close()


def content(file: Any) -> bytes:
    return os.pread(file.fileno(), 10 * len(LARGE), 0)


@given(pieces=st.lists(st.binary(max_size=50)), places=st.lists(st.tuples(st.integers(0, 300), st.integers(-1, 99))))
def test_it_reads_as_a_file_in_memory_does(pieces: list[bytes], places: list[tuple[int, int]]) -> None:
    plain, spool = io.BytesIO(), SealedSpool()
    for piece in pieces:
        assert spool.write(piece) == plain.write(piece)
    for place, size in places:
        assert spool.seek(place) == plain.seek(place)
        assert (spool.read(size), spool.tell()) == (plain.read(size), plain.tell())
        assert spool.seek(0, os.SEEK_END) == plain.seek(0, os.SEEK_END)
    spool.close()


def test_a_place_is_written_once() -> None:
    with SealedSpool() as spool:
        spool.write(b"ab")
        spool.seek(1)
        with pytest.raises(io.UnsupportedOperation):
            spool.write(b"c")
        with pytest.raises(ValueError, match="before the beginning"):
            spool.seek(-1)


def test_its_file_holds_nothing_that_was_written_to_it(files: list[Any]) -> None:
    with SealedSpool() as spool:
        spool.write(LARGE)
        spool.seek(0)
        assert spool.read() == LARGE
        assert len(content(files[0])) == len(LARGE)
        assert WORD not in content(files[0])


def test_what_is_small_touches_no_disk(files: list[Any]) -> None:
    stream_for(IN_MEMORY).write(WORD)
    assert files == []


@pytest.mark.parametrize("told", [None, IN_MEMORY + 1])
def test_what_is_large_or_of_unknown_size_is_sealed(told: int | None) -> None:
    with stream_for(told) as stream:
        assert isinstance(stream, SealedSpool)


def test_a_large_file_of_a_form_lies_on_no_disk_in_the_clear(world: World, files: list[Any]) -> None:
    with world.app.test_request_context("/", method="POST", data={"file": (io.BytesIO(LARGE), "a.pdf")}):
        assert request.files["file"].read() == LARGE
        assert files, "a search in nothing finds nothing"
        assert [one for one in files if WORD in content(one)] == []


def test_what_the_embedded_server_sets_aside_before_the_app_has_it_is_sealed_too(
    world: World, files: list[Any]
) -> None:
    embedded = Embedded(world.app, LOOPBACK, 0)
    embedded.start()
    try:
        answer = requests.post(f"{embedded.address}/sign-in", files={"file": LARGE}, timeout=20)
    finally:
        embedded.stop()
    assert answer.status_code < 500
    assert files, "a search in nothing finds nothing"
    assert [one for one in files if WORD in content(one)] == []
