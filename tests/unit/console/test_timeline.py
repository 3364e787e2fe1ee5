"""The timeline of a child: all services in one order, page by page, nothing twice and nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.console.pages.children import merging
from services.console.pages.children.merging import merged, read_cursor
from services.console.pages.children.telling import KIND_WORDS, KINDS, TYPES
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal

START = datetime(2026, 11, 1, tzinfo=UTC)


class Services:
    """Timelines that page by position, as the doors do; the latest first."""

    def __init__(self, **counts: int) -> None:
        self.entries = {
            name: [self.entry(name, place, len(counts)) for place in range(count)] for name, count in counts.items()
        }
        self.away: set[str] = set()
        self.asked: list[tuple[str, str | None]] = []

    def entry(self, service: str, place: int, spread: int) -> dict[str, Any]:
        at = START + timedelta(minutes=place * spread)
        return {"id": new_id(at), "type": f"{service}.{'odd' if place % 2 else 'even'}", "time": at.isoformat()}

    def ask(self, service: str, after: str | None, limit: int) -> dict[str, Any] | None:
        self.asked.append((service, after))
        if service in self.away:
            return None
        entries = list(enumerate(self.entries[service]))[::-1]
        behind = [(place, one) for place, one in entries if after is None or place < int(after)]
        page = behind[:limit]
        return {"items": [one for _place, one in page], "next": str(page[-1][0]) if len(behind) > limit else None}

    def all(self) -> list[str]:
        entries = [one for some in self.entries.values() for one in some]
        return [one["id"] for one in sorted(entries, key=lambda one: one["time"], reverse=True)]


def everything(_item: dict[str, Any]) -> bool:
    return True


def read_through(services: Services, wanted: Any = everything) -> list[str]:
    seen: list[str] = []
    cursor: str | None = None
    for _page in range(100):
        page = merged(list(services.entries), services.ask, wanted, cursor)
        assert len(page.items) <= merging.PAGE
        seen += [one["id"] for one in page.items]
        cursor = page.next
        if cursor is None:
            return seen
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize(
    "counts",
    [
        {},
        {"registry": 1},
        {"registry": 50},
        {"registry": 51},
        {"registry": 230, "alerts": 7},
        {"registry": 120, "alerts": 120, "casework": 3, "funding": 77},
    ],
)
def test_all_pages_together_tell_everything_once_the_latest_first(counts: dict[str, int]) -> None:
    services = Services(**counts)
    seen = read_through(services)
    assert sorted(seen) == sorted(services.all())
    times = {one["id"]: one["time"] for some in services.entries.values() for one in some}
    assert [times[one] for one in seen] == sorted(times.values(), reverse=True)


def test_what_is_recorded_meanwhile_neither_repeats_nor_hides_an_entry() -> None:
    services = Services(registry=90, alerts=90)
    before = services.all()
    first = merged(["registry", "alerts"], services.ask, everything, None)
    services.entries["registry"] += [services.entry("registry", 90 + more, 2) for more in range(60)]

    seen, cursor = [one["id"] for one in first.items], first.next
    while cursor is not None:
        page = merged(["registry", "alerts"], services.ask, everything, cursor)
        seen, cursor = [*seen, *(one["id"] for one in page.items)], page.next

    assert sorted(seen) == sorted(before)


def test_a_filter_that_lets_little_through_asks_a_bounded_number_of_times_and_goes_on() -> None:
    services = Services(registry=1000)
    rare = services.entries["registry"][3]["id"]

    first = merged(["registry"], services.ask, lambda one: one["id"] == rare, None)
    assert (first.items, len(services.asked)) == ([], merging.MOST_PAGES)
    assert first.next is not None
    assert read_through(services, lambda one: one["id"] == rare) == [rare]


def test_a_service_that_cannot_be_asked_is_named_and_takes_nothing_else_along() -> None:
    services = Services(registry=5, alerts=5)
    services.away.add("alerts")
    page = merged(["registry", "alerts"], services.ask, everything, None)
    assert (len(page.items), page.silent) == (5, ["alerts"])


@pytest.mark.parametrize("cursor", ["", "x", "W10", "eyJhIjoxfQ", "eyJhIjpbbnVsbCwieCJdfQ"])
def test_a_cursor_of_somebody_elses_making_is_refused(cursor: str) -> None:
    with pytest.raises(Refusal, match="cursor_malformed"):
        read_cursor(cursor)


def test_every_event_about_a_child_belongs_to_a_kind() -> None:
    assert set(KINDS) == set(KIND_WORDS)
    assert [one for one in TYPES if not any(one.startswith(types) for types in KINDS.values())] == []
