"""A roster from the start of its import on: how far it is, what became of each row, the file to take back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console import exports, rosters
from services.console.doors import call, command
from services.console.forms import say
from services.console.pages.rosters.room import IMPORT, chosen_group, groups, pages
from services.console.visits import needs
from services.console.words import _


@pages.get("/rosters/<uuid:roster>")
@needs(IMPORT)
def show(roster: UUID) -> str:
    """How far the import is, or what became of it. With `?step=1` (the page without script) it goes on a little."""
    wanted = str(roster)
    now = rosters.go_on(wanted) if request.args.get("step") else rosters.progress(wanted)
    if now["state"] == "running":
        return render_template("rosters/running.html", now=now)
    return _result(wanted, now)


def _result(roster: str, now: dict[str, Any]) -> str:
    """What became of the rows: those that were not taken in first, if there are any."""
    counts = {"refused": now["refused"], "duplicate": now["duplicate"], "notice": None}
    gravest = next((one for one in rosters.GROUPS if counts[one]), None)
    show = chosen_group() or (None if request.args.get("show") == "all" else gravest)
    after = request.args.get("after")
    wanted = {"roster": roster, "after": after, "show": show, "limit": rosters.ROWS}
    page = call("registry", "import_result", wanted)

    def href(group: str | None) -> str:
        return url_for("rosters.show", roster=roster, show=group or "all")

    return render_template(
        "rosters/result.html",
        now=now,
        page=page,
        show=show,
        chips=groups(counts, show, href, every=now["rows"]),
        first=href(show) if after else None,
        following=url_for("rosters.show", roster=roster, show=show or "all", after=page["next"])
        if page["next"]
        else None,
    )


@pages.get("/rosters/<uuid:roster>/progress")
@needs(IMPORT)
def step(roster: UUID) -> Response:
    """The part of the page that moves: each time it is asked for, the import goes on a little."""
    now = rosters.go_on(str(roster))
    response = Response(render_template("rosters/progress.html", now=now), mimetype="text/html")
    if now["state"] != "running":
        response.headers["X-Finished"] = "1"
    return response


@pages.post("/rosters/<uuid:roster>/abandonment")
@needs(IMPORT)
def abandon(roster: UUID) -> Response:
    """Give the import up; what went in stays."""
    command("registry", "abandon_import", {"roster": str(roster)})
    say(_("The import is given up. The rows that were in already stay."))
    return redirect(url_for("rosters.show", roster=roster), 303)


@pages.get("/rosters/<uuid:roster>/result.<any(xlsx,csv):kind>")
@needs(IMPORT)
def result(roster: UUID, kind: str) -> Response:
    """The result as a file that goes back to the school."""
    wanted = str(roster)
    lines = rosters.result_lines(rosters.result_rows(wanted))
    name = f"roster-{wanted[-8:]}.{kind}"
    if kind == "csv":
        return exports.file_answer(exports.as_csv(rosters.result_headings(), lines), "text/csv", name)
    body = exports.as_xlsx(_("What became of the rows"), rosters.result_headings(), lines)
    return exports.file_answer(body, exports.XLSX, name)
