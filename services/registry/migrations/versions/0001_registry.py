"""Registry's history, its views, and what it holds of rosters under way."""

from alembic import op

from services.registry.handlers.importing import holding
from services.registry.views import metadata
from shared.access import tables as access
from shared.hosting.migrating import found
from shared.vault.guards import guard_keks

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    found(views=[access.metadata, metadata, holding.metadata])
    guard_keks(op.get_bind(), holding.held.name, holding.PURPOSE)
