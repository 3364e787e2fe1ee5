"""Who answered for each child since when, hand-overs and transfers; `shouwang audit rebuild` fills in the past."""

from alembic import op

from services.registry.views import metadata
from shared.eventstore.schema import create_views
from shared.hosting.migrating import application_role

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_views(op.get_bind(), [metadata], application_role=application_role())
