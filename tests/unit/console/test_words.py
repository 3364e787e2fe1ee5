"""Words: the catalogues are complete, and values are said as people say them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from services import registry
from services.alerts.domain import codes as of_alerts
from services.casework.domain import codes as of_casework
from services.console.catalogues import FOLDER, Catalogues, read_words
from services.console.codes import CODES as WORDS_OF_CODES
from services.console.formatting import Formats
from services.console.refusals import SENTENCES, field_errors, sentence, words_of
from services.console.rights import RIGHTS
from services.console.roles import LANDING, ROLES
from services.console.translations import missing, unused, used
from services.console.words import choose_language
from services.funding.domain import codes as of_funding
from services.registry.rosters.problems import CODES
from shared.access.permissions import Permission
from shared.access.roles import Role
from shared.kernel.refusals import Invalid, Refusal
from shared.messaging.dropping import DropReason
from tests.unit.console.conftest import NOW, World

MINUTE, HOUR, DAY = 60, 3600, 86400


def test_every_message_has_its_chinese() -> None:
    assert missing() == {}


def test_no_translation_outlives_its_message() -> None:
    assert unused() == set()


def test_messages_are_found_in_code_and_in_templates() -> None:
    found = used()
    assert found["Sign in"].endswith(".html")
    assert found["Duty officer"].endswith(".py")
    assert found["%(n)s day ago"].endswith(".py")


def test_a_translation_keeps_the_facts_of_its_message() -> None:
    for msgid, words in read_words(FOLDER / "zh_Hans").items():
        assert set(re.findall(r"%\(\w+\)s", msgid)) == set(re.findall(r"%\(\w+\)s", words)), msgid


def test_two_files_that_translate_one_message_differently_stop_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hans"
    folder.mkdir()
    for name, words in (("a", "保存"), ("b", "储存")):
        (folder / f"{name}.po").write_text(f'msgid ""\nmsgstr ""\n\nmsgid "Save"\nmsgstr "{words}"\n')
    with pytest.raises(ValueError, match="'Save'"):
        Catalogues(tmp_path)


def test_traditional_converts_characters_and_never_vocabulary() -> None:
    words = Catalogues().of("zh-Hant")
    assert words.gettext("Contact card") == "聯繫卡"
    assert words.gettext("Duty officer") == "值班人員"


def test_every_role_and_right_has_its_words() -> None:
    assert set(ROLES) == set(LANDING) == set(map(str, Role))
    assert set(map(str, Permission)) <= set(RIGHTS)


def formats(language: str, now: datetime = NOW) -> Formats:
    return Formats(language, Catalogues().of(language), now)


@pytest.mark.parametrize(
    ("ago", "zh", "en"),
    [
        (timedelta(0), "今天 14:05", "today 14:05"),
        (timedelta(hours=15), "昨天 23:05", "yesterday 23:05"),
        (timedelta(hours=-20), "明天 10:05", "tomorrow 10:05"),
        (timedelta(days=3), "3天前", "3 days ago"),
        (timedelta(days=6), "6天前", "6 days ago"),
        (timedelta(days=7), "11月16日 14:05", "16 November 14:05"),
        (timedelta(days=400), "2025年10月19日 14:05", "19 October 2025 14:05"),
        (timedelta(days=-3), "11月26日 14:05", "26 November 14:05"),
    ],
)
def test_moments_are_said_as_people_say_them(ago: timedelta, zh: str, en: str) -> None:
    assert formats("zh-Hans").moment(NOW - ago) == zh
    assert formats("en").moment(NOW - ago) == en


def test_the_day_is_the_day_in_shanghai() -> None:
    just_after_midnight = datetime(2026, 11, 22, 16, 1, tzinfo=UTC)
    assert formats("zh-Hans").moment(just_after_midnight) == "今天 00:01"
    assert formats("zh-Hans").moment(just_after_midnight - timedelta(minutes=2)) == "昨天 23:59"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "0秒", "0 seconds"),
        (1, "1秒", "1 second"),
        (59, "59秒", "59 seconds"),
        (6 * MINUTE + 30, "6分钟", "6 minutes"),
        (HOUR, "1小时", "1 hour"),
        (HOUR + 5 * MINUTE, "1小时5分钟", "1 hour 5 minutes"),
        (3 * DAY + 2 * HOUR + 59 * MINUTE, "3天2小时", "3 days 2 hours"),
    ],
)
def test_durations_are_said_in_their_two_largest_units(seconds: int, zh: str, en: str) -> None:
    assert formats("zh-Hans").duration(seconds) == zh
    assert formats("en").duration(timedelta(seconds=seconds)) == en


def test_money_is_said_in_yuan_with_two_decimals() -> None:
    assert formats("zh-Hans").money(6_000_000) == "60,000.00 元"
    assert formats("en").money(5) == "0.05 yuan"


def test_days_carry_the_year_where_it_is_another() -> None:
    assert formats("zh-Hant").day(date(2026, 3, 5)) == "3月5日"
    assert formats("zh-Hant").day(date(2019, 3, 5)) == "2019年3月5日"
    assert formats("zh-Hans").full_date(date(2026, 3, 5)) == "2026年3月5日"
    assert formats("zh-Hans").long_today() == "2026年11月23日 星期一"


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_a_refusal_is_said_in_the_readers_language_with_its_facts(world: World, language: str) -> None:
    with world.app.test_request_context("/"):
        choose_language(language)
        said = sentence(Refusal("console.too_many_attempts", seconds=90))
    assert {"zh-Hans": "请等待1分钟后重试", "zh-Hant": "請等待1分鐘後重試", "en": "wait 1 minute and"}[language] in said


def test_a_fact_that_is_a_code_is_said_in_words(world: World) -> None:
    with world.app.test_request_context("/"):
        choose_language("en")
        said = sentence(Refusal("console.password_weak", why="short", shortest=10))
    assert said == "A password needs at least 10 characters. Several words are easy to remember."


def test_the_same_code_is_said_in_the_words_of_its_own_enumeration(world: World) -> None:
    with world.app.test_request_context("/"):
        choose_language("en")
        ended = sentence(Refusal("alerts.already_resolved", outcome="other"))
        taken = sentence(Refusal("registry.relation_taken", relation="other"))
    assert "resolved already (Something else)" in ended
    assert "as another person already" in taken


@pytest.mark.parametrize(
    ("enumeration", "codes"),
    [
        ("alert", of_alerts.Kind),
        ("alert_level", of_alerts.Level),
        ("alert_outcome", of_alerts.Outcome),
        ("alert_signal", of_alerts.Signal),
        ("alert_state", of_alerts.AlertState),
        ("attempt", of_alerts.Answer),
        ("trouble", of_alerts.TroubleKind),
        ("service", of_alerts.Part),
        ("drop_reason", DropReason),
        ("presence", of_alerts.Presence),
        ("presence_reason", of_alerts.Reason),
        ("session", of_alerts.Session),
        ("case_origin", of_casework.Origin),
        ("case_reason", of_casework.CloseReason),
        ("case_state", of_casework.CaseState),
        ("note_class", of_casework.NoteClass),
        ("application_state", of_funding.ApplicationState),
        ("donation_source", of_funding.Source),
        ("fund_account", of_funding.Account),
        ("payment_method", of_funding.Method),
        ("refused_for", of_funding.RefusalReason),
    ],
)
def test_every_code_of_the_working_services_has_words(enumeration: str, codes: type[StrEnum]) -> None:
    assert set(WORDS_OF_CODES[enumeration]) == {str(one) for one in codes}


def test_a_fact_that_is_a_code_names_an_enumeration_that_there_is() -> None:
    named = {enumeration for said in SENTENCES.values() for enumeration in said.words.values()}
    assert {"alert_outcome", "application_state", "relation"} <= named
    assert [words_of(one, "no such code") for one in sorted(named)] == ["no such code"] * len(named)


def test_a_refusal_whose_facts_are_missing_is_still_said(world: World) -> None:
    with world.app.test_request_context("/"):
        choose_language("en")
        assert sentence(Refusal("console.too_many_attempts")) == (
            "This is not possible now (console.too_many_attempts)."
        )


def test_nested_field_errors_are_flattened_to_one_sentence_each(world: World) -> None:
    with world.app.test_request_context("/"):
        choose_language("en")
        errors = field_errors(
            Invalid({"father": {"phone": ["Missing data for required field."]}, "a": ["Must be one of: b"]})
        )
    assert errors == {"father.phone": "This is needed.", "a": "This is not one of the choices."}


def test_every_refusal_of_the_register_and_of_funding_has_its_sentence() -> None:
    services = Path(registry.__file__).parents[1]
    sources = [path.read_text() for room in ("registry", "funding") for path in (services / room).rglob("*.py")]
    raised = {code for text in sources for code in re.findall(r'Refusal\(\s*"([a-z_.]+)"', text)}
    assert len(raised) > 40
    assert raised - set(SENTENCES) == set()


def test_every_problem_of_a_row_has_its_sentence() -> None:
    assert set(CODES) <= set(SENTENCES)


def test_a_sentence_names_only_facts_that_it_declares_or_that_need_no_writing(world: World) -> None:
    for code, said in SENTENCES.items():
        declared = {*said.money, *said.days, *said.instants, *said.lengths, *said.sizes, *said.words}
        assert declared <= set(re.findall(r"%\((\w+)\)s", said.text)), code


def test_every_sentence_has_a_status_of_an_error() -> None:
    assert all(400 <= said.status < 600 for said in SENTENCES.values())
