"""School terms and exceptional days."""

from alembic import op

from services.registry.views import metadata
from shared.eventstore.schema import create_views
from shared.hosting.migrating import application_role

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_views(op.get_bind(), [metadata], application_role=application_role())
