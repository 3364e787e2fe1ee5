"""The ground."""

from shared.access import tables
from shared.hosting.migrating import found

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    found(views=[tables.metadata])


def downgrade() -> None:
    raise NotImplementedError
