"""Cases: the list, one case with its notes, and what may be done with it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console import codes as w
from services.console import files
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.pages.choose_child import choose_child
from services.console.visits import needs
from services.console.words import _
from shared.kernel.refusals import Refusal

pages = Blueprint("cases", __name__)


@pages.get("/cases")
@needs("casework:case:view")
def listed() -> str:
    """Cases within reach: open ones, closed ones or all."""
    state = request.args.get("state", "open")
    asked: dict[str, Any] = {"after": request.args.get("after"), "limit": 50}
    if state in w.CASE_STATES:
        asked["state"] = state
    return render_template("cases/listed.html", found=call("casework", "cases", asked), state=state, w=w)


@pages.get("/cases/<uuid:case>")
@needs("casework:case:view")
def show(case: Any) -> str:
    """One case with its notes; those that this reader may not see say that they are there."""
    return render_template("cases/show.html", case=call("casework", "case", {"case": str(case)}), w=w)


@pages.post("/cases/<uuid:case>/notes")
@needs("casework:note:add")
def add_note(case: Any) -> Any:
    """Write a note."""
    form = request.form
    try:
        if wrong := missing("note_class", "text"):
            raise wrong
        given = {"case": str(case), "note_class": form["note_class"], "text": form["text"]}
        command("casework", "add_note", given)
    except Refusal as refusal:
        return again(refusal, lambda: show(case))
    say(_("The note is written. Notes are never changed; write another to put one right."))
    return redirect(url_for("cases.show", case=case), 303)


@pages.post("/cases/<uuid:case>/files")
@needs("casework:file:attach")
def attach_file(case: Any) -> Any:
    """Attach a file."""
    try:
        if wrong := missing("file_class"):
            raise wrong
        given = request.files.get("file")
        if given is None or not given.filename:
            raise Refusal("invalid", errors={"file": ["required"]})
        files.attach(str(case), given, request.form["file_class"])
    except Refusal as refusal:
        return again(refusal, lambda: show(case))
    say(_("The file is attached. It is kept encrypted and is never changed."))
    return redirect(url_for("cases.show", case=case), 303)


@pages.get("/cases/<uuid:case>/files/<uuid:file>")
@needs("casework:case:view")
def download(case: Any, file: Any) -> Response:
    """A file to take away."""
    return files.download(str(case), str(file))


@pages.post("/cases/<uuid:case>/close")
@needs("casework:case:close")
def close(case: Any) -> Any:
    """Close the case for a reason."""
    form = request.form
    try:
        if wrong := missing("reason"):
            raise wrong
        given = {"case": str(case), "reason": form["reason"], "text": form.get("words", "").strip() or None}
        command("casework", "close_case", given)
    except Refusal as refusal:
        return again(refusal, lambda: show(case))
    say(_("The case is closed. It can be reopened."), undo=(url_for("cases.reopen", case=case), _("Reopen the case")))
    return redirect(url_for("cases.show", case=case), 303)


@pages.post("/cases/<uuid:case>/reopen")
@needs("casework:case:open")
def reopen(case: Any) -> Response:
    """Open it again."""
    command("casework", "reopen_case", {"case": str(case)})
    say(_("The case is open again."))
    return redirect(url_for("cases.show", case=case), 303)


@pages.route("/cases/new", methods=["GET", "POST"])
@needs("casework:case:open")
def choose() -> str:
    """For which child."""
    return choose_child(_("Open a case"), "cases.open_form")


@pages.get("/children/<uuid:child>/case")
@needs("casework:case:open")
def open_form(child: Any) -> str:
    """The form to open a case by hand."""
    return render_template("cases/open.html", child=call("registry", "child", {"child": str(child)}))


@pages.post("/children/<uuid:child>/case")
@needs("casework:case:open")
def open_case(child: Any) -> Any:
    """Open a case for a child."""
    given = {"child": str(child), "why": request.form.get("why", "").strip() or None}
    try:
        made = command("casework", "open_case", given)
    except Refusal as refusal:
        return again(refusal, lambda: open_form(child))
    say(_("The case is open."))
    return redirect(url_for("cases.show", case=made["id"]), 303)
