"""`shouwang person answering ID`; `erase ID` and `lift REQUEST`: the operator asks, another approves in the console."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from shared.cli.reach import reached
from shared.cli.refusing import in_words
from shared.cli.start import data_option, lines_of, settings_of
from shared.kernel.ids import is_id, new_id
from shared.kernel.refusals import Refusal

GROUNDS = ("family_asked", "consent_withdrawn", "purpose_ended", "retention_ended", "unlawful")
LIFTED_FOR = ("care_needed", "family_asked", "wrong_person", "no_grounds")


@click.group()
def command() -> None:
    """What is kept of one person."""


@command.command()
@click.argument("person", metavar="ID")
@click.option("--grounds", type=click.Choice(GROUNDS), default="family_asked", show_default=True, help="Why; recorded.")
@data_option
def erase(person: str, grounds: str, data: Path | None) -> None:
    """Ask that a child, or a person on a child's card, be erased. Another person approves it in the console."""
    if not is_id(person):
        raise click.UsageError("ID is the reference of a child or of a person on a card")
    done = _asked("request_erasure", {"person": person, "grounds": grounds}, data)
    click.echo(f"asked for erasure {done}; another person approves it in the console")


@command.command()
@click.argument("request", metavar="REQUEST")
@click.option(
    "--reason", type=click.Choice(LIFTED_FOR), default="care_needed", show_default=True, help="Why; recorded."
)
@data_option
def lift(request: str, reason: str, data: Path | None) -> None:
    """Ask that the restriction end that a request for erasure became. Another person approves it in the console."""
    if not is_id(request):
        raise click.UsageError("REQUEST is the reference of a request for erasure, as `erase` printed it")
    _asked("ask_to_lift", {"erasure": request, "reason": reason}, data)
    click.echo("asked that the restriction end; another person approves it in the console")


@command.command()
@click.argument("child", metavar="ID")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="On this day. Else from the beginning until now.")
@data_option
def answering(child: str, day: datetime | None, data: Path | None) -> None:
    """Show who answers for a child, and who did when: a line each, the latest first, references only."""
    if not is_id(child):
        raise click.UsageError("ID is the reference of a child")
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    asked = {"child": child, "on": day.date().isoformat() if day else None}
    with reached(settings) as reach:
        try:
            found = reach.client.call("registry", "answering", asked, token=reach.token())
        except Refusal as refusal:
            raise click.ClickException(f"registry refuses: {in_words(refusal)}") from None
    for one in found["items"]:
        click.echo(f"{one['since']}  {one['until'] or '-':<27}  {one['basis']:<9}  {one['staff']}")


def _asked(door: str, asked: dict[str, str], data: Path | None) -> str:
    """Ask registry at a door as the operator; the id of what it is about."""
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    with reached(settings) as reach:
        command_id = new_id(reach.clock.now())
        try:
            done = reach.client.call("registry", door, asked, token=reach.token(), command_id=command_id, timeout=60.0)
        except Refusal as refusal:
            raise click.ClickException(f"registry refuses: {in_words(refusal)}") from None
    return str(done["id"])
