"""One timeline out of those of all services: the latest first, page by page, with a cursor that spans them.

Each service pages its own timeline by an opaque cursor. The cursor made here says, for each service, in which of its
pages the last entry shown stands and which it was: what is recorded meanwhile neither repeats nor hides an entry.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from shared.kernel.ids import is_id
from shared.kernel.refusals import Refusal

PAGE = 50
"""Entries on a page, and in what one service is asked for at once."""
MOST_PAGES = 8
"""The most that one service is asked for one page of ours: where a filter lets little through, the cursor goes on."""
Item = dict[str, Any]
Ask = Callable[[str, str | None, int], dict[str, Any] | None]
"""(service, its cursor, limit) → its page, or None where it cannot be asked."""
Place = tuple[str | None, str | None]
"""A service's cursor, and the entry of that page that was shown last."""


@dataclass(slots=True)
class Merged:
    """A page: its entries, the cursor of the next or None, and the services that could not be asked."""

    items: list[Item]
    next: str | None
    silent: list[str]


@dataclass(slots=True)
class _Source:
    """One service's timeline from a place on."""

    service: str
    place: Place
    ask: Ask
    wanted: Callable[[Item], bool]
    silent: bool = False
    ended: bool = False
    rest: Place | None = None
    pages: int = field(default=0)

    def entries(self) -> Iterator[tuple[float, Place, str, Item]]:
        """(minus its time, its place, the service, the entry), the latest first."""
        after, shown = self.place
        while self.pages < MOST_PAGES:
            self.pages += 1
            answer = self.ask(self.service, after, PAGE)
            if answer is None:
                self.silent = True
                return
            items = answer["items"]
            ids = [one["id"] for one in items]
            if shown in ids:
                items, shown = items[ids.index(shown) + 1 :], None
            elif shown is not None and answer["next"]:
                items = []  # it has moved to a later page by what was recorded since
            for one in items:
                if self.wanted(one):
                    yield -datetime.fromisoformat(one["time"]).timestamp(), (after, one["id"]), self.service, one
            if answer["next"] is None:
                self.ended = True
                return
            after = answer["next"]
        self.rest = (after, shown)


def merged(services: list[str], ask: Ask, wanted: Callable[[Item], bool], cursor: str | None) -> Merged:
    """The page behind a cursor. Raises `console.cursor_malformed` for one that is not ours."""
    start: Place = (None, None)
    places = read_cursor(cursor) if cursor else dict.fromkeys(services, start)
    sources = {name: _Source(name, places[name], ask, wanted) for name in services if name in places}
    flow = heapq.merge(*(one.entries() for one in sources.values()), key=lambda entry: entry[0])
    taken = list(islice(flow, PAGE))
    behind = next(flow, None)
    places |= {service: place for _time, place, service, _item in taken}
    left = {name: _place_left(one, places[name], more=behind is not None) for name, one in sources.items()}
    going_on = {name: place for name, place in left.items() if place is not None}
    more = behind is not None or any(one.rest is not None for one in sources.values())
    return Merged(
        items=[item for _time, _place, _service, item in taken],
        next=make_cursor(going_on) if more and going_on else None,
        silent=[name for name, one in sources.items() if one.silent],
    )


def make_cursor(places: dict[str, Place]) -> str:
    """Places as text for an address; it holds references only."""
    return base64.urlsafe_b64encode(json.dumps(places, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str) -> dict[str, Place]:
    """The places in a cursor."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        places = {str(name): (after, shown) for name, (after, shown) in raw.items()}
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise Refusal("console.cursor_malformed") from error
    for after, shown in places.values():
        if not (after is None or (isinstance(after, str) and len(after) <= 200)):
            raise Refusal("console.cursor_malformed")
        if not (shown is None or (isinstance(shown, str) and is_id(shown))):
            raise Refusal("console.cursor_malformed")
    return places


def _place_left(source: _Source, place: Place, *, more: bool) -> Place | None:
    """Where a service's timeline goes on; None where all of it was shown."""
    if source.rest is not None and not more:
        return source.rest
    return None if source.ended and not more else place
