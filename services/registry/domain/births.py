"""What a birth date must agree with: today, the identity number, and the days of what is told of a child."""

from __future__ import annotations

from datetime import date

from services.registry.domain.risks import CHILD_BELOW
from shared.kernel.clock import whole_years
from shared.kernel.refusals import Refusal


def check_birth(born: date, number: str | None, today: date) -> None:
    """Refuse `registry.born_in_future`, `registry.child_too_old` {age, below}, and what `check_identity` refuses."""
    if born > today:
        raise Refusal("registry.born_in_future")
    age = whole_years(born, today)
    if age >= CHILD_BELOW:
        raise Refusal("registry.child_too_old", age=age, below=CHILD_BELOW)
    check_identity(born, number)


def check_identity(born: date, number: str | None) -> None:
    """Refuse `registry.identity_disagrees` where the identity number names another birth date."""
    # GB 11643: the digits from the seventh to the fourteenth are the birth date.
    if number is not None and number[6:14] != f"{born:%Y%m%d}":
        raise Refusal("registry.identity_disagrees", field="born")


def check_since(since: date | None, born: date | None, today: date) -> None:
    """Refuse `registry.since_in_future` and `registry.since_before_birth` for the first day of an arrangement."""
    if since is not None and since > today:
        raise Refusal("registry.since_in_future")
    if since is not None and born is not None and since < born:
        raise Refusal("registry.since_before_birth")
