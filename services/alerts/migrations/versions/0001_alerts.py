"""Alerts' history and its views."""

from services.alerts.views import cards_metadata, metadata, troubles
from shared.access import tables as access
from shared.hosting.migrating import found

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    found(views=[access.metadata, metadata, cards_metadata, troubles.metadata], reactors=["alerts.reactions"])
