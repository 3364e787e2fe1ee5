"""Accounts: credentials, sessions, throttling and drafts, in the console's own database.

An account belongs to a member of staff, whom the registry knows; here it is only a random reference. Which roles the
person holds is the registry's to say (`people.py`).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from services.console.accounts.administration import Administration
from services.console.accounts.drafts import Drafts
from services.console.accounts.passwords import Passwords, refuse_weak
from services.console.accounts.sessions import BROWSER, Living, Session, Sessions
from services.console.accounts.tables import accounts
from services.console.accounts.throttle import Throttle
from services.console.settings import ConsoleSettings
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.storage.database import Database

LONGEST_LOGIN = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who can sign in."""

    id: str
    login: str
    staff: str
    language: str | None
    disabled: bool


class Accounts:
    """The console's accounts. Each method is one transaction of its own."""

    def __init__(
        self, settings: ConsoleSettings, database: Database, clock: Clock, passwords: Passwords | None = None
    ) -> None:
        self.database = database
        self.sessions = Sessions(settings)
        self.drafts = Drafts(settings.secret)
        self._clock = clock
        self._passwords = passwords or Passwords()
        self._throttle = Throttle(settings.secret)
        self.administration = Administration(settings.secret, database, self.sessions, clock, self._passwords)

    def make(self, login: str, password: str, staff: str, *, language: str | None = None) -> Account:
        """A new account whose password its owner has chosen.

        Raises `console.password_weak`, `console.login_malformed`, `console.login_taken` or `console.account_exists`.
        """
        login = well_formed(login)
        refuse_weak(password, login)
        now = self._clock.now()
        made = Account(id=new_id(now), login=login, staff=staff, language=language, disabled=False)
        row = {
            "id": made.id,
            "login": login,
            "staff": staff,
            "language": language,
            "disabled": False,
            "password_hash": self._passwords.hash(password),
            "made_at": now,
            "password_at": now,
        }
        try:
            with self.database.begin() as tx:
                tx.execute(insert(accounts).values(row))
        except IntegrityError as taken:
            there = self.administration.of_staff(staff)
            raise Refusal("console.account_exists" if there else "console.login_taken") from taken
        return made

    def find(self, login: str) -> Account | None:
        """The account with this login name, or None."""
        with self.database.read() as tx:
            row = tx.execute(select(accounts).where(accounts.c.login == login_form(login))).one_or_none()
        if row is None:
            return None
        return Account(id=row.id, login=row.login, staff=row.staff, language=row.language, disabled=row.disabled)

    def sign_in(
        self, login: str, password: str, address: str, *, kind: str = BROWSER, device: str | None = None
    ) -> tuple[str, datetime]:
        """A new session's secret, and when it ends at the latest. `device` is for the person to know it by.

        Raises `console.first_password_over`, `console.password_first` for a program that brings a first password,
        `console.too_many_attempts {seconds}`, or `console.sign_in_failed`, which is the same in words and in
        time whether the account is unknown, disabled or the password wrong.
        """
        login, now = login_form(login)[: LONGEST_LOGIN * 2], self._clock.now()
        with self.database.begin() as tx:
            self._throttle.reserve(tx, login, address, now)
            row = tx.execute(select(accounts).where(accounts.c.login == login)).one_or_none()
        right = self._passwords.verify(row.password_hash if row else None, password)
        if row is None or not right or row.disabled:
            raise Refusal("console.sign_in_failed")
        if row.first_until is not None and row.first_until <= now:
            raise Refusal("console.first_password_over")
        if row.first_until is not None and kind != BROWSER:
            raise Refusal("console.password_first")
        with self.database.begin() as tx:
            self._throttle.succeeded(tx, login, address)
            self._throttle.sweep(tx, now)
            self.sessions.sweep(tx, now)
            if self._passwords.outdated(row.password_hash):
                self._rehash(tx, row.id, password)
            return self.sessions.begin(tx, row.id, kind, row.last_role, now, device=device)

    def session(self, secret: str, kind: str = BROWSER, *, alive: bool = True) -> Session | None:
        """The session behind a secret, or None. With `alive` its idle time begins anew (live feeds do not do this)."""
        now = self._clock.now()
        with self.database.read() as tx:
            found = self.sessions.find(tx, secret, kind, now)
        if found is not None and alive and self.sessions.needs_note(found, now):
            with self.database.begin() as tx:
                self.sessions.note(tx, found, now)
                found = self.sessions.find(tx, secret, kind, now)
        return found

    def sign_out(self, session_id: str) -> None:
        """End a session."""
        with self.database.begin() as tx:
            self.sessions.end(tx, session_id)

    def change_password(self, session: Session, old: str, new: str, address: str) -> None:
        """Change one's own password; every other session ends. Raises as `sign_in`, or `console.password_weak`."""
        now = self._clock.now()
        with self.database.begin() as tx:
            self._throttle.reserve(tx, session.login, address, now)
            kept = tx.execute(select(accounts.c.password_hash).where(accounts.c.id == session.account)).scalar_one()
        if not self._passwords.verify(kept, old):
            raise Refusal("console.password_wrong")
        refuse_weak(new, session.login)
        with self.database.begin() as tx:
            self._throttle.succeeded(tx, session.login, address)
            self._keep_hash(tx, session.account, new)
            self.sessions.end_all(tx, session.account, but=session.id)

    def choose_password(self, session: Session, new: str) -> None:
        """Put one's own password in the place of the first one; every other session ends.

        Raises `console.password_weak`, `console.password_same`, and `console.password_chosen` where that was done.
        """
        with self.database.read() as tx:
            row = tx.execute(select(accounts).where(accounts.c.id == session.account)).one()
        if row.first_until is None:
            raise Refusal("console.password_chosen")
        refuse_weak(new, session.login)
        if self._passwords.verify(row.password_hash, new):
            raise Refusal("console.password_same")
        with self.database.begin() as tx:
            self._keep_hash(tx, session.account, new)
            self.sessions.end_all(tx, session.account, but=session.id)

    def sessions_of(self, session: Session) -> list[Living]:
        """Where the person is signed in, the latest first."""
        with self.database.read() as tx:
            return self.sessions.living(tx, session.account, self._clock.now())

    def sign_out_elsewhere(self, session: Session) -> None:
        """End every session of the account but this one."""
        with self.database.begin() as tx:
            self.sessions.end_all(tx, session.account, but=session.id)

    def speak(self, account_id: str, language: str) -> None:
        """Remember the language that the person reads."""
        with self.database.begin() as tx:
            tx.execute(update(accounts).where(accounts.c.id == account_id).values(language=language))

    def act_as(self, session: Session, role: str) -> None:
        """From now on the session acts in this role. Whether the person holds it is asked before."""
        with self.database.begin() as tx:
            self.sessions.act_as(tx, session, role)

    def _keep_hash(self, tx: Connection, account_id: str, password: str) -> None:
        changed = {"password_at": self._clock.now(), "first_until": None, "first_by": None}
        tx.execute(update(accounts).where(accounts.c.id == account_id).values(changed))
        self._rehash(tx, account_id, password)

    def _rehash(self, tx: Connection, account_id: str, password: str) -> None:
        kept = self._passwords.hash(password)
        tx.execute(update(accounts).where(accounts.c.id == account_id).values(password_hash=kept))


def well_formed(login: str) -> str:
    """The login in its stored form. Raises `console.login_malformed`."""
    login = login_form(login)
    if not login or len(login) > LONGEST_LOGIN or any(unicodedata.category(c)[0] in "CZ" for c in login):
        raise Refusal("console.login_malformed", longest=LONGEST_LOGIN)
    return login


def login_form(login: str) -> str:
    """A login name in the one form that is stored and compared."""
    return unicodedata.normalize("NFKC", login).strip().casefold()
