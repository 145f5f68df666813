"""
What was accepted, held against what the public sees. The one line that a run is read by.

    confirmed    every channel shows what it should, once, in the newest words
    unknown      a machine still has something to do when the run ends
    lost         accepted and not to be seen, and nobody was told
    doubled      seen twice
    stale        words that were replaced or taken back are still to be seen
    unexpected   seen, and nobody ever asked for it; or in the log and the database what should not be there
    recovered    calls that a dead worker left open and another settled, and answers given again from their key
    handed       deliveries that were a person's at the end, each with an alarm
    kills        webs and workers killed; database_kills: how often PostgreSQL was
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import func, select, text

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.standing import OPEN
from broadcaster.store import Store, Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import audit_entry, metadata
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import idempotency as idempotency_table
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table
from kills.load import Told

_MARK = re.compile(r"nummer ([A-ZÅÄÖ0-9]+-\d{4}-\d+/\d+)\.")
Row = Mapping[str, Any]


@dataclass
class Tally:
    """The count of one run. `faults` says what is wrong, one sentence each."""

    seed: int
    accepted: int = 0
    confirmed: int = 0
    unknown: int = 0
    lost: int = 0
    doubled: int = 0
    stale: int = 0
    unexpected: int = 0
    recovered: int = 0
    handed: int = 0
    kills: int = 0
    database_kills: int = 0
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Return the count in one line."""
        names = ("accepted", "confirmed", "unknown", "lost", "doubled", "stale", "unexpected", "recovered", "seed")
        values = asdict(self)
        return " ".join(f"{name} {values[name]}" for name in (*names, "handed", "kills", "database_kills"))

    @property
    def clean(self) -> bool:
        """Tell whether everything that was promised was kept."""
        return not self.faults and self.unknown == 0

    def fault(self, kind: str, what: str) -> None:
        """Count one broken promise and say which."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.faults.append(f"{kind}: {what}")


def count(store: Store, shown: Mapping[str, Any], told: list[Told], seed: int, kills: int) -> Tally:
    """Compare what clients were told, what the database holds and what the public sees; return the count."""
    tally = Tally(seed, kills=kills)
    with store.reading() as transaction:
        deliveries = _deliveries(transaction)
        _check_database(transaction, tally, told, store.is_postgresql)
        tally.recovered += _events(transaction, Event.DELIVERY_TAKEN_OVER)
        alarmed = set(transaction.execute(select(alarm_table.c.delivery_id)).scalars().all())
    verified = audit.verify(store)
    if not isinstance(verified, int):
        tally.fault("unexpected", f"the audit log does not verify: {verified}")
    broken: set[str] = set()
    for row in deliveries:
        if _unsettled(row, row["id"] in alarmed, tally):
            broken.add(row["message_id"])
    for check in (_posts, _objects):
        broken |= check(deliveries, shown, tally)
    accepted = {row["message_id"] for row in deliveries}
    tally.accepted, tally.confirmed = len(accepted), len(accepted - broken)
    return tally


def _deliveries(transaction: Transaction) -> list[Row]:
    """Return every delivery with its message's mark and whether that was recalled, oldest message first."""
    found = transaction.execute(
        select(delivery_table, incident_table.c.ref, message_table.c.recalled_at)
        .join_from(delivery_table, message_table)
        .join(incident_table, incident_table.c.id == delivery_table.c.incident_id)
        .order_by(incident_table.c.ref, delivery_table.c.number)
    )
    return [{**row, "mark": f"{row['ref']}/{row['number']}"} for row in found.mappings()]


def _events(transaction: Transaction, event: Event) -> int:
    these = select(func.count()).select_from(audit_entry).where(audit_entry.c.type == str(event))
    return int(transaction.execute(these).scalar_one())


def _check_database(transaction: Transaction, tally: Tally, told: list[Told], is_postgresql: bool) -> None:
    """Every 202 that anybody got is there in the same bytes, no key made two messages, and the file is sound."""
    kept = {row.key: row.answer for row in transaction.execute(select(idempotency_table))}
    messages = {row.id: row for row in transaction.execute(select(message_table))}
    for one in told:
        if one.message_id not in messages or kept.get(one.key) != one.answer:
            tally.fault("lost", f"the 202 of {one.key} ({one.path}) is not in the database")
        elif one.path.endswith("/recall") and messages[one.message_id].recalled_at is None:
            tally.fault("lost", f"the recall of {one.key} is not in the database")
    sends = sum(one.path == "/messages" for one in told)
    if len(messages) != sends:
        tally.fault("unexpected", f"{len(messages)} messages for {sends} answers")
    if is_postgresql:
        for table in metadata.sorted_tables:  # reads every row, so a page that cannot be read says so
            transaction.execute(select(table)).fetchall()
        return
    sound = transaction.execute(text("PRAGMA integrity_check")).scalars().all()
    if sound != ["ok"]:
        tally.fault("unexpected", f"the database is damaged: {sound[:3]}")


def _unsettled(row: Row, alarmed: bool, tally: Tally) -> bool:
    """Tell whether a delivery has no end yet, or its end is a person's task."""
    if row["state"] == "needs_person":
        if not alarmed:
            tally.fault("lost", f"{_name(row)} is a person's and nobody was told")
        tally.handed += 1
        return True
    if row["state"] in OPEN or row["next_attempt_at"] is not None:
        tally.fault("unknown", f"{_name(row)} is {row['state']} ({row['step']}, {row['tries']} tries)")
        return True
    return False


