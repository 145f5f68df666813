"""
What ends by itself within half an hour although its incident is open: somebody hears of it before.

What is public in a channel has no end while the incident is open (`Post.expires_at`). Three things have one:

    waiting    a message that waits for a yes is thrown away
    expiring   attempts that did not get through stop
    fading     the open data (CAP) says until when a message may be acted on

And long before it is thrown away, the others hear that a message waits (`asked`): whoever wrote it may be alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import select

from broadcaster import moments
from broadcaster.channels.names import channel_name
from broadcaster.errors import Text
from broadcaster.standing import OPEN
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table

Row: TypeAlias = Mapping[str, Any]

ASKED, WAITING, EXPIRING, FADING = "asked", "waiting", "expiring", "fading"
#: Kind of alarm, the delivery if it is about one, and words.
Ending: TypeAlias = tuple[str, str | None, Text]

BEFORE = timedelta(minutes=30)
#: A colleague in the same room has said yes by then, and needs no alarm.
ASK_AFTER = timedelta(minutes=2)
#: Of a short life only this part is told of, so that nothing is told the moment it begins.
PART = 3


def alarms(transaction: Transaction, incident_row: Row, zone: ZoneInfo) -> list[Ending]:
    """Return everything of an open incident that is about to end by itself."""
    of_it = (
        (message_table.c.incident_id == incident_row["id"])
        & message_table.c.rejected_at.is_(None)
        & message_table.c.recalled_at.is_(None)
    )
    rows = transaction.execute(select(message_table).where(of_it)).mappings().all()
    messages = [{**row, "mark": f"{incident_row['ref']}/{row['number']}"} for row in rows]
    found = _waits(messages, transaction.now, zone) + _attempts(transaction, incident_row, zone)
    if incident_row["mode"] == "drill":  # which is in no open data
        return [(kind, its, Text(f"ÖVNING. {text.sv}", f"EXERCISE. {text.en}")) for kind, its, text in found]
    return found + _open_data(messages, transaction.now, zone)


def _waits(messages: list[dict[str, Any]], now: datetime, zone: ZoneInfo) -> list[Ending]:
    """Return the message that waits for a yes and is thrown away first: that it waits, and later that it ends."""
    waiting = [row for row in messages if row["accepted_at"] is None and row["not_after"] > now]
    soonest = min(waiting, key=lambda row: row["not_after"], default=None)
    if soonest is None or now < soonest["created_at"] + ASK_AFTER:
        return []
    if not _is_near(soonest["created_at"], soonest["not_after"], now):
        if any(row["accepted_at"] and row["number"] > soonest["number"] for row in messages):
            return []  # a newer one went out, so nobody can say yes to this any more
        return [(ASKED, None, _asked(soonest["mark"], soonest["created_at"], zone))]
    return [(WAITING, None, _waiting(soonest["mark"], soonest["not_after"], zone))]


def _attempts(transaction: Transaction, incident_row: Row, zone: ZoneInfo) -> list[Ending]:
    ending = (
        (delivery_table.c.incident_id == incident_row["id"])
        & delivery_table.c.state.in_([str(state) for state in OPEN])
        & (delivery_table.c.intent != "withdraw")
        & (delivery_table.c.not_after > transaction.now)
        & (delivery_table.c.not_after <= transaction.now + BEFORE)
    )
    rows = transaction.execute(select(delivery_table).where(ending)).mappings().all()
    near = [dict(row) for row in rows if _is_near(row["created_at"], row["not_after"], transaction.now)]
    return [(EXPIRING, row["id"], _expiring(row, zone)) for row in near]


def _open_data(messages: list[dict[str, Any]], now: datetime, zone: ZoneInfo) -> list[Ending]:
    """Return the newest message if what our own page says of it in machine-readable form runs out, or has."""
    accepted = [row for row in messages if row["accepted_at"] is not None]
    newest = max(accepted, key=lambda row: (row["accepted_at"], row["number"]), default=None)
    if newest is None or "own_web" not in newest["channels"] or "own_web" in newest["affected"]:
        return []
    begun = max(newest["accepted_at"], newest["created_at"])
    if not _is_near(begun, newest["not_after"], now):
        return []
    return [(FADING, None, _fading(newest["mark"], newest["not_after"], zone))]


def _is_near(begun: datetime, end: datetime, now: datetime) -> bool:
    return now >= end - min(BEFORE, (end - begun) / PART)


def _asked(mark: str, since: datetime, zone: ZoneInfo) -> Text:
    sv, en = (moments.said(since, zone, language) for language in ("sv", "en"))
    return Text(
        f"{mark} väntar på ett ja sedan {sv}. Ingen annan ser det än. Läs orden på tavlan och säg ja eller nej.",
        f"{mark} has waited for a yes since {en}. Nobody else sees it yet. Read the words on the board and say yes or "
        "no.",
    )


def _waiting(mark: str, end: datetime, zone: ZoneInfo) -> Text:
    sv, en = (moments.said(end, zone, language) for language in ("sv", "en"))
    return Text(
        f"{mark} väntar på ett ja och kastas {sv}. Läs orden på tavlan och säg ja eller nej, annars skickas "
        "det aldrig.",
        f"{mark} waits for a yes and is thrown away on {en}. Read the words on the board and say yes or no, or it is "
        "never sent.",
    )


def _expiring(row: Row, zone: ZoneInfo) -> Text:
    name = channel_name(row["channel"])
    sv, en = (moments.said(row["not_after"], zone, language) for language in ("sv", "en"))
    return Text(
        f"{name.sv} ({row['language']}): försöken slutar {sv}, och beskedet är fortfarande inte bekräftat. Skicka en "
        "uppdatering, så fortsätter försöken med den, eller publicera för hand.",
        f"{name.en} ({row['language']}): the attempts stop on {en}, and the message is still not confirmed. Send an "
        "update, and the attempts go on with that, or publish by hand.",
    )


def _fading(mark: str, end: datetime, zone: ZoneInfo) -> Text:
    sv, en = (moments.said(end, zone, language) for language in ("sv", "en"))
    return Text(
        f"{mark} gäller i de öppna data (CAP) till {sv}. Sedan slutar andras appar och webbplatser visa det, fast "
        "händelsen pågår. Skicka en uppdatering, också om inget är nytt, eller avsluta händelsen.",
        f"{mark} is in force in the open data (CAP) until {en}. After that other people's apps and websites stop "
        "showing it although the incident goes on. Send an update, also if nothing is new, or end the incident.",
    )
