"""Words in the reader's language, from inside a request.

    _("Signed in as %(name)s", name=name)      translated now, for this reader
    ngettext("%(n)s child", "%(n)s children", n, n=n)
    N_("Duty officer")                          only marked, translated later with _(…)

Messages are %-formats: a literal per cent sign is written twice.
"""

from __future__ import annotations

from typing import Any, cast

from flask import g, has_request_context, request

from services.console.catalogues import LANGUAGES, N_, Catalogue
from services.console.context import here
from shared.localisation.languages import DEFAULT, negotiate

COOKIE = "shouwang_language"


def language() -> str:
    """The language of the present answer: `zh-Hans`, `zh-Hant` or `en`."""
    return cast("str", g.get("language")) or DEFAULT


def choose_language(of_account: str | None) -> None:
    """Settle the language: the account's, else the one chosen in this browser, else what the browser asks for."""
    chosen = of_account or request.cookies.get(COOKIE)
    g.language = chosen if chosen in LANGUAGES else negotiate(request.headers.get("Accept-Language"))


def catalogue() -> Catalogue:
    """The words of the present answer's language."""
    return here().catalogues.of(language() if has_request_context() else DEFAULT)


def gettext(message: str, **facts: Any) -> str:
    """The message for the reader, with its facts filled in."""
    return catalogue().gettext(message) % facts


def ngettext(one: str, many: str, n: int, **facts: Any) -> str:
    """The message for `n` things, with its facts filled in."""
    return catalogue().ngettext(one, many, n) % {"n": n, **facts}


_ = gettext

__all__ = ["COOKIE", "N_", "_", "catalogue", "choose_language", "gettext", "language", "ngettext"]
