"""
Reading the log as people do: the newest first, what one looks for alone, each entry with what it is about.

No page reads the whole log. What an incident, a machine or a person did is found by an index; each type of entry is a
walk of its own along the index of types, merged by number; a time is searched for by halving. The entry itself is only
ever shown, never written anew: what proves something are its exact bytes (`audit`).
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, literal, select, union, union_all

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.auth import names
from broadcaster.errors import NotFound, Text
from broadcaster.log_tables import SHORT, audit_about
from broadcaster.spoken_table import spoken_yes
from broadcaster.store import Store, Transaction
from broadcaster.tables import alarm, audit_entry, delivery, incident, log_head, message, private

#: Entries to a page.
PAGE = 50
#: So many are looked through before each type is walked by itself: what is common is found at once.
NEAR = 500
#: What is fetched at a time for a download.
BATCH = 500
_SEQ = audit_entry.c.seq
_EVENTS = {str(event): event for event in Event}
_OF_DELIVERY = ("phase", "channel", "language")
_NO_ENTRY = Text(
    "Det finns ingen sådan post i loggen. Numren börjar på 0 och har inga luckor.",
    "There is no such entry in the log. The numbers start at 0 and have no gaps.",
)


@dataclass(frozen=True)
class Query:
    """What is looked for. Empty or None: all of them. `types` are those the reader may see, or fewer."""

    types: Collection[Event] = frozenset(Event)
    incident: str = ""  #: an incident's reference
    person: str = ""  #: a person's name, or a machine's
    start: datetime | None = None  #: from this instant on
    end: datetime | None = None  #: before this one


@dataclass(frozen=True)
class About:
    """What an entry is about, as far as the database still says."""

    ref: str = ""
    mark: str = ""
    phase: str = ""
    channel: str = ""
    language: str = ""
    said: Text | None = None  #: what an alarm says


@dataclass(frozen=True)
class Entry:
    """One entry. `hidden` are the values behind its HMACs by their names; None: erased."""

    seq: int
    data: bytes
    facts: Mapping[str, Any]
    hidden: Mapping[str, str | None]
    about: About

    @property
    def event(self) -> Event | None:
        """What happened; None where the entry is not what this service writes."""
        kind = self.facts.get("type")
        return _EVENTS.get(kind) if isinstance(kind, str) else None

    @property
    def at(self) -> datetime | None:
        """When it was written; None where the entry does not say so in a way that can be read."""
        return _instant(self.facts)

    @property
    def hash(self) -> str:
        """What the entry after it carries as `prev`."""
        return audit.chain(self.data)


@dataclass(frozen=True)
class Page:
    """Entries, the newest first. `older` and `newer` are what to pass on to get those beside them; None: none."""

    entries: Sequence[Entry]
    older: int | None
    newer: int | None
    size: int  #: of the whole log


@dataclass(frozen=True)
class Opened:
    """One entry and whether it fits its neighbours; None where there is none, or cannot be one."""

    entry: Entry
    fits_before: bool | None
    fits_after: bool | None


def read(transaction: Transaction, query: Query, *, before: int | None = None, after: int | None = None) -> Page:
    """Return a page of what `query` asks for: the newest, those `before` a number, or those right `after` one."""
    size = transaction.execute(select(log_head.c.size)).scalar_one_or_none() or 0
    low, high = _span(transaction, query, size)
    inner_low, inner_high = low, high
    if after is not None:
        inner_low = max(low, after + 1)
    elif before is not None:
        inner_high = min(high, before)
    found = _numbers(transaction, query, inner_low, inner_high, PAGE + 1, newest_first=after is None)
    more, shown = len(found) > PAGE, sorted(found[:PAGE], reverse=True)
    if not shown:
        return Page((), None, None, size)
    # What a page was reached from lies on its other side, so nobody has to ask for it again.
    older, newer = (more, before is not None) if after is None else (True, more)
    return Page(_entries(transaction, shown), shown[-1] if older else None, shown[0] if newer else None, size)


def open_entry(transaction: Transaction, seq: int, types: Collection[Event]) -> Opened:
    """Return one entry of `types` and whether the chain holds on both sides. Raises `NotFound`."""
    rows = dict(audit.entries(transaction, seq - 2, 3)) if 0 <= seq < 2**31 else {}
    found = _entries(transaction, [seq]) if seq in rows else []
    if not found or (found[0].event is not None and found[0].event not in types):
        raise NotFound("no-such-entry", _NO_ENTRY)
    entry, follower = found[0], rows.get(seq + 1)
    earlier = audit.chain(rows[seq - 1]) if seq - 1 in rows else "" if seq == 0 else None
    return Opened(
        entry,
        entry.facts.get("prev") == earlier,
        None if follower is None else _facts(follower).get("prev") == entry.hash,
    )


def last_at(transaction: Transaction, query: Query) -> datetime | None:
    """Return when the newest entry that fits was written; None where there is none."""
    size = transaction.execute(select(log_head.c.size)).scalar_one_or_none() or 0
    found = _entries(transaction, _numbers(transaction, query, 0, size, 1, newest_first=True))
    return found[0].at if found else None


def walk(store: Store, query: Query, most: int) -> Iterator[Entry]:
    """Yield the newest `most` of what `query` asks for, oldest first, a batch to a transaction."""
    with store.reading() as transaction:
        size = transaction.execute(select(log_head.c.size)).scalar_one_or_none() or 0
        low, high = _span(transaction, query, size)
        found = sorted(_numbers(transaction, query, low, high, most, newest_first=True))
    for first in range(0, len(found), BATCH):
        with store.reading() as transaction:
            batch = _entries(transaction, found[first : first + BATCH])
        yield from batch


def subjects_of(transaction: Transaction, ref: str) -> list[str]:
    """Return the ids of everything that belongs to an incident; an empty list where there is none of that name."""
    which = transaction.execute(select(incident.c.id).where(incident.c.ref == ref)).scalar_one_or_none()
    if which is None:
        return []
    messages = select(message.c.id).where(message.c.incident_id == which)
    others = (
        select(delivery.c.id).where(delivery.c.incident_id == which),
        select(alarm.c.id).where(alarm.c.incident_id == which),
        select(spoken_yes.c.id).where(spoken_yes.c.message_id.in_(messages)),
    )
    return [which, *transaction.execute(union_all(messages, *others)).scalars()]


def _span(transaction: Transaction, query: Query, size: int) -> tuple[int, int]:
    """Return the numbers from which and before which the time asked for lies.

    Where the clock was set back, an entry near the edge may be on the wrong side of it.
    """
    low = _first_at(transaction, query.start, size) if query.start else 0
    return low, (_first_at(transaction, query.end, size) if query.end else size)


def _first_at(transaction: Transaction, moment: datetime, size: int) -> int:
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        data = transaction.execute(select(audit_entry.c.entry).where(_SEQ.in_([middle]))).scalar_one_or_none()
        at = _instant(_facts(bytes(data))) if data is not None else None
        if at is not None and at >= moment:
            high = middle
        else:
            low = middle + 1
    return low


def _numbers(
    transaction: Transaction, query: Query, low: int, high: int, limit: int, *, newest_first: bool
) -> list[int]:
    """Return the first `limit` numbers from `low` on and below `high` that fit."""
    if low >= high or not query.types:
        return []
    wanted = [one for one in (_of_incident(transaction, query), _of_person(query)) if one is not None]
    if wanted:
        fits = [_SEQ.in_(one) for one in wanted]
        if len(query.types) < len(Event):
            fits.append(audit_entry.c.type.in_([str(event) for event in query.types]))
        found = _some(select(_SEQ).where(*fits), low, high, limit, newest_first)
    elif len(query.types) == len(Event):
        found = _some(select(_SEQ), low, high, limit, newest_first)
    else:
        types = [str(event) for event in query.types]
        start, end = (max(low, high - NEAR), high) if newest_first else (low, min(high, low + NEAR))
        near = _some(select(_SEQ).where(audit_entry.c.type.in_(types)), start, end, limit, newest_first)
        if len(quick := list(transaction.execute(near).scalars())) >= limit:
            return quick
        of_each = (select(_SEQ).where(audit_entry.c.type == one) for one in types)
        walks = [select(_some(one, low, high, limit, newest_first).subquery().c.seq) for one in of_each]
        merged = union_all(*walks).subquery()
        found = select(merged.c.seq).order_by(merged.c.seq.desc() if newest_first else merged.c.seq).limit(limit)
    return list(transaction.execute(found).scalars())


def _some(wanted: Select[tuple[int]], low: int, high: int, limit: int, newest_first: bool) -> Select[tuple[int]]:
    within = wanted.where(low <= _SEQ, high > _SEQ)
    return within.order_by(_SEQ.desc() if newest_first else _SEQ).limit(limit)


def _of_incident(transaction: Transaction, query: Query) -> Any | None:
    if not query.incident:
        return None
    ids = subjects_of(transaction, query.incident)
    return select(audit_about.c.seq).where(audit_about.c.subject.in_(ids))


def _of_person(query: Query) -> Any | None:
    """Return where a name stands: as the one who acts, as the one acted on, or as a machine's."""
    if not query.person:
        return None
    asked = query.person.strip()
    called = {asked, names.tidy(asked)} - {""}
    values = sorted(called | {f"{kind}:{name}" for kind in ("user", "duty") for name in called})
    named = select(private.c.seq).where(private.c.value.in_(values), SHORT)
    machine = select(audit_about.c.seq).where(audit_about.c.subject.in_(sorted(f"key:{name}" for name in called)))
    return union(named, machine)


