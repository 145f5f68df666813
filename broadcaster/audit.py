"""
The append-only log: who did what, when, and what came back.

An entry is the exact RFC 8785 bytes of a small JSON object; those bytes are stored, exported and hashed as they are
and never made anew. `prev` is the hex SHA-256 of a zero byte and the entry before, empty in the first one (the
leaf hash of RFC 6962, so that the signed tree can be laid over the same entries).

Words stand in the log as digests. Names of people, addresses and free sentences stand there only as an HMAC under a
salt of their own; value and salt are in the table `private` and can be erased without breaking the chain.
A call to the outside has two entries: the intent, committed before it, and the outcome, after it.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import rfc8785
from sqlalchemy import insert, select, update

from broadcaster.log_tables import audit_about
from broadcaster.store import Store, Transaction
from broadcaster.tables import audit_entry, log_head
from broadcaster.tables import private as private_table

VERSION = 1
#: Fits the tile format's 16-bit length, so that the signed tree can carry every entry.
ENTRY_BYTES_MAX = 65_535
#: Entries read at a time.
PAGE = 1000
_PENDING = "audit"
_HEAD, _NEW_HEAD = select(log_head).with_for_update(), update(log_head)
_NEW_ENTRIES, _NEW_PRIVATE, _NEW_ABOUT = insert(audit_entry), insert(private_table), insert(audit_about)
#: The facts that say what an entry is about, the closest to what happened first.
_ABOUT = ("delivery", "message", "incident", "alarm", "asking")


class Event(StrEnum):
    """Everything that can stand in the log; `noun:verb`, closed."""

    LOG_OPENED = "log:opened"
    SNAPSHOT_STORED = "snapshot:stored"
    PLAYBOOK_APPROVED = "playbook:approved"
    PLAYBOOK_REVOKED = "playbook:revoked"
    PLAYBOOK_AMENDED = "playbook:amended"
    PLAYBOOK_ADOPTED = "playbook:adopted"
    PLAYBOOK_WITHDRAWN = "playbook:withdrawn"
    INCIDENT_OPENED = "incident:opened"
    INCIDENT_CLOSED = "incident:closed"
    INCIDENT_PINNED = "incident:pinned"
    INCIDENT_CHANGED = "incident:changed"
    MESSAGE_PROPOSED = "message:proposed"
    MESSAGE_ACCEPTED = "message:accepted"
    MESSAGE_APPROVED = "message:approved"
    MESSAGE_REJECTED = "message:rejected"
    YES_ASKED = "yes:asked"
    YES_SENT = "yes:sent"
    YES_GIVEN = "yes:given"
    YES_WRONG = "yes:wrong"
    MESSAGE_RECALLED = "message:recalled"
    MESSAGE_SUPERSEDED = "message:superseded"
    MESSAGE_BY_HAND = "message:by_hand"
    DELIVERY_OWED = "delivery:owed"
    DELIVERY_PUBLISHED = "delivery:published"
    DELIVERY_RETRYING = "delivery:retrying"
    DELIVERY_UNCERTAIN = "delivery:uncertain"
    DELIVERY_NEEDS_PERSON = "delivery:needs_person"
    DELIVERY_FAILED = "delivery:failed"
    DELIVERY_SKIPPED = "delivery:skipped"
    DELIVERY_AFFECTED = "delivery:affected"
    DELIVERY_SUPERSEDED = "delivery:superseded"
    DELIVERY_WITHDRAWN = "delivery:withdrawn"
    DELIVERY_EXPIRED = "delivery:expired"
    DELIVERY_ACKNOWLEDGED = "delivery:acknowledged"
    DELIVERY_RETRIED = "delivery:retried"
    DELIVERY_TAKEN_OVER = "delivery:taken_over"
    DELIVERY_FORGED = "delivery:forged"
    DELIVERY_LOOKED_AT = "delivery:looked_at"
    RECIPIENT_OWED = "recipient:owed"
    COPY_KEPT = "copy:kept"
    ATTEMPT_OPENED = "attempt:opened"
    ATTEMPT_CLOSED = "attempt:closed"
    ALARM_RAISED = "alarm:raised"
    ALARM_CALLING = "alarm:calling"
    ALARM_TOLD = "alarm:told"
    ALARM_DELIVERED = "alarm:delivered"
    ALARM_UNDELIVERED = "alarm:undelivered"
    ALARM_UNCLEAR = "alarm:unclear"
    ALARM_DECLINED = "alarm:declined"
    ALARM_ANSWERED = "alarm:answered"
    ALARM_OVERTAKEN = "alarm:overtaken"
    ALARM_THANKED = "alarm:thanked"
    ALARM_TESTED = "alarm:tested"
    GLASS_BROKEN = "glass:broken"
    GLASS_REVIEWED = "glass:reviewed"
    USER_ADDED = "user:added"
    USER_DISABLED = "user:disabled"
    USER_ROLES = "user:roles"
    USER_RESET = "user:reset"
    USER_SIGNED_IN = "user:signed_in"
    USER_SIGNED_OUT = "user:signed_out"
    USER_REFUSED = "user:refused"
    KEY_ADDED = "key:added"
    KEY_REVOKED = "key:revoked"
    AUTHORITY_READ = "authority:read"
    REQUEST_REFUSED = "request:refused"
    DRILL_BEGUN = "drill:begun"
    CLOCK_STEPPED = "clock:stepped"
    LOG_EXPORTED = "log:exported"
    PLAN_PAUSED = "plan:paused"
    PLAN_RESTORED = "plan:restored"
    PLAN_OUT = "plan:out"
    CHECKLIST_TICKED = "checklist:ticked"
    CHECKLIST_UNTICKED = "checklist:unticked"


#: As `repr` writes them, so that any value at all may be looked for.
_TYPES = frozenset(repr(str(event)) for event in Event)
#: What every entry says of itself; a fact may not take the place of one.
_RESERVED = frozenset({"v", "seq", "prev", "ts", "type", "private"})


@dataclass(frozen=True)
class _Pending:
    event: Event
    facts: Mapping[str, object]
    private: Mapping[str, str]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a log, and at which entry (None: with the log as a whole)."""

    seq: int | None
    reason: str

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.reason}" if self.seq is not None else self.reason


