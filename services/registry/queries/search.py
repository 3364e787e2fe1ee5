"""Finding children by whatever somebody remembers of them, and saying why each was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, literal, or_, select

from services.registry.queries.ground import Answer, Asked, Ground, listed_children
from services.registry.schemas import ChildRow
from services.registry.views import tables as t
from services.registry.views.places import class_words
from shared.access import tables as access
from shared.access.paging import page, position
from shared.access.roles import FieldClass
from shared.localisation.names import SearchTerms, search_terms
from shared.localisation.phones import masked

MOST_FOUND = 500
"""More than so many are not looked through: whoever finds as many asks more closely."""
_LAST = "\U0010ffff"


class Found(NamedTuple):
    """A child that was found: how good a reason, which, and with which words."""

    rank: int
    why: str
    what: str | None


class SearchQueries(Ground):
    """The search box."""

    def search_children(self, call: Asked) -> Answer:
        """Children within reach whose name, pinyin, initials, sound, village, class or contact's number match.

        `because` says why, the best reason first: `{"why": name | pinyin | initials | sounds_like | village | class |
        contact | phone, "what": what matched}`. Those who have left are found too, last. Pages are by place in the
        order.
        """
        data = call.data
        skip = int(position(data["after"], 1)[0]) if data["after"] else 0
        with self._database.read() as tx:
            reach = self._gate.listing(tx, call)
            c = t.children.c
            narrow = [reach.children(c.child)]
            narrow += [c[name] == data[name] for name in ("village", "klass") if data[name] is not None]
            found = self._found(tx, search_terms(data["query"]), narrow, call.principal.sees)
            order = sorted(found, key=lambda child: (min(found[child]).rank, child))[:MOST_FOUND]
            rows = {row.child: row for row in tx.execute(listed_children().where(c.child.in_(order)))} if order else {}
            order.sort(key=lambda one: (not rows[one].present, min(found[one]).rank, rows[one].sort_key or _LAST, one))
            here = order[skip : skip + data["limit"] + 1]
            shown = {one["child"]: one for one in self._shown(tx, [rows[child] for child in here])}
            because = {child: [{"why": one.why, "what": one.what} for one in sorted(found[child])] for child in here}
            end = str(skip + data["limit"])
            answer = page(here, data["limit"], lambda _: (end,), lambda child: {"child": child})
            answer["items"] = [
                ChildRow().shown({**shown[child], "because": because[child]}, call.principal.sees)
                for child in here[: data["limit"]]
            ]
            return answer

    def _found(
        self,
        tx: Connection,
        terms: SearchTerms,
        narrow: list[ColumnElement[bool]],
        sees: frozenset[FieldClass],
    ) -> dict[str, set[Found]]:
        found: dict[str, set[Found]] = defaultdict(set)
        for rank, why, query in _questions(terms, sees):
            for child, what in tx.execute(query.where(*narrow).limit(MOST_FOUND)):
                shown = masked(what) if why == "phone" and FieldClass.CONTACT not in sees else what
                if not any(one.why == why for one in found[child]):
                    found[child].add(Found(rank, why, shown))
        return found


def _questions(terms: SearchTerms, sees: frozenset[FieldClass]) -> Iterator[tuple[int, str, Select[Any]]]:
    """Each way of being found: how good it is, its name, and the statement. Only by what the reader may see."""
    c, p = t.children.c, t.contacts.c
    by_contact = t.children.join(t.contacts, p.child == c.child)
    if FieldClass.IDENTITY in sees:
        yield from _by_name(terms)
    if terms.digits and FieldClass.CONTACT in sees:
        numbers = or_(p.phone.contains(terms.digits), p.other_phone.contains(terms.digits))
        yield 5, "phone", select(c.child, p.phone).select_from(by_contact).where(numbers)
    if terms.characters:
        text = terms.characters
        d = access.divisions.c
        villages = t.children.join(access.divisions, d.division == c.village)
        yield 6, "village", select(c.child, d.name).select_from(villages).where(d.name.contains(text, autoescape=True))
        k = t.classes.c
        classes = t.children.join(t.classes, k.klass == c.klass)
        yield (
            7,
            "class",
            select(c.child, k.name).select_from(classes).where(k.name_key.contains(class_words(text), autoescape=True)),
        )
        if FieldClass.CONTACT in sees:
            named = p.name_key.contains(text, autoescape=True)
            yield 8, "contact", select(c.child, p.name).select_from(by_contact).where(named)


def _by_name(terms: SearchTerms) -> Iterator[tuple[int, str, Select[Any]]]:
    c = t.children.c
    if terms.characters:
        yield 0, "name", select(c.child, c.name).where(c.name_key == terms.characters)
        yield 1, "name", select(c.child, c.name).where(c.name_key.contains(terms.characters, autoescape=True))
    if terms.letters:
        yield 2, "pinyin", _keyed("full", terms.letters)
        yield 3, "initials", _keyed("initials", terms.letters)
    if terms.sounds:
        yield 4, "sounds_like", _keyed("sounds", terms.sounds)


def _keyed(kind: str, start: str) -> Select[Any]:
    """Children one of whose keys begins with these letters: a range of the index, on either database."""
    c, k = t.children.c, t.name_keys.c
    keys = t.children.join(t.name_keys, k.child == c.child)
    # `{` follows `z`: keys are lower-case letters only.
    within = (k.kind == kind, k.key >= start, k.key < start + "{")
    return select(c.child, literal(None)).select_from(keys).where(*within)
