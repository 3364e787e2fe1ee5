from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from shared.eventstore.appending import AlreadyAccepted, ConcurrencyConflict
from shared.kernel.refusals import Refusal
from shared.messaging.trouble import ATTEMPTS, described, passing, patiently
from shared.storage.database import Database


def nap(_seconds: float) -> None:
    """No test waits."""


def failing(error: Exception, times: int) -> tuple[list[int], object]:
    tries: list[int] = []

    def action() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise error
        return "done"

    return tries, action


def _locked() -> OperationalError:
    original = sqlite3.OperationalError("database is locked")
    original.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("UPDATE seen SET name = ?", ("Wang",), original)


@pytest.mark.parametrize("error", [ConcurrencyConflict(), AlreadyAccepted(), _locked()])
def test_what_says_something_about_the_moment_is_tried_again(error: Exception) -> None:
    tries, action = failing(error, ATTEMPTS - 1)
    assert passing(error)
    assert patiently(action, nap) == "done"
    assert len(tries) == ATTEMPTS


def test_tries_are_bounded() -> None:
    tries, action = failing(ConcurrencyConflict(), 100)
    with pytest.raises(ConcurrencyConflict):
        patiently(action, nap)
    assert len(tries) == ATTEMPTS


@pytest.mark.parametrize("error", [ValueError(), Refusal("alerts.no"), KeyError("x")])
def test_what_says_something_about_the_event_is_tried_once(error: Exception) -> None:
    tries, action = failing(error, 100)
    assert not passing(error)
    with pytest.raises(type(error)):
        patiently(action, nap)
    assert len(tries) == 1


def test_pauses_grow_and_stay_under_a_second() -> None:
    pauses: list[float] = []
    _, action = failing(ConcurrencyConflict(), ATTEMPTS - 1)
    patiently(action, pauses.append)
    assert 0 < pauses[0] < pauses[-1] <= 1.0


def test_a_violated_constraint_may_be_another_transactions_and_gets_another_chance() -> None:
    error = IntegrityError("INSERT", {}, Exception())
    tries, action = failing(error, 1)
    assert patiently(action, nap) == "done"
    assert not passing(error)
    assert len(tries) == 2


def test_a_missing_table_does_not_pass_by_itself(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.sqlite'}")
    with pytest.raises(OperationalError) as caught, database.read() as tx:
        tx.execute(text("SELECT * FROM nowhere"))
    database.dispose()
    assert not passing(caught.value)


def test_a_description_names_kind_and_place_and_nobody() -> None:
    try:
        raise ValueError("Wang Xiaoming, 13900000000")
    except ValueError as error:
        words = described(error)
    assert words.startswith("ValueError at tests.unit.messaging.test_trouble:")
    assert "Wang" not in words


def test_a_refusal_is_described_by_its_code() -> None:
    assert described(Refusal("alerts.already_open", child="c")) == "Refusal alerts.already_open"


def test_an_error_of_the_database_is_described_without_its_row() -> None:
    words = described(_locked())
    assert words.startswith("OperationalError")
    assert "Wang" not in words
    assert "UPDATE" not in words
