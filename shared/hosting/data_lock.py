"""One process owns a data directory. The lock goes with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

_LOCK = "owner.lock"


class DataInUse(Exception):
    """Another process owns the data directory. `pid` is its number where it could be read."""

    def __init__(self, data: Path, pid: int | None) -> None:
        super().__init__(f"{data} is in use by process {pid if pid is not None else '(unknown)'}")
        self.data, self.pid = data, pid


class DataLock:
    """The lock on a data directory, which is made where it is missing, for its owner only."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._held: int | None = None

    def acquire(self) -> Self:
        """Take the lock. Raises DataInUse."""
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._data / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            words = os.read(descriptor, 20).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataInUse(self._data, int(words) if words.isdecimal() else None) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._held = descriptor
        return self

    def release(self) -> None:
        """Let it go. The file stays: removing it would let two processes hold two files of one name."""
        if self._held is not None:
            descriptor, self._held = self._held, None
            os.ftruncate(descriptor, 0)
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()
