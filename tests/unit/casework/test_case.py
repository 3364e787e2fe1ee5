"""A case is opened, written into, assigned, closed and opened again."""

from __future__ import annotations

import pytest

from services.casework.domain import events as e
from services.casework.domain.access import COALESCED, AccessLog
from services.casework.domain.case import Case
from services.casework.domain.codes import AccessKind, CloseReason, MediaType, NoteClass, Origin
from shared.kernel.ids import derived_id
from shared.testing.aggregates import AN_ID, given

CHILD, ALERT, OTHER_ALERT, NOTE, STAFF, OTHER_STAFF = (
    derived_id("a case", one) for one in ("child", "alert", "other alert", "note", "staff", "other staff")
)
OPENED = e.CaseOpened(case=AN_ID, child=CHILD, origin=Origin.ALERT, alert=ALERT)
NOTED = e.NoteAdded(case=AN_ID, child=CHILD, note=NOTE, note_class=NoteClass.CONFIDENTIAL, text="已家访")
ATTACHED = e.AlertAttached(case=AN_ID, child=CHILD, alert=OTHER_ALERT)
ASSIGNED = e.CounsellorAssigned(case=AN_ID, child=CHILD, staff=STAFF)
CLOSED = e.CaseClosed(case=AN_ID, child=CHILD, reason=CloseReason.GOALS_MET)
REOPENED = e.CaseReopened(case=AN_ID, child=CHILD)


def note(case: Case) -> None:
    case.add_note(note=NOTE, note_class=NoteClass.CONFIDENTIAL, text="已家访")


FILED = e.FileAttached(
    case=AN_ID,
    child=CHILD,
    file=NOTE,
    note_class=NoteClass.ORDINARY,
    media_type=MediaType.PDF,
    size=9,
    name="病历.pdf",
)


def attach(case: Case) -> None:
    case.attach_file(file=NOTE, note_class=NoteClass.ORDINARY, media_type=MediaType.PDF, size=9, name="病历.pdf")


def test_a_file_is_attached():
    given(Case, OPENED).when(attach).then(FILED)


def test_a_file_is_attached_once():
    given(Case, OPENED, FILED).when(attach).then()


def test_a_closed_case_takes_no_file():
    given(Case, OPENED, CLOSED).when(attach).refused("casework.case_closed")


def test_a_case_is_opened_by_an_alert():
    given(Case).when(lambda it: it.open(child=CHILD, origin=Origin.ALERT, alert=ALERT)).then(OPENED)


def test_a_case_is_opened_by_hand_saying_why():
    opened = e.CaseOpened(case=AN_ID, child=CHILD, origin=Origin.BY_HAND, why="祖母生病")
    given(Case).when(lambda it: it.open(child=CHILD, origin=Origin.BY_HAND, why="祖母生病")).then(opened)


def test_opening_a_case_twice_is_once():
    given(Case, OPENED).when(lambda it: it.open(child=CHILD, origin=Origin.BY_HAND)).then()


def test_a_further_alert_belongs_to_the_case():
    given(Case, OPENED).when(lambda it: it.attach(alert=OTHER_ALERT)).then(ATTACHED)


@pytest.mark.parametrize("alert", [ALERT, OTHER_ALERT])
def test_an_alert_belongs_to_a_case_once(alert: str):
    given(Case, OPENED, ATTACHED).when(lambda it: it.attach(alert=alert)).then()


def test_a_closed_case_takes_no_alert():
    given(Case, OPENED, CLOSED).when(lambda it: it.attach(alert=OTHER_ALERT)).refused("casework.case_closed")


def test_a_note_is_written():
    given(Case, OPENED).when(note).then(NOTED)


def test_a_note_is_written_once():
    given(Case, OPENED, NOTED).when(note).then()


def test_a_note_that_was_written_before_the_case_closed_is_not_refused_when_repeated():
    given(Case, OPENED, NOTED, CLOSED).when(note).then()


def test_a_closed_case_refuses_new_notes():
    given(Case, OPENED, CLOSED).when(note).refused("casework.case_closed", case=AN_ID)


def test_a_case_that_is_open_again_takes_notes():
    given(Case, OPENED, CLOSED, REOPENED).when(note).then(NOTED)


def test_a_counsellor_is_assigned():
    given(Case, OPENED).when(lambda it: it.assign(staff=STAFF)).then(ASSIGNED)


def test_assigning_the_same_counsellor_again_changes_nothing():
    given(Case, OPENED, ASSIGNED).when(lambda it: it.assign(staff=STAFF)).then()


def test_another_counsellor_takes_over():
    taken = e.CounsellorAssigned(case=AN_ID, child=CHILD, staff=OTHER_STAFF)
    given(Case, OPENED, ASSIGNED).when(lambda it: it.assign(staff=OTHER_STAFF)).then(taken)


def test_a_closed_case_takes_no_counsellor():
    given(Case, OPENED, CLOSED).when(lambda it: it.assign(staff=STAFF)).refused("casework.case_closed")


def test_a_case_is_closed_with_a_reason():
    given(Case, OPENED).when(lambda it: it.close(reason=CloseReason.GOALS_MET)).then(CLOSED)


def test_closing_a_case_twice_is_once():
    given(Case, OPENED, CLOSED).when(lambda it: it.close(reason=CloseReason.MOVED_AWAY)).then()


@pytest.mark.parametrize("text", [None, ""])
def test_another_reason_needs_words(text: str | None):
    given(Case, OPENED).when(lambda it: it.close(reason=CloseReason.OTHER, text=text)).refused(
        "casework.reason_needs_text"
    )


def test_a_closed_case_is_opened_again():
    given(Case, OPENED, CLOSED).when(lambda it: it.reopen()).then(REOPENED)


def test_opening_an_open_case_again_changes_nothing():
    given(Case, OPENED).when(lambda it: it.reopen()).then()


def read(log: AccessLog, minute: int, case: str = NOTE) -> None:
    log.read(child=CHILD, case=case, what=AccessKind.CONFIDENTIAL_NOTES, minute=minute)


def was_read(minute: int, case: str = NOTE) -> e.RecordsRead:
    return e.RecordsRead(people=(CHILD,), what=AccessKind.CONFIDENTIAL_NOTES, case=case, minute=minute)


def test_a_reading_is_recorded():
    given(AccessLog).when(lambda it: read(it, 0)).then(was_read(0))


def test_reading_the_same_case_shortly_after_is_one_access():
    given(AccessLog, was_read(0)).when(lambda it: read(it, COALESCED - 1)).then()


def test_reading_it_later_is_another_access():
    given(AccessLog, was_read(0)).when(lambda it: read(it, COALESCED)).then(was_read(COALESCED))


def test_reading_another_case_is_another_access():
    given(AccessLog, was_read(0)).when(lambda it: read(it, 1, ALERT)).then(was_read(1, ALERT))
