"""`shouwang person erase ID`: the operator asks that a person be erased. Somebody else approves it in the console."""

from __future__ import annotations

from pathlib import Path

import click

from shared.cli.reach import reached
from shared.cli.start import data_option, lines_of, settings_of
from shared.kernel.ids import is_id, new_id
from shared.kernel.refusals import Refusal

GROUNDS = ("family_asked", "consent_withdrawn", "purpose_ended", "retention_ended", "unlawful")


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
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    with reached(settings) as reach:
        asked = {"person": person, "grounds": grounds}
        command_id = new_id(reach.clock.now())
        try:
            done = reach.client.call(
                "registry", "request_erasure", asked, token=reach.token(), command_id=command_id, timeout=60.0
            )
        except Refusal as refusal:
            raise click.ClickException(f"registry refuses: {refusal.code} {refusal.facts}") from None
    click.echo(f"asked for erasure {done['id']}; another person approves it in the console")
