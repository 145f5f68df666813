"""
How the wall clock stands to the clock of each machine since its start: how a step of the wall clock is noticed.

Beside `tables`, by the same rules.
"""

from sqlalchemy import Column, Float, String, Table

from broadcaster.tables import Utc, metadata

clock = Table(
    "clock",
    metadata,
    Column("boot", String(36), primary_key=True, nullable=False),  # the kernel's id of this start of one machine
    Column("offset_s", Float, nullable=False),  # database's wall clock less seconds since that start, when last seen
    Column("stepped_at", Float),  # seconds since that start at the last step forward; null: there was none
    Column("seen_at", Utc, nullable=False),  # when the offset was last written
)
