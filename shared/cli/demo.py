"""`shouwang demo county`: a synthetic county in the seeds' proportions."""

from __future__ import annotations

from pathlib import Path

import click

from shared.demo.county import divisions_csv, make_county, write_roster


@click.group()
def command() -> None:
    """Invented data, for demonstrations and measurements."""


@command.command()
@click.option("--children", required=True, type=click.IntRange(1, 1_000_000), help="How many left-behind children.")
@click.option("--seed", required=True, type=int, help="The same seed makes the same county.")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="The roster to write: .xlsx or .csv. The divisions are written beside it.",
)
def county(children: int, seed: int, out: Path) -> None:
    """Write the roster of a county that does not exist, and its divisions as `<name>.divisions.csv`."""
    made = make_county(children, seed)
    try:
        write_roster(made, out)
    except ValueError as wrong:
        raise click.BadParameter(str(wrong), param_hint="--out") from None
    divisions = out.with_suffix(".divisions.csv")
    divisions.write_text(divisions_csv(made), encoding="utf-8-sig", newline="")
    click.echo(f"{out}: {children} children")
    click.echo(f"{divisions}: the county's divisions")
