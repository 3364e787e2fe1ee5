"""Rows gathered and written together stand in the database as if each had been written at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, PrimaryKeyConstraint, String, Table, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError

from shared.eventstore.rows import Rows
from shared.storage.database import Database

metadata = MetaData()
lamps = Table(
    "test_lamps",
    metadata,
    Column("lamp", String(10), primary_key=True),
    Column("place", String(10)),
    Column("lit", Integer),
)
sides = Table(
    "test_sides",
    metadata,
    Column("lamp", String(10), nullable=False),
    Column("side", String(10), nullable=False),
    Column("colour", String(10)),
    PrimaryKeyConstraint("lamp", "side"),
)
taken = Table(
    "test_taken",
    metadata,
    Column("lamp", String(10), primary_key=True),
    Column("place", String(10), nullable=False),
    UniqueConstraint("place", name="test_one_lamp_a_place"),
)


@pytest.fixture
def made(database: Database) -> Database:
    with database.begin() as tx:
        metadata.create_all(tx)
    return database


def stand(database: Database, table: Table = lamps) -> list[tuple[Any, ...]]:
    with database.read() as tx:
        return sorted((tuple(row) for row in tx.execute(select(table))), key=str)


def write(database: Database, *steps: tuple[str, tuple[Any, ...], dict[str, Any]], each: bool = False) -> None:
    with database.begin() as tx:
        rows = Rows(tx)
        for name, given_, values in steps:
            getattr(rows, name)(*given_, **values)
            if each:
                rows.write()
        rows.write()


def test_a_row_that_is_changed_many_times_is_written_once(made: Database) -> None:
    statements: list[str] = []
    with made.begin() as tx:
        rows = Rows(tx)
        rows.add(lamps, lamp="a", place="hall", lit=0)
        for _ in range(10):
            rows.count(lamps, "a", lit=1)
        rows.change(lamps, "a", place="yard")
        execute = tx.execute
        tx.execute = lambda *given_: statements.append(str(given_[0])) or execute(*given_)  # type: ignore[method-assign]
        rows.write()
    assert stand(made) == [("a", "yard", 10)]
    assert len(statements) == 1


def test_a_claim_that_is_let_go_can_be_taken_in_the_same_breath(made: Database) -> None:
    write(made, ("add", (taken,), {"lamp": "a", "place": "hall"}))
    write(made, ("add", (taken,), {"lamp": "b", "place": "hall"}), ("remove", (taken, "a"), {}))
    assert stand(made, taken) == [("b", "hall")]


@pytest.mark.parametrize("apart", [True, False])
def test_a_key_that_is_there_is_in_the_way(made: Database, apart: bool) -> None:
    first, second = (("add", (lamps,), {"lamp": "a", "place": where}) for where in ("hall", "yard"))
    with pytest.raises(IntegrityError):
        write(made, first, second, each=apart)
    assert stand(made) == []


def test_a_change_of_a_row_that_is_not_there_makes_none(made: Database) -> None:
    write(made, ("change", (lamps, "a"), {"place": "hall"}), ("count", (lamps, "b"), {"lit": 1}))
    assert stand(made) == []


_LAMPS = st.sampled_from("abc")
_PLACES = st.sampled_from(("hall", "yard"))
_STEPS = st.one_of(
    st.builds(lambda lamp, place: ("put", (lamps,), {"lamp": lamp, "place": place, "lit": 0}), _LAMPS, _PLACES),
    st.builds(lambda lamp, place: ("put", (lamps,), {"lamp": lamp, "place": place}), _LAMPS, _PLACES),
    st.builds(lambda lamp, place: ("change", (lamps, lamp), {"place": place}), _LAMPS, _PLACES),
    st.builds(lambda lamp: ("count", (lamps, lamp), {"lit": 1}), _LAMPS),
    st.builds(lambda lamp: ("change", (lamps, lamp), {"lit": 5}), _LAMPS),
    st.builds(lambda lamp: ("remove", (lamps, lamp), {}), _LAMPS),
    st.builds(lambda place: ("remove_all", (lamps,), {"place": place}), _PLACES),
    st.builds(lambda lamp, side: ("put", (sides,), {"lamp": lamp, "side": side, "colour": "red"}), _LAMPS, _PLACES),
    st.builds(lambda lamp, side: ("change", (sides, (lamp, side)), {"colour": "green"}), _LAMPS, _PLACES),
    st.builds(lambda lamp: ("remove_all", (sides,), {"lamp": lamp}), _LAMPS),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(before=st.lists(_STEPS, max_size=6), steps=st.lists(_STEPS, max_size=14))
def test_together_is_as_one_after_the_other(made: Database, before: list[Any], steps: list[Any]) -> None:
    ends = []
    for each in (True, False):
        with made.begin() as tx:
            for table in (lamps, sides):
                tx.execute(table.delete())
        write(made, *before, each=True)
        write(made, *steps, each=each)
        ends.append((stand(made, lamps), stand(made, sides)))
    assert ends[0] == ends[1]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(before=st.lists(_STEPS, max_size=6), steps=st.lists(_STEPS, max_size=14), lamp=_LAMPS)
def test_a_row_is_read_as_it_will_stand(made: Database, before: list[Any], steps: list[Any], lamp: str) -> None:
    with made.begin() as tx:
        tx.execute(lamps.delete())
    write(made, *before, each=True)
    with made.begin() as tx:
        rows = Rows(tx)
        for name, given_, values in steps:
            rows.read(lamps, lamp)  # what was read before must not be remembered too long
            getattr(rows, name)(*given_, **values)
        found = rows.read(lamps, lamp)
        rows.write()
        row = tx.execute(select(lamps).where(lamps.c.lamp == lamp)).one_or_none()
    assert found == (row._mapping if row else None)
