"""Text as it comes: bytes into characters, full-width into half-width, variants of a character into one.

Files decode by their mark (BOM), else as strict UTF-8, else as strict GB18030, else not at all: a guess would put
wrong characters into names.
"""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from shared.kernel.refusals import Refusal

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BLANKS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"))
"""Characters without width that spreadsheets and web pages leave behind. They stand for nothing."""
_MORE_VARIANTS = {
    "峯": "峰", "羣": "群", "勳": "勋", "裏": "里", "裡": "里", "喆": "哲", "昇": "升", "陞": "升", "堃": "坤",
    "甯": "宁", "寗": "宁", "濬": "浚", "珎": "珍", "鉄": "铁", "凃": "涂", "邨": "村", "菓": "果", "祘": "算",
    "淸": "清", "靑": "青", "眞": "真", "愼": "慎", "敎": "教", "呂": "吕", "戸": "户", "戶": "户", "産": "产",
    "衆": "众", "銭": "钱", "関": "关", "剣": "剑", "闫": "阎", "肖": "萧", "付": "傅", "妳": "你",
}  # fmt: skip
"""Characters that registers write for one another and that the library's table does not fold.

The surnames 肖 for 萧, 闫 for 阎 and 付 for 傅 come from the withdrawn second scheme of simplification (1977 to 1986):
one family has one of them on the identity card and the other on the household register.
"""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters and the encoding that they were found in."""

    text: str
    encoding: str


def text_of(data: bytes) -> Decoded:
    """Decode a text file: by its mark, else strict UTF-8, else strict GB18030.

    Refuses with `localisation.text_unreadable` when none fits.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(_strict(data[len(mark) :], encoding, (encoding,)), encoding)
    for encoding in ("utf-8", "gb18030"):
        try:
            return Decoded(data.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal("localisation.text_unreadable", tried=["utf-8", "gb18030"])


def _strict(data: bytes, encoding: str, tried: tuple[str, ...]) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refusal("localisation.text_unreadable", tried=list(tried)) from error


def plain(text: str) -> str:
    """Half-width form without invisible characters and outer blanks: for numbers, codes and headings, not names."""
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", text).translate(_BLANKS).strip()


def without_invisible(text: str) -> str:
    """The text without characters that have no width."""
    return text.translate(_BLANKS)


def folded(text: str) -> str:
    """One form for all forms of the same characters: half-width, lower case, traditional and variant to simplified.

    For comparing only; never shown and never stored as someone's name.
    """
    return plain(text).casefold().translate(_variants())


@cache
def _variants() -> dict[int, str]:
    """Character → its simplified form, read once from the table that comes with the OpenCC library."""
    table: dict[int, str] = {}
    source = files("opencc") / "dictionary" / "TSCharacters.txt"
    for line in source.read_text(encoding="utf-8").splitlines():
        traditional, _, simplified = line.partition("\t")
        if len(traditional) == 1 and simplified:
            table[ord(traditional)] = simplified.split(" ")[0]
    for variant, common in _MORE_VARIANTS.items():
        table[ord(variant)] = table.get(ord(common), common)
    return table
