"""Shapes that several resources answer with."""

from __future__ import annotations

from marshmallow import Schema, fields


class Done(Schema):
    """An order that was accepted: what it is about, its new version, and whether it had been accepted before."""

    id = fields.String(required=True)
    version = fields.Integer(required=True)
    repeated = fields.Boolean(required=True)
