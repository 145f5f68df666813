"""
The promise of a next message, and the incident that nobody ends.

Words of a first message, an update and a correction say when the next one comes at the latest. It stands from the
moment they were accepted until a newer message is; a message that was recalled promises nothing.

    promised     what the board says of it
    promise_of   what the newest words of an incident promise
    zone_of      by which clock its words speak
    alarms       what a person has to hear about it now
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select

from broadcaster import moments
from broadcaster.channels.names import channel_name
from broadcaster.errors import Forged, Text
from broadcaster.proof import load_snapshot
from broadcaster.store import Transaction
from broadcaster.tables import message as message_table

Row: TypeAlias = Mapping[str, Any]

#: Kinds of alarm: the promise is due soon, has passed, and nobody says anything in an open incident.
NEAR, LATE, FORGOTTEN = "promise", "late", "forgotten"
REMIND = timedelta(minutes=15)
#: Whoever promised less than this before needs no reminder.
FRESH = timedelta(minutes=20)
#: An open incident in which nothing was said for so long may have been forgotten; asked anew every such time.
QUIET = timedelta(hours=24)
#: So long a missed promise is told as one, also where the incident has been quiet for a day.
LATE_MIN = timedelta(hours=1)
#: The board counts minutes up to here; what is farther away has a clock and nothing else.
COUNTED = timedelta(hours=3)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Promise:
    """What the newest words promise. `at` is when they were made, `entered_at` when we got to know of them."""

    mark: str
    at: datetime
    entered_at: datetime
    due: datetime | None  #: None: they promise no next message, or are not what was approved
    zone: ZoneInfo
    channels: tuple[str, ...]
    drill: bool

    @property
    def last(self) -> datetime:
        """When the incident was last heard of."""
        return max(self.at, self.entered_at)

    def is_near(self, now: datetime) -> bool:
        """Tell whether it is time to make the next message ready."""
        return self.due is not None and self.due - REMIND <= now < self.due

    def is_late(self, now: datetime) -> bool:
        """Tell whether the time has come and no message."""
        return self.due is not None and self.due <= now

    def is_forgotten(self, now: datetime) -> bool:
        """Tell whether nobody seems to look after the incident any more."""
        return now >= max(self.last + QUIET, self.due + LATE_MIN if self.due else self.last)

    def said(self, now: datetime) -> Text | None:
        """Return the line of the board; None when nothing is promised and nothing is forgotten."""
        if self.due is None:
            return _still_open(self) if self.is_forgotten(now) else None
        sv, en = (_clock(self.due, now, self.zone, language) for language in ("sv", "en"))
        if self.is_late(now):
            return Text(f"Nästa besked är försenat sedan {sv}", f"The next message is late since {en}")
        left = self.due - now
        hours, minutes = divmod(-(-left // _MINUTE), 60)
        count = f" (om {hours} tim {minutes} min)", f" (in {hours} h {minutes} min)"
        count = count if hours else (f" (om {minutes} min)", f" (in {minutes} min)")
        count = count if left <= COUNTED else ("", "")
        return Text(f"Nästa besked utlovat senast {sv}{count[0]}", f"Next message promised by {en}{count[1]}")


@dataclass(frozen=True)
class PromiseView:
    """The promise as the board says it."""

    text: Text
    is_near: bool
    is_late: bool  #: or nobody has said anything for a day


def promised(transaction: Transaction, incident_row: Row) -> PromiseView | None:
    """Return what the board says of an incident's promise; None when it is closed or has nothing to say."""
    promise = promise_of(transaction, incident_row) if incident_row["state"] == "open" else None
    now = transaction.now
    said = promise.said(now) if promise else None
    if promise is None or said is None:
        return None
    return PromiseView(said, promise.is_near(now), promise.is_late(now) or promise.is_forgotten(now))


