"""Rosters made up for tests, in the shape in which schools send them: title, sender, merged header of two lines,
a sheet for each grade, dates in every format, signatures at the foot. Built in memory; nobody in them exists."""

import io
from datetime import date, datetime, time

import xlsxwriter

from shared.localisation.identity import make_identity

TODAY = date(2026, 11, 23)
GROUPS = [
    ("序号", 1),
    ("学生情况", 8),
    ("父亲", 3),
    ("母亲", 3),
    ("监护人（委托照护人）", 6),
    ("留守情况", 3),
    ("备注", 1),
]
HEADS = (
    ["序号", "姓名", "性别", "民族", "出生日期", "身份证号", "年级", "班级", "家庭住址"]
    + ["姓名", "联系电话", "务工单位及地址"] * 2
    + ["姓名", "与儿童关系", "联系电话", "职业", "年龄", "健康状况", "是否留守", "外出方", "监护类型", "备注"]
)
FORMS = (
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.year}.{day.month}.{day.day}",
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day:%Y-%m-%d}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: datetime.combine(day, time()),
)


def pupil(number, *, year=2014, left_behind=False, **changes):
    """The cells of one row by heading; `changes` puts others in their place."""
    born = date(year, number % 12 + 1, number % 28 + 1)
    row = {
        "name": f"李{chr(0x4E00 + number)}",
        "sex": "女",
        "ethnicity": "汉",
        "born": FORMS[number % len(FORMS)](born),
        "identity_number": make_identity("439901", born, number % 500, "female"),
        "grade": "六年级",
        "class": "（2）班",
        "address": "示范镇溪山村3组",
        "father.name": f"李父{chr(0x4E00 + number)}",
        "father.phone": f"1540000{number:04}",
        "father.employer": "演示市电子厂1号" if left_behind else "",
        "mother.name": "阿依古丽·买买提",
        "mother.phone": f"1540001{number:04}",
        "mother.employer": "演示市服装厂2号" if left_behind else "",
        "guardian.name": "王小英",
        "guardian.relation": "祖母" if left_behind else "父亲",
        "guardian.phone": f"1540002{number:04}",
        "guardian.occupation": "务农",
        "guardian.age": 66,
        "guardian.health": "健康",
        "left_behind": "是" if left_behind else "否",
        "away_party": "父母双方" if left_behind else "",
        "care_arrangement": "祖父母（外祖父母）" if left_behind else "",
        "note": "",
    }
    assert not set(changes) - set(row), set(changes) - set(row)
    return [number, *{**row, **changes}.values()]


def workbook(sheets, *, formulas=None, hidden=()):
    """A .xlsx of {sheet name: [rows of cells]} with the title, header and foot that schools put around them.

    `formulas` maps (sheet, row, column), counted from 0, to (formula, cached value).
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.add_worksheet("填表说明").write(0, 0, "请各班主任如实填写，身份证号请按文本格式录入。")
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        sheet.merge_range(0, 0, 0, len(HEADS) - 1, f"示范镇中心学校2026年秋季学期{name}学生及留守儿童花名册")
        sheet.write(1, 0, "填报单位：示范镇中心学校")
        sheet.write(1, 18, "填报日期：2026年9月10日")
        _write_groups(sheet)
        sheet.write_row(3, 0, HEADS)
        for at, row in enumerate(rows, start=4):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(at, column, cell)
                else:
                    sheet.write(at, column, cell)
        foot = 5 + len(rows)
        for column, text in ((0, "填表人："), (4, "审核人："), (8, "校长签字："), (11, "（盖章）")):
            sheet.write(foot, column, text)
    for (name, row, column), (formula, value) in (formulas or {}).items():
        book.get_worksheet_by_name(name).write_formula(row, column, formula, None, value)
    book.close()
    return target.getvalue()


def _write_groups(sheet):
    column = 0
    for group, width in GROUPS:
        if width > 1:
            sheet.merge_range(2, column, 2, column + width - 1, group)
        else:
            sheet.write(2, column, group)
        column += width


def grid(rows, titles=None):
    """A plain .xlsx of one sheet with these rows from A1; `titles` maps a row, counted from 0, to a merged title."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("名册")
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            (sheet.write_string if isinstance(cell, str) else sheet.write)(at, column, cell)
    for at, title in (titles or {}).items():
        sheet.merge_range(at, 0, at, 2, title)
    book.close()
    return target.getvalue()
