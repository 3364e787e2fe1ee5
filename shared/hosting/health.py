"""For those who watch the machines: alive, ready, counted; over HTTP where a port is given, and as a file.

/healthz    the process answers
/readyz     the database answers, the broker's consumers are there, no loop fails (503 with the names otherwise)
/metrics    for Prometheus
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog

from shared.observability import metrics

log = structlog.get_logger(__name__)
EVERY = 0.5
"""Seconds between two looks."""


class Health:
    """What a service says of itself. Not ready until `watch` has been called and every check is quiet."""

    def __init__(self, service: str, host: str, port: int | None, ready_file: Path | None) -> None:
        self._service, self._address, self._ready_file = service, (host, port), ready_file
        self._reasons: list[str] = ["starting"]
        self._checks: Callable[[], list[str]] = lambda: ["starting"]
        self._stopping = threading.Event()
        self._server: WSGIServer | None = None

    @property
    def ready(self) -> bool:
        """Whether it was ready at the last look."""
        return not self._reasons

    def start(self) -> None:
        """Listen, where a port is given. Raises OSError where it is taken."""
        self._write_file()
        host, port = self._address
        if port is not None:
            self._server = make_server(host, port, self._app, handler_class=_Quiet)
            threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def watch(self, checks: Callable[[], list[str]]) -> None:
        """Ask `checks` again and again for the names of what is not as it should be."""
        self._checks = checks
        threading.Thread(target=self._look, name="readiness", daemon=True).start()

    def not_ready(self, reason: str) -> None:
        """Say so at once, and until the next look."""
        self._set([reason])

    def stop(self) -> None:
        """Close the port and take the file away."""
        self._stopping.set()
        self._set(["stopped"])
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _look(self) -> None:
        while not self._stopping.is_set():
            try:
                reasons = self._checks()
            except Exception as error:
                log.exception("readiness_unknown", service=self._service, error=type(error).__name__)
                reasons = ["unknown"]
            if not self._stopping.is_set():
                self._set(reasons)
            self._stopping.wait(EVERY)

    def _set(self, reasons: list[str]) -> None:
        if reasons != self._reasons:
            self._reasons = reasons
            log.info("readiness_changed", service=self._service, ready=not reasons, reasons=reasons)
            self._write_file()

    def _write_file(self) -> None:
        if self._ready_file is None:
            return
        with contextlib.suppress(OSError):
            if self._reasons:
                self._ready_file.unlink(missing_ok=True)
            else:
                self._ready_file.write_text("ready\n")

    def _app(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path = environ.get("PATH_INFO", "")
        status, kind, body = "404 Not Found", "application/json", b"{}"
        if path == "/healthz":
            status, body = "200 OK", b'{"status":"ok"}'
        elif path == "/readyz":
            reasons = list(self._reasons)
            status = "503 Service Unavailable" if reasons else "200 OK"
            body = json.dumps({"status": "not ready" if reasons else "ok", "reasons": reasons}).encode()
        elif path == "/metrics":
            status, kind, body = "200 OK", metrics.CONTENT_TYPE, metrics.exposition()
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing: a probe every second is no event."""
