"""What the newest words of an incident were made of, so that the next message begins where they ended."""

from collections.abc import Mapping

from sqlalchemy import select

from broadcaster.store import Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table


def last_blanks(transaction: Transaction, ref: str) -> Mapping[str, str]:
    """Return the known blanks of the newest message that was accepted and not recalled; none if there is no such."""
    standing = message_table.c.accepted_at.is_not(None) & message_table.c.recalled_at.is_(None)
    wanted = (
        select(message_table.c.blanks)
        .join(incident_table, message_table.c.incident_id == incident_table.c.id)
        .where((incident_table.c.ref == ref) & standing)
        .order_by(message_table.c.number.desc())
        .limit(1)
    )
    found: Mapping[str, str] | None = transaction.execute(wanted).scalar_one_or_none()
    return found or {}
