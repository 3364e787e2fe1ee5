"""A contradiction between a log and a witness: it is decided by somebody, once it is over, and its evidence stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from shared.hosting import contradictions
from shared.kernel.clock import FixedClock
from shared.kernel.refusals import NotFound, Refusal
from shared.ledger.notes import read_checkpoint
from shared.ledger.tables import log_contradictions
from tests.infrastructure.database import TestDatabase
from tests.integration.hosting.watched import Watched, cut, watched

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def county(test_database: TestDatabase, tmp_path: Path) -> Iterator[Watched]:
    with watched(test_database, tmp_path, FixedClock(NOW)) as made:
        yield made


@pytest.fixture
def split(county: Watched) -> Watched:
    """A log that was written anew behind its third entry and signed again: both sides have it on record."""
    county.record(3)
    county.cosign()
    county.record(2)
    county.cosign()
    cut(county, 4)
    county.record(1)
    county.restart()
    county.cosign()
    return county


def open_ones(county: Watched) -> tuple[int, int]:
    return county.standing()["contradicted"], county.standing("alerts")["contradicted"]


def test_one_that_stands_is_decided_by_nobody(split: Watched) -> None:
    assert [one["stands"] for one in (*split.contradictions(), *split.contradictions("alerts"))] == [True, True]
    for service in ("registry", "alerts"):
        with pytest.raises(Refusal) as refused:
            split.decide(service)
        assert refused.value.code == "log.contradiction_stands"
    assert open_ones(split) == (1, 1)


def test_the_witness_decides_when_it_goes_on_with_the_log_as_it_is(split: Watched) -> None:
    split.goes_on(3)

    decision = split.decide("alerts")

    assert [one.type for one in decision.events] == ["log.contradiction_decided"]
    (one,) = split.contradictions("alerts")
    assert one["decided"]["reason"] == "tampering_reported"
    assert (one["decided"]["event"], one["stands"]) == (decision.events[0].id, False)
    assert open_ones(split) == (1, 0)


def test_the_log_decides_when_its_witness_has_cosigned_it_again(split: Watched) -> None:
    split.goes_on(3)
    split.clock.move(600)
    split.cosigning.step()

    split.decide("registry")

    assert split.contradictions()[0]["decided"]["by"]
    assert open_ones(split)[0] == 0


def test_a_process_that_remembers_nothing_finds_that_the_witness_agrees_in_what_it_cosigned(split: Watched) -> None:
    split.goes_on(3)
    split.record(1)
    split.cosign()
    split.restart()

    split.decide("registry")

    assert open_ones(split)[0] == 0


def test_both_notes_stay_and_what_was_decided_cannot_be_said_again(split: Watched) -> None:
    split.goes_on(3)
    split.decide("alerts")

    (one,) = split.contradictions("alerts")
    roots = {read_checkpoint(one[name], [split.rooms.base.verifier]).root for name in ("known_note", "offered_note")}
    assert len(roots) == 2
    with split.witnesses["alerts"].database.read() as tx:
        assert tx.execute(select(func.count()).select_from(log_contradictions)).scalar_one() == 1
    with pytest.raises(Refusal) as refused:
        split.decide("alerts", reason="exercise")
    assert refused.value.code == "log.contradiction_is_decided"


def test_one_that_is_not_on_record_is_not_found(county: Watched) -> None:
    county.contradictions = lambda _service="registry": [{"id": "01890000-0000-7000-8000-00000000a001"}]  # type: ignore[method-assign]
    with pytest.raises(NotFound):
        county.decide("registry")


def test_it_is_a_trouble_of_both_sides_until_it_is_decided(split: Watched) -> None:
    def met() -> list[set[str]]:
        found = []
        for rooms in (split.rooms, split.witnesses["alerts"]):
            with rooms.database.read() as tx:
                found.append(contradictions.met_with(rooms.base, tx))
        return found

    assert met() == [{"alerts"}, {"registry"}]
    split.goes_on(3)
    split.clock.move(600)
    split.cosigning.step()
    split.decide("registry")
    split.decide("alerts")
    assert met() == [set(), set()]


def test_the_audit_of_the_live_log_names_what_was_decided_and_is_whole_again(
    split: Watched, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert split.verified() == 4
    (tmp_path / "outside").rename(tmp_path / "with the auditor")  # which would be 4 for good: it left the house
    split.goes_on(3)
    split.clock.move(600)
    split.cosigning.step()
    split.decide("registry")
    split.decide("alerts")
    capsys.readouterr()

    code = split.verified()

    said = capsys.readouterr().out
    assert said.count("decided contradiction_on_record (split)") == 2
    assert "reason tampering_reported" in said
    assert code == 0, said
