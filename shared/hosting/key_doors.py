"""The doors through which the terminal has a service's keys wrapped anew. All services have them alike."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shared.access.doors import query
from shared.access.permissions import Permission
from shared.access.principals import Call
from shared.access.schemas import Query
from shared.hosting import keys
from shared.hosting.entrypoints import rpc
from shared.kernel.messages import PURPOSES
from shared.vault.rewrapping import MOST

Asked = Call[dict[str, Any]]


class AllKeys(Query):
    """A question that needs no words."""


class OneKek(Query):
    """A key-encryption key: its purpose, and its id."""

    purpose = fields.String(required=True, validate=validate.OneOf(sorted(PURPOSES)))
    kek = fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-z]{1,16}\Z"))


class SomeKeys(OneKek):
    """Some keys of a purpose, after the place (`after`) that the step before gave as `next`."""

    after = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=120))
    limit = fields.Integer(load_default=500, strict=True, validate=validate.Range(1, MOST))


class KeyDoors:
    """Doors about what wraps a service's keys."""

    rooms: Any

    @rpc
    @query(AllKeys, Permission.KEYS_ROTATE)
    def keys_status(self, call: Asked) -> dict[str, Any]:
        """The key-encryption keys that are held here, and how many keys each wraps."""
        return keys.status(self.rooms, call)

    @rpc
    @query(SomeKeys, Permission.KEYS_ROTATE)
    def rewrap_keys(self, call: Asked) -> dict[str, Any]:
        """Wrap some keys of a purpose anew by its newest key-encryption key: how many, and where to go on."""
        return keys.rewrap(self.rooms, call)

    @rpc
    @query(OneKek, Permission.KEYS_ROTATE)
    def retire_kek(self, call: Asked) -> dict[str, Any]:
        """Let nothing more be wrapped here by an old key-encryption key. Refused while something is."""
        return keys.retire(self.rooms, call)
