"""Refusals: a decision's "no", with a stable code and the facts that explain it.

Inside a service a refusal is raised; at the door it becomes an answer and travels as one. The sentence that a
person reads is made at the edge, in their language, from the code and the facts.
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """A command or query that is refused.

    `code` is `service.reason` and never changes its meaning; `facts` are JSON values, never personal.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __repr__(self) -> str:
        return f"Refusal({self.code!r}, {self.facts!r})"


class NotFound(Refusal):
    """What was named does not exist, or not for this reader: both answer alike."""

    def __init__(self, kind: str, **facts: Any) -> None:
        super().__init__("not_found", kind=kind, **facts)


class Denied(Refusal):
    """The permission is missing. `permission` names it, so that the page can say who grants it."""

    def __init__(self, permission: str, **facts: Any) -> None:
        super().__init__("denied", permission=permission, **facts)


class Invalid(Refusal):
    """What came in does not fit its schema. `errors` maps each field to the codes of what is wrong with it."""

    def __init__(self, errors: dict[str, Any]) -> None:
        super().__init__("invalid", errors=errors)


class Changed(Refusal):
    """The thing was changed by someone else since it was read."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__("changed", stream=stream, expected=expected, actual=actual)
