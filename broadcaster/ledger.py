"""
One delivery's row: reading it as a `Standing`, writing what it became, and the attempts under it.

Every write names the fence it was claimed under, so a worker that lost its lease changes nothing. Only the closing
of an attempt is unfenced: what a call brought back is always recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, insert, select, update

from broadcaster import alarm, audit
from broadcaster.audit import Event
from broadcaster.channels import CAN_PUBLISH, Fact, Outcome, Reason, Step
from broadcaster.errors import LostLease
from broadcaster.standing import ENDED, Next, Standing, State
from broadcaster.store import Transaction
from broadcaster.tables import attempt as attempt_table
from broadcaster.tables import delivery as delivery_table

Row = Mapping[str, Any]

_EVENTS: Mapping[State, Event] = {
    State.PUBLISHED: Event.DELIVERY_PUBLISHED,
    State.RETRYING: Event.DELIVERY_RETRYING,
    State.UNCERTAIN: Event.DELIVERY_UNCERTAIN,
    State.NEEDS_PERSON: Event.DELIVERY_NEEDS_PERSON,
    State.FAILED: Event.DELIVERY_FAILED,
    State.SKIPPED: Event.DELIVERY_SKIPPED,
    State.AFFECTED: Event.DELIVERY_AFFECTED,
    State.SUPERSEDED: Event.DELIVERY_SUPERSEDED,
    State.WITHDRAWN: Event.DELIVERY_WITHDRAWN,
    State.EXPIRED: Event.DELIVERY_EXPIRED,
    State.OWED: Event.DELIVERY_OWED,
}


# Built once: putting a statement together costs several times what SQLite needs to run it.
_DELIVERY = select(delivery_table).where(delivery_table.c.id == bindparam("its_id"))
_UNDER_FENCE = update(delivery_table).where(
    (delivery_table.c.id == bindparam("its_id")) & (delivery_table.c.fence == bindparam("its_fence"))
)
_NEW_ATTEMPT = insert(attempt_table)
_ATTEMPT = select(attempt_table).where(attempt_table.c.id == bindparam("its_id"))
_STILL_OPEN = update(attempt_table).where(
    (attempt_table.c.id == bindparam("its_id")) & attempt_table.c.closed_at.is_(None)
)
_LAST_ATTEMPT = (
    select(attempt_table)
    .where(attempt_table.c.delivery_id == bindparam("its_delivery"))
    .order_by(attempt_table.c.number.desc())
    .limit(1)
)
#: Steps that make a new object, and so may take pictures along.
MAKING = (Step.DRAFT, Step.POST, Step.SEND)
_DOUBTED = (
    select(attempt_table.c.id)
    .where(attempt_table.c.delivery_id == bindparam("its_delivery"))
    .where(attempt_table.c.step.in_([str(step) for step in MAKING]) & (attempt_table.c.fact == str(Fact.UNCERTAIN)))
    .limit(1)
)


@dataclass(frozen=True)
class Attempt:
    """One call, as recorded. `fact` is None while it runs, or when its worker died."""

    id: str
    step: Step
    intent: str
    fact: Fact | None
    reason: Reason
    remote_id: str | None
    can_publish: bool
    status: int | None
    code: int | None
    detail: str

    def outcome(self) -> Outcome:
        """Return what this call proves, also when nobody lived to see its answer.

        What a read showed is not recorded, so a read whose answer was lost counts as not made.
        """
        if self.fact is None or self.step in (Step.LOOK, Step.SEARCH):
            fact = Fact.UNCERTAIN if self.fact is None and self.can_publish else Fact.NOT_SENT
            return Outcome(fact, Reason.NETWORK, detail="the worker ended before the answer")
        return Outcome(
            self.fact, self.reason, remote_id=self.remote_id, status=self.status, code=self.code, detail=self.detail
        )


def standing_of(row: Row) -> Standing:
    """Return what the protocol may know of `row`. A delivery being sent stands as open."""
    return Standing(
        way=row["way"],
        intent=row["intent"],
        state=State(row["state"]),
        step=Step(row["step"]),
        words=row["words"],
        remote_id=row["remote_id"],
        tries=row["tries"],
        unsure_since=row["unsure_since"],
        unsure_last=row["unsure_last"],
        ever_unsure=row["ever_unsure"],
        has_receipt=row["receipt"] is not None,
        not_after=row["not_after"],
        risked=row["risked"],
    )


def read(transaction: Transaction, delivery_id: str) -> Row:
    """Return the delivery's row as it is now."""
    return dict(transaction.execute(_DELIVERY, {"its_id": delivery_id}).mappings().one())


