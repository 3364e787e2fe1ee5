"""What can be wrong with keys and sealed parts. None of these messages holds a key or anything about a person."""

from __future__ import annotations

from shared.kernel.refusals import Refusal


class KeyringError(Exception):
    """A key file is missing, unreadable, malformed, or readable by others."""


class NotEntitled(ValueError):
    """This process has no key-encryption key for the purpose, so that it can neither seal nor wrap for it."""

    def __init__(self, purpose: str) -> None:
        super().__init__(f"no key-encryption key for the purpose {purpose!r} is held here")
        self.purpose = purpose


class NotOwner(ValueError):
    """Another service makes the keys of this purpose, and the one needed is not held here."""

    def __init__(self, service: str, purpose: str) -> None:
        super().__init__(f"{service} does not make the keys of the purpose {purpose!r}")
        self.service = service
        self.purpose = purpose


class PersonErased(Refusal):
    """The person was erased: nothing is sealed for them again, and nothing else can become of them."""

    def __init__(self, person: str) -> None:
        super().__init__("person_erased", person=person)


class Tampered(Exception):
    """A sealed part or a wrapped key is not what was written: somebody changed it behind the system's back."""

    def __init__(self, event_id: str, part: str, what: str) -> None:
        super().__init__(f"part {part!r} of event {event_id}: {what}")
        self.event_id = event_id
        self.part = part
        self.what = what
