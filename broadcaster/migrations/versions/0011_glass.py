"""Messages that went out on one person's decision, and their review."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the glass was never broken before."""
    op.create_table(
        "broken_glass",
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("cause", sa.String(length=7), nullable=False),
        sa.Column("broken_by", sa.String(length=80), nullable=False),
        sa.Column("broken_at", Utc(), nullable=False),
        sa.Column("approved_until", Utc(), nullable=False),
        sa.Column("finding", sa.String(length=8), nullable=True),
        sa.Column("reviewed_by", sa.String(length=80), nullable=True),
        sa.Column("reviewed_at", Utc(), nullable=True),
        sa.CheckConstraint("cause IN ('expired', 'alone')", name=op.f("ck_broken_glass_cause")),
        sa.CheckConstraint("finding IN ('good', 'not_good')", name=op.f("ck_broken_glass_finding")),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_broken_glass_incident_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_broken_glass_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_broken_glass")),
    )
    op.create_index(op.f("ix_broken_glass_incident_id"), "broken_glass", ["incident_id"], unique=False)
