"""The tables of the console's own database: who can sign in, who is signed in, who tried, and what they were typing."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from shared.storage.columns import Id, Instant, Json

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", String(64), nullable=False, unique=True),
    Column("password_hash", String(256), nullable=False),
    Column("staff", Id, nullable=False),
    Column("language", String(8), nullable=True),
    Column("last_role", String(64), nullable=True),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("made_at", Instant, nullable=False),
    Column("password_at", Instant, nullable=False),
    Column("first_until", Instant, nullable=True),
    Column("first_by", Id, nullable=True),
    UniqueConstraint("staff", name="accounts_one_a_person"),
)
"""`first_until`: the password is an administrator's, holds until then and has to be changed; `first_by` is the order
that gave it. `staff` is the person's random reference in the registry; the console knows no names."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", Id, ForeignKey("accounts.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("role", String(64), nullable=True),
    Column("device", String(8), nullable=True),
    Column("begun_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("said", Json, nullable=True),
)
"""`id` is the SHA-256 of the secret that the browser or program holds: who reads this table cannot sign in with it."""

attempts = Table(
    "attempts",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("blocked_until", Instant, nullable=True),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Id, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("ends_at", Instant, nullable=False),
)

Index("sessions_by_account", sessions.c.account)
Index("drafts_by_account", drafts.c.account)
