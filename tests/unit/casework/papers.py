"""Small files, true to their kinds, as telephones and scanners write them."""

from __future__ import annotations

import io
import zipfile
import zlib


def png(pixels: bytes = b"\x00\x7f", *, text: bytes = b"") -> bytes:
    """A PNG of one grey pixel; `text` stands in a chunk of its own."""
    header = (1).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    chunks = [(b"IHDR", header), *([(b"tEXt", text)] if text else []), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big") for kind, data in chunks
    )


def jpeg(*, comment: bytes = b"a picture", scan: bytes = b"\x12\x34\xff\x00\x56\xff\xd0\x78") -> bytes:
    """A JPEG in form, with a comment and a scan that holds a stuffed byte and a restart."""
    return b"\xff\xd8" + _segment(0xFE, comment) + _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + scan + b"\xff\xd9"


def pdf(body: bytes = b"1 0 obj << /Type /Catalog >> endobj") -> bytes:
    """A PDF in form."""
    return b"%PDF-1.7\n" + body + b"\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def pdf_of(size: int) -> bytes:
    """A PDF of so many bytes."""
    return pdf(b"%" + b"x" * (size - len(pdf(b"%"))))


def archive() -> bytes:
    """A zip archive with one file in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr("run.js", "alert(1)")
    return made.getvalue()


def _segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data
