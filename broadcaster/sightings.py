"""
What a citizen sees of what was published: looked at after a receipt or an acknowledgement, and shown on the board.

    due       the addresses whose turn it is, each given to one worker only
    record    what was seen; another look is planned until the words are there, or enough looks were in vain

A manual channel has no read-back, so this is its proof; elsewhere it shows what the read-back cannot, such as a cache
in between. Nothing waits for it. Where a stranger without an account sees no words, the read-back alone counts: a post
on Facebook, and an announcement that is heard.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select, update

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.errors import Text
from broadcaster.outside import Sight
from broadcaster.phrasing import SPOKEN
from broadcaster.standing import State
from broadcaster.store import Store
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table

#: Seconds until each next look: an editor's system shows a page after seconds, or after a quarter of an hour.
WAITS_S = (30, 60, 120, 300, 600)
#: So long a worker has for the looks it took, before another takes them.
TAKEN = timedelta(seconds=180)
AT_ONCE = 8
#: As many looks as say that nobody looks any more.
NO_MORE = len(WAITS_S) + 1
#: What was published longer ago than this is not looked at any more.
RECENT = timedelta(days=1)
#: Nor what belongs to an incident that ended so long ago, whatever is said of it since; that bounds what is read.
OVER = timedelta(days=30)
#: Ways of machines whose address shows everybody the words.
_READABLE = ("upsert", "row")


@dataclass(frozen=True)
class Look:
    """One address to look at, and the words that should stand there."""

    delivery_id: str
    url: str
    words: str
    number: int


def due(store: Store) -> list[Look]:
    """Take at most eight addresses whose turn it is. Only live ones: a drill's stand nowhere."""
    with store.reading() as transaction:  # asked every five seconds, and nearly always in vain: that keeps nobody out
        if transaction.execute(wanted(transaction.now).limit(1)).first() is None:
            return []
    with store.transaction() as transaction:
        now = transaction.now
        rows = transaction.execute(wanted(now).with_for_update(skip_locked=True)).mappings().all()
        taken = [row["id"] for row in rows]
        transaction.execute(update(delivery_table).where(delivery_table.c.id.in_(taken)).values(look_at=now + TAKEN))
        return [Look(row["id"], row["url"], row["words"], row["looks"]) for row in rows]


def wanted(now: datetime) -> Select[Any]:
    """Return the question for the deliveries to look at now, found by their incidents."""
    going_on = select(incident_table.c.id).where(
        (incident_table.c.mode == "live")
        & or_(incident_table.c.closed_at.is_(None), incident_table.c.closed_at > now - OVER)
    )
    one = delivery_table.c
    planned = or_(one.look_at <= now, one.look_at.is_(None) & (one.looks == 0))
    return (
        select(delivery_table)
        .where(
            one.incident_id.in_(going_on)
            & (one.state == str(State.PUBLISHED))
            & (one.mode == "live")
            & one.url.like("https://%")
            & (one.ended_at > now - RECENT)
            & (one.looks <= len(WAITS_S))
            & planned
            & _can_be_read()
            & ~_taken_over()
        )
        .order_by(one.ended_at, one.id)
        .limit(AT_ONCE)
    )


def _can_be_read() -> ColumnElement[bool]:
    by_hand = delivery_table.c.receipt["by"].as_string().is_not(None)
    return or_(by_hand, delivery_table.c.way.in_(_READABLE) & delivery_table.c.channel.not_in(SPOKEN))


def _taken_over() -> ColumnElement[bool]:
    """Tell of words that newer ones have replaced in the same place, where they need not stand any more."""
    newer = delivery_table.alias()
    return exists().where(
        (newer.c.incident_id == delivery_table.c.incident_id)
        & (newer.c.object_id == delivery_table.c.object_id)
        & (newer.c.number > delivery_table.c.number)
        & newer.c.receipt.is_not(None)
    )


def record(store: Store, look: Look, seen: Sight) -> None:
    """Keep what was seen, if the address is still the delivery's, and plan the next look where one is needed."""
    again = seen in (Sight.OTHER, Sight.UNREACHED) and look.number < len(WAITS_S)
    with store.transaction() as transaction:
        now = transaction.now
        values = {
            "sight": str(seen),
            "looks": look.number + 1,
            "look_at": now + timedelta(seconds=WAITS_S[look.number]) if again else None,
            **({"seen_at": now} if seen is Sight.SEEN else {}),
        }
        mine = (delivery_table.c.id == look.delivery_id) & (delivery_table.c.url == look.url)
        same = mine & (delivery_table.c.state == str(State.PUBLISHED)) & (delivery_table.c.looks == look.number)
        if transaction.execute(update(delivery_table).where(same).values(**values)).rowcount and not again:
            audit.record(
                transaction, Event.DELIVERY_LOOKED_AT, delivery=look.delivery_id, url=look.url, sight=str(seen),
                words=audit.digest_of(look.words))  # fmt: skip


def words_of(sight: str) -> Text:
    """Return what the board says of it."""
    return _WORDS[Sight(sight)]


_WORDS = {
    Sight.SEEN: Text("Sett utifrån: texten står där.", "Seen from outside: the text is there."),
    Sight.OTHER: Text(
        "Sett utifrån: sidan finns, men hela texten står inte där. Öppna den, jämför och rätta på plats.",
        "Seen from outside: the page is there, but not all of the text. Open it, compare, and correct it there.",
    ),
    Sight.UNREACHED: Text(
        "Sidan gick inte att öppna utifrån, så vi vet inte vad allmänheten ser. Öppna den själv och jämför.",
        "The page could not be opened from outside, so we do not know what the public sees. Open it and compare.",
    ),
    Sight.PRIVATE: Text(
        "Härifrån leder adressen till ett internt nät, så vi ser inte vad allmänheten ser. "
        "Kontrollera att texten syns på en öppen sida.",
        "From here the address leads to an internal network, so we do not see what the public sees. "
        "Check that the text is on an open page.",
    ),
    Sight.ELSEWHERE: Text(
        "Adressen skickar vidare till en annan webbplats, så vi har inte sett texten. Öppna den själv och jämför.",
        "The address sends on to another site, so we have not seen the text. Open it yourself and compare.",
    ),
}
