"""
What has waited too long without a receipt, or as a person's task: somebody is told, once.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select

from broadcaster import alarm
from broadcaster.channels import Reason
from broadcaster.standing import OPEN, State
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table

Row = Mapping[str, Any]


#: A task of a person whose deadline has passed.
_LATE_TASK = (delivery_table.c.state == State.NEEDS_PERSON) & (delivery_table.c.deadline_at <= bindparam("now"))
#: A change or withdrawal of an old post is owed since what caused it.
_CAUSED = exists().where(
    (message_table.c.incident_id == delivery_table.c.incident_id)
    & ((message_table.c.accepted_at > bindparam("waited")) | (message_table.c.recalled_at > bindparam("waited")))
)
_OWED_SINCE = (delivery_table.c.created_at <= bindparam("waited")) & (
    (delivery_table.c.intent == "publish") | ~_CAUSED
)
_OVERDUE = select(delivery_table).where(
    delivery_table.c.alarmed_at.is_(None)
    & (_LATE_TASK | (delivery_table.c.state.in_([str(state) for state in OPEN]) & _OWED_SINCE))
)


def tell(transaction: Transaction, alarm_after_s: float) -> int:
    """Raise an alarm for every delivery that has waited longer; return how many were new."""
    since = {"now": transaction.now, "waited": transaction.now - timedelta(seconds=alarm_after_s)}
    found = [dict(row) for row in transaction.execute(_OVERDUE, since).mappings().all()]
    for row in found:
        alarm.raise_for_delivery(transaction, row, _reason(row))
    return len(found)


def _reason(row: Row) -> Reason:
    error: dict[str, Any] | None = row["error"]
    return Reason(error["reason"]) if error else Reason.NONE
