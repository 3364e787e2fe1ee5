"""Making accounts, the rules of passwords, and throttling."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from services.console.accounts.passwords import refuse_weak
from services.console.accounts.tables import attempts
from services.console.accounts.throttle import ACCOUNT, ADDRESS, PAIR, Limit
from shared.kernel.ids import new_id
from shared.kernel.refusals import Refusal
from tests.unit.console.conftest import NOW, PASSWORD, World


def guess(world: World, login: str = "wang", address: str = "198.51.100.7", password: str = "wrong wrong") -> Refusal:
    with pytest.raises(Refusal) as refused:
        world.console.accounts.sign_in(login, password, address)
    return refused.value


def enter(world: World, login: str = "wang", address: str = "198.51.100.7") -> None:
    world.console.accounts.sign_in(login, PASSWORD, address)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "short"),
        ("x" * 129, "long"),
        ("Password123", "common"),
        ("aaaaaaaaaaaa", "repeated"),
        ("abcdefghijkl", "repeated"),
        ("wangxiulan12", "like_login"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        refuse_weak(password, "wangxiulan")
    assert refused.value.code == "console.password_weak"
    assert refused.value.facts["why"] == why


@pytest.mark.parametrize("password", ["石桥村的老槐树开花了啊", "four small plain words", "wangxiulan likes old trees"])
def test_a_long_plain_password_is_good(password: str) -> None:
    refuse_weak(password, "wangxiulan")


def test_full_width_characters_in_a_password_equal_their_plain_forms(world: World) -> None:
    world.console.accounts.make("wang", "ｗatch over one another", new_id(NOW))
    enter(world)


def test_an_account_name_is_taken_once_whatever_its_case_and_width(world: World) -> None:
    world.person("Wang", "teacher")
    with pytest.raises(Refusal) as refused:
        world.console.accounts.make("ｗａｎｇ ", PASSWORD, new_id(NOW))
    assert refused.value.code == "console.login_taken"


@pytest.mark.parametrize("login", ["", "a b", "a\x00b", "x" * 65])
def test_an_account_name_without_form_is_refused(world: World, login: str) -> None:
    with pytest.raises(Refusal) as refused:
        world.console.accounts.make(login, PASSWORD, new_id(NOW))
    assert refused.value.code == "console.login_malformed"


def test_after_five_failures_even_the_right_password_has_to_wait(world: World) -> None:
    world.person("wang", "teacher")
    for _ in range(5):
        assert guess(world).code == "console.sign_in_failed"
    refused = guess(world, password=PASSWORD)
    assert refused.code == "console.too_many_attempts"
    assert refused.facts["seconds"] == 30


def test_the_wait_passes(world: World) -> None:
    world.person("wang", "teacher")
    for _ in range(5):
        guess(world)
    world.clock.move(31)
    enter(world)


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour(world: World) -> None:
    world.person("wang", "teacher")
    for _ in range(5):
        guess(world)
    waits = []
    for _ in range(7):
        wait = guess(world).facts["seconds"]
        waits.append(wait)
        world.clock.move(wait)
        assert guess(world).code == "console.sign_in_failed"
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_success_forgets_the_failures_before(world: World) -> None:
    world.person("wang", "teacher")
    for _ in range(4):
        guess(world)
    enter(world)
    for _ in range(4):
        assert guess(world).code == "console.sign_in_failed"


def test_failures_are_forgotten_after_a_quiet_hour(world: World) -> None:
    world.person("wang", "teacher")
    for _ in range(4):
        guess(world)
    world.clock.move(3601)
    for _ in range(5):
        assert guess(world).code == "console.sign_in_failed"


def test_one_who_guesses_does_not_lock_out_the_person_at_another_address(world: World) -> None:
    world.person("wang", "teacher")
    for _ in range(6):
        guess(world, address="203.0.113.9")
    enter(world)


def test_many_addresses_that_guess_at_one_account_are_slowed_down(world: World) -> None:
    world.person("wang", "teacher")
    for place in range(ACCOUNT.free):
        guess(world, address=f"203.0.113.{place}")
    refused = guess(world, address="203.0.113.200")
    assert refused.code == "console.too_many_attempts"
    assert refused.facts["seconds"] <= ACCOUNT.most


def test_one_address_that_guesses_at_many_accounts_is_slowed_down(world: World) -> None:
    for number in range(ADDRESS.free):
        guess(world, login=f"someone-{number}")
    assert guess(world, login="someone-else").code == "console.too_many_attempts"


def test_a_school_behind_one_address_signs_in_all_day(world: World) -> None:
    world.person("wang", "teacher")
    for _ in range(ADDRESS.free + 10):
        enter(world)


def test_the_table_of_attempts_names_neither_accounts_nor_addresses(world: World) -> None:
    guess(world)
    with world.console.database.read() as tx:
        keys = " ".join(tx.execute(select(attempts.c.key)).scalars())
    assert "wang" not in keys
    assert "198.51" not in keys


def test_the_sign_in_page_says_how_long_to_wait(world: World) -> None:
    world.person("wang", "teacher")
    browser = world.browser()
    for _ in range(5):
        browser.sign_in("wang", "wrong wrong")
    page = browser.sign_in("wang")
    assert page.status_code == 429
    assert "Please wait 30 seconds" in page.text


@pytest.mark.parametrize(("limit", "failures", "seconds"), [(PAIR, 4, 0), (PAIR, 5, 30), (PAIR, 90, 900)])
def test_a_limit_waits_longer_and_longer(limit: Limit, failures: int, seconds: int) -> None:
    assert limit.wait(failures) == seconds
