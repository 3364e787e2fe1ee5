"""`shouwang bootstrap`: a new deployment gets its county and its first administrator."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from shared.access.roles import Role
from shared.cli.house import console_accounts
from shared.cli.reach import Reach, reached
from shared.cli.refusing import in_words
from shared.cli.start import data_option, lines_of, settings_of
from shared.config.settings import Settings
from shared.kernel.ids import derived_id
from shared.kernel.refusals import Refusal
from shared.localisation.divisions import DivisionRow, Divisions, read_divisions

AT_ONCE = 100
"""Divisions in one command: what the doors take."""


@click.command()
@click.argument("county", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--administrator", required=True, help="The name of the first administrator.")
@click.option("--login", help="Also make an account of this name at the console; asks for its password.")
@data_option
def command(county: Path, administrator: str, login: str | None, data: Path | None) -> None:
    """Register the divisions in the file COUNTY (code, name, level, parent) and the first administrator.

    Doing it again changes nothing. With a broker, SHOUWANG_DATABASE_URL is the console's when --login is given.
    """
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    divisions = _read(county)
    with reached(settings, begin=True) as reach:
        top = _register(reach, divisions)
        staff = _administrator(reach, administrator, top)
    click.echo(f"{len(divisions.rows)} divisions")
    click.echo(f"administrator {staff}")
    if login is not None:
        _account(settings, login, staff)


def _read(county: Path) -> Divisions:
    try:
        divisions = read_divisions(county.read_bytes())
    except Refusal as refusal:
        raise click.ClickException(f"{county}: {in_words(refusal)}") from None
    for one in divisions.problems:
        click.echo(f"{county}:{one.line}: {one.code} {one.facts}", err=True)
    if divisions.problems:
        raise SystemExit(1)
    return divisions


def _register(reach: Reach, divisions: Divisions) -> str:
    """Register the county and then the others, parents before children; the county's reference."""
    county = next((row for row in divisions.rows if row.level == "county"), None)
    if county is None:
        raise click.ClickException("the file has no county")
    others = [row for row in divisions.rows if row is not county]
    top = _command(reach, "register_divisions", {"divisions": [_row(county)]}, "county")["id"]
    with click.progressbar(range(0, len(others), AT_ONCE), label="divisions", file=sys.stderr) as starts:
        for start in starts:
            some = [_row(one) for one in others[start : start + AT_ONCE]]
            _command(reach, "register_divisions", {"divisions": some}, f"divisions {start}")
    return str(top)


def _administrator(reach: Reach, name: str, county: str) -> str:
    staff = str(_command(reach, "register_staff", {"name": name}, f"administrator {name}")["id"])
    grant = {"staff": staff, "role": Role.COUNTY_ADMIN.value, "scope": "division", "division": county}
    _command(reach, "grant_role", grant, f"grant {name}")
    return staff


def _command(reach: Reach, door: str, data: dict[str, Any], step: str) -> dict[str, Any]:
    """Give a command whose id follows from the deployment and the step, so that doing it again changes nothing."""
    cause = derived_id(reach.settings.deployment, "bootstrap")
    answer: dict[str, Any] = reach.client.call(
        "registry", door, data, token=reach.token("bootstrap"), command_id=derived_id(cause, f"{step} {data!r}")
    )
    return answer


def _row(one: DivisionRow) -> dict[str, Any]:
    return {"code": one.code, "name": one.name, "level": one.level, "parent": one.parent}


def _account(settings: Settings, login: str, staff: str) -> None:
    """Make the console's account, with a password that is typed twice. One that exists is left as it is."""
    accounts = console_accounts(settings)
    if accounts.find(login) is not None:
        click.echo(f"account {login} exists already")
        return
    password = click.prompt(f"Password for {login}", hide_input=True, confirmation_prompt=True)
    try:
        accounts.make(login, password, staff)
    except Refusal as refusal:
        raise click.ClickException(in_words(refusal)) from None
    click.echo(f"account {login}")
