"""Passwords: what is a good one, how it is kept, and how it is checked without telling who exists."""

from __future__ import annotations

import threading
import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.kernel.refusals import Refusal

SHORTEST = 10
LONGEST = 128
_AT_ONCE = 4
_COMMON = frozenset(
    {
        "1234567890", "12345678910", "0123456789", "0987654321", "9876543210", "1q2w3e4r5t", "qwertyuiop",
        "asdfghjkl1", "password01", "password12", "password123", "password1234", "passw0rd123", "administrator",
        "admin12345", "admin123456", "iloveyou1314", "woaini1314", "woaini5201314", "woaiwojia123", "5201314520",
        "1314520520", "a123456789", "aa123456789", "abc123456789", "abcd123456", "qq123456789", "zxcvbnm123",
        "1qaz2wsx3edc", "qazwsxedcrfv", "1234qwerasdf", "q1w2e3r4t5y6", "shouwang123", "shouwang1234",
        "liushouertong", "letmein12345", "welcome12345", "changeme1234", "147258369000", "11223344556",
        "123123123123", "112233445566",
    }
)  # fmt: skip


class Passwords:
    """Hashes with argon2id. At most four at once: a crowd of sign-ins would take all memory (64 MiB each)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody = self._hasher.hash("nobody holds this password")

    def hash(self, password: str) -> str:
        """The text to keep. Raises nothing: the rules are asked apart, with `refuse_weak`."""
        with self._places:
            return self._hasher.hash(_form(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one kept. With `kept` None the same work is done, and the answer is no."""
        with self._places:
            try:
                right = self._hasher.verify(kept or self._nobody, _form(password)[:LONGEST])
            except (VerificationError, InvalidHashError):
                return False
        return right and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was kept with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(kept)


def refuse_weak(password: str, login: str) -> None:
    """Raise Refusal `console.password_weak` with `why`: short, long, common, repeated or like_login.

    Length is what counts (NIST SP 800-63B 5.1.1.2): no rule asks for signs or capitals, and Chinese is welcome.
    """
    password = _form(password)
    plain = password.casefold()
    why = None
    if len(password) < SHORTEST:
        why = "short"
    elif len(password) > LONGEST:
        why = "long"
    elif plain in _COMMON:
        why = "common"
    elif len(set(plain)) < 4 or _is_run(plain):
        why = "repeated"
    elif login and (login.casefold() in plain and len(plain) - len(login) < 4):
        why = "like_login"
    if why:
        raise Refusal("console.password_weak", why=why, shortest=SHORTEST)


def _form(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _is_run(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return len(steps) == 1