def promise_of(transaction: Transaction, incident_row: Row) -> Promise | None:
    """Return what the newest words promise that were accepted and not recalled; None if there are no such words."""
    standing = (
        (message_table.c.incident_id == incident_row["id"])
        & message_table.c.accepted_at.is_not(None)
        & message_table.c.recalled_at.is_(None)
    )
    # By the time of the words: what was published by hand at two may have been entered after the message of three.
    newest = (message_table.c.accepted_at.desc(), message_table.c.number.desc())
    row = transaction.execute(select(message_table).where(standing).order_by(*newest).limit(1)).mappings().first()
    if row is None:
        return None
    due = None
    with suppress(Forged):  # `tampering` tells of it; what was promised can no longer be known
        due = load_snapshot(transaction, row["playbook_digest"]).next_due(
            row["phase"], row["accepted_at"], row["next_update"]
        )
    zone = zone_of(transaction, row["playbook_digest"])
    channels = tuple(key for key in row["channels"] if key not in row["affected"])
    mark, drill = f"{incident_row['ref']}/{row['number']}", incident_row["mode"] == "drill"
    return Promise(mark, row["accepted_at"], row["created_at"], due, zone, channels, drill)


def zone_of(transaction: Transaction, digest: str) -> ZoneInfo:
    """Return where the clock of a snapshot's words goes; UTC where they are not what they were."""
    try:
        return load_snapshot(transaction, digest).zone
    except Forged:
        return ZoneInfo("UTC")


def alarms(promise: Promise, now: datetime) -> list[tuple[str, Text]]:
    """Return kind and words of what a person has to hear now: at most one, and the same words until it changes."""
    if promise.is_forgotten(now):
        return [(FORGOTTEN, _marked(promise, _forgotten(promise, now)))]
    if promise.is_late(now):
        return [(LATE, _marked(promise, _late(promise)))]
    if promise.is_near(now) and promise.due is not None and promise.due - promise.at >= FRESH:
        return [(NEAR, _marked(promise, _near(promise)))]
    return []


def _marked(promise: Promise, text: Text) -> Text:
    return Text(f"ÖVNING. {text.sv}", f"EXERCISE. {text.en}") if promise.drill else text


def _near(promise: Promise) -> Text:
    sv, en = _due(promise)
    return Text(
        f"Nästa besked är utlovat senast {sv}. Gör en uppdatering nu, också om inget är nytt, eller avsluta händelsen "
        f"om den är över. {_promised(promise).sv}",
        f"The next message is promised by {en}. Make an update now, also if nothing is new, or end the incident if it "
        f"is over. {_promised(promise).en}",
    )


def _late(promise: Promise) -> Text:
    sv, en = _due(promise)
    return Text(
        f"Nästa besked utlovades senast {sv} och har inte kommit. Skicka en uppdatering, också om inget är nytt, "
        f"eller avsluta händelsen. {_promised(promise).sv}",
        f"The next message was promised by {en} and has not come. Send an update, also if nothing is new, or end the "
        f"incident. {_promised(promise).en}",
    )


def _promised(promise: Promise) -> Text:
    sv, en = (", ".join(channel_name(key).in_(language) for key in promise.channels) for language in ("sv", "en"))
    return Text(f"Löftet gavs i {promise.mark}: {sv}.", f"The promise was made in {promise.mark}: {en}.")


def _forgotten(promise: Promise, now: datetime) -> Text:
    days = (now - promise.last) // QUIET
    still = _still_open(promise)
    return Text(
        f"{still.sv} ({days} dygn). Pågår den än? Skicka en uppdatering. Är den över? Öppna händelsen på tavlan och "
        "tryck på ”Det är löst”, så säger vi att läget är normalt igen, och händelsen stängs.",
        f"{still.en} ({days} {'day' if days == 1 else 'days'}). Is it still going on? Send an update. Is it over? Open "
        "the incident on the board and press “It is solved”: the all-clear goes out and the incident is closed.",
    )


def _still_open(promise: Promise) -> Text:
    sv, en = (moments.said(promise.last, promise.zone, language) for language in ("sv", "en"))
    return Text(
        f"Händelsen är fortfarande öppen, men inget besked har kommit sedan {sv}",
        f"The incident is still open, but there has been no message since {en}",
    )


def _due(promise: Promise) -> tuple[str, str]:
    assert promise.due is not None, f"Bug! {promise.mark} promises nothing"
    return moments.said(promise.due, promise.zone, "sv"), moments.said(promise.due, promise.zone, "en")


def _clock(moment: datetime, now: datetime, zone: ZoneInfo, language: str) -> str:
    """Return the clock alone where it is today's, as the words of a message say it otherwise."""
    whole = moments.said(moment, zone, language)
    if moment.astimezone(zone).date() != now.astimezone(zone).date():
        return whole
    at = " kl. " if language == "sv" else " at "
    clock = whole.rpartition(at)[2]
    return f"kl. {clock}" if language == "sv" else clock
