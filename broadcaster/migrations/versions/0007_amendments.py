"""Playbooks that are changed in the desk."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; until something is changed in the desk, every playbook is as its file says."""
    op.create_table(
        "amendment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("playbook", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("editor", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("based_on", sa.String(length=71), nullable=False),
        sa.Column("adopted_at", Utc(), nullable=True),
        sa.Column("withdrawn_at", Utc(), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint("adopted_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_amendment_adopted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("playbook", "version", name=op.f("uq_amendment_playbook_version")),
    )
