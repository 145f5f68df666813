"""Copies of what was public, kept right before it is replaced, changed or taken down."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.store import Transaction
from broadcaster.tables import public_copy

Row = Mapping[str, Any]


def keep(transaction: Transaction, row: Row) -> None:
    """Keep what the public can read of this delivery, unless it never got a receipt.

    It is what was last read back (`read_at`); what somebody changed at the channel since then is not in it.
    """
    if row["receipt"] is None:
        return
    values = {
        "id": str(uuid4()),
        "delivery_id": row["id"],
        "kept_at": transaction.now,
        "words": row["words"],
        "remote_id": row["receipt"]["id"],
        "url": row["url"],
        "read_at": row["seen_at"],
    }
    transaction.execute(insert(public_copy).values(**values))
    audit.record(
        transaction,
        Event.COPY_KEPT,
        copy=values["id"],
        delivery=row["id"],
        message=row["message_id"],
        channel=row["channel"],
        language=row["language"],
        remote_id=values["remote_id"],
        words=audit.digest_of(row["words"]),
    )
