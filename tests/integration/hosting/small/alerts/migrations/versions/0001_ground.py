"""The ground."""

from shared.access import tables
from shared.hosting.migrating import found
from tests.integration.hosting.small.alerts.rooms import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    found(views=[tables.metadata, metadata], reactors=["alerts.reactions"])


def downgrade() -> None:
    raise NotImplementedError
