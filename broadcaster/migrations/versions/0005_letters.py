"""Whom a letter goes to, and who has it."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of recipients; no delivery had any before."""
    op.create_table(
        "recipient",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("next_at", Utc(), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("attempt_id", sa.String(length=36), nullable=True),
        sa.Column("remote_id", sa.String(length=255), nullable=True),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_recipient_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_recipient")),
    )
    op.create_index("ix_recipient_attempt_id", "recipient", ["attempt_id"], unique=False)
