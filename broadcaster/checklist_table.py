"""
What is ticked on the checklist of an incident: one row for each line that is done now.

Beside `tables`, by the same rules. Who ticked and unticked it before stands in the log alone.
"""

from sqlalchemy import Column, ForeignKey, String, Table

from broadcaster.tables import Utc, metadata

checklist_tick = Table(
    "checklist_tick",
    metadata,
    Column("incident_id", String(36), ForeignKey("incident.id"), primary_key=True, nullable=False),
    Column("line", String(71), primary_key=True, nullable=False),  # digest of the Swedish words of the line
    Column("ticked_by", String(80), nullable=False),  # the client
    Column("ticked_at", Utc, nullable=False),
)
