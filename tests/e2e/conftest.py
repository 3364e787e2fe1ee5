"""The whole system, chosen by the parameter `host`, with a county in it. It runs through all stories of a host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import pytest
import structlog
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine, make_url

from shared.hosting.directory import SERVICES
from shared.observability.logs import configure
from shared.testing.hosts import System, embedded_system, served_system
from tests.e2e.canaries import tell
from tests.e2e.crew import Crew
from tests.e2e.walking import Country, demonstration
from tests.infrastructure.broker import Control, new_run, remove_namespace
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import TestDatabase, postgres_database
from tests.infrastructure.own_cluster import OwnCluster
from tests.infrastructure.services import TestServices

DEPLOYED = {"wal_recycle": "off", "wal_init_zero": "off"}
"""What `deploy/postgres/postgresql.conf` says about the journal."""


@dataclass
class County:
    """A running system with its people, and what can be seen of it from below."""

    crew: Crew
    system: System
    clock: MovedClock
    folder: Path
    control: Control
    cluster: OwnCluster | None = None

    @property
    def broker(self) -> tuple[str, str]:
        """The broker's address and the namespace, where the system runs on one."""
        environment = self.system.served["registry"]._environment
        return environment["SHOUWANG_AMQP_URL"], environment["SHOUWANG_NAMESPACE"]

    @property
    def queues(self) -> tuple[Control, str]:
        """How to ask for the queues of the namespace."""
        return self.control, self.broker[1]

    def entries(self, service: str) -> list[bytes]:
        """Every entry of a service's log as it lies in the database, read past all of our code."""
        engine = create_engine(self.database_of(service))
        try:
            with engine.connect() as connection:
                return [bytes(row[0]) for row in connection.exec_driver_sql("SELECT entry FROM events")]
        finally:
            engine.dispose()

    def lines(self) -> str:
        """Everything that the system has said in its own logs."""
        return "".join(file.read_text(errors="replace") for file in self.folder.glob("*.log"))

    def database_of(self, service: str) -> str:
        """The address of a service's database."""
        if self.system.host is not None:
            return str(self.system.host.settings.for_service(service).database_url)
        url = self.system.served[service]._environment["SHOUWANG_DATABASE_URL"]
        return url.replace("postgresql://", "postgresql+psycopg://", 1)


@pytest.fixture(
    scope="session",
    params=[
        "embedded",
        pytest.param("rabbitmq", marks=pytest.mark.broker),
    ],
)
def host(request: pytest.FixtureRequest) -> str:
    """Which host the system runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def county(host: str, services: TestServices, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    folder = tmp_path_factory.mktemp(host)
    clock = MovedClock(folder / "clock")
    cluster = None
    with ExitStack() as stack:
        if host == "embedded":
            stack.enter_context(_lines_in(folder / "embedded.log"))
            system = stack.enter_context(embedded_system(folder, clock.path))
        else:
            namespace = new_run() + os.environ.get("PYTEST_XDIST_WORKER", "gw")
            stack.callback(remove_namespace, services.amqp_url, services.control, namespace)
            cluster = stack.enter_context(OwnCluster(durable=False, settings=DEPLOYED))
            databases = partial(deployed_database, cluster)
            served = served_system(folder, clock.path, services.amqp_url, namespace, databases)
            system = stack.enter_context(served)
        crew = Crew(system.client, system.keys, system.clock)
        crew.settle()
        for service in SERVICES:
            crew.heard("auditor", service, "log_entries", {"limit": 1})
        yield County(crew, system, clock, folder, services.control, cluster)


@contextmanager
def deployed_database(cluster: OwnCluster) -> Iterator[TestDatabase]:
    """A database with the rights that a deployment gives its owner (`deploy/postgres/10-services.sh`)."""
    with postgres_database(cluster.url) as made:
        name = sql.Identifier(make_url(made.owner_url).username or "")
        address = make_conninfo(cluster.url, dbname=make_url(made.owner_url).database)
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(sql.SQL("GRANT pg_read_all_stats TO {}").format(name))
            admin.execute(sql.SQL("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {}").format(name))
        yield made


@pytest.fixture(scope="session")
def told(county: County) -> County:
    """A county in which every service was told something personal."""
    tell(county.crew)
    return county


@pytest.fixture
def crew(county: County) -> Crew:
    """The county's people."""
    return county.crew


@pytest.fixture(scope="session")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """The demonstration, served and walked once for all that look at it in browsers."""
    with demonstration(tmp_path_factory.mktemp("demonstration")) as found:
        yield found


@contextmanager
def _lines_in(file: Path) -> Iterator[None]:
    with file.open("a") as opened:
        configure(level="info", stream=opened)
        yield
    structlog.reset_defaults()
