"""Whose turn it is: what the pure rule of `order` has to know, read from the incident's older deliveries."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from broadcaster import ledger, letterbox
from broadcaster.channels import Fact
from broadcaster.order import Older, Turn, letter_turn, turn
from broadcaster.standing import OPEN, State
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table

Row = Mapping[str, Any]

#: States in which a newer message has said, or will say, something else in the same place; or was taken down there.
_WILL_SPEAK = [str(state) for state in (*sorted(OPEN), State.PUBLISHED, State.NEEDS_PERSON, State.WITHDRAWN)]


def turn_of(transaction: Transaction, row: Row) -> Turn:
    """Return whether the delivery may be worked on now, given what its incident said before in the same place."""
    if row["number"] == 1:
        return turn(row["phase"], row["intent"], [])
    same = (
        (delivery_table.c.incident_id == row["incident_id"])
        & (delivery_table.c.channel == row["channel"])
        & (delivery_table.c.language == row["language"])
        & (delivery_table.c.number < row["number"])
    )
    older = transaction.execute(select(delivery_table).where(same)).mappings().all()
    before = [_older(transaction, dict(one)) for one in older]
    if row["way"] == "letter":
        return letter_turn(row["phase"], before)
    return turn(row["phase"], row["intent"], before)


def has_successor(transaction: Transaction, row: Row) -> bool:
    """Tell whether a newer message of the incident owns, is about to own, or ever owned the same object."""
    newer = select(delivery_table.c.id).where(
        (delivery_table.c.object_id == row["object_id"])
        & (delivery_table.c.number > row["number"])
        & (delivery_table.c.receipt.is_not(None) | delivery_table.c.state.in_(_WILL_SPEAK))
    )
    return transaction.execute(newer.limit(1)).first() is not None


def _older(transaction: Transaction, row: Row) -> Older:
    held = row["lease_by"] is not None
    last = ledger.last_attempt(transaction, row["id"]) if held else None
    # A change of an earlier post is another object: only what replaces in place, or publishes, is waited for.
    same_object = row["way"] == "upsert" or (last is not None and last.intent == "publish")
    running = held and same_object and ledger.is_running(row, last, transaction.now)
    known = row["receipt"] is not None or row["ever_unsure"] or row["was_task"]
    known = known or (row["way"] == "letter" and letterbox.anybody_reached(transaction, row["id"]))
    # A call that was running when it was superseded has told its attempt, and not yet the row, what it did.
    untold = last is not None and last.can_publish and last.fact not in (Fact.NOT_SENT, Fact.REFUSED)
    return Older(
        phase=row["phase"],
        intent=row["intent"],
        state=State(row["state"]),
        running=running,
        may_have_been_public=known or untold,
    )
