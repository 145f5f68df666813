"""
The recipients of a letter: owed in the accepting transaction, each opened before the call for it and closed after it.

    owe         write them down when the message is accepted
    open_next   say for whom the next call is; `begin` records that it begins
    close       record what a call brought back for its recipient, whoever owns the delivery by now
    stand       return what the delivery becomes, given what each of them has
    end         stop asking for those who are left: superseded, taken back, or reached by a person
    again       owe it anew to those who certainly do not have it

One call is one attempt of the delivery, for one recipient. So what guards every other call guards each of these: the
lease, the fence, the entry before it and after it; and a crash leaves exactly one recipient in doubt.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import and_, bindparam, insert, select, update

from broadcaster import audit, letters
from broadcaster.audit import Event
from broadcaster.channels import Letter, Outcome, Reason
from broadcaster.letter_tables import recipient as table
from broadcaster.letters import REACHED, Has, Recipient
from broadcaster.standing import ENDED, Next, Policy, State
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table

Row = Mapping[Any, Any]

_OF = select(table).where(table.c.delivery_id == bindparam("its_delivery")).order_by(table.c.number)
_ASKED = select(table).where((table.c.attempt_id == bindparam("its_attempt")) & (table.c.state == str(Has.SENDING)))
_WRITE = update(table).where(
    (table.c.delivery_id == bindparam("its_delivery")) & (table.c.number == bindparam("its_number"))
)
#: Earlier letters of the same incident to the same people: (name, state, delivery)
_EARLIER = (
    select(table.c.name, table.c.state, table.c.delivery_id)
    .join(delivery_table, delivery_table.c.id == table.c.delivery_id)
    .where(
        and_(
            delivery_table.c.object_id == bindparam("its_object"),
            delivery_table.c.number < bindparam("its_number"),
            delivery_table.c.mode == bindparam("its_mode"),
        )
    )
    .order_by(delivery_table.c.number)
)


def owe(transaction: Transaction, delivery_id: str, names: Sequence[str]) -> None:
    """Write down whom a new letter is owed to. Their names go into the log as personal data, their numbers plainly."""
    rows = [
        {
            "delivery_id": delivery_id,
            "number": number,
            "name": name,
            "state": str(Has.OWED),
            "tries": 0,
            "doubts": 0,
            "next_at": transaction.now,
            "changed_at": transaction.now,
        }
        for number, name in enumerate(names, 1)
    ]
    transaction.execute(insert(table), rows)
    for row in rows:
        private = {"recipient": str(row["name"])}
        audit.record(transaction, Event.RECIPIENT_OWED, private=private, delivery=delivery_id, recipient=row["number"])


def open_next(transaction: Transaction, row: Row) -> tuple[Recipient, Letter] | None:
    """Return for whom the next call is, or None when nobody's turn is now.

    Whoever still waits for an earlier correction, or is just being asked for with an older letter, gets that first.
    """
    earlier = _earlier(transaction, row)
    busy = {name for name, has, _ in earlier if has in (Has.OWED, Has.SENDING)}
    due = [
        one
        for one in everybody(transaction, row["id"])
        if one.has is Has.OWED and one.next_at is not None and one.next_at <= transaction.now and one.name not in busy
    ]
    if not due:
        return None
    one = min(due, key=lambda one: (one.next_at, one.number))
    theirs = (delivery_id for name, has, delivery_id in earlier if name == one.name and has in REACHED)
    refers_to = tuple(letter_id(delivery_id, one.name) for delivery_id in theirs)
    return one, Letter(one.name, letter_id(row["id"], one.name), refers_to)


def begin(transaction: Transaction, row: Row, one: Recipient, attempt_id: str) -> None:
    """Record that the call for `one` begins, in the transaction that opens its attempt."""
    values = {"state": str(Has.SENDING), "tries": one.tries + 1, "attempt_id": attempt_id, "next_at": None}
    _write(transaction, row["id"], one.number, **values)


def close(transaction: Transaction, row: Row, attempt_id: str, got: Outcome, policy: Policy, luck: float) -> None:
    """Record what a call brought back for the recipient it was for. Does nothing if that is recorded already."""
    asked = transaction.execute(_ASKED, {"its_attempt": attempt_id}).mappings().one_or_none()
    if asked is None:
        return
    one = letters.after_call(_read(asked), got, transaction.now, policy, luck)
    others = letters.others_after(everybody(transaction, row["id"]), one, got)
    _keep(transaction, row["id"], [one, *others])
    if _is_over(row):
        end(transaction, row["id"], Has.DROPPED)


def stand(transaction: Transaction, row: Row) -> Next:
    """Return what the delivery becomes. What has been superseded or taken back is no longer owed to anybody."""
    if _is_over(row):
        end(transaction, row["id"], Has.DROPPED)
    return letters.whole(State(row["state"]), row["intent"], everybody(transaction, row["id"]))


def too_late(transaction: Transaction, row: Row) -> Next | None:
    """Return what becomes of a letter whose time is over: nobody is asked for any more. None if it is not over."""
    if row["not_after"] > transaction.now or _is_over(row):
        return None
    give_up(transaction, row["id"], Reason.LATE)
    return letters.whole(State(row["state"]), row["intent"], everybody(transaction, row["id"]))


def give_up(transaction: Transaction, delivery_id: str, reason: Reason) -> None:
    """Leave everybody who has not got it to a person, for `reason`."""
    _keep(transaction, delivery_id, letters.given_up(everybody(transaction, delivery_id), reason))


def end(transaction: Transaction, delivery_id: str, has: Has) -> None:
    """Ask for nobody any more. `BY_HAND`: a person reached all that were left; `DROPPED`: those owed are left out."""
    left = (Has.OWED, Has.MISSED, Has.UNSURE) if has is Has.BY_HAND else (Has.OWED,)
    for one in everybody(transaction, delivery_id):
        if one.has in left:
            may_have_it = has is Has.DROPPED and one.doubts
            _write(transaction, delivery_id, one.number, state=str(Has.UNSURE if may_have_it else has), next_at=None)


def again(transaction: Transaction, delivery_id: str) -> int:
    """Owe it anew to those who certainly do not have it, and make the owed due now; return how many it is owed to.

    Who may have it already is not asked for again: nothing can be looked up, and nobody gets the same letter twice.
    """
    found = [one for one in everybody(transaction, delivery_id) if one.has in (Has.MISSED, Has.OWED)]
    for one in found:
        _write(transaction, delivery_id, one.number, state=str(Has.OWED), tries=0, next_at=transaction.now)
    return len(found)


def everybody(transaction: Transaction, delivery_id: str) -> list[Recipient]:
    """Return the recipients of a delivery, in the order of the settings."""
    rows = transaction.execute(_OF, {"its_delivery": delivery_id}).mappings().all()
    return [_read(row) for row in rows]


def anybody_reached(transaction: Transaction, delivery_id: str) -> bool:
    """Tell whether somebody has the letter, or may have it."""
    return any(one.has in REACHED for one in everybody(transaction, delivery_id))


def letter_id(delivery_id: str, name: str) -> str:
    """Return the id of a letter: the same for every attempt, another for each message, channel, language and person."""
    return str(uuid5(UUID(delivery_id), name))


def _is_over(row: Row) -> bool:
    """Tell whether nobody more is to get this letter."""
    return row["intent"] == "withdraw" or row["state"] in [str(state) for state in ENDED]


def _earlier(transaction: Transaction, row: Row) -> list[tuple[str, str, str]]:
    if row["number"] == 1:
        return []
    where = {"its_object": row["object_id"], "its_number": row["number"], "its_mode": row["mode"]}
    return [tuple(one) for one in transaction.execute(_EARLIER, where).all()]


def _keep(transaction: Transaction, delivery_id: str, changed: Iterable[Recipient]) -> None:
    for one in changed:
        _write(
            transaction,
            delivery_id,
            one.number,
            state=str(one.has),
            doubts=one.doubts,
            next_at=one.next_at,
            reason=None if one.reason is Reason.NONE else str(one.reason),
            remote_id=one.remote_id,
        )


def _write(transaction: Transaction, delivery_id: str, number: int, **values: Any) -> None:
    which = {"its_delivery": delivery_id, "its_number": number}
    transaction.execute(_WRITE, {**which, **values, "changed_at": transaction.now})


def _read(row: Row) -> Recipient:
    return Recipient(
        number=row["number"],
        name=row["name"],
        has=Has(row["state"]),
        tries=row["tries"],
        doubts=row["doubts"],
        next_at=row["next_at"],
        reason=Reason(row["reason"]) if row["reason"] else Reason.NONE,
        remote_id=row["remote_id"],
    )
