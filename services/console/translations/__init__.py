"""Which words the console uses, and which of them the catalogues have: for the tests, and for who adds a page.

python -m services.console.translations        prints what has no Chinese yet, ready to paste into a .po file
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from services.console.catalogues import FOLDER, read_words

_ROOM = FOLDER.parent
_METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"}}
_KEYWORDS = DEFAULT_KEYWORDS | {"_n": (1, 2)}


def used() -> dict[str, str]:
    """Message id → the first file that uses it, for every message of the console's code and templates."""
    found: dict[str, str] = {}
    for place, _line, message, _comments, _context in extract_from_dir(
        str(_ROOM), method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
    ):
        msgid = message if isinstance(message, str) else message[0]
        found.setdefault(msgid, Path(place).as_posix())
    return found


def missing() -> dict[str, str]:
    """Messages without a Chinese translation, and the file that uses each."""
    known = read_words(FOLDER / "zh_Hans")
    return {msgid: place for msgid, place in used().items() if msgid not in known}


def unused() -> set[str]:
    """Translations of messages that nothing says any more."""
    return set(read_words(FOLDER / "zh_Hans")) - set(used())
