"""`/staff` and `/grants`: who works here, in which roles, and where each holds."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.answers import Done
from services.console.api.requests import PageQuery, page_of
from services.console.api.resources import Resources
from services.console.codes import CODES
from services.console.doors import call, command
from services.console.roles import ROLES

staff = Resources("staff", "Staff and the roles they hold")
_VIEW, _GRANT = "registry:staff:view", "registry:role:grant"
_ROLE = validate.OneOf(list(ROLES), error="unknown")


class StaffQuery(PageQuery):
    """Staff who hold a role, or one in a division or under it. Names are searched for by POST."""

    role = fields.String(validate=_ROLE)
    division = fields.UUID()


class StaffSearch(StaffQuery):
    """Staff by a part of the name."""

    query = fields.String(required=True, validate=validate.Length(1, 60))


class Grant(Schema):
    """A role in force: in a division with what lies under it, at a place, or for the children assigned."""

    id = fields.String(required=True)
    staff = fields.String()
    staff_name = fields.String(allow_none=True)
    role = fields.String(required=True)
    scope = fields.String(required=True)
    division = fields.String(allow_none=True)
    place = fields.String(allow_none=True)
    where = fields.String(allow_none=True, metadata={"description": "The name of the division or place."})


class StaffItem(Schema):
    """A member of staff or a volunteer. What the role does not see is null and named in `masked`."""

    staff = fields.String(required=True)
    name = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    roles = fields.List(fields.String(), required=True)
    grants = fields.List(fields.Nested(Grant))
    masked = fields.List(fields.String())


class StaffIn(Schema):
    """Somebody to register."""

    name = fields.String(required=True, validate=validate.Length(1, 50))
    phone = fields.String(load_default=None, allow_none=True)


class GrantIn(Schema):
    """A role to grant. `division` or `place` says where, as `scope` asks for."""

    role = fields.String(required=True, validate=_ROLE)
    scope = fields.String(required=True, validate=validate.OneOf(list(CODES["grant_scope"]), error="unknown"))
    division = fields.UUID()
    place = fields.UUID()


class GrantQuery(Schema):
    """Grants in force of a member of staff, in a division, at a place."""

    staff = fields.UUID()
    division = fields.UUID()
    place = fields.UUID()


@staff.get("/staff", needs=_VIEW, query=StaffQuery, answers=page_of(StaffItem, "StaffItems"))
def listed(asked: dict[str, Any]) -> dict[str, Any]:
    """Staff in the order of being registered."""
    return call("registry", "staff", _plain(asked))


@staff.post("/staff/searches", needs=_VIEW, takes=StaffSearch, answers=page_of(StaffItem, "FoundStaff"), asks=True)
def search(given: dict[str, Any]) -> dict[str, Any]:
    """Search. A POST, so that names stay out of addresses and their logs."""
    return call("registry", "staff", _plain(given))


@staff.post("/staff", needs="registry:staff:register", takes=StaffIn, answers=Done, status=201)
def register(given: dict[str, Any]) -> dict[str, Any]:
    """Register a member of staff or a volunteer."""
    return command("registry", "register_staff", given)


@staff.get("/staff/<uuid:member>", needs=_VIEW, answers=StaffItem)
def show(member: str) -> dict[str, Any]:
    """One member of staff with the roles in force."""
    return call("registry", "staff_member", {"staff": member})


@staff.post("/staff/<uuid:member>/grants", needs=_GRANT, takes=GrantIn, answers=Done, status=201)
def grant(given: dict[str, Any], member: str) -> dict[str, Any]:
    """Grant a role."""
    return command("registry", "grant_role", {"staff": member} | _plain(given))


@staff.post("/staff/<uuid:member>/grants/<uuid:grant>/end", needs=_GRANT, answers=Done)
def end_grant(member: str, grant: str) -> dict[str, Any]:
    """End a role."""
    return command("registry", "end_grant", {"staff": member, "grant": grant})


@staff.get("/grants", needs=_VIEW, query=GrantQuery, answers=page_of(Grant, "Grants"))
def grants(asked: dict[str, Any]) -> dict[str, Any]:
    """Roles in force."""
    return call("registry", "grants", _plain(asked))


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) or value is None else str(value) for name, value in given.items()}
