"""
Freeze: what waits in the region's own scheduler while a live incident is open, and who has paused it.

A cheerful post planned last week must not go out at 08.00 in the middle of a crisis. We never change or delete it: the
words are another system's, and a mistake there would lose an editor's work. So a person pauses it, ticks it here, and
puts it back afterwards. What is seen in the scheduler to be paused or put back needs no tick. Exercises freeze nothing.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from broadcaster import alarm, audit, moments
from broadcaster.audit import Event
from broadcaster.auth.client import Client, require
from broadcaster.channels import Planned, Plans
from broadcaster.errors import Conflict, NotFound, Text
from broadcaster.planned_table import planned_post as table
from broadcaster.promises import zone_of
from broadcaster.store import Store, Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import incident as incident_table

Row: TypeAlias = Mapping[str, Any]

#: Kind of alarm: a planned post is about to go out and nobody has paused it.
KIND = "planned"
#: Somebody is alarmed so long before.
BEFORE = timedelta(minutes=30)
#: What is over is kept so long; the log keeps who did what.
KEPT = timedelta(days=30)
#: A scheduler with more than this is not read further.
POSTS_MAX = 100
#: So many are known of one scheduler at a time, whatever it answers.
KNOWN_MAX = 3 * POSTS_MAX
#: What a list that is never whole has not said anything of so long after its time is forgotten.
SILENT = timedelta(days=1)
#: So many are told one by one in an alarm, which goes out as a text message too.
TOLD_MAX = 3
_OPEN = table.c.restored_at.is_(None) & table.c.out_at.is_(None)
_LIVE = (incident_table.c.state == "open") & (incident_table.c.mode == "live")


@dataclass(frozen=True)
class PlannedView:
    """One planned post. `held_by` None: nobody ticked, it was seen. `still_there`: ticked, and yet it goes out."""

    id: str
    channel: str
    words: str
    was_at: datetime
    at: datetime | None
    held_at: datetime | None
    held_by: str | None
    still_there: bool


@dataclass(frozen=True)
class Freeze:
    """What a person has to do. `is_on`: a live incident is open. `seen_at` None: the scheduler was never read."""

    is_on: bool
    to_pause: tuple[PlannedView, ...]
    paused: tuple[PlannedView, ...]
    to_restore: tuple[PlannedView, ...]
    seen_at: datetime | None


def is_frozen(transaction: Transaction) -> bool:
    """Tell whether a live incident is open."""
    return transaction.execute(select(incident_table.c.id).where(_LIVE).limit(1)).first() is not None


def asked_aside(store: Store) -> Callable[[], Awaitable[bool]]:
    """Return that question asked in a thread of its own: no loop waits for a disk."""

    def ask() -> bool:
        with store.reading() as transaction:
            return is_frozen(transaction)

    return lambda: asyncio.to_thread(ask)


def freeze(transaction: Transaction) -> Freeze:
    """Return what has to be paused now, what is paused, and what has to be put back, the soonest first."""
    frozen, now = is_frozen(transaction), transaction.now
    rows = [dict(row) for row in transaction.execute(select(table).where(_OPEN).order_by(table.c.was_at)).mappings()]
    waiting = tuple(_view(row) for row in rows if frozen and _waits(row, now))
    held = tuple(_view(row) for row in rows if row["held_at"] and not (frozen and _waits(row, now)))
    seen_at = max((row["seen_at"] for row in rows), default=None)
    return Freeze(frozen, waiting, held if frozen else (), () if frozen else held, seen_at)


def tick(store: Store, planned_id: str, client: Client, *, restored: bool) -> None:
    """Record that `client` paused the post in its scheduler, or put it back. Once is enough; twice changes nothing.

    Raises `Forbidden` for who may not send, `NotFound` for one that is not known, and `Conflict` for putting back
    while an incident is open, or pausing what went out.
    """
    require(client, "send")
    with store.transaction() as transaction:
        found = transaction.execute(select(table).where(table.c.id == planned_id).with_for_update()).mappings().first()
        if found is None:
            raise NotFound("unknown-planned-post", _UNKNOWN)
        row = dict(found)
        if row["restored_at"] or (row["held_at"] and not restored and not _waits(row, transaction.now)):
            return
        if restored and (is_frozen(transaction) or not row["held_at"]):
            raise Conflict("still-frozen", _STILL)
        if not restored and not _waits(row, transaction.now):
            raise Conflict("planned-post-out", _OUT)
        _note(transaction, row, Event.PLAN_RESTORED if restored else Event.PLAN_PAUSED, by=client.id)
        which = "restored" if restored else "held"
        _set(transaction, row, **{f"{which}_at": transaction.now, f"{which}_by": client.id[:80], "alarmed_at": None})


def keep(transaction: Transaction, channel: str, plans: Plans) -> None:
    """Take what a scheduler holds as it was at `plans.read_at`: what is new, moved, paused, put back or gone.

    The same list may come again, and an older one of another worker; neither undoes what was seen later.
    """
    frozen = is_frozen(transaction)
    mine = select(table).where(_OPEN & (table.c.channel == channel)).with_for_update()
    known = {row["post"]: dict(row) for row in transaction.execute(mine).mappings()}
    room = KNOWN_MAX - len(known)
    listed = {one.id: one for one in plans.posts[:POSTS_MAX] if one.at > plans.read_at}
    for post in listed.values():
        row = known.get(post.id)
        if row is None and post.at > transaction.now and (room := room - 1) >= 0:
            _begin(transaction, channel, post, plans.read_at)
        elif row is not None and row["seen_at"] <= plans.read_at:
            _seen(transaction, row, post, plans.read_at, frozen)
    for row in known.values():
        is_news = row["at"] is not None and row["seen_at"] <= plans.read_at and plans.is_whole
        if row["post"] not in listed and is_news:
            _missing(transaction, row, plans.read_at, frozen)
    over = transaction.now - KEPT
    silent = _OPEN & table.c.held_at.is_(None) & (table.c.at < transaction.now - SILENT)
    transaction.execute(delete(table).where((table.c.restored_at < over) | (table.c.out_at < over) | silent))


def watch(store: Store) -> int:
    """Alarm once for each planned post that is near while nobody has paused it; return how many alarms changed."""
    with store.reading() as transaction:
        ringing, near = _ringing(transaction), _near(transaction)
    if not (ringing and not near) and all(row["alarmed_at"] for row in near):
        return 0
    with store.transaction() as transaction:
        near = _near(transaction)
        if not near:
            for alarm_id in _ringing(transaction):
                alarm.close(transaction, alarm_id, "no longer so")
        elif not all(row["alarmed_at"] for row in near):
            _alarm(transaction, near)
    return 1


def _alarm(transaction: Transaction, near: list[Row]) -> None:
    oldest = select(incident_table.c.id, incident_table.c.digest).where(_LIVE).order_by(incident_table.c.opened_at)
    row = transaction.execute(oldest).first()
    assert row is not None, "Bug! nothing is near without a live incident"
    alarm.raise_alarm(transaction, KIND, _warning(near, zone_of(transaction, row.digest)), incident_id=row.id)
    for one in near:
        _set(transaction, one, alarmed_at=transaction.now)


def _begin(transaction: Transaction, channel: str, post: Planned, read_at: datetime) -> None:
    values = {"id": str(uuid4()), "channel": channel, "post": post.id, "words": post.words, "seen_at": read_at}
    transaction.execute(insert(table).values(**values, was_at=post.at, at=post.at))


def _seen(transaction: Transaction, row: Row, post: Planned, read_at: datetime, frozen: bool) -> None:
    """Take how a post that is still in the scheduler stands."""
    now: dict[str, Any] = {"at": post.at, "words": post.words, "seen_at": read_at}
    back = post.at == row["was_at"]
    if post.at != row["at"]:
        now["alarmed_at"] = None
    if row["held_at"] is None and frozen and post.at > row["was_at"]:
        _note(transaction, row, Event.PLAN_PAUSED, seen=True)
        now["held_at"] = read_at
    elif row["held_at"] is None:
        now["was_at"] = post.at
    elif back and not frozen:
        _note(transaction, row, Event.PLAN_RESTORED, seen=True)
        now["restored_at"] = read_at
    elif back and row["held_by"] is None:  # paused, and put back while the incident goes on
        _note(transaction, row, Event.PLAN_RESTORED, seen=True)
        now["held_at"] = None
    _set(transaction, row, **now)


def _missing(transaction: Transaction, row: Row, read_at: datetime, frozen: bool) -> None:
    """Take that a post is in the scheduler no more: it went out, was paused, or an editor took it away."""
    if row["at"] <= read_at:
        _note(transaction, row, Event.PLAN_OUT)
        _set(transaction, row, out_at=row["at"], seen_at=read_at)
    elif row["held_at"] is None and not frozen:
        transaction.execute(delete(table).where(table.c.id == row["id"]))
    else:
        if row["held_at"] is None:
            _note(transaction, row, Event.PLAN_PAUSED, seen=True)
        _set(transaction, row, at=None, held_at=row["held_at"] or read_at, seen_at=read_at)


def _near(transaction: Transaction) -> list[Row]:
    """Return the posts that go out soon while a live incident is open and nobody has paused them."""
    if not is_frozen(transaction):
        return []
    soon = _OPEN & (table.c.at <= transaction.now + BEFORE)
    rows = [dict(row) for row in transaction.execute(select(table).where(soon).order_by(table.c.at)).mappings()]
    return [row for row in rows if _waits(row, transaction.now)]


def _ringing(transaction: Transaction) -> list[str]:
    ours = (alarm_table.c.kind == KIND) & alarm_table.c.answered_at.is_(None)
    return list(transaction.execute(select(alarm_table.c.id).where(ours)).scalars())


def _waits(row: Row, now: datetime) -> bool:
    """Tell whether a person has to see to it: the planner is right about what goes out, and a tick may be mistaken.

    What was moved and not ticked comes back when it is near.
    """
    if row["at"] is None or row["at"] <= now or row["restored_at"] or row["out_at"]:
        return False
    if row["held_by"]:
        return _is_still_there(row)
    return row["held_at"] is None or bool(row["at"] <= now + BEFORE)


def _is_still_there(row: Row) -> bool:
    """Tell whether somebody ticked it and the planner, read after that, lets it out when it always would have."""
    return bool(row["held_by"] and row["at"] == row["was_at"] and row["seen_at"] > row["held_at"])


def _view(row: Row) -> PlannedView:
    names = ("id", "channel", "words", "was_at", "at", "held_at", "held_by")
    return PlannedView(**{name: row[name] for name in names}, still_there=_is_still_there(row))


def _set(transaction: Transaction, row: Row, **values: object) -> None:
    transaction.execute(update(table).where(table.c.id == row["id"]).values(**values))


def _note(transaction: Transaction, row: Row, event: Event, *, by: str | None = None, seen: bool | None = None) -> None:
    """Enter it in the log with the digest of the words, which are another system's and not ours to keep."""
    digest = f"sha256:{hashlib.sha256(row['words'].encode()).hexdigest()}"
    facts = {"channel": row["channel"], "post": row["post"], "words": digest, "at": row["was_at"].isoformat()}
    audit.record(transaction, event, by=by, seen=seen, **facts)


