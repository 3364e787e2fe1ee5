"""What registry records is what the published language says of it."""

from __future__ import annotations

import dataclasses
import re
from enum import StrEnum

import pytest

from services.registry.domain import authority_codes
from services.registry.domain import codes as closed_lists
from services.registry.domain.events import EVENTS
from shared.contracts import registry as contract
from shared.kernel.messages import person_fields, sealed_fields

BY_TYPE = {one.type: one for one in EVENTS}


@pytest.mark.parametrize("published", contract.EVENTS, ids=lambda one: one.__name__)
def test_each_published_event_is_recorded_with_its_fields_and_their_privacy(published):
    recorded = BY_TYPE[published.type]
    assert recorded.schema_version == published.schema_version
    fields = {one.name for one in dataclasses.fields(recorded)}
    assert {one.name for one in dataclasses.fields(published)} <= fields
    assert sealed_fields(published).items() <= sealed_fields(recorded).items()
    assert set(person_fields(published)) <= set(person_fields(recorded))


def test_no_two_events_share_a_stored_type():
    assert len(BY_TYPE) == len(EVENTS)


def test_every_clear_field_is_of_a_kind_that_may_stand_in_the_clear():
    clear = {"Person", "Ref", "PublicText", "int", "bool", "date", "None", "tuple", "..."}
    listed = vars(closed_lists) | vars(authority_codes)
    codes = {name for name, one in listed.items() if isinstance(one, type) and issubclass(one, StrEnum)}
    for one in EVENTS:
        for field in dataclasses.fields(one):
            if field.name not in sealed_fields(one):
                assert set(re.findall(r"[A-Za-z]+|[.]{3}", str(field.type))) <= clear | codes, (one, field.name)