def change(transaction: Transaction, row: Row, **values: Any) -> Row:
    """Write `values` to the delivery under the fence in `row`; return the row as it is then. Raises `LostLease`."""
    mine = {"its_id": row["id"], "its_fence": row["fence"]}
    if transaction.execute(_UNDER_FENCE, {**mine, **values}).rowcount != 1:
        raise LostLease(row["id"])
    return {**row, **values}


def apply(transaction: Transaction, row: Row, found: Next, got: Outcome | None = None) -> Row:
    """Write what the delivery became, give the lease back, enter it in the log and tell a person if it must be."""
    ended = found.state in ENDED or found.state is State.NEEDS_PERSON
    values: dict[str, Any] = {
        "state": str(found.state),
        "step": str(found.step) if found.step else None,
        "next_attempt_at": found.at,
        "remote_id": found.remote_id,
        "unsure_since": found.unsure_since,
        "unsure_last": found.unsure_last,
        "ever_unsure": row["ever_unsure"] or found.unsure_since is not None,
        "lease_until": None,
        "lease_by": None,
        "error": _error(transaction.now, found, got),
        "deaths": row["deaths"],
        "risked": row["risked"] or found.risked,
    }
    if found.swept:
        values["swept_at"] = transaction.now
    if found.progress:
        values["tries"] = 0
    if found.receipt:
        values["seen_at"] = transaction.now if found.tally is None else None  # a letter is never read back
        values["receipt"] = _receipt(transaction.now, row, found.remote_id or row["object_id"])
    if got is not None and got.url:
        values["url"] = got.url
    if ended and row["ended_at"] is None:
        values["ended_at"] = transaction.now
    after = change(transaction, row, **values)
    if after["state"] != row["state"] or found.receipt:
        record_state(transaction, after)
    _hush(transaction, row, after, found)
    if found.tell:
        alarm.raise_for_delivery(transaction, after, found.reason)
    return after


def _hush(transaction: Transaction, row: Row, after: Row, found: Next) -> None:
    """Stop telling what the delivery's end has made untrue. That two copies may stand there is told until the sweep."""
    news = after["state"] != row["state"] or found.receipt or found.swept
    if not news or State(after["state"]) not in ENDED or (after["risked"] and after["swept_at"] is None):
        return
    stands = after["state"] == State.PUBLISHED
    alarm.overtake(transaction, row["id"], after["state"], alarm.UNTIL_CONFIRMED if stands else ())


def open_attempt(
    transaction: Transaction, row: Row, worker: str, lease_s: float, recipient: int | None = None
) -> tuple[Row, str]:
    """Record that a call begins, before it begins: raise the fence and take the lease for `lease_s` seconds.

    `recipient` is the number of the one a letter's call is for.
    """
    until = transaction.now + timedelta(seconds=lease_s)
    speaks_anew = Step(row["step"]) in (Step.DRAFT, Step.POST)
    state = row["state"] if State(row["state"]) in ENDED else str(State.SENDING)
    after = change(
        transaction,
        row,
        fence=row["fence"] + 1,
        state=state,
        attempts=row["attempts"] + 1,
        tries=row["tries"] + 1,
        lease_until=until,
        lease_by=worker,
        next_attempt_at=until,
        swept_at=None if speaks_anew else row["swept_at"],
    )
    attempt_id = str(uuid4())
    step = Step(row["step"])
    transaction.execute(
        _NEW_ATTEMPT,
        {
            "id": attempt_id,
            "delivery_id": row["id"],
            "number": after["attempts"],
            "fence": after["fence"],
            "step": str(step),
            "intent": row["intent"],
            "can_publish": step in CAN_PUBLISH,
            "worker": worker,
            "opened_at": transaction.now,
        },
    )
    audit.record(
        transaction,
        Event.ATTEMPT_OPENED,
        delivery=row["id"],
        channel=row["channel"],
        language=row["language"],
        attempt=after["attempts"],
        fence=after["fence"],
        step=str(step),
        intent=row["intent"],
        recipient=recipient,
        words=audit.digest_of(row["words"]),
    )
    return after, attempt_id


