"""Sign-in throttling: counted before the password is looked at, in the database, so that many processes count as one.

Three counts run side by side. The pair of account and address stops someone who guesses one password after another;
the account alone stops many machines that guess at one person, and waits only briefly so that nobody can lock a duty
officer out; the address alone stops one machine that tries many people, with room for a school behind one address.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Executable, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from services.console.accounts.tables import attempts
from shared.kernel.refusals import Refusal

FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """After `free` attempts each further one waits: `first` seconds, then twice as long each time, up to `most`."""

    free: int
    first: int
    most: int

    def wait(self, failures: int) -> int:
        """Seconds to wait after so many failures in a row."""
        over = failures - self.free
        return 0 if over < 0 else int(min(self.most, self.first * 2 ** min(over, 20)))


PAIR = Limit(free=5, first=30, most=900)
ACCOUNT = Limit(free=20, first=15, most=60)
ADDRESS = Limit(free=60, first=30, most=900)


class Throttle:
    """Counts attempts. Keys are keyed hashes: the table holds neither addresses nor what people typed as their name."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def reserve(self, tx: Connection, login: str, address: str, now: datetime) -> None:
        """Count an attempt as failed before it is checked. Raises `console.too_many_attempts {seconds}`."""
        for key, limit in self._counts(login, address):
            row = tx.execute(_count(tx.dialect.name, key, now)).one()
            if row.blocked_until is not None and row.blocked_until > now:
                raise Refusal("console.too_many_attempts", seconds=_whole(row.blocked_until - now))
            wait = limit.wait(row.failures)
            until = now + timedelta(seconds=wait) if wait else None
            tx.execute(update(attempts).where(attempts.c.key == key).values(blocked_until=until))

    def succeeded(self, tx: Connection, login: str, address: str) -> None:
        """Forget the failures of this account; take back the one attempt from the address."""
        (pair, _), (account, _), (shared, _) = self._counts(login, address)
        tx.execute(delete(attempts).where(attempts.c.key.in_((pair, account))))
        tx.execute(
            update(attempts)
            .where(attempts.c.key == shared, attempts.c.failures > 0)
            .values(failures=attempts.c.failures - 1, blocked_until=None)
        )

    def sweep(self, tx: Connection, now: datetime) -> None:
        """Delete what is forgotten anyway."""
        tx.execute(delete(attempts).where(attempts.c.last_at < now - FORGOTTEN_AFTER))

    def _counts(self, login: str, address: str) -> tuple[tuple[str, Limit], ...]:
        return (
            (self._key("pair", f"{login}\x1f{address}"), PAIR),
            (self._key("account", login), ACCOUNT),
            (self._key("address", address), ADDRESS),
        )

    def _key(self, kind: str, value: str) -> str:
        return f"{kind}:{hmac.digest(self._secret, value.encode(), hashlib.sha256).hex()}"


def _count(dialect: str, key: str, now: datetime) -> Executable:
    insert: Any = (postgresql if dialect == "postgresql" else sqlite).insert(attempts)
    stale = attempts.c.last_at < now - FORGOTTEN_AFTER
    counted: Executable = (
        insert.values(key=key, failures=1, last_at=now)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={"failures": case((stale, 1), else_=attempts.c.failures + 1), "last_at": now},
        )
        .returning(attempts.c.failures, attempts.c.blocked_until)
    )
    return counted


def _whole(wait: timedelta) -> int:
    return max(1, round(wait.total_seconds()))
