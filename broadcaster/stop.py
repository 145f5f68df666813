"""
Stop means stop: what a newer message, or a recall, does to everything said before it, in one transaction.

Raising the fence makes every running worker lose its right to write. What was certainly not public is simply no
longer sent; a recorded draft is deleted; what may be public becomes an intent to withdraw, pursued until it is found
or the grace has passed. On a channel that is replaced in place the newer revision is the withdrawal.
"""

from typing import Any

from sqlalchemy import select

from broadcaster import alarm, copies, ledger, letterbox
from broadcaster.channels import Reason, Step
from broadcaster.errors import Forged
from broadcaster.ledger import Row
from broadcaster.letters import Has, gives_way
from broadcaster.order import ENDING, STOPPING
from broadcaster.proof import Proof
from broadcaster.standing import ENDED, OPEN, State
from broadcaster.store import Transaction
from broadcaster.superseded import ending_before, mark_superseded
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table

#: Channels whose objects stay where they are when a newer one comes, so the older ones are told of the ending.
STAYS = frozenset({"draft", "post"})


def supersede(transaction: Transaction, newer: Row, covered: frozenset[tuple[str, str]], proof: Proof) -> None:
    """Let the just accepted `newer`, which goes to the (channel, language) pairs `covered`, replace what was said."""
    for row in older_than(transaction, newer):
        pair = (row["channel"], row["language"])
        if row["way"] == "letter":
            _letter_gives_way(transaction, row, newer, pair in covered)
        elif newer["phase"] == "update":
            _by_update(transaction, row, pair in covered)
        else:
            _by_stopping(transaction, row, newer, pair in covered, proof)
        lost_for_good = State(row["state"]) is State.EXPIRED and gives_way(row["phase"], newer["phase"])
        if lost_for_good and (newer["phase"] in STOPPING or pair in covered):
            alarm.overtake(transaction, row["id"], "newer message")
    if newer["phase"] in STOPPING:
        mark_superseded(transaction, newer)


def leave_behind(transaction: Transaction, newer: Row, covered: frozenset[tuple[str, str]], proof: Proof) -> None:
    """Stop what is not out yet where `newer` does not go: it is of another playbook, and that spoke of a crisis."""
    for row in older_than(transaction, newer):
        if row["way"] == "letter":
            _letter_gives_way(transaction, row, newer, covered=True)
        elif (row["channel"], row["language"]) not in covered and row["receipt"] is None:
            _by_stopping(transaction, row, newer, False, proof)


def recall(transaction: Transaction, message_row: Row, proof: Proof) -> None:
    """Take back what a message said: unsent deliveries are dropped, public ones taken down where it still shows."""
    rows = transaction.execute(
        select(delivery_table).where(delivery_table.c.message_id == message_row["id"]).order_by(delivery_table.c.id)
    )
    for row in rows.mappings().all():
        if row["intent"] != "withdraw":  # also where nothing is left to take back: nobody is to spread it now
            alarm.overtake(transaction, row["id"], "recall")
        recall_one(transaction, dict(row))
        if row["way"] == "upsert":
            uncover(transaction, dict(row))
    topped = select(delivery_table).where(
        (delivery_table.c.top_from == message_row["id"]) & (delivery_table.c.intent != "withdraw")
    )
    for row in transaction.execute(topped.order_by(delivery_table.c.id)).mappings().all():
        _put_top(transaction, dict(row), ending_before(transaction, dict(row), message_row), message_row, proof)


def withdraw_task(transaction: Transaction, row: Row) -> Row:
    """Make it a person's task to take down what a person put up."""
    after = _become(transaction, row, State.NEEDS_PERSON, intent="withdraw", step=None, next_attempt_at=None)
    if row["way"] != "person":  # nobody has this channel as a task of theirs, so somebody has to be told
        alarm.raise_for_delivery(transaction, after, Reason.PERSON)
    return after


