"""Changes of who may do what, until another person has read them."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what was changed before stands in the log alone."""
    op.create_table(
        "authority_change",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("gives", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("read_by", sa.String(length=80), nullable=True),
        sa.Column("read_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority_change")),
    )
    for name in ("subject", "at"):
        op.create_index(op.f(f"ix_authority_change_{name}"), "authority_change", [name], unique=False)
