"""A child's case: opened, written into, closed with a reason, opened again.

That a child has one open case at a time is a claim over many streams, which the database guards.
"""

from __future__ import annotations

from services.casework.domain.codes import CaseState, CloseReason, MediaType, NoteClass, Origin
from services.casework.domain.events import (
    AlertAttached,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CounsellorAssigned,
    FileAttached,
    NoteAdded,
)
from shared.kernel.aggregate import Aggregate
from shared.kernel.messages import Person, Ref
from shared.kernel.refusals import Refusal


class Case(Aggregate):
    """A case with what its decisions need: no words."""

    service = "casework"
    kind = "case"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.child = ""
        self.state = CaseState.OPEN
        self.counsellor: str | None = None
        self.alerts: set[str] = set()
        self.notes: set[str] = set()
        self.files: set[str] = set()

    def open(self, *, child: str, origin: Origin, alert: str | None = None, why: str | None = None) -> None:
        """Open it. Opening it again changes nothing."""
        if self.exists:
            return
        self.record(
            CaseOpened(
                case=Ref(self.id),
                child=Person(child),
                origin=origin,
                alert=Ref(alert) if alert else None,
                why=why or None,
            )
        )

    def attach(self, *, alert: str) -> None:
        """A further alert belongs to it, once. Refuses `casework.case_closed`."""
        if alert in self.alerts:
            return
        self.must_be_open()
        self.record(AlertAttached(case=Ref(self.id), child=Person(self.child), alert=Ref(alert)))

    def add_note(self, *, note: str, note_class: NoteClass, text: str) -> None:
        """Write a note, once. Refuses `casework.case_closed`."""
        if note in self.notes:
            return
        self.must_be_open()
        self.record(
            NoteAdded(case=Ref(self.id), child=Person(self.child), note=Ref(note), note_class=note_class, text=text)
        )

    def attach_file(self, *, file: str, note_class: NoteClass, media_type: MediaType, size: int, name: str) -> None:
        """Attach a file of so many bytes, once. Refuses `casework.case_closed`."""
        if file in self.files:
            return
        self.must_be_open()
        self.record(
            FileAttached(
                case=Ref(self.id),
                child=Person(self.child),
                file=Ref(file),
                note_class=note_class,
                media_type=media_type,
                size=size,
                name=name,
            )
        )

    def assign(self, *, staff: str) -> None:
        """Name the counsellor who answers for it. Naming the same again changes nothing.

        Refuses `casework.case_closed`.
        """
        if self.counsellor == staff:
            return
        self.must_be_open()
        self.record(CounsellorAssigned(case=Ref(self.id), child=Person(self.child), staff=Person(staff)))

    def close(self, *, reason: CloseReason, text: str | None = None) -> None:
        """Close it. Closing it again changes nothing. Refuses `casework.reason_needs_text`: `other` says nothing."""
        if self.state is CaseState.CLOSED:
            return
        if reason is CloseReason.OTHER and not text:
            raise Refusal("casework.reason_needs_text")
        self.record(CaseClosed(case=Ref(self.id), child=Person(self.child), reason=reason, text=text or None))

    def reopen(self, *, text: str | None = None) -> None:
        """Open it again. Where it is open nothing changes. Whether another case is open is the claim's to say."""
        if self.state is CaseState.OPEN:
            return
        self.record(CaseReopened(case=Ref(self.id), child=Person(self.child), text=text or None))

    def must_be_open(self) -> None:
        """Refuse `casework.case_closed`."""
        if self.state is CaseState.CLOSED:
            raise Refusal("casework.case_closed", case=self.id)

    def _apply_case_opened(self, event: CaseOpened) -> None:
        self.child, self.state = event.child, CaseState.OPEN
        if event.alert:
            self.alerts.add(event.alert)

    def _apply_alert_attached(self, event: AlertAttached) -> None:
        self.alerts.add(event.alert)

    def _apply_note_added(self, event: NoteAdded) -> None:
        self.notes.add(event.note)

    def _apply_file_attached(self, event: FileAttached) -> None:
        self.files.add(event.file)

    def _apply_counsellor_assigned(self, event: CounsellorAssigned) -> None:
        self.counsellor = event.staff

    def _apply_case_closed(self, event: CaseClosed) -> None:
        self.state = CaseState.CLOSED

    def _apply_case_reopened(self, event: CaseReopened) -> None:
        self.state = CaseState.OPEN