def take_back(transaction: Transaction, row: Row) -> None:
    """Pursue what may be public of a delivery whose place is taken, and delete its recorded draft."""
    if row["way"] in STAYS:
        _stop_sending(transaction, row, covered=True)


def older_than(transaction: Transaction, newer: Row) -> list[Row]:
    """Return the deliveries of the incident's messages before `newer`, oldest message first, locked."""
    found = transaction.execute(
        select(delivery_table)
        .where((delivery_table.c.incident_id == newer["incident_id"]) & (delivery_table.c.number < newer["number"]))
        .order_by(delivery_table.c.number, delivery_table.c.id)
        .with_for_update()
    )
    return [dict(row) for row in found.mappings().all()]


def _by_update(transaction: Transaction, row: Row, covered: bool) -> None:
    """An update takes the place of an older update that is not yet public, and of an older task of a person."""
    if row["intent"] == "withdraw":
        _let_replace(transaction, row, covered)
        return
    if not covered:
        return
    state = State(row["state"])
    unsent = state in (State.OWED, State.RETRYING) and row["phase"] == "update" and row["receipt"] is None
    if unsent or (state is State.NEEDS_PERSON and row["receipt"] is None):
        _stop_sending(transaction, row, covered)
    elif state is State.PUBLISHED and row["way"] == "upsert":
        _leave(transaction, row)


def _by_stopping(transaction: Transaction, row: Row, newer: Row, covered: bool, proof: Proof) -> None:
    state = State(row["state"])
    if row["intent"] == "withdraw":
        _let_replace(transaction, row, covered)
        return
    if newer["phase"] in ENDING and row["phase"] == "correction" and state in OPEN and row["receipt"] is None:
        return  # a queued correction is never lost to the all-clear; the all-clear waits for it
    if row["receipt"] is not None and row["way"] in STAYS:
        _put_top(transaction, row, newer["id"], newer, proof)
    elif row["receipt"] is not None:
        if covered and row["way"] == "upsert":
            _leave(transaction, row)
    elif state is State.NEEDS_PERSON and row["unsure_since"] is None:
        _drop(transaction, row)
    elif state in OPEN or state is State.NEEDS_PERSON:
        _stop_sending(transaction, row, covered)
    elif state is State.SUPERSEDED and row["way"] in STAYS and row["unsure_since"] is not None:
        _pursue(transaction, row)  # an update took its place before anybody knew whether it was public
    if row["way"] == "upsert" and not covered and (state in OPEN or state is State.NEEDS_PERSON):
        uncover(transaction, row)


def _let_replace(transaction: Transaction, row: Row, covered: bool) -> None:
    """Leave a withdrawal to the newer words that take its place; made after them it would take them down."""
    by_hand = row["receipt"] is not None and row["receipt"]["by"] is not None
    if row["way"] != "upsert" or not covered or by_hand:
        return
    state = State(row["state"])
    if state in OPEN or state is State.NEEDS_PERSON:
        _become(transaction, row, State.SUPERSEDED, step=None, next_attempt_at=None)
    elif row["step"] is not None:
        ledger.change(transaction, row, fence=row["fence"] + 1, step=None, next_attempt_at=None)


def _letter_gives_way(transaction: Transaction, row: Row, newer: Row, covered: bool) -> None:
    """Whoever has not got the older letter gets only the newer one; what was handed over stays handed over."""
    state = State(row["state"])
    over = state not in OPEN and state is not State.NEEDS_PERSON
    if over or row["intent"] == "withdraw" or not gives_way(row["phase"], newer["phase"]):
        return
    if newer["phase"] == "update" and not covered:
        return
    letterbox.end(transaction, row["id"], Has.DROPPED)
    _until_answered(transaction, row, State.SUPERSEDED, error=None)  # those who are left get the newer one


def _recall_letter(transaction: Transaction, row: Row) -> None:
    """Send it to nobody else. Those who have it keep it, so a person decides what they must be told."""
    if State(row["state"]) in ENDED and not letterbox.anybody_reached(transaction, row["id"]):
        return
    letterbox.end(transaction, row["id"], Has.DROPPED)
    after = _until_answered(transaction, row, State.UNCERTAIN, intent="withdraw")
    if row["lease_by"] is None:
        ledger.apply(transaction, after, letterbox.stand(transaction, after))


