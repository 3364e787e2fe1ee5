"""Drafts: a form that was sent after its session had ended waits here, sealed, until the same person is back.

The form's token names the account that the page was made for, so that on a shared computer the next person never
sees what the one before was typing.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, delete, insert, select

from services.console.accounts.tables import drafts
from shared.kernel.ids import new_id

KEPT_FOR = timedelta(hours=2)
LARGEST = 128 * 1024
_EACH = 6


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was sent: to which address, from which page, and its fields in order."""

    id: str
    action: str
    page: str
    fields: list[tuple[str, str]]


class Drafts:
    """Keeps, finds and drops drafts, inside the caller's transaction."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), 32, None, b"shouwang console drafts").derive(secret))

    def keep(
        self, tx: Connection, account: str, action: str, page: str, fields: list[tuple[str, str]], now: datetime
    ) -> bool:
        """Keep a form for two hours. False if it is larger than 128 KiB. An account has its six newest."""
        plain = json.dumps({"action": action, "page": page, "fields": fields}).encode()
        if len(plain) > LARGEST:
            return False
        draft = new_id(now)
        nonce = os.urandom(12)
        sealed = nonce + self._cipher.encrypt(nonce, plain, f"{draft}{account}".encode())
        tx.execute(delete(drafts).where(drafts.c.ends_at <= now))
        tx.execute(insert(drafts).values(id=draft, account=account, sealed=sealed, ends_at=now + KEPT_FOR))
        older = (
            select(drafts.c.id).where(drafts.c.account == account).order_by(drafts.c.id.desc()).limit(100).offset(_EACH)
        )
        surplus = tx.execute(older).scalars().all()
        tx.execute(delete(drafts).where(drafts.c.id.in_(surplus)))
        return True

    def waiting(self, tx: Connection, account: str, now: datetime) -> list[Draft]:
        """The account's drafts, newest first. One that cannot be opened (the secret has changed) is left out."""
        rows = tx.execute(
            select(drafts).where(drafts.c.account == account, drafts.c.ends_at > now).order_by(drafts.c.id.desc())
        ).all()
        found = []
        for row in rows:
            try:
                plain = self._cipher.decrypt(row.sealed[:12], row.sealed[12:], f"{row.id}{account}".encode())
            except InvalidTag:
                continue
            form = json.loads(plain)
            found.append(Draft(row.id, form["action"], form["page"], [(k, v) for k, v in form["fields"]]))
        return found

    def drop(self, tx: Connection, account: str, action: str, now: datetime) -> None:
        """Forget what waited for this address: it has been sent."""
        for one in self.waiting(tx, account, now):
            if one.action == action:
                tx.execute(delete(drafts).where(drafts.c.id == one.id))
