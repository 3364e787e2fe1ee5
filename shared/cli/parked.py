"""`shouwang parked list|retry|drop`: what a service could not apply of what neighbours say, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from shared.cli.reach import Reach, reached
from shared.cli.refusing import in_words
from shared.cli.start import SERVICES, data_option, lines_of, settings_of
from shared.kernel.refusals import Refusal
from shared.messaging.dropping import DropReason

_PAGE = 200


@click.group()
def command() -> None:
    """Look at parked events, and settle them."""


@command.command("list")
@click.argument("service", type=click.Choice(SERVICES), required=False)
@data_option
def show(service: str | None, data: Path | None) -> None:
    """List what is parked, in one service or in all, the longest first."""
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    table = Table("service", "source", "position", "type", "projector", "since", "attempts", "error")
    with reached(settings) as reach:
        for one in SERVICES if service is None else (service,):
            for each in _parked(reach, one):
                facts = ("service", "source", "position", "type", "projector", "since", "attempts", "error")
                table.add_row(*(str(each[name]) for name in facts))
    if table.row_count:
        Console().print(table)
    else:
        click.echo("nothing is parked")


@command.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option("--source", type=click.Choice(SERVICES), help="Only what this service has said.")
@click.option("--projector", help="Only what this projector has parked.")
@data_option
def retry(service: str, source: str | None, projector: str | None, data: Path | None) -> None:
    """Try what a service has parked again, in the order of the log. Exit code 1 where something is left."""
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    wanted = {name: value for name, value in (("source", source), ("projector", projector)) if value}
    with reached(settings) as reach:
        items = _asked(reach, service, "parked_retry", wanted)["items"]
    for one in items:
        click.echo(f"{one['source']}  {one['projector']}  applied {one['applied']}  left {one['left']}")
    raise SystemExit(1 if any(one["left"] for one in items) else 0)


@command.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.argument("source", type=click.Choice(SERVICES))
@click.argument("projector")
@click.argument("position", type=click.IntRange(0))
@click.option("--reason", required=True, type=click.Choice([str(one) for one in DropReason]), help="Why; recorded.")
@data_option
def drop(service: str, source: str, projector: str, position: int, reason: str, data: Path | None) -> None:
    """Give a parked event up, for a reason that the service's log keeps. What waits behind it needs a retry."""
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    given = {"source": source, "projector": projector, "position": position, "reason": reason}
    with reached(settings) as reach:
        _asked(reach, service, "parked_drop", given)
    click.echo(f"dropped {source} {position} for {projector}")


def _parked(reach: Reach, service: str) -> Iterator[dict[str, Any]]:
    after: str | None = None
    while True:
        page = _asked(reach, service, "parked", {"after": after, "limit": _PAGE})
        yield from page["items"]
        after = page["next"]
        if after is None:
            return


def _asked(reach: Reach, service: str, door: str, data: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = reach.client.call(service, door, data, token=reach.token(), timeout=60.0)
    except Refusal as refusal:
        raise click.ClickException(f"{service} refuses: {in_words(refusal)}") from None
    return answer
