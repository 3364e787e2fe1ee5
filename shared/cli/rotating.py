"""One purpose rotated: a new key-encryption key, handed out, and every service's keys wrapped anew step by step.

What has been done stands in the key files and in the databases and nowhere else, so that any step may be the last.
"""

from __future__ import annotations

import time
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.cli.reach import Reach
from shared.hosting.key_folders import KeyFolders, holders
from shared.kernel.refusals import Refusal
from shared.vault.rotating import make_kek

STEP = 500
"""Keys that one call wraps anew."""
_IN_USE = "keys.kek_in_use"
_PASSES = 3
"""Looks at what is left: a transaction that began before the new key came may have wrapped by the old one."""
_TRIES, _PAUSE = 20, 0.25
"""How often a service that is just wrapping by an old key is asked again to let it go, and after how many seconds."""


class Rotation:
    """Rotates the key-encryption keys in `folders` for the services within reach.

    Its methods raise Refusal, ServiceUnavailable, OutcomeUnknown and KeyringError; what was done until then stays.
    """

    def __init__(self, reach: Reach, folders: KeyFolders) -> None:
        self._reach, self._folders = reach, folders

    def rotate(self, purpose: str, *, new: bool) -> None:
        """Wrap every key of a purpose by the newest key-encryption key; by a `new` one, if none wait under an old."""
        before = self._folders.kek_ids(purpose)
        waiting = sum(self._under_old(purpose, before[-1] if before else "").values())
        kek = make_kek(self._folders.first, purpose) if new and not waiting else before[-1]
        self._folders.hand_out(purpose, kek)
        done = 0
        for _ in range(_PASSES):
            left = self._under_old(purpose, kek)
            if not any(left.values()):
                break
            done += self._pass(purpose, kek, sum(left.values()))
        click.echo(f"{purpose:12} {kek}  {done} keys wrapped anew in {', '.join(holders(purpose))}")

    def _pass(self, purpose: str, kek: str, left: int) -> int:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(purpose, total=left)
            done = 0
            # The owner last: nobody fetches a key meanwhile that is wrapped by what they do not hold yet.
            for service in holders(purpose):
                for some in self._rewrapped(service, purpose, kek):
                    done += some
                    progress.update(task, completed=done)
        return done

    def retire(self, purpose: str) -> None:
        """Remove every old key-encryption key of a purpose that wraps nothing in any service that may hold it."""
        *old, newest = self._folders.kek_ids(purpose)
        for kek in old:
            # All services first: while one of them refuses, no file goes.
            for service in holders(purpose):
                self._retired(service, purpose, kek)
            files = self._folders.remove(purpose, kek)
            click.echo(f"{purpose:12} {kek}  removed ({files} files); {newest} wraps")

    def _rewrapped(self, service: str, purpose: str, kek: str) -> Any:
        after = None
        while True:
            step = asked(
                self._reach, service, "rewrap_keys", purpose=purpose, kek=kek, limit=STEP, after=after, timeout=60.0
            )
            yield step["done"]
            after = step["next"]
            if after is None:
                return

    def _retired(self, service: str, purpose: str, kek: str) -> None:
        for tried in range(_TRIES):
            try:
                asked(self._reach, service, "retire_kek", purpose=purpose, kek=kek)
            except Refusal as refusal:
                # Without a count somebody is about to wrap by it, which is over in a moment.
                if refusal.code != _IN_USE or refusal.facts.get("keys") is not None or tried == _TRIES - 1:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def _under_old(self, purpose: str, newest: str) -> dict[str, int]:
        """Service → how many of its keys an older key-encryption key wraps."""
        return {
            service: sum(
                one["keys"]
                for one in asked(self._reach, service, "keys_status")["items"]
                if one["purpose"] == purpose and one["kek"] < newest
            )
            for service in holders(purpose)
        }


def asked(reach: Reach, service: str, door: str, *, timeout: float = 30.0, **data: Any) -> Any:
    """What a service answers to the operator."""
    return reach.client.call(service, door, data, token=reach.token(), timeout=timeout)
