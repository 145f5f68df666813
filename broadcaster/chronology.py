"""
What the store and the log know of when an incident's moments were. Reads only, but for the one entry of `begin`.

What the times count from is the best moment that is really known, and the score says which:

    begun       the press that began a prepared exercise; it stands in the log
    signed_in   the last sign-in of whoever made the first message, if it was at most half an hour before it
    form        when the form was opened, which the browser carried and the message keeps if a decision was named
    press       nothing else is known: the first press itself
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.auth.client import Client, require
from broadcaster.errors import NotFound
from broadcaster.proof import load_snapshot
from broadcaster.score import Beginning, Facts, Reached, Said
from broadcaster.store import Store, Transaction
from broadcaster.tables import audit_entry
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table
from broadcaster.tables import private as private_table
from broadcaster.verdicts import NO_SUCH_INCIDENT

#: Somebody who signed in longer ago than this did something else first.
SIGNED_IN_MAX = timedelta(minutes=30)
#: Somebody who began a prepared exercise longer ago than this and has sent nothing has left it.
BEGUN_MAX = timedelta(minutes=60)
#: Entries of one person and kind that are looked through, newest first.
LOOKED_THROUGH = 2000


def begin(store: Store, client: Client, scenario: str, playbook: str) -> None:
    """Enter in the log that `client` begins a prepared exercise now. Raises `Forbidden` if they may send nothing."""
    if "propose" not in client.scopes:
        require(client, "send")
    with store.transaction() as transaction:
        audit.record(transaction, Event.DRILL_BEGUN, by=client.id, scenario=scenario, playbook=playbook)


def facts_of(store: Store, ref: str) -> Facts:
    """Return what is known of one incident. Raises `NotFound`."""
    with store.reading() as transaction:
        row = transaction.execute(select(incident_table).where(incident_table.c.ref == ref)).mappings().one_or_none()
        found = _facts(transaction, dict(row)) if row is not None else None
    if found is None:
        raise NotFound("no-such-incident", NO_SUCH_INCIDENT)
    return found


def newest(store: Store, mode: str, limit: int) -> list[Facts]:
    """Return what is known of the newest incidents of a mode, newest first."""
    wanted = select(incident_table).where(incident_table.c.mode == mode)
    with store.reading() as transaction:
        return _all(transaction, wanted.order_by(incident_table.c.opened_at.desc()).limit(limit))


def earlier(store: Store, facts: Facts, limit: int) -> list[Facts]:
    """Return the same person's exercises of the same playbook before this one, newest first."""
    first = message_table.alias()
    wanted = (
        select(incident_table)
        .join(first, (first.c.incident_id == incident_table.c.id) & (first.c.number == 1))
        .where(incident_table.c.mode == "drill", incident_table.c.playbook == facts.playbook)
        .where(first.c.created_by == facts.by, incident_table.c.opened_at < facts.opened_at)
        .order_by(incident_table.c.opened_at.desc())
        .limit(limit)
    )
    with store.reading() as transaction:
        return _all(transaction, wanted)


def _all(transaction: Transaction, wanted: Any) -> list[Facts]:
    rows = transaction.execute(wanted).mappings().all()
    found = (_facts(transaction, dict(row)) for row in rows)
    return [one for one in found if one is not None]


def _facts(transaction: Transaction, incident: dict[str, Any]) -> Facts | None:
    messages = _messages(transaction, incident["id"])
    if not messages:
        return None
    first = messages[0]
    beginning, began_at, scenario = _began(transaction, incident, first)
    until = incident["closed_at"] or transaction.now
    return Facts(
        ref=incident["ref"],
        mode=incident["mode"],
        playbook=incident["playbook"],
        title=load_snapshot(transaction, incident["digest"]).title,
        by=first["created_by"],
        opened_at=incident["opened_at"],
        closed_at=incident["closed_at"],
        beginning=beginning,
        began_at=began_at,
        scenario=scenario,
        said=tuple(_said(incident["ref"], one) for one in messages),
        reached=_reached(transaction, first["id"]),
        refused=_count(transaction, Event.REQUEST_REFUSED, first["created_by"], began_at, until),
        wrong_codes=_wrong_codes(transaction, [one["id"] for one in messages]),
    )


