"""A county at work on either host, for the benchmarks that go through the doors."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from shared.observability.logs import configure
from shared.testing.hosts import System, embedded_system, served_system
from tests.e2e.crew import SERVICES, Crew
from tests.infrastructure.broker import new_run, remove_namespace
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import postgres_database
from tests.infrastructure.services import read_services

HOSTS = ("embedded", "rabbitmq")


@contextmanager
def county(host: str) -> Iterator[Crew]:
    """Its people, settled, on a host that is gone at the end of the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clock = MovedClock(folder / "clock")
        configure(level="warning", stream=stack.enter_context((folder / "own.log").open("w")))
        system: System
        if host == "embedded":
            system = stack.enter_context(embedded_system(folder, clock.path))
        else:
            services, namespace = read_services(), new_run()
            stack.callback(remove_namespace, services.amqp_url, services.control, namespace)
            databases = partial(postgres_database, services.database_url)
            served = served_system(folder, clock.path, services.amqp_url, namespace, databases)
            system = stack.enter_context(served)
        crew = Crew(system.client, system.keys, system.clock)
        crew.settle()
        for service in SERVICES:
            crew.heard("auditor", service, "log_entries", {"limit": 1})
        yield crew
