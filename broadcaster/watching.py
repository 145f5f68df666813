"""
Who took the alarms of an incident, why somebody said no to a message, and whether a board has anything new to show.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select

from broadcaster import audit
from broadcaster.alarm import OVERTAKEN
from broadcaster.alarm_tables import alarm_told
from broadcaster.audit import Event
from broadcaster.errors import Text
from broadcaster.letter_tables import recipient
from broadcaster.store import Transaction
from broadcaster.tables import alarm, audit_entry, delivery, incident, log_head


@dataclass(frozen=True)
class Taken:
    """An alarm that somebody answered."""

    text: Text
    by: str
    at: datetime


def taken(transaction: Transaction, ref: str) -> tuple[Taken, ...]:
    """Return the alarms of an incident that a person answered, newest first; not those that events overtook."""
    by = alarm.c.answered_by
    rows = transaction.execute(
        select(alarm.c.text, alarm.c.answered_by, alarm.c.answered_at)
        .join(incident, alarm.c.incident_id == incident.c.id)
        .where((incident.c.ref == ref) & by.is_not(None) & by.not_like(f"{OVERTAKEN}%"))
        .order_by(alarm.c.answered_at.desc())
    )
    return tuple(
        Taken(Text(row.text["sv"], row.text["en"]), row.answered_by.split(":", 1)[-1], row.answered_at) for row in rows
    )


def refusal(transaction: Transaction, message_id: str) -> str:
    """Return why somebody said no to a message; nothing if nobody did or the reason was erased."""
    rows = transaction.execute(select(audit_entry.c.entry).where(audit_entry.c.type == str(Event.MESSAGE_REJECTED)))
    for row in rows:
        try:
            entry = json.loads(bytes(row.entry))
            hmac = entry["private"]["reason"] if entry["message"] == message_id else ""
        except (ValueError, TypeError, KeyError, RecursionError):  # damaged, or without a reason: the board still opens
            continue
        if isinstance(hmac, str) and hmac:
            return audit.revealed(transaction, [hmac]).get(hmac, "")
    return ""


def pulse(transaction: Transaction, ref: str) -> str:
    """Return something that differs when what a board shows of an incident may: cheap, and never the same by chance.

    Every change of state is an entry of the log. What is written without one (a next attempt moved, what a citizen
    saw, a report of an alarm) is counted here. The minute is part of it, for what the clock alone changes.
    """
    its = select(incident.c.id).where(incident.c.ref == ref).scalar_subquery()
    parts = [
        transaction.execute(select(log_head.c.size, log_head.c.last)).one_or_none(),
        transaction.execute(
            select(
                func.sum(delivery.c.attempts), func.sum(delivery.c.fence), func.sum(delivery.c.looks),
                func.max(delivery.c.seen_at), func.max(delivery.c.next_attempt_at),
                func.min(delivery.c.next_attempt_at),
            ).where(delivery.c.incident_id == its)
        ).one(),
        transaction.execute(select(func.sum(alarm.c.times), func.count(alarm.c.answered_at))).one(),
        transaction.execute(select(func.max(alarm_told.c.changed_at))).one(),
        transaction.execute(
            select(func.max(recipient.c.changed_at))
            .join(delivery, recipient.c.delivery_id == delivery.c.id)
            .where(delivery.c.incident_id == its)
        ).one(),
    ]  # fmt: skip
    said = [transaction.now.strftime("%Y%m%d%H%M"), *(repr(tuple(part)) if part else "" for part in parts)]
    return sha256("|".join(said).encode()).hexdigest()
