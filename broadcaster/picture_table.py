"""
The bytes of approved pictures, each once, under the hash that two people approved.

Beside `tables`, by the same rules. Nothing ever changes or removes a row: an incident keeps its pictures as it keeps
its words, whatever becomes of the file.
"""

from sqlalchemy import Column, LargeBinary, String, Table

from broadcaster.tables import Utc, metadata

picture = Table(
    "picture",
    metadata,
    Column("sha256", String(64), primary_key=True, nullable=False),  # of `data`, in hex
    Column("data", LargeBinary, nullable=False),  # exactly the file that was approved
    Column("stored_at", Utc, nullable=False),
)
