"""For those who watch the machines: alive, ready, counted."""

from __future__ import annotations

import time

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.console.context import here
from services.console.heads import SILENT_AFTER
from services.console.visits import public
from shared.observability.metrics import exposition

health = Blueprint("health", __name__)


class Metrics:
    """The console's counts, in a registry of their own so that two consoles in one process do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        names = ("method", "route", "status")
        self.requests = Counter("shouwang_console_requests", "Requests answered", names, registry=self.registry)
        self.seconds = Histogram(
            "shouwang_console_request_seconds",
            "Time to the answer",
            ("route",),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=self.registry,
        )
        self.heads = Gauge("shouwang_log_size", "Announced size of each log", ("service",), registry=self.registry)


def install(app: Flask) -> None:
    """Count every answer, and serve the three addresses."""
    metrics = Metrics()
    app.extensions["console.metrics"] = metrics

    @app.after_request
    def _count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        metrics.requests.labels(request.method, route, response.status_code).inc()
        if not response.is_streamed:
            metrics.seconds.labels(route).observe(time.perf_counter() - float(g.begun))
        return response

    app.register_blueprint(health)


@health.get("/metrics")
@public
def counts() -> Response:
    """The counts, as Prometheus reads them: the console's, and those of every service that runs in this process."""
    metrics: Metrics = current_app.extensions["console.metrics"]
    for service, size in here().heads.sizes().items():
        metrics.heads.labels(service).set(size)
    return Response(generate_latest(metrics.registry) + exposition(), content_type=CONTENT_TYPE_LATEST)


@health.get("/healthz")
@public
def alive() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@health.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """The database answers, and no service that was once heard has been silent for a minute."""
    now, console = here().clock.now(), here()
    try:
        with console.database.read() as tx:
            tx.execute(text("SELECT 1"))
        database = True
    except SQLAlchemyError:
        database = False
    silent = sorted(service for service, at in console.heads.heard().items() if now - at > SILENT_AFTER)
    fine = database and not silent
    answer = {"status": "ok" if fine else "not ready", "database": database, "silent": silent}
    return jsonify(answer), 200 if fine else 503
