"""Refusals that any service may give, and the console's own."""

from __future__ import annotations

from services.console.catalogues import N_
from services.console.refusals.said import Said

SENTENCES: dict[str, Said] = {
    "not_found": Said(text=N_("This does not exist, or not for you."), status=404),
    "denied": Said(text=N_("Your role does not include this right."), status=403),
    "invalid": Said(text=N_("Something in the form needs your attention."), status=422),
    "changed": Said(
        text=N_("Someone else has changed this in the meantime. Look at what is there now, then decide again."),
        status=409,
    ),
    "unauthenticated": Said(text=N_("Please sign in."), status=401),
    "command_id_reused": Said(
        text=N_("This was sent under a number that stands for something else. Open the page again and send it anew."),
        status=422,
    ),
    "person_erased": Said(
        text=N_("What was kept of this person has been erased. Nothing can be written about them any more."), status=410
    ),
    "opening_not_needed": Said(text=N_("This person is not restricted. Nothing has to be opened by two.")),
    "not_entitled": Said(text=N_("This is not for this part of the system."), status=403),
    "keys.kek_in_use": Said(
        text=N_("This key still protects other keys here. Rotate the keys first, then remove it."), status=409
    ),
    "keys.kek_not_held": Said(
        text=N_("This part of the system does not have the new key yet. Put the file there, then go on."), status=409
    ),
    "keys.key_damaged": Said(
        text=N_("A stored key cannot be opened and was left as it is. Tell who runs the system."), status=500
    ),
    "log.backup_of_another_log": Said(
        text=N_("This backup is not of the log as it is now: at its size the log has another root."), status=409
    ),
    "log.checkpoint_conflict": Said(
        text=N_("Another checkpoint of this log was cosigned last. Look at that one, then offer this again."),
        status=409,
    ),
    "log.checkpoint_contradicted": Said(
        text=N_("This checkpoint contradicts one that was cosigned before. Nothing is signed; both are kept."),
        status=422,
    ),
    "log.checkpoint_unknown": Said(
        text=N_("This checkpoint is not signed by the key of a log that is known here."), status=403
    ),
    "log.contradiction_is_decided": Said(
        text=N_("Somebody has said already what was behind this. Look at what stands there now."), status=409
    ),
    "log.contradiction_stands": Said(
        text=N_(
            "Log and witness still contradict each other. First the log is healed, or the witness goes on with it."
        ),
        status=409,
    ),
    "log.rebuild_running": Said(text=N_("The views are being rebuilt already. Wait until that has ended."), status=409),
    "log.source_not_restored": Said(
        text=N_("That log is followed as it is: there is nothing to accept. Look at it again."), status=409
    ),
    "too_many_events": Said(text=N_("This is too much at once. Do it in smaller steps."), status=422),
    "entry_too_long": Said(
        text=N_("This is too much for one entry of the log. Write less, or do it in smaller steps."), status=422
    ),
    "log_damaged": Said(
        text=N_("A part of the log is not as it was signed. Verify it, and tell who runs the system."), status=500
    ),
    "as_of_in_future": Said(text=N_("Nobody knows yet how it will stand then."), status=422),
    "as_of_too_early": Said(text=N_("It was not recorded here before %(first)s."), status=422, days=("first",)),
    "too_late": Said(text=N_("This took too long and was not done. Please try again."), status=503),
    "console.not_signed_in": Said(text=N_("Please sign in."), status=401),
    "console.no_role": Said(
        text=N_("You hold no role yet. The county administrator gives you one."),
        status=403,
    ),
    "console.role_not_held": Said(text=N_("You do not hold this role any more."), status=403),
    "console.sign_in_failed": Said(
        text=N_("The account or the password is not right. Check both and try again."), status=401
    ),
    "console.too_many_attempts": Said(
        text=N_("Too many attempts. Please wait %(seconds)s and try again."), status=429, lengths=("seconds",)
    ),
    "console.form_stale": Said(
        text=N_("This form was made for another session. Open the page again and send it from there."), status=403
    ),
    "console.password_weak": Said(
        text=N_("%(why)s"), status=422, field="password_new", words={"why": "password_problem"}
    ),
    "console.password_wrong": Said(text=N_("This is not your present password."), status=422, field="password_old"),
    "console.login_taken": Said(text=N_("This account name is taken. Choose another."), status=409, field="login"),
    "console.login_malformed": Said(
        text=N_("An account name has 1 to %(longest)s characters and no blanks."), status=422, field="login"
    ),
    "console.account_exists": Said(text=N_("This person has an account already."), status=409, field="login"),
    "console.first_password_over": Said(
        text=N_("This first password is too old. Ask the county administrator for a new one."), status=401
    ),
    "console.password_first": Said(
        text=N_("Choose a password of your own first: sign in once with a browser."), status=403
    ),
    "console.password_same": Said(
        text=N_("This is the password that you were given. Choose one that only you know."),
        status=422,
        field="password_new",
    ),
    "console.password_chosen": Said(text=N_("You have chosen your password already."), status=409),
    "console.key_missing": Said(
        text=N_("Every POST needs an Idempotency-Key: a new UUID for each order, the same one when it is sent again."),
        status=400,
    ),
    "console.key_malformed": Said(text=N_("An Idempotency-Key has 1 to 200 printable characters."), status=400),
    "console.if_match_malformed": Said(text=N_("If-Match takes the ETag of the answer that you read."), status=400),
    "console.cursor_malformed": Said(
        text=N_("This page mark is not one of ours. Start from the first page."), status=400
    ),
    "console.too_large": Said(
        text=N_("This is larger than %(megabytes)s MB, more than one upload may be."), status=413
    ),
    "console.service_unavailable": Said(
        text=N_("This part of the system cannot be reached at the moment. Nothing has been changed. Try again soon."),
        status=503,
    ),
    "console.outcome_unknown": Said(
        text=N_("No answer came in time: it may have been done, or not. Ask again; it will not be done twice."),
        status=504,
    ),
}

