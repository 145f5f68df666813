"""
Watches over every open incident: what was promised, what is forgotten, and what is about to end by itself.

What somebody has to hear is worked out anew each time from what stands in the tables, so a service that was away over
the hour tells it when it is back. An alarm whose words no longer hold closes by itself; one with the very same words
that a person answered is not raised again.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from sqlalchemy import exists, select

from broadcaster import alarm, expiring, promises
from broadcaster.expiring import Ending
from broadcaster.store import Store, Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import incident as incident_table

Row: TypeAlias = Mapping[str, Any]

KINDS = (
    promises.NEAR,
    promises.LATE,
    promises.FORGOTTEN,
    expiring.ASKED,
    expiring.WAITING,
    expiring.EXPIRING,
    expiring.FADING,
)
_RINGS = exists().where(
    (alarm_table.c.incident_id == incident_table.c.id)
    & alarm_table.c.answered_at.is_(None)
    & alarm_table.c.kind.in_(KINDS)
)
_WATCHED = select(incident_table).where((incident_table.c.state == "open") | _RINGS).order_by(incident_table.c.id)


def watch(store: Store) -> int:
    """Raise and close what has become true or untrue since the last time; return how many alarms changed.

    Nothing is locked while nothing changes. Of several workers one does it.
    """
    with store.reading() as transaction:
        rows = [dict(row) for row in transaction.execute(_WATCHED).mappings().all()]
        changing = [row["id"] for row in rows if any(_changes(transaction, row))]
    if not changing:
        return 0
    with store.transaction() as transaction:
        theirs = _WATCHED.where(incident_table.c.id.in_(changing))
        locked = theirs.with_for_update(of=incident_table, skip_locked=True)
        return sum(_put_right(transaction, dict(row)) for row in transaction.execute(locked).mappings().all())


def _put_right(transaction: Transaction, incident_row: Row) -> int:
    untrue, new = _changes(transaction, incident_row)
    for kind, delivery_id, text in new:  # of the same kind and thing, one that rings is overtaken by it
        alarm.raise_alarm(transaction, kind, text, incident_id=incident_row["id"], delivery_id=delivery_id)
    overtaken = {(kind, delivery_id) for kind, delivery_id, _ in new}
    for alarm_id, about in untrue.items():
        if about not in overtaken:
            alarm.close(transaction, alarm_id, "no longer so")
    return len(untrue) + len(new)


def _changes(transaction: Transaction, incident_row: Row) -> tuple[dict[str, tuple[str, str | None]], list[Ending]]:
    """Return the alarms that no longer hold, each with what it is about, and what has to be told and was not."""
    calls = _calls(transaction, incident_row) if incident_row["state"] == "open" else []
    wanted = {(kind, its, text.sv, text.en) for kind, its, text in calls}
    its_alarms = (alarm_table.c.incident_id == incident_row["id"]) & alarm_table.c.kind.in_(KINDS)
    told: set[tuple[str, str | None, str, str]] = set()
    untrue: dict[str, tuple[str, str | None]] = {}
    for row in transaction.execute(select(alarm_table).where(its_alarms)).mappings():
        said = (row["kind"], row["delivery_id"], row["text"]["sv"], row["text"]["en"])
        if row["answered_at"] is None and said not in wanted:
            untrue[row["id"]] = row["kind"], row["delivery_id"]
        if not (row["answered_by"] or "").startswith(alarm.OVERTAKEN):
            told.add(said)
    return untrue, [one for one in calls if (one[0], one[1], one[2].sv, one[2].en) not in told]


def _calls(transaction: Transaction, incident_row: Row) -> list[Ending]:
    promise = promises.promise_of(transaction, incident_row)
    calls = expiring.alarms(transaction, incident_row, promises.zone_of(transaction, incident_row["digest"]))
    if promise is None:  # nothing was said yet, or nothing of it stands
        return calls
    if promise.is_forgotten(transaction.now):  # what ended meanwhile is part of that
        calls = [one for one in calls if one[0] != expiring.FADING]
    return calls + [(kind, None, text) for kind, text in promises.alarms(promise, transaction.now)]
