"""
Breaking the glass: one person alone lets approved words out when the second yes cannot be had.

It stands in for one thing that is missing, never for two, and never for the approval of the words themselves:

    expired   two people approved exactly these words, and that has just run out; whoever may send begins with them
    alone     somebody who may only propose has waited, and nobody answered; the words are as approved as for anybody

Words that were revoked, changed, or never approved are refused as always, and so is a free sentence; the worker
proves every message of it as any other. Everybody on the alarm's list is told at once, and a second person has to
look at it afterwards: the review stays open until somebody who may approve, and did not break it, says what they found.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import insert, select, update

from broadcaster import alarm, approval, audit, authority, moments, verdicts
from broadcaster.audit import Event
from broadcaster.auth import names
from broadcaster.auth.client import Client, require
from broadcaster.errors import Conflict, Forbidden, NotFound, Text
from broadcaster.glass_settings import Glass
from broadcaster.glass_table import broken_glass as table
from broadcaster.lookup import usable
from broadcaster.playbook import Snapshot
from broadcaster.request import RejectRequest, read
from broadcaster.store import Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import audit_entry
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table

Row = Mapping[str, Any]
Cause = Literal["expired", "alone"]
_MINUTE = timedelta(minutes=1)


class Why(RejectRequest):
    """On one's own, and why."""


class Found(RejectRequest):
    """What a second person found, and in which words."""

    finding: Literal["good", "not_good"]


@dataclass(frozen=True)
class Broken:
    """One message that went out on one person's decision. `reason` and `found` None: erased, or not said yet."""

    message_id: str
    ref: str
    mark: str
    mode: str
    playbook: str
    cause: Cause
    by: str
    at: datetime
    approved_until: datetime
    reason: str | None
    finding: str | None
    reviewed_by: str | None
    found: str | None


def until(transaction: Transaction, digest: str, rules: Glass) -> datetime | None:
    """Return until when one person may begin with words whose approval has run out; None: not, or not any more."""
    if usable(transaction, digest) != "expired":
        return None
    ended = approval.status(transaction, digest).expires_at
    closes = ended + timedelta(days=rules.expired_days) if ended else transaction.now
    return closes if closes > transaction.now else None


def check_expired(transaction: Transaction, digest: str, rules: Glass) -> None:
    """Raise `Conflict` unless exactly these words were approved and that has just run out."""
    state = usable(transaction, digest)
    if state == "approved":
        raise Conflict("glass-not-needed", _NOT_NEEDED)
    if state != "expired":
        raise verdicts.unapproved(state)
    if until(transaction, digest, rules) is None:
        raise Conflict("expired-too-long", _too_long(rules.expired_days))