def close_attempt(transaction: Transaction, attempt_id: str, got: Outcome) -> bool:
    """Record what a call brought back, whoever owns the delivery by now. Return False if it was closed already."""
    told = {
        "closed_at": transaction.now,
        "fact": str(got.fact),
        "reason": str(got.reason),
        "status": got.status,
        "code": got.code,
        "remote_id": got.remote_id,
        "detail": got.detail[:500],
    }
    if transaction.execute(_STILL_OPEN, {"its_id": attempt_id, **told}).rowcount != 1:
        return False
    row = transaction.execute(_ATTEMPT, {"its_id": attempt_id}).mappings().one()
    audit.record(
        transaction,
        Event.ATTEMPT_CLOSED,
        delivery=row["delivery_id"],
        attempt=row["number"],
        fence=row["fence"],
        step=row["step"],
        fact=row["fact"],
        reason=row["reason"],
        status=row["status"],
        code=row["code"],
        remote_id=row["remote_id"],
    )
    return True


def last_attempt(transaction: Transaction, delivery_id: str) -> Attempt | None:
    """Return the newest call for a delivery, or None if there never was one."""
    row = transaction.execute(_LAST_ATTEMPT, {"its_delivery": delivery_id}).one_or_none()
    if row is None:
        return None
    fact = Fact(row.fact) if row.fact and row.closed_at else None
    reason = Reason(row.reason) if row.reason else Reason.NONE
    return Attempt(
        id=row.id,
        step=Step(row.step),
        intent=row.intent,
        fact=fact,
        reason=reason,
        remote_id=row.remote_id,
        can_publish=row.can_publish,
        status=row.status,
        code=row.code,
        detail=row.detail or "",
    )


def was_doubted(transaction: Transaction, delivery_id: str) -> bool:
    """Tell whether a call that makes a new object for this delivery ever ended in doubt."""
    return transaction.execute(_DOUBTED, {"its_delivery": delivery_id}).first() is not None


def is_running(row: Row, last: Attempt | None, now: datetime) -> bool:
    """Tell whether a call for `row` is under way: its attempt is open and its lease has not ended."""
    return row["lease_until"] is not None and row["lease_until"] > now and last is not None and last.fact is None


def record_state(transaction: Transaction, row: Row) -> None:
    """Enter in the log which state a delivery is in now."""
    event = _EVENTS.get(State(row["state"]))
    if event is None:
        return
    audit.record(
        transaction,
        event,
        delivery=row["id"],
        message=row["message_id"],
        channel=row["channel"],
        language=row["language"],
        intent=row["intent"],
        revision=row["revision"],
        words=audit.digest_of(row["words"]),
        remote_id=row["remote_id"],
        reason=(row["error"] or {}).get("reason"),
    )


def state_before(row: Row) -> str:
    """Return the state a held delivery had before its call, as far as the rule cares: ended, or open."""
    return row["state"] if State(row["state"]) in ENDED else str(State.OWED)


def for_a_person(row: Row, reason: Reason) -> Next:
    """Stop all machine work. What had ended stays so: the public has it, and only the tidying up behind it stops."""
    ended = row["state"] in [str(state) for state in ENDED]
    return Next(
        State(row["state"]) if ended else State.NEEDS_PERSON,
        remote_id=row["remote_id"],
        unsure_since=row["unsure_since"],
        unsure_last=row["unsure_last"],
        reason=reason,
        swept=ended,
        tell=True,
    )


def _error(now: datetime, found: Next, got: Outcome | None) -> dict[str, Any] | None:
    if found.reason is Reason.NONE:
        return None
    its_own = got if got is not None and got.reason is found.reason else None
    return {
        "reason": str(found.reason),
        "status": got.status if got else None,
        "code": got.code if got else None,
        "subcode": got.subcode if got else None,
        "trouble": its_own.trouble if its_own else None,
        "wait_s": its_own.wait_s if its_own and found.at else None,  # nobody waits for what nobody tries again
        "detail": got.detail[:300] if got else "",
        "at": now.isoformat(),
        **({"letter": dict(found.tally)} if found.tally else {}),
    }


def _receipt(now: datetime, row: Row, remote_id: str) -> dict[str, Any]:
    """Return the first proof there was. It names another object only when the late look chose which copy to keep."""
    first: dict[str, Any] | None = row["receipt"]
    if first is None:
        return {"id": remote_id, "at": now.isoformat(), "by": None}
    return first if first["by"] is not None or not row["risked"] else {**first, "id": remote_id}