def record(
    transaction: Transaction,
    event: Event,
    *,
    by: str | None = None,
    private: Mapping[str, str] | None = None,
    **facts: object,
) -> None:
    """Enter `event` in the log when `transaction` commits, after all its other writes, in the order of the calls.

    `by` is the client; a person's name is kept out of the entry. Facts are JSON values; floats are refused by the
    canonical form. Nothing is entered if the transaction rolls back.
    """
    hidden = dict(private or {})
    shown = {key: value for key, value in facts.items() if value is not None}
    assert not _RESERVED & shown.keys(), f"Bug! {event} has a fact by the name of what every entry says"
    if by is not None and by.startswith(("user:", "duty:")):
        hidden["by"] = by
    elif by is not None:
        shown["by"] = by
    pending: list[_Pending] | None = transaction.notes.get(_PENDING)
    if pending is None:
        pending = transaction.notes[_PENDING] = []
        transaction.at_the_end(_write)
    pending.append(_Pending(event, shown, hidden))


def digest_of(words: str) -> str:
    """Return the digest by which the log speaks of exact words."""
    return "sha256:" + hashlib.sha256(words.encode()).hexdigest()


def chain(entry: bytes) -> str:
    """Return what the entry after `entry` carries as `prev`."""
    return hashlib.sha256(b"\x00" + entry).hexdigest()


def subjects(entry: Mapping[str, object]) -> list[str]:
    """Return by what an entry is found again: the one thing it is closest to, and the machine that asked for it."""
    about = next((entry[key] for key in _ABOUT if key in entry), None)
    return [str(one) for one in (about, entry.get("by")) if one is not None]


def entries(transaction: Transaction, after: int = -1, limit: int = 100) -> list[tuple[int, bytes]]:
    """Return at most `limit` entries whose seq is greater than `after`, in order, with their exact bytes."""
    wanted = select(audit_entry.c.seq, audit_entry.c.entry).where(audit_entry.c.seq > after)
    rows = transaction.execute(wanted.order_by(audit_entry.c.seq).limit(limit))
    return [(row.seq, bytes(row.entry)) for row in rows]


def revealed(transaction: Transaction, hmacs: Iterable[str]) -> dict[str, str]:
    """Return the values behind `hmacs` that have not been erased."""
    rows = transaction.execute(
        select(private_table.c.hmac, private_table.c.value).where(private_table.c.hmac.in_(list(hmacs)))
    )
    return {row.hmac: row.value for row in rows if row.value is not None}


def verify(store: Store) -> Fault | int:
    """Return the number of entries of a sound log in `store`, or the first fault."""
    at_end = _End()
    found = verify_entries(_all(store, at_end))
    if isinstance(found, Fault) and found.seq is not None:
        return found
    if at_end.size is None:
        return Fault(None, "the log has no head")
    if isinstance(found, Fault):
        return found if at_end.size == 0 else Fault(None, f"the head counts {at_end.size} entries, the log has none")
    if at_end.size != found:
        counted = f"the head counts {at_end.size} entries, the log has {found}"
        return Fault(None, f"{counted}: something was cut off or added")
    if at_end.head != at_end.last:
        return Fault(found - 1, "is not the entry the head names as the last")
    return found


