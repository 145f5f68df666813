"""What a citizen saw at an address a person acknowledged, and whether a task's deadline was reminded of."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns; what was published before is looked at once if it is recent."""
    op.add_column("delivery", sa.Column("reminded_at", Utc(), nullable=True))
    op.add_column("delivery", sa.Column("sight", sa.String(length=12), nullable=True))
    op.add_column("delivery", sa.Column("looks", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("delivery", sa.Column("look_at", Utc(), nullable=True))
