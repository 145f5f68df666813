"""
What ended deliveries may have left lying about at a channel that gives its own ids.

A draft whose answer was lost is invisible and recorded nowhere; where a second public copy was risked, one of the two
has to go. Both are looked for once, when the delivery has ended and nothing of it can still be under way.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from broadcaster import ledger
from broadcaster.channels import Fact, Step
from broadcaster.standing import ENDED, State
from broadcaster.store import Transaction
from broadcaster.tables import attempt as attempt_table
from broadcaster.tables import delivery as delivery_table

Row = Mapping[str, Any]

_AT_ONCE_MAX = 50
_LATE = exists().where(
    (attempt_table.c.delivery_id == delivery_table.c.id)
    & (func.coalesce(attempt_table.c.closed_at, attempt_table.c.opened_at) > bindparam("quiet_since"))
)
_UNTIDIED = (
    select(delivery_table)
    .where(
        delivery_table.c.swept_at.is_(None)
        & delivery_table.c.way.in_(["draft", "post"])
        & delivery_table.c.state.in_([str(state) for state in ENDED])
        & delivery_table.c.step.is_(None)
        & (delivery_table.c.attempts > 0)
        & ~_LATE
    )
    .order_by(delivery_table.c.created_at, delivery_table.c.id)
    .limit(_AT_ONCE_MAX)
    .with_for_update(skip_locked=True)
)


def owe(transaction: Transaction, quiet_s: float) -> int:
    """Make tidying up due behind deliveries whose last call was more than `quiet_s` ago; return how many need it."""
    count = 0
    for row in _ended(transaction, quiet_s):
        step = _step(transaction, row)
        if step is None:
            ledger.change(transaction, row, swept_at=transaction.now)
            continue
        free = {"fence": row["fence"] + 1, "lease_until": None, "lease_by": None}  # whoever held it is long dead
        ledger.change(transaction, row, **free, step=str(step), next_attempt_at=transaction.now, tries=0, deaths=0)
        count += 1
    return count


def _ended(transaction: Transaction, quiet_s: float) -> list[Row]:
    """Return what has ended, is not tidied up, and made its last call so long ago that it cannot still arrive."""
    found = transaction.execute(_UNTIDIED, {"quiet_since": transaction.now - timedelta(seconds=quiet_s)})
    return [dict(row) for row in found.mappings().all()]


def _step(transaction: Transaction, row: Row) -> Step | None:
    # A person who closes it ends the doubt for the board; nobody has looked, and it may be what people read.
    closed_in_doubt = row["state"] == State.FAILED and row["ever_unsure"]
    unpublished = row["receipt"] is None and row["unsure_since"] is None and not closed_in_doubt
    if row["way"] == "draft" and row["remote_id"] is not None and unpublished:
        return Step.WITHDRAW  # the recorded draft; whatever else there may be is swept after it
    if row["risked"]:
        return Step.SEARCH if row["receipt"] is not None and row["intent"] != "withdraw" else Step.SWEEP
    drafts = transaction.execute(
        select(attempt_table.c.fact, attempt_table.c.remote_id).where(
            (attempt_table.c.delivery_id == row["id"]) & (attempt_table.c.step == str(Step.DRAFT))
        )
    ).all()
    recorded = [one for one in drafts if one.fact == Fact.DONE and one.remote_id == row["remote_id"]]
    refused = [one for one in drafts if one.fact == Fact.REFUSED]
    return Step.SWEEP if len(drafts) > len(recorded) + len(refused) else None
