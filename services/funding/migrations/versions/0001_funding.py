"""Funding's history, its money, and the names that it shows."""

from services.funding import views
from shared.access import tables as access
from shared.hosting.migrating import found

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    found(views=[access.metadata, views.metadata, views.children_metadata])
