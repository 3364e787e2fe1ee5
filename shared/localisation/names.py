"""Names: kept as on the document, compared without regard to how they were typed, found by sound.

A name has one to fifty characters, some of them rare, some names with ·•・‧ between their parts. What is stored is
what the document says; everything else in this file is a key for comparing and finding, never shown.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from shared.localisation.readings import readings_of
from shared.localisation.text import folded, without_invisible

_DOTS = "·•・‧∙⋅᛫●▪．.。"
_BETWEEN = re.compile(rf"[\s{re.escape(_DOTS)}\-'’_]+")
_PADDED = re.compile(r"^(\S)\s+(\S)$")
_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MOST_READINGS = 8


@dataclass(frozen=True, slots=True)
class PinyinKeys:
    """How a name may sound. Several when a character has several readings; the likeliest first.

    `full`: `ouyangna`. `initials`: `oyn`. `sounds`: the full form through `sounds_alike_key`.
    """

    full: tuple[str, ...]
    initials: tuple[str, ...]
    sounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What to look for. Each is None when the query does not have it.

    `characters` is contained in a `comparison_key`; `letters` begins one of `full` or `initials`; `sounds` begins
    one of `sounds`. `digits` is contained in a telephone or identity number.
    """

    characters: str | None = None
    letters: str | None = None
    sounds: str | None = None
    digits: str | None = None


def stored_name(text: str) -> str:
    """The name as on the document: NFC, without outer and invisible blanks, inner blanks single.

    The blank that forms put between the two characters of a short name (`张　三`) goes; a dot stays the dot it is.
    """
    name = " ".join(without_invisible(unicodedata.normalize("NFC", text)).split())
    padded = _PADDED.match(name)
    if padded and _HAN.match(padded[1]) and _HAN.match(padded[2]):
        return padded[1] + padded[2]
    return name


@lru_cache(maxsize=16384)
def comparison_key(name: str) -> str:
    """Equal for all ways to write one name: dots and blanks of any kind, width, case, traditional and variant forms."""
    return _BETWEEN.sub("", folded(name))


@lru_cache(maxsize=4096)
def pinyin_keys(name: str) -> PinyinKeys:
    """Every likely reading of a name, at most eight: surnames as surnames (单 shàn, 仇 qiú, 尉迟 yùchí)."""
    choices = readings_of(comparison_key(name))
    readings = list(itertools.islice(itertools.product(*choices), _MOST_READINGS)) if choices else []
    full = tuple(dict.fromkeys("".join(reading) for reading in readings))
    initials = tuple(dict.fromkeys("".join(syllable[0] for syllable in reading) for reading in readings))
    return PinyinKeys(full, initials, tuple(dict.fromkeys(map(_alike, full))))


def sounds_alike_key(text: str) -> str:
    """One key for what southern ears and hurried hands confuse: n/l, zh/z, ch/c, sh/s, -ng/-n.

    Takes a name or letters already. It works on the letters as one string, so that a query without blanks between
    its syllables meets the same key; what it makes equal besides is the price of forgiving.
    """
    if _HAN.search(text):
        keys = pinyin_keys(text)
        return keys.sounds[0] if keys.sounds else ""
    return _alike(_letters(text))


def search_terms(query: str) -> SearchTerms:
    """What a person typed into the search box, made ready to be compared with the keys of a name."""
    key = comparison_key(query)
    if not key:
        return SearchTerms()
    if re.fullmatch(r"\d{3,18}x?", key):
        return SearchTerms(digits=key.upper())
    if _HAN.search(key):
        return SearchTerms(characters=key, sounds=sounds_alike_key(key) if _all_han(key) else None)
    letters = _letters(key)
    return SearchTerms(characters=key, letters=letters or None, sounds=_alike(letters) or None)


def _all_han(text: str) -> bool:
    return all(_HAN.match(character) for character in text)


def _letters(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.casefold().replace("ü", "v").replace("u:", "v"))
    return re.sub(r"[^a-z]", "", bare)


def _alike(letters: str) -> str:
    key = letters.replace("lyu", "lu").replace("nyu", "nu").replace("v", "u")
    for pair, one in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n")):
        key = key.replace(pair, one)
    return key.replace("n", "l")
