"""`/events`: what happened to which thing, for programs that act on it, and nothing of what was said.

A program shows the cursor of its last answer and is told what came since, of what lies within its reader's reach; then
it asks the thing's own resource, which shows what that reader may see.
"""

from __future__ import annotations

import re
import time
from typing import Any

from marshmallow import Schema, fields, validate

from services.console.api.requests import LARGEST_PAGE
from services.console.api.resources import Resources
from services.console.codes import SERVICES
from services.console.context import here
from services.console.doors import call
from services.console.port import OutcomeUnknown, ServiceUnavailable
from shared.kernel.refusals import Invalid

events = Resources("events", "What has happened since a program last asked")
LONGEST = 20
"""Seconds that an answer may be waited for: below what proxies allow."""
_BREATH = 1.0
"""Seconds between two looks while it waits: logs may grow many times a second."""
_PLACE = re.compile(r"([a-z]+):(\d{1,18})")


class EventsQuery(Schema):
    """News behind `after`, of one service or of all; `wait` seconds for the first one.

    `after` is the `next` of the answer before, or a position of each log that is asked for (-1, the default: from the
    beginning).
    """

    service = fields.String(load_default=None, validate=validate.OneOf(list(SERVICES)))
    after = fields.String(load_default="-1", validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))
    wait = fields.Integer(load_default=0, validate=validate.Range(0, LONGEST))


class Happened(Schema):
    """Something happened to `subject`, a thing of the `kind`, whose version it then was. `children` it touches.

    `position` counts the entries of the service's log from 0.
    """

    service = fields.String(required=True)
    position = fields.Integer(required=True)
    type = fields.String(required=True)
    kind = fields.String(required=True)
    subject = fields.String(required=True)
    version = fields.Integer(required=True)
    children = fields.List(fields.String(), required=True)
    time = fields.String(required=True)


class Events(Schema):
    """What happened, service by service, oldest first, at most `limit` of each.

    `next` is the cursor to go on with. With `more`, ask on at once. `heads` is the size of each log as last heard.
    `unheard` names the services that did not answer; their part of the cursor stands still, so that nothing is missed.
    """

    items = fields.List(fields.Nested(Happened), required=True)
    next = fields.String(required=True)
    more = fields.Boolean(required=True)
    heads = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    unheard = fields.List(fields.String(), required=True)


@events.get("/events", needs="log:news:follow", query=EventsQuery, answers=Events)
def since(query: dict[str, Any]) -> dict[str, Any]:
    """What happened since, within reach. With `wait` the answer comes as soon as there is something, or empty."""
    heads, limit = here().heads, query["limit"]
    known = heads.sizes()
    answer = _told(_places(query), limit)
    if not query["wait"] or _worth_telling(answer) or not heads.take_place():
        return answer
    ends = time.monotonic() + query["wait"]
    try:
        while not _worth_telling(answer) and (left := ends - time.monotonic()) > 0 and not heads.closed:
            if heads.wait(known, left):
                known = heads.sizes()
                answer = _told(_read(answer["next"]), limit)
                if not _worth_telling(answer):
                    # Grown beyond this reader's reach: whoever writes many a second is not asked as often.
                    heads.wait(known, min(_BREATH, max(0.0, ends - time.monotonic())))
    finally:
        heads.give_place()
    return answer


def _worth_telling(answer: dict[str, Any]) -> bool:
    return bool(answer["items"] or answer["more"] or answer["unheard"])


def _told(places: dict[str, int], limit: int) -> dict[str, Any]:
    """The news of each service behind its place. Raises ServiceUnavailable where the only one does not answer."""
    items: list[dict[str, Any]] = []
    unheard: list[str] = []
    more, behind = False, dict(places)
    for service, place in sorted(places.items()):
        try:
            found = call(service, "log_news", {"after": place, "limit": limit})
        except (ServiceUnavailable, OutcomeUnknown):
            if len(places) == 1:
                raise
            unheard.append(service)
            continue
        items += [{"service": service, **one} for one in found["items"]]
        behind[service] = found["next"]
        more = more or found["next"] < found["size"] - 1
    sizes = here().heads.sizes()
    return {
        "items": items,
        "next": ",".join(f"{service}:{place + 1}" for service, place in sorted(behind.items())),
        "more": more,
        "heads": {service: sizes[service] for service in behind if service in sizes},
        "unheard": unheard,
    }


def _places(query: dict[str, Any]) -> dict[str, int]:
    """Service → the position behind which it is asked. Raises Invalid."""
    asked, after = query["service"], query["after"].strip()
    if re.fullmatch(r"-1|\d{1,18}", after):
        return dict.fromkeys([asked] if asked else sorted(SERVICES), int(after))
    places = _read(after)
    if asked:
        return {asked: places.get(asked, -1)}
    return dict.fromkeys(sorted(SERVICES), -1) | places


def _read(cursor: str) -> dict[str, int]:
    """A cursor says how many entries of each log have been looked at."""
    places: dict[str, int] = {}
    for part in cursor.split(","):
        place = _PLACE.fullmatch(part)
        if place is None or place[1] not in SERVICES:
            raise Invalid({"after": ["not_a_cursor"]})
        places[place[1]] = int(place[2]) - 1
    return places
