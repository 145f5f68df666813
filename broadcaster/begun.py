"""What somebody has already begun: two people woken by the same trouble look for the same playbook."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from broadcaster.store import Transaction
from broadcaster.tables import incident, message

#: After this long, the same playbook more likely means that something new has happened.
TOLD_FOR = timedelta(hours=12)


@dataclass(frozen=True)
class Begun:
    """An open incident. `by` is the client who wrote its first message; `at` is when that message was let out."""

    ref: str
    by: str
    at: datetime


def begun(transaction: Transaction) -> Mapping[tuple[str, str], Begun]:
    """Return, by playbook and mode, the newest open incident that began within `TOLD_FOR`.

    One whose first message still waits for a yes, or never got it, has not begun.
    """
    wanted = (
        select(incident.c.playbook, incident.c.mode, incident.c.ref, message.c.created_by, message.c.accepted_at)
        .join(message, message.c.incident_id == incident.c.id)
        .where(incident.c.state == "open", incident.c.opened_at > transaction.now - TOLD_FOR)
        .where(message.c.phase == "first", message.c.accepted_at.is_not(None))
        .order_by(message.c.accepted_at, incident.c.ref)
    )
    rows = transaction.execute(wanted)
    return {(row.playbook, row.mode): Begun(row.ref, row.created_by, row.accepted_at) for row in rows}
