"""Letting a row in: a child that is new is registered, one that is known is brought up to date."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

from services.registry.domain import commands as c
from services.registry.domain.child import Child
from services.registry.domain.codes import ContactStatus, Relation
from services.registry.domain.contacts import Card, Contact
from shared.kernel.ids import derived_id
from shared.localisation.names import comparison_key

_PARENTS = (Relation.FATHER, Relation.MOTHER)


def bring_up_to_date(child: Child, it: c.RegisterChild, *, moved: bool, source: str, today: date) -> None:
    """Give a known child what a new roster says of it. What the roster leaves out stays; `source` names the row.

    Raises what the child refuses.
    """
    child.come_back(today=today)
    name = child.name if child.name and comparison_key(child.name) == comparison_key(it.name) else it.name
    child.correct(c.CorrectChild(child=child.id, name=name, sex=it.sex, born=it.born), today=today)
    if it.identity_number is not None:
        child.identify(it.identity_number, None, today=today)
    if it.klass is not None or it.school != child.school:
        child.enrol(it.school, it.klass)
    if moved:
        child.move(it.village)
    if it.address is not None:
        child.live_at(it.address)
    carer = None
    for place, details in enumerate(it.contacts, 1):
        known = _known(child.card, details)
        contact = known.id if known is not None else derived_id(source, f"contact told {place}")
        told = _told(known.details, details) if known is not None else details
        child.record_contact(contact, told, None if known is not None else _place(child.card, place))
        carer = contact if place == it.carer else carer
    if it.arrangement is not None:
        before = child.care
        if before is None or (before[0], before[2]) != (it.arrangement, carer):
            child.arrange_care(it.arrangement, it.since or today, carer, today=today)


def _known(card: Card, details: c.ContactDetails) -> Contact | None:
    """The person on the card that a roster means: the parent of that relation, else who bears the name."""
    if details.relation in _PARENTS:
        return card.parent(details.relation)
    key = comparison_key(details.name) if details.name else None
    return next(
        (one for one in card.contacts if key and one.details.name and comparison_key(one.details.name) == key), None
    )


def _told(known: c.ContactDetails, told: c.ContactDetails) -> c.ContactDetails:
    """What is known of a contact with what was told put over it; nothing told takes nothing away."""
    news = {one.name: value for one in fields(told) if (value := getattr(told, one.name)) is not None}
    del news["relation"]
    if told.status is ContactStatus.LIVING:
        del news["status"]  # rosters say it of nobody: it is what stands where they say nothing
    if known.name and told.name and comparison_key(known.name) == comparison_key(told.name):
        news["name"] = known.name
    # A number that moved to the first place is not lost from the second.
    if told.phone and known.phone and told.phone != known.phone and told.other_phone is None:
        news["other_phone"] = known.phone
    return replace(known, **news)


def _place(card: Card, place: int) -> int | None:
    """A new guardian is called first; whoever else is new comes last."""
    return 1 if place == 1 and card.contacts else None
