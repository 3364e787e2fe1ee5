"""What programs say in headers and queries, in one place: order ids, expected versions, pages."""

from __future__ import annotations

from typing import Any

from flask import g, request
from marshmallow import Schema, fields, validate

from services.console.visits import the_visit
from shared.kernel.ids import derived_id, is_id
from shared.kernel.refusals import Refusal

LARGEST_PAGE = 200
_LONGEST_KEY = 200


def note_command_id() -> None:
    """Take the `Idempotency-Key` as the order's id: a UUID as it is, anything else bound to the account.

    Raises `console.key_missing` or `console.key_malformed`.
    """
    key = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if not key:
        raise Refusal("console.key_missing")
    if len(key) > _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Refusal("console.key_malformed")
    lowered = key.lower()
    g.command_id = lowered if is_id(lowered) else derived_id(the_visit().session.account, key)


def note_expected_version() -> None:
    """Take `If-Match` as the version that the order was decided on. Raises `console.if_match_malformed`."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return
    version = given.strip().removeprefix("W/").strip('"')
    if not version.isdecimal() or len(version) > 9:
        raise Refusal("console.if_match_malformed")
    g.expected_version = int(version)


def etag(version: int) -> str:
    """The ETag of a thing at a version."""
    return f'"{version}"'


class PageQuery(Schema):
    """Which page of a list: after the cursor `after`, as an earlier answer gave it in `next`; at most `limit` items."""

    after = fields.String(load_default=None, validate=validate.Length(max=500))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """The schema of a page of items: `items`, and `next`, the cursor of the page that follows or null."""
    page: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    return type(name, (Schema,), page)
