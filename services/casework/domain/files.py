"""What a file is, found from its content, whatever its name says: a PDF, a JPEG or a PNG, whole, and nothing besides.

A file that is two things at once (a picture that an unpacker opens as an archive) is a way to carry something past
whoever looks at it. So a picture is walked from its first byte to its last, and what stands behind its end, or begins
another kind of file where readers look for that, is refused. Chunks come one at a time; little more than one is held.
Sources: ISO 32000-1 7.5 (PDF), ITU-T T.81 annex B (JPEG), RFC 2083 (PNG), CIPA DC-007 (several pictures in one JPEG).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

from services.casework.domain.codes import MediaType
from shared.kernel.refusals import Refusal

LARGEST = 10 * 1024 * 1024
"""Bytes of the largest file that a case takes."""
ENDINGS = {MediaType.PDF: (".pdf",), MediaType.JPEG: (".jpg", ".jpeg"), MediaType.PNG: (".png",)}
_PNG = b"\x89PNG\r\n\x1a\n"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""In a picture's compressed data 255 is followed by 0, or by the sign that it begins anew."""
_HEAD, _TAIL = 1024, 66_000
"""Readers of PDF look for its sign in the first 1,024 bytes; an archive's directory ends in the last 65,557."""
_DIRECTORY = (b"PK\x01\x02", b"PK\x05\x06")


class _Cut(Exception):
    """The bytes end too early, or are not what stands there in such a file."""


class _Bytes:
    """The file's bytes as they come, with its beginning and its end remembered."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._held, self._at = b"", 0
        self.head, self.tail = b"", b""

    def peek(self, number: int) -> bytes:
        """The next bytes, fewer where the file ends; they stay."""
        while len(self._held) - self._at < number and self._more():
            pass
        return self._held[self._at : self._at + number]

    def take(self, number: int) -> bytes:
        """The next bytes. Raises _Cut where there are fewer."""
        found = self.peek(number)
        if len(found) < number:
            raise _Cut
        self._at += number
        return found

    def skip(self, what: re.Pattern[bytes]) -> None:
        """Go to the next such two bytes. Raises _Cut where there are none."""
        while (found := what.search(self._held, self._at)) is None:
            self._at = max(self._at, len(self._held) - 1)
            if not self._more():
                raise _Cut
        self._at = found.start()

    def skip_all(self, byte: bytes) -> None:
        """Pass over all such bytes that come next."""
        while self.peek(1) == byte:
            self._at += 1

    def drain(self) -> None:
        """Go to the end."""
        while self._more():
            self._at = len(self._held)
        self._at = len(self._held)

    def _more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self.head = (self.head + chunk[:_HEAD])[:_HEAD]
        self.tail = (self.tail + chunk[-_TAIL:])[-_TAIL:]
        self._held, self._at = self._held[self._at :] + chunk, 0
        return True


def media_type_of(chunks: Iterable[bytes]) -> MediaType:
    """The type of a file by its content. `chunks` are its bytes in order, in pieces of any length.

    Refuses `casework.file_not_accepted`, `casework.file_damaged {media_type}`, and
    `casework.file_hides_another {media_type}` for what is another file at the same time.
    """
    file = _Bytes(chunks)
    begins = file.peek(8)
    for kind, sign, walk in (
        (MediaType.PDF, b"%PDF-", _pdf),
        (MediaType.JPEG, b"\xff\xd8\xff", _jpeg),
        (MediaType.PNG, _PNG, _png),
    ):
        if begins.startswith(sign):
            try:
                ends_well = walk(file)
            except _Cut:
                raise Refusal("casework.file_damaged", media_type=kind) from None
            file.drain()
            is_pdf_too = kind is not MediaType.PDF and b"%PDF-" in file.head
            if not ends_well or is_pdf_too or all(sign in file.tail for sign in _DIRECTORY):
                raise Refusal("casework.file_hides_another", media_type=kind)
            return kind
    raise Refusal("casework.file_not_accepted")


def check_name(name: str, media_type: MediaType) -> None:
    """Refuse `casework.file_wrong_ending {media_type}`: the name says that the file is something else."""
    if not name.lower().endswith(ENDINGS[media_type]):
        raise Refusal("casework.file_wrong_ending", media_type=media_type)


def _pdf(file: _Bytes) -> bool:
    """Whether nothing but white space stands behind the last end mark. Raises _Cut where there is none."""
    file.drain()
    _before, mark, behind = file.tail.rpartition(b"%%EOF")
    if not mark:
        raise _Cut
    return not behind.strip(b"\x00\t\n\x0c\r ")


def _png(file: _Bytes) -> bool:
    """Whether the file ends with the picture. Each chunk is held against its checksum."""
    file.take(len(_PNG))
    first = True
    while True:
        length, kind = int.from_bytes(file.take(4), "big"), file.take(4)
        if length > LARGEST or first != (kind == b"IHDR"):
            raise _Cut
        first, checksum, left = False, zlib.crc32(kind), length
        while left:
            piece = file.take(min(left, 65_536))
            checksum, left = zlib.crc32(piece, checksum), left - len(piece)
        if int.from_bytes(file.take(4), "big") != checksum:
            raise _Cut
        if kind == b"IEND":
            return not file.peek(1)


def _jpeg(file: _Bytes) -> bool:
    """Whether the file holds pictures and nothing else: telephones put a second one behind the first."""
    while file.peek(2) == b"\xff\xd8":
        _picture(file)
        file.skip_all(b"\x00")
    return not file.peek(1)


def _picture(file: _Bytes) -> None:
    """Pass over one picture, segment by segment, from its first marker to its last."""
    file.take(2)
    seen = False
    while True:
        if file.take(1) != b"\xff":
            raise _Cut
        file.skip_all(b"\xff")
        marker = file.take(1)[0]
        if marker == 0xD9:
            if not seen:
                raise _Cut
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            continue
        length = int.from_bytes(file.take(2), "big")
        if length < 2 or marker in (0x00, 0xD8):
            raise _Cut
        file.take(length - 2)
        if marker == 0xDA:
            seen = True
            file.skip(_MARKER)
