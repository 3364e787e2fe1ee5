"""Registering a child by hand."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console.doors import command
from services.console.forms import again, missing, say
from services.console.pages.children.room import class_options, pages, village_options
from services.console.visits import needs
from services.console.words import _
from shared.kernel.ids import is_id
from shared.kernel.refusals import Refusal

_REGISTER = "registry:child:register"
_TEXTS = ("name", "sex", "born", "village", "legal_basis", "scope", "address", "identity_number", "identity_missing")


@pages.get("/children/new")
@needs(_REGISTER)
def new() -> str:
    """The empty form."""
    return _form(())


@pages.post("/children/new")
@needs(_REGISTER)
def register() -> Response | tuple[Any, int]:
    """Register the child and go to its page. One that looks registered already has to be looked at first."""
    alike: tuple[str, ...] = ()
    try:
        if wrong := missing("name", "sex", "born", "village", "legal_basis"):
            raise wrong
        made = command("registry", "register_child", _given())
    except Refusal as refusal:
        if refusal.code == "registry.child_looks_registered":
            alike = tuple(refusal.facts.get("children", ()))
        return again(refusal, lambda: _form(alike))
    say(_("The child is registered."))
    return redirect(url_for("children.show", child=made["id"]), 303)


def _form(alike: tuple[str, ...]) -> str:
    return render_template("children/new.html", villages=village_options(), classes=class_options(), alike=alike)


def _given() -> dict[str, Any]:
    form = request.form
    data: dict[str, Any] = {name: form[name].strip() for name in _TEXTS if form.get(name, "").strip()}
    if klass := form.get("klass", "").strip():
        data["klass"] = klass
    if form.get("contact_relation"):
        contact = {"relation": form["contact_relation"]}
        contact |= {
            name: form[f"contact_{name}"].strip()
            for name in ("name", "phone")
            if form.get(f"contact_{name}", "").strip()
        }
        data["contacts"] = [contact | {"away": form.get("contact_away") == "yes"}]
    if form.get("arrangement"):
        data |= {"arrangement": form["arrangement"], "since": form.get("since") or form["born"]}
    data["different_from"] = [one for one in form.getlist("different_from") if is_id(one)]
    return data
