"""Serving the console: waitress in the embedded system, gunicorn with threads on its own. Never the development server.

A live page holds a thread for as long as it is open (`heads.MOST_STREAMS` at most): there are more threads than that.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from waitress import wasyncore
from waitress.buffers import TempfileBasedBuffer
from waitress.server import create_server
from waitress.trigger import trigger

from services.console.context import Console
from services.console.errors import LARGEST_DRAINED
from services.console.heads import MOST_STREAMS
from services.console.spool import SealedSpool

log = structlog.get_logger()
THREADS = MOST_STREAMS + 24
TO_FINISH = 10
"""Seconds that a stop gives to what is under way."""


class Embedded:
    """The console in a thread of the embedded system's process.

    `port` 0 takes a free one; `address` says which. `start` returns once connections are taken.
    """

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._console: Console = app.extensions["console"]
        self._sockets: dict[int, Any] = {}
        # What waitress sets aside, of requests and of answers, must not lie on the disk in the clear.
        TempfileBasedBuffer.newfile = lambda _buffer: SealedSpool()
        self._server: Any = create_server(
            app,
            map=self._sockets,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_DRAINED,  # the app refuses earlier, with a page that says why
            channel_timeout=330,
            # The proxies' word is the app's to weigh (`trusted_proxies`); without any, none is heard.
            clear_untrusted_proxy_headers=not self._console.settings.trusted_proxies,
        )
        self._thread = threading.Thread(target=self._server.run, name="console", daemon=True)

    @property
    def address(self) -> str:
        """Where pages are served."""
        several = getattr(self._server, "effective_listen", None)  # a name that stands for more than one address
        host, port = several[0] if several else (self._server.effective_host, self._server.effective_port)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Serve from a thread of its own. The socket listens already, so no connection is turned away."""
        self._thread.start()
        log.info("console_serving", address=self.address)

    def stop(self) -> None:
        """Let live pages go, finish what is under way (ten seconds at most), and close."""
        self._console.heads.close()
        self._server.task_dispatcher.shutdown(timeout=TO_FINISH)
        # The sockets are the loop's own: closed from here they would go from under its wait.
        waker = next(one for one in self._sockets.values() if isinstance(one, trigger))
        waker.pull_trigger(lambda: wasyncore.close_all(self._sockets, ignore_all=True))
        self._thread.join(timeout=TO_FINISH)


def serve(make_app: Callable[[], Flask], host: str, port: int) -> None:
    """Serve under gunicorn until told to stop: one worker with many threads, replicas as the operator wishes.

    The app is made in the worker: what listens for heads is a thread, and a fork leaves threads behind.
    """
    _Gunicorn(make_app, host, port).run()


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    def __init__(self, make_app: Callable[[], Flask], host: str, port: int) -> None:
        self._make_app = make_app
        self._app: Flask | None = None
        self._bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """Threads rather than processes, no access log (the console writes its own), no control socket in a home
        that may be read-only, and time to finish."""
        for name, value in {
            "bind": self._bind,
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": TO_FINISH,
            "keepalive": 30,
            "accesslog": None,
            "control_socket_disable": True,
            "post_worker_init": lambda _worker: self._leave_at_once(),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """The app of this worker."""
        self._app = self._make_app()
        return self._app

    def _leave_at_once(self) -> None:
        """When told to stop, let live pages go first: they would hold the worker for all of its time to finish."""
        console: Console = cast("Flask", self._app).extensions["console"]
        finish = cast("Callable[[int, FrameType | None], None]", signal.getsignal(signal.SIGTERM))

        def stop(number: int, frame: FrameType | None) -> None:
            threading.Thread(target=console.heads.close).start()  # a handler may not wait for a lock
            finish(number, frame)

        signal.signal(signal.SIGTERM, stop)
