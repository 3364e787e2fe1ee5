"""What `make test` does first: find RabbitMQ, PostgreSQL and Chromium, or start or install them, or say what to do.

`python -m tests.prepare` writes what it found to `var/test-services.json`; when all is there it takes under a second.
Servers that already answer are used as they are. `python -m tests.prepare stop` ends those that it started itself.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.infrastructure.database import drop_leftovers
from tests.infrastructure.provision import CannotProvide, browser, postgres, rabbitmq
from tests.infrastructure.provision.homes import Home
from tests.infrastructure.services import VAR, TestServices


def main(words: list[str]) -> int:
    """Prepare, or `stop`; gives the exit code."""
    with one_at_a_time():
        home = Home()
        if words == ["stop"]:
            for name in list(home.servers):
                home.end(name)
            return 0
        try:
            found = prepare(home)
        except (CannotProvide, AssertionError, RuntimeError) as missing:
            # One line: a server's whole log would hide what is to be done.
            say(str(missing).splitlines()[0])
            return 1
    say(f"{_place(found.amqp_url)}, {_place(found.database_url)}, {found.chromium}")
    return 0


def prepare(home: Home) -> TestServices:
    """Find or start everything, and write down where it is.

    Raises:
        CannotProvide: something is missing and cannot be had from here.
    """
    database_url = postgres.find_or_start(home, say)
    amqp_url, control = rabbitmq.find_or_start(home, say)
    found = TestServices(
        amqp_url=amqp_url,
        database_url=database_url,
        chromium=browser.find_or_install(say),
        rabbitmqctl=list(control.command),
        rabbitmqctl_environment=control.environment,
    )
    drop_leftovers(database_url)
    found.write()
    return found


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two test runs that begin together must not both start a server."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(line: str) -> None:
    """One short line of progress."""
    sys.stderr.write(f"prepare: {line}\n")


def _place(url: str) -> str:
    kind, _, rest = url.partition("://")
    return f"{kind} {rest.rpartition('@')[2].rstrip('/')}"


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
