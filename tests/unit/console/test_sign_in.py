"""Signing in and out, sessions and their ends."""

from __future__ import annotations

from sqlalchemy import select, update

from services.console.accounts.passwords import Passwords
from services.console.accounts.sessions import hashed
from services.console.accounts.tables import accounts, sessions
from services.console.visits import COOKIE
from tests.unit.console.conftest import PASSWORD, World


def test_a_person_signs_in_and_is_greeted_by_name(world: World) -> None:
    page = world.signed_in("wang", "supervisor").get("/", follow_redirects=True)
    assert page.status_code == 200
    assert "Hello, 王秀兰" in page.text


def test_a_wrong_password_is_refused_and_the_account_name_is_kept(world: World) -> None:
    world.person("wang", "teacher")
    page = world.browser().sign_in("wang", "not the password")
    assert page.status_code == 401
    assert "The account or the password is not right" in page.text
    assert 'value="wang"' in page.text
    assert "not the password" not in page.text


def test_an_unknown_account_is_refused_in_the_same_words(world: World) -> None:
    world.person("wang", "teacher")
    known, unknown = world.browser().sign_in("wang", "wrong wrong"), world.browser().sign_in("zhang", "wrong wrong")
    assert unknown.status_code == known.status_code == 401
    assert "The account or the password is not right" in unknown.text


def test_an_unknown_account_costs_the_same_work(world: World) -> None:
    checked: list[str] = []
    passwords = world.console.accounts._passwords
    hasher = passwords._hasher
    real = hasher.verify

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(hasher, name)

        def verify(self, kept: str, password: str) -> bool:
            checked.append(kept)
            return real(kept, password)

    passwords._hasher = Counting()  # type: ignore[assignment]
    world.browser().sign_in("nobody", "wrong wrong")
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


def test_a_disabled_account_is_signed_out_and_cannot_come_back(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    account = world.console.accounts.find("wang")
    assert account is not None
    world.console.accounts.administration.lock(account.staff)
    assert browser.get("/today").status_code == 303
    assert world.browser().sign_in("wang").status_code == 401


def test_passwords_are_kept_with_argon2id_in_its_recommended_strength() -> None:
    kept = Passwords().hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_unknown_to_the_database(world: World) -> None:
    world.person("wang", "teacher")
    answer = world.browser().sign_in("wang")
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{COOKIE}="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    secret = cookie.removeprefix(f"{COOKIE}=").split(";")[0]
    with world.console.database.read() as tx:
        assert tx.execute(select(sessions.c.id)).scalars().all() == [hashed(secret)]


def test_the_cookie_is_for_tls_only_where_the_page_came_over_tls(world: World) -> None:
    world.person("wang", "teacher")
    browser = world.browser()
    browser.client.environ_base["wsgi.url_scheme"] = "https"
    hidden = browser.hidden("https://localhost/sign-in", "/sign-in")
    answer = browser.send("https://localhost/sign-in", hidden | {"account": "wang", "password": PASSWORD})
    assert all("Secure" in c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{COOKIE}="))
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_session_ends_after_thirty_idle_minutes(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    world.clock.move(30 * 60 - 1)
    assert browser.get("/today").status_code == 200
    world.clock.move(30 * 60)
    assert browser.get("/today").status_code == 303


def test_a_session_ends_after_twelve_hours_however_busy(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    for _ in range(12 * 3 - 1):
        world.clock.move(20 * 60)
        assert browser.get("/today").status_code == 200
    world.clock.move(20 * 60)
    assert browser.get("/today").status_code == 303


def test_a_live_page_left_open_does_not_keep_the_session_alive(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    for _ in range(3):
        world.clock.move(9 * 60)
        assert browser.get("/live/heads").status_code == 200
    world.clock.move(4 * 60)
    assert browser.get("/live/heads").status_code == 303


def test_staying_signed_in_begins_the_idle_time_anew(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    world.clock.move(29 * 60)
    assert browser.client.post("/session").status_code == 200
    world.clock.move(29 * 60)
    assert browser.get("/today").status_code == 200


def test_signing_out_ends_the_session_and_leaves_nothing_behind(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    before = browser.client.get_cookie(COOKIE)
    assert before is not None
    answer = browser.post("/sign-out", page="/today")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.client.get_cookie(COOKIE) is None
    browser.client.set_cookie(COOKIE, before.value)
    assert browser.get("/today").status_code == 303


def test_signing_out_works_while_the_registry_is_away(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    hidden = browser.hidden("/today", "/sign-out")
    world.services.answers["registry", "grants_of"] = RuntimeError("away")
    world.clock.move(11 * 60)
    browser.send("/sign-out", hidden)
    with world.console.database.read() as tx:
        assert tx.execute(select(sessions)).all() == []


def test_after_signing_in_one_goes_on_to_the_page_asked_for(world: World) -> None:
    world.person("wang", "teacher")
    browser = world.browser()
    asked = browser.get("/me")
    assert asked.headers["Location"] == "/sign-in?back=/me"
    answer = browser.post("/sign-in", {"account": "wang", "password": PASSWORD}, page=asked.headers["Location"])
    assert answer.headers["Location"] == "/me"


def test_the_way_back_never_leads_to_another_site(world: World) -> None:
    world.person("wang", "teacher")
    for evil in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil"):
        answer = world.browser().post(
            "/sign-in", {"account": "wang", "password": PASSWORD, "back": evil}, page="/sign-in"
        )
        assert answer.headers["Location"] == "/", evil


def test_a_hash_of_older_strength_is_renewed_at_sign_in(world: World) -> None:
    account = world.person("wang", "teacher")
    weak = Passwords(type(world.console.accounts._passwords._hasher)(time_cost=1, memory_cost=8, parallelism=1))
    old = weak.hash(PASSWORD)
    with world.console.database.begin() as tx:
        tx.execute(update(accounts).values(password_hash=old))
    assert world.browser().sign_in("wang").status_code == 303
    with world.console.database.read() as tx:
        kept = tx.execute(select(accounts.c.password_hash).where(accounts.c.id == account.id)).scalar_one()
    assert kept != old


def test_changing_the_password_ends_every_other_session(world: World) -> None:
    here = world.signed_in("wang", "teacher")
    elsewhere = world.browser()
    elsewhere.sign_in("wang")
    new = "another good sentence"
    fields = {"password_old": PASSWORD, "password_new": new, "password_twice": new}
    assert here.post("/me/password", fields, page="/me").status_code == 303
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    assert world.browser().sign_in("wang", new).status_code == 303


def test_a_password_that_was_mistyped_the_second_time_is_not_taken(world: World) -> None:
    browser = world.signed_in("wang", "teacher")
    fields = {"password_old": PASSWORD, "password_new": "another good one", "password_twice": "another good two"}
    page = browser.post("/me/password", fields, page="/me")
    assert page.status_code == 422
    assert "New password once more: The two are not the same." in page.text
    assert world.browser().sign_in("wang").status_code == 303
