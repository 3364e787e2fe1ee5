"""A roster before its import: the upload, what its columns mean, the dry run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console import rosters
from services.console.codes import roster_field
from services.console.doors import call, command
from services.console.forms import again, missing, problems, say
from services.console.pages.own_classes import own_schools
from services.console.pages.rosters.room import IMPORT, chosen_group, groups, pages
from services.console.visits import needs
from services.console.words import _
from shared.kernel.ids import is_id
from shared.kernel.refusals import Refusal

Answer = Response | tuple[Any, int]


@pages.get("/rosters")
@needs(IMPORT)
def listed() -> str:
    """The form for a file, and the reader's own imports."""
    wanted = {"limit": 20, "after": request.args.get("after")}
    found = call("registry", "imports", wanted)
    return render_template(
        "rosters/listed.html", imports=found["items"], following=found["next"], schools=own_schools()
    )


@pages.post("/rosters")
@needs(IMPORT)
def upload() -> Answer:
    """Keep the file and go to its dry run."""
    given = request.files.get("file")
    school = request.form.get("school") or None
    try:
        if given is None or not given.filename:
            raise Refusal("invalid", errors={"file": ["required"]})
        upload_id = rosters.upload(given.read(rosters.LARGEST + 1))
    except Refusal as refusal:
        return again(refusal, listed)
    return redirect(url_for("rosters.preview", upload=upload_id, school=school), 303)


@pages.get("/rosters/uploads/<uuid:upload>")
@needs(IMPORT)
def preview(upload: UUID) -> str | Answer:
    """What would become of the file. One that cannot be read is answered with the sentence why, beside the field."""
    school = request.args.get("school") or None
    if school is not None and not is_id(school):
        school = None
    try:
        return _previewed(str(upload), school)
    except Refusal as refusal:
        problems().action = url_for("rosters.upload")
        return again(refusal, listed)


@pages.post("/rosters/uploads/<uuid:upload>/mapping")
@needs(IMPORT)
def confirm(upload: UUID) -> Answer:
    """Remember what the columns of a sheet mean."""
    school = request.form.get("school") or None
    mapping = {
        name.removeprefix("column-"): field
        for name, field in request.form.items()
        if name.startswith("column-") and field
    }
    try:
        command("registry", "confirm_mapping", {"key": request.form.get("key", ""), "mapping": mapping})
    except Refusal as refusal:
        return again(refusal, lambda: _previewed(str(upload), school))
    say(_("Remembered what the columns mean, for every file with the same headings."))
    return redirect(url_for("rosters.preview", upload=upload, school=school), 303)


@pages.post("/rosters/uploads/<uuid:upload>/start")
@needs(IMPORT)
def start(upload: UUID) -> Answer:
    """Start the import; the page that follows lets the rows in."""
    school = request.form.get("school") or None
    try:
        if wrong := missing("legal_basis"):
            raise wrong
        data = {"upload": str(upload), "legal_basis": request.form["legal_basis"], "school": school}
        started = command("registry", "start_import", data, timeout=rosters.PATIENCE)
    except Refusal as refusal:
        return again(refusal, lambda: _previewed(str(upload), school))
    return redirect(url_for("rosters.show", roster=started["id"]), 303)


def _previewed(upload_id: str, school: str | None) -> str:
    show, after = chosen_group(), request.args.get("after")
    found = rosters.preview(upload_id, school, show=show, after=after)
    fields = sorted(((code, roster_field(code)) for code in found["fields"]), key=lambda one: one[0])
    return render_template(
        "rosters/preview.html",
        upload=upload_id,
        school=school,
        found=found,
        fields=fields,
        show=show,
        chips=groups(
            found["groups"], show, lambda one: url_for("rosters.preview", upload=upload_id, school=school, show=one)
        ),
        first=url_for("rosters.preview", upload=upload_id, school=school, show=show) if after else None,
        following=url_for("rosters.preview", upload=upload_id, school=school, show=show, after=found["next"])
        if found["next"]
        else None,
        schools=own_schools() if found["counts"]["rows"] == found["counts"]["refused"] else [],
        unconfirmed=[one for one in found["sheets"] if not (one["sure"] or one["confirmed"])],
    )
