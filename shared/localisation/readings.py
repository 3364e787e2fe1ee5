"""How the characters of a name are read: surnames by their own table, given names by the library and a short list.

A dictionary reads 单 as dān and 仇 as chóu; as surnames they are shàn and qiú. Where families differ (覃 is qín in one
county and tán in the next) both readings are kept, so that either finds the person.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PARTS = re.compile(r"[a-z]+|[^a-z\u0300-\u036f]")

SURNAMES: dict[str, tuple[str, ...]] = {
    "曾": ("zeng",), "单": ("shan",), "仇": ("qiu",), "解": ("xie",), "区": ("ou",), "查": ("zha",),
    "朴": ("piao",), "盖": ("ge", "gai"), "覃": ("qin", "tan"), "乐": ("yue", "le"), "缪": ("miao",),
    "秘": ("bi",), "种": ("chong",), "黑": ("he",), "折": ("she",), "翟": ("zhai", "di"), "召": ("shao",),
    "繁": ("po",), "牟": ("mu", "mou"), "隗": ("wei", "kui"), "祭": ("zhai",), "句": ("gou",), "员": ("yun",),
    "宓": ("mi", "fu"), "尉": ("wei", "yu"), "卜": ("bu",), "薄": ("bo",), "柏": ("bai", "bo"),
    "谌": ("chen", "shen"), "洗": ("xian",), "佴": ("nai",), "郇": ("xun", "huan"), "阚": ("kan",),
    "长": ("chang", "zhang"), "藏": ("zang",), "吕": ("lv", "lu"),
}  # fmt: skip

TWO_CHARACTERS: dict[str, tuple[str, str]] = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "单于": ("chan", "yu"), "澹台": ("tan", "tai"),
}  # fmt: skip

GIVEN: dict[str, tuple[str, ...]] = {
    "乐": ("le", "yue"), "茜": ("xi", "qian"), "娜": ("na", "nuo"), "晟": ("sheng", "cheng"),
    "盛": ("sheng", "cheng"), "朝": ("chao", "zhao"), "长": ("chang", "zhang"), "行": ("xing", "hang"),
    "重": ("zhong", "chong"), "曾": ("zeng",), "都": ("du", "dou"), "荨": ("qian", "xun"), "女": ("nv", "nu"),
    "绿": ("lv", "lu"), "律": ("lv", "lu"), "吕": ("lv", "lu"), "旅": ("lv", "lu"), "率": ("shuai",),
}  # fmt: skip


@lru_cache(maxsize=8192)
def readings_of(name: str) -> tuple[tuple[str, ...], ...]:
    """For each character of a name in simplified characters its readings, the likeliest first. Latin letters stay.

    Whether the name has a surname in front is not asked: a minority name rarely begins with one of the table, and
    where it does both its readings are kept only if the table has both.
    """
    if name[:2] in TWO_CHARACTERS and len(name) > 2:
        first, second = TWO_CHARACTERS[name[:2]]
        return ((first,), (second,), *_given(name[2:]))
    if name[:1] in SURNAMES:
        return (SURNAMES[name[:1]], *_given(name[1:]))
    return _given(name)


def prepare() -> None:
    """Read the library's tables, so that the first name need not wait for them."""
    readings_of("守望")


def _given(text: str) -> tuple[tuple[str, ...], ...]:
    if not text:
        return ()
    # Read here: the library's tables cost a fifth of a second, which a process that never searches need not pay.
    # One that does calls `prepare` when it begins.
    from pypinyin import Style, pinyin

    found: list[tuple[str, ...]] = []
    for part in _PARTS.findall(unicodedata.normalize("NFD", text)):
        if part in GIVEN:
            found.append(GIVEN[part])
            continue
        syllable = part if part.isascii() else pinyin(part, style=Style.NORMAL, v_to_u=False)[0][0].casefold()
        letters = re.sub(r"[^a-z]", "", syllable)
        if letters:
            found.append((letters,))
    return tuple(found)
