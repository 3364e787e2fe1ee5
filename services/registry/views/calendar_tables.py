"""Terms and exceptional days of each area: tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, PrimaryKeyConstraint, String, Table

from services.registry.views.tables import metadata
from shared.storage.columns import Id

terms = Table(
    "registry_terms",
    metadata,
    Column("division", Id, nullable=False),
    Column("year", Integer, nullable=False),
    Column("half", String(20), nullable=False),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    PrimaryKeyConstraint("division", "year", "half"),
)
days = Table(
    "registry_days",
    metadata,
    Column("division", Id, nullable=False),
    Column("day", Date, nullable=False),
    Column("worked", Boolean),
    Column("taught", Boolean),
    PrimaryKeyConstraint("division", "day"),
)
