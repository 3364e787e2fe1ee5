"""Forms: bound to the session that they were made for, harmless when sent twice, and never lost.

Every form carries three hidden fields, which the macro `form` writes: `_form`, a signed token that names the session
and the account it was made for (a form from elsewhere is refused, and one whose session has ended is kept for its
account alone); `_command`, the id of the order, so that a double click orders once; `_page`, where it was shown.

A page that refuses calls `again(refusal, view)`: the same page with what was typed and the errors beside the fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from flask import g, request
from werkzeug.wrappers import Response

from services.console import formtokens
from services.console.accounts.drafts import Draft
from services.console.context import here
from services.console.refusals import field_errors, sentence, status_of
from services.console.visits import FORM, binding, token_of_request, visit
from shared.kernel.ids import is_id, new_id
from shared.kernel.refusals import Refusal

COMMAND, PAGE, VERSION = "_command", "_page", "_version"
HIDDEN = (FORM, COMMAND, PAGE, VERSION)


@dataclass(slots=True)
class Problems:
    """What is wrong with the form to `action`: a sentence for each field, or one for the whole."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    whole: str | None = None


def form_token() -> str:
    """A token for a form of the present answer."""
    session, present = g.get("session"), visit()
    return formtokens.make(
        here().settings.secret, binding(), session.account if session else None, present.role if present else None
    )


def check_form() -> None:
    """Accept the form that the present request brings, or raise `console.form_stale`. Notes its command and version."""
    token = token_of_request()
    if token is None or not token.fits(binding()):
        raise Refusal("console.form_stale")
    given = request.form.get(COMMAND, "")
    g.command_id = given if is_id(given) else new_id(here().clock.now())
    version = request.form.get(VERSION, "")
    g.expected_version = int(version) if version.isdecimal() and len(version) < 10 else None


def keep_draft() -> bool:
    """Keep the form of a request that comes too late, for the account that its page was made for."""
    token = token_of_request()
    if token is None or token.account is None:
        return False
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in HIDDEN and not k.startswith("password")]
    page, now, accounts = safe_path(request.form.get(PAGE)), here().clock.now(), here().accounts
    with accounts.database.begin() as tx:
        return accounts.drafts.keep(tx, token.account, request.path, page, fields, now)


def begin_form(action: str) -> str:
    """The macros' word that the form to `action` begins here: `typed` then knows whose fields it is asked for."""
    g.form_action = action
    return ""


def draft_of_page() -> Draft | None:
    """The draft that waits for the page being shown, if any."""
    session = g.get("session")
    if session is None or request.method != "GET":
        return None
    if "draft" not in g:
        accounts = here().accounts
        with accounts.database.read() as tx:
            waiting = accounts.drafts.waiting(tx, session.account, here().clock.now())
        g.draft = next((one for one in waiting if one.page.partition("?")[0] == request.path), None)
    return cast("Draft | None", g.draft)


def typed(name: str, value: Any = "") -> Any:
    """What the person has typed into a field, if the form is shown again; else `value`."""
    found = typed_list(name)
    return value if found is None else (found[0] if found else "")


def typed_list(name: str) -> list[str] | None:
    """All that was chosen in a field, if the form is shown again; else None."""
    action = g.get("form_action")
    if request.method == "POST":
        return request.form.getlist(name) if action == request.path else None
    draft = draft_of_page()
    if draft is None or draft.action != action:
        return None
    return [v for k, v in draft.fields if k == name]


def problems() -> Problems:
    """What is wrong with the form being shown again; nothing on a fresh page."""
    if "problems" not in g:
        g.problems = Problems(action=request.path)
    return cast("Problems", g.problems)


def problem_of(name: str) -> str | None:
    """The sentence for a field of the form that was sent, if something is wrong with it."""
    return problems().fields.get(name) if failed(g.get("form_action", "")) else None


def failed(action: str) -> bool:
    """Whether the form to `action` is shown again because something is wrong with it."""
    found = problems()
    if found.action != action or not (found.fields or found.whole):
        return False
    g.failure_said = True
    return True


def failure_unsaid() -> str | None:
    """What is wrong with an order whose form the page does not show any more; None where a form has said it.

    Asked behind the page's content: somebody else was faster, and the button has gone.
    """
    return None if g.get("failure_said") else problems().whole


def failed_here(action: str) -> bool:
    """Whether a button alone has to say what is wrong: once, where a page has several for the same action."""
    if not failed(action) or g.get("failure_shown"):
        return False
    g.failure_shown = True
    return True


def note_label(name: str, label: str) -> str:
    """The macros' word that a field is called `label`: the summary of errors names it so. Gives back the name."""
    g.setdefault("form_labels", {})[name] = label
    return name


def label_of(name: str) -> str | None:
    """What a field of the form being shown is called."""
    found: str | None = g.get("form_labels", {}).get(name)
    return found.rstrip("?？:：") if found else None


def again(refusal: Refusal, view: Callable[[], Any]) -> tuple[Any, int]:
    """The page of a form once more, with what was typed and what is wrong with it.

    Only for refusals that the person can mend in the form; others (not allowed, not found) go on to their own page.
    """
    if refusal.code in ("denied", "not_found", "unauthenticated", "console.not_signed_in"):
        raise refusal
    found = problems()
    found.fields.update(field_errors(refusal))
    if not found.fields:
        found.whole = sentence(refusal)
    return view(), status_of(refusal.code)


def missing(*names: str) -> Refusal | None:
    """The refusal of a form in which one of these fields is empty; None if all are filled."""
    empty = {name: ["required"] for name in names if not request.form.get(name, "").strip()}
    return Refusal("invalid", errors=empty) if empty else None


def say(
    message: str, *, kind: str = "done", link: tuple[str, str] | None = None, undo: tuple[str, str] | None = None
) -> None:
    """Show a message on the next page: what happened, and the way back.

    `link` is an address and its words; `undo` the address of an order that takes it back, and the words of its button.
    """
    session = g.get("session")
    if session is None:
        return
    said = {"kind": kind, "text": message}
    if link:
        said |= {"href": link[0], "link": link[1]}
    if undo:
        said |= {"undo": undo[0], "undo_words": undo[1]}
    accounts = here().accounts
    with accounts.database.begin() as tx:
        accounts.sessions.say(tx, session.id, said)
    g.said = True


def said() -> list[dict[str, str]]:
    """The messages that wait for the page being shown."""
    session = g.get("session")
    if session is None or not (g.get("said") or session.has_said):
        return []
    accounts = here().accounts
    with accounts.database.begin() as tx:
        return accounts.sessions.heard(tx, session.id)


def safe_path(path: str | None, otherwise: str = "/") -> str:
    """A path within the console: what a form or address names as the way back may not lead elsewhere."""
    path = (path or "").strip()
    if not path.startswith("/") or path.startswith("//") or "\\" in path or any(ord(c) < 33 for c in path):
        return otherwise
    return path


def forget_draft(response: Response) -> Response:
    """Once a form was answered well, the draft of it that waited is dropped."""
    session = g.get("session")
    if request.method == "POST" and session is not None and "command_id" in g and response.status_code < 400:
        accounts, now = here().accounts, here().clock.now()
        with accounts.database.read() as tx:
            waits = any(one.action == request.path for one in accounts.drafts.waiting(tx, session.account, now))
        if waits:
            with accounts.database.begin() as tx:
                accounts.drafts.drop(tx, session.account, request.path, now)
    return response
