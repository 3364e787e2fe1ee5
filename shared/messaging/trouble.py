"""What went wrong, told apart: what passes by itself and is tried again, and what will not and is parked.

An error is described by its kind and place and never by its text: the text of an exception quotes values, and values
are personal.
"""

from __future__ import annotations

import random
import sqlite3
import time
import traceback
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.eventstore.appending import AlreadyAccepted, ConcurrencyConflict
from shared.kernel.refusals import Refusal

log = structlog.get_logger(__name__)
T = TypeVar("T")
ATTEMPTS = 7
"""How often what may pass is tried: for about three seconds in all."""
CLASHES = 3
"""How often a violated constraint is tried: another transaction may have held what this one wanted."""
_FIRST, _LONGEST = 0.05, 1.0


def passing(error: BaseException) -> bool:
    """Whether an error says something about the moment and nothing about the event: tried again, never parked."""
    if isinstance(error, (ConcurrencyConflict, AlreadyAccepted, PoolTimeout)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    # SQLite calls a missing table or column an operational error too; that one is a mistake of ours and stays.
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is None or code & 0xFF != sqlite3.SQLITE_ERROR


def patiently(action: Callable[[], T], sleep: Callable[[float], object] = time.sleep) -> T:
    """Do it, again with growing pauses where it fails for a reason that may pass. Raises the last error."""
    attempt, span = 0, _FIRST
    while True:
        attempt += 1
        try:
            return action()
        except Exception as error:
            if attempt >= (ATTEMPTS if passing(error) else CLASHES if isinstance(error, IntegrityError) else 0):
                raise
            log.info("tried_again", error=type(error).__name__, attempt=attempt)
        sleep(span * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret
        span = min(span * 2, _LONGEST)


def described(error: BaseException) -> str:
    """Kind and place of an error, in at most 300 characters: `IntegrityError open_once at services.alerts.views:41`."""
    words = [type(error).__name__]
    if isinstance(error, Refusal):
        words.append(error.code)
    if isinstance(error, DBAPIError):
        words += _of_database(error)
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if "site-packages" not in one.filename and "/shared/messaging/" not in one.filename]
    if own or frames:
        last = (own or frames)[-1]
        words.append(f"at {_module(last.filename)}:{last.lineno}")
    return " ".join(words)[:300]


def _of_database(error: DBAPIError) -> list[str]:
    """The code and constraint that the database names; its sentence quotes the row."""
    original = error.orig
    found = [
        getattr(original, "sqlite_errorname", None),
        getattr(original, "pgcode", None) or getattr(original, "sqlstate", None),
        getattr(getattr(original, "diag", None), "constraint_name", None),
    ]
    return [str(one) for one in found if one]


def _module(filename: str) -> str:
    """A file as a module of the house, whatever directory the house stands in."""
    path = filename.replace("\\", "/").removesuffix(".py")
    for room in ("services", "shared", "tests"):
        _, found, after = path.rpartition(f"/{room}/")
        if found:
            return f"{room}.{after.replace('/', '.')}"
    return path.rpartition("/")[2]
