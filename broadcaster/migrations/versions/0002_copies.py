"""Copies of what was public, and what is left to tidy up behind a delivery."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of copies and the two columns; what was sent before is not swept afterwards."""
    op.create_table(
        "public_copy",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("kept_at", Utc(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.String(length=255), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("read_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_public_copy_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_copy")),
    )
    op.create_index(op.f("ix_public_copy_delivery_id"), "public_copy", ["delivery_id"], unique=False)
    op.add_column("delivery", sa.Column("risked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("delivery", sa.Column("swept_at", Utc(), nullable=True))
