"""Children for programs: the list, search, one child, its contact card, its care, its timeline."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import CODES
from services.console.doors import call, command

children = Resources("children", "Children under watch")
_VIEW, _CARD = "registry:child:view", "registry:contact_card:view"


def _one_of(kind: str) -> validate.OneOf:
    return validate.OneOf(list(CODES[kind]), error="unknown")


class ChildQuery(PageQuery):
    """Which children: of a village, school, class, responsible person, risk or arrangement."""

    village = fields.UUID()
    school = fields.UUID()
    klass = fields.UUID()
    responsible = fields.UUID()
    risk = fields.String(validate=_one_of("risk"))
    arrangement = fields.String(validate=_one_of("arrangement"))


class ChildSearch(Schema):
    """What somebody remembers of a child: name, pinyin, initials, telephone, village or class."""

    query = fields.String(required=True, validate=validate.Length(1, 60))
    after = fields.String(load_default=None, validate=validate.Length(max=500))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class ChildItem(Schema):
    """A child in a list. Fields that the role does not see are null and named in `masked`."""

    child = fields.String(required=True)
    name = fields.String(allow_none=True)
    sex = fields.String(allow_none=True)
    born = fields.String(allow_none=True)
    age = fields.Integer(allow_none=True)
    village = fields.String(allow_none=True)
    village_name = fields.String(allow_none=True)
    school = fields.String(allow_none=True)
    school_name = fields.String(allow_none=True)
    klass = fields.String(allow_none=True)
    class_name = fields.String(allow_none=True)
    grade = fields.Integer(allow_none=True)
    scope = fields.String()
    present = fields.Boolean()
    left_reason = fields.String(allow_none=True)
    arrangement = fields.String(allow_none=True)
    responsible = fields.String(allow_none=True)
    responsible_name = fields.String(allow_none=True)
    risks = fields.List(fields.String())
    because = fields.List(fields.Dict(), metadata={"description": "Why a search found the child."})
    masked = fields.List(fields.String())


class ChildDetails(ChildItem):
    """A child with its facts; the number in `version` stands in the ETag too."""

    version = fields.Integer(required=True)
    township_name = fields.String(allow_none=True)
    address = fields.String(allow_none=True)
    identity = fields.String(allow_none=True, metadata={"description": "All but its ends is hidden."})
    identity_missing = fields.String(allow_none=True)
    since = fields.String(allow_none=True)
    carer = fields.String(allow_none=True)
    contacts = fields.List(fields.Dict())


class ContactCard(ChildDetails):
    """Whom to call, in order, with their numbers. Every reading is recorded."""

    responsible_phone = fields.String(allow_none=True)


class NewContact(Schema):
    """A person on the contact card."""

    relation = fields.String(required=True, validate=_one_of("relation"))
    status = fields.String(validate=_one_of("status"))
    away = fields.Boolean()
    name = fields.String()
    phone = fields.String()
    other_phone = fields.String()
    occupation = fields.String()
    employer = fields.String()
    workplace = fields.String()
    employer_phone = fields.String()
    address = fields.String()
    age = fields.Integer()
    health = fields.String()


class NewChild(Schema):
    """A child to be registered. `legal_basis` says on what ground the data is kept."""

    legal_basis = fields.String(required=True, validate=_one_of("legal_basis"))
    name = fields.String(required=True, validate=validate.Length(1, 50))
    sex = fields.String(required=True, validate=_one_of("sex"))
    born = fields.Date(required=True)
    village = fields.UUID(required=True)
    scope = fields.String(validate=_one_of("scope"))
    school = fields.UUID()
    klass = fields.UUID()
    address = fields.String()
    identity_number = fields.String()
    identity_missing = fields.String(validate=_one_of("identity_missing"))
    contacts = fields.List(fields.Nested(NewContact))
    arrangement = fields.String(validate=_one_of("arrangement"))
    since = fields.Date()
    carer = fields.Integer()
    responsible = fields.UUID()
    different_from = fields.List(
        fields.UUID(), metadata={"description": "Children that were looked at and are others."}
    )


class Care(Schema):
    """Who looks after the child since a day; `carer` is a person on the contact card."""

    arrangement = fields.String(required=True, validate=_one_of("arrangement"))
    since = fields.Date(required=True)
    carer = fields.UUID()


class Contact(Schema):
    """A person to put on the card, or with `contact` to change there."""

    details = fields.Nested(NewContact, required=True)
    contact = fields.UUID()
    order = fields.Integer(validate=validate.Range(1, 20))


class Ordered(Schema):
    """What an order came to: the thing's id and version, and whether it had been done before under the same key."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    repeated = fields.Boolean(required=True)


