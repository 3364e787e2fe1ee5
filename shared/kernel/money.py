"""Money is integer fen (分), a hundredth of a yuan. No floats anywhere."""

from __future__ import annotations

import re

_YUAN = re.compile(r"^(\d{1,13})(?:\.(\d{1,2}))?$")
MOST = 10**15 - 1
"""The largest amount in fen that an entry may hold (ten trillion yuan): exact in every reader of JSON."""


def fen(yuan: str) -> int:
    """The fen in an amount written in yuan: `"600"`, `"600.5"`, `"1,234.50"`. Raises ValueError on anything else."""
    match = _YUAN.match(yuan.strip().replace(",", "").replace("，", "").removesuffix("元"))
    if not match:
        raise ValueError(f"not an amount in yuan: {yuan!r}")
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def yuan(amount: int) -> str:
    """An amount of fen as people write it in yuan, with two decimals: `60000 → "600.00"`."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100:,}.{abs(amount) % 100:02}"