def _until_answered(transaction: Transaction, row: Row, state: State, **values: Any) -> Row:
    """Go over to `state` at once; a call that runs for one recipient is waited for, and only then is all said."""
    running = row["lease_by"] is not None
    step, at = (str(Step.SEND), transaction.now) if running else (None, None)
    return _become(transaction, row, state, step=step, next_attempt_at=at, **values)


def _stop_sending(transaction: Transaction, row: Row, covered: bool) -> None:
    """Stop what is owed, and pursue what may have got out."""
    running = row["lease_by"] is not None
    unsure = row["unsure_since"] is not None
    if not running and not unsure:
        _drop(transaction, row)
    elif row["way"] == "upsert" and covered:
        _become(transaction, row, State.SUPERSEDED, step=None, next_attempt_at=None)
    else:
        _pursue(transaction, row)


def _pursue(transaction: Transaction, row: Row) -> None:
    """Withdraw what may be public. A running call is waited for: its result says what there is to take down."""
    step = Step.WITHDRAW if row["remote_id"] or row["way"] == "upsert" else Step.SEARCH
    _become(
        transaction,
        row,
        State.UNCERTAIN,
        intent="withdraw",
        step=str(step),
        next_attempt_at=transaction.now,
        revision=_next_revision(transaction, row),
        tries=0,
        ended_at=None,
    )


def _drop(transaction: Transaction, row: Row) -> None:
    """End what was never public. A recorded draft is deleted behind the scenes."""
    draft = row["remote_id"] is not None and row["way"] == "draft" and row["receipt"] is None
    _become(
        transaction,
        row,
        State.SUPERSEDED,
        step=str(Step.WITHDRAW) if draft else None,
        next_attempt_at=transaction.now if draft else None,
        tries=0,
    )


def _leave(transaction: Transaction, row: Row) -> None:
    """Stop looking after words that a newer revision replaces in place; looking again could bring them back."""
    copies.keep(transaction, row)
    ledger.change(transaction, row, fence=row["fence"] + 1, step=None, next_attempt_at=None, state=str(State.PUBLISHED))


def _put_top(transaction: Transaction, row: Row, top_from: str | None, cause: Row, proof: Proof) -> None:
    """Owe the earlier post a new first line (or the old words again): shares of it must stop lying.

    The change lives as long as `cause`, the message that calls for it; the post's own time may be over long ago.
    """
    life = cause["not_after"] - cause["accepted_at"]
    values: dict[str, Any] = {"intent": "update", "top_from": top_from, "not_after": transaction.now + life, "tries": 0}
    try:
        words = proof.words(transaction, {**row, "top_from": top_from})
    except Forged:  # its playbook was revoked: that must not keep the newer message from going out
        after = _become(transaction, row, State.NEEDS_PERSON, step=None, next_attempt_at=None, **values)
        alarm.raise_for_delivery(transaction, after, Reason.FORGED)
        return
    _become(
        transaction,
        row,
        State.OWED,
        step=str(Step.EDIT),
        words=words,
        next_attempt_at=transaction.now,
        ended_at=None,
        **values,
    )


