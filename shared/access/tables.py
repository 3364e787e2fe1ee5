"""Each service's own copy of who holds which role where, and of where each child lives and learns."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, MetaData, String, Table

from shared.storage.columns import Id

metadata = MetaData()

divisions = Table(
    "access_divisions",
    metadata,
    Column("division", Id, primary_key=True),
    Column("parent", Id, index=True),
    Column("level", String(20), nullable=False),
    Column("code", String(20), nullable=False),
    Column("name", String(200), nullable=False),
)
places = Table(
    "access_places",
    metadata,
    Column("place", Id, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("division", Id),
    Column("parent", Id, index=True),
    Column("name", String(200), nullable=False),
)
grants = Table(
    "access_grants",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff", Id, nullable=False, index=True),
    Column("role", String(40), nullable=False),
    Column("scope", String(20), nullable=False),
    Column("division", Id),
    Column("place", Id),
    Column("ended", Boolean, nullable=False),
)
staff = Table(
    "access_staff",
    metadata,
    Column("staff", Id, primary_key=True),
    Column("name", String(200), info={"personal_of": "staff"}),
    Column("phone", String(60), info={"personal_of": "staff"}),
)
children = Table(
    "access_children",
    metadata,
    Column("child", Id, primary_key=True),
    Column("village", Id, nullable=False, index=True),
    Column("school", Id, index=True),
    Column("klass", Id, index=True),
    Column("responsible", Id, index=True),
    Column("present", Boolean, nullable=False),
)
