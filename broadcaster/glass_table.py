"""
Where the glass was broken: one row for each message that went out on one person's decision, and what became of it.

Beside `tables`, by the same rules. The reason, and what the review found in words, stand in the log alone.
"""

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table

from broadcaster.tables import Utc, metadata

broken_glass = Table(
    "broken_glass",
    metadata,
    Column("message_id", String(36), ForeignKey("message.id"), primary_key=True, nullable=False),
    Column("incident_id", String(36), ForeignKey("incident.id"), nullable=False, index=True),
    Column("cause", String(7), nullable=False),  # expired: the approval had run out; alone: nobody answered
    Column("broken_by", String(80), nullable=False),  # the client; never who closes the review
    Column("broken_at", Utc, nullable=False),
    Column("approved_until", Utc, nullable=False),  # until when two people stood behind the words
    Column("finding", String(8)),  # good, not_good; null: nobody has looked yet
    Column("reviewed_by", String(80)),  # null: nobody has
    Column("reviewed_at", Utc),  # null: nobody has
    CheckConstraint("cause IN ('expired', 'alone')", name="cause"),
    CheckConstraint("finding IN ('good', 'not_good')", name="finding"),
)
