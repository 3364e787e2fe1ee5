"""The console's composition root: one Flask app from its settings and its neighbours."""

from __future__ import annotations

from typing import IO, cast

from flask import Flask, Request, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from services.console import api, errors, headers, health, pages, templating
from services.console.accounts import Accounts
from services.console.assets import static
from services.console.catalogues import Catalogues
from services.console.context import Console
from services.console.forms import check_form, forget_draft
from services.console.heads import Heads
from services.console.live import live
from services.console.people import People
from services.console.port import ServiceClient, TokenSigner
from services.console.settings import ConsoleSettings
from services.console.spool import stream_for
from services.console.visits import arrive, for_programs, refuse_unmarked
from shared.kernel.clock import Clock
from shared.storage.database import Database

_FREE_OF_FORMS = ("live.stay",)


class SpooledRequest(Request):
    """A request whose files lie on no disk in the clear."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return cast("IO[bytes]", stream_for(total_content_length))


def create_app(
    settings: ConsoleSettings, client: ServiceClient, database: Database, clock: Clock, signer: TokenSigner
) -> Flask:
    """The console as a WSGI app. The database is migrated already (`shared.hosting.migrating`)."""
    app = Flask("services.console", static_folder=None, template_folder="templates")
    app.request_class = SpooledRequest
    app.config["MAX_CONTENT_LENGTH"] = settings.largest_upload
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 * 1024 * 1024
    console = Console(
        settings=settings,
        client=client,
        database=database,
        clock=clock,
        signer=signer,
        accounts=Accounts(settings, database, clock),
        people=People(client, signer, clock),
        heads=Heads(client, clock),
        catalogues=Catalogues(),
    )
    console.heads.on_growth(console.people.grown)
    app.extensions["console"] = console

    headers.install(app)
    health.install(app)
    errors.install(app)
    templating.install(app)
    app.before_request(arrive)
    app.before_request(_check_what_is_sent)
    app.after_request(forget_draft)
    app.register_blueprint(static)
    app.register_blueprint(live)
    pages.register(app, production=settings.production)
    api.register(app)
    refuse_unmarked(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _check_what_is_sent() -> None:
    """Every form of a page must be ours; programs bring a bearer token instead, which no other site can send."""
    if request.method in ("GET", "HEAD", "OPTIONS") or for_programs():
        return
    if request.endpoint in _FREE_OF_FORMS or request.url_rule is None:
        return
    check_form()
    g.form_action = request.path
