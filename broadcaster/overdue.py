"""
What has waited too long without a receipt, or as a person's task: somebody is told, once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select, update

from broadcaster import alarm
from broadcaster.channels import Reason
from broadcaster.channels.names import channel_name
from broadcaster.errors import Text
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
    & (
        (message_table.c.accepted_at > bindparam("waited"))
        | (message_table.c.accepted_at.is_not(None) & (message_table.c.created_at > bindparam("waited")))  # by hand
        | (message_table.c.recalled_at > bindparam("waited"))
    )
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


def remind(transaction: Transaction) -> int:
    """Tell that a person's task is due soon, once two thirds of its time have passed; return how many were new."""
    open_tasks = (delivery_table.c.state == State.NEEDS_PERSON) & (delivery_table.c.deadline_at > transaction.now)
    rows = transaction.execute(select(delivery_table).where(open_tasks & delivery_table.c.reminded_at.is_(None)))
    near = [dict(row) for row in rows.mappings().all() if _is_near(dict(row), transaction.now)]
    for row in near:
        minutes = max(1, round((row["deadline_at"] - transaction.now).total_seconds() / 60))
        name, drill = channel_name(row["channel"]), row["mode"] == "drill"
        text = Text(
            f"{'ÖVNING. ' if drill else ''}{name.sv} ({row['language']}): {row['person']} har {minutes} min kvar att "
            "publicera för hand. Gör det nu och kvittera på tavlan, eller skriv där varför det inte går.",
            f"{'EXERCISE. ' if drill else ''}{name.en} ({row['language']}): {row['person']} has {minutes} min left to "
            "publish by hand. Do it now and acknowledge on the board, or write there why it cannot be done.",
        )
        alarm.raise_alarm(transaction, "reminder", text, incident_id=row["incident_id"], delivery_id=row["id"])
        this = delivery_table.c.id == row["id"]
        transaction.execute(update(delivery_table).where(this).values(reminded_at=transaction.now))
    return len(near)


def _is_near(row: Row, now: datetime) -> bool:
    given, deadline = row["created_at"], row["deadline_at"]
    near: datetime = deadline - (deadline - given) / 3
    return now >= near


def _reason(row: Row) -> Reason:
    error: dict[str, Any] | None = row["error"]
    return Reason(error["reason"]) if error else Reason.NONE
