"""What every template has at hand: words, formats, forms, icons, and who is reading."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask, g, request
from markupsafe import Markup, escape

from services.console import forms, words
from services.console.assets import asset_url
from services.console.catalogues import LANGUAGES
from services.console.context import here
from services.console.formatting import Formats
from services.console.navigation import entries, open_to_reader
from services.console.roles import ROLES
from services.console.visits import may, visit
from shared.kernel.ids import new_id


def install(app: Flask) -> None:
    """Teach the app's templates."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: words.catalogue().gettext(message),
        lambda one, many, n: words.catalogue().ngettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {
        "day": _day,
        "full_date": lambda day: formats().full_date(_as_day(day)),
        "moment": _moment,
        "elapsed": _elapsed,
        "hash_of": lambda text: hashlib.sha256(str(text).encode()).hexdigest()[:8],
        "duration": lambda length: formats().duration(length),
        "money": lambda fen: formats().money(fen),
        "number": lambda value: formats().number(value),
        "role": lambda code: words.gettext(ROLES[code]) if code in ROLES else code,
    }
    app.jinja_env.globals |= {
        "LANGUAGES": LANGUAGES,
        "alerts_silent_since": lambda: here().heads.silent_since("alerts") if may("alerts:alert:view") else None,
        "asset": asset_url,
        "begin_form": forms.begin_form,
        "command_id": _command_id,
        "draft": forms.draft_of_page,
        "entries": entries,
        "form_token": forms.form_token,
        "language": words.language,
        "may": may,
        "may_open": open_to_reader,
        "messages": forms.said,
        "page_path": lambda: request.form.get("_page") or request.full_path.rstrip("?"),
        "place": lambda: here().settings.place,
        "back_path": lambda: forms.safe_path(request.form.get("_page")),
        "failed": forms.failed,
        "failed_here": forms.failed_here,
        "label_of": forms.label_of,
        "long_today": lambda: formats().long_today(),
        "note_label": forms.note_label,
        "now_seconds": lambda: int(here().clock.now().timestamp()),
        "problem_of": forms.problem_of,
        "failure_unsaid": forms.failure_unsaid,
        "problems": forms.problems,
        "session_ends": _session_ends,
        "typed": forms.typed,
        "typed_list": forms.typed_list,
        "visit": visit,
    }


def formats() -> Formats:
    """The formats of the present answer: one for a request, so that every "3 days ago" of a page agrees."""
    if "formats" not in g:
        g.formats = Formats(words.language(), words.catalogue(), here().clock.now())
    return g.formats  # type: ignore[no-any-return]


def _day(value: date | str) -> Markup:
    day = _as_day(value)
    return _time(day.isoformat(), formats().full_date(day), formats().day(day))


def _moment(value: datetime | str) -> Markup:
    at = _as_moment(value)
    return _time(at.isoformat(), formats().exact(at), formats().moment(at))


def _elapsed(value: datetime | str) -> Markup:
    """The time since a moment; the script lets it tick."""
    at = _as_moment(value)
    return Markup('<time class="ticks" datetime="{}" title="{}" data-since="{}">{}</time>').format(
        at.isoformat(), formats().exact(at), int(at.timestamp()), formats().duration(formats().now - at)
    )


def _time(machine: str, exact: str, said: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, exact, escape(said))


def _as_day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _as_moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _command_id() -> str:
    return new_id(here().clock.now())


def _session_ends() -> dict[str, Any] | None:
    """For the script: seconds from now until the session ends, and how many before that it warns."""
    present = visit()
    if present is None:
        return None
    left: timedelta = present.session.ends_at - here().clock.now()
    return {"left": int(left.total_seconds()), "warning": int(here().settings.session_warning.total_seconds())}
