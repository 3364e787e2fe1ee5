"""Reading a log of some 20,000 entries in pages: all of it once, in order, in constant time, along an index."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from shared.eventstore import reading
from shared.eventstore import tables as t
from shared.eventstore.reading import Wanted
from shared.eventstore.schema import create_history
from shared.kernel.ids import derived_id, first_id, new_id
from shared.ledger.tables import log_positions, log_tree
from shared.storage.database import Database
from tests.benchmarks.figures import seconds
from tests.infrastructure.database import postgres_database, sqlite_database
from tests.infrastructure.services import read_services

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
SIZE = 20_000
STREAMS = [f"casework.case-{derived_id('stream', str(number))}" for number in range(200)]
PEOPLE = [derived_id("person", str(number)) for number in range(500)]
OFTEN, RARE = "casework.lantern_lit", "casework.lantern_put_out"


def moment(number: int) -> datetime:
    """Ten entries share each moment, as those of one command do."""
    return BEGAN + timedelta(seconds=number // 10)


def stream(number: int) -> str:
    return STREAMS[number % 200]


def kind(number: int) -> str:
    return RARE if number % 1000 == 7 else OFTEN


def person(number: int) -> str:
    return PEOPLE[number % 500]


def fill(tx: Connection) -> None:
    """20,000 entries; those of the last hundred places came to the log in another order than they arrived."""
    ids = [new_id(moment(number)) for number in range(SIZE)]
    rows = [
        {
            "arrival": number + 1,
            "id": ids[number],
            "stream": stream(number),
            "stream_version": number // 200 + 1,
            "type": kind(number),
            "actor": "staff",
            "command_id": ids[number],
            "time": moment(number),
            "entry": b'{"n":%d}' % number,
        }
        for number in range(SIZE)
    ]
    tx.execute(insert(t.events), rows)
    tx.execute(insert(t.event_persons), [{"person": person(n), "arrival": n + 1} for n in range(SIZE)])
    places = [{"position": n, "event_id": ids[place_of(n)], "leaf": b"leaf"} for n in range(SIZE)]
    tx.execute(insert(log_positions), places)
    tx.execute(update(log_tree).values(size=SIZE))
    tx.execute(text("ANALYZE"))


def place_of(position: int) -> int:
    """Which entry stands at a position: neighbours of different streams changed places near the end."""
    return position ^ 1 if position >= SIZE - 100 else position


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(sqlite_database(tmp_path_factory.mktemp("log") / "log.sqlite").owner_url)
        with made.begin() as tx:
            create_history(tx)
            fill(tx)
        yield made
        made.dispose()
        return
    with postgres_database(read_services().database_url) as given:
        made = Database(given.owner_url)
        with made.begin() as tx:
            create_history(tx)
            fill(tx)
        yield made
        made.dispose()


def pages(database: Database, wanted: Wanted, limit: int = 37, size: int = SIZE) -> list[list[int]]:
    """The positions of every page of a reading."""
    found: list[list[int]] = []
    key = None
    while True:
        with database.read() as tx:
            page = reading.page(tx, wanted, size, limit, key)
        found.append([row.position for row in page.rows])
        key = page.next
        if key is None:
            return found


def expected(**named: Any) -> list[int]:
    since, until = named.get("since", BEGAN), named.get("until", datetime.max.replace(tzinfo=UTC))
    return [
        position
        for position in range(SIZE)
        if (number := place_of(position)) >= 0
        and named.get("stream") in (None, stream(number))
        and named.get("person") in (None, person(number))
        and named.get("type") in (None, kind(number))
        and since <= moment(number) < until
    ]


LATE = BEGAN + timedelta(seconds=1500)
CASES = [
    {},
    {"stream": STREAMS[3]},
    {"person": PEOPLE[3]},
    {"type": RARE},
    {"since": LATE, "until": LATE + timedelta(seconds=200)},
    {"since": BEGAN + timedelta(seconds=1985)},
    {"type": OFTEN, "since": LATE, "until": LATE + timedelta(seconds=20)},
    {"stream": STREAMS[7], "type": RARE},
    {"stream": STREAMS[3], "since": LATE},
    {"person": PEOPLE[7], "type": RARE},
    {"person": PEOPLE[3], "stream": STREAMS[3], "since": LATE},
    {"person": PEOPLE[3], "stream": STREAMS[4]},
]
names = [" and ".join(case) or "position" for case in CASES]


@pytest.mark.parametrize("latest", [False, True], ids=["onward", "latest first"])
@pytest.mark.parametrize("case", CASES, ids=names)
def test_the_pages_of_a_reading_hold_each_entry_once(database: Database, case: dict[str, Any], latest: bool) -> None:
    limit = 700 if not case else 37
    found = pages(database, Wanted(**case, latest=latest), limit)
    assert sorted(itertools.chain(*found)) == expected(**case)
    assert all(len(one) == limit for one in found[:-1])
    for one in found:
        assert one == sorted(one, reverse=latest)


def test_a_reading_that_goes_on_is_not_moved_by_what_comes_meanwhile(database: Database) -> None:
    half = SIZE // 2
    first = pages(database, Wanted(type=OFTEN, since=LATE - timedelta(seconds=600)), 500, size=half)
    assert max(itertools.chain(*first)) < half


@pytest.mark.parametrize("case", [{}, {"stream": STREAMS[3]}, {"type": OFTEN}], ids=["position", "stream", "type"])
def test_a_reading_begins_behind_a_position_or_in_front_of_one(database: Database, case: dict[str, Any]) -> None:
    behind = list(itertools.chain(*pages(database, Wanted(**case, after=19_000), 300)))
    assert sorted(behind) == [one for one in expected(**case) if one > 19_000]
    before = pages(database, Wanted(**case, before=500, latest=True), 300)
    assert sorted(itertools.chain(*before)) == [one for one in expected(**case) if one < 500]


@pytest.mark.parametrize("key", [(), ("1", "2"), ("x",)])
def test_a_key_that_no_page_gave_is_refused(database: Database, key: tuple[str, ...]) -> None:
    with database.read() as tx, pytest.raises(ValueError, match=r"key|invalid"):
        reading.page(tx, Wanted(stream=STREAMS[0]), SIZE, 10, key)


def middle(wanted: Wanted) -> tuple[str, ...] | None:
    """A key from the middle of a reading."""
    if wanted.stream:
        return ("50",)
    if wanted.person:
        return ("10004",)
    if wanted.type:
        return (LATE.isoformat(), "15000")
    if wanted.since or wanted.until:
        return (first_id(LATE),)
    return ("10000",)


def plan(tx: Connection, wanted: Wanted) -> str:
    """How a database would find a page, in its own words."""
    query = reading.query_for(wanted, SIZE, 50, middle(wanted))
    dialect = postgresql.dialect() if tx.dialect.name == "postgresql" else sqlite.dialect()
    said = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    before = "EXPLAIN " if tx.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    return "\n".join(" ".join(map(str, row)) for row in tx.exec_driver_sql((before + said).replace("%", "%%")))


@pytest.mark.parametrize("latest", [False, True], ids=["onward", "latest first"])
@pytest.mark.parametrize("case", CASES, ids=names)
def test_every_page_is_found_along_an_index(database: Database, case: dict[str, Any], latest: bool) -> None:
    with database.read() as tx:
        told = plan(tx, Wanted(**case, latest=latest))
    assert "Seq Scan" not in told, told
    assert not [line for line in told.splitlines() if " SCAN " in f" {line}" and "USING" not in line], told
    way = {"stream": "events_stream_version", "person": "event_persons", "type": "events_by_type"}
    by = next((way[name] for name in ("stream", "person", "type") if name in case), None)
    if by is not None and len(case) == 1:
        # SQLite numbers the indexes of its own; the stream's constraint is the only one of two columns.
        assert by in told or "(stream=?" in told or "(person=?" in told, told
    if set(case) <= {"since", "until"}:
        assert "Sort" not in told.replace("Incremental Sort", ""), told
        assert "TEMP B-TREE FOR ORDER BY" not in told, told


@pytest.mark.parametrize("case", CASES, ids=names)
def test_a_page_in_the_middle_answers_in_milliseconds(database: Database, case: dict[str, Any]) -> None:
    wanted = Wanted(**case)
    with database.read() as tx:
        reading.page(tx, wanted, SIZE, 50, middle(wanted))
        taken = min(seconds(lambda: reading.page(tx, wanted, SIZE, 50, middle(wanted))) for _ in range(5))
    assert taken < 0.05, "of five looks the quickest; a machine that is busy with other tests takes 5 ms"


def test_the_first_id_of_a_millisecond_comes_before_all_of_it() -> None:
    at = datetime(2026, 3, 2, 8, 0, 0, 123_456, tzinfo=UTC)
    for _ in range(50):
        assert first_id(at) <= new_id(at) <= first_id(at, after=True)
    assert first_id(at, after=True) < first_id(at + timedelta(milliseconds=1))


def test_the_log_of_the_tests_is_as_large_as_it_says(database: Database) -> None:
    with database.read() as tx:
        assert tx.execute(select(func.count()).select_from(t.events)).scalar() == SIZE