class Happening(Schema):
    """Something that happened to the child, as codes and references."""

    id = fields.String(required=True)
    service = fields.String(required=True)
    type = fields.String(required=True)
    time = fields.String(required=True)
    happened_on = fields.String(allow_none=True)
    actor = fields.Dict()
    stream = fields.String()
    data = fields.Dict()
    sealed = fields.List(fields.String())


class TimelineQuery(PageQuery):
    """Whose part of the timeline: each service has its own, with its own pages."""

    service = fields.String(
        load_default="registry", validate=validate.OneOf(["registry", "alerts", "casework", "funding"], error="unknown")
    )


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """What a schema loaded, as it travels: ids and days as text."""
    return {name: _text(value) for name, value in given.items()}


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, list):
        return [_text(one) for one in value]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)


@children.get("/children", needs=_VIEW, query=ChildQuery, answers=page_of(ChildItem, "ChildItems"))
def listed(asked: dict[str, Any]) -> dict[str, Any]:
    """Children within reach, by the sound of their names."""
    return call("registry", "children", _plain(asked))


@children.post(
    "/children/searches", needs=_VIEW, takes=ChildSearch, answers=page_of(ChildItem, "FoundChildren"), asks=True
)
def search(given: dict[str, Any]) -> dict[str, Any]:
    """Search. A POST, so that names stay out of addresses and their logs."""
    return call("registry", "search_children", given)


@children.post("/children", needs="registry:child:register", takes=NewChild, answers=Ordered, status=201)
def register(given: dict[str, Any]) -> dict[str, Any]:
    """Register a child."""
    return command("registry", "register_child", _plain(given))


@children.get("/children/<uuid:child>", needs=_VIEW, answers=ChildDetails)
def show(child: str) -> dict[str, Any]:
    """One child."""
    return call("registry", "child", {"child": child})


@children.get("/children/<uuid:child>/contact-card", needs=_CARD, answers=ContactCard)
def card(child: str) -> dict[str, Any]:
    """The contact card. Reading it is recorded."""
    return call("registry", "contact_card", {"child": child})


@children.post("/children/<uuid:child>/contacts", needs="registry:contact_card:record", takes=Contact, answers=Ordered)
def record_contact(given: dict[str, Any], child: str) -> dict[str, Any]:
    """Put a person on the contact card, or change what it says."""
    return command("registry", "record_contact", {"child": child} | _plain(given))


@children.post(
    "/children/<uuid:child>/care-arrangement", needs="registry:care_arrangement:record", takes=Care, answers=Ordered
)
def arrange_care(given: dict[str, Any], child: str) -> dict[str, Any]:
    """Record who looks after the child."""
    return command("registry", "arrange_care", {"child": child} | _plain(given))


@children.get(
    "/children/<uuid:child>/timeline", needs=_VIEW, query=TimelineQuery, answers=page_of(Happening, "Happenings")
)
def timeline(asked: dict[str, Any], child: str) -> dict[str, Any]:
    """What happened to the child, the latest first, as one service tells it."""
    service = asked.pop("service")
    return call(service, "timeline", {"child": child} | asked)
