"""The three languages of the screens: zh-Hans, zh-Hant, en. Which one a browser asks for, and simplified → traditional.

Traditional text is the simplified text in other characters, never in other words: 网络 becomes 網絡 and stays a word
of the mainland. People's names are not converted: 于 and 於 are two surnames.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Literal, cast

Language = Literal["zh-Hans", "zh-Hant", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-Hans", "zh-Hant", "en")
DEFAULT: Language = "zh-Hans"

_TRADITIONAL = {"hant", "tw", "hk", "mo"}
_RANGE = re.compile(r"^\s*([a-zA-Z]{1,8}(?:[-_][a-zA-Z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$")


def language_of(tag: str) -> Language | None:
    """The language of ours that a tag such as `zh-CN`, `zh_TW`, `zh-Hant-CN`, `en-GB` means; None if none.

    A script in the tag decides before a region: `zh-Hans-HK` is simplified. Written out because Babel's own
    negotiation turns `zh-CN` into English when only `zh-Hans` is on offer.
    """
    first, *rest = tag.replace("_", "-").lower().split("-")
    if first == "en":
        return "en"
    if first not in {"zh", "cmn", "yue"}:
        return None
    if "hans" in rest:
        return "zh-Hans"
    return "zh-Hant" if _TRADITIONAL & set(rest) else "zh-Hans"


def negotiate(accept_language: str | None) -> Language:
    """The best of ours for an `Accept-Language` header (RFC 9110, section 12.5.4); simplified Chinese if none fits."""
    wanted: list[tuple[float, int, str]] = []
    for order, part in enumerate((accept_language or "")[:1000].split(",")):
        if match := _RANGE.match(part):
            wanted.append((-float(match[2] or 1), order, match[1]))
    for weight, _, tag in sorted(wanted):
        if weight == 0:
            continue
        if tag == "*":
            return DEFAULT
        if (found := language_of(tag)) is not None:
            return found
    return DEFAULT


@lru_cache(maxsize=8192)
def to_traditional(text: str) -> str:
    """Simplified text in the traditional characters of Taiwan.

    They are chosen by the words around them (头发 → 頭髮, 发展 → 發展); the words themselves stay.

    Placeholders such as `{name}` and `%(count)s` hold no Chinese character and come through unchanged.
    """
    return cast("str", _converter().convert(text))


@cache
def _converter() -> Any:
    # The dictionaries cost a tenth of a second to read: only processes that show traditional text pay.
    from opencc import OpenCC

    return OpenCC("s2tw")
