"""Time as an argument. Instants are aware UTC datetimes; days are days in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time. The only way for code to learn it."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved. For tests and replays."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """The instant that it was set to."""
        return self.at

    def move(self, seconds: float) -> None:
        """Move on by that many seconds."""
        self.at += timedelta(seconds=seconds)


class OffsetClock:
    """The machine's clock plus an offset in seconds that a file names, so that many processes move together.

    The file is read at each call; a missing or empty file means no offset. For tests only: the settings refuse
    it in production.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """The present instant plus the offset, UTC."""
        try:
            offset = float(self._path.read_text().strip() or 0)
        except FileNotFoundError:
            offset = 0.0
        return datetime.now(UTC) + timedelta(seconds=offset)


def day_of(instant: datetime) -> date:
    """The day in Asia/Shanghai that the instant falls on."""
    return instant.astimezone(SHANGHAI).date()


def whole_years(born: date, on: date) -> int:
    """Completed years of life on a day. A birthday counts from the day itself; 29 February from 1 March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 1 March for 29 February where the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