def check_alone(transaction: Transaction, row: Row, client: Client, rules: Glass) -> None:
    """Raise unless `client` made this waiting message, of approved words only, and nobody has answered in time."""
    check_person(client)
    state = usable(transaction, row["playbook_digest"])
    if state not in ("approved", "expired"):  # expired: of an incident that goes on; a first one is asked about later
        raise verdicts.unapproved(state)
    require(client, "propose")
    if row["created_by"] != client.id:
        raise Forbidden("not-the-maker", _NOT_YOURS)
    if row["sentence"] is not None:
        raise Forbidden("sentence-needs-two", _SENTENCE)
    if (left := free_at(row["created_at"], rules) - transaction.now) > timedelta():
        raise Conflict("wait-first", _too_early(-(-left // _MINUTE)))


def free_at(created_at: datetime, rules: Glass) -> datetime:
    """Return when somebody who waits for a yes has waited long enough."""
    return created_at + timedelta(minutes=rules.wait_minutes)


def check_person(client: Client) -> None:
    """Raise `Forbidden` for a machine: it cannot answer for what it does alone, nor be asked about it afterwards."""
    if not client.person:
        raise Forbidden("person-needed", _PERSON)


def broke(
    transaction: Transaction, snapshot: Snapshot, message_id: str, cause: Cause, reason: str, client: Client
) -> None:
    """Write down that `client` alone let the message out, open its review, and have all others told at once."""
    row, incident_row = _rows(transaction, message_id)
    approved_until = approval.status(transaction, snapshot.digest).expires_at
    assert approved_until is not None, "Bug! The glass was broken for words that nobody approved"
    values = {"message_id": message_id, "incident_id": incident_row["id"], "cause": cause, "broken_by": client.id[:80]}
    transaction.execute(insert(table).values(**values, broken_at=transaction.now, approved_until=approved_until))
    audit.record(
        transaction,
        Event.GLASS_BROKEN,
        by=client.id,
        private={"reason": reason},
        message=message_id,
        incident=incident_row["id"],
        mode=incident_row["mode"],
        cause=cause,
        playbook=snapshot.id,
        playbook_digest=snapshot.digest,
        approved_until=approved_until.isoformat(),
    )
    text = _told(snapshot, incident_row, row["number"], cause, client.name, approved_until)
    alarm.raise_alarm(transaction, alarm.GLASS, text, incident_id=incident_row["id"])


def check_may_answer(transaction: Transaction, alarm_id: str, client: Client) -> None:
    """Raise `Forbidden` where `client` would silence the alarm about what they did alone themselves."""
    mine = (
        select(table.c.broken_by)
        .join(alarm_table, alarm_table.c.incident_id == table.c.incident_id)
        .where((alarm_table.c.id == alarm_id) & (alarm_table.c.kind == alarm.GLASS) & table.c.finding.is_(None))
    )
    theirs = transaction.execute(mine).scalars().all()
    if any(_is(one, client) or authority.are_one(transaction, client.id, one, transaction.now) for one in theirs):
        raise Forbidden("glass-yours", _NOT_SILENCED)


def reviews(transaction: Transaction, ref: str | None = None) -> list[Broken]:
    """Return what nobody has looked at yet, oldest first: of all incidents, or of one."""
    wanted = _select().where(table.c.finding.is_(None)).order_by(table.c.broken_at)
    if ref is not None:
        wanted = wanted.where(incident_table.c.ref == ref)
    return [_broken(transaction, dict(row)) for row in transaction.execute(wanted).mappings().all()]


def review_of(transaction: Transaction, message_id: str) -> Broken:
    """Return the one about a message, closed or not. Raises `NotFound`."""
    row = transaction.execute(_select().where(table.c.message_id == message_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("no-such-review", _NO_SUCH)
    return _broken(transaction, dict(row))


def review(transaction: Transaction, message_id: str, body: object, client: Client) -> None:
    """Close a review with what a second person found; the alarm about it ends too.

    Raises `Forbidden` for whoever broke the glass and for those who may not approve, `Conflict` if it is closed.
    """
    check_person(client)
    require(client, "approve")
    found = read(Found, body)
    one = review_of(transaction, message_id)
    if _is(one.by, client):
        raise Forbidden("own-review", _OWN)
    authority.check_other(transaction, client.id, f"user:{one.by}", one.at)
    values = {"finding": found.finding, "reviewed_by": client.id[:80], "reviewed_at": transaction.now}
    still_open = (table.c.message_id == message_id) & table.c.finding.is_(None)
    if not transaction.execute(update(table).where(still_open).values(**values)).rowcount:
        raise Conflict("reviewed", _REVIEWED)
    audit.record(
        transaction,
        Event.GLASS_REVIEWED,
        by=client.id,
        private={"found": found.reason},
        message=message_id,
        finding=found.finding,
    )
    if not reviews(transaction, one.ref):
        ringing = (
            select(alarm_table.c.id)
            .join(incident_table, incident_table.c.id == alarm_table.c.incident_id)
            .where((incident_table.c.ref == one.ref) & (alarm_table.c.kind == alarm.GLASS))
            .where(alarm_table.c.answered_at.is_(None))
        )
        for alarm_id in transaction.execute(ringing).scalars().all():
            alarm.answer(transaction, alarm_id, client.id)


def _is(maker: str, client: Client) -> bool:
    return names.tidy(maker.rpartition(":")[2]) == names.tidy(client.name)


def _rows(transaction: Transaction, message_id: str) -> tuple[Row, Row]:
    row = transaction.execute(select(message_table).where(message_table.c.id == message_id)).mappings().one()
    whose = select(incident_table).where(incident_table.c.id == row["incident_id"])
    return dict(row), dict(transaction.execute(whose).mappings().one())


def _select() -> Any:
    return (
        select(table, message_table.c.number, incident_table.c.ref, incident_table.c.mode, incident_table.c.playbook)
        .join(message_table, message_table.c.id == table.c.message_id)
        .join(incident_table, incident_table.c.id == table.c.incident_id)
    )


def _broken(transaction: Transaction, row: Row) -> Broken:
    return Broken(
        message_id=row["message_id"],
        ref=row["ref"],
        mark=f"{row['ref']}/{row['number']}",
        mode=row["mode"],
        playbook=row["playbook"],
        cause=row["cause"],
        by=row["broken_by"].partition(":")[2],
        at=row["broken_at"],
        approved_until=row["approved_until"],
        reason=_said(transaction, Event.GLASS_BROKEN, row["message_id"], "reason"),
        finding=row["finding"],
        reviewed_by=row["reviewed_by"].partition(":")[2] if row["reviewed_by"] else None,
        found=_said(transaction, Event.GLASS_REVIEWED, row["message_id"], "found") if row["finding"] else None,
    )


def _said(transaction: Transaction, event: Event, message_id: str, name: str) -> str | None:
    """Return free words as the log still has them: they can be erased there, and are kept nowhere else."""
    kept = select(audit_entry.c.entry).where(audit_entry.c.type == str(event))
    for content in transaction.execute(kept).scalars():
        entry = json.loads(bytes(content))
        if entry.get("message") == message_id:
            named = entry["private"][name]
            return audit.revealed(transaction, [named]).get(named)
    return None


def _told(
    snapshot: Snapshot,
    incident_row: Row,
    number: int,
    cause: Cause,
    who: str,
    approved_until: datetime,
) -> Text:
    zone, ref = snapshot.zone, incident_row["ref"]
    sv, en = (moments.said(approved_until, zone, language, year=True) for language in ("sv", "en"))
    why = {
        "expired": Text(f"vars godkännande gick ut {sv}", f"whose approval ran out {en}"),
        "alone": Text(f"godkända till {sv}, för ingen svarade", f"approved until {en}, as nobody answered"),
    }[cause]
    drill = incident_row["mode"] == "drill"
    return Text(
        f"{ref}, {'ÖVNING. ' if drill else ''}{who} bröt glaset och publicerade {ref}/{number} på eget beslut, "
        f"med orden i {snapshot.title.sv}, {why.sv}. Läs det som gick ut. Någon annan som får godkänna måste granska.",
        f"{ref}, {'EXERCISE. ' if drill else ''}{who} broke the glass and published {ref}/{number} on their own, in "
        f"the words of {snapshot.title.en}, {why.en}. Read what went out. Somebody else who may approve must review.",
    )


def _too_long(days: float) -> Text:
    return Text(
        f"Godkännandet gick ut för länge sedan: glaset går att bryta i {days:g} dygn. Inget har skickats. "
        "Låt två personer läsa och godkänna mallen, eller välj en godkänd mall.",
        f"The approval ran out too long ago: the glass can be broken for {days:g} days. Nothing has been sent. "
        "Have two people read and approve the playbook, or choose an approved one.",
    )


def _too_early(minutes: int) -> Text:
    return Text(
        f"Du behöver vänta på ett ja lite till (högst {minutes} min). Inget har skickats. Ring någon under tiden.",
        f"You have to wait for a yes a little longer (at most {minutes} min). Nothing has been sent. Call somebody "
        "meanwhile.",
    )


_NOT_NEEDED = Text(
    "Mallen är godkänd, så glaset behöver inte brytas. Inget har skickats. Skicka på vanligt sätt.",
    "The playbook is approved, so the glass need not be broken. Nothing has been sent. Send as usual.",
)
ONLY_FIRST = Text(
    "En händelse som pågår fortsätter med sina ord fast godkännandet har gått ut. Skicka på vanligt sätt.",
    "An incident that is under way goes on in its words although their approval has run out. Send as usual.",
)
_PERSON = Text(
    "Glaset bryts bara av en inloggad person. Inget har skickats. Gör det på desken.",
    "Only a signed-in person breaks the glass. Nothing has been sent. Do it at the desk.",
)
_NOT_YOURS = Text(
    "Bara den som har gjort beskedet kan bryta glaset för det. Inget har skickats. Säg ja om du får godkänna.",
    "Only whoever made the message can break the glass for it. Nothing has been sent. If you may approve, say yes.",
)
_SENTENCE = Text(
    "Beskedet har en egen mening, och den har ingen annan läst. Glaset går inte att bryta för den. Inget har skickats. "
    "Skicka en uppdatering utan egen mening, eller be någon säga ja per telefon.",
    "The message has a sentence of its own that nobody else has read. The glass cannot be broken for it. Nothing has "
    "been sent. Send an update without the sentence, or ask somebody for a yes by telephone.",
)
_NOT_SILENCED = Text(
    "Larmet gäller det du gjorde på eget beslut, så någon annan måste svara på det. Inget har ändrats.",
    "The alarm is about what you did on your own, so somebody else has to answer it. Nothing has been changed.",
)
_NO_SUCH = Text(
    "Glaset är inte brutet för det beskedet. Inget har ändrats. Gå till läget just nu och välj därifrån.",
    "The glass was not broken for that message. Nothing has been changed. Go to the situation now and choose there.",
)
_OWN = Text(
    "Du bröt glaset själv, så någon annan måste granska. Inget har ändrats. Be en annan godkännare läsa.",
    "You broke the glass yourself, so somebody else has to review it. Nothing has been changed. Ask another approver.",
)
_REVIEWED = Text(
    "Det är redan granskat. Inget har ändrats. Det som skrevs står på händelsens sida.",
    "It has been reviewed already. Nothing has been changed. What was written stands on the incident's page.",
)
