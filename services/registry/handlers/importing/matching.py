"""Meeting a child again: by its identity number, else by name, birth date and parents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from services.registry.domain.codes import LeaveReason, Relation
from services.registry.domain.commands import RegisterChild
from services.registry.views import tables as t
from services.registry.views.marks import Marker
from shared.localisation.names import comparison_key

_PARENTS = (Relation.FATHER, Relation.MOTHER)


@dataclass(frozen=True, slots=True)
class Match:
    """Who in the register this may be.

    `same` is the child when it is certain: the same number; or the same name, birth date and parents, and no two
    numbers that differ. `alike` are all who bear the name and the birth date and may be the same.
    """

    same: str | None
    alike: tuple[str, ...]


class Lookalikes:
    """Looks children up within a transaction, many at a time in three statements."""

    def __init__(self, tx: Connection, marker: Marker) -> None:
        self._tx, self._marker = tx, marker

    def of_number(self, number: str) -> str | None:
        """The child with this identity number."""
        c = t.identity_marks.c
        return self._tx.execute(select(c.child).where(c.mark == self._marker.mark(number))).scalar()

    def like(self, wanted: Sequence[RegisterChild]) -> list[Match]:
        """For each child that is to be registered, who it may be."""
        marks = {one.identity_number: self._marker.mark(one.identity_number) for one in wanted if one.identity_number}
        c = t.identity_marks.c
        rows = self._tx.execute(select(c.mark, c.child).where(c.mark.in_(list(marks.values()))))
        numbered = {bytes(mark): child for mark, child in rows}
        bearers = self._bearers(wanted)
        family, has_number = self._known_of([child for some in bearers.values() for child in some])
        found = []
        for one in wanted:
            by_number = numbered.get(marks[one.identity_number]) if one.identity_number else None
            if by_number is not None:
                found.append(Match(by_number, (by_number,)))
                continue
            candidates = [
                child
                for child in bearers.get((comparison_key(one.name), one.born), [])
                # Two numbers are two people, however alike.
                if not (one.identity_number and child in has_number)
            ]
            verdicts = {child: _agree(_parents(one), family[child]) for child in candidates}
            same = [child for child, verdict in verdicts.items() if verdict]
            alike = tuple(child for child, verdict in verdicts.items() if verdict is not False)
            found.append(Match(same[0] if len(same) == 1 else None, alike))
        return found

    def _bearers(self, wanted: Sequence[RegisterChild]) -> dict[tuple[str, object], list[str]]:
        c = t.children.c
        keys = sorted({comparison_key(one.name) for one in wanted})
        query = select(c.child, c.name_key, c.born, c.left_reason).where(c.name_key.in_(keys)).order_by(c.child)
        bearers: dict[tuple[str, object], list[str]] = defaultdict(list)
        for row in self._tx.execute(query):
            if row.left_reason != LeaveReason.ERROR:
                bearers[row.name_key, row.born].append(row.child)
        return {key: bearers[key] for one in wanted if (key := (comparison_key(one.name), one.born)) in bearers}

    def _known_of(self, children: list[str]) -> tuple[dict[str, dict[str, str]], set[str]]:
        """The parents' names by relation of each child, and which children have an identity number on record."""
        family: dict[str, dict[str, str]] = defaultdict(dict)
        if not children:
            return family, set()
        c = t.contacts.c
        query = select(c.child, c.relation, c.name_key).where(c.child.in_(children), c.relation.in_(_PARENTS))
        for row in self._tx.execute(query):
            if row.name_key:
                family[row.child][row.relation] = row.name_key
        m = t.identity_marks.c.child
        return family, set(self._tx.execute(select(m).where(m.in_(children))).scalars())


def _parents(one: RegisterChild) -> dict[str, str]:
    return {str(it.relation): comparison_key(it.name) for it in one.contacts if it.relation in _PARENTS and it.name}


def _agree(one: dict[str, str], other: dict[str, str]) -> bool | None:
    """Whether the parents are the same; None where the two records name no parent in common."""
    common = one.keys() & other.keys()
    if not common:
        return None
    return all(one[relation] == other[relation] for relation in common)
