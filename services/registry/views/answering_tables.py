"""Who answered for each child since when, hand-overs and transfers: tables."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table

from services.registry.views.tables import metadata
from shared.storage.columns import Id, Instant

answering = Table(
    "registry_answering",
    metadata,
    Column("child", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("staff", Id, nullable=False, index=True),
    Column("since", Instant, nullable=False),
    Column("basis", String(20), nullable=False),
    Column("source", Id),
    PrimaryKeyConstraint("child", "version"),
)
"""Each naming, by the version of the child's history: it holds until the next one of the child."""

hand_overs = Table(
    "registry_hand_overs",
    metadata,
    Column("hand_over", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("giver", Id, nullable=False, index=True),
    Column("receiver", Id, nullable=False, index=True),
    Column("klass", Id),
    Column("drawn_by", String(80), nullable=False),
    Column("drawn_at", Instant, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("given_by", String(80)),
    Column("given_at", Instant),
    Column("taken_at", Instant),
    Column("ended_at", Instant),
    Column("version", Integer, nullable=False),
)
"""Lists. `given_by` signed for the giver: the giver, or who did it in the giver's place."""

hand_over_children = Table(
    "registry_hand_over_children",
    metadata,
    Column("hand_over", Id, nullable=False),
    Column("child", Id, nullable=False),
    Column("passed", Integer, nullable=False),
    PrimaryKeyConstraint("hand_over", "child"),
    Index("registry_hand_over_children_of", "child"),
)
"""Whose names stand on a list. `passed`: 1 for those who passed on with the second signature."""

transfers = Table(
    "registry_transfers",
    metadata,
    Column("transfer", Id, primary_key=True),
    Column("request", Integer, nullable=False),
    Column("child", Id, nullable=False, index=True),
    Column("origin", Id, nullable=False),
    Column("village", Id, nullable=False, index=True),
    Column("school", Id),
    Column("klass", Id),
    Column("state", String(20), nullable=False, index=True),
    Column("signed_by", String(80), nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("decided_by", String(80)),
    Column("decided_at", Instant),
    Column("staff", Id),
    Column("version", Integer, nullable=False),
)
"""The latest transfer of each child. `staff`: who answers for it since the receiving side signed."""
