"""What an administrator does with accounts: makes them, gives first passwords, locks them, ends their sessions.

Who may do it is the registry's to say, and there it is recorded before anything is done here (ADR 0012). Each act
names its order: sent twice, it is done once, and shows its first password to whoever ordered it for ten minutes.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.console.accounts.passwords import Passwords
from services.console.accounts.sessions import Sessions
from services.console.accounts.tables import accounts
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.refusals import NotFound, Refusal
from shared.storage.database import Database

FIRST_PASSWORD_HOLDS = timedelta(days=7)
SHOWN_FOR = timedelta(minutes=10)
"""How long an order that is sent again shows the password once more: a double click, a reload."""
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What nobody mistakes for something else when it is read out or copied from paper."""
_LENGTH, _GROUP = 12, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """An account as an administrator sees it. `waiting_until`: its first password waits to be used until then."""

    id: str
    login: str
    staff: str
    disabled: bool
    made_at: datetime
    password_at: datetime
    waiting_until: datetime | None
    sessions: int


class Administration:
    """Accounts from the administrator's side. Each method is one transaction; `order` is the id of the command."""

    def __init__(
        self, secret: bytes, database: Database, sessions: Sessions, clock: Clock, passwords: Passwords
    ) -> None:
        self._secret, self._database, self._clock = secret, database, clock
        self._sessions, self._passwords = sessions, passwords

    def of_staff(self, staff: str) -> Keeping | None:
        """The account of a member of staff, or None."""
        with self._database.read() as tx:
            row = tx.execute(select(accounts).where(accounts.c.staff == staff)).one_or_none()
            return self._keeping(tx, row) if row is not None else None

    def make(self, login: str, staff: str, *, order: str, by: str) -> str:
        """A new account under a login in the stored form; its first password.

        Raises `console.login_taken` and `console.account_exists`.
        """
        first, now = self._first_password(order, by), self._clock.now()
        row = {
            "id": new_id(now),
            "login": login,
            "staff": staff,
            "disabled": False,
            "password_hash": self._passwords.hash(first),
            "made_at": now,
            "password_at": now,
            "first_until": now + FIRST_PASSWORD_HOLDS,
            "first_by": order,
        }
        try:
            with self._database.begin() as tx:
                tx.execute(insert(accounts).values(row))
        except IntegrityError as there:
            if self.shown_again(staff, order=order, by=by) is not None:
                return first
            raise Refusal("console.account_exists" if self.of_staff(staff) else "console.login_taken") from there
        return first

    def reset(self, staff: str, *, order: str, by: str) -> str:
        """A new first password; every session of the account ends."""
        again = self.shown_again(staff, order=order, by=by)
        if again is not None:
            return again
        first, now = self._first_password(order, by), self._clock.now()
        changed = {
            "password_hash": self._passwords.hash(first),
            "password_at": now,
            "first_until": now + FIRST_PASSWORD_HOLDS,
            "first_by": order,
        }
        with self._database.begin() as tx:
            account = self._id(tx, staff)
            tx.execute(update(accounts).where(accounts.c.id == account).values(changed))
            self._sessions.end_all(tx, account)
        return first

    def shown_again(self, staff: str, *, order: str, by: str) -> str | None:
        """The first password that this order gave, while it is new and unused; else None."""
        with self._database.read() as tx:
            row = tx.execute(select(accounts).where(accounts.c.staff == staff)).one_or_none()
        if row is None or row.first_by != order or row.first_until is None:
            return None
        first = self._first_password(order, by)
        return first if row.password_at + SHOWN_FOR > self._clock.now() and self._fits(row, first) else None

    def lock(self, staff: str) -> None:
        """Nobody signs in with the account any more; its sessions end."""
        with self._database.begin() as tx:
            account = self._id(tx, staff)
            tx.execute(update(accounts).where(accounts.c.id == account).values(disabled=True))
            self._sessions.end_all(tx, account)

    def unlock(self, staff: str) -> None:
        """The account opens again, with the password that it had."""
        with self._database.begin() as tx:
            tx.execute(update(accounts).where(accounts.c.id == self._id(tx, staff)).values(disabled=False))

    def end_sessions(self, staff: str) -> None:
        """Every session of the account ends, programs' too."""
        with self._database.begin() as tx:
            self._sessions.end_all(tx, self._id(tx, staff))

    def _fits(self, row: Row[Any], first: str) -> bool:
        return self._passwords.verify(row.password_hash, first)

    def _id(self, tx: Connection, staff: str) -> str:
        found = tx.execute(select(accounts.c.id).where(accounts.c.staff == staff)).scalar_one_or_none()
        if found is None:
            raise NotFound("account", staff=staff)
        return str(found)

    def _keeping(self, tx: Connection, row: Row[Any]) -> Keeping:
        return Keeping(
            id=row.id,
            login=row.login,
            staff=row.staff,
            disabled=row.disabled,
            made_at=row.made_at,
            password_at=row.password_at,
            waiting_until=row.first_until,
            sessions=len(self._sessions.living(tx, row.id, self._clock.now())),
        )

    def _first_password(self, order: str, by: str) -> str:
        """About 59 bits that follow from the order and who gave it: kept nowhere, and the same when sent twice."""
        digest = hmac.digest(self._secret, f"first password\x1f{by}\x1f{order}".encode(), hashlib.sha256)
        number, signs = int.from_bytes(digest, "big"), []
        for _ in range(_LENGTH):
            number, place = divmod(number, len(_SIGNS))
            signs.append(_SIGNS[place])
        return "-".join("".join(signs[at : at + _GROUP]) for at in range(0, _LENGTH, _GROUP))
