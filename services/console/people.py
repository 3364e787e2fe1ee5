"""Who the signed-in person is: name and roles, as the registry knows them.

The console holds no grants of its own. It asks the registry once a minute for each person, sooner when the registry's
log has grown, and so does every door: what is read here only decides what is shown.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.console.accounts.sessions import Session
from services.console.port import ServiceClient, TokenSigner
from services.console.roles import ROLES
from shared.access.roles import PERMISSIONS, Role
from shared.kernel.clock import Clock
from shared.kernel.refusals import NotFound

SERVICE, DOOR = "registry", "grants_of"
_FRESH = timedelta(seconds=60)
_STALE = timedelta(minutes=10)
_LARGEST = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role and where it holds; `where` is the name of the division or place, for people."""

    role: str
    scope: str
    division: str | None = None
    place: str | None = None
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of staff."""

    staff: str
    name: str | None
    grants: tuple[Grant, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles held, each once, in the order in which the console lists roles."""
        held = {grant.role for grant in self.grants}
        return tuple(role for role in ROLES if role in held)

    def where(self, role: str) -> str:
        """The names of the places where the person holds a role."""
        return "、".join(dict.fromkeys(g.where for g in self.grants if g.role == role and g.where))


class People:
    """Asks the registry and remembers for a while."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, clock: Clock) -> None:
        self._client = client
        self._signer = signer
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[datetime, Person]] = {}

    def of(self, session: Session) -> Person:
        """The person of a session. Raises what the port raises, unless the last answer is under ten minutes old."""
        now = self._clock.now()
        with self._lock:
            known = self._known.get(session.staff)
        if known is not None and now - known[0] < _FRESH:
            return known[1]
        token = self._signer.issue("system:console", session.account, session.id[:32], "system")
        try:
            answer = self._client.call(SERVICE, DOOR, {"staff": session.staff}, token=token, timeout=5.0)
        except NotFound:  # an account made a moment before the person is registered
            answer = {"grants": []}
        except Exception:
            if known is not None and now - known[0] < _STALE:
                return known[1]
            raise
        person = _person(session.staff, answer)
        with self._lock:
            if len(self._known) >= _LARGEST:
                self._known.clear()
            self._known[session.staff] = (now, person)
        return person

    def grown(self, service: str) -> None:
        """A log has grown: after the registry's, the next question is asked anew (the old answers stay at hand)."""
        if service == SERVICE:
            with self._lock:
                aged = self._clock.now() - _FRESH
                self._known = {staff: (min(at, aged), person) for staff, (at, person) in self._known.items()}


def permissions_of(role: str | None) -> frozenset[str]:
    """What a role may do."""
    return frozenset(map(str, PERMISSIONS[Role(role)])) if role in ROLES else frozenset()


def _person(staff: str, answer: dict[str, Any]) -> Person:
    grants = tuple(
        Grant(
            role=one["role"],
            scope=one["scope"],
            division=one.get("division"),
            place=one.get("place"),
            where=one.get("where"),
        )
        for one in answer["grants"]
    )
    return Person(staff=staff, name=answer.get("name"), grants=grants)
