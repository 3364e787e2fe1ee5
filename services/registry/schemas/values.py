"""Values as people type them, in one form: names as on the document, telephone and identity numbers."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from shared.access.schemas import Line
from shared.localisation.identity import IdentityProblem, check_identity
from shared.localisation.names import stored_name
from shared.localisation.phones import PhoneProblem, normal_phone


class Name(Line):
    """A person's name: one to fifty characters, kept as on the document."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=50, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return stored_name(super()._deserialize(value, attr, data, **kwargs))


class Phone(Line):
    """A telephone number in its one form. What is wrong is said by code: `phone_unreadable`, `phone_area_missing`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=40, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return normal_phone(text)
        except PhoneProblem as problem:
            raise ValidationError(problem.code) from problem


class IdentityNumber(Line):
    """An identity number that passes every check of GB 11643. What is wrong is said by code: `identity_check`, …"""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(most=40, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return check_identity(text).number
        except IdentityProblem as problem:
            raise ValidationError(problem.code) from problem
