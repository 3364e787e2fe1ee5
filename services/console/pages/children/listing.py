"""The list of children: filters that stand in the address, pages by cursor."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from services.console.doors import call
from services.console.pages.children.room import if_answered, pages
from services.console.visits import needs, the_visit

_FILTERS = ("village", "school", "klass", "responsible", "risk", "arrangement")
_PAGE = 30


@pages.get("/children")
@needs("registry:child:view")
def listed() -> str:
    """Children within reach, narrowed by what the address asks for."""
    chosen: dict[str, Any] = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
    after = request.args.get("after")
    left = request.args.get("left") == "yes"
    wanted: dict[str, Any] = {**chosen, "limit": _PAGE, "present": not left}
    if after:
        wanted["after"] = after
    found = call("registry", "children", wanted)
    risks = call("registry", "figures", {"by": "risk"})
    villages = call("registry", "figures", {"by": "village"})["items"]
    schools = call("registry", "figures", {"by": "school"})["items"]
    classes = if_answered("registry", "classes", {"school": chosen["school"]}) if "school" in chosen else None
    shown = chosen | ({"left": "yes"} if left else {})
    return render_template(
        "children/listed.html",
        children=found["items"],
        total=risks["children"],
        chosen=chosen,
        left=left,
        me=the_visit().person.staff,
        chips=_risk_chips(chosen, risks["items"]),
        villages=[(one["key"], one["name"] or "–") for one in villages if one["key"]],
        schools=[(one["key"], one["name"] or "–") for one in schools if one["key"]],
        classes=[(one["klass"], one["name"]) for one in classes["items"]] if classes else [],
        first=url_for("children.listed", **shown) if after else None,
        following=url_for("children.listed", **shown, after=found["next"]) if found["next"] else None,
    )


def _risk_chips(chosen: dict[str, Any], risks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    others = {name: value for name, value in chosen.items() if name != "risk"}
    return [
        {
            "code": one["key"],
            "count": one["children"],
            "on": chosen.get("risk") == one["key"],
            "href": url_for("children.listed", **others, risk=one["key"]),
        }
        for one in risks
    ]
