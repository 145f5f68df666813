"""
Whose yes was asked for by telephone, to which exact words, and what became of it: one row for each time it was asked.

Beside `tables`, by the same rules.
"""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from broadcaster.tables import Utc, metadata

spoken_yes = Table(
    "spoken_yes",
    metadata,
    Column("id", String(36), primary_key=True, nullable=False),
    Column("message_id", String(36), ForeignKey("message.id"), nullable=False, index=True),
    Column("digest", String(71), nullable=False),  # of the message: the code says yes to these words alone
    Column("person", String(120), nullable=False),  # whose telephone the words go to; of `[alarm] people`
    Column("code", String(8), nullable=False),  # what that person reads aloud
    Column("asked_by", String(80), nullable=False),  # the client who will type it
    Column("asked_at", Utc, nullable=False),
    Column("state", String(10), nullable=False, index=True),  # `spoken` lists them
    Column("tries", Integer, nullable=False),  # codes that were wrong
    Column("changed_at", Utc, nullable=False),
    Column("error", Text),  # why the SMS failed or is unsure, in English and without a number; null: nothing is wrong
)
