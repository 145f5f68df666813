"""
Posts that wait in another system's scheduler, and what people did about them while an incident was open.

Beside `tables`, by the same rules.
"""

from sqlalchemy import Column, String, Table, Text

from broadcaster.tables import Utc, metadata

planned_post = Table(
    "planned_post",
    metadata,
    Column("id", String(36), primary_key=True, nullable=False),
    Column("channel", String(32), nullable=False, index=True),
    Column("post", String(100), nullable=False),  # the provider's name of it
    Column("words", Text, nullable=False),  # the first ones, on one line
    Column("was_at", Utc, nullable=False),  # when it was to go out before anybody paused it
    Column("at", Utc),  # when it goes out as the scheduler says; null: it is in the scheduler no more
    Column("seen_at", Utc, nullable=False),  # when the scheduler was last read for it
    Column("alarmed_at", Utc),  # when somebody was told that it is about to go out; null: nobody was
    Column("held_at", Utc),  # when it was paused; null: it is not
    Column("held_by", String(80)),  # who ticked that; null with `held_at`: seen in the scheduler
    Column("restored_at", Utc),  # when it was put back, or known not to be wanted; null: it was not
    Column("restored_by", String(80)),  # who ticked that; null with `restored_at`: seen in the scheduler
    Column("out_at", Utc),  # when it went out; null: it did not, as far as is known
)
