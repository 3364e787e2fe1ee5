"""Erasing somebody as two people do it, and looking for what is left: in databases, their server's files, backups."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from shared.kernel.refusals import Refusal
from tests.e2e.conftest import County
from tests.e2e.crew import WITHIN, Crew
from tests.e2e.searching import in_files, in_message, in_tables
from tests.infrastructure.waiting import eventually


def erased(crew: Crew, person: str) -> str:
    """The supervisor asks, the administrator approves, and every service has done it."""
    asked = crew.heard("supervisor", "registry", "request_erasure", {"person": person, "grounds": "family_asked"})
    erasure = str(asked["id"])
    eventually(
        lambda: not crew.ask("county_admin", "registry", "erasure", {"erasure": erasure})["waiting"] or None,
        within=WITHIN,
        what="every service's answer",
    )
    crew.ask("county_admin", "registry", "approve_erasure", {"erasure": erasure})
    eventually(
        lambda: not crew.ask("county_admin", "registry", "erasure", {"erasure": erasure})["waiting"] or None,
        within=WITHIN,
        what="every service's word that it is done",
    )
    return erasure


def found(county: County, service: str, canaries: list[str]) -> set[str]:
    """Where any of the words stands in a service's database: every cell of every table, and the bytes of its files."""
    hits = in_tables(county.database_of(service), canaries)
    if county.cluster is None:
        hits |= in_files(sorted((county.folder / "data").glob(f"{service}.sqlite*")), canaries)
    return hits


def plain_in(files: list[Path], wanted: list[str]) -> set[str]:
    """Which files of a backup hold one of the words in any of their lines, unpacked."""
    found = set()
    for file in files:
        content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        found |= {file.name for line in content.splitlines() if in_message(line, wanted)}
    return found


def refusal_of(crew: Crew, who: str, door: str, data: dict[str, Any]) -> str:
    with pytest.raises(Refusal) as refused:
        crew.ask(who, "registry", door, data)
    return refused.value.code


def in_server(county: County, service: str, statement: LiteralString) -> None:
    """Have the database server do something as its administrator, in the database of a service."""
    assert county.cluster is not None
    address = make_conninfo(county.cluster.url, dbname=make_url(county.database_of(service)).database)
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(statement)


def in_cluster(county: County, canaries: list[str]) -> set[str]:
    """The files of the database server, its journal among them, that hold one of the words."""
    assert county.cluster is not None
    data = county.cluster.directory / "data"
    return {str(one.relative_to(data)) for one in county.cluster.files if in_files([one], canaries)}


def remains(county: County, service: str) -> list[dict[str, Any]]:
    """What erasures have left in the files of a service, as it says itself."""
    token = county.system.system("operator")
    said = county.system.client.call(service, "engine_status", {}, token=token)
    return list(said["remains"])
