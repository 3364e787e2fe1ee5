"""Who answers for children: on which day, handed over in a list that both sign, transferred to another township."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from services.console import codes as w
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.visits import may, needs, the_visit
from services.console.words import _
from shared.kernel.refusals import Invalid, Refusal

pages = Blueprint("answering", __name__)
_PAGE, _STAFF = 25, 200


@pages.get("/children/<uuid:child>/answering")
@needs("registry:responsible:view")
def history(child: UUID) -> str:
    """Who answers for a child, who did before, and who did on a day of the address."""
    on = _day()
    found = call("registry", "answering", {"child": str(child)} | ({"on": on} if on else {}))
    name = call("registry", "child", {"child": str(child)})["name"] if may("registry:child:view") else None
    watch = call("registry", "watch", {"child": str(child)})
    return render_template("answering/history.html", found=found, watch=watch, child=str(child), name=name, on=on, w=w)


@pages.get("/places/people/<uuid:staff>/children")
@needs("registry:responsible:view")
def children(staff: UUID) -> str:
    """The children that somebody answers for, now or on a day of the address."""
    on = _day()
    asked = {"staff": str(staff), "limit": 100, "after": request.args.get("after")} | ({"on": on} if on else {})
    found = call("registry", "answered_by", asked)
    return render_template("answering/children.html", found=found, on=on, w=w)


@pages.get("/hand-overs")
@needs("registry:hand_over:view")
def listed() -> str:
    """The lists, the latest first."""
    state = request.args.get("state")
    wanted = {"state": state} if state in w.HAND_OVER_STATES else {}
    found = call("registry", "hand_overs", {**wanted, "limit": _PAGE, "after": request.args.get("after")})
    return render_template("answering/hand_overs.html", found=found, state=wanted.get("state"), w=w)


@pages.route("/hand-overs/new", methods=["GET", "POST"])
@needs("registry:hand_over:draw")
def draw_up() -> Any:
    """Draw a list up."""
    if request.method == "GET":
        return _drawing()
    said = {name: request.form[name] for name in ("kind", "giver", "receiver", "klass") if request.form.get(name)}
    if said.get("kind") == "departure":
        said.pop("klass", None)
    try:
        if wrong := missing("kind", "giver", "receiver"):
            raise wrong
        done = command("registry", "draw_up_hand_over", said)
    except Refusal as refusal:
        return again(refusal, _drawing)
    say(_("The list is drawn up. It holds once both have signed; until then nothing changes."))
    return redirect(url_for("answering.show", hand_over=done["id"]), 303)


@pages.get("/hand-overs/<uuid:hand_over>")
@needs("registry:hand_over:view")
def show(hand_over: UUID) -> str:
    """One list: whose children they are, who has signed, and what to do next."""
    it = call("registry", "hand_over", {"hand_over": str(hand_over)})
    me = the_visit().person.staff
    mine = (me == it["giver"] and not it["given_at"]) or (me == it["receiver"] and not it["taken_at"])
    in_place = me not in (it["giver"], it["receiver"]) and not it["given_at"] and may("registry:hand_over:draw")
    return render_template("answering/hand_over.html", it=it, mine=mine, in_place=in_place, w=w)


@pages.post("/hand-overs/<uuid:hand_over>/signature")
@needs("registry:hand_over:sign")
def sign(hand_over: UUID) -> Any:
    """Sign a list."""
    return _done(hand_over, "sign_hand_over", _("You have signed."))


@pages.post("/hand-overs/<uuid:hand_over>/withdrawal")
@needs("registry:hand_over:draw")
def withdraw(hand_over: UUID) -> Any:
    """Take a list back."""
    return _done(hand_over, "withdraw_hand_over", _("The list is withdrawn; nothing has changed."))


@pages.get("/transfers")
@needs("registry:transfer:view")
def transfers() -> str:
    """Transfers to and from other townships, the latest first."""
    state = request.args.get("state")
    wanted = {"state": state} if state in w.TRANSFER_STATES else {}
    found = call("registry", "transfers", {**wanted, "limit": _PAGE, "after": request.args.get("after")})
    return render_template("answering/transfers.html", found=found, state=wanted.get("state"), w=w)


@pages.route("/children/<uuid:child>/transfer", methods=["GET", "POST"])
@needs("registry:transfer:sign")
def transfer_child(child: UUID) -> Any:
    """Sign a child away to a village of another township."""
    if request.method == "GET":
        return _transferring(child)
    said = {name: request.form[name] for name in ("village", "school") if request.form.get(name)}
    try:
        if wrong := missing("village"):
            raise wrong
        done = command("registry", "sign_transfer", {"child": str(child)} | said)
    except Refusal as refusal:
        return again(refusal, lambda: _transferring(child))
    say(_("You have signed. Until the other side signs, the child stays with whoever answers for it now."))
    return redirect(url_for("answering.transfer", transfer=done["id"]), 303)


@pages.get("/transfers/<uuid:transfer>")
@needs("registry:transfer:view")
def transfer(transfer: UUID) -> str:
    """One transfer, and what either side may do."""
    it = call("registry", "transfer", {"transfer": str(transfer)})
    waits = it["receiving"] and it["state"] == "signed"
    staff = _people(it["village"]) if waits and may("registry:staff:view") else []
    return render_template("answering/transfer.html", it=it, staff=staff, w=w)


@pages.post("/transfers/<uuid:transfer>/acceptance")
@needs("registry:transfer:sign")
def accept(transfer: UUID) -> Any:
    """Sign for the receiving side."""
    named = {"responsible": request.form["responsible"]} if request.form.get("responsible") else {}
    return _decided(transfer, "accept_transfer", _("The child is transferred."), named)


@pages.post("/transfers/<uuid:transfer>/refusal")
@needs("registry:transfer:sign")
def refuse(transfer: UUID) -> Any:
    """Refuse it for the receiving side."""
    return _decided(transfer, "refuse_transfer", _("The transfer is refused; the child stays where it is."))


@pages.post("/transfers/<uuid:transfer>/withdrawal")
@needs("registry:transfer:sign")
def take_back(transfer: UUID) -> Any:
    """Take it back for the sending side."""
    return _decided(transfer, "withdraw_transfer", _("The transfer is withdrawn; the child stays where it is."))


def _drawing() -> str:
    classes = [(one["klass"], f"{one['school_name']} {one['name']}") for one in call("registry", "classes")["items"]]
    return render_template("answering/draw_up.html", staff=_people(), classes=classes, w=w)


def _transferring(child: UUID) -> str:
    found = call("registry", "child", {"child": str(child)})
    divisions = call("registry", "divisions")["items"]
    above = {one["division"]: one["name"] for one in divisions}
    villages = [
        (one["division"], f"{above.get(one['parent'], '')} {one['name']}".strip())
        for one in divisions
        if one["level"] == "village" and one["division"] != found["village"]
    ]
    schools = [(one["school"], one["name"]) for one in call("registry", "schools")["items"]]
    return render_template("answering/transfer_child.html", child=found, villages=villages, schools=schools)


def _people(division: str | None = None) -> list[tuple[str, str]]:
    """Staff as a form offers them, with their roles; those of a division where one is named."""
    found = call("registry", "staff", {"limit": _STAFF} | ({"division": division} if division else {}))["items"]
    return [
        (one["staff"], " · ".join([one["name"] or _("Name not shown"), *map(w.role_said, one["roles"])]))
        for one in found
    ]


def _done(hand_over: UUID, door: str, words: str) -> Any:
    try:
        command("registry", door, {"hand_over": str(hand_over)})
    except Refusal as refusal:
        return again(refusal, lambda: show(hand_over))
    say(words)
    return redirect(url_for("answering.show", hand_over=hand_over), 303)


def _decided(wanted: UUID, door: str, words: str, more: dict[str, str] | None = None) -> Any:
    try:
        command("registry", door, {"transfer": str(wanted)} | (more or {}))
    except Refusal as refusal:
        return again(refusal, lambda: transfer(wanted))
    say(words)
    return redirect(url_for("answering.transfer", transfer=wanted), 303)


def _day() -> str | None:
    """The day of the address. Raises Invalid on what is none."""
    given = request.args.get("on", "").strip()
    try:
        return date.fromisoformat(given).isoformat() if given else None
    except ValueError as error:
        raise Invalid({"on": ["not_a_day"]}) from error
