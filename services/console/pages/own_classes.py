"""What a reader's role reaches, so that forms offer nothing else: its schools, its classes, its villages."""

from __future__ import annotations

from typing import Any

from services.console.doors import call
from services.console.visits import the_visit


def own_classes() -> list[dict[str, Any]]:
    """The classes within reach of the role acted in, by school and grade; all for who holds it for everything."""
    present = the_visit()
    grants = [grant for grant in present.person.grants if grant.role == present.role]
    places = {grant.place for grant in grants if grant.place}
    classes: list[dict[str, Any]] = call("registry", "classes")["items"]
    for division in {grant.division for grant in grants if grant.division}:
        places |= {one["school"] for one in call("registry", "schools", {"division": division})["items"]}
    return [one for one in classes if one["klass"] in places or one["school"] in places]


def own_schools() -> list[dict[str, Any]]:
    """The schools within reach of the role acted in, by name: those for which it may bring a roster."""
    present = the_visit()
    grants = [grant for grant in present.person.grants if grant.role == present.role]
    schools: list[dict[str, Any]] = call("registry", "schools")["items"]
    within = {grant.place for grant in grants if grant.place}
    for division in {grant.division for grant in grants if grant.division}:
        within |= {one["school"] for one in call("registry", "schools", {"division": division})["items"]}
    return [one for one in schools if one["school"] in within]


def own_villages(divisions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of these divisions the villages within reach; all of them for who holds the role for a school or for children."""
    present = the_visit()
    grants = [grant for grant in present.person.grants if grant.role == present.role]
    villages = [one for one in divisions if one["level"] == "village"]
    if not grants or any(grant.division is None for grant in grants):
        return villages
    parents = {one["division"]: one["parent"] for one in divisions}
    held = {grant.division for grant in grants}

    def reached(division: str | None) -> bool:
        while division is not None and division not in held:
            division = parents.get(division)
        return division is not None

    return [one for one in villages if reached(one["division"])]


def named(klass: dict[str, Any]) -> str:
    """A class with its school, as people say it."""
    return f"{klass['school_name']} {klass['name']}"
