"""
What comes back from those who were told: a delivery report, a press on the answer page, an SMS.

Each is proved by something only the right one has: the token in an address we gave away once (128 random bits, of
which the table keeps the hash), or, for an SMS, the secret address 46elks was given, a sender's number of the roster
and the alarm's code. A sender's number can be forged, so an SMS does nothing but say "I take it".
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select, update

from broadcaster import audit
from broadcaster.alarm import OVERTAKEN, TEST, answer
from broadcaster.alarm_tables import alarm_told
from broadcaster.audit import Event
from broadcaster.auth import throttle
from broadcaster.callout import hasten, private
from broadcaster.calls import digest
from broadcaster.errors import Text
from broadcaster.roster import Roster
from broadcaster.settings import Person
from broadcaster.store import Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import incident as incident_table

#: After so long an answer link shows nothing any more.
SHOWN_AFTER_ANSWER = timedelta(hours=24)
#: 46elks repeats what we did not confirm for some hours; the same SMS must not answer tomorrow's alarm.
SAME_SMS_S = 3 * 24 * 3600.0
#: So often somebody is told that their answer was not understood: a phone that answers by itself would never end.
EXPLAIN_S = 600.0
Reply = Literal["answered", "declined", "explain", "unclear", "stranger", "repeated"]
_YES = frozenset({"ja", "j", "ok", "okej", "jag", "tar", "det", "larmet", "yes", "y", "i", "take", "it"})
_NO = frozenset({"nej", "no"})


@dataclass(frozen=True)
class LinkView:
    """What an answer link shows. `answered_by` None: it still rings."""

    alarm_id: str
    kind: str
    text: Text
    ref: str | None
    drill: bool
    raised_at: datetime
    answered_at: datetime | None
    answered_by: str | None
    overtaken: bool  # nobody took it: it does not hold any more, and what it says must not be done
    person: str


def delivered(transaction: Transaction, roster: Roster, token: str, status: str) -> bool:
    """Write down a delivery report; return False for a token that is none of ours. Repeating it changes nothing.

    `status` is 46elks' `sent`, `delivered` or `failed`. A failed one lets the next step come at once; a late
    `delivered` corrects what was missing or failed.
    """
    wanted = select(alarm_told).where(alarm_told.c.report == digest(token)).with_for_update()
    row = transaction.execute(wanted).mappings().one_or_none()
    if row is None:
        return False
    came = status == "delivered" and row["state"] not in ("delivered", "declined")
    lost = status == "failed" and row["state"] not in ("delivered", "declined", "failed")
    if not came and not lost:
        return True
    values = {
        "state": "delivered" if came else "failed",
        "error": None if came else "46elks: not delivered",
        "report_by": None,
        "changed_at": transaction.now,
    }
    transaction.execute(update(alarm_told).where(alarm_told.c.id == row["id"]).values(**values))
    event = Event.ALARM_DELIVERED if came else Event.ALARM_UNDELIVERED
    facts: dict[str, Any] = {"alarm": row["alarm_id"], "telling": row["id"], "way": row["way"]}
    audit.record(transaction, event, private=private(row["person"]), reason=None if came else "failed", **facts)
    if lost:
        hasten(transaction, roster, row["alarm_id"])
    return True


def look(transaction: Transaction, token: str) -> LinkView | None:
    """Return what the link with `token` shows, None if it is none or shows nothing any more. Changes nothing."""
    wanted = (
        select(alarm_table, alarm_told.c.person, incident_table.c.ref, incident_table.c.mode)
        .join(alarm_told, alarm_told.c.alarm_id == alarm_table.c.id)
        .outerjoin(incident_table, alarm_table.c.incident_id == incident_table.c.id)
        .where(alarm_told.c.link == digest(token))
    )
    row = transaction.execute(wanted).mappings().one_or_none()
    if row is None:
        return None
    if row["answered_at"] is not None and row["answered_at"] < transaction.now - SHOWN_AFTER_ANSWER:
        return None
    return LinkView(
        alarm_id=row["id"],
        kind=row["kind"],
        text=Text(row["text"]["sv"], row["text"]["en"]),
        ref=row["ref"],
        drill=row["mode"] == "drill",
        raised_at=row["raised_at"],
        answered_at=row["answered_at"],
        answered_by=str(row["answered_by"]).partition(":")[2] if row["answered_by"] else None,
        person=row["person"],
        overtaken=str(row["answered_by"]).startswith(OVERTAKEN),
    )


def take(transaction: Transaction, token: str) -> bool:
    """Record that whoever was given `token` takes the alarm; return False if it was taken, or the token is none."""
    found = look(transaction, token)
    return found is not None and answer(transaction, found.alarm_id, f"duty:{found.person}", "link")


def reply(transaction: Transaction, roster: Roster, sender: str, text: str, sms_id: str) -> Reply:
    """Take an SMS that came in; return what it did.

    It answers with yes and the code of an alarm its sender was told of, or yes alone where only one is open to them.
    With no, the next one's turn comes at once. Anything else does nothing but stand in the log; `explain` says that
    whoever wrote it may believe they took an alarm that still rings, and has not heard so yet.
    """
    person = roster.by_phone(sender)
    if person is None:
        return "stranger"
    if sms_id and not throttle.first_in(transaction, "alarm:reply", sms_id, SAME_SMS_S):
        return "repeated"
    words = re.findall(r"\w+", text.lower())
    codes = {word for word in words if word.isdigit()}
    said = set(words) - codes
    mine = [one for one in _open_to(transaction, person) if not codes or one["code"] in codes]
    if len(mine) != 1 or len(codes) > 1:
        return _unclear(transaction, person, open=len(mine))
    alarm_id = str(mine[0]["id"])
    if said & _NO and said <= _NO | _YES:
        return _decline(transaction, roster, person, alarm_id)
    if not (said <= _YES and (said or codes)):
        return _unclear(transaction, person, alarm=alarm_id)
    return "answered" if answer(transaction, alarm_id, f"duty:{person.name}", "sms") else "unclear"


def _open_to(transaction: Transaction, person: Person) -> list[dict[str, Any]]:
    """Return the unanswered alarms and the running test that were told to `person` by SMS."""
    wanted = (
        select(alarm_table.c.id, alarm_table.c.code)
        .join(alarm_told, alarm_told.c.alarm_id == alarm_table.c.id)
        .where((alarm_told.c.person == person.name[:120]) & (alarm_told.c.way == "sms"))
        .where(alarm_table.c.answered_at.is_(None))
        .where((alarm_table.c.kind != TEST) | alarm_table.c.next_at.is_not(None))
        .distinct()
    )
    return [dict(row) for row in transaction.execute(wanted).mappings()]


def _unclear(transaction: Transaction, person: Person, **facts: Any) -> Reply:
    audit.record(transaction, Event.ALARM_UNCLEAR, private=private(person.name), **facts)
    rings = bool(_open_to(transaction, person))
    first = rings and throttle.first_in(transaction, "alarm:explain", person.name, EXPLAIN_S)
    return "explain" if first else "unclear"


def _decline(transaction: Transaction, roster: Roster, person: Person, alarm_id: str) -> Reply:
    """Count what was told to `person` by SMS as having reached nobody who can take it."""
    told = (alarm_told.c.alarm_id == alarm_id) & (alarm_told.c.person == person.name[:120])
    values = {"state": "declined", "report_by": None, "changed_at": transaction.now}
    transaction.execute(update(alarm_told).where(told & (alarm_told.c.way == "sms")).values(**values))
    audit.record(transaction, Event.ALARM_DECLINED, private=private(person.name), alarm=alarm_id)
    hasten(transaction, roster, alarm_id)
    return "declined"
