"""
Every change of who may do what that the others have to know of: one row each, written once, then read by somebody.

Beside `tables`, by the same rules. The log has the same changes; this is where it stands who has not been told yet,
and who was made by whom lately.
"""

from sqlalchemy import Column, String, Table

from broadcaster.tables import Utc, metadata

authority_change = Table(
    "authority_change",
    metadata,
    Column("id", String(36), primary_key=True, nullable=False),
    Column("kind", String(12), nullable=False),  # `authority` lists them
    Column("subject", String(80), nullable=False, index=True),  # the client it is about: user:<name> or key:<name>
    Column("gives", String(200), nullable=False),  # with commas: roles or scopes, as they are from now on
    Column("made_by", String(80)),  # the client who did it; null: on the command line, by nobody who is signed in
    Column("at", Utc, nullable=False, index=True),
    Column("read_by", String(80)),  # the other person who has read it; null: nobody has
    Column("read_at", Utc),  # null: nobody has
)
