"""`shouwang follow status|accept`: how services hear each other, and going on after a log was restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from shared.cli.contradictions import REASONS
from shared.cli.live_audit import agreed_size
from shared.cli.reach import Reach, reached
from shared.cli.rebuilding import watched
from shared.cli.refusing import in_words
from shared.cli.start import SERVICES, data_option, lines_of, settings_of
from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable
from shared.kernel.refusals import Refusal

_STOPPED, _NO_ANSWER = 1, 2
_SHOWN = 100


@click.group()
def command() -> None:
    """See how services follow each other's logs; decide about a log that was restored."""


@command.command()
@data_option
def status(data: Path | None) -> None:
    """Say of each service which logs it follows, and what a restored log lacks of what was followed.

    Exit code: 0 all go on, 1 one has stopped and waits for a decision, 2 a service does not answer.
    """
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    table, stopped, code = Table("service", "source", "state", "position", "log", "lost"), [], 0
    with reached(settings) as reach:
        for service in SERVICES:
            try:
                found = _ask(reach, service, "engine_status")
            except (ServiceUnavailable, OutcomeUnknown):
                click.echo(f"{service} does not answer")
                code = _NO_ANSWER
                continue
            for one in found["followed"]:
                lost = (one["heard"] or {}).get("missing")
                at = min(
                    (each["position"] for each in one["projectors"].values() if each["position"] is not None),
                    default=-1,
                )
                table.add_row(service, one["source"], one["state"], str(at), str(one["size"]), _span(lost))
                if one["state"] == "stopped":
                    stopped.append((service, one))
        Console().print(table)
        for service, one in stopped:
            _tell(reach, service, one)
    raise SystemExit(code or (_STOPPED if stopped else 0))


@command.command()
@click.argument("source", type=click.Choice(SERVICES))
@click.option("--service", required=True, type=click.Choice(SERVICES), help="Who shall go on.")
@click.option(
    "--rewritten",
    is_flag=True,
    help="The log was not restored but written anew: go on from the last checkpoint that it still continues.",
)
@click.option("--reason", type=click.Choice(REASONS), help="What was behind it; without it, a restore from a backup.")
@data_option
def accept(source: str, service: str, rewritten: bool, reason: str | None, data: Path | None) -> None:
    """Let a service go on with the log of SOURCE, which was restored: to follow it, and to witness it.

    Its views are made again from the log as it is; its own log keeps that it was decided, by whom, and what was lost.
    """
    if rewritten and reason is None:
        raise click.UsageError("a log that was written anew without a restore needs a --reason")
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    with reached(settings) as reach:
        try:
            epochs = _ask(reach, source, "engine_status")["epochs"]
            words = {"source": source, "epochs": epochs} | ({"reason": reason} if reason else {})
            if rewritten:
                words["agreed"] = agreed_size(reach, service, source)
            begun = _ask(reach, service, "follow_accept", **words)
            end = watched(reach, service, begun["id"])
        except Refusal as refusal:
            raise click.ClickException(f"{service} refuses: {in_words(refusal)}") from None
    if end["state"] == "failed":
        raise click.ClickException(f"{service} could not go on: {end['found'][0]['error']}")
    click.echo(f"{service} goes on with {source} from {begun['size']} entries, epoch {epochs[0]['id']}")


def _tell(reach: Reach, service: str, one: dict[str, Any]) -> None:
    """What is known of the events that were lost, and what to type."""
    heard, source = one["heard"], one["source"]
    click.echo(f"{service} has stopped following {source}: {one['reason']}")
    if heard is None:
        click.echo(f"  {source} has not been heard since")
        return
    if heard["missing"] is None:
        click.echo("  nothing that was followed is missing")
    else:
        first, last = heard["missing"]
        click.echo(f"  lost: positions {first} to {last}, which {service} had seen")
        for each in _ask(reach, service, "parked", limit=_SHOWN)["items"]:
            if each["source"] == source and each["position"] >= first:
                click.echo(f"  lost: {each['position']} {each['type']} {each['event_id']}")
    click.echo(f"  shouwang follow accept {source} --service {service}")


def _span(lost: list[int] | None) -> str:
    return f"{lost[0]}-{lost[1]}" if lost else ""


def _ask(reach: Reach, service: str, door: str, **data: Any) -> Any:
    return reach.client.call(service, door, data, token=reach.token(), timeout=30.0)
