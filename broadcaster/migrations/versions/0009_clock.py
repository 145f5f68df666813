"""How the wall clock stands to the clock of each machine since its start."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the first worker writes its row."""
    op.create_table(
        "clock",
        sa.Column("boot", sa.String(length=36), nullable=False),
        sa.Column("offset_s", sa.Float(), nullable=False),
        sa.Column("stepped_at", sa.Float(), nullable=True),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("boot", name=op.f("pk_clock")),
    )
