"""The console's own tables on both databases, as the application role that production gives it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher

from services.console.accounts import Accounts
from services.console.accounts.passwords import Passwords
from services.console.accounts.sessions import PROGRAM
from services.console.accounts.tables import attempts
from services.console.settings import ConsoleSettings
from shared.hosting.migrating import upgrade
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from shared.storage.database import Database
from tests.infrastructure.database import TestDatabase

NOW = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
PASSWORD = "watch over one another"
ADDRESS = "198.51.100.7"


@pytest.fixture
def accounts(test_database: TestDatabase) -> Iterator[Accounts]:
    """Accounts on a migrated database, opened as the application role."""
    upgrade("console", test_database.owner_url, application_role=test_database.application_role)
    database = Database(test_database.application_url)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    yield Accounts(ConsoleSettings(secret=b"s" * 32), database, FixedClock(NOW), passwords)
    database.dispose()


def test_an_account_is_made_signs_in_and_out(accounts: Accounts) -> None:
    made = accounts.make("wang", PASSWORD, new_id(NOW))
    secret, until = accounts.sign_in("wang", PASSWORD, ADDRESS)
    session = accounts.session(secret)
    assert session is not None
    assert (session.account, session.longest_until) == (made.id, until)
    accounts.sign_out(session.id)
    assert accounts.session(secret) is None


def test_an_account_name_is_taken_once(accounts: Accounts) -> None:
    accounts.make("wang", PASSWORD, new_id(NOW))
    with pytest.raises(Refusal, match=r"console\.login_taken"):
        accounts.make("WANG", PASSWORD, new_id(NOW))


def test_guesses_that_come_all_at_once_are_counted_one_by_one(accounts: Accounts) -> None:
    accounts.make("wang", PASSWORD, new_id(NOW))
    codes: list[str] = []
    together = threading.Barrier(12)

    def guess() -> None:
        together.wait()
        try:
            accounts.sign_in("wang", "wrong wrong", ADDRESS)
        except Refusal as refusal:
            codes.append(refusal.code)

    guesses = [threading.Thread(target=guess) for _ in range(12)]
    for one in guesses:
        one.start()
    for one in guesses:
        one.join()
    assert sorted(codes) == ["console.sign_in_failed"] * 5 + ["console.too_many_attempts"] * 7


def test_a_wait_is_kept_over_a_restart(accounts: Accounts) -> None:
    for _ in range(5):
        with pytest.raises(Refusal):
            accounts.sign_in("wang", "wrong wrong", ADDRESS)
    again = Accounts(ConsoleSettings(secret=b"s" * 32), accounts.database, FixedClock(NOW))
    with pytest.raises(Refusal, match=r"console\.too_many_attempts"):
        again.sign_in("wang", "wrong wrong", ADDRESS)


def test_messages_and_drafts_come_back_as_they_were_kept(accounts: Accounts) -> None:
    made = accounts.make("wang", PASSWORD, new_id(NOW))
    secret, _ = accounts.sign_in("wang", PASSWORD, ADDRESS)
    session = accounts.session(secret)
    assert session is not None
    fields = [("text", "龙㛃·买买提"), ("tag", "a"), ("tag", "b")]
    with accounts.database.begin() as tx:
        accounts.sessions.say(tx, session.id, {"kind": "done", "text": "已保存"})
        assert accounts.drafts.keep(tx, made.id, "/notes/add", "/notes", fields, NOW)
    with accounts.database.begin() as tx:
        assert accounts.sessions.heard(tx, session.id) == [{"kind": "done", "text": "已保存"}]
        assert accounts.sessions.heard(tx, session.id) == []
        (draft,) = accounts.drafts.waiting(tx, made.id, NOW)
    assert draft.fields == fields


def test_an_account_keeps_its_six_newest_drafts(accounts: Accounts) -> None:
    made = accounts.make("wang", PASSWORD, new_id(NOW))
    for number in range(7):
        with accounts.database.begin() as tx:
            clock = NOW.replace(second=number)
            accounts.drafts.keep(tx, made.id, f"/{number}", "/", [], clock)
    with accounts.database.read() as tx:
        kept = [one.action for one in accounts.drafts.waiting(tx, made.id, NOW)]
    assert kept == ["/6", "/5", "/4", "/3", "/2", "/1"]


def test_attempts_older_than_an_hour_are_swept_at_the_next_sign_in(accounts: Accounts) -> None:
    accounts.make("wang", PASSWORD, new_id(NOW))
    with pytest.raises(Refusal):
        accounts.sign_in("li", "wrong wrong", "203.0.113.1")
    clock = FixedClock(NOW)
    clock.move(3601)
    later = Accounts(
        ConsoleSettings(secret=b"s" * 32),
        accounts.database,
        clock,
        Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)),
    )
    later.sign_in("wang", PASSWORD, ADDRESS)
    with accounts.database.read() as tx:
        assert len(tx.execute(attempts.select()).all()) == 1  # the address that just signed in


def test_a_first_password_opens_for_a_week_until_its_owner_chooses_another(accounts: Accounts) -> None:
    staff, order, by = new_id(NOW), new_id(NOW), new_id(NOW)
    first = accounts.administration.make("wang", staff, order=order, by=by)
    clock = accounts._clock
    assert isinstance(clock, FixedClock)
    with pytest.raises(Refusal, match="password_first"):
        accounts.sign_in("wang", first, ADDRESS, kind=PROGRAM)
    clock.move(7 * 24 * 3600)
    with pytest.raises(Refusal, match="first_password_over"):
        accounts.sign_in("wang", first, ADDRESS)
    clock.move(60)
    first = accounts.administration.reset(staff, order=new_id(clock.now()), by=by)
    secret, _ = accounts.sign_in("wang", first, ADDRESS)
    session = accounts.session(secret)
    assert session is not None
    assert session.must_choose
    with pytest.raises(Refusal, match="password_same"):
        accounts.choose_password(session, first)
    accounts.choose_password(session, PASSWORD)
    clock.move(3600)
    assert accounts.sign_in("wang", PASSWORD, ADDRESS)
    assert accounts.administration.shown_again(staff, order=order, by=by) is None


def test_an_order_for_a_first_password_sent_twice_gives_the_same_one_for_ten_minutes(accounts: Accounts) -> None:
    staff, order, by = new_id(NOW), new_id(NOW), new_id(NOW)
    accounts.administration.make("wang", staff, order=new_id(NOW), by=by)
    first = accounts.administration.reset(staff, order=order, by=by)
    assert accounts.administration.reset(staff, order=order, by=by) == first
    assert accounts.administration.shown_again(staff, order=order, by=new_id(NOW)) is None
    clock = accounts._clock
    assert isinstance(clock, FixedClock)
    clock.move(601)
    assert accounts.administration.shown_again(staff, order=order, by=by) is None


def test_a_person_has_one_account(accounts: Accounts) -> None:
    staff = new_id(NOW)
    accounts.make("wang", PASSWORD, staff)
    with pytest.raises(Refusal, match="account_exists"):
        accounts.make("wang2", PASSWORD, staff)
    with pytest.raises(Refusal, match="account_exists"):
        accounts.administration.make("wang3", staff, order=new_id(NOW), by=staff)