def recall_one(transaction: Transaction, row: Row) -> None:
    """Take back one delivery: drop it if it is unsent, take it down or make it a person's task if it is public."""
    state, way = State(row["state"]), row["way"]
    if row["intent"] == "withdraw" or state in (State.WITHDRAWN, State.SKIPPED, State.AFFECTED, State.EXPIRED):
        return
    unfinished = state in OPEN or state is State.NEEDS_PERSON
    if way == "row" and row["receipt"] is not None:
        _become(transaction, row, State.WITHDRAWN, intent="withdraw", step=None, next_attempt_at=None)
    elif way == "letter":
        _recall_letter(transaction, row)
    elif way == "person":
        if row["receipt"] is not None or state is State.PUBLISHED:
            withdraw_task(transaction, row)
        elif unfinished:
            _drop(transaction, row)
    elif row["receipt"] is not None and row["receipt"]["by"] is not None:
        withdraw_task(transaction, row)  # no machine knows what a person put up, nor where
    elif way == "upsert" and _replaced(transaction, row):
        if unfinished:  # what stands there now is the newer message's, or soon will be
            _stop_sending(transaction, row, covered=True)
    elif row["receipt"] is not None:
        _become(
            transaction,
            row,
            State.OWED,
            intent="withdraw",
            step=str(Step.WITHDRAW),
            next_attempt_at=transaction.now,
            revision=_next_revision(transaction, row),
            tries=0,
            ended_at=None,
        )
    elif unfinished:
        _stop_sending(transaction, row, covered=False)
    elif row["ever_unsure"]:  # superseded, or closed by a person, before anybody knew whether it was public
        _pursue(transaction, row)


def uncover(transaction: Transaction, row: Row) -> None:
    """Take down what an older message may still show, now that `row` will not take its place.

    That is what was recalled, and what was let go in doubt because these words were to replace it.
    """
    recalled = delivery_table.c.receipt.is_not(None) & message_table.c.recalled_at.is_not(None)
    untold = delivery_table.c.lease_by.is_not(None)  # its call has not told what it did, or its worker died
    in_doubt = (delivery_table.c.state == State.SUPERSEDED) & (delivery_table.c.ever_unsure | untold)
    older = (
        select(delivery_table)
        .join(message_table, message_table.c.id == delivery_table.c.message_id)
        .where(
            (delivery_table.c.object_id == row["object_id"])
            & (delivery_table.c.number < row["number"])
            & (recalled | in_doubt)
        )
        .order_by(delivery_table.c.number.desc())
        .limit(1)
        .with_for_update(of=delivery_table)
    )
    for one in transaction.execute(older).mappings().all():
        if State(one["state"]) is not State.SUPERSEDED:
            recall_one(transaction, dict(one))
        elif not _replaced(transaction, dict(one)):
            _pursue(transaction, dict(one))


def _replaced(transaction: Transaction, row: Row) -> bool:
    """Tell whether a newer message of the incident owns, or is about to own, the same object."""
    gone = [str(s) for s in (State.SUPERSEDED, State.SKIPPED, State.AFFECTED, State.EXPIRED, State.FAILED)]
    newer = select(delivery_table.c.id).where(
        (delivery_table.c.object_id == row["object_id"])
        & (delivery_table.c.number > row["number"])
        & (delivery_table.c.intent != "withdraw")
        & delivery_table.c.state.not_in(gone)
        & ((delivery_table.c.state != State.NEEDS_PERSON) | delivery_table.c.ever_unsure)
    )
    return transaction.execute(newer.limit(1)).first() is not None


def _next_revision(transaction: Transaction, row: Row) -> int:
    newest = select(delivery_table.c.revision).where(delivery_table.c.object_id == row["object_id"])
    return max(transaction.execute(newest).scalars().all(), default=0) + 1


def _become(transaction: Transaction, row: Row, state: State, **values: Any) -> Row:
    """Write a new state under a raised fence, keep a copy of what was public, and enter it in the log.

    The lease of a running call is left: its answer is waited for before anybody calls again for this delivery.
    """
    if row["intent"] != "withdraw":
        copies.keep(transaction, row)
    if state not in OPEN and row["ended_at"] is None:
        values.setdefault("ended_at", transaction.now)
    if values.get("step"):
        values["deaths"] = 0  # new work, and not what workers died of
    if state not in ENDED:
        values["alarmed_at"] = None  # it is new work: when it too takes long, a person is told again
    after = ledger.change(transaction, row, fence=row["fence"] + 1, state=str(state), **values)
    ledger.record_state(transaction, after)
    alarm.overtake(transaction, row["id"], "newer message or recall")
    return after
