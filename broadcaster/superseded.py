"""Which messages of an incident a newer one has taken the place of, as the board and the log say it."""

from sqlalchemy import select, update

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.ledger import Row
from broadcaster.order import ENDING, STOPPING
from broadcaster.standing import OPEN
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table


def mark_superseded(transaction: Transaction, newer: Row) -> None:
    """Mark every accepted message before `newer`, but for a correction that is still to go before what ends it all."""
    earlier = (
        (message_table.c.incident_id == newer["incident_id"])
        & (message_table.c.number < newer["number"])
        & message_table.c.superseded_at.is_(None)
        & message_table.c.accepted_at.is_not(None)
    )
    ids = transaction.execute(select(message_table.c.id).where(earlier)).scalars().all()
    for message_id in ids:
        if newer["phase"] in ENDING and _has_queued_correction(transaction, message_id):
            continue
        transaction.execute(
            update(message_table).where(message_table.c.id == message_id).values(superseded_at=transaction.now)
        )
        audit.record(transaction, Event.MESSAGE_SUPERSEDED, message=message_id, superseded_by=newer["id"])


def ending_before(transaction: Transaction, row: Row, recalled: Row) -> str | None:
    """Return the newest message that still stands and whose line belongs at the top of an earlier post."""
    standing = (
        select(message_table.c.id)
        .where(
            (message_table.c.incident_id == row["incident_id"])
            & (message_table.c.number > row["number"])
            & (message_table.c.number < recalled["number"])
            & message_table.c.phase.in_(STOPPING)
            & message_table.c.accepted_at.is_not(None)
            & message_table.c.recalled_at.is_(None)
        )
        .order_by(message_table.c.number.desc())
        .limit(1)
    )
    found: str | None = transaction.execute(standing).scalar_one_or_none()
    return found


def _has_queued_correction(transaction: Transaction, message_id: str) -> bool:
    queued = select(delivery_table.c.id).where(
        (delivery_table.c.message_id == message_id)
        & (delivery_table.c.phase == "correction")
        & delivery_table.c.state.in_([str(s) for s in OPEN])
    )
    return transaction.execute(queued.limit(1)).first() is not None
