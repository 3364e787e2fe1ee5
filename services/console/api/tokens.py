"""`POST /tokens`: a program signs in with an account and gets a bearer token."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, fields, validate

from services.console.accounts.sessions import PROGRAM
from services.console.api.resources import Resources
from services.console.context import here
from services.console.visits import PUBLIC, the_visit
from shared.kernel.refusals import Refusal
from shared.storage.columns import instant_text

tokens = Resources("tokens", "Signing in: a token for a program")


class Credentials(Schema):
    """An account and its password; `role` picks one of the roles that the person holds."""

    account = fields.String(required=True, validate=validate.Length(1, 200))
    password = fields.String(required=True, validate=validate.Length(1, 1000), load_only=True)
    role = fields.String(load_default=None, validate=validate.Length(1, 64))


class Token(Schema):
    """A bearer token and the moment (UTC) when it ends."""

    token = fields.String(required=True)
    expires_at = fields.String(required=True)


class Me(Schema):
    """Who the token belongs to, and the role acted in."""

    account = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    role = fields.String(required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)


@tokens.post("/tokens", takes=Credentials, answers=Token, needs=PUBLIC, status=201, asks=True)
def make(given: dict[str, Any]) -> dict[str, Any]:
    """Sign in. The token holds for twelve hours, or until the account is closed or its password changed."""
    accounts = here().accounts
    secret, until = accounts.sign_in(given["account"], given["password"], request.remote_addr or "", kind=PROGRAM)
    if given["role"] is not None:
        _act_as(secret, given["role"])
    return {"token": secret, "expires_at": instant_text(until)}


def _act_as(secret: str, role: str) -> None:
    """Let the new token act in a role, or end it: a token that nobody was given stays with nobody."""
    accounts = here().accounts
    session = accounts.session(secret, PROGRAM)
    if session is None:
        raise Refusal("console.not_signed_in")
    try:
        if role not in here().people.of(session).roles:
            raise Refusal("console.role_not_held")
    except Exception:
        accounts.sign_out(session.id)
        raise
    accounts.act_as(session, role)


@tokens.get("/me", answers=Me)
def me() -> dict[str, Any]:
    """Who is asking."""
    present = the_visit()
    return {
        "account": present.session.login,
        "name": present.person.name,
        "role": present.role,
        "roles": list(present.person.roles),
    }
