"""A second person's yes by telephone."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nobody was ever asked before."""
    op.create_table(
        "spoken_yes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_spoken_yes_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spoken_yes")),
    )
    for column in ("message_id", "state"):
        op.create_index(op.f(f"ix_spoken_yes_{column}"), "spoken_yes", [column], unique=False)
