"""The contact card out of a roster's row: the guardian first, then the parents."""

from __future__ import annotations

import re
from dataclasses import replace

from services.registry.domain.codes import ContactStatus, Relation
from services.registry.domain.commands import ContactDetails
from services.registry.rosters.rows import Guardian, Parent, RosterRow
from shared.localisation.names import comparison_key
from shared.localisation.text import folded

_RELATIONS = (
    (Relation.GRANDFATHER, re.compile("祖父|爷爷|外公|姥爷|公公|^爷|^公$")),
    (Relation.GRANDMOTHER, re.compile("祖母|奶奶|外婆|姥姥|婆婆|^奶|^婆$")),
    (Relation.CARER, re.compile("代管|受托|委托|照护人|监护人")),
    (Relation.RELATIVE, re.compile("姑|舅|姨|叔|伯|婶|兄|哥|姐|嫂|亲戚|亲属|表|堂")),
    (Relation.FATHER, re.compile("父|爸")),
    (Relation.MOTHER, re.compile("母|妈")),
)
_STATUSES = {
    "dead": ContactStatus.DEAD,
    "imprisoned": ContactStatus.IMPRISONED,
    "missing": ContactStatus.UNKNOWN,
    "unknown": ContactStatus.UNKNOWN,
}
_LONGEST = {"occupation": 60, "employer": 120, "workplace": 200, "address": 200, "health": 60}


def relation_in(words: str | None) -> Relation:
    """What a guardian is to the child, from the roster's own words (外祖母, 班主任, 伯父)."""
    text = folded(words or "")
    if re.search("继|养", text) or re.search("(祖|外|岳)?父母", text):
        return Relation.OTHER
    return next((code for code, pattern in _RELATIONS if pattern.search(text)), Relation.OTHER)


def contacts_in(row: RosterRow) -> tuple[tuple[ContactDetails, ...], int | None]:
    """The contacts in calling order, and the place of the one who looks after the child.

    A guardian who is one of the parents, by name or by relation, is that parent, called first; where the two cells
    give two numbers, both are kept.
    """
    parents = [
        one for one in (_parent(row.father, Relation.FATHER), _parent(row.mother, Relation.MOTHER)) if one is not None
    ]
    guardian = _guardian(row.guardian, row)
    if guardian is None:
        return tuple(parents), None
    same = next((one for one in parents if _is_same(guardian, one)), None)
    if same is not None:
        parents.remove(same)
        guardian = _merged(same, guardian)
    return (guardian, *parents), 1 if guardian.status is ContactStatus.LIVING else None


def _parent(it: Parent, relation: Relation) -> ContactDetails | None:
    status = _STATUSES.get(it.status or "", ContactStatus.LIVING)
    if not it.name and not it.phones and status is ContactStatus.LIVING:
        return None
    return ContactDetails(
        relation=relation,
        name=it.name,
        phone=_number(it.phones, 0),
        other_phone=_number(it.phones, 1),
        status=status,
        away=bool(it.away),
        employer=_cut("employer", it.employer),
        workplace=_cut("workplace", it.place),
    )


def _guardian(it: Guardian, row: RosterRow) -> ContactDetails | None:
    phones = it.phones or row.phones
    if not it.name and not it.phones:
        return None
    return ContactDetails(
        relation=relation_in(it.relation),
        name=it.name,
        phone=_number(phones, 0),
        other_phone=_number(phones, 1),
        occupation=_cut("occupation", it.occupation),
        address=_cut("address", it.address),
        age=it.age if it.age is not None and it.age <= 120 else None,
        health=_cut("health", it.health),
    )


def _is_same(guardian: ContactDetails, parent: ContactDetails) -> bool:
    if guardian.name and parent.name and comparison_key(guardian.name) == comparison_key(parent.name):
        return True
    # Two different names under one relation are two people, and one of the cells is wrong: a person will see.
    return guardian.relation == parent.relation and not (guardian.name and parent.name)


def _merged(parent: ContactDetails, guardian: ContactDetails) -> ContactDetails:
    numbers = [parent.phone, guardian.phone, parent.other_phone, guardian.other_phone]
    distinct = list(dict.fromkeys(one for one in numbers if one))
    return replace(
        parent,
        name=parent.name or guardian.name,
        phone=distinct[0] if distinct else None,
        other_phone=distinct[1] if len(distinct) > 1 else None,
        occupation=guardian.occupation,
        address=guardian.address,
        age=guardian.age,
        health=guardian.health,
    )


def _number(phones: tuple[str, ...], index: int) -> str | None:
    return phones[index][:40] if len(phones) > index else None


def _cut(field: str, text: str | None) -> str | None:
    return text[: _LONGEST[field]] if text else None