WORDS: dict[str, dict[str, str]] = {
    "password_problem": {
        "short": N_("A password needs at least %(shortest)s characters. Several words are easy to remember."),
        "long": N_("A password may have at most 128 characters."),
        "common": N_("This password is one of the first that others would try. Choose another."),
        "repeated": N_("This password repeats or counts up. Choose another."),
        "like_login": N_("The password must not be the account name. Choose another."),
    }
}
"""Enumerations that stand among the facts of refusals only: code → words."""

FIELDS: dict[str, str] = {
    "required": N_("This is needed."),
    "malformed": N_("This is not in the right form."),
    "length": N_("This is too short or too long."),
    "control": N_("There are characters in it that cannot be kept. Please type it again."),
    "range": N_("This is too low or too high."),
    "not_an_id": N_("This is not one of the choices."),
    "not_a_day": N_("This is not a day. Write it like 2026-03-05."),
    "unknown": N_("This is not one of the choices."),
    "not_a_number": N_("This is not a number."),
    "not_an_amount": N_("This is not an amount. Write it like 600 or 600.50."),
    "not_the_same": N_("The two are not the same."),
}
"""Codes of what is wrong with one field of a form."""

LIBRARY: dict[str, str] = {
    "Missing data for required field.": "required",
    "Field may not be null.": "required",
    "Shorter than minimum length 1.": "required",
    "Not a valid string.": "malformed",
    "Not a valid integer.": "not_a_number",
    "Not a valid number.": "not_a_number",
    "Not a valid date.": "not_a_day",
    "Not a valid datetime.": "malformed",
    "Not a valid boolean.": "malformed",
    "Not a valid UUID.": "malformed",
    "Unknown field.": "unknown",
    "Invalid input type.": "malformed",
    "Invalid value.": "malformed",
}
"""What marshmallow says where a schema has no code of its own → our code."""
