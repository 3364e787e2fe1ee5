"""Fixtures for every test: broker, databases, clock and browser, as `make test` found or started them."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page

from shared.storage.database import Database
from tests.infrastructure.broker import new_run, remove_namespace, remove_readers_queues
from tests.infrastructure.browser import Pages, chromium
from tests.infrastructure.clock import MovedClock
from tests.infrastructure.database import TestDatabase, sqlite_database
from tests.infrastructure.grouping import Grouped
from tests.infrastructure.pool import POOL
from tests.infrastructure.services import VAR, NotPrepared, TestServices, read_services
from tests.infrastructure.templates import Templates

# Configuration files of tests are imported before pytest's own filters hold.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
MOST_WORKERS = 4
"""More than that would open more connections than the smallest PostgreSQL takes."""
RUN_VARIABLE = "TEST_RUN"

# The same examples for everybody: a change is red for what it changed. `--hypothesis-profile=exploring` looks for new
# ones. How long an example takes on a busy machine says nothing.
patient: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("exploring", **patient)
settings.register_profile("steady", derandomize=True, **patient)
settings.load_profile("steady")

_counter = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Settle for all workers, which are started later and inherit it, what the run is called."""
    os.environ.setdefault(RUN_VARIABLE, new_run())
    # What tests serve is on this machine; a proxy for the world outside is not asked for it.
    for variable in ("no_proxy", "NO_PROXY"):
        os.environ[variable] = ",".join(filter(None, [os.environ.get(variable), "127.0.0.1", "localhost"]))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto`: one worker more than there are cores, up to four: half of a test's time is waiting for servers."""
    return min(len(os.sched_getaffinity(0)) + 1, MOST_WORKERS)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Grouped | None:
    """With `--dist=loadgroup`, which worker takes which tests: see `grouping`."""
    return Grouped(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_sessionfinish(session: pytest.Session) -> None:
    """When the last worker is done, remove the queues and exchanges of this run."""
    POOL.close()
    run = os.environ[RUN_VARIABLE]
    mark = _broker_mark(run)
    if hasattr(session.config, "workerinput") or not mark.exists():
        return
    mark.unlink()
    found = read_services()
    try:
        remove_namespace(found.amqp_url, found.control, run)
    except RuntimeError as trouble:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"queues named {run}… stay on the broker: {trouble}", yellow=True)


@pytest.fixture(scope="session")
def services() -> TestServices:
    """What was found. A test that asks for it fails, and is never skipped, when nobody has looked."""
    try:
        return read_services()
    except NotPrepared as missing:
        pytest.fail(str(missing))


@pytest.fixture(scope="session")
def amqp_url(services: TestServices) -> str:
    """A RabbitMQ that others use too: take a `namespace`, and leave the broker itself alone."""
    return services.amqp_url


@pytest.fixture
def namespace(services: TestServices) -> Iterator[str]:
    """A namespace of this test alone. Its readers' queues go with it, the rest when the run is over."""
    run = os.environ[RUN_VARIABLE]
    _broker_mark(run).touch()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw")
    name = f"{run}{worker}n{next(_counter)}"
    yield name
    remove_readers_queues(services.amqp_url, name)


@pytest.fixture
def postgres(services: TestServices) -> Iterator[TestDatabase]:
    """An empty PostgreSQL database with an owner and an application role."""
    with POOL.postgres(services.database_url) as made:
        yield made


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where a SQLite database may be made; the file does not exist yet."""
    return tmp_path / "test.sqlite"


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    """Databases that were migrated once, to copy."""
    with Templates(lambda: read_services().database_url, tmp_path_factory.mktemp("templates")) as kept:
        yield kept


@pytest.fixture
def migrated_for() -> str | None:
    """The service for which `test_database` is migrated already; a folder's own fixture says which."""
    return None


@pytest.fixture(params=["sqlite", "postgresql"])
def test_database(
    request: pytest.FixtureRequest, migrated_for: str | None, templates: Templates
) -> Iterator[TestDatabase]:
    """A fresh database of each kind in turn: one test, both databases."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_path")
        yield templates.sqlite(migrated_for, path) if migrated_for else sqlite_database(path)
    elif migrated_for:
        with templates.postgres(migrated_for) as copied:
            yield copied
    else:
        yield request.getfixturevalue("postgres")


@pytest.fixture
def database(test_database: TestDatabase) -> Iterator[Database]:
    """`test_database`, open as its owner."""
    opened = Database(test_database.owner_url)
    yield opened
    opened.dispose()


@pytest.fixture
def moved_clock(tmp_path: Path) -> MovedClock:
    """A clock that the test moves, for every process started with its `environment`."""
    return MovedClock(tmp_path / "clock")


@pytest.fixture(scope="session")
def browser(services: TestServices) -> Iterator[Browser]:
    """One Chromium for each worker."""
    with chromium(services.chromium) as running:
        yield running


@pytest.fixture
def pages(browser: Browser) -> Iterator[Pages]:
    """Opens pages at any width; an error on a page's console fails the test, unless it was expected."""
    opener = Pages(browser)
    yield opener
    troubles = opener.troubles()
    opener.close()
    if troubles:
        pytest.fail("the browser's console showed:\n" + "\n".join(troubles))


@pytest.fixture
def page(pages: Pages) -> Page:
    """A page as wide as a desk's screen. For another width, language or without scripts: `pages.open(…)`."""
    return pages.open()


def _broker_mark(run: str) -> Path:
    # A file, because the process that cleans up is not the one that ran the tests.
    return VAR / f"{run}.broker"
