"""Whatever is asked in whatever order, and whatever of it is refused: one person in office answers for every child."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from services.registry.domain.places import division_id
from services.registry.views import tables as t
from shared.access import tables as access
from shared.kernel.clock import FixedClock
from tests.infrastructure.database import TestDatabase
from tests.integration.registry.house import (
    COUNTY,
    OTHER_TOWNSHIP,
    OTHER_VILLAGE,
    TOWNSHIP,
    VILLAGE,
    House,
    Refused,
    open_house,
)

STAFF = ("teacher", "second", "director", "there", "supervisor", "receiver", "admin")
people, children = st.sampled_from(STAFF), st.integers(0, 2)
steps = st.one_of(
    st.tuples(st.just("register"), st.booleans()),
    st.tuples(st.just("enrol"), children, st.booleans()),
    st.tuples(st.just("name"), children, people),
    st.tuples(st.just("leave"), children),
    st.tuples(st.just("return"), children, people),
    st.tuples(st.just("end_grant"), people),
    st.tuples(st.just("hire"), people),
    st.tuples(st.just("hand_over"), st.sampled_from(["class", "departure"]), people, people),
    st.tuples(st.just("sign"), people),
    st.tuples(st.just("transfer"), children, st.booleans(), people),
    st.tuples(st.just("accept"), children, people),
    st.tuples(st.just("move"), children, st.booleans(), people),
)


class County:
    """A county in which things happen."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.children: list[str] = []
        self.lists: list[str] = []
        self.where = {
            "teacher": ("teacher", {"place": house.klass}),
            "second": ("teacher", {"place": house.klass}),
            "director": ("village_director", {"division": division_id(VILLAGE)}),
            "there": ("village_director", {"division": division_id(OTHER_VILLAGE)}),
            "supervisor": ("supervisor", {"division": division_id(TOWNSHIP)}),
            "receiver": ("supervisor", {"division": division_id(OTHER_TOWNSHIP)}),
        }
        for name, (role, where) in self.where.items():
            house.hire(name, role, **where)

    def take(self, name: str, *said: Any) -> None:
        """One step; what is refused has changed nothing."""
        try:
            getattr(self, f"_{name}")(*said)
        except (Refused, IndexError):
            return

    def lost(self) -> list[str]:
        """Children under watch without exactly one person in office, and those whose history has a gap."""
        c, g = t.children.c, access.grants.c
        with self.house.database.read() as tx:
            office = set(tx.execute(select(g.staff).where(g.ended.is_(False))).scalars())
            rows = tx.execute(select(c.child, c.responsible).where(c.present.is_(True))).all()
        found = [row.child for row in rows if row.responsible not in office]
        for row in rows:
            spans = self.house.ask("answering", {"child": row.child})["items"]
            whole = all(one["since"] == before["until"] for one, before in pairwise(spans))
            if not whole or spans[0]["until"] is not None or spans[0]["staff"] != row.responsible:
                found.append(row.child)
        return found

    def _register(self, in_class: bool) -> None:
        said: dict[str, Any] = {"name": "唐" + chr(0x6600 + len(self.children) * 37), "identity_number": None}
        said |= {"identity_missing": "not_given"} | ({} if in_class else {"school": None, "klass": None})
        self.children.append(self.house.child(**said))

    def _enrol(self, which: int, in_class: bool) -> None:
        klass = {"school": self.house.school, "klass": self.house.klass} if in_class else {}
        self.house.ask("enrol_child", {"child": self.children[which], **klass})

    def _name(self, which: int, who: str) -> None:
        self.house.ask("name_responsible", {"child": self.children[which], "staff": self.house.staff[who][0]})

    def _leave(self, which: int) -> None:
        self.house.ask("record_departure", {"child": self.children[which], "reason": "parents_returned"})

    def _return(self, which: int, by: str) -> None:
        self.house.ask("record_return", {"child": self.children[which]}, by=by)

    def _end_grant(self, who: str) -> None:
        for one in self.house.ask("grants", {"staff": self.house.staff[who][0]})["items"]:
            self.house.ask("end_grant", {"staff": one["staff"], "grant": one["id"]})

    def _hire(self, who: str) -> None:
        role, where = self.where[who] if who in self.where else ("county_admin", {"division": division_id(COUNTY)})
        scope = "place" if "place" in where else "division"
        said = {"staff": self.house.staff[who][0], "role": role, "scope": scope, **where}
        self.house.ask("grant_role", said, by="bootstrap")

    def _hand_over(self, kind: str, giver: str, receiver: str) -> None:
        said = {"kind": kind, "giver": self.house.staff[giver][0], "receiver": self.house.staff[receiver][0]}
        said |= {"klass": self.house.klass} if kind == "class" else {}
        self.lists.append(self.house.ask("draw_up_hand_over", said)["id"])

    def _sign(self, who: str) -> None:
        self.house.ask("sign_hand_over", {"hand_over": self.lists[-1]}, by=who)

    def _transfer(self, which: int, there: bool, by: str) -> None:
        village = division_id(OTHER_VILLAGE if there else VILLAGE)
        self.house.ask("sign_transfer", {"child": self.children[which], "village": village}, by=by)

    def _accept(self, which: int, by: str) -> None:
        waiting = self.house.ask("transfers", {"state": "signed"})["items"]
        mine = [one["transfer"] for one in waiting if one["child"] == self.children[which]]
        self.house.ask("accept_transfer", {"transfer": mine[0]}, by=by)

    def _move(self, which: int, there: bool, by: str) -> None:
        village = division_id(OTHER_VILLAGE if there else VILLAGE)
        self.house.ask("move_child", {"child": self.children[which], "village": village}, by=by)


@pytest.fixture
def county(test_database: TestDatabase, tmp_path: Path, clock: FixedClock) -> County:
    return County(open_house(test_database, tmp_path, clock))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(taken=st.lists(steps, min_size=4, max_size=14))
def test_one_person_in_office_answers_for_every_child_at_every_moment(
    county: County, taken: list[tuple[Any, ...]]
) -> None:
    county.children, county.lists = [], []
    for step in [("register", True), ("register", False), *taken]:
        county.take(*step)
        assert county.lost() == [], step
