"""Sessions: kept on the server, found by the hash of a secret that only the browser or program holds."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from services.console.accounts.tables import accounts, sessions
from services.console.settings import ConsoleSettings

BROWSER = "browser"
PROGRAM = "program"
_NOTED_EVERY = timedelta(minutes=1)
_MOST_SAID = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Someone signed in. `ends_at` is when it ends if nothing more is heard; `longest_until` when it ends anyway;
    `has_said` that a message waits for its next page."""

    id: str
    account: str
    login: str
    staff: str
    kind: str
    role: str | None
    last_role: str | None
    language: str | None
    begun_at: datetime
    ends_at: datetime
    longest_until: datetime
    has_said: bool = False
    must_choose: bool = False
    """Signed in with a password that an administrator gave: the person's own comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """A session as its owner sees it in a list. `device` is `phone`, `computer` or `program`."""

    id: str
    device: str | None
    begun_at: datetime
    seen_at: datetime


class Sessions:
    """Begins, finds and ends sessions. Every method works inside the caller's transaction."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._idle = settings.session_idle
        self._longest = settings.session_longest

    def begin(
        self, tx: Connection, account: str, kind: str, role: str | None, now: datetime, *, device: str | None = None
    ) -> tuple[str, datetime]:
        """A new session: its secret, to be given away once, and the moment when it ends at the latest."""
        secret = secrets.token_urlsafe(32)
        until = now + self._longest
        tx.execute(
            insert(sessions).values(
                id=hashed(secret),
                account=account,
                kind=kind,
                role=role,
                device=PROGRAM if kind == PROGRAM else device,
                begun_at=now,
                seen_at=now,
                ends_at=until,
            )
        )
        return secret, until

    def find(self, tx: Connection, secret: str, kind: str, now: datetime) -> Session | None:
        """The living session behind a secret, or None: unknown, ended, or its account disabled."""
        row = tx.execute(
            select(
                sessions,
                accounts.c.login,
                accounts.c.staff,
                accounts.c.language,
                accounts.c.last_role,
                accounts.c.first_until,
            )
            .join(accounts, accounts.c.id == sessions.c.account)
            .where(sessions.c.id == hashed(secret), sessions.c.kind == kind, accounts.c.disabled.is_(False))
        ).one_or_none()
        if row is None or row.ends_at <= now or (kind == BROWSER and row.seen_at + self._idle <= now):
            return None
        return self._of(row)

    def living(self, tx: Connection, account: str, now: datetime) -> list[Living]:
        """The sessions of an account that are not over, the latest begun first."""
        c = sessions.c
        idle = or_(c.kind != BROWSER, c.seen_at > now - self._idle)
        rows = tx.execute(
            select(sessions).where(c.account == account, c.ends_at > now, idle).order_by(c.begun_at.desc())
        )
        return [Living(id=row.id, device=row.device, begun_at=row.begun_at, seen_at=row.seen_at) for row in rows]

    def needs_note(self, session: Session, now: datetime) -> bool:
        """Whether so much time has passed since the session was last noted as alive that it is worth a write."""
        return session.kind == BROWSER and session.ends_at - self._idle + _NOTED_EVERY <= now

    def note(self, tx: Connection, session: Session, now: datetime) -> None:
        """The person is still there: the idle time begins anew."""
        tx.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=now))

    def act_as(self, tx: Connection, session: Session, role: str) -> None:
        """From now on this session acts in `role`; the account remembers it for the next time."""
        tx.execute(update(sessions).where(sessions.c.id == session.id).values(role=role))
        tx.execute(update(accounts).where(accounts.c.id == session.account).values(last_role=role))

    def end(self, tx: Connection, session_id: str) -> None:
        """End one session."""
        tx.execute(delete(sessions).where(sessions.c.id == session_id))

    def end_all(self, tx: Connection, account: str, *, but: str | None = None) -> None:
        """End every session of an account, but for the one whose id is given."""
        wanted = delete(sessions).where(sessions.c.account == account)
        tx.execute(wanted if but is None else wanted.where(sessions.c.id != but))

    def sweep(self, tx: Connection, now: datetime) -> None:
        """Delete sessions that are over."""
        tx.execute(delete(sessions).where(sessions.c.ends_at <= now))
        tx.execute(delete(sessions).where(sessions.c.kind == BROWSER, sessions.c.seen_at <= now - self._idle))

    def say(self, tx: Connection, session_id: str, message: dict[str, str]) -> None:
        """Keep a message for the next page that this session sees."""
        waiting = tx.execute(
            select(sessions.c.said).where(sessions.c.id == session_id).with_for_update()
        ).scalar_one_or_none()
        said = [*(waiting or []), message][-_MOST_SAID:]
        tx.execute(update(sessions).where(sessions.c.id == session_id).values(said=said))

    def heard(self, tx: Connection, session_id: str) -> list[dict[str, str]]:
        """Take the messages that wait."""
        said = tx.execute(select(sessions.c.said).where(sessions.c.id == session_id).with_for_update()).scalar()
        tx.execute(update(sessions).where(sessions.c.id == session_id).values(said=None))
        return list(said or [])

    def _of(self, row: Row[Any]) -> Session:
        ends = min(row.seen_at + self._idle, row.ends_at) if row.kind == BROWSER else row.ends_at
        return Session(
            id=row.id,
            account=row.account,
            login=row.login,
            staff=row.staff,
            kind=row.kind,
            role=row.role,
            last_role=row.last_role,
            language=row.language,
            begun_at=row.begun_at,
            ends_at=ends,
            longest_until=row.ends_at,
            has_said=bool(row.said),
            must_choose=row.first_until is not None,
        )


def hashed(secret: str) -> str:
    """What the database knows of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
