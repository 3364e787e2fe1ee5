"""A trouble of the house: it comes and goes, and is one however often it is met."""

from __future__ import annotations

from services.alerts.domain import events as e
from services.alerts.domain.codes import Part, TroubleKind
from services.alerts.domain.trouble import Trouble, trouble_id
from shared.kernel.messages import Ref
from shared.testing.aggregates import AN_ID, given

SILENT = TroubleKind.SOURCE_SILENT
RAISED = e.TroubleRaised(trouble=Ref(AN_ID), kind=SILENT, reader=Part.CASEWORK, source=Part.FUNDING)
RESOLVED = e.TroubleResolved(trouble=Ref(AN_ID))


def rises(it: Trouble) -> None:
    it.rise(SILENT, reader=Part.CASEWORK, source=Part.FUNDING)


def test_a_trouble_is_raised_when_it_is_met():
    given(Trouble).when(rises).then(RAISED)


def test_a_trouble_that_is_met_again_is_the_same():
    given(Trouble, RAISED).when(rises).then()


def test_a_trouble_is_resolved_when_it_is_over():
    given(Trouble, RAISED).when(lambda it: it.resolve()).then(RESOLVED)


def test_a_trouble_that_is_over_cannot_be_over_again():
    given(Trouble, RAISED, RESOLVED).when(lambda it: it.resolve()).then()
    given(Trouble).when(lambda it: it.resolve()).then()


def test_a_trouble_may_come_back():
    given(Trouble, RAISED, RESOLVED).when(rises).then(RAISED)


def test_each_reader_source_and_kind_has_a_trouble_of_its_own():
    ids = {trouble_id(kind, reader, source) for kind in TroubleKind for reader in Part for source in Part}
    assert len(ids) == len(TroubleKind) * len(Part) ** 2


def test_a_trouble_names_nobody():
    assert RAISED.persons() == RESOLVED.persons() == []
