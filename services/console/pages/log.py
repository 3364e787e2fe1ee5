"""The log for auditors: how far each service's log has grown, its signed root, its entries, and every proof anew.

What of it is for everybody, and in the form of `tlog-tiles`, stands in `tiles`.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from services.console import codes as w
from services.console.context import here
from services.console.doors import call
from services.console.exports import file_answer
from services.console.pages.tiles import known
from services.console.port import ServiceUnavailable
from services.console.visits import needs
from shared.kernel.clock import SHANGHAI
from shared.kernel.refusals import Invalid, Refusal
from shared.ledger.receipts import MIMETYPE, SUFFIX

pages = Blueprint("log", __name__)
_PAGE = 50
_CHOICES = ("type", "person", "stream", "since", "until")


@pages.get("/log")
@needs("log:entry:view")
def show() -> str:
    """All logs with their checkpoints and who has cosigned them, side by side."""
    return render_template("log/show.html", logs=[_checkpoint(service) for service in w.SERVICES], w=w)


@pages.get("/log/<service>")
@needs("log:entry:view")
def entries(service: str) -> str:
    """A log's entries as they were written, the latest page first; personal parts stay closed."""
    known(service)
    chosen = _chosen()
    if chosen:
        return _those_chosen(service, chosen)
    wanted = request.args.get("from", "")
    first = int(wanted) if wanted.isdecimal() and len(wanted) < 18 else None
    if first is None:
        size = here().heads.sizes().get(service) or call(service, "log_entries", {"limit": 1})["size"]
        first = max(size - _PAGE, 0)
    asked: dict[str, Any] = {"limit": _PAGE} | ({"after": str(first - 1)} if first else {})
    found = call(service, "log_entries", asked)
    items = [one | {"head": _head(one["entry"])} for one in found["items"]]
    return render_template(
        "log/entries.html", service=service, items=items[::-1], size=found["size"], first=first, page=_PAGE, w=w,
        chosen={}, next=None,
    )  # fmt: skip


def _chosen() -> dict[str, str]:
    """What the address asks for of a log: references and days, never a name."""
    given = {name: request.args.get(name, "").strip() for name in _CHOICES}
    return {name: value for name, value in given.items() if value}


def _those_chosen(service: str, chosen: dict[str, str]) -> str:
    """The entries that were chosen, the latest first."""
    asked: dict[str, Any] = {name: chosen[name] for name in ("type", "person", "stream") if name in chosen}
    for name, days in (("since", 0), ("until", 1)):
        if name in chosen:
            asked[name] = _begin_of(chosen[name], name, days).isoformat()
    if request.args.get("after"):
        asked["after"] = request.args["after"]
    found = call(service, "log_entries", asked | {"limit": _PAGE, "latest": True})
    items = [one | {"head": _head(one["entry"])} for one in found["items"]]
    return render_template(
        "log/entries.html", service=service, items=items, size=found["size"], first=0, page=_PAGE, w=w, chosen=chosen,
        next=found["next"],
    )  # fmt: skip


def _begin_of(day: str, name: str, later: int) -> datetime:
    """The first moment of a day in Shanghai, or of one later. Raises Invalid."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=later), time(), SHANGHAI)
    except (ValueError, OverflowError) as error:
        raise Invalid({name: ["not_a_day"]}) from error


@pages.get("/log/<service>/verification")
@needs("log:entry:view")
def verify(service: str) -> str:
    """Every proof of a log checked now. It only asks: reloading checks again."""
    known(service)
    report = call(service, "log_verify", timeout=60.0)
    return render_template("log/report.html", service=service, report=report, w=w)


@pages.get("/log/<service>/receipts/<uuid:event>")
@needs("log:entry:view")
def receipt(service: str, event: UUID) -> Response:
    """The receipt of an event as a file: it proves by itself where the event stands in the signed log."""
    known(service)
    found = call(service, "log_receipt", {"event": str(event)})
    return file_answer(found["receipt"].encode(), MIMETYPE, f"{service}-{found['position']}{SUFFIX}")


def _checkpoint(service: str) -> dict[str, Any]:
    """What a log's card shows: size and root out of the note, its witnesses, or that the service cannot be reached."""
    try:
        found = call(service, "log_standing", timeout=5.0)
    except (ServiceUnavailable, Refusal):
        return {"service": service, "reached": False}
    size, root = _read(found["note"])
    grown = here().heads.sizes().get(service, size)
    return found | {"service": service, "reached": True, "size": size, "grown": grown, "root": root}


def _read(note: str | None) -> tuple[int | None, str | None]:
    """Size and root in hex of a note, whose second and third lines they are (C2SP tlog-checkpoint)."""
    lines = (note or "").splitlines()
    try:
        return int(lines[1]), base64.b64decode(lines[2], validate=True).hex()
    except (IndexError, ValueError, binascii.Error):
        return None, None


def _head(entry: str) -> dict[str, Any]:
    """Id, type, time and stream of an entry, for the line above it."""
    try:
        read = json.loads(entry)
    except ValueError:
        return {}
    return {name: read.get(name) for name in ("id", "type", "time", "stream")}
