"""What the doctor says of a log and its witnesses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, cast

from rich.console import Console

from shared.cli.doctor import _cosigned, _remains, _table, _unwitnessed
from shared.cli.reach import Reach
from shared.kernel.clock import FixedClock

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def said(*cosigned: tuple[str, int], age: int = 60, contradicted: int = 0) -> dict[str, Any]:
    time = (NOW - timedelta(minutes=age)).isoformat()
    by = [{"witness": witness, "size": size, "time": time} for witness, size in cosigned]
    return {"witnesses": {"checkpoint": {"size": 7, "time": time}, "cosigned": by, "contradicted": contradicted}}


def test_a_checkpoint_that_all_others_cosigned_is_fine() -> None:
    whole = said(("alerts", 7), ("casework", 7), ("funding", 7))
    assert _unwitnessed("registry", whole, NOW) == []
    assert _cosigned(whole, NOW).splitlines()[0] == "alerts to 7, 60 min ago"


def test_a_witness_that_has_not_cosigned_for_long_is_named() -> None:
    found = _unwitnessed("registry", said(("alerts", 7), ("casework", 3)), NOW)
    assert [line.split()[1] for line in found] == ["casework", "funding"]
    assert _unwitnessed("registry", said(age=5), NOW) == []


def test_a_contradiction_on_record_needs_a_person() -> None:
    found = _unwitnessed("alerts", said(age=1, contradicted=2), NOW)
    assert found == ["alerts has 2 contradictions between a log and a witness to decide"]


def test_what_an_erasure_left_in_files_for_long_is_said_with_what_to_do() -> None:
    asked = (NOW - timedelta(minutes=16)).isoformat()
    left = {"remains": [{"asked": asked, "why": "recycled"}, {"asked": NOW.isoformat(), "why": "journal"}]}

    found = _remains("registry", left, NOW)

    assert [("16 min ago" in one, "wal_recycle = off" in one) for one in found] == [(True, True)]


class Doors:
    """Four services, all well."""

    def call(self, _service: str, _door: str, _data: dict[str, Any], **_: Any) -> dict[str, Any]:
        witnessed = said(("alerts", 1_349_000), ("casework", 1_349_000), ("funding", 1_349_000), age=5)
        kept = {"remains": [], "size": 1_349_000, "pending": 0, "failing": [], "timers": {"overdue": 0}, "followed": []}
        return {**witnessed, **kept, "checkpoint": {"size": 1_349_000}}


class AtHand:
    """What a command reaches."""

    client = Doors()
    clock = FixedClock(NOW)

    def token(self) -> str:
        return ""


def test_the_table_is_whole_on_a_terminal_of_eighty_columns() -> None:
    paper = StringIO()

    assert _table(Console(file=paper, width=80), cast("Reach", AtHand())) == []

    assert "…" not in paper.getvalue()
    assert "registry  cosigned by alerts to 1349000, 5 min ago\n" in paper.getvalue()
    assert max(map(len, paper.getvalue().splitlines())) <= 80
