"""The roster of a school through the doors: the whole import, and again. The floor reads and judges the same file."""

from __future__ import annotations

from collections.abc import Iterator

from services.registry.rosters.files import open_sheets
from services.registry.rosters.headers import propose
from services.registry.rosters.judging import read_roster
from tests.benchmarks.county import HOSTS, county
from tests.benchmarks.figures import Figure, Target, seconds
from tests.benchmarks.ground import Ground
from tests.e2e.crew import Crew
from tests.e2e.rosters import LEFT_BEHIND, PUPILS, WRONG, school_roster

TARGET = 3.0
"""Seconds: a school's roster on the embedded host."""
SCHOOL = "示范镇第一学校"


def measure(_on: Ground) -> Iterator[Figure]:
    """On both hosts, once: a second import of another school meets a register that is no longer empty."""
    for host in HOSTS:
        with county(host) as crew:
            yield from _imported(crew, host)


def _imported(crew: Crew, host: str) -> Iterator[Figure]:
    content = school_roster(SCHOOL)
    school = crew.school(SCHOOL)
    floor = seconds(lambda: _only_read(content, crew))
    progress: list[int] = []
    took = seconds(lambda: progress.append(crew.import_roster(content, school, "county_admin")["registered"]))
    assert progress == [LEFT_BEHIND - WRONG]
    targets = (Target("itself", TARGET),) if host == "embedded" else ()
    what = f"roster of {PUPILS} pupils, {host}"
    yield Figure(what=what, ours=took, floor=floor, floor_is="reading the file alone", targets=targets, note="once")
    again = seconds(lambda: crew.import_roster(content, school, "county_admin"))
    what = f"the same roster again, {host}"
    yield Figure(what=what, ours=again, floor=floor, floor_is="reading the file alone", targets=targets, note="once")


def _only_read(content: bytes, crew: Crew) -> None:
    sheets = open_sheets(content)
    assert len(read_roster(sheets, propose(sheets).layouts, today=crew.today).rows) > PUPILS