def _posts(deliveries: list[Row], shown: Mapping[str, Any], tally: Tally) -> set[str]:
    """Hold the page's posts against the deliveries to it; return the messages that are not as they should be."""
    posts = defaultdict(list)
    for post in shown["facebook"]["published"]:
        found = _MARK.search(post["text"])
        posts[found.group(1) if found else post["text"]].append(post["text"])
    broken: set[str] = set()
    for rows in _grouped(deliveries, "facebook").values():
        for row in rows:
            seen = posts.pop(row["mark"], [])
            if _post_fault(row, rows, seen, tally):
                broken.add(row["message_id"])
    for text_, copies in posts.items():
        tally.fault("unexpected", f"{len(copies)} posts that nobody sent: {text_[:80]}")
    return broken


def _post_fault(row: Row, rows: list[Row], seen: list[str], tally: Tally) -> bool:
    before = len(tally.faults)
    due = row["state"] == "published"
    if len(seen) > 1:
        tally.fault("doubled", f"{_name(row)} stands {len(seen)} times ({row['state']})")
    elif due and not seen:
        tally.fault("lost", f"{_name(row)} says published and is not on the page")
    elif seen and not due and row["state"] not in (*OPEN, "needs_person"):
        tally.fault("stale", f"{_name(row)} is {row['state']} and still on the page")
    elif seen and due and seen[0] != row["words"]:
        tally.fault("stale", f"{_name(row)} stands in other words than it should")
    _check_end(row, rows, tally)
    return len(tally.faults) > before


def _check_end(row: Row, rows: list[Row], tally: Tally) -> None:
    """A delivery may end unsaid only for a reason: recalled, replaced by a newer one, or nothing there to end."""
    state, newest = row["state"], row is rows[-1]
    if state in (*OPEN, "needs_person"):
        return
    if row["recalled_at"] is not None:
        if state not in ("withdrawn", "superseded", "skipped") and not (row["way"] == "upsert" and not newest):
            tally.fault("stale", f"{_name(row)} was recalled and is {state}")
    elif state == "skipped":
        if any(one["receipt"] for one in rows if one["number"] < row["number"]) or row["phase"] in ("first", "update"):
            tally.fault("lost", f"{_name(row)} was skipped although there was something to end")
    elif state != "published" and (newest or state not in ("superseded", "withdrawn")):
        tally.fault("lost", f"{_name(row)} is the newest and is {state}")


def _objects(deliveries: list[Row], shown: Mapping[str, Any], tally: Tally) -> set[str]:
    """Hold notices, articles and announcements against the newest words for each."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in (*shown["cms"], *shown["phone"]):
        found[(one["id"], one["language"])].append(one["text"])
    broken: set[str] = set()
    for key, rows in _grouped(deliveries, "1177").items():
        newest = rows[-1]
        seen = found.pop(key, [])
        if _object_fault(newest, rows, seen, tally):
            broken.add(newest["message_id"])
    for (name, language), texts in found.items():
        tally.fault("unexpected", f"{len(texts)} objects that nobody sent: {name} {language}")
    return broken


def _object_fault(newest: Row, rows: list[Row], seen: list[str], tally: Tally) -> bool:
    before = len(tally.faults)
    if len(seen) > 1:
        tally.fault("doubled", f"{_name(newest)} stands {len(seen)} times")
    elif newest["state"] == "published" and not seen:
        tally.fault("lost", f"{_name(newest)} says published and is not there")
    elif newest["state"] == "published" and seen[0] != newest["words"]:
        tally.fault("stale", f"{_name(newest)} does not stand in its own words: {_whose(seen[0], rows)}")
    elif newest["state"] in ("withdrawn", "skipped") and seen:
        tally.fault("stale", f"{_name(newest)} is {newest['state']} and this still stands: {_whose(seen[0], rows)}")
    elif newest["state"] == "superseded" and seen and seen[0] not in _left_by_recall(rows):
        tally.fault("stale", f"{_name(newest)} was never public and this stands instead: {_whose(seen[0], rows)}")
    for row in rows:
        _check_end(row, rows, tally)
    return len(tally.faults) > before


def _left_by_recall(rows: list[Row]) -> set[str]:
    """Return the words that may stand when the newest was recalled unsent: the last that were public, if not recalled.

    A later one that may have been public, and was stopped by the one that was recalled, may stand as well. Where a
    person was given one to put there, whatever was called for before it may stand until they have.
    """
    standing: set[str] = set()
    for row in rows:
        if row["state"] == "published":
            standing = {row["words"]}
        elif row["state"] == "withdrawn":
            standing = set()
        elif row["state"] in ("needs_person", "failed"):
            standing |= {one["words"] for one in rows if one["number"] <= row["number"] and one["attempts"]}
        elif row["ever_unsure"] and row["recalled_at"] is None:
            standing.add(row["words"])
    return standing


def _whose(words: str, rows: list[Row]) -> str:
    return json.dumps([row["mark"] for row in rows if row["words"] == words])


def _grouped(deliveries: list[Row], channel: str) -> dict[tuple[str, str], list[Row]]:
    """Return the deliveries to a kind of channel by the object they share, oldest first."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in deliveries:
        if row["channel"].startswith(channel):
            phone = row["channel"] == "1177_phone"
            groups[(f"{row['ref']}.{row['language']}" if phone else row["object_id"], row["language"])].append(row)
    return groups


def _name(row: Row) -> str:
    return f"{row['mark']} {row['phase']} to {row['channel']} in {row['language']}"
