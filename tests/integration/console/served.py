"""A console alone, without services: `python -m tests.integration.console.served gunicorn|waitress FOLDER PORT`."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from flask import Flask

from services.console.app import create_app
from services.console.serving import Embedded, serve
from services.console.settings import ConsoleSettings
from shared.hosting.migrating import upgrade
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.storage.database import Database
from tests.unit.console.conftest import BEGUN_WITH, PASSWORD, FakeServices, FakeSigner


def make_app(folder: Path) -> Flask:
    """A console with one account, `wang`, a teacher."""
    url = f"sqlite:///{folder / 'console.sqlite'}"
    upgrade("console", url)
    services, clock = FakeServices(), SystemClock()
    services.answers |= {door: {"items": [], "next": None} for door in BEGUN_WITH}
    grants = [{"role": "teacher", "scope": "division"}]
    services.answers["registry", "grants_of"] = {"name": "王秀兰", "grants": grants}
    app = create_app(ConsoleSettings(secret=b"s" * 32), services, Database(url), clock, FakeSigner())
    app.extensions["console"].accounts.make("wang", PASSWORD, new_id(clock.now()))
    return app


def main(server: str, folder: str, port: str) -> None:
    """Serve until told to stop."""
    if server == "gunicorn":
        serve(lambda: make_app(Path(folder)), "127.0.0.1", int(port))
        return
    embedded = Embedded(make_app(Path(folder)), "127.0.0.1", int(port))
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: told.set())
    embedded.start()
    told.wait()
    embedded.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
