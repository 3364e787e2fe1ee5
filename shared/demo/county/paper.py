"""The county on paper: a roster as a county's education office would send it, and its divisions."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

from shared.demo.county.figures import Arrangement
from shared.demo.county.making import Adult, Child, County
from shared.demo.county.places import COUNTY, COUNTY_NAME

_GRADES = "一二三四五六七八九"
_SEX = {"male": "男", "female": "女"}
_AWAY = {"both": "父母双方", "father": "父亲", "mother": "母亲"}
_ARRANGEMENTS: dict[Arrangement, str] = {
    "boarding": "寄宿在校",
    "grandparents": "祖父母（外祖父母）",
    "relatives": "其他亲戚",
    "carer": "代管家长",
    "alone": "独自生活",
}
_Value = str | int
_NOBODY = Adult("")


def _guardian(child: Child) -> Adult:
    return child.guardian or _NOBODY


_COLUMNS: tuple[tuple[str, str, Callable[[Child], _Value | None]], ...] = (
    ("学生情况", "姓名", lambda child: child.name),
    ("学生情况", "性别", lambda child: _SEX[child.sex]),
    ("学生情况", "民族", lambda child: child.ethnicity),
    ("学生情况", "出生日期", lambda child: child.born.isoformat()),
    ("学生情况", "身份证号", lambda child: child.identity_number or "未上户"),
    ("学生情况", "学校", lambda child: child.school.name),
    ("学生情况", "年级", lambda child: f"{_GRADES[child.grade - 1]}年级"),
    ("学生情况", "班级", lambda child: f"（{child.class_number}）班"),
    ("学生情况", "乡镇", lambda child: child.township.name),
    ("学生情况", "村", lambda child: child.village.name),
    ("学生情况", "家庭住址", lambda child: child.address),
    ("父亲", "姓名", lambda child: child.father.name),
    ("父亲", "联系电话", lambda child: child.father.phone),
    ("父亲", "务工单位及地址", lambda child: child.father.work),
    ("父亲", "情况", lambda child: child.father.status),
    ("母亲", "姓名", lambda child: child.mother.name),
    ("母亲", "联系电话", lambda child: child.mother.phone),
    ("母亲", "务工单位及地址", lambda child: child.mother.work),
    ("母亲", "情况", lambda child: child.mother.status),
    ("监护人", "姓名", lambda child: _guardian(child).name),
    ("监护人", "与儿童关系", lambda child: _guardian(child).relation),
    ("监护人", "联系电话", lambda child: _guardian(child).phone),
    ("监护人", "职业", lambda child: _guardian(child).occupation),
    ("监护人", "年龄", lambda child: _guardian(child).age),
    ("监护人", "健康状况", lambda child: _guardian(child).health),
    ("留守情况", "是否留守", lambda _: "是"),
    ("留守情况", "外出方", lambda child: _AWAY[child.away_party]),
    ("留守情况", "监护类型", lambda child: _ARRANGEMENTS[child.arrangement]),
)
_OWN_WORDS = {"学生情况", "留守情况"}
"""Groups whose headings speak for themselves where a line of groups has no place: in a text file."""


def write_roster(county: County, path: Path) -> None:
    """Write the roster of the whole county, by suffix as `.xlsx` or `.csv` (UTF-8 with a mark).

    The same county gives the same bytes. Raises ValueError for another suffix.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        path.write_bytes(_workbook(county))
    elif suffix == ".csv":
        path.write_bytes(_text(county))
    else:
        raise ValueError(f"not a kind of roster: {suffix!r} (.xlsx or .csv)")


def divisions_csv(county: County) -> str:
    """The townships and villages in the form in which divisions are read: code, name, level, parent."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(["code", "name", "level", "parent"])
    writer.writerow([f"{COUNTY}000000", COUNTY_NAME, "county", ""])
    writer.writerows([one.code, one.name, "township", f"{COUNTY}000000"] for one in county.townships)
    writer.writerows([one.code, one.name, "village", one.township] for one in county.villages)
    return target.getvalue()


def _row(child: Child) -> list[_Value]:
    return ["" if (value := read(child)) is None else value for _, _, read in _COLUMNS]


def _text(county: County) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([head if group in _OWN_WORDS else group + head for group, head, _ in _COLUMNS])
    writer.writerows(map(_row, county.children))
    return target.getvalue().encode("utf-8-sig")


def _workbook(county: County) -> bytes:
    target = io.BytesIO()
    # Row by row, so that a county of seventy thousand does not stand in memory as cells.
    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    # A fixed day of making: the file is the same for the same county.
    book.set_properties({"created": datetime.combine(county.day, datetime.min.time(), UTC)})
    sheet = book.add_worksheet("花名册")
    middle = book.add_format({"align": "center", "bold": True})
    sheet.merge_range(0, 0, 0, len(_COLUMNS) - 1, f"{county.name}{county.day.year}年秋季学期留守儿童花名册", middle)
    sheet.write_string(1, 0, f"填报单位：{county.name}教育局")
    sheet.write_string(1, 8, f"填报日期：{county.day.year}年{county.day.month}月{county.day.day}日")
    groups = [group for group, _, _ in _COLUMNS]
    for group in dict.fromkeys(groups):
        first = groups.index(group)
        sheet.merge_range(2, first, 2, first + groups.count(group) - 1, group, middle)
    for column, (_, head, _) in enumerate(_COLUMNS):
        sheet.write_string(3, column, head)
    for number, child in enumerate(county.children, start=4):
        for column, value in enumerate(_row(child)):
            if isinstance(value, int):
                sheet.write_number(number, column, value)
            elif value:
                sheet.write_string(number, column, value)
    book.close()
    return target.getvalue()
