"""Marks by which an identity number is met again without being kept: keyed digests, one child a number."""

from __future__ import annotations

from services.registry.domain.codes import LeaveReason
from services.registry.domain.events import ChildLeft, IdentityRecorded
from services.registry.views import tables as t
from shared.eventstore.projecting import Projector
from shared.eventstore.rows import Rows
from shared.kernel.messages import Recorded
from shared.vault.keyring import Keyring


class Marker:
    """Makes marks under the service's secret, which the wiring gives once the foundation is laid."""

    def __init__(self) -> None:
        self._keyring: Keyring | None = None

    def bind(self, keyring: Keyring) -> None:
        """Give it the secret."""
        self._keyring = keyring

    def mark(self, number: str) -> bytes:
        """The mark of an identity number: 32 bytes."""
        return self._digest(f"registry.identity\x1f{number}".encode())

    def file(self, content_digest: bytes) -> bytes:
        """The mark of a file, from the digest of its bytes: 32 bytes."""
        return self._digest(b"registry.roster\x1f" + content_digest)

    def _digest(self, content: bytes) -> bytes:
        if self._keyring is None:
            raise RuntimeError("the marker is not bound to a keyring")
        return self._keyring.digest(content)


def marks_of(marker: Marker) -> Projector:
    """The projector that keeps the marks."""
    marks = Projector("registry.marks", t.metadata)

    @marks.when(IdentityRecorded)
    def _identified(rows: Rows, event: IdentityRecorded, _: Recorded) -> None:
        if event.number is None:
            rows.remove(t.identity_marks, event.child)
        else:
            rows.put(t.identity_marks, child=event.child, mark=marker.mark(event.number))

    @marks.when(ChildLeft)
    def _left(rows: Rows, event: ChildLeft, _: Recorded) -> None:
        # A child registered in error frees its number for the one that it belongs to.
        if event.reason == LeaveReason.ERROR:
            rows.remove(t.identity_marks, event.child)

    return marks
