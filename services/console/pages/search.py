"""Search: children by whatever somebody remembers. The words are posted, so that no name stands in an address.

What was last searched for waits, sealed, with the account for two hours: the answer is a page of its own that can be
reloaded and come back to.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console.context import here
from services.console.doors import call
from services.console.forms import again, missing
from services.console.visits import needs, the_visit
from shared.kernel.refusals import Refusal

pages = Blueprint("search", __name__)
_PAGE = 30
LONGEST = 60
"""Characters of a search."""
_LAST = "/search?last"


@pages.get("/search")
@needs("registry:child:view")
def show() -> str:
    """The search box; with `?last=1` also what was last searched for, and what was found with the reason why."""
    words = _remembered() if request.args.get("last") else {}
    if not words.get("query"):
        return render_template("search/show.html", found=None, query="")
    found = call("registry", "search_children", {**words, "limit": _PAGE})
    return render_template("search/show.html", found=found, query=words["query"], paged="after" in words)


@pages.post("/search")
@needs("registry:child:view")
def search() -> Response | tuple[Any, int]:
    """Keep the words and lead to what they find."""
    try:
        if wrong := missing("query"):
            raise wrong
        words = {"query": request.form["query"].strip()}
        if len(words["query"]) > LONGEST:
            raise Refusal("invalid", errors={"query": ["length"]})
        if after := request.form.get("after", "").strip()[:200]:
            words["after"] = after
        _remember(words)
    except Refusal as refusal:
        return again(refusal, lambda: render_template("search/show.html", found=None, query=""))
    return redirect(url_for("search.show", last=1), 303)


def _remember(words: dict[str, str]) -> None:
    accounts, account, now = here().accounts, the_visit().session.account, here().clock.now()
    with accounts.database.begin() as tx:
        accounts.drafts.drop(tx, account, _LAST, now)
        accounts.drafts.keep(tx, account, _LAST, "", list(words.items()), now)


def _remembered() -> dict[str, str]:
    accounts, account, now = here().accounts, the_visit().session.account, here().clock.now()
    with accounts.database.read() as tx:
        waiting = accounts.drafts.waiting(tx, account, now)
    return next((dict(one.fields) for one in waiting if one.action == _LAST), {})
