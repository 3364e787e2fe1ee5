"""`shouwang contradictions list|decide`: where a log and a witness contradict each other, and what was behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from shared.cli.reach import Reach, reached
from shared.cli.start import SERVICES, data_option, lines_of, settings_of
from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.messaging.contradictions import ContradictionReason

_OPEN, _NO_ANSWER = 1, 2
REASONS = [str(one) for one in ContradictionReason]


@click.group()
def command() -> None:
    """See where a log and a witness contradict each other, and record what was behind it."""


@command.command("list")
@click.option("--notes", is_flag=True, help="Both signed notes of each: the evidence.")
@data_option
def show(notes: bool, data: Path | None) -> None:
    """List the contradictions on record in all services, with what was decided.

    Exit code: 0 none is open, 1 one is, 2 a service does not answer.
    """
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    table = Table("service", "id", "log", "witness", "kind", "cosigned", "shown", "found", "decided")
    code, found = 0, []
    with reached(settings) as reach:
        for service in SERVICES:
            try:
                items = _asked(reach, service, "contradictions", {})["items"]
            except (ServiceUnavailable, OutcomeUnknown):
                click.echo(f"{service} does not answer")
                code = _NO_ANSWER
                continue
            for one in items:
                facts = ("id", "log", "witness", "kind", "known_size", "offered_size", "time")
                table.add_row(service, *(str(one[name]) for name in facts), _decided(one))
                found.append(one)
    if found:
        Console().print(table)
    else:
        click.echo("no contradiction is on record")
    for one in found if notes else ():
        click.echo(f"{one['id']}: what was cosigned\n{one['known_note']}{one['id']}: what the log showed later")
        click.echo(one["offered_note"])
    raise SystemExit(code or (_OPEN if any(one["decided"] is None for one in found) else 0))


@command.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.argument("contradiction", metavar="ID")
@click.option("--reason", required=True, type=click.Choice(REASONS), help="What was behind it; recorded.")
@data_option
def decide(service: str, contradiction: str, reason: str, data: Path | None) -> None:
    """Record what was behind a contradiction that SERVICE keeps. It is no trouble any more; both notes stay.

    One that still stands is refused: heal the log first, or let the witness go on with it (shouwang follow accept).
    """
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    with reached(settings) as reach:
        answer = _asked(reach, service, "contradiction_decide", {"contradiction": contradiction, "reason": reason})
    click.echo(f"{service} keeps it as event {answer['events'][0]['id']}")


def _decided(one: dict[str, Any]) -> str:
    if one["decided"] is not None:
        return f"{one['decided']['reason']} by {one['decided']['by']}"
    return "still stands" if one["stands"] else "open"


def _asked(reach: Reach, service: str, door: str, data: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = reach.client.call(
            service, door, data, token=reach.token(), command_id=new_id(reach.clock.now()), timeout=60.0
        )
    except Refusal as refusal:
        raise click.ClickException(f"{service} refuses: {refusal.code} {refusal.facts}") from None
    return answer
