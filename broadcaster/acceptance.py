"""
Accepting a message: the one transaction that makes it true, owed and provable at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnDefault, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from broadcaster import audit, hand_made, ledger, left_standing, letterbox, stop
from broadcaster.audit import Event
from broadcaster.beginning import beginning, hold
from broadcaster.composition import Composition
from broadcaster.kinds import INSTALLED
from broadcaster.ledger import Row
from broadcaster.order import ENDING
from broadcaster.proof import Proof
from broadcaster.settings import Settings
from broadcaster.standing import State
from broadcaster.store import Transaction
from broadcaster.tables import (
    delivery as delivery_table,
)
from broadcaster.tables import (
    incident as incident_table,
)
from broadcaster.tables import (
    message as message_table,
)
from broadcaster.tables import (
    series as series_table,
)
from broadcaster.views import instant

#: Root of our own ids, so that the same incident, channel and language give the same object on every machine.
NAMESPACE = uuid5(NAMESPACE_URL, "urn:crisis-broadcaster:object")
# People wait for what these do, and building a statement costs more than running it: they are built once.
_INCIDENT = update(incident_table).where(incident_table.c.id == bindparam("which"))
_MESSAGE = update(message_table).where(message_table.c.id == bindparam("which"))
_COUNTED = {
    name: new(series_table)
    .on_conflict_do_update(index_elements=["mode", "year"], set_={"last": series_table.c.last + 1})
    .returning(series_table.c.last)
    for name, new in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
_REVISIONS = (
    select(delivery_table.c.object_id, func.max(delivery_table.c.revision).label("highest"))
    .where(delivery_table.c.object_id.in_(bindparam("objects", expanding=True)))
    .group_by(delivery_table.c.object_id)
)


@dataclass(frozen=True)
class ByHand:
    """What people did without the service: when the message was published, and how single deliveries ended."""

    at: datetime
    ends: Mapping[tuple[str, str], Row]


def open_incident(transaction: Transaction, settings: Settings, composition: Composition, affected: list[str]) -> Row:
    """Give a new incident the next reference of its series and pin it to the approved snapshot."""
    mode = composition.fill.mode
    ref = _next_ref(transaction, settings.organisation.short, mode, settings.zone)
    row = {
        "id": str(uuid4()),
        "ref": ref,
        "mode": mode,
        "playbook": composition.snapshot.id,
        "digest": composition.snapshot.digest,
        "places": composition.snapshot.places(composition.fill.blanks),
        "affected": affected,
        "marks": 0,
        "state": "open",
        "opened_at": transaction.now,
        "closed_at": None,
    }
    transaction.execute(insert(incident_table), row)
    audit.record(
        transaction,
        Event.INCIDENT_OPENED,
        incident=row["id"],
        ref=ref,
        mode=mode,
        playbook=composition.snapshot.id,
        playbook_digest=composition.snapshot.digest,
    )
    return row


def write_message(
    transaction: Transaction,
    settings: Settings,
    incident_row: Row,
    composition: Composition,
    by: str,
    decided_by: Mapping[str, Any] | None,
) -> Row:
    """Reserve the next mark of the incident for a message; nothing of it is owed yet."""
    number = incident_row["marks"] + 1
    transaction.execute(_INCIDENT, {"which": incident_row["id"], "marks": number})
    row = {
        "id": str(uuid4()),
        "incident_id": incident_row["id"],
        "number": number,
        "phase": composition.fill.phase,
        "digest": composition.digest,
        "playbook_digest": composition.snapshot.digest,
        "blanks": dict(composition.fill.blanks),
        "channels": list(composition.channels),
        "affected": sorted(composition.fill.affected),
        "sentence": composition.fill.sentence,
        "next_update": composition.fill.next_update,
        "decided_by": decided_by,
        "created_at": transaction.now,
        "created_by": by,
        "not_after": transaction.now + timedelta(minutes=settings.delivery.not_after_minutes),
    }
    transaction.execute(insert(message_table), row)
    return _whole(message_table, row)


def accept(
    transaction: Transaction,
    settings: Settings,
    proof: Proof,
    incident_row: Row,
    message_row: Row,
    composition: Composition,
    approved_by: str | None,
    by_hand: ByHand | None = None,
    held_s: int = 0,
) -> Row:
    """Make the message true: its time is now, its deliveries are owed, and what it replaces is stopped.

    What was done `by_hand` is entered afterwards: its time has been, and those deliveries have their end already.
    Nothing leaves for `held_s` seconds, in which it can still be stopped.
    """
    minutes = settings.delivery.not_after_minutes
    accepted = {
        "accepted_at": by_hand.at if by_hand else transaction.now,
        "approved_by": approved_by,
        "not_after": transaction.now + timedelta(minutes=minutes),
    }
    transaction.execute(_MESSAGE, {"which": message_row["id"], **accepted})
    message_row = {**message_row, **accepted}
    affected = frozenset(message_row["affected"])
    audit.record(
        transaction,
        Event.MESSAGE_ACCEPTED,
        by=message_row["created_by"],
        private=_free_words(message_row),
        message=message_row["id"],
        incident=incident_row["id"],
        mark=f"{incident_row['ref']}/{message_row['number']}",
        phase=message_row["phase"],
        mode=incident_row["mode"],
        digest=message_row["digest"],
        playbook_digest=message_row["playbook_digest"],
        channels=list(composition.channels),
        affected=sorted(affected),
        held_s=held_s or None,
        next_update=instant(message_row["next_update"]),
    )
    if message_row["number"] > 1:
        covered = composition.covered
        stop.supersede(transaction, message_row, covered, proof)
        left_standing.take_down(transaction, message_row, covered)
        hand_made.give_way(transaction, message_row, covered)
    ends = by_hand.ends if by_hand else {}
    _owe(transaction, settings, proof, incident_row, message_row, composition, ends, held_s)
    values: dict[str, Any] = {"affected": sorted(affected)}
    if message_row["phase"] in ENDING:
        values |= {"state": "closed", "closed_at": transaction.now}
        audit.record(transaction, Event.INCIDENT_CLOSED, incident=incident_row["id"], ref=incident_row["ref"])
    transaction.execute(_INCIDENT, {"which": incident_row["id"], **values})
    return message_row


def _free_words(message_row: Row) -> dict[str, str]:
    decided = message_row["decided_by"]
    found = {"decided_by": f"{decided['name']}, {decided['role']}"} if decided else {}
    return found | ({"sentence": message_row["sentence"]} if message_row["sentence"] else {})


def _owe(
    transaction: Transaction,
    settings: Settings,
    proof: Proof,
    incident_row: Row,
    message_row: Row,
    composition: Composition,
    ends: Mapping[tuple[str, str], Row],
    held_s: int,
) -> None:
    stamp = proof.stamp(incident_row, message_row)
    silent = composition.silent
    made, addressed = [], {}
    for channel, language in composition.plan:
        configured = settings.channels[channel]
        kind = INSTALLED.named(configured.kind)
        way = kind.way_of(configured)
        row: dict[str, Any] = {
            "id": str(uuid4()),
            "message_id": message_row["id"],
            "incident_id": incident_row["id"],
            "number": message_row["number"],
            "phase": message_row["phase"],
            "mode": incident_row["mode"],
            "channel": channel,
            "language": language,
            "way": way,
            "intent": "publish",
            "object_id": str(uuid5(NAMESPACE, f"{incident_row['id']}/{channel}/{language}")),
            "words": composition.words(channel, language, stamp),
            "not_after": message_row["not_after"],
            "created_at": transaction.now,
        }
        if channel in silent:
            row |= {"state": str(State.AFFECTED), "ended_at": transaction.now}
        elif (channel, language) in ends:
            row |= ends[channel, language]
        else:
            whom = kind.addressed(configured, incident_row["mode"], language) if way == "letter" else ()
            if way == "letter" and not whom:  # nobody wants it in this language
                row |= {"state": str(State.SKIPPED), "ended_at": transaction.now}
            else:
                row |= beginning(transaction, configured, way, row, stamp)
            if whom:
                addressed[row["id"]] = whom
        made.append(hold(row, transaction.now, held_s) if held_s else row)
    _write_deliveries(transaction, made)
    for delivery_id, names in addressed.items():
        letterbox.owe(transaction, delivery_id, names)


def _write_deliveries(transaction: Transaction, made: list[dict[str, Any]]) -> None:
    """Write all of them in one statement: people wait for this, and each statement costs as much as its rows."""
    later = [row["object_id"] for row in made if row["number"] > 1]
    used = _revisions(transaction, later) if later else {}
    rows = [_whole(delivery_table, row | {"revision": used.get(row["object_id"], 0) + 1}) for row in made]
    if rows:
        transaction.execute(insert(delivery_table), rows)
    for row in rows:
        ledger.record_state(transaction, row)


def _whole(table: Table, row: Row) -> Row:
    """Return `row` with every column, as it is read back after an insert."""
    return {**{column.name: _default(column) for column in table.columns}, **row}


def _default(column: Column[Any]) -> Any:
    return column.default.arg if isinstance(column.default, ColumnDefault) else None


def _revisions(transaction: Transaction, object_ids: list[str]) -> dict[str, int]:
    """Return the highest revision each object ever had."""
    used = transaction.execute(_REVISIONS, {"objects": object_ids})
    return {row.object_id: row.highest for row in used}


def _next_ref(transaction: Transaction, short: str, mode: str, zone: ZoneInfo) -> str:
    """Return the next reference; the series' row is locked until the end, so no number is given twice."""
    year = transaction.now.astimezone(zone).year
    counted = _COUNTED[transaction.connection.dialect.name]
    number = transaction.execute(counted, {"mode": mode, "year": year, "last": 1}).scalar_one()
    prefix = "OVN-" if mode == "drill" else ""
    return f"{prefix}{short}-{year}-{number:04d}"
