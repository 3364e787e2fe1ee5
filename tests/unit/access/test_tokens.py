"""A token opens doors for a minute, for whom it was signed, and for nobody else."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.access.roles import Role
from shared.access.tokens import LARGEST, InvalidToken, TokenSigner, TokenVerifier, key_id
from shared.kernel.clock import FixedClock

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
STAFF = "0f9e8a52-3b8a-4c53-9d0c-27c8e5a5d9a1"
KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)


def clock(seconds: float = 0) -> FixedClock:
    return FixedClock(START + timedelta(seconds=seconds))


def verifier(seconds: float = 0) -> TokenVerifier:
    return TokenVerifier([("console", KEY.public_key()), ("alerts", OTHER.public_key())], clock(seconds))


def token(**differs: str) -> str:
    usual = {"subject": STAFF, "account": "supervisor", "session": "s" * 32, "role": "supervisor"}
    return TokenSigner(KEY, clock()).issue(**(usual | differs))


def payload(**differs: Any) -> dict[str, Any]:
    now = int(START.timestamp())
    usual = {"sub": STAFF, "account": "a", "session": "s", "role": "supervisor", "iat": now, "exp": now + 60}
    return usual | {"iss": "console", "key": key_id(KEY.public_key())} | differs


def forged(body: bytes, key: Ed25519PrivateKey = KEY) -> str:
    halves = (body, key.sign(b"shouwang token v1\n" + body))
    return ".".join(base64.urlsafe_b64encode(half).rstrip(b"=").decode() for half in halves)


def canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def refused(text: Any, seconds: float = 0) -> str:
    with pytest.raises(InvalidToken) as raised:
        verifier(seconds).verify(text)
    return raised.value.reason


def test_a_token_says_who_acts_and_in_which_role() -> None:
    claims = verifier().verify(token())
    assert (claims.subject, claims.account, claims.session, claims.role) == (
        STAFF,
        "supervisor",
        "s" * 32,
        "supervisor",
    )
    assert (claims.issuer, claims.issued, claims.expires) == ("console", START, START + timedelta(seconds=60))


def test_a_forged_control_would_be_accepted_were_it_honest() -> None:
    assert verifier().verify(forged(canonical(payload()))).subject == STAFF


@pytest.mark.parametrize("role", list(Role))
def test_every_role_can_be_acted_in(role: Role) -> None:
    assert verifier().verify(token(role=role)).role == role


@given(account=st.text(min_size=1, max_size=100).filter(str.isprintable))
def test_any_printable_account_survives(account: str) -> None:
    assert verifier().verify(token(account=account)).account == account


@pytest.mark.parametrize("seconds", [-5, 0, 59, 64.9])
def test_a_token_is_good_for_a_minute_and_what_clocks_differ(seconds: float) -> None:
    assert verifier(seconds).verify(token())


def test_a_token_of_another_time_is_refused() -> None:
    assert refused(token(), 65) == "expired"
    assert refused(token(), -6) == "not_yet_valid"


@given(data=st.data())
def test_any_changed_character_is_detected(data: st.DataObject) -> None:
    honest = token()
    place = data.draw(st.integers(0, len(honest) - 1))
    changed = honest[:place] + data.draw(st.characters().filter(lambda one: one != honest[place])) + honest[place + 1 :]
    assert refused(changed)


@given(st.text() | st.none() | st.binary() | st.from_regex(r"[A-Za-z0-9_-]{1,80}\.[A-Za-z0-9_-]{86}", fullmatch=True))
def test_nothing_else_is_a_token(text: Any) -> None:
    assert refused(text) == "malformed"


def test_a_token_of_more_than_two_kilobytes_is_not_looked_at() -> None:
    assert refused("a" * (LARGEST + 1)) == "too_long"


def test_a_token_of_an_unknown_key_is_refused() -> None:
    stranger = Ed25519PrivateKey.generate()
    assert refused(forged(canonical(payload(key=key_id(stranger.public_key()))), stranger)) == "unknown_key"


def test_a_signature_by_another_trusted_key_is_refused() -> None:
    assert refused(forged(canonical(payload()), OTHER)) == "bad_signature"


def test_a_signature_of_something_else_is_no_token() -> None:
    body = canonical(payload())
    halves = (body, KEY.sign(body))
    assert refused(".".join(base64.urlsafe_b64encode(h).rstrip(b"=").decode() for h in halves)) == "bad_signature"


@pytest.mark.parametrize(
    "differs",
    [
        {"role": "emperor"},
        {"role": "system"},
        {"role": "system", "sub": "system:alerts"},
        {"sub": "supervisor"},
        {"sub": STAFF.upper()},
        {"account": ""},
        {"session": ""},
        {"account": "a" * 101},
        {"session": "a\nb"},
        {"exp": int(START.timestamp()) + 3600},
        {"iat": str(int(START.timestamp()))},
        {"iat": START.timestamp() + 0.5},
        {"admin": True},
        {"sub": None},
    ],
)
def test_a_payload_outside_the_rules_is_refused_though_signed(differs: dict[str, Any]) -> None:
    assert refused(forged(canonical(payload(**differs)))) == "malformed"


@pytest.mark.parametrize("field", ["sub", "account", "session", "role", "iat", "exp", "iss", "key"])
def test_no_field_may_be_missing(field: str) -> None:
    lacking = payload()
    del lacking[field]
    assert refused(forged(canonical(lacking))) == "malformed"


@pytest.mark.parametrize("place", [-1, token().index(".") - 1])
def test_a_spare_bit_makes_another_token_and_none(place: int) -> None:
    honest = token()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = alphabet[alphabet.index(honest[place]) ^ 1]
    changed = f"{honest[:place]}{spare}{honest[place:][1:]}"
    assert refused(changed)


def test_json_in_another_form_is_refused() -> None:
    body = canonical(payload())
    assert refused(forged(json.dumps(payload(), sort_keys=True).encode())) == "malformed"
    assert refused(forged(body.replace(b'"account":"a"', b'"account":"b","account":"a"'))) == "malformed"
    assert refused(forged(body.replace(b'"account":"a"', b'"account":"\\u0061"'))) == "malformed"


def test_a_service_speaks_for_itself() -> None:
    issued = TokenSigner(OTHER, clock(), issuer="alerts").issue("system:alerts", "", "", "system")
    claims = verifier().verify(issued)
    assert (claims.subject, claims.role, claims.issuer) == ("system:alerts", "system", "alerts")


@pytest.mark.parametrize(("subject", "role"), [("system:funding", "system"), (STAFF, "supervisor")])
def test_a_service_speaks_for_nobody_else(subject: str, role: str) -> None:
    with pytest.raises(ValueError, match="cannot sign"):
        TokenSigner(OTHER, clock(), issuer="alerts").issue(subject, "a", "s", role)
    body = canonical(payload(sub=subject, role=role, iss="alerts", key=key_id(OTHER.public_key())))
    assert refused(forged(body, OTHER)) == "malformed"


def test_a_service_cannot_give_itself_the_consoles_name() -> None:
    body = canonical(payload(iss="console", key=key_id(OTHER.public_key())))
    assert refused(forged(body, OTHER)) == "unknown_key"


def test_a_token_that_no_door_would_take_is_not_issued() -> None:
    with pytest.raises(ValueError, match="cannot sign"):
        token(role="emperor")


def test_the_longest_token_is_short_enough_to_be_looked_at() -> None:
    longest = token(account="𠮷" * 100, session="𠮷" * 100)
    assert verifier().verify(longest).account == "𠮷" * 100


def test_keys_in_a_directory_are_trusted_by_the_issuer_of_their_file(tmp_path: Path) -> None:
    console = TokenSigner.load(tmp_path, "token-console", clock())
    alerts = TokenSigner.load(tmp_path, "token-alerts", clock())
    loaded = TokenVerifier.load(tmp_path, clock())
    assert loaded.verify(console.issue(STAFF, "a", "s", "auditor")).issuer == "console"
    assert loaded.verify(alerts.issue("system:alerts", "", "", "system")).issuer == "alerts"


def test_a_key_that_was_made_after_the_verifier_is_found(tmp_path: Path) -> None:
    loaded = TokenVerifier.load(tmp_path / "keys", clock())
    for name in ("token-alerts", "token-console"):
        one = TokenSigner.load(tmp_path / "keys", name, clock())
        assert loaded.verify(one.issue(f"system:{one.issuer}", "", "", "system")).issuer == one.issuer


def test_a_key_that_another_thread_reads_at_the_same_moment_is_found(tmp_path: Path) -> None:
    late = TokenVerifier.load(tmp_path, clock())
    signer = TokenSigner.load(tmp_path, "token-console", clock())

    class ReadInBetween(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            late._look_again()  # as the other thread does, after this one looked and before it looks again
            return default

    late._keys = ReadInBetween()
    assert late.verify(signer.issue(STAFF, "supervisor", "s" * 32, "supervisor")).subject == STAFF


def test_other_keys_of_the_directory_are_not_trusted_for_tokens(tmp_path: Path) -> None:
    log = TokenSigner.load(tmp_path, "log-console", clock())
    console = TokenSigner(log._private, clock())
    with pytest.raises(InvalidToken) as raised:
        TokenVerifier.load(tmp_path, clock()).verify(console.issue(STAFF, "a", "s", "auditor"))
    assert raised.value.reason == "unknown_key"
