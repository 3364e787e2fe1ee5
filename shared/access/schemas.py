"""The ground that every service's schemas stand on.

Commands come in as dataclasses; fields of answers have classes and are masked on the way out.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields, post_load, validate

from shared.access.roles import FieldClass
from shared.kernel.ids import is_id


class Id(fields.String):
    """A reference: a UUID in its canonical form."""

    default_error_messages = {"invalid": "not_an_id"}  # noqa: RUF012 - as marshmallow declares it

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not is_id(value):
            raise self.make_error("invalid")
        return str(value)


class Line(fields.String):
    """One line of text that somebody typed: trimmed, bounded, without control characters."""

    def __init__(self, *, most: int = 200, least: int = 1, **kwargs: Any) -> None:
        super().__init__(
            validate=[
                validate.Length(least, most, error="length"),
                validate.Regexp(r"^[^\x00-\x1f\x7f]*$", error="control"),
            ],
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(value, attr, data, **kwargs)).strip()


class Prose(fields.String):
    """Text of several lines: trimmed, bounded."""

    def __init__(self, *, most: int = 10_000, least: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(least, most, error="length"), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return str(super()._deserialize(value, attr, data, **kwargs)).strip()


class Fen(fields.Integer):
    """An amount in fen, more than nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(1, 10**13, error="range"), **kwargs)


class Command(Schema):
    """A command as it comes in: unknown fields are refused, and the data becomes the domain's command (`makes`).

    Any command may say when it happened (a day in Asia/Shanghai) and its legal basis.
    """

    class Meta:
        """Nothing unknown comes in."""

        unknown = RAISE

    makes: ClassVar[type | None] = None
    happened_on = fields.Date(load_default=None)
    legal_basis = fields.String(
        load_default=None,
        validate=validate.OneOf(["consent", "guardian_consent", "statutory_duty", "emergency", "public_interest"]),
    )

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        data.pop("happened_on", None)
        data.pop("legal_basis", None)
        return data if self.makes is None else self.makes(**data)


class Query(Schema):
    """A query as it comes in, as a dictionary. Lists are paged: `after` is the cursor of the last answer."""

    class Meta:
        """Nothing unknown comes in."""

        unknown = RAISE


class Paged(Query):
    """A query whose answer is `{"items": […], "next": cursor or null}`."""

    after = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(1, 200))


class AsOf(Query):
    """A thing as it stood: what was known at a moment (now, where none is said), and of that what was true on a day.

    With `history` the answer tells each change of each field up to then.
    """

    known_at = fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    true_at = fields.Date(load_default=None, allow_none=True)
    history = fields.Boolean(load_default=False)


def kept(kind: FieldClass) -> dict[str, FieldClass]:
    """Metadata for a field that not every role sees: `fields.String(metadata=kept(FieldClass.CONTACT))`."""
    return {"class": kind}


class View(Schema):
    """An answer. `View().shown(row, principal.sees)` leaves out nothing but masks what the role does not see as None,
    and names the masked fields under `masked`, so that a page can say so."""

    def shown(self, row: Any, sees: frozenset[FieldClass]) -> dict[str, Any]:
        """One row as the reader may see it."""
        data: dict[str, Any] = self.dump(row)
        hidden = sorted(
            name
            for name, one in self.dump_fields.items()
            if one.metadata.get("class", FieldClass.PUBLIC) not in sees and name in data
        )
        for name in hidden:
            data[name] = None
        return {**data, "masked": hidden} if hidden else data
