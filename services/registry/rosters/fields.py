"""The fields that a roster's columns may hold, and the words that schools write over them.

A field is a code such as `born` or `father.phone`. The words are compared in the folded form of `heading`, so one
spelling stands for all widths, blanks and traditional characters.
"""

from __future__ import annotations

import re
from functools import lru_cache

from shared.localisation.text import folded

PEOPLE = ("father", "mother", "guardian")

_CHILD_WORDS = {
    "ordinal": "序号 编号 号 no no. #",
    "name": "姓名 学生姓名 儿童姓名 幼儿姓名 孩子姓名 留守儿童姓名 名字 学生 留守学生姓名 name",
    "sex": "性别 sex",
    "ethnicity": "民族 族别",
    "born": "出生日期 出生年月 出生年月日 出生时间 生日 出生 birthday",
    "identity_number": "身份证号 身份证号码 身份证 公民身份号码 公民身份证号码 证件号码 证件号 身份证件号 身份证件号码 "
    "居民身份证号 居民身份证号码 身份号码 学生身份证号 学生身份证号码 儿童身份证号 儿童身份证号码",
    "identity_missing": "无身份证原因 无证原因 无身份证号原因",
    "student_number": "学籍号 全国学籍号 学籍号码 学号 学籍编号 学籍辅号",
    "school": "学校 就读学校 所在学校 学校名称 所属学校 就读学校名称",
    "grade": "年级 所在年级 就读年级",
    "class": "班级 班 所在班级 班别 班次 班级名称",
    "grade_class": "年级班级 所在年级班级 就读年级班级 年班 就读班级 班级年级 年级及班级",
    "township": "乡镇 镇 街道 所属乡镇 乡镇街道 所在乡镇",
    "village": "村 行政村 村居 村社区 所属村 所在村 村名 社区 村委会 户籍村",
    "address": "家庭住址 住址 地址 家庭地址 现住址 现居住地 居住地址 详细住址 家庭详细住址 家庭详细地址 详细地址 "
    "居住地 家庭居住地址 家庭现住址 常住地址",
    "household_address": "户籍地址 户籍所在地 户口所在地 户籍地 户口地址",
    "phone": "家庭电话 家长电话 家庭联系电话 家长联系电话 家长手机号 家长联系方式",
    "left_behind": "是否留守 留守儿童 是否留守儿童 留守 是否为留守儿童 是否农村留守儿童 是否留守学生",
    "away_party": "外出方 外出务工方 父母外出情况 父母外出务工情况 外出务工情况 留守类型 外出情况 外出类型 "
    "父母务工情况",
    "care_arrangement": "监护类型 监护情况 监护方式 照护方式 照护情况 监护状况 监护人类型 居住情况 生活状况 照护类型 "
    "跟谁生活 委托监护情况 现由谁照顾",
    "boarding": "是否寄宿 是否住校 寄宿 住校 是否寄宿生 是否住宿 是否住校生",
    "note": "备注 说明 其他 备注说明",
    "age": "年龄 周岁 年龄周岁",
    "health": "健康状况 身体状况 健康情况 身体情况",
    "parents.name": "父母姓名 家长姓名",
    "parents.employer": "父母务工单位 父母工作单位 父母务工单位及地址",
    "parents.place": "父母务工地 父母务工地点 父母务工地址 父母打工地点 父母外出地点 父母务工去向 务工地 务工地点",
}
_PERSON_WORDS = {
    "name": "姓名 名字 名",
    "phone": "联系电话 电话 电话号码 手机 手机号 手机号码 联系方式 联系号码 联系电话手机",
    "relation": "关系 与儿童关系 与学生关系 与孩子关系 与留守儿童关系 与被监护人关系 与本人关系 与幼儿关系 称谓 "
    "与监护人关系 监护关系 与该生关系 与儿童的关系 与学生的关系 与其关系 与被监护儿童关系",
    "identity_number": "身份证号 身份证号码 身份证 公民身份号码 证件号码 身份号码",
    "occupation": "职业 从业",
    "age": "年龄 周岁",
    "health": "健康状况 身体状况 健康情况 身体情况",
    "address": "住址 地址 家庭住址 现住址 居住地址",
    "employer": "务工单位及地址 务工单位 工作单位 单位 打工单位 务工单位名称 工作单位及地址 单位名称 务工单位地址 "
    "外出务工单位 务工单位及地点",
    "place": "务工地 务工地点 务工地址 打工地点 打工地 外出地点 外出务工地 外出务工地点 务工去向 工作地点 单位地址 "
    "务工城市 外出务工地址 现务工地",
    "away": "是否外出 是否务工 是否外出务工 外出务工 外出情况 外出 外出务工情况 务工情况",
    "status": "状况 现状 情况 基本状况 状态",
}
_WHO = (
    ("father", re.compile(r"父亲|爸爸|(?<![祖母])父(?![母亲])")),
    ("mother", re.compile(r"母亲|妈妈|(?<![祖父])母(?!亲)")),
    (
        "guardian",
        re.compile(r"(?:现|实际|临时|第一|主要|委托|受托|法定)*(?:监护人|照护人|受托人|受委托人|照料人|代管人)"),
    ),
    ("child", re.compile(r"学生|儿童|孩子|幼儿|本人|该生")),
)
_ASIDE = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|〔.*?〕")
_NOISE = re.compile(r"[\s*:·.、,，/\\_\-—\"'“”]+")

IGNORED = frozenset({"ordinal", "age", "health", "student_number", "parents.name"})
"""Columns that are recognised so that they are not taken for something else, and not read."""


@lru_cache(maxsize=4096)
def heading(text: str) -> str:
    """A column heading in the form in which headings are compared: without asides, blanks and signs."""
    whole = folded(text)
    return _NOISE.sub("", _ASIDE.sub("", whole)) or _NOISE.sub("", whole)


def _table(words: dict[str, str]) -> dict[str, str]:
    return {heading(word): field for field, several in words.items() for word in several.split()}


CHILD = _table(_CHILD_WORDS)
PERSON = _table(_PERSON_WORDS)

FIELDS = frozenset(
    {field for field in _CHILD_WORDS if field not in IGNORED}
    | {f"{who}.{attribute}" for who in PEOPLE for attribute in _PERSON_WORDS}
)
"""Every field that a column may be mapped to."""

NEEDS_A_PERSON = frozenset({"phone", "relation", "occupation", "age", "health", "employer", "place", "away", "status"})
"""Attributes that, without saying whose, belong to the person named last to the left."""


OF_ADULTS_TOO = frozenset({"name", "sex", "ethnicity", "born", "identity_number", "household_address"})
"""Fields of the child that a group of a parent's or guardian's columns may have of its own."""


@lru_cache(maxsize=1024)
def who_in(text: str) -> tuple[str | None, str]:
    """Whose a heading is, and the heading without that word: 父亲姓名 → (`father`, 姓名); 父母 names nobody."""
    if "父母" in text and "祖父母" not in text:
        return None, text
    for who, pattern in _WHO:
        if match := pattern.search(text):
            return who, text[: match.start()] + text[match.end() :]
    return None, text