def _messages(transaction: Transaction, incident_id: str) -> Sequence[Any]:
    wanted = select(message_table).where(message_table.c.incident_id == incident_id).order_by(message_table.c.number)
    return transaction.execute(wanted).mappings().all()


def _said(ref: str, row: Any) -> Said:
    mark = f"{ref}/{row['number']}"
    accepted, recalled, rejected = row["accepted_at"], row["recalled_at"], row["rejected_at"]
    return Said(mark, row["phase"], row["created_at"], accepted, recalled, rejected)


def _reached(transaction: Transaction, message_id: str) -> tuple[Reached, ...]:
    wanted = select(delivery_table).where(delivery_table.c.message_id == message_id)
    found = []
    for row in transaction.execute(wanted.order_by(delivery_table.c.channel, delivery_table.c.language)).mappings():
        receipt = row["receipt"] or {}
        at = datetime.fromisoformat(receipt["at"]) if receipt else None
        found.append(Reached(row["channel"], row["language"], at, bool(receipt.get("by")), row["state"]))
    return tuple(found)


def _began(
    transaction: Transaction, incident: dict[str, Any], first: Any
) -> tuple[Beginning, datetime, str | None]:
    made, by = first["created_at"], first["created_by"]
    if first["accepted_at"] is not None and first["accepted_at"] < made:  # entered after people had published it
        return "press", first["accepted_at"], None
    begun = _begun(transaction, incident, by) if incident["mode"] == "drill" else None
    if begun is not None:
        return "begun", begun[0], begun[1]
    signed_in = next(_entries(transaction, Event.USER_SIGNED_IN, by, made), None)
    if signed_in is not None and made - signed_in[0] <= SIGNED_IN_MAX:
        return "signed_in", signed_in[0], None
    opened = (first["decided_by"] or {}).get("at")
    at = datetime.fromisoformat(opened) if opened else made
    if at.tzinfo is not None and timedelta() < made - at <= SIGNED_IN_MAX:
        return "form", at, None
    return "press", made, None


def _begun(transaction: Transaction, incident: dict[str, Any], by: str) -> tuple[datetime, str] | None:
    """Return when a prepared exercise was begun that became this incident, and which; None: it was none."""
    opened = incident["opened_at"]
    for at, entry in _entries(transaction, Event.DRILL_BEGUN, by, opened):
        if opened - at > BEGUN_MAX or entry["playbook"] != incident["playbook"]:
            return None
        between = (
            select(incident_table.c.id)
            .where(incident_table.c.mode == "drill", incident_table.c.playbook == incident["playbook"])
            .where(incident_table.c.opened_at >= at, incident_table.c.opened_at < opened)
            .where(
                incident_table.c.id.in_(
                    select(message_table.c.incident_id).where(
                        (message_table.c.number == 1) & (message_table.c.created_by == by)
                    )
                )
            )
        )
        return None if transaction.execute(between).first() else (at, str(entry["scenario"]))
    return None


def _entries(
    transaction: Transaction, event: Event, by: str, until: datetime
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Yield a person's entries of a kind up to a moment, newest first. A name that was erased is nobody's."""
    wanted = (
        select(audit_entry.c.entry)
        .join(private_table, private_table.c.seq == audit_entry.c.seq)
        .where(audit_entry.c.type == str(event), private_table.c.value == by)
        .order_by(audit_entry.c.seq.desc())
        .limit(LOOKED_THROUGH)
    )
    for row in transaction.execute(wanted):
        entry = json.loads(row.entry)
        at = datetime.fromisoformat(entry["ts"])
        if at <= until:
            yield at, entry


def _count(transaction: Transaction, event: Event, by: str, after: datetime, until: datetime) -> int:
    count = 0
    for at, _entry in _entries(transaction, event, by, until):
        if at < after:
            break
        count += 1
    return count


def _wrong_codes(transaction: Transaction, messages: Sequence[str]) -> int:
    wanted = select(audit_entry.c.entry).where(audit_entry.c.type == str(Event.YES_WRONG))
    rows = transaction.execute(wanted.order_by(audit_entry.c.seq.desc()).limit(LOOKED_THROUGH))
    return sum(json.loads(row.entry).get("message") in messages for row in rows)
