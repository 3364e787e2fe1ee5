"""`shouwang log tail|show|as-of`: reading history as it was written, personal parts closed."""

from __future__ import annotations

import json
import queue
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import click

from shared.cli.reach import Reach, reached
from shared.cli.refusing import in_words
from shared.cli.start import SERVICES, data_option, lines_of, settings_of
from shared.kernel.clock import SHANGHAI
from shared.kernel.refusals import Refusal

_PAGE = 200
_TOLD_BY = {
    "alert": "alerts",
    "application": "funding",
    "case": "casework",
    "child": "registry",
    "fund": "funding",
}
"""The service that tells the past of each kind of thing."""
F = TypeVar("F", bound=Callable[..., Any])


class Moment(click.ParamType[datetime]):
    """A day in Asia/Shanghai (its first moment), or an instant with its time zone."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant that was typed."""
        try:
            if len(value) == len("2026-01-01"):
                return datetime.combine(date.fromisoformat(value), time(), SHANGHAI)
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day (2026-03-02) and no instant (2026-03-02T08:00:00+08:00)", param, ctx)
        return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


MOMENT = Moment()


def chosen(function: F) -> F:
    """The options that choose entries: `--type`, `--person`, `--stream`, `--since`, `--until`."""
    for option in (
        click.option("--until", type=MOMENT, help="Only events recorded before this day or instant."),
        click.option("--since", type=MOMENT, help="Only events recorded from this day or instant on."),
        click.option("--stream", help="Only events of this stream."),
        click.option("--person", help="Only events that touch this person."),
        click.option("--type", help="Only events of this stored type."),
    ):
        function = option(function)
    return function


@click.group()
def command() -> None:
    """Read history."""


@command.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option(
    "-n", "--number", default=10, show_default=True, type=click.IntRange(0, 10_000), help="Entries to begin with."
)
@click.option("-f", "--follow", is_flag=True, help="Go on with new entries as they come.")
@chosen
@data_option
def tail(service: str, number: int, follow: bool, data: Path | None, **which: Any) -> None:
    """Show the last entries of a service's log, all or those that the options choose."""
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    wanted = _wanted(which)
    with reached(settings) as reach:
        grown: queue.Queue[int] = queue.Queue()
        stop = reach.client.heads(lambda name, size: grown.put(size) if name == service else None) if follow else None
        size = _size(reach, service)
        try:
            last = list(islice(_pages(reach, service, {**wanted, "latest": True, "after": str(size)}, number), number))
            for one in reversed(last):
                _line(one)
            position = size - 1
            while stop is not None:
                grown.get()
                for one in _after(reach, service, position, wanted):
                    _line(one)
                    position = max(position, one["position"])
        except KeyboardInterrupt:
            return
        finally:
            if stop is not None:
                stop()


@command.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option("--after", default=-1, show_default=True, type=int, help="Begin after this position.")
@click.option("-n", "--number", type=click.IntRange(1), help="At most so many entries. Without it: all.")
@chosen
@data_option
def show(service: str, after: int, number: int | None, data: Path | None, **which: Any) -> None:
    """Show entries whole, one JSON object a line, as they were hashed."""
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    with reached(settings) as reach:
        for one in islice(_after(reach, service, after, _wanted(which), number), number):
            click.echo(one["entry"])


@command.command(name="as-of")
@click.argument("kind", type=click.Choice(sorted(_TOLD_BY)))
@click.argument("thing", metavar="ID")
@click.option("--known-at", type=MOMENT, help="What was known at this instant, or at the begin of this day. Else now.")
@click.option("--true-at", type=click.DateTime(["%Y-%m-%d"]), help="Of that, what was true on this day.")
@click.option("--history", is_flag=True, help="Tell each change up to then as well.")
@data_option
def as_of(
    kind: str, thing: str, known_at: datetime | None, true_at: datetime | None, history: bool, data: Path | None
) -> None:
    """Show how a thing stood at a past moment, as JSON, personal parts closed."""
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    asked = {
        "kind": kind,
        "id": thing,
        "known_at": known_at.isoformat() if known_at else None,
        "true_at": true_at.date().isoformat() if true_at else None,
        "history": history,
    }
    with reached(settings) as reach:
        try:
            found = reach.client.call(_TOLD_BY[kind], "log_as_of", asked, token=reach.token())
        except Refusal as refusal:
            raise click.ClickException(in_words(refusal)) from refusal
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _wanted(which: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as the door takes them."""
    given = {name: value for name, value in which.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in given.items()}


def _size(reach: Reach, service: str) -> int:
    page = reach.client.call(service, "log_entries", {"limit": 1}, token=reach.token())
    return int(page["size"])


def _after(
    reach: Reach, service: str, position: int, wanted: dict[str, Any], number: int | None = None
) -> Iterator[dict[str, Any]]:
    """All entries after a position, a page at a time."""
    asked = wanted | ({"after": str(position)} if position >= 0 else {})
    return _pages(reach, service, asked, number)


def _pages(reach: Reach, service: str, asked: dict[str, Any], number: int | None = None) -> Iterator[dict[str, Any]]:
    """The entries of page after page, never more of them at once than one page holds."""
    limit = _PAGE if number is None else max(1, min(_PAGE, number))
    while True:
        page = reach.client.call(service, "log_entries", {**asked, "limit": limit}, token=reach.token())
        yield from page["items"]
        if page["next"] is None:
            return
        asked = {**asked, "after": page["next"]}


def _line(one: dict[str, Any]) -> None:
    entry = json.loads(one["entry"])
    actor = entry["actor"]
    click.echo(
        f"{one['position']:>8}  {entry['time']}  {entry['type']}  {entry['stream']}#{entry['stream_version']}  "
        f"{actor['role']} {actor['id']}"
    )
