"""Posts that wait in another system's scheduler while an incident is open."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the first reading of the scheduler fills it."""
    op.create_table(
        "planned_post",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("post", sa.String(length=100), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("was_at", Utc(), nullable=False),
        sa.Column("at", Utc(), nullable=True),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("alarmed_at", Utc(), nullable=True),
        sa.Column("held_at", Utc(), nullable=True),
        sa.Column("held_by", sa.String(length=80), nullable=True),
        sa.Column("restored_at", Utc(), nullable=True),
        sa.Column("restored_by", sa.String(length=80), nullable=True),
        sa.Column("out_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_post")),
    )
    op.create_index(op.f("ix_planned_post_channel"), "planned_post", ["channel"], unique=False)
