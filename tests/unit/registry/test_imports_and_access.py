"""An import in chunks, a remembered layout, and who read what."""

from __future__ import annotations

from collections import Counter

from services.registry.domain import events as e
from services.registry.domain.access import AccessLog
from services.registry.domain.codes import AccessKind, LegalBasis, RowOutcome
from services.registry.domain.rosters import CHUNK_CHILDREN, CHUNK_CLASSES, RosterImport, RosterLayout
from shared.eventstore.work import MOST_EVENTS
from shared.testing.aggregates import AN_ID, given

FILE, STAFF = "01890000-0000-7000-8000-0000000a0001", "01890000-0000-7000-8000-0000000f0001"
CHILD, SISTER = "01890000-0000-7000-8000-0000000c0001", "01890000-0000-7000-8000-0000000c0002"
BASIS = LegalBasis.STATUTORY_DUTY
STARTED = e.RosterStarted(roster=AN_ID, file=FILE, staff=STAFF, school=None, rows=150, chunks=2, legal_basis=BASIS)


def done(chunk: int, **numbers: int) -> e.RosterChunkDone:
    return e.RosterChunkDone(roster=AN_ID, chunk=chunk, **{**{str(one): 0 for one in RowOutcome}, **numbers})


def start(rows: int = 150, chunks: int = 2):
    return lambda it: it.start(file=FILE, staff=STAFF, school=None, rows=rows, chunks=chunks, legal_basis=BASIS)


def test_an_import_starts_once():
    given(RosterImport).when(start()).then(STARTED)
    given(RosterImport, STARTED).when(start()).then()


def test_a_roster_without_rows_is_refused():
    given(RosterImport).when(start(0, 0)).refused("registry.roster_without_rows")


def test_chunks_are_done_in_order_and_the_last_one_ends_the_import():
    outcomes = Counter({RowOutcome.REGISTERED: 48, RowOutcome.REFUSED: 2})
    given(RosterImport, STARTED).when(lambda it: it.finish_chunk(1, Counter())).then(done(1))
    given(RosterImport, STARTED, done(1)).when(lambda it: it.finish_chunk(2, outcomes)).then(
        done(2, registered=48, refused=2), e.RosterFinished(roster=AN_ID)
    )


def test_the_next_chunk_is_the_one_after_the_last_done():
    given(RosterImport, STARTED, done(1)).when(lambda it: it.turn(None)).gives(2)
    given(RosterImport, STARTED, done(1)).when(lambda it: it.turn(2)).gives(2)
    given(RosterImport, STARTED, done(1)).when(lambda it: it.turn(1)).gives(None)
    given(RosterImport, STARTED, done(1), done(2), e.RosterFinished(roster=AN_ID)).when(lambda it: it.turn(None)).gives(
        None
    )


def test_a_chunk_whose_turn_has_not_come_is_refused():
    given(RosterImport, STARTED).when(lambda it: it.turn(2)).refused("registry.roster_chunk_early", chunk=2, next=1)


def test_an_import_is_given_up_once_and_then_has_no_next_chunk():
    gone = e.RosterAbandoned(roster=AN_ID)
    given(RosterImport, STARTED).when(lambda it: it.abandon()).then(gone)
    given(RosterImport, STARTED, gone).when(lambda it: it.abandon()).then()
    given(RosterImport, STARTED, gone).when(lambda it: it.turn(None)).gives(None)


def test_the_fullest_chunk_is_within_what_one_command_may_record():
    assert CHUNK_CHILDREN * 20 + CHUNK_CLASSES * 2 + 2 <= MOST_EVENTS


def test_a_mapping_is_remembered_until_it_changes():
    confirmed = e.LayoutConfirmed(layout=AN_ID, columns=(2, 5), fields=("name", "born"))
    given(RosterLayout).when(lambda it: it.confirm({5: "born", 2: "name"})).then(confirmed)
    given(RosterLayout, confirmed).when(lambda it: it.confirm({2: "name", 5: "born"})).then()
    given(RosterLayout, confirmed).when(lambda it: it.confirm({2: "name"})).then(
        e.LayoutConfirmed(layout=AN_ID, columns=(2,), fields=("name",))
    )


def read(minute: int, *people: str) -> e.RecordsRead:
    return e.RecordsRead(people=people, what=AccessKind.CONTACT_CARD, minute=minute)


def test_reading_again_within_fifteen_minutes_is_one_access():
    look = lambda minute, *people: lambda it: it.read(people, AccessKind.CONTACT_CARD, minute=minute)  # noqa: E731
    given(AccessLog).when(look(600, CHILD)).then(read(600, CHILD))
    given(AccessLog, read(600, CHILD)).when(look(614, CHILD)).then()
    given(AccessLog, read(600, CHILD)).when(look(614, CHILD, SISTER)).then(read(614, SISTER))
    given(AccessLog, read(600, CHILD)).when(look(615, CHILD)).then(read(615, CHILD))
