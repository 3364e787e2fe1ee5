"""The page of the figures, with the facts of the machine that they were measured on and no name of it."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from docs.reference.pages import table
from tests.benchmarks.figures import HEADS, RUNS, Figure, missed
from tests.infrastructure.broker import connect
from tests.infrastructure.services import ROOT, VAR, read_services

KEPT = VAR / "benchmarks.json"
"""What was measured last, by benchmark."""
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
NOTE = (
    "*Written by `make bench`; run it to measure your machine.* Medians of at least "
    f"{RUNS} runs, ours, floor and peer in turn on the same two cores. The floor is the least work that anybody would "
    "have to do for the same; the peer is the `eventsourcing` package in its safe mode, doing the same work. "
    "Ratios above 1 mean that ours is faster. The rows of a benchmark come from one run; a run of some renews only "
    "theirs."
)


def write(measured: Mapping[str, Sequence[Figure]], order: Sequence[str]) -> Path:
    """Write the page with what was measured now, by benchmark, beside what earlier runs measured; gives where it is."""
    kept: dict[str, dict[str, list[Any]]] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name, figures in measured.items():
        kept[name] = {"cells": [one.cells() for one in figures], "missed": missed(figures)}
    KEPT.write_text(json.dumps(kept))
    cells = [row for name in order if name in kept for row in kept[name]["cells"]]
    lines = [line for name in order if name in kept for line in kept[name]["missed"]]
    parts = [
        "# Benchmarks",
        NOTE,
        table(("", ""), facts()),
        table(HEADS, cells),
        "## Missed\n\n" + ("\n".join(f"- {one}" for one in lines) if lines else "None of those that were measured."),
    ]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return PAGE


def facts() -> list[tuple[str, str]]:
    """The machine and what ran on it."""
    services = read_services()
    with psycopg.connect(services.database_url) as connection:
        postgres = str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]
    with connect(services.amqp_url) as broker:
        rabbit = str(broker.server_properties["version"])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[1]
    return [
        ("cores", f"{os.cpu_count()}, of which the store's benchmarks use two"),
        ("load before and meanwhile", f"{load:.1f} (mean of five minutes at the end)"),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python", platform.python_version()),
        ("PostgreSQL", postgres),
        ("SQLite", sqlite3.sqlite_version),
        ("RabbitMQ", rabbit),
        *((name, version(name)) for name in ("sqlalchemy", "psycopg", "psycopg2-binary", "eventsourcing", "nameko")),
    ]
