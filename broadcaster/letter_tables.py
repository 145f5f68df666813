"""
Whom a letter goes to: one row for each recipient of a delivery whose way is `letter`.

The name is the one the settings give; addresses and telephone numbers stand in the settings alone, never here.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from broadcaster.tables import Utc, metadata

recipient = Table(
    "recipient",
    metadata,
    Column("delivery_id", String(36), ForeignKey("delivery.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, in the order of the settings
    Column("name", String(120), nullable=False),  # as in the settings; unique within a delivery
    Column("state", String(8), nullable=False),  # `letters.Has`, which says what each means
    Column("tries", Integer, nullable=False),  # calls since it was owed; the wait grows with it
    Column("doubts", Integer, nullable=False),  # calls that may have reached them and nobody knows
    Column("next_at", Utc, nullable=True),  # when it may be asked for; null: no call is owed
    Column("reason", String(16), nullable=True),  # why the last call did not do it; null: it did, or there was none
    Column("attempt_id", String(36), nullable=True),  # the last call for them; null: none yet
    Column("remote_id", String(255), nullable=True),  # the server's own name for what it took; null: it gave none
    Column("changed_at", Utc, nullable=False),
    Index("ix_recipient_attempt_id", "attempt_id"),
)
