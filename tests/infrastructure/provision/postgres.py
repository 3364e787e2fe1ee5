"""A PostgreSQL for the tests: one that answers, or one of our own."""

from __future__ import annotations

import getpass
import os

import psycopg

from tests.infrastructure.own_cluster import NoPostgres, OwnCluster, server_programs
from tests.infrastructure.ports import LOOPBACK, answers
from tests.infrastructure.provision import CannotProvide, docker
from tests.infrastructure.provision.debian import Say, can_install, install
from tests.infrastructure.provision.homes import Home, Server
from tests.infrastructure.waiting import eventually

VARIABLE = "SHOUWANG_TEST_DATABASE_URL"
OLDEST = 140000
"""The oldest server version that the tests run on, as the server numbers it."""
FEWEST_CONNECTIONS = 60
"""Connections that four workers with a few pools each may hold at the same time."""


def find_or_start(home: Home, say: Say) -> str:
    """A URL whose role may create databases and roles.

    Raises:
        CannotProvide: the one that was named does not serve, or there is none and none can be had.
    """
    told = os.environ.get(VARIABLE)
    if told:
        trouble = why_not(told)
        if trouble:
            raise CannotProvide(f"{VARIABLE}: {trouble}")
        return told
    return _machine(say) or _started_before(home) or _start(home, say)


def why_not(url: str) -> str | None:
    """What is wrong with a server for our purpose, in one line; None when it serves."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolsuper OR (rolcreatedb AND rolcreaterole), current_setting('max_connections')::int"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            version = connection.info.server_version
    except psycopg.Error as error:
        return str(error).strip().splitlines()[-1]
    assert row is not None
    may_create, connections = row
    if not may_create:
        return "the role may not create databases and roles"
    if version < OLDEST:
        return f"version {version // 10000} is too old, {OLDEST // 10000} or newer is needed"
    if connections < FEWEST_CONNECTIONS:
        return f"{connections} connections are too few, {FEWEST_CONNECTIONS} are needed"
    return None


def _machine(say: Say) -> str | None:
    if not answers(LOOPBACK, 5432):
        return None
    user = getpass.getuser()
    trouble: str | None = None
    for login in ("postgres", "postgres:postgres", user):
        url = f"postgresql://{login}@{LOOPBACK}:5432/postgres"
        trouble = why_not(url)
        if trouble is None:
            return url
    say(f"the PostgreSQL on {LOOPBACK}:5432 is not for us ({trouble})")
    return None


def _started_before(home: Home) -> str | None:
    server = home.servers.get("postgres")
    return server.url if server and server.url and why_not(server.url) is None else None


def _start(home: Home, say: Say) -> str:
    try:
        server_programs()
    except NoPostgres:
        if docker.engine_runs():
            return _in_container(home, say)
        if not can_install():
            raise CannotProvide("install postgresql (on Debian, as root: apt-get install postgresql)") from None
        install(["postgresql"], say)
    say("starting a PostgreSQL of our own …")
    # Its data are worth nothing after the run, so it need not wait for the disk.
    cluster = OwnCluster(home.directory("postgres", OwnCluster.ACCOUNT), durable=False).start()
    home.remember("postgres", Server(url=cluster.url, processes=[cluster.pid]))
    return cluster.url


def _in_container(home: Home, say: Say) -> str:
    say(f"starting {docker.POSTGRES.image} with Docker …")
    url = f"postgresql://postgres@{LOOPBACK}:{docker.start(docker.POSTGRES)}/postgres"
    eventually(lambda: why_not(url) is None, within=60, every=0.2, what=docker.POSTGRES.container)
    home.remember("postgres", Server(url=url, container=docker.POSTGRES.container))
    return url
