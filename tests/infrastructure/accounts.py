"""The account under which servers of our own run: never root, which PostgreSQL refuses."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict


class As(TypedDict, total=False):
    """What `subprocess` takes to run a command under another account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Who a server runs as. For a person who is not root: themselves."""

    uid: int
    gid: int
    changes: bool

    @property
    def options(self) -> As:
        """Keyword arguments for `subprocess.Popen`."""
        return As(user=self.uid, group=self.gid, extra_groups=[]) if self.changes else As()

    def give(self, path: Path) -> None:
        """Make the account owner of a file or an empty directory."""
        if self.changes:
            os.chown(path, self.uid, self.gid)


def server_account(preferred: str) -> Account:
    """The account for a server: the present one, or for root `preferred` (as Debian's package makes it) or nobody."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), changes=False)
    for name in (preferred, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, changes=True)
    raise RuntimeError(f"neither {preferred} nor nobody is an account of this machine")


def server_directory(account: Account, purpose: str) -> Path:
    """A new empty directory that only the account can enter.

    It lies in the system's directory for temporary files: the checkout itself may be closed to the account.
    """
    path = Path(tempfile.mkdtemp(prefix=f"shouwang-test-{purpose}-"))
    account.give(path)
    return path


def remove_directory(path: Path) -> None:
    """Remove a server's directory with all that is in it; it is no error when it is gone."""
    shutil.rmtree(path, ignore_errors=True)