def _entries(transaction: Transaction, numbers: Sequence[int]) -> list[Entry]:
    """Return these entries, in this order, with what is hidden in them and what they are about."""
    rows = transaction.execute(select(_SEQ, audit_entry.c.entry).where(_SEQ.in_(numbers))).all()
    read_ones = {row.seq: (bytes(row.entry), _facts(bytes(row.entry))) for row in rows}
    hmacs = {seq: _hmacs(facts) for seq, (_, facts) in read_ones.items()}
    values = audit.revealed(transaction, (one for of_entry in hmacs.values() for one in of_entry.values()))
    about = _about(transaction, [facts for _, facts in read_ones.values()])
    return [
        Entry(
            seq,
            *read_ones[seq],
            {name: values.get(code) for name, code in hmacs[seq].items()},
            _about_of(read_ones[seq][1], about),
        )
        for seq in numbers
        if seq in read_ones
    ]


def _about(transaction: Transaction, entries: Iterable[Mapping[str, Any]]) -> dict[str, About]:
    """Return what each id that stands in `entries` is about."""
    ids: dict[str, set[str]] = {}
    for facts in entries:
        for key in ("delivery", "message", "incident", "alarm", "asking"):
            if isinstance(facts.get(key), str):
                ids.setdefault(key, set()).add(facts[key])
    found: dict[str, About] = {}
    for key, wanted in (
        ("incident", select(incident.c.id, incident.c.ref, literal(None).label("number"))),
        ("alarm", _ALARMS),
        ("asking", _of_message(spoken_yes, spoken_yes.c.message_id)),
        ("message", _of_message(message, message.c.id)),
        ("delivery", _of_message(delivery, delivery.c.message_id, delivery.c.channel, delivery.c.language)),
    ):
        if key in ids:
            column = wanted.selected_columns[0]
            for row in transaction.execute(wanted.where(column.in_(sorted(ids[key])))).mappings():
                found[row["id"]] = _read_about(row)
    return found


