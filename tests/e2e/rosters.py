"""The roster of a whole school as it comes: 1,349 pupils, 277 of them left behind, three wrong rows, two twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from shared.localisation.identity import make_identity

PUPILS, LEFT_BEHIND, WRONG, TWICE, ALONE = 1349, 277, 3, 2, 4
"""Pupils and left-behind ones with the wrong rows and without the repeated ones; children who live alone."""
_HEAD = (
    "姓名,性别,出生日期,身份证号,年级,班级,家庭住址,父亲姓名,父亲联系电话,母亲姓名,母亲联系电话,"
    "监护人姓名,与儿童关系,监护人联系电话,是否留守,外出方,监护类型"
)
_GRADES = "一二三四五六七八九"
_ALONE, _GRANDPARENTS = "独自生活", "祖父母（外祖父母）"


def school_roster(school: str) -> bytes:
    """The file, as an old spreadsheet program saves it: a title, headings, GB 18030."""
    left_behind = [row(number, alone=number < ALONE) for number in range(LEFT_BEHIND - WRONG)]
    wrong = [
        row(400, name=""),
        row(401, born="2016年13月45日", identity=""),
        row(402, born="1979.01.01", identity=""),
    ]
    others = [row(number, left_behind=False) for number in range(500, 500 + PUPILS - LEFT_BEHIND)]
    rows = [
        *left_behind[:150],
        *wrong,
        *others[:700],
        *left_behind[150:],
        *others[700:],
        left_behind[7],
        left_behind[9],
    ]
    assert len(rows) == PUPILS + TWICE
    return on_paper(school, rows)


def on_paper(school: str, rows: Sequence[str]) -> bytes:
    """The file with these rows."""
    return "\n".join([f"{school}2026年秋季学期学生花名册", _HEAD, *rows]).encode("gb18030")


def row(
    number: int,
    *,
    name: str | None = None,
    born: str | None = None,
    identity: str | None = None,
    left_behind: bool = True,
    alone: bool = False,
) -> str:
    """A row; all in it follows from its number unless it is said otherwise."""
    grade = number % 9 + 1
    day = date(2020 - grade, 3, 1) + timedelta(days=number % 150)
    name = name if name is not None else pupil(number)
    identity = identity if identity is not None else make_identity("439903", day, number % 499, "female")
    family = f"唐海{_han(number)},{phone(number)},丁浩{_han(number)},1995001{number:04}"
    guardian = ",," if alone else f"杜秀{_han(number)},祖母,1995002{number:04}"
    care = _ALONE if alone else _GRANDPARENTS
    kept = f"是,父母双方,{care}" if left_behind else "否,,"
    return (
        f"{name},女,{born or format(day, '%Y.%m.%d')},{identity},{_GRADES[grade - 1]}年级,（{number % 4 + 1}）班,"
        f"示范镇桥口村{number % 9 + 1}组,{family},{guardian},{kept}"
    )


def pupil(number: int) -> str:
    """The name in a row."""
    return f"梁{_han(number)}"


def phone(number: int) -> str:
    """The father's number in a row."""
    return f"1995000{number:04}"


def _han(number: int) -> str:
    return chr(0x5609 + number % 50) + chr(0x6600 + number // 50)
