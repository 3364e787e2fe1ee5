"""What the lines around a table say of all its rows: which school sends it and on what day it was filled in."""

from __future__ import annotations

import re
from datetime import date

from services.registry.rosters.dates import Unreadable, day_in_text
from services.registry.rosters.sheets import Sheet, text_in

_SENDER = re.compile(
    r"(?:填报单位|填报学校|学校名称|报送单位|学校|单位|校名)(?:\(.*?\)|（.*?）)?\s*[:：]\s*([^\s:：]{2,40})"
)
_TITLE = re.compile(r"^(.{0,38}?(?:小学|中学|学校|幼儿园|中心校|完小|教学点|九年制))")
_STATED = re.compile(r"(?:日期|时间|截至|截止)\s*[:：]?\s*(\d{4}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2})")
_STAMP = re.compile(r"[（(]\s*(?:盖章|公章|章)\s*[）)].*$")
_OFFICE = re.compile(r"(?:局|厅|委|办|政府|妇联|联合会)$")
"""Whoever sends a county's file is no school: its rows name theirs."""
_LAST_ROWS = 6


def school_in(sheet: Sheet, until: int) -> str | None:
    """The school that the first `until` rows name, by 填报单位 or else by the title; None when neither does."""
    texts = _texts(sheet, range(1, until + 1))
    for pattern in (_SENDER, _TITLE):
        for text in texts:
            match = pattern.search(text)
            name = _STAMP.sub("", match[1]).strip("_ 　") if match else ""
            if name and not _OFFICE.search(name):
                return name
    return None


def stated_day_in(sheet: Sheet, until: int) -> date | None:
    """The day that the paper gives itself, above the header or below the rows; None when it gives none."""
    last = len(sheet.rows)
    for text in _texts(sheet, [*range(1, until + 1), *range(max(until + 1, last - _LAST_ROWS), last + 1)]):
        if match := _STATED.search(text):
            try:
                return day_in_text(match[1])
            except Unreadable:
                continue
    return None


def _texts(sheet: Sheet, rows: range | list[int]) -> list[str]:
    return [text_in(cell) for row in rows for cell in sheet.rows[row - 1] if isinstance(cell, str) and cell.strip()]
