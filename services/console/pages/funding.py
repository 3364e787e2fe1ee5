"""Funding: funds with what is left in them, donations, and applications from draft to payment.

Amounts are typed and shown in yuan and sent in fen. Who applies, who approves and who pays are three people: the
pages offer each only what the role may do, and the doors refuse the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from services.console import codes as w
from services.console.context import here
from services.console.doors import call, command
from services.console.forms import again, missing, say
from services.console.pages.choose_child import choose_child
from services.console.visits import may, needs, the_visit
from services.console.words import _
from shared.kernel.clock import day_of
from shared.kernel.money import fen, yuan
from shared.kernel.refusals import Refusal

pages = Blueprint("funding", __name__)


@pages.get("/funding")
@needs("funding:fund:view")
def listed() -> str:
    """The funds, and the applications that wait for somebody."""
    waiting = {}
    if may("funding:application:view"):
        for state in ("submitted", "approved"):
            waiting[state] = call("funding", "applications", {"state": state, "limit": 10})["items"]
    return render_template("funding/listed.html", funds=call("funding", "funds")["items"], waiting=waiting, w=w)


@pages.get("/funding/funds/new")
@needs("funding:fund:open")
def new_fund() -> str:
    """The form to open a fund."""
    return render_template("funding/new_fund.html")


@pages.post("/funding/funds/new")
@needs("funding:fund:open")
def open_fund() -> Any:
    """Open a fund."""
    form = request.form
    try:
        if wrong := missing("name", "purpose"):
            raise wrong
        made = command("funding", "open_fund", {"name": form["name"], "purpose": form["purpose"]})
    except Refusal as refusal:
        return again(refusal, new_fund)
    say(_("The fund is open."))
    return redirect(url_for("funding.fund", fund=made["id"]), 303)


@pages.get("/funding/funds/<uuid:fund>")
@needs("funding:fund:view")
def fund(fund: Any) -> str:
    """One fund: its accounts, its donations, its ledger."""
    asked = {"fund": str(fund), "limit": 50}
    return render_template(
        "funding/fund.html",
        fund=call("funding", "fund", {"fund": str(fund)}),
        donations=call("funding", "donations", asked),
        ledger=call("funding", "ledger", asked | {"after": request.args.get("after")}),
        today=_today(),
        w=w,
    )


@pages.post("/funding/funds/<uuid:fund>/donations")
@needs("funding:donation:record")
def donate(fund: Any) -> Any:
    """Record money received."""
    form = request.form
    try:
        amount = _amount("source", "received_on")
        given = {
            "fund": str(fund),
            "amount": amount,
            "source": form["source"],
            "received_on": form["received_on"],
            "donor_name": form.get("donor_name", "").strip() or None,
        }
        command("funding", "record_donation", given)
    except Refusal as refusal:
        return again(refusal, lambda: _fund_page(fund))
    say(_("%(amount)s yuan received are recorded.", amount=yuan(amount)))
    return redirect(url_for("funding.fund", fund=fund), 303)


@pages.get("/funding/applications")
@needs("funding:application:view")
def applications() -> str:
    """Applications within reach, of one state or all."""
    state = request.args.get("state", "")
    asked: dict[str, Any] = {"after": request.args.get("after"), "limit": 50}
    if state in w.APPLICATION_STATES:
        asked["state"] = state
    return render_template("funding/applications.html", found=call("funding", "applications", asked), state=state, w=w)


@pages.get("/funding/applications/<uuid:application>")
@needs("funding:application:view")
def show(application: Any) -> str:
    """One application, and what this reader may do with it now."""
    found = call("funding", "application", {"application": str(application)})
    editable = found["state"] in ("draft", "returned") and may("funding:application:submit")
    return render_template(
        "funding/application.html",
        application=found,
        funds=_funds() if editable else [],
        editable=editable,
        mine=the_visit().person.staff == found.get("submitted_by"),
        approved_by_me=the_visit().person.staff == found.get("approved_by"),
        yuan=yuan,
        today=_today(),
        w=w,
    )


@pages.route("/funding/applications/new", methods=["GET", "POST"])
@needs("funding:application:submit")
def choose() -> str:
    """For which child."""
    return choose_child(_("Apply for funding"), "funding.draft_form")


@pages.get("/children/<uuid:child>/application")
@needs("funding:application:submit")
def draft_form(child: Any) -> str:
    """The form to apply for a child."""
    found = call("registry", "child", {"child": str(child)})
    return render_template("funding/draft.html", child=found, funds=_funds())


@pages.post("/children/<uuid:child>/application")
@needs("funding:application:submit")
def draft(child: Any) -> Any:
    """Begin an application."""
    try:
        made = command("funding", "draft_application", {"child": str(child)} | _asked_for())
    except Refusal as refusal:
        return again(refusal, lambda: draft_form(child))
    say(_("The draft is kept. Hand it in when it is complete."))
    return redirect(url_for("funding.show", application=made["id"]), 303)


@pages.post("/funding/applications/<uuid:application>/amend")
@needs("funding:application:submit")
def amend(application: Any) -> Any:
    """Change a draft or what was sent back."""
    return _order(application, "amend_application", _asked_for, _("The changes are kept."))


@pages.post("/funding/applications/<uuid:application>/submit")
@needs("funding:application:submit")
def submit(application: Any) -> Any:
    """Hand it in."""
    return _order(application, "submit_application", dict, _("The application is handed in."))


@pages.post("/funding/applications/<uuid:application>/withdraw")
@needs("funding:application:submit")
def withdraw(application: Any) -> Any:
    """Take it back."""
    return _order(application, "withdraw_application", dict, _("The application is taken back."))


@pages.post("/funding/applications/<uuid:application>/approve")
@needs("funding:application:approve")
def approve(application: Any) -> Any:
    """Approve it; its amount is set aside."""
    return _order(application, "approve_application", dict, _("Approved. The amount is set aside for payment."))


@pages.post("/funding/applications/<uuid:application>/return")
@needs("funding:application:approve")
def send_back(application: Any) -> Any:
    """Send it back to be completed."""
    return _order(application, "return_application", _fields("note"), _("Sent back to be completed."))


@pages.post("/funding/applications/<uuid:application>/refuse")
@needs("funding:application:approve")
def refuse(application: Any) -> Any:
    """Refuse it for good."""
    return _order(application, "refuse_application", _fields("reason"), _("The application is refused."))


@pages.post("/funding/applications/<uuid:application>/pay")
@needs("funding:application:pay")
def pay(application: Any) -> Any:
    """Record that it was paid."""
    return _order(application, "pay_application", _fields("method", "paid_on"), _("The payment is recorded."))


def _order(application: Any, door: str, given: Callable[[], dict[str, Any]], done: str) -> Any:
    try:
        command("funding", door, {"application": str(application)} | given())
    except Refusal as refusal:
        return again(refusal, lambda: show(application))
    say(done)
    return redirect(url_for("funding.show", application=application), 303)


def _fields(*names: str) -> Callable[[], dict[str, Any]]:
    def read() -> dict[str, Any]:
        if wrong := missing(*names):
            raise wrong
        return {name: request.form[name] for name in names}

    return read


def _asked_for() -> dict[str, Any]:
    amount = _amount("fund", "reason")
    return {"fund": request.form["fund"], "amount": amount, "reason": request.form["reason"]}


def _amount(*others: str) -> int:
    """The amount typed in yuan, in fen. Raises `invalid` with it and with whatever of the others is empty, at once."""
    wrong = missing("amount", *others)
    errors: dict[str, list[str]] = dict(wrong.facts["errors"]) if wrong else {}
    amount = 0
    if "amount" not in errors:
        try:
            amount = fen(request.form["amount"])
        except ValueError:
            errors["amount"] = ["not_an_amount"]
        else:
            if amount < 1:
                errors["amount"] = ["range"]
    if errors:
        raise Refusal("invalid", errors=errors)
    return amount


def _fund_page(which: Any) -> str:
    return fund(which)


def _funds() -> list[tuple[str, str]]:
    words = _("%(fund)s (%(available)s yuan left)", fund="%(fund)s", available="%(available)s")
    return [
        (one["fund"], words % {"fund": one["name"], "available": yuan(one["available"])})
        for one in call("funding", "funds")["items"]
    ]


def _today() -> str:
    return day_of(here().clock.now()).isoformat()