_ALARMS = select(alarm.c.id, alarm.c.text, incident.c.ref, literal(None).label("number")).outerjoin(
    incident, alarm.c.incident_id == incident.c.id
)


def _of_message(table: Table, message_id: ColumnElement[str], *more: ColumnElement[str]) -> Select[Any]:
    columns = select(table.c.id, incident.c.ref, message.c.number, message.c.phase, *more)
    if table is message:
        return columns.join(incident, message.c.incident_id == incident.c.id)
    return columns.join(message, message.c.id == message_id).join(incident, message.c.incident_id == incident.c.id)


def _read_about(row: Mapping[Any, Any]) -> About:
    mark = f"{row['ref']}/{row['number']}" if row["number"] is not None else ""
    said = Text(row["text"]["sv"], row["text"]["en"]) if row.get("text") else None
    phase, channel, language = (row.get(key) or "" for key in _OF_DELIVERY)
    return About(row["ref"] or "", mark, phase, channel, language, said)


def _about_of(facts: Mapping[str, Any], about: Mapping[str, About]) -> About:
    """Return the closest thing known, or what the entry says of itself: the row may be gone, the entry is not."""
    for key in ("delivery", "message", "asking", "incident", "alarm"):
        one = facts.get(key)
        if isinstance(one, str) and one in about:
            return about[one]
    ref, mark, phase, channel, language = (str(facts.get(key) or "") for key in ("ref", "mark", *_OF_DELIVERY))
    return About(ref, mark, phase, channel, language)


def _hmacs(facts: Mapping[str, Any]) -> dict[str, str]:
    hidden = facts.get("private")
    if not isinstance(hidden, dict):
        return {}
    return {name: code for name, code in hidden.items() if isinstance(code, str)}


def _facts(data: bytes) -> dict[str, Any]:
    """Return what an entry says; nothing where it cannot be read, which is for the verifier to find."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _instant(facts: Mapping[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(facts.get("ts")))
    except ValueError:
        return None
    # At the ends of the calendar no other zone can say it, and one such line would close the whole page.
    return at if at.tzinfo is not None and 1 < at.year < 9999 else None
