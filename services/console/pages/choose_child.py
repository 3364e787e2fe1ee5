"""For which child? The step before a form about a child, for who does not come from the child's own page."""

from __future__ import annotations

from flask import render_template, request

from services.console.doors import call


def choose_child(title: str, target: str) -> str:
    """Find a child by what is typed and lead to the endpoint `target`. The words are posted: no name in an address."""
    words = request.form.get("words", "").strip()[:60] if request.method == "POST" else ""
    items = call("registry", "search_children", {"query": words, "limit": 20})["items"] if words else []
    return render_template("cases/choose_child.html", title=title, target=target, words=words, items=items)
