"""Commands and questions about rosters. Files travel in base64, at most ten million bytes in a message."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import ValidationError, fields, validate

from services.registry.domain import commands
from services.registry.domain.codes import LegalBasis
from shared.access.schemas import Command, Id, Paged, Query

MOST_BYTES = 10_000_000
"""The most bytes of a file, or of a part of one, in a message."""
MOST_PARTS = 6
MOST_ROWS_SHOWN = 300
"""The most rows with something to say that a page of a dry run shows; its counts are of all."""
_KEY = validate.Regexp(r"^[0-9a-f]{32}$", error="layout_key")
_GROUPS = validate.OneOf(["refused", "duplicate", "notice"], error="unknown")


def _group() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=_GROUPS)


class Content(fields.String):
    """Bytes in base64, at most ten million of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:  # type: ignore[override]
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > (MOST_BYTES + 2) // 3 * 4:
            raise ValidationError("too_large")
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError("not_base64") from error


class Mapping(fields.Dict):
    """Column (from 1) → field."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            keys=fields.Integer(validate=validate.Range(1, 256, error="range")),
            values=fields.String(validate=validate.Regexp(r"^[a-z_.]{1,40}$", error="field")),
            validate=validate.Length(1, 256, error="length"),
            **kwargs,
        )


class UploadRoster(Command):
    """Keep a roster file, or a part of it, until it is imported. Further parts name the upload of the first."""

    makes = commands.UploadRoster
    content = Content(required=True)
    upload = Id(load_default=None, allow_none=True)
    part = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, MOST_PARTS, error="range"))
    parts = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, MOST_PARTS, error="range"))


class PreviewRoster(Query):
    """A dry run on an uploaded file (`upload`) or on bytes (`content`). `mappings`: layout key → column → field."""

    upload = Id(load_default=None, allow_none=True)
    content = Content(load_default=None, allow_none=True)
    school = Id(load_default=None, allow_none=True)
    mappings = fields.Dict(keys=fields.String(validate=_KEY), values=Mapping(), load_default=dict)
    show = _group()
    after = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=MOST_ROWS_SHOWN, strict=True, validate=validate.Range(1, MOST_ROWS_SHOWN))


class ConfirmMapping(Command):
    """Remember which column holds which field, for all sheets with the same headings."""

    makes = commands.ConfirmMapping
    key = fields.String(required=True, validate=_KEY)
    mapping = Mapping(required=True)


class StartImport(Command):
    """Start an import. On what ground the children's data is kept must be said."""

    makes = None
    upload = Id(required=True)
    legal_basis = fields.String(
        required=True, validate=validate.OneOf([str(one) for one in LegalBasis], error="legal_basis")
    )
    school = Id(load_default=None, allow_none=True)

    def load(self, data: Any, **kwargs: Any) -> commands.StartImport:
        """The command; the legal basis is part of it, because each chunk is recorded on it."""
        loaded = super().load(data, **kwargs)
        return commands.StartImport(**loaded, legal_basis=LegalBasis(data["legal_basis"]))


class ImportChunk(Command):
    """Import the next chunk, or that of a number."""

    makes = commands.ImportChunk
    roster = Id(required=True)
    chunk = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 100_000))


class AbandonImport(Command):
    """Give an import up."""

    makes = commands.AbandonImport
    roster = Id(required=True)


class OneImport(Query):
    """An import."""

    roster = Id(required=True)


class ImportResult(Paged):
    """What became of the rows of an import, chunk by chunk, or those of one group (`show`)."""

    roster = Id(required=True)
    show = _group()


class Imports(Paged):
    """The reader's own imports."""
