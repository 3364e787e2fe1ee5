"""One service's views rebuilt: begun at its door, watched until it ends, and told in a line."""

from __future__ import annotations

import time
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.cli.reach import Reach
from shared.cli.refusing import in_words
from shared.hosting.clients import ServiceUnavailable
from shared.kernel.refusals import Refusal

LOOKED = 0.2
"""Seconds between two looks at how far it has come."""
DIFFERENT, FAILED = 1, 2
_SHOWN = 20


def rebuilt(reach: Reach, service: str, *, switch: bool) -> int:
    """Rebuild the views of a service and say what came of it; gives the exit code."""
    try:
        begun = _ask(reach, service, "rebuild_views", switch=switch)["id"]
        end = watched(reach, service, begun)
    except ServiceUnavailable:
        click.echo(f"{service:10} unreachable: the service does not answer")
        return FAILED
    except Refusal as refusal:
        click.echo(f"{service:10} refused: {in_words(refusal)}")
        return FAILED
    found = end["found"]
    click.echo(f"{service:10} {end['state']}  {end['size']} events, {len(found)} differences")
    for one in found[:_SHOWN]:
        words = one.get("error") or f"{one['table']} {' '.join(one['key'])}: {one['only']} only"
        click.echo(f"           {words}")
    if len(found) > _SHOWN:
        click.echo(f"           and {len(found) - _SHOWN} more")
    if end["state"] == "failed":
        return FAILED
    return DIFFERENT if found and not switch else 0


def watched(reach: Reach, service: str, begun: str) -> dict[str, Any]:
    """Watch what a service does until it ends; how it stands then."""
    columns = (TextColumn(service), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(service, total=None)
        while True:
            now: dict[str, Any] = _ask(reach, service, "last_rebuild")["rebuild"]
            progress.update(task, total=now["size"] or None, completed=now["done"])
            if now["id"] != begun or now["state"] != "running":
                return now
            time.sleep(LOOKED)


def _ask(reach: Reach, service: str, door: str, **data: Any) -> Any:
    return reach.client.call(service, door, data, token=reach.token())
