"""What a file is, is found from its content; what is cut, unknown, or two things at once is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from services.casework.domain.codes import MediaType
from services.casework.domain.files import check_name, media_type_of
from shared.kernel.refusals import Refusal
from tests.unit.casework.papers import archive, jpeg, pdf, png


def code_of(content: bytes, pieces: int = 1_000_000) -> str:
    try:
        return str(media_type_of(content[start : start + pieces] for start in range(0, len(content), pieces)))
    except Refusal as refusal:
        return refusal.code.removeprefix("casework.file_")


@pytest.mark.parametrize("pieces", [1, 3, 1_000_000])
@pytest.mark.parametrize(("content", "kind"), [(png(), "png"), (jpeg(), "jpeg"), (pdf(), "pdf")])
def test_the_type_of_a_file_is_found_however_it_is_cut_into_pieces(content: bytes, kind: str, pieces: int) -> None:
    assert code_of(content, pieces) == kind


def test_a_telephones_second_picture_behind_the_first_belongs_to_it() -> None:
    assert code_of(jpeg() + jpeg(scan=b"\x01") + bytes(40)) == "jpeg"


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"GIF89a", b"MZ\x90\x00", archive(), b"\x00" * 20, b" " + pdf(), b"RIFF....WEBP", b"\xff\xd8"],
    ids=lambda content: repr(content[:6]),
)
def test_anything_else_is_not_accepted(content: bytes) -> None:
    assert code_of(content) == "not_accepted"


@pytest.mark.parametrize("whole", [png(), jpeg()], ids=["png", "jpeg"])
def test_a_picture_that_was_cut_anywhere_is_damaged(whole: bytes) -> None:
    found = {code_of(whole[:length]) for length in range(9, len(whole))}
    assert found == {"damaged"}


def test_a_pdf_without_its_end_and_a_png_with_a_changed_byte_are_damaged() -> None:
    assert code_of(pdf()[:-8]) == "damaged"
    changed = bytearray(png())
    changed[20] ^= 1
    assert code_of(bytes(changed)) == "damaged"
    assert code_of(b"\xff\xd8\xff\xd9") == "damaged"


@pytest.mark.parametrize(
    "content",
    [
        png() + archive(),
        jpeg() + archive(),
        pdf() + archive(),
        pdf(archive()),
        jpeg(comment=archive()),
        png(text=archive()),
        jpeg(comment=pdf()),
        png(text=pdf()),
        jpeg() + b"<script>",
        png() + b"\x00",
        pdf() + b"MZ",
        jpeg() + jpeg() + b"....ftypmp42",
    ],
    ids=range(12),
)
@pytest.mark.parametrize("pieces", [7, 1_000_000])
def test_a_file_that_is_another_at_the_same_time_is_refused(content: bytes, pieces: int) -> None:
    assert code_of(content, pieces) == "hides_another"


@pytest.mark.parametrize(
    ("name", "kind", "fits"),
    [
        ("病历.PDF", MediaType.PDF, True),
        ("IMG_1.jpeg", MediaType.JPEG, True),
        ("IMG_1.JPG", MediaType.JPEG, True),
        ("a.png", MediaType.PNG, True),
        ("a.png.exe", MediaType.PNG, False),
        ("a.jpg", MediaType.PNG, False),
        ("a", MediaType.PDF, False),
        ("apdf", MediaType.PDF, False),
    ],
)
def test_a_name_must_end_as_the_content_says(name: str, kind: MediaType, fits: bool) -> None:
    try:
        check_name(name, kind)
        refused: Any = None
    except Refusal as refusal:
        refused = refusal.code, refusal.facts
    assert refused == (None if fits else ("casework.file_wrong_ending", {"media_type": kind}))
