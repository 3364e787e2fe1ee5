"""The gate: says whether a call may pass, for one child or place, or how far a list may reach.

Every door passes it; so does every reaction and timer, as the service's own principal. It reads the service's own
copy of the grants, so it stands when registry is down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, bindparam, or_, select, true

from shared.access import tables as t
from shared.access.permissions import Permission
from shared.access.principals import Call, Grant, Principal
from shared.access.roles import SYSTEM, Role
from shared.access.tokens import InvalidToken, TokenVerifier
from shared.kernel.refusals import Denied, Refusal


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a principal's grants reach, as conditions on columns."""

    everything: bool
    divisions: frozenset[str]
    places: frozenset[str]
    staff: str | None

    def children(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """A condition on a column of child references."""
        if self.everything:
            return true()
        c = t.children.c
        schools = select(t.places.c.place).where(t.places.c.division.in_(self.divisions))
        found: list[ColumnElement[bool]] = [
            c.village.in_(self.divisions),
            c.school.in_(schools),
            c.school.in_(self.places),
            c.klass.in_(self.places),
        ]
        if self.staff is not None:
            found.append(c.responsible == self.staff)
        return column.in_(select(c.child).where(or_(*found)))

    def in_divisions(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """A condition on a column of division references."""
        return true() if self.everything else column.in_(self.divisions)

    def in_places(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """A condition on a column of school or class references."""
        if self.everything:
            return true()
        p = t.places.alias()
        schools = select(t.places.c.place).where(t.places.c.division.in_(self.divisions))
        within = select(p.c.place).where(
            or_(
                p.c.place.in_(self.places), p.c.parent.in_(self.places), p.c.place.in_(schools), p.c.parent.in_(schools)
            )
        )
        return column.in_(within)


class OpenTo(Protocol):
    """Lets a transaction open what is restricted about a child, where its reader is one of two who may."""

    def __call__(self, tx: Connection, *, by: str, child: str) -> Iterable[str]:
        """The openings by which it does."""
        ...


class Gate:
    """Checks tokens, permissions and where they hold, against this service's own tables.

    `open_to` is the vault's: a query that is cleared for a child reads of it what an opening lets its reader read.
    """

    def __init__(self, verifier: TokenVerifier, open_to: OpenTo | None = None) -> None:
        self._verifier, self._open_to = verifier, open_to

    def principal(self, tx: Connection, token: str) -> Principal:
        """Who brings this token. Raises Refusal `unauthenticated` or Denied when no grant of the role holds."""
        try:
            claims = self._verifier.verify(token)
        except InvalidToken as invalid:
            raise Refusal("unauthenticated") from invalid
        if claims.role == "system":
            service = claims.subject.removeprefix("system:")
            if service not in SYSTEM:
                raise Refusal("unauthenticated")
            return Principal.system(service)
        held = tuple(
            Grant(id=row.id, role=Role(row.role), scope=row.scope, division=row.division, place=row.place)
            for row in tx.execute(_GRANTS, {"staff": claims.subject, "role": claims.role})
        )
        if not held:
            raise Denied("role", role=claims.role)
        return Principal.staff(claims.subject, Role(claims.role), held)

    def clear(
        self,
        tx: Connection,
        call: Call[Any],
        *,
        child: str | None = None,
        division: str | None = None,
        place: str | None = None,
        anywhere: bool = False,
        permission: Permission | None = None,
    ) -> None:
        """Let a call pass that touches this child, division or place, or (`anywhere`) what no place owns.

        Several may be named: each must be within reach. Raises Denied. `permission` overrides the door's, for a
        handler that asks for more than its door.
        """
        wanted = permission or call.permission
        if wanted is None or wanted not in call.principal.permissions:
            raise Denied(str(wanted))
        if child is None and division is None and place is None and not anywhere:
            raise ValueError("clear needs to know what the call touches")
        named = ((_CHILD_WITHIN, child), (_DIVISION_WITHIN, division), (_PLACE_WITHIN, place))
        if not call.principal.is_system:
            held = _held(call.principal)
            for question, value in named:
                if value is not None and tx.execute(question, held | {"value": value}).first() is None:
                    raise Denied(str(wanted), reach=True)
        call.clearance.append(str(wanted))
        if child is not None and call.reads and self._open_to is not None and not call.principal.is_system:
            call.opened.update(dict.fromkeys(self._open_to(tx, by=call.principal.id, child=child), child))

    def reach(self, tx: Connection, principal: Principal) -> Reach:
        """How far the principal's grants reach."""
        if principal.is_system:
            return Reach(True, frozenset(), frozenset(), None)
        held = _held(principal)
        return Reach(False, self.under(tx, held["roots"]), frozenset(held["places"]), held["staff"])

    def listing(self, tx: Connection, call: Call[Any]) -> Reach:
        """Clear a call that lists: what it may show is what `reach` lets through. Raises Denied."""
        if call.permission is None or call.permission not in call.principal.permissions:
            raise Denied(str(call.permission))
        call.clearance.append(str(call.permission))
        return self.reach(tx, call.principal)

    def under(self, tx: Connection, roots: list[str]) -> frozenset[str]:
        """These divisions and all that lie under them."""
        if not roots:
            return frozenset()
        return frozenset(tx.execute(_UNDER, {"roots": roots}).scalars())


def _held(principal: Principal) -> dict[str, Any]:
    """What a principal's grants name, as the statements below ask for it."""
    return {
        "roots": [one.division for one in principal.grants if one.scope == "division" and one.division],
        "places": [one.place for one in principal.grants if one.scope == "place" and one.place],
        "staff": principal.id if any(one.scope == "children" for one in principal.grants) else None,
    }


# Built once: every call passes here, and building them costs more than running them.


def _under() -> Select[Any]:
    roots: BindParameter[Any] = bindparam("roots", expanding=True)
    tree = select(t.divisions.c.division).where(t.divisions.c.division.in_(roots)).cte("tree", recursive=True)
    below = t.divisions.alias()
    tree = tree.union(select(below.c.division).where(below.c.parent == tree.c.division))
    return select(tree.c.division)


def _within(column: ColumnElement[Any], condition: ColumnElement[bool]) -> Select[Any]:
    return select(column).where(column == bindparam("value"), condition)


_GRANTS = select(t.grants).where(
    t.grants.c.staff == bindparam("staff"), t.grants.c.role == bindparam("role"), t.grants.c.ended.is_(False)
)
_UNDER = _under()
_GRANTED: Any = Reach(False, _UNDER, bindparam("places", expanding=True), bindparam("staff"))  # type: ignore[arg-type]
"""How far any grants reach: the same conditions, with what the grants name still to be said."""
_CHILD_WITHIN = _within(t.children.c.child, _GRANTED.children(t.children.c.child))
_DIVISION_WITHIN = _within(t.divisions.c.division, _GRANTED.in_divisions(t.divisions.c.division))
_PLACE_WITHIN = _within(t.places.c.place, _GRANTED.in_places(t.places.c.place))
