"""A log's checkpoints are cosigned by its neighbours; one that is not what it was is contradicted, and loudly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.hosting.witnessing import log_key, witness_key
from shared.kernel.clock import FixedClock
from shared.kernel.refusals import Denied, Refusal
from shared.ledger.cosignatures import cosignatures
from shared.ledger.notes import SigningKey, read_checkpoint
from tests.infrastructure.database import TestDatabase
from tests.integration.hosting.watched import Watched, cut, watched

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def county(test_database: TestDatabase, tmp_path: Path) -> Iterator[Watched]:
    with watched(test_database, tmp_path, FixedClock(NOW)) as made:
        yield made


def sizes(notes: list[str]) -> list[int]:
    return [int(note.splitlines()[1]) for note in notes]


def kinds(county: Watched, service: str = "registry") -> list[str]:
    return [one["kind"] for one in county.standing(service)["contradictions"]]


def test_each_new_checkpoint_is_cosigned_and_its_note_says_by_whom(county: Watched) -> None:
    county.cosign()
    county.record(3)
    county.cosign()

    standing = county.standing()
    base = county.rooms.base
    assert [(one["witness"], one["size"]) for one in standing["cosigned"]] == [("alerts", 3)]
    assert sizes(county.witnessed("alerts")) == [0, 3]
    assert read_checkpoint(standing["note"], [base.verifier]).size == 3
    assert cosignatures(standing["note"], [witness_key(base, "alerts")]) == {
        "county.example/alerts/witness": county.clock.now()
    }
    assert county.cosigning.contradicting() == kinds(county) == kinds(county, "alerts") == []


def test_a_cosigned_note_leaves_the_house(county: Watched, tmp_path: Path) -> None:
    county.record(2)
    county.cosign()

    files = tmp_path / "outside" / "registry"
    assert (files / f"{2:016}.checkpoint").read_text() == (files / "latest").read_text() == county.standing()["note"]
    assert "alerts/witness" in (files / "latest").read_text()


def test_a_witness_that_is_away_stops_nothing_and_is_asked_again(county: Watched) -> None:
    county.away.add("alerts")
    county.record(1)
    county.cosign()
    county.record(1)
    county.cosign()
    assert county.standing()["cosigned"] == []

    county.away.clear()
    county.cosigning.step()
    assert county.standing()["cosigned"] == []  # it is not asked again at once

    county.clock.move(301)
    county.cosigning.step()
    assert sizes(county.witnessed("alerts")) == [2]


def test_a_process_that_forgot_what_was_cosigned_learns_it_from_the_witness(county: Watched) -> None:
    county.record(2)
    county.cosign()
    with county.tampering() as tx:
        tx.exec_driver_sql("DELETE FROM log_cosignatures")
    county.record(2)
    county.restart()
    county.cosign()

    assert sizes(county.witnessed("alerts")) == [2, 4]
    assert county.cosigning.contradicting() == []


def test_a_log_that_was_cut_and_signed_again_is_contradicted(county: Watched) -> None:
    county.record(4)
    county.cosign()
    cut(county, 3)
    with capture_logs() as lines:
        county.restart()
        county.cosign()

    assert county.cosigning.contradicting() == ["alerts"]
    assert kinds(county) == kinds(county, "alerts") == ["rolled_back"]
    assert {"log_contradicted", "log_contradicted_by_witness"} <= {one["event"] for one in lines}
    assert sizes(county.witnessed("alerts")) == [4]


def test_a_log_that_grew_again_to_the_same_size_is_contradicted(county: Watched) -> None:
    county.record(4)
    county.cosign()
    cut(county, 3)
    county.record(1)
    county.restart()
    county.cosign()

    assert (kinds(county), kinds(county, "alerts")) == (["split"], ["split"])


def test_a_log_that_grew_past_it_again_is_contradicted_again_and_again_and_recorded_once(county: Watched) -> None:
    county.record(4)
    county.cosign()
    cut(county, 3)
    county.record(3)
    county.restart()
    for _ in range(3):
        county.cosign()

    assert (kinds(county), kinds(county, "alerts")) == (["split"], ["inconsistent"])
    assert county.cosigning.contradicting() == ["alerts"]


def test_a_contradiction_shows_both_signed_notes(county: Watched) -> None:
    test_a_log_that_grew_again_to_the_same_size_is_contradicted(county)

    found = county.standing("alerts")["contradictions"][0]
    notes = [read_checkpoint(found[name], [county.rooms.base.verifier]) for name in ("known_note", "offered_note")]
    assert [one.size for one in notes] == [4, 4]
    assert notes[0].root != notes[1].root


def test_a_log_that_is_mistaken_about_what_was_cosigned_is_told_and_not_accused(county: Watched) -> None:
    county.record(2)
    county.cosign()
    old = county.standing()["note"]
    county.record(1)
    county.cosign()

    with pytest.raises(Refusal) as refused:
        county.offer("alerts", {"note": old, "old": 0, "proof": []})

    assert (refused.value.code, refused.value.facts["size"]) == ("log.checkpoint_conflict", 3)
    assert kinds(county, "alerts") == []


def test_a_checkpoint_by_another_key_is_not_cosigned(county: Watched) -> None:
    stranger = SigningKey.generate("county.example/registry")
    body = county.sign().partition("\n\n")[0] + "\n"

    with pytest.raises(Refusal) as refused:
        county.offer("alerts", {"note": f"{body}\n{stranger.sign(body)}", "old": 0, "proof": []})

    assert refused.value.code == "log.checkpoint_unknown"
    assert county.witnessed("alerts") == []


def test_a_service_offers_no_log_but_its_own(county: Watched) -> None:
    note = county.sign()
    county.witnesses["registry"] = county.rooms

    with pytest.raises(Denied):
        county.offer("registry", {"note": note, "old": 0, "proof": []})


def test_what_a_witness_only_pretends_to_know_is_not_believed(county: Watched) -> None:
    county.record(1)
    county.sign()

    def lies(_witness: str, _words: dict[str, Any]) -> dict[str, Any]:
        body = "county.example/registry\n9\n" + "A" * 43 + "=\n"
        note = f"{body}\n{SigningKey.generate('county.example/registry').sign(body)}"
        raise Refusal("log.checkpoint_contradicted", kind="split", size=9, note=note)

    county.cosigning._offer = lies
    with capture_logs() as lines:
        county.cosigning.step()

    assert county.cosigning.contradicting() == kinds(county) == []
    assert [one["event"] for one in lines] == ["witness_of_no_use"]


def test_the_keys_of_neighbours_come_from_the_directory_of_keys(county: Watched, tmp_path: Path) -> None:
    assert log_key(county.witnesses["alerts"].base, "registry") == county.rooms.base.verifier
    (tmp_path / "keys" / "log-registry.ed25519.pub").unlink()

    county.cosign()

    assert county.witnessed("alerts") == []
