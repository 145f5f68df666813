"""
What a citizen sees of what a person published by hand: looked at after the acknowledgement, and shown on the board.

    due       the addresses whose turn it is, each given to one worker only
    record    what was seen; another look is planned until the words are there, or enough looks were in vain

A manual channel has no read-back, so this is its proof. Nothing waits for it: a person's word counts until then.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select, update

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.errors import Text
from broadcaster.outside import Sight
from broadcaster.standing import State
from broadcaster.store import Store
from broadcaster.tables import delivery as delivery_table

#: Seconds until each next look: an editor's system shows a page after seconds, or after a quarter of an hour.
WAITS_S = (30, 60, 120, 300, 600)
#: So long a worker has for the looks it took, before another takes them.
TAKEN = timedelta(seconds=180)
AT_ONCE = 8
#: What was published longer ago than this is not looked at any more.
RECENT = timedelta(days=1)


@dataclass(frozen=True)
class Look:
    """One address to look at, and the words that should stand there."""

    delivery_id: str
    url: str
    words: str
    number: int


def due(store: Store) -> list[Look]:
    """Take at most eight addresses whose turn it is. Only live ones: a drill's stand nowhere."""
    with store.transaction() as transaction:
        now = transaction.now
        wanted = (
            select(delivery_table)
            .where(
                (delivery_table.c.state == str(State.PUBLISHED))
                & (delivery_table.c.mode == "live")
                & delivery_table.c.url.like("https://%")
                & (delivery_table.c.ended_at > now - RECENT)
                & (delivery_table.c.looks <= len(WAITS_S))
                & or_(
                    delivery_table.c.look_at <= now, delivery_table.c.look_at.is_(None) & (delivery_table.c.looks == 0)
                )
            )
            .order_by(delivery_table.c.ended_at, delivery_table.c.id)
            .with_for_update(skip_locked=True)
        )
        rows = [row for row in transaction.execute(wanted).mappings() if (row["receipt"] or {}).get("by")][:AT_ONCE]
        taken = [row["id"] for row in rows]
        transaction.execute(update(delivery_table).where(delivery_table.c.id.in_(taken)).values(look_at=now + TAKEN))
        return [Look(row["id"], row["url"], row["words"], row["looks"]) for row in rows]


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
        "Adressen leder till ett inre nät, så allmänheten når den inte. Kontrollera att texten syns på en öppen sida.",
        "The address leads to an inner network, so the public cannot reach it. Check that the text is on an open page.",
    ),
    Sight.ELSEWHERE: Text(
        "Adressen skickar vidare till en annan webbplats, så vi har inte sett texten. Öppna den själv och jämför.",
        "The address sends on to another site, so we have not seen the text. Open it yourself and compare.",
    ),
}
