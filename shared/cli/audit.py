"""`shouwang audit`: every proof checked anew, live or exported; proof taken out; views compared with the logs."""

from __future__ import annotations

from pathlib import Path

import click

from shared.cli.exporting import export, prove
from shared.cli.live_audit import LATE, UNREADABLE, verified
from shared.cli.reach import NothingThere, reached
from shared.cli.rebuilding import rebuilt
from shared.cli.start import SERVICES, data_option, lines_of, settings_of
from shared.ledger.export import verify as exported


@click.group()
def command() -> None:
    """Check the proofs of history, and take them out of the house."""


command.add_command(export)
command.add_command(prove)


@command.command()
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True))
@click.option("--policy", type=click.Path(path_type=Path, exists=True), help="The keys that are trusted (tlog-policy).")
@click.option(
    "--checkpoint",
    "kept",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="A checkpoint or receipt kept from before, or a directory of them.",
)
@click.option("--hashes-only", is_flag=True, help="Do not read what stands in the entries.")
@click.option(
    "--accept-late",
    type=click.IntRange(0, 10**9),
    default=0,
    metavar="SECONDS",
    help="A known backlog: times that stand back by no more than this are no verdict.",
)
@click.option("--service", "services", multiple=True, type=click.Choice(SERVICES), help="Only this service's log.")
@data_option
def verify(
    path: Path | None,
    policy: Path | None,
    kept: tuple[Path, ...],
    hashes_only: bool,
    accept_late: int,
    services: tuple[str, ...],
    data: Path | None,
) -> None:
    """Verify the live logs, with what the witnesses keep of them. With PATH, an export or a receipt instead.

    An export is checked by the lines of the verify.py that lies in it; --policy, --checkpoint and --hashes-only are for
    exports and receipts.

    Exit code: 0 whole, 1 tampered, 2 unreadable, 3 not signed by a trusted key, 4 rolled back or split, 5 whole, but
    some times stand back.
    """
    if path is not None:
        raise SystemExit(
            exported.main([*_arguments(path, policy, kept, hashes_only), "--accept-late", str(accept_late)])
        )
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    try:
        with reached(settings) as reach:
            codes = [verified(reach, service, accept_late) for service in services or SERVICES]
    except NothingThere as nothing:
        click.echo(f"Error: {nothing}", err=True)
        raise SystemExit(UNREADABLE) from None
    # The first log that is not whole decides: the codes name kinds of trouble, not degrees of it. Late comes last.
    raise SystemExit(next((code for code in sorted(codes, key=lambda one: one == LATE) if code), 0))


@command.command()
@click.option("--check", is_flag=True, help="Compare only: the live views stay as they are.")
@click.option("--service", "services", multiple=True, type=click.Choice(SERVICES), help="Only this service's views.")
@data_option
def rebuild(check: bool, services: tuple[str, ...], data: Path | None) -> None:
    """Build all views, claims and timers anew from the logs, beside the live ones, and compare them row by row.

    Without --check the rebuilt ones then take the place of the live ones. Writers go on working all the while.

    Exit code: 0 equal or switched, 1 different, 2 a service did not answer or the rebuild failed.
    """
    settings = settings_of(None, data=data)
    lines_of(settings, level="warning")
    with reached(settings) as reach:
        codes = [rebuilt(reach, service, switch=not check) for service in services or SERVICES]
    raise SystemExit(max(codes))


def _arguments(path: Path, policy: Path | None, kept: tuple[Path, ...], hashes_only: bool) -> list[str]:
    """What verify.py is called with. Ends the command for a receipt without keys: it brings none of its own."""
    if policy is None and not path.is_dir():
        raise click.UsageError("a receipt is checked against --policy: the trust-policy.txt of an export")
    arguments = [str(path), *(["--policy", str(policy)] if policy else []), *(["--hashes-only"] if hashes_only else [])]
    return arguments + [word for one in kept for word in ("--checkpoint", str(one))]
