"""Every text column of a view says whose it is, or stands in this list with what else it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Column, Date, LargeBinary, String, Table, Text

from shared.eventstore.scrubbing import PERSONAL_OF, personal_columns, view_tables
from shared.hosting.directory import SERVICES, service_class
from shared.testing.rooms import test_settings

ABOUT_NOBODY = {
    **dict.fromkeys(("access_divisions", "access_places", "registry_schools", "registry_classes"), "places"),
    "access_grants": "codes",
    "funding_funds": "what money is for",
}
"""Tables without a word about a person: what they hold instead."""
CODES = {
    *(
        "account",
        "arrangement",
        "asked_by",
        "basis",
        "close_reason",
        "decided_by",
        "drawn_by",
        "given_by",
        "half",
        "grounds",
    ),
    *("identity_missing", "kind"),
    *("left_reason", "legal_basis", "level", "method", "next_role", "origin", "outcome", "reader", "reason"),
    *(
        "refusal",
        "relation",
        "requested_by",
        "result",
        "risk",
        "role",
        "scope",
        "source",
        "signed_by",
        "state",
        "status",
    ),
    *("type",),
}
"""Columns that hold codes from closed lists, or references."""
DAYS = frozenset({"since", "counted_on", "day", "first", "last", "received_on", "paid_on", "until"})
"""Days of acts. (The day of birth is personal.)"""


def tables(folder: Path) -> list[Table]:
    settings = test_settings(folder)
    found: dict[str, Table] = {}
    for service in SERVICES:
        rooms = service_class(service).rooms.build(settings)
        found |= {one.name: one for one in view_tables((*rooms.base.own, *rooms.heard))}
    return list(found.values())


def may_tell(column: Column[object]) -> bool:
    """Whether a column could hold something about a person: words, bytes, days; a reference is 36 characters."""
    if isinstance(column.type, Date):
        return column.name not in DAYS
    words = isinstance(column.type, (Text, LargeBinary)) or (
        isinstance(column.type, String) and column.type.length != 36
    )
    return words and column.name not in CODES


@pytest.fixture(scope="module")
def all_tables(tmp_path_factory: pytest.TempPathFactory) -> list[Table]:
    return tables(tmp_path_factory.mktemp("keys"))


def test_every_column_that_could_tell_about_a_person_says_whose_it_is(all_tables: list[Table]) -> None:
    unmarked = [
        f"{table.name}.{column.name}"
        for table in all_tables
        if table.name not in ABOUT_NOBODY
        for column in table.columns
        if may_tell(column) and PERSONAL_OF not in column.info
    ]
    assert unmarked == []


def test_whose_it_is_names_a_column_of_the_table(all_tables: list[Table]) -> None:
    marked = {table.name: personal_columns(table) for table in all_tables}
    assert sum(map(len, marked.values())) >= 9, "marks that were not found prove nothing"
    for table in all_tables:
        assert set(marked[table.name]) <= {column.name for column in table.columns}, table.name
