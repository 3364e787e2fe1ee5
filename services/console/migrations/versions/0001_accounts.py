"""Accounts, sessions, attempts and drafts."""

import sqlalchemy as sa
from alembic import op

from shared.hosting.migrating import application_role
from shared.storage.columns import Id, Instant, Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("login", sa.String(64), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(256), nullable=False),
        sa.Column("staff", Id, nullable=False),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("last_role", sa.String(64), nullable=True),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("password_at", Instant, nullable=False),
        sa.Column("first_until", Instant, nullable=True),
        sa.Column("first_by", Id, nullable=True),
        sa.UniqueConstraint("staff", name="accounts_one_a_person"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("account", Id, sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("role", sa.String(64), nullable=True),
        sa.Column("device", sa.String(8), nullable=True),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
        sa.Column("said", Json, nullable=True),
    )
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("blocked_until", Instant, nullable=True),
    )
    op.create_table(
        "drafts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("account", Id, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends_at", Instant, nullable=False),
    )
    op.create_index("sessions_by_account", "sessions", ["account"])
    op.create_index("drafts_by_account", "drafts", ["account"])
    if role := application_role():
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON accounts, sessions, attempts, drafts TO "{role}"')
