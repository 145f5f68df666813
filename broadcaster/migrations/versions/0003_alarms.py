"""Who was told of an alarm, how, and what became of it; how far the roster has come."""

import sqlalchemy as sa
from alembic import op

from broadcaster.tables import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of tellings and the alarm's columns; alarms that ring now begin with the first step."""
    op.create_table(
        "alarm_told",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("alarm_id", sa.String(length=36), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=True),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("told_at", Utc(), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("report_by", Utc(), nullable=True),
        sa.Column("link", sa.String(length=64), nullable=True),
        sa.Column("report", sa.String(length=64), nullable=True),
        sa.Column("remote_id", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name=op.f("fk_alarm_told_alarm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_told")),
    )
    for column in ("alarm_id", "link", "report"):
        op.create_index(op.f(f"ix_alarm_told_{column}"), "alarm_told", [column], unique=False)
    op.add_column("alarm", sa.Column("step", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("alarm", sa.Column("code", sa.String(length=8), nullable=True))
    op.add_column("alarm", sa.Column("led_by", sa.String(length=36), nullable=True))
    op.add_column("alarm", sa.Column("thanks_at", Utc(), nullable=True))
