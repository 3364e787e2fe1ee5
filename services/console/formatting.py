"""Values as people say them: days, moments, durations, money, numbers. In the reader's language, in Shanghai's time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from datetime import datetime, timedelta

from babel.dates import format_date

from services.console.catalogues import Catalogue
from shared.kernel.clock import SHANGHAI, day_of
from shared.kernel.money import yuan

_LOCALES = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "en": "en"}
_PATTERNS = {"zh_Hans": ("M月d日", "y年M月d日"), "zh_Hant": ("M月d日", "y年M月d日"), "en": ("d MMMM", "d MMMM y")}


class Formats:
    """The formats of one language at one moment."""

    def __init__(self, language: str, catalogue: Catalogue, now: datetime) -> None:
        self._locale = _LOCALES[language]
        self._words = catalogue
        self.now = now
        self.today = day_of(now)

    def day(self, day: dt.date) -> str:
        """今天, 昨天, 明天, 3天前 within a week, else 11月20日, with the year where it is another."""
        away = (self.today - day).days
        near = {0: self._("today"), 1: self._("yesterday"), -1: self._("tomorrow")}.get(away)
        if near:
            return near
        if 1 < away < 7:
            return self._n("%(n)s day ago", "%(n)s days ago", away)
        return self.date(day)

    def date(self, day: dt.date) -> str:
        """11月20日, with the year where it is not the present one."""
        short, long = _PATTERNS[self._locale]
        return str(format_date(day, short if day.year == self.today.year else long, locale=self._locale))

    def full_date(self, day: dt.date) -> str:
        """2026年11月20日, always with the year: for print and proofs."""
        return str(format_date(day, _PATTERNS[self._locale][1], locale=self._locale))

    def moment(self, at: datetime) -> str:
        """今天 14:05, 昨天 09:30, 3天前, 11月20日 14:05. The exact one belongs into the title (`exact`)."""
        day, clock = day_of(at), at.astimezone(SHANGHAI).strftime("%H:%M")
        away = (self.today - day).days
        if 1 < away < 7:
            return self.day(day)
        return self._("%(day)s %(time)s") % {"day": self.day(day), "time": clock}

    def long_today(self) -> str:
        """2026年11月20日 星期五."""
        pattern = "EEEE, d MMMM y" if self._locale == "en" else "y年M月d日 EEEE"
        return str(format_date(self.today, pattern, locale=self._locale))

    def exact(self, at: datetime) -> str:
        """2026-11-20 14:05:09, Shanghai's time."""
        return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")

    def duration(self, length: timedelta | float) -> str:
        """A length in its two largest units: 40秒, 6分钟, 1小时5分钟, 3天2小时. A number is taken as seconds."""
        seconds = int(length.total_seconds() if isinstance(length, timedelta) else length)
        parts = self._parts(abs(seconds))
        if len(parts) == 2:
            return self._("%(first)s %(second)s") % {"first": parts[0], "second": parts[1]}
        return parts[0] if parts else self._n("%(n)s second", "%(n)s seconds", 0)

    def money(self, fen: int) -> str:
        """An amount of fen in yuan: 60,000.00 元."""
        return self._("%(amount)s yuan") % {"amount": yuan(fen)}

    def number(self, value: int) -> str:
        """12,345."""
        return f"{value:,}"

    def _parts(self, seconds: int) -> list[str]:
        units: list[tuple[int, Callable[[int], str]]] = [
            (86400, lambda n: self._n("%(n)s day", "%(n)s days", n)),
            (3600, lambda n: self._n("%(n)s hour", "%(n)s hours", n)),
            (60, lambda n: self._n("%(n)s minute", "%(n)s minutes", n)),
            (1, lambda n: self._n("%(n)s second", "%(n)s seconds", n)),
        ]
        for place, (length, words) in enumerate(units):
            if seconds >= length:
                found = [words(seconds // length)]
                if place + 1 < len(units) and length > 60:  # below an hour the minutes alone are enough
                    smaller, smaller_words = units[place + 1]
                    if rest := seconds % length // smaller:
                        found.append(smaller_words(rest))
                return found
        return []

    def _(self, message: str) -> str:
        return self._words.gettext(message)

    def _n(self, one: str, many: str, n: int) -> str:
        return self._words.ngettext(one, many, n) % {"n": n}