def _warning(near: list[Row], zone: ZoneInfo) -> Text:
    def listed(language: str, more: str) -> str:
        told = [f"{moments.said(one['at'], zone, language)} ”{one['words'][:60]}”" for one in near[:TOLD_MAX]]
        return "; ".join([*told, more.format(len(near) - TOLD_MAX)] if len(near) > TOLD_MAX else told)

    sv = "Ett planerat inlägg" if len(near) == 1 else f"{len(near)} planerade inlägg"
    en = "A planned post goes" if len(near) == 1 else f"{len(near)} planned posts go"
    return Text(
        f"{sv} går ut på Facebook inom en halvtimme fast händelsen pågår: {listed('sv', 'och {} till')}. Passar det "
        "inte: pausa i Metas planerare nu, och kryssa av på tavlan.",
        f"{en} out on Facebook within half an hour although the incident goes on: {listed('en', 'and {} more')}. If "
        "that does not fit: pause in Meta's planner now, and tick it on the board.",
    )


_UNKNOWN = Text(
    "Det planerade inlägget finns inte här längre. Ladda om sidan.",
    "The planned post is not here any more. Reload the page.",
)
_STILL = Text(
    "Inget ändrades. Inlägget är inte pausat, eller en skarp händelse pågår än. Vänta med att återställa till dess "
    "den är avslutad.",
    "Nothing was changed. The post is not paused, or a live incident is still open. Wait with putting it back until "
    "that has ended.",
)
_OUT = Text(
    "Inlägget har redan gått ut, eller så är tiden inne. Inget ändrades. Titta på sidan, och ta bort det i Meta om "
    "det inte passar.",
    "The post has already gone out, or its time has come. Nothing was changed. Look at the Page, and delete it in "
    "Meta if it does not fit.",
)
