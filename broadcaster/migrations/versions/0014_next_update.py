"""When the next message is promised, where somebody chose another time than the playbook's."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: nobody has chosen yet."""
    op.add_column("message", sa.Column("next_update", Utc(), nullable=True))
