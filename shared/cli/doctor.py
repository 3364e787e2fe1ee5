"""`shouwang doctor`: configuration, services, lag, parked events, checkpoints, in one look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from shared.cli.reach import Reach, reached
from shared.cli.start import SERVICES, data_option, lines_of, settings_of
from shared.config.settings import Settings
from shared.hosting.clients import OutcomeUnknown, ServiceUnavailable
from shared.hosting.data_lock import DataInUse
from shared.kernel.refusals import Refusal

LARGE_LAG = 1000
LATE = timedelta(minutes=15)
"""How long a signed checkpoint may wait for every witness before somebody should look."""

_WHY = {
    None: "nobody has looked yet",
    "read": "somebody reads what was before; end old transactions, prepared transactions and replication slots",
    "unseen": "its owner may not see who reads; GRANT pg_read_all_stats to the owner, and end other roles' sessions",
    "busy": "somebody works on its tables",
    "journal": "PostgreSQL has made no checkpoint since",
    "recycled": "PostgreSQL keeps old segments of its journal; set wal_recycle = off",
}
"""What an erasure waits for before nothing of it is in files."""


@click.command()
@data_option
def command(data: Path | None) -> None:
    """Look at everything that runs by itself; exit code 1 where something needs a person."""
    settings = settings_of(None, data=data)
    lines_of(settings, level="error")
    out = Console()
    out.print(f"environment  {settings.environment}")
    out.print(f"deployment   {settings.deployment}")
    out.print(f"keys         {settings.key_directory}")
    try:
        with reached(settings) as reach:
            out.print(f"reached      {_how(reach, settings)}")
            troubles = _table(out, reach)
    except DataInUse as busy:
        out.print(f"data         in use by process {busy.pid}, which does not answer on its socket")
        raise SystemExit(1) from None
    for one in troubles:
        out.print(f"[bold]attention[/] {one}")
    raise SystemExit(1 if troubles else 0)


def _how(reach: Reach, settings: Settings) -> str:
    if reach.how == "broker":
        return f"over the broker, namespace {settings.namespace}"
    return f"{settings.data}, {'owned by a running process' if reach.how == 'socket' else 'owned by nobody until now'}"


def _table(out: Console, reach: Reach) -> list[str]:
    table = Table()
    for heading in ("service", "entries", "pending", "signed to", "overdue", "parked", "lag"):
        table.add_column(heading, no_wrap=True)
    table.add_column("state")
    troubles: list[str] = []
    cosigned: list[str] = []
    for service in SERVICES:
        try:
            said = reach.client.call(service, "engine_status", {}, token=reach.token(), timeout=5.0)
        except (ServiceUnavailable, OutcomeUnknown):
            table.add_row(service, *[""] * 6, "does not answer")
            troubles.append(f"{service} does not answer")
            continue
        except Refusal as refusal:
            table.add_row(service, *[""] * 6, refusal.code)
            troubles.append(f"{service} refuses: {refusal.code}")
            continue
        table.add_row(*_row(service, said))
        cosigned += [f"{service:9} cosigned by {one}" for one in _cosigned(said, reach.clock.now()).splitlines()]
        now = reach.clock.now()
        troubles += _troubles(service, said) + _unwitnessed(service, said, now) + _remains(service, said, now)
    out.print(table)
    for one in cosigned:
        out.print(one, highlight=False)
    return troubles


def _row(service: str, said: dict[str, Any]) -> list[str]:
    signed = said["checkpoint"]["size"] if said["checkpoint"] else "never"
    state = "runs" if not said["failing"] else ", ".join(said["failing"])
    numbers = (
        said["size"],
        said["pending"],
        signed,
        said["timers"]["overdue"],
        _parked(said),
        _lag(said),
    )
    return [service, *(str(one) for one in numbers), state]


def _troubles(service: str, said: dict[str, Any]) -> list[str]:
    found = [f"{service}: {one} fails" for one in said["failing"]]
    for source, projector, at in _following(said):
        if at["parked"] or (at["lag"] or 0) > LARGE_LAG:
            found.append(
                f"{service}: {projector} is {at['lag'] or 0} entries behind {source} and has parked {at['parked']}"
            )
    found += [
        f"{service} no longer follows {one['source']}: {one['reason']}" for one in said["followed"] if one["reason"]
    ]
    return found


def _remains(service: str, said: dict[str, Any], now: datetime) -> list[str]:
    """Erasures of which something has been in files for longer than a checkpoint takes."""
    return [
        f"{service}: what was erased {_minutes(now, one['asked'])} min ago is still in files: {_WHY[one['why']]}"
        for one in said["remains"]
        if now - datetime.fromisoformat(one["asked"]) > LATE
    ]


def _cosigned(said: dict[str, Any], now: datetime) -> str:
    """Who has cosigned the log, up to where, and how long ago."""
    return "\n".join(
        f"{one['witness']} to {one['size']}, {_minutes(now, one['time'])} min ago"
        for one in said["witnesses"]["cosigned"]
    )


def _unwitnessed(service: str, said: dict[str, Any], now: datetime) -> list[str]:
    """Contradictions, and a checkpoint that has waited long for some witness."""
    standing = said["witnesses"]
    found = []
    if standing["contradicted"]:
        found.append(f"{service} has {standing['contradicted']} contradictions between a log and a witness to decide")
    signed = standing["checkpoint"]
    if signed and now - datetime.fromisoformat(signed["time"]) > LATE:
        has = {one["witness"] for one in standing["cosigned"] if one["size"] >= signed["size"]}
        found += [
            f"{service}: {one} has not cosigned the last checkpoint" for one in SERVICES if one not in has | {service}
        ]
    return found


def _minutes(now: datetime, instant: str) -> int:
    return max(int((now - datetime.fromisoformat(instant)).total_seconds() // 60), 0)


def _parked(said: dict[str, Any]) -> int:
    return sum(at["parked"] for _, _, at in _following(said))


def _lag(said: dict[str, Any]) -> int:
    return max((at["lag"] or 0 for _, _, at in _following(said)), default=0)


def _following(said: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Source, projector, and how far it has come with how much parked."""
    for one in said["followed"]:
        for projector, at in one["projectors"].items():
            yield one["source"], projector, at
