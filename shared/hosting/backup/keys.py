"""A copy of the keys, apart from every backup of the databases.

Who holds an old backup and the keys of its time opens what was erased since. So the copies of keys live shorter than
the backups.
"""

from __future__ import annotations

from pathlib import Path

from shared.hosting.backup.files import make_private, write_private
from shared.hosting.backup.taking import BackupRefused

NOTE = "READ-ME-FIRST.txt"
_WORDS = """These are the keys of a Shouwang deployment. Without them nothing personal in a backup can be opened;
with them, and with a backup from before an erasure, what was erased could be read again.

Keep them on another medium than the backups, for a short time only: as long as the newest backup needs,
and no longer than 30 days. Then destroy this copy and take a new one.
"""


def copy_keys(keys: Path, to: Path, *, out: Path) -> int:
    """Copy the key files to a new folder, readable by the owner only; how many.

    Raises BackupRefused where the folder holds something, lies in the backup (`out`) or holds it, or where there are
    no keys.
    """
    to, out = to.resolve(), out.resolve()
    if to == out or out in to.parents or to in out.parents:
        raise BackupRefused(f"{to}: keys never lie with a backup; name a directory elsewhere, best on another medium")
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise BackupRefused(f"{to} holds something already")
    files = sorted(one for one in keys.iterdir() if one.is_file() and one.name[0] != ".") if keys.is_dir() else []
    if not files:
        raise BackupRefused(f"no keys lie in {keys}")
    if to.exists():
        to.chmod(0o700)
    else:
        make_private(to)
    for one in files:
        write_private(to / one.name, one.read_bytes())
    write_private(to / NOTE, _WORDS.encode())
    return len(files)
