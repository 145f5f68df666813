"""
What a delivery begins as, and the seconds in which its message can still be stopped.

    beginning   the state it begins in, by the way its channel goes
    hold        the same, but nothing leaves before some seconds have passed
    release     those seconds are over for what takes no call: our own page shows it, a person gets the task
    too_late    no worker came in time for that

A machine's delivery that is held is simply due later. What is true the moment it is accepted, our own page and a
person's task, is owed for as long, so that a message stopped in time was never anywhere.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from broadcaster import ledger
from broadcaster.channels import Reason, Way
from broadcaster.ledger import Row
from broadcaster.order import ENDING
from broadcaster.playbook import Stamp
from broadcaster.proof import Proof
from broadcaster.protocol import first_step
from broadcaster.settings import ChannelPart, Manual
from broadcaster.standing import Next, State
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.turns import has_successor

#: Phases that may be held. What corrects or ends never waits: every second of it leaves wrong words standing.
HELD_PHASES = frozenset({"first", "update"})


def beginning(
    transaction: Transaction, configured: ChannelPart, way: Way, row: Row, stamp: Stamp
) -> dict[str, Any]:
    """Return the state a delivery begins in."""
    now = transaction.now
    if way == "row":
        if row["phase"] in ENDING and _was_stopped(transaction, row):
            return {"state": str(State.SKIPPED), "ended_at": now}
        return _shown(stamp.mark, row["language"], stamp.link, now)
    if way == "person":
        if row["phase"] in ENDING and not _ever_public(transaction, row):
            return {"state": str(State.SKIPPED), "ended_at": now}
        assert isinstance(configured, Manual)
        deadline = now + timedelta(minutes=configured.deadline_minutes)
        task = {"person": configured.assignee, "deadline_at": deadline, "was_task": True}
        return {"state": str(State.NEEDS_PERSON), **task}
    return {"state": str(State.OWED), "step": str(first_step(way)), "next_attempt_at": now}


def hold(row: dict[str, Any], now: datetime, held_s: int) -> dict[str, Any]:
    """Return a new delivery's `row` with nothing of it true before `held_s` seconds have passed."""
    if row["state"] not in (State.OWED, State.PUBLISHED, State.NEEDS_PERSON):
        return row
    wait = timedelta(seconds=held_s)
    held = {"state": str(State.OWED), "next_attempt_at": now + wait, "receipt": None, "url": None, "ended_at": None}
    deadline = {"deadline_at": row["deadline_at"] + wait} if row.get("deadline_at") else {}
    return {**row, **held, **deadline, "was_task": False}


def release(transaction: Transaction, row: Row, ref: str, proof: Proof) -> None:
    """Let a held delivery that takes no call be true, now that nobody has stopped it and its words are proved."""
    if row["way"] == "row":
        shown = _shown(f"{ref}/{row['number']}", row["language"], proof.link(ref, row["mode"]), transaction.now)
        row, found = ledger.change(transaction, row, receipt=shown["receipt"], url=shown["url"]), State.PUBLISHED
    elif has_successor(transaction, row):
        found = State.SUPERSEDED
    else:  # new work: when it is late, somebody is told anew
        row, found = ledger.change(transaction, row, was_task=True, alarmed_at=None), State.NEEDS_PERSON
    ledger.apply(transaction, row, Next(found))


def too_late(row: Row, now: datetime) -> Next | None:
    """Return the end of a held delivery that takes no call where no worker came in its message's time; else None."""
    return Next(State.EXPIRED, reason=Reason.LATE, tell=True) if row["not_after"] <= now else None


def _shown(mark: str, language: str, link: str, now: datetime) -> dict[str, Any]:
    receipt = {"id": f"{mark}.{language}", "at": now.isoformat(), "by": None}
    url = link if language == "sv" else f"{link}?lang={language}"
    return {"state": str(State.PUBLISHED), "receipt": receipt, "url": url, "ended_at": now}


def _ever_public(transaction: Transaction, row: Row) -> bool:
    older = select(delivery_table.c.id).where(
        (delivery_table.c.object_id == row["object_id"])
        & (delivery_table.c.receipt.is_not(None) | delivery_table.c.ever_unsure | delivery_table.c.was_task)
    )
    return transaction.execute(older.limit(1)).first() is not None


def _was_stopped(transaction: Transaction, row: Row) -> bool:
    """Tell whether all that our own page was to show of the incident was stopped before it did."""
    same = delivery_table.c.object_id == row["object_id"]
    found = transaction.execute(select(delivery_table.c.state, delivery_table.c.receipt).where(same)).all()
    return bool(found) and all(one.receipt is None and one.state == State.SUPERSEDED for one in found)
