"""What finds an entry of the log again. Made from the entries; no proof hangs on it."""

from sqlalchemy import Column, Index, Integer, String, Table, text

from broadcaster.tables import audit_entry, metadata, private

audit_about = Table(
    "audit_about",
    metadata,
    Column("subject", String(80), primary_key=True),  # id of a delivery, message, incident, alarm or asking; key:<name>
    Column("seq", Integer, primary_key=True, autoincrement=False),
)

Index("ix_audit_entry_type", audit_entry.c.type, audit_entry.c.seq)

#: Names are short; a sentence may be longer than PostgreSQL takes into an index.
SHORT = text("length(value) <= 100")
Index("ix_private_value", private.c.value, private.c.seq, sqlite_where=SHORT, postgresql_where=SHORT)
