"""A child's page, and its contact card on paper."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from services.console.context import here
from services.console.doors import call
from services.console.navigation import open_to_reader
from services.console.pages.children.room import if_answered, pages
from services.console.pages.children.telling import KIND_WORDS, KINDS, SOURCES, kinds, timeline
from services.console.visits import may, needs
from services.console.words import _

_CARD = "registry:contact_card:view"
_MOST_ALERTS = 200


@pages.get("/children/<uuid:child>")
@needs("registry:child:view")
def show(child: UUID) -> str:
    """Whom to call, who answers for the child, what is wrong, what is open, what happened."""
    wanted = str(child)
    facts = call("registry", "child", {"child": wanted})
    card = if_answered("registry", "contact_card", {"child": wanted}, needs=_CARD)
    people = {one["contact"]: one.get("name") for one in (card or facts)["contacts"]}
    only = request.args.get("only") if request.args.get("only") in KINDS else None
    after = request.args.get("after")
    told, following, silent = timeline(wanted, only, people, after)
    board = if_answered("alerts", "board", {"limit": _MOST_ALERTS}, needs="alerts:alert:view")
    cases = if_answered("casework", "cases", {"child": wanted, "limit": 50}, needs="casework:case:view")
    return render_template(
        "children/show.html",
        child=facts,
        card=card,
        carer=people.get(facts["carer"] or ""),
        alerts=[one for one in board["items"] if one["child"] == wanted] if board else None,
        cases=cases["items"] if cases else None,
        told=told,
        silent=[service for service in silent if may(SOURCES[service])],
        only=only,
        kinds=[(one, _(KIND_WORDS[one])) for one in kinds()],
        after=after,
        following=following,
        link=_link,
    )


@pages.get("/children/<uuid:child>/card")
@needs(_CARD)
def card(child: UUID) -> str:
    """The contact card for the wall or the folder: A4, with room for seal, signature and thumbprint.

    Its foot says how far each log had grown and what its root was, so that the paper can be held against the logs.
    """
    wanted = str(child)
    facts = call("registry", "contact_card", {"child": wanted})
    return render_template(
        "children/card.html",
        card=facts,
        serial=f"{wanted[-8:].upper()}-{facts['version']}",
        now=here().clock.now(),
        logs=[one for service in SOURCES if (one := _root(service)) is not None],
    )


def _root(service: str) -> dict[str, str] | None:
    """Size and root of a service's log, from the first three lines of its signed note (origin, size, root)."""
    answer = if_answered(service, "checkpoint", {})
    lines = str((answer or {}).get("note") or "").splitlines()
    return {"service": service, "size": lines[1], "root": lines[2]} if len(lines) > 2 else None


def _link(endpoint: str, **named: Any) -> str | None:
    """The address of another room's page, if that room is built and open to the reader."""
    return url_for(endpoint, **named) if open_to_reader(endpoint) else None
