"""What is ticked on the checklist of an incident."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nothing could be ticked before it."""
    op.create_table(
        "checklist_tick",
        sa.Column("incident_id", sa.String(length=36), nullable=False),
        sa.Column("line", sa.String(length=71), nullable=False),
        sa.Column("ticked_by", sa.String(length=80), nullable=False),
        sa.Column("ticked_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_checklist_tick_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("incident_id", "line", name=op.f("pk_checklist_tick")),
    )
