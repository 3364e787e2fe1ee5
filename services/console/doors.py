"""Asking the services from inside a request: as the person who is signed in, in the role acted in, in their language.

    call("registry", "child", {"child": child})                 a question
    command("casework", "close_case", {"case": case, …})        an order, sent once however often the form arrives

Both raise Refusal, ServiceUnavailable and OutcomeUnknown; a page that does nothing about them gets the page for it.
"""

from __future__ import annotations

from typing import Any

from flask import g

from services.console.context import here
from services.console.visits import the_visit
from services.console.words import language
from shared.kernel.ids import derived_id, new_id
from shared.kernel.refusals import Refusal


def call(service: str, door: str, data: dict[str, Any] | None = None, *, timeout: float = 10.0) -> dict[str, Any]:
    """The answer of a door to a question. `timeout` is in seconds."""
    answer: dict[str, Any] = here().client.call(
        service, door, data or {}, token=_token(), language=language(), correlation=g.request_id, timeout=timeout
    )
    return answer


def command(
    service: str,
    door: str,
    data: dict[str, Any] | None = None,
    *,
    expected_version: int | None = None,
    step: str | None = None,
    timeout: float = 10.0,
) -> dict[str, Any]:
    """The answer of a door to an order.

    Its command id is the form's, or the request's `Idempotency-Key`. A request that orders several things names each
    `step`, from which an id of its own is derived. `expected_version` defaults to that of the form or of `If-Match`.
    """
    command_id = command_id_of_request()
    answer: dict[str, Any] = here().client.call(
        service,
        door,
        data or {},
        token=_token(),
        command_id=derived_id(command_id, step) if step else command_id,
        expected_version=g.get("expected_version") if expected_version is None else expected_version,
        language=language(),
        correlation=g.request_id,
        timeout=timeout,
    )
    return answer


def command_id_of_request() -> str:
    """The id under which this request orders: it was checked on arrival; without one a new id is made, once."""
    if "command_id" not in g:
        g.command_id = new_id(here().clock.now())
    return str(g.command_id)


def _token() -> str:
    visit = the_visit()
    if visit.role is None:
        raise Refusal("console.no_role")
    return here().signer.issue(visit.person.staff, visit.session.account, visit.session.id[:32], visit.role)
