"""The catalogues of words: read from the .po files at the start.

Message ids are English. `translations/zh_Hans/*.po` is written by hand, one file for each room of pages so that people
do not wait for each other; traditional characters are made from it, never other words.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from pathlib import Path

from babel.messages.pofile import read_po

from shared.localisation.languages import to_traditional

ENGLISH = "en"
SIMPLIFIED = "zh-Hans"
TRADITIONAL = "zh-Hant"
LANGUAGES = {SIMPLIFIED: "简体中文", TRADITIONAL: "繁體中文", ENGLISH: "English"}
"""Each language in its own words, as the switch shows them."""
FOLDER = Path(__file__).parent / "translations"


class Catalogue(gettext.NullTranslations):
    """The words of one language. What it does not know it leaves in English; a test sees to it that it knows all."""

    def __init__(self, words: dict[str, str], written: Callable[[str], str] | None = None) -> None:
        super().__init__()
        self._words = words
        self._written = written

    def gettext(self, message: str) -> str:
        """The message in this language."""
        return self._known(message) or message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The message for a number of things: English has two forms, Chinese one."""
        return self._known(msgid1) or (msgid1 if n == 1 else msgid2)

    def _known(self, message: str) -> str | None:
        words = self._words.get(message)
        return self._written(words) if words and self._written else words


class Catalogues:
    """All languages. Raises ValueError at the start if two files translate a message differently."""

    def __init__(self, folder: Path = FOLDER) -> None:
        simplified = read_words(folder / "zh_Hans")
        self._by_language = {
            ENGLISH: Catalogue({}),
            SIMPLIFIED: Catalogue(simplified),
            TRADITIONAL: Catalogue(simplified, to_traditional),
        }

    def of(self, language: str) -> Catalogue:
        """The catalogue of a language, of simplified Chinese where there is none."""
        return self._by_language.get(language) or self._by_language[SIMPLIFIED]


def read_words(folder: Path) -> dict[str, str]:
    """Message id → translation of every .po file in a folder, fuzzy and empty ones left out."""
    words: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_Hans", abort_invalid=True):
                said = message.string if isinstance(message.string, str) else message.string[0]
                msgid = message.id if isinstance(message.id, str) else message.id[0]
                if not msgid or not said or message.fuzzy:
                    continue
                if words.setdefault(msgid, said) != said:
                    raise ValueError(f"{path.name} translates {msgid!r} differently from another file")
    return words


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for a mark
    """Mark a message for the catalogues without translating it."""
    return message
