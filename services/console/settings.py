"""What the console must be told before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

LEAST_SECRET = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleSettings:
    """The console's settings.

    `secret` (32 bytes or more) signs forms and encrypts drafts; every process of one console shares it.
    `trusted_proxies` is how many reverse proxies stand before it, whose word on address and scheme is taken. `place`
    is the county's name as the header shows it. `largest_upload` is in bytes.
    """

    secret: bytes
    production: bool = False
    trusted_proxies: int = 0
    place: str = ""
    largest_upload: int = 64 * 1024 * 1024
    session_idle: timedelta = timedelta(minutes=30)
    session_longest: timedelta = timedelta(hours=12)
    session_warning: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        if len(self.secret) < LEAST_SECRET:
            raise ValueError(f"the console's secret needs {LEAST_SECRET} bytes or more")
