"""`shouwang import roster FILE`: a spreadsheet of children into the register, through registry's doors."""

from __future__ import annotations

import base64
import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from shared.cli.reach import Reach, reached
from shared.cli.refusing import in_words
from shared.cli.start import data_option, lines_of, settings_of
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal

PART = 8_000_000
"""Bytes of a file in one message."""
BASES = ("consent", "guardian_consent", "statutory_duty", "emergency", "public_interest")
_PATIENCE = 120.0
_COUNTS = ("registered", "updated", "unchanged", "counted", "duplicate", "refused")


@click.group()
def command() -> None:
    """Take files in."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--school", help="The school's reference; without it the file names the schools itself.")
@click.option("--dry-run", is_flag=True, help="Say what would become of the rows, and change nothing.")
@click.option(
    "--legal-basis",
    type=click.Choice(BASES),
    default="statutory_duty",
    show_default=True,
    help="On what ground the children's data is kept.",
)
@click.option(
    "--result", type=click.Path(path_type=Path, dir_okay=False), help="Where to write what became of each row (CSV)."
)
@data_option
def roster(
    file: Path, school: str | None, dry_run: bool, legal_basis: str, result: Path | None, data: Path | None
) -> None:
    """Import the roster FILE (.xlsx, .xls or .csv). The same file again changes nothing; an interrupted one goes on.

    Exit code 1 where a row was refused.
    """
    target = result or file.with_suffix(".result.csv")
    if not dry_run and not os.access(target.parent, os.W_OK):  # before the import, not after it
        raise click.BadParameter(f"nothing can be written in {target.parent}", param_hint="--result")
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    with reached(settings) as reach:
        desk = _Desk(reach)
        try:
            upload = desk.upload(file)
            if dry_run:
                refused = _show_preview(desk.ask("preview_roster", {"upload": upload, "school": school}))
            else:
                refused = _import(desk, {"upload": upload, "legal_basis": legal_basis, "school": school}, target)
        except Refusal as refusal:
            raise click.ClickException(in_words(refusal)) from None
    raise SystemExit(1 if refused else 0)


class _Desk:
    """Registry's doors for rosters, as the operator."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._clock: Clock = reach.clock

    def ask(self, door: str, data: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._reach.client.call(
            "registry",
            door,
            data,
            token=self._reach.token(),
            command_id=new_id(self._clock.now()),
            timeout=_PATIENCE,
        )
        return answer

    def upload(self, file: Path) -> str:
        """Send the file, in parts where it is large; the upload's reference."""
        content = file.read_bytes()
        pieces = [content[start : start + PART] for start in range(0, len(content), PART)] or [b""]
        upload: str | None = None
        for number, piece in enumerate(pieces, 1):
            sent = {"content": base64.b64encode(piece).decode(), "part": number, "parts": len(pieces)}
            upload = str(self.ask("upload_roster", sent | ({"upload": upload} if upload else {}))["upload"])
        return str(upload)


def _import(desk: _Desk, asked: dict[str, Any], target: Path) -> int:
    """Start the import or go on with it, chunk by chunk; how many rows were refused."""
    state = desk.ask("start_import", asked)
    if state["seen"]:
        click.echo(f"this file was imported before, on {state['seen']['started'][:10]}", err=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("chunks", total=state["chunks"], completed=state["done"])
        while state["state"] == "running":
            before = state["done"]
            state = desk.ask("import_chunk", {"roster": state["roster"]})
            progress.update(task, completed=state["done"])
            if state["done"] == before and state["state"] == "running":
                raise click.ClickException("the import does not go on")
    click.echo(f"{state['rows']} rows: " + ", ".join(f"{state[name]} {name}" for name in _COUNTS))
    written = _write_result(target, _rows(desk, state["roster"]))
    click.echo(f"{target}: {written} rows")
    return int(state["refused"])


def _rows(desk: _Desk, roster: str) -> Iterator[dict[str, Any]]:
    after: str | None = None
    while True:
        page = desk.ask("import_result", {"roster": roster} | ({"after": after} if after else {}))
        yield from page["items"]
        after = page["next"]
        if after is None:
            return


def _write_result(target: Path, rows: Iterator[dict[str, Any]]) -> int:
    """One line a row: where it stood, what became of it, and why. Formulas are defused: it is opened as a sheet."""
    written = 0
    with target.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["sheet", "row", "outcome", "problems"])
        for row in rows:
            problems = "; ".join(_problem(one) for one in row.get("problems") or ())
            writer.writerow([_plain(row.get("sheet")), row.get("row"), row.get("outcome"), _plain(problems)])
            written += 1
    return written


def _show_preview(said: dict[str, Any]) -> int:
    for sheet in said["sheets"]:
        found = ", ".join(f"{one['letter']}={one['field']}" for one in sheet["columns"] if one["field"])
        click.echo(f"{sheet['sheet']}: {found}")
    for one in said["skipped"]:
        click.echo(f"{one['sheet']}: left out, {one['reason']}")
    click.echo(", ".join(f"{number} {name}" for name, number in said["counts"].items()))
    for row in said["rows"]:
        problems = "; ".join(_problem(one) for one in row["problems"])
        click.echo(f"  {row.get('sheet') or ''} {row.get('row')}: {row['outcome']} {problems}")
    if said["more"]:
        click.echo(f"  … and {said['more']} more")
    return int(said["counts"].get("refused") or 0)


def _problem(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    where = f"{one['column']}: " if one.get("column") else ""
    return f"{where}{one.get('code')}"


def _plain(value: Any) -> str:
    text = str(value or "")
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
