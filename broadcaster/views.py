"""
The contract's JSON of messages, deliveries and incidents, and the pure rule for a message's state.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select

from broadcaster.ledger import Row
from broadcaster.proof import Proof
from broadcaster.standing import OPEN, State
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table

_DELIVERIES = select(delivery_table).where(delivery_table.c.message_id == bindparam("which"))
_MESSAGE = select(message_table).where(message_table.c.id == bindparam("which"))
_INCIDENT = select(incident_table).where(incident_table.c.id == bindparam("which"))
_DONE = frozenset({State.PUBLISHED, State.SKIPPED, State.AFFECTED})


def instant(moment: datetime | None) -> str | None:
    """Return an instant as the API says it: RFC 3339 in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None


def message_state(row: Row, deliveries: Iterable[Row], now: datetime) -> str:
    """Return the state of a message: the first that fits, in the contract's order."""
    states = [State(d["state"]) for d in deliveries]
    if row["rejected_at"]:
        return "rejected"
    if not row["accepted_at"]:
        if row["recalled_at"]:
            return "recalled"
        return "expired" if row["not_after"] <= now else "awaiting_approval"
    if row["recalled_at"]:
        return "recalled"
    if row["superseded_at"]:
        return "superseded"
    published, task_open = State.PUBLISHED in states, State.NEEDS_PERSON in states
    if any(state in OPEN for state in states) or (not published and task_open):
        return "sending"
    if states and all(state in _DONE for state in states):
        return "published"
    return "partly_published" if published else "failed"


def delivery_json(row: Row) -> dict[str, Any]:
    """Return a delivery as the contract says it."""
    return {
        "channel": row["channel"],
        "language": row["language"],
        "intent": row["intent"],
        "state": row["state"],
        "attempts": row["attempts"],
        "receipt": row["receipt"],
        "url": row["url"],
        "seen_at": instant(row["seen_at"]),
        "error": row["error"],
        "next_attempt_at": instant(row["next_attempt_at"]),
        "person": row["person"],
    }


def deliveries_of(transaction: Transaction, message_row: Row) -> list[Row]:
    """Return a message's deliveries in the order of its channels."""
    order = {channel: index for index, channel in enumerate(message_row["channels"])}
    rows = transaction.execute(_DELIVERIES, {"which": message_row["id"]}).mappings()
    return sorted(
        (dict(row) for row in rows),
        key=lambda row: (order.get(row["channel"], 99), row["channel"], row["language"] != "sv", row["language"]),
    )


def message_json(transaction: Transaction, row: Row, incident_row: Row, proof: Proof) -> dict[str, Any]:
    """Return a message as the contract says it."""
    deliveries = deliveries_of(transaction, row)
    ref = incident_row["ref"]
    return {
        "id": row["id"],
        "incident": ref,
        "mark": f"{ref}/{row['number']}",
        "playbook": incident_row["playbook"],
        "phase": row["phase"],
        "mode": incident_row["mode"],
        "state": message_state(row, deliveries, transaction.now),
        "digest": row["digest"],
        "created_at": instant(row["created_at"]),
        "created_by": row["created_by"].split(":", 1)[1],
        "url": proof.link(ref, incident_row["mode"]),
        "deliveries": [delivery_json(one) for one in deliveries],
    }


def message_view(transaction: Transaction, message_id: str, proof: Proof) -> dict[str, Any] | None:
    """Return the message with `message_id` as the contract says it, or None if there is none."""
    row = transaction.execute(_MESSAGE, {"which": message_id}).mappings().one_or_none()
    if row is None:
        return None
    incident_row = transaction.execute(_INCIDENT, {"which": row["incident_id"]}).mappings().one()
    return message_json(transaction, dict(row), dict(incident_row), proof)


def incident_json(transaction: Transaction, row: Row, proof: Proof) -> dict[str, Any]:
    """Return an incident with its messages, oldest first, as the contract says it."""
    messages = transaction.execute(
        select(message_table).where(message_table.c.incident_id == row["id"]).order_by(message_table.c.number)
    ).mappings()
    return {
        "ref": row["ref"],
        "mode": row["mode"],
        "playbook": row["playbook"],
        "state": row["state"],
        "affected": list(row["affected"]),
        "opened_at": instant(row["opened_at"]),
        "closed_at": instant(row["closed_at"]),
        "messages": [message_json(transaction, dict(one), row, proof) for one in messages.all()],
    }
