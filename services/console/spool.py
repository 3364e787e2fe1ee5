"""Where what is too large for memory lies while it comes in or goes out: in a file that only this process can read.

The libraries below the console put large bodies into temporary files in the clear, and what was in such a file stays on
the disk after it. Here every byte is encrypted (AES-256-CTR) under a key that is made for the one file and never leaves
memory.
"""

from __future__ import annotations

import io
import os
import secrets
import tempfile
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

IN_MEMORY = 512 * 1024
"""Bytes of a request up to which its files stay in memory."""
_BLOCK = 16


class SealedSpool(io.BufferedIOBase):
    """A temporary file that is written at its end, read anywhere, and gone when it is closed."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._key = AES256(secrets.token_bytes(32))
        self._writer = self._from(0)
        self._size = self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def writable(self) -> bool:
        """It is, at its end."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place of the next byte, from 0."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; the place from the beginning. Raises ValueError before the beginning."""
        place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if place < 0:
            raise ValueError("a place before the beginning")
        self._at = place
        return place

    def write(self, given: Any) -> int:
        """Append; how many bytes. Raises io.UnsupportedOperation anywhere but at the end: under CTR no place may be
        encrypted twice."""
        if self._at != self._size:
            raise io.UnsupportedOperation("written at its end only")
        sealed = self._writer.update(bytes(given))
        self._file.seek(self._size)
        self._file.write(sealed)
        self._size += len(sealed)
        self._at = self._size
        return len(sealed)

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes from here, fewer at the end; all of them without a number."""
        rest = max(self._size - self._at, 0)
        wanted = rest if size is None or size < 0 else min(size, rest)
        into = self._at % _BLOCK
        self._file.seek(self._at - into)
        clear = self._from(self._at // _BLOCK).update(self._file.read(into + wanted))[into:]
        self._at += wanted
        return clear

    def read1(self, size: int = -1) -> bytes:
        """As `read`: there is nothing in between."""
        return self.read(size)

    def close(self) -> None:
        """Let it go; the file has no name and is gone with it."""
        self._file.close()
        super().close()

    def _from(self, block: int) -> CipherContext:
        # The key seals this one file, so its blocks are simply counted.
        return Cipher(self._key, CTR(block.to_bytes(_BLOCK, "big"))).encryptor()


def stream_for(total: int | None) -> io.BufferedIOBase:
    """Where a file of a request of so many bytes in all is kept while it is read; None is not told."""
    return io.BytesIO() if total is not None and total <= IN_MEMORY else SealedSpool()
