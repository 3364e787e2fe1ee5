"""`shouwang audit export` and `prove`: taking proof out of the house, from the services as they run."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared.cli.reach import Reach, reached
from shared.cli.start import SERVICES, data_option, lines_of, settings_of
from shared.hosting.clients import ServiceUnavailable
from shared.kernel.ids import is_id
from shared.kernel.refusals import Refusal
from shared.ledger.export import ExportExists, write_export
from shared.ledger.export.writing import Progress as Told
from shared.ledger.receipts import SUFFIX
from shared.ledger.tiles import ENTRIES, Tile

_PATIENCE = 60.0


class ServedLog:
    """A service's log, read through its doors."""

    def __init__(self, reach: Reach, service: str) -> None:
        self._reach, self._service = reach, service
        found = self.ask("checkpoint")
        self.verifier, self.witness = str(found["verifier"]), str(found["witness"])

    def checkpoints(self) -> Iterator[Mapping[str, Any]]:
        """Everything that was signed, a page at a time."""
        after: int | None = -1
        while after is not None:
            page = self.ask("log_checkpoints", after=after)
            yield from page["items"]
            after = page["next"]

    def lost(self) -> list[dict[str, str]]:
        """What the other services have cosigned of this log and it does not continue since it was restored."""
        found: list[dict[str, str]] = []
        for witness in SERVICES:
            after: str | None = None
            while witness != self._service:
                asked = {"log": self._service, "limit": 100} | ({"after": after} if after else {})
                page = ServedLog.asked(self._reach, witness, "witnessed", asked)
                found += [{"witness": witness, "note": note} for note in page["lost"]]
                after = page["next"]
                if after is None:
                    break
        return found

    def read(self, tile: Tile) -> bytes:
        """A tile or a bundle of entries."""
        asked = {"index": tile.index, "width": tile.width}
        if tile.level == ENTRIES:
            return base64.b64decode(self.ask("log_bundle", **asked)["bundle"])
        return base64.b64decode(self.ask("log_tile", level=tile.level, **asked)["tile"])

    def ask(self, door: str, **data: Any) -> dict[str, Any]:
        """A door's answer."""
        return ServedLog.asked(self._reach, self._service, door, data)

    @staticmethod
    def asked(reach: Reach, service: str, door: str, data: dict[str, Any]) -> dict[str, Any]:
        """A door's answer. Tokens live for a minute and an export may take longer, so each question has its own."""
        answer: dict[str, Any] = reach.client.call(service, door, data, token=reach.token(), timeout=_PATIENCE)
        return answer


@click.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The directory to write; it must be new or empty.",
)
@data_option
def export(out: Path, data: Path | None) -> None:
    """Write all logs as files that an auditor checks alone.

    Entries, trees and signatures, as far as they are signed; nothing personal. The directory holds verify.py, which
    needs Python and `cryptography` and no Shouwang.
    """
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    with reached(settings) as reach, _progress() as told:
        logs = {service: ServedLog(reach, service) for service in SERVICES}
        schemas = {service: log.ask("log_schemas")["items"] for service, log in logs.items()}
        try:
            witnesses = {f"{service}-witness": log.witness for service, log in logs.items()}
            lost = {service: log.lost() for service, log in logs.items()}
            sizes = write_export(out, logs, schemas=schemas, witnesses=witnesses, lost=lost, progress=told)
        except ExportExists:
            raise click.ClickException(f"{out} holds something already") from None
        except Refusal as refusal:
            raise click.ClickException(f"{refusal.code}: run shouwang audit verify") from None
    for service, size in sizes.items():
        click.echo(f"{service:10} {size} entries")
    click.echo(f"python {out / 'verify.py'}")


@click.command()
@click.argument("event_id")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help=f"The file to write. Without it: EVENT_ID{SUFFIX}."
)
@data_option
def prove(event_id: str, out: Path | None, data: Path | None) -> None:
    """Write the receipt of an event: it proves by itself where the event stands in the signed log."""
    if not is_id(event_id):
        raise click.ClickException("an event is named by its id")
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    silent: list[str] = []
    with reached(settings) as reach:
        for service in SERVICES:
            try:
                asked = {"event": event_id}
                found = reach.client.call(service, "log_receipt", asked, token=reach.token(), timeout=_PATIENCE)
            except ServiceUnavailable:
                silent.append(service)
            except Refusal as refusal:
                if refusal.code != "not_found":
                    raise click.ClickException(f"{refusal.code}: run shouwang audit verify") from None
            else:
                target = out or Path(f"{event_id}{SUFFIX}")
                target.write_text(found["receipt"], encoding="utf-8", newline="\n")
                click.echo(f"{target}: {service}, position {found['position']} of {found['size']}")
                return
    unsure = f"; {', '.join(silent)} did not answer" if silent else ""
    raise click.ClickException(f"no log holds this event{unsure}")


@contextmanager
def _progress() -> Iterator[Told]:
    """A bar for each log, on a terminal; nothing elsewhere."""
    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def told(log: str, done: int, total: int) -> None:
            if log not in tasks:
                tasks[log] = bars.add_task(log, total=total)
            bars.update(tasks[log], completed=done)

        yield told
