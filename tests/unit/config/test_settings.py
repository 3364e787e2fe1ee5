"""The environment makes a process, or stops it by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.config.settings import FOR_TESTS, SERVICES, Settings, SettingsError, declared
from shared.kernel.clock import OffsetClock, SystemClock

SERVE = {
    "SHOUWANG_AMQP_URL": "amqp://guest:rabbitsecret@127.0.0.1:5672//",
    "SHOUWANG_DATABASE_URL": "postgresql+psycopg2://casework:elephantsecret@127.0.0.1/casework",
    "SHOUWANG_KEYS": "/run/keys",
}


def problems(env: dict[str, str], service: str | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        Settings.from_environment(env, service)
    return raised.value.problems


def test_an_empty_environment_gives_the_embedded_system_in_production() -> None:
    settings = Settings.from_environment({}, None)
    assert (settings.environment, settings.namespace, settings.deployment) == (
        "production",
        "shouwang",
        "county.example",
    )
    assert settings.data == Path("~/.local/share/shouwang").expanduser()
    assert (settings.host, settings.port, settings.log_level, settings.log_format) == (
        "127.0.0.1",
        8000,
        "info",
        "json",
    )


def test_variables_of_others_are_not_read() -> None:
    assert Settings.from_environment({"PATH": "/bin", "XSHOUWANG_PORT": "x"}, None) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHOUWANG_ENVIRONMENT", "staging"),
        ("SHOUWANG_DEPLOYMENT", "Our County"),
        ("SHOUWANG_NAMESPACE", "a.b"),
        ("SHOUWANG_NAMESPACE", "x" * 41),
        ("SHOUWANG_NAMESPACE", "shouwang\n"),
        ("SHOUWANG_AMQP_URL", "http://127.0.0.1"),
        ("SHOUWANG_AMQP_URL", "amqp://h:notaport/"),
        ("SHOUWANG_DATABASE_URL", "mysql://h/d"),
        ("SHOUWANG_DATABASE_URL", "nonsense"),
        ("SHOUWANG_OWNER_DATABASE_URL", "postgresql://h:port/d"),
        ("SHOUWANG_PORT", "0"),
        ("SHOUWANG_PORT", "65536"),
        ("SHOUWANG_PORT", "٨٠"),
        ("SHOUWANG_SECRET_KEY", "short"),
        ("SHOUWANG_LOG_LEVEL", "loud"),
        ("SHOUWANG_LOG_FORMAT", "xml"),
        ("SHOUWANG_HOST", "not a host"),
        ("SHOUWANG_DATA", ""),
    ],
)
def test_a_wrong_value_stops_the_start_with_its_name(name: str, value: str) -> None:
    (problem,) = problems({name: value})
    assert problem.startswith(f"{name}: ")


def test_all_problems_are_named_at_once() -> None:
    assert len(problems({"SHOUWANG_PORT": "x", "SHOUWANG_LOG_LEVEL": "x", "SHOUWANG_NAMESPACE": "X"})) == 3


@pytest.mark.parametrize(
    ("stranger", "nearest"),
    [
        ("SHOUWANG_NAMSPACE", "SHOUWANG_NAMESPACE"),
        ("SHOUWANG_AMPQ_URL", "SHOUWANG_AMQP_URL"),
        ("SHOUWANG_SECRET_KEYS_FILE", "SHOUWANG_SECRET_KEY_FILE"),
        ("SHOUWANG_PORT_FILE", "SHOUWANG_PORT"),
    ],
)
def test_an_unknown_variable_is_an_error_that_names_the_nearest_known_one(stranger: str, nearest: str) -> None:
    (problem,) = problems({stranger: "x"})
    assert problem.startswith(f"{stranger}: ")
    assert problem.endswith(f"did you mean {nearest}?")


def test_the_variables_of_the_test_suite_may_stand_in_the_environment() -> None:
    assert Settings.from_environment(dict.fromkeys(FOR_TESTS, "x"), None) == Settings()


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_does_not_start_without_broker_database_and_keys(service: str) -> None:
    named = {problem.split(":")[0] for problem in problems({}, service)}
    assert named >= {"SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL", "SHOUWANG_KEYS"}
    assert ("SHOUWANG_SECRET_KEY" in named) == (service == "console")


def test_a_service_starts_with_what_it_needs() -> None:
    settings = Settings.from_environment(SERVE, "casework")
    assert settings.service == "casework"
    assert settings.migration_url == settings.database_url == SERVE["SHOUWANG_DATABASE_URL"]
    assert settings.key_directory == Path("/run/keys")


def test_an_unknown_service_is_refused() -> None:
    assert "weather" in problems(SERVE, "weather")[0]


def test_migrations_run_as_the_owner_where_one_is_given() -> None:
    env = {**SERVE, "SHOUWANG_OWNER_DATABASE_URL": "postgresql://owner@127.0.0.1/casework"}
    assert Settings.from_environment(env, "casework").migration_url == env["SHOUWANG_OWNER_DATABASE_URL"]


def test_a_secret_is_read_from_its_file_without_the_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("守" * 40 + "\n")
    settings = Settings.from_environment({"SHOUWANG_SECRET_KEY_FILE": str(tmp_path / "secret")}, None)
    assert settings.secret_key == "守" * 40


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("b" * 32)
    env = {"SHOUWANG_SECRET_KEY": "a" * 32, "SHOUWANG_SECRET_KEY_FILE": str(tmp_path / "secret")}
    assert problems(env)[0].startswith("SHOUWANG_SECRET_KEY: is given twice")


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe", b"x" * 70_000])
def test_a_secret_file_that_gives_no_secret_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    (problem,) = problems({"SHOUWANG_DEMO_PASSWORD_FILE": str(tmp_path / "secret")})
    assert problem.startswith("SHOUWANG_DEMO_PASSWORD_FILE: ")


def test_production_refuses_the_test_clock(tmp_path: Path) -> None:
    assert problems({"SHOUWANG_TEST_CLOCK": str(tmp_path / "clock")}) == (
        "SHOUWANG_TEST_CLOCK: is refused in production",
    )


def test_the_test_clock_is_followed_outside_production(tmp_path: Path) -> None:
    env = {"SHOUWANG_TEST_CLOCK": str(tmp_path / "clock"), "SHOUWANG_ENVIRONMENT": "test"}
    assert isinstance(Settings.from_environment(env, None).clock(), OffsetClock)


def test_the_clock_is_the_machines() -> None:
    assert isinstance(Settings().clock(), SystemClock)


def test_no_secret_appears_in_a_repr() -> None:
    env = {
        **SERVE,
        "SHOUWANG_OWNER_DATABASE_URL": "postgresql://o:mousesecret@h/d",
        "SHOUWANG_SECRET_KEY": "cookiesecret" * 4,
        "SHOUWANG_DEMO_PASSWORD": "demosecret",
    }
    assert "secret" not in repr(Settings.from_environment(env, "console")).replace("secret_key", "")


@given(st.text(min_size=12).filter(lambda text: "\x00" not in text))
def test_no_error_repeats_the_text_of_a_secret(text: str) -> None:
    for name in ("SHOUWANG_AMQP_URL", "SHOUWANG_DATABASE_URL"):
        said = "".join(problems({name: f"mysql://{text}:x"}))
        assert text not in said or text in "".join(problems({name: "mysql://of something else:x"}))


def test_each_service_of_the_embedded_system_has_a_file_of_its_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path).for_service("alerts")
    assert (settings.service, settings.database_url) == ("alerts", f"sqlite:///{tmp_path}/alerts.sqlite")
    assert settings.key_directory == tmp_path / "keys"


def test_the_embedded_system_refuses_one_database_for_all_services() -> None:
    with pytest.raises(SettingsError, match="SHOUWANG_DATABASE_URL"):
        Settings(database_url="postgresql://h/d").for_service("alerts")


def test_every_setting_is_declared_once_with_a_meaning_and_a_default_that_can_be_read() -> None:
    names = [one.name for one in declared()]
    assert len(names) == len(set(names)) == 18
    for one in declared():
        assert one.meaning.endswith(".")
        assert one.name.startswith("SHOUWANG_")
        if one.default is not None:
            one.read(one.default)