def verify_folder(folder: Path) -> Fault | int:
    """Return the number of entries of a sound exported log, or the first fault. Needs no database and no secrets."""
    file = folder / "entries.jsonl"
    try:
        content = file.read_bytes()
    except OSError as error:
        return Fault(None, f"{file}: cannot be read: {error.strerror}")
    if not content.endswith(b"\n"):
        return Fault(None, f"{file}: the last line is not whole")
    return verify_entries(content.split(b"\n")[:-1])


def verify_entries(lines: Iterable[bytes]) -> Fault | int:
    """Return how many entries there are if each is canonical, in order and names the one before; else the fault."""
    prev, count = "", 0
    for seq, line in enumerate(lines):
        try:
            entry = json.loads(line, object_pairs_hook=_no_twins)
            canonical = rfc8785.dumps(entry)
        except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
            return Fault(seq, f"cannot be read: {error}")
        if not isinstance(entry, dict) or canonical != line:
            return Fault(seq, "is not in the canonical form it was written in")
        if repr(entry.get("v")) != repr(VERSION):
            return Fault(seq, f"is of version {entry.get('v')!r}, which this verifier does not know")
        if repr(entry.get("seq")) != repr(seq):  # in JSON, true is not 1
            return Fault(seq, f"says it is entry {entry.get('seq')!r}: one is missing, added or moved")
        if entry.get("prev") != prev:
            return Fault(seq, "does not name the entry before it: one of the two was changed")
        if repr(entry.get("type")) not in _TYPES or (seq == 0) != (entry.get("type") == Event.LOG_OPENED):
            return Fault(seq, f"is of a type that cannot stand here: {entry.get('type')!r}")
        prev, count = chain(line), seq + 1
    return count or Fault(None, "the log is empty")


def export(store: Store, folder: Path) -> int:
    """Write `entries.jsonl` into `folder`, one exact entry a line, whole or not at all; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "entries.jsonl"
    part = target.with_suffix(".part")
    count = 0
    with part.open("wb") as file:
        for entry in _all(store):
            file.write(entry + b"\n")
            count += 1
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    return count


@dataclass
class _End:
    """What the head said when the last page was read, and what the last entry comes to. `size` None: no head."""

    size: int | None = None
    head: str = ""
    last: str = ""


def _all(store: Store, at_end: _End | None = None) -> Iterator[bytes]:
    """Yield every entry, a page to a transaction: a long log must not hold back those who write to it."""
    after, last = -1, ""
    while True:
        with store.reading() as transaction:
            page = entries(transaction, after, PAGE)
            head = transaction.execute(select(log_head)).one_or_none()
        for after, entry in page:  # noqa: B007 - the last one is where the next page begins
            last = chain(entry)
            yield entry
        if len(page) < PAGE:
            break
    if at_end is not None and head is not None:
        at_end.size, at_end.head, at_end.last = head.size, head.last, last


def _write(transaction: Transaction) -> None:
    """Write what is pending behind the log's head, which is locked here and nowhere else."""
    pending: list[_Pending] = transaction.notes.pop(_PENDING)
    head = transaction.execute(_HEAD).one()
    size, last = head.size, head.last
    if size == 0:
        pending.insert(0, _Pending(Event.LOG_OPENED, {}, {}))
    rows: list[dict[str, object]] = []
    hidden: list[dict[str, object]] = []
    about: list[dict[str, object]] = []
    for item in pending:
        about += ({"subject": subject, "seq": size} for subject in subjects(item.facts))
        entry = _entry(item, size, last, transaction.now, hidden)
        rows.append({"seq": size, "type": str(item.event), "entry": entry})
        size, last = size + 1, chain(entry)
    transaction.execute(_NEW_ENTRIES, rows)
    if hidden:
        transaction.execute(_NEW_PRIVATE, hidden)
    if about:
        transaction.execute(_NEW_ABOUT, about)
    transaction.execute(_NEW_HEAD, {"size": size, "last": last})


def _entry(item: _Pending, seq: int, prev: str, now: datetime, hidden: list[dict[str, object]]) -> bytes:
    entry: dict[str, object] = {
        "v": VERSION,
        "seq": seq,
        "prev": prev,
        "ts": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "type": str(item.event),
        **item.facts,
    }
    if item.private:
        names: dict[str, str] = {}
        for name, value in item.private.items():
            salt = secrets.token_bytes(32)
            names[name] = hmac.new(salt, value.encode("utf-8", "backslashreplace"), hashlib.sha256).hexdigest()
            hidden.append({"hmac": names[name], "seq": seq, "salt": salt, "value": value})
        entry["private"] = names
    data = rfc8785.dumps(entry)  # type: ignore[arg-type]
    if len(data) > ENTRY_BYTES_MAX:
        raise ValueError(f"Bug! An audit entry of {len(data)} bytes: {item.event}")
    return data


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same name twice in one object")
    return found
