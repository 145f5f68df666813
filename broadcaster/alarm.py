"""
Telling a named person, until somebody answers.

An alarm is raised in the transaction that found the trouble, so it cannot be lost. A worker tells it until somebody
answers: everybody by e-mail and webhook, again and again (`repeat_s`), or, where there is a duty roster or SMS, one
step after the other (`callout`). Telling is outside every transaction.
"""

import base64
import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Literal
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import httpx
from sqlalchemy import insert, select, update

from broadcaster import audit
from broadcaster.alarm_tables import alarm_told
from broadcaster.audit import Event
from broadcaster.channels import Reason
from broadcaster.channels.names import channel_name
from broadcaster.elks import Elks
from broadcaster.errors import Text
from broadcaster.roster import Roster
from broadcaster.settings import Alarm as AlarmSettings
from broadcaster.standing import ENDED
from broadcaster.store import Store, Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table
from broadcaster.unconfirmed import meaning

#: When telling itself failed, try again sooner than the ordinary repeat.
FAILED_AGAIN_S = 30
#: A mail server that says nothing for so long is left for the next round.
TELL_TIMEOUT_S = 10
TELL_AT_ONCE_MAX = 20
#: A test of the alarm itself; it goes its own way (`weekly`).
TEST = "test"
#: One person alone let words out (`glass`): everybody is told at once, whoever is on duty.
GLASS = "glass"
#: Somebody changed who may do what (`authority`): everybody is told, and only once; a notice stands at the desk.
AUTHORITY = "authority"
#: Alarms that were told together with one that was answered at the desk ring by themselves, but not while that person
#: is still reading the board.
FREED_AFTER = timedelta(minutes=2)
How = Literal["board", "link", "sms"]
#: `answered_by` of an alarm that nobody took and that no longer holds; what overtook it follows.
OVERTAKEN = "overtaken:"
#: What is said of a delivery whose confirmation comes at last is no longer true; that something stands there is.
UNTIL_CONFIRMED = ("delivery", "reminder")


@dataclass(frozen=True)
class Telling:
    """One alarm to be told at `at`. `times` counts this telling too."""

    id: str
    kind: str
    text: Text
    raised_at: datetime
    times: int
    ref: str | None
    at: datetime


class _Unsafe(Exception):
    """Telling it this way would give a secret away; the words say why."""


def raise_for_delivery(transaction: Transaction, row: Mapping[str, Any], reason: Reason) -> None:
    """Tell a person that this delivery needs attention, unless they are being told the very same already."""
    ref = transaction.execute(
        select(incident_table.c.ref).where(incident_table.c.id == row["incident_id"])
    ).scalar_one()
    name, why = channel_name(row["channel"]), meaning(row, reason)
    sv, en = why.sv.removeprefix(f"{name.sv}: "), why.en.removeprefix(f"{name.en}: ")
    open_news = row["intent"] == "publish" and row["state"] not in [str(state) for state in ENDED]
    what = Text("beskedet är inte bekräftat. ", "the message is not confirmed. ") if open_news else Text("", "")
    text = Text(
        f"{ref}, {name.sv} ({row['language']}): {what.sv}{sv[:1].upper()}{sv[1:]}",
        f"{ref}, {name.en} ({row['language']}): {what.en}{en[:1].upper()}{en[1:]}",
    )
    raise_alarm(transaction, "delivery", text, incident_id=row["incident_id"], delivery_id=row["id"])
    transaction.execute(
        update(delivery_table).where(delivery_table.c.id == row["id"]).values(alarmed_at=transaction.now)
    )


def raise_alarm(
    transaction: Transaction, kind: str, text: Text, *, incident_id: str | None = None, delivery_id: str | None = None
) -> None:
    """Raise an alarm that is told from now on, unless the same one is unanswered.

    One of the same kind and about the same thing that says something else is overtaken by this one.
    """
    same = (
        (alarm_table.c.kind == kind)
        & (alarm_table.c.delivery_id == delivery_id if delivery_id else alarm_table.c.delivery_id.is_(None))
        & (alarm_table.c.incident_id == incident_id if incident_id else alarm_table.c.incident_id.is_(None))
        & alarm_table.c.answered_at.is_(None)
    )
    older = transaction.execute(select(alarm_table.c.id, alarm_table.c.text).where(same)).all()
    if any(one.text == {"sv": text.sv, "en": text.en} for one in older):
        return
    alarm_id = str(uuid4())
    transaction.execute(
        insert(alarm_table).values(
            id=alarm_id,
            incident_id=incident_id,
            delivery_id=delivery_id,
            kind=kind,
            text={"sv": text.sv, "en": text.en},
            raised_at=transaction.now,
            next_at=transaction.now,
            times=0,
        )
    )
    audit.record(transaction, Event.ALARM_RAISED, alarm=alarm_id, kind=kind, delivery=delivery_id, incident=incident_id)
    for one in older:
        close(transaction, one.id, "newer alarm", alarm_id)


def overtake(transaction: Transaction, delivery_id: str, cause: str, kinds: Sequence[str] = ()) -> None:
    """Stop telling what is no longer true of a delivery, because of `cause`: nobody is to act on it, nor is thanked.

    Call it before the alarm about what is true now is raised. `kinds` empty: every alarm about the delivery.
    """
    mine = (alarm_table.c.delivery_id == delivery_id) & alarm_table.c.answered_at.is_(None)
    if kinds:
        mine &= alarm_table.c.kind.in_(kinds)
    for alarm_id in transaction.execute(select(alarm_table.c.id).where(mine)).scalars().all():
        close(transaction, alarm_id, cause)


def close(transaction: Transaction, alarm_id: str, cause: str, newer: str | None = None) -> None:
    """Close an unanswered alarm that `cause` overtook. What it led is told with `newer`, or by itself."""
    values: dict[str, Any] = {
        "answered_at": transaction.now,
        "answered_by": f"{OVERTAKEN}{cause}",
        "next_at": None,
        "led_by": None,
    }
    transaction.execute(update(alarm_table).where(alarm_table.c.id == alarm_id).values(**values))
    audit.record(transaction, Event.ALARM_OVERTAKEN, alarm=alarm_id, cause=cause, newer=newer)
    led = (alarm_table.c.led_by == alarm_id) & alarm_table.c.answered_at.is_(None)
    free = {"led_by": newer, "next_at": None if newer else transaction.now}
    transaction.execute(update(alarm_table).where(led).values(**free))


def answer(transaction: Transaction, alarm_id: str, by: str, how: How = "board") -> bool:
    """Record that `by` takes care of it: it is not told again. Return False if it was answered or is unknown.

    Those who were told hear who took it. What was told together with it is answered too, unless it was at the desk,
    where each stands by itself.
    """
    unanswered = (alarm_table.c.id == alarm_id) & alarm_table.c.answered_at.is_(None)
    values: dict[str, Any] = {"answered_at": transaction.now, "answered_by": by[:80], "next_at": None}
    if transaction.execute(select(alarm_told.c.id).where(alarm_told.c.alarm_id == alarm_id).limit(1)).first():
        values["thanks_at"] = transaction.now
    if transaction.execute(update(alarm_table).where(unanswered).values(**values)).rowcount != 1:
        return False
    person, client = ({"by": by}, None) if by.startswith("duty:") else ({}, by)
    audit.record(transaction, Event.ALARM_ANSWERED, by=client, private=person, alarm=alarm_id, how=how)
    led = (alarm_table.c.led_by == alarm_id) & alarm_table.c.answered_at.is_(None)
    if how == "board":
        values = {"led_by": None, "next_at": transaction.now + FREED_AFTER}
        transaction.execute(update(alarm_table).where(led).values(**values))
        return True
    for other in transaction.execute(select(alarm_table.c.id).where(led)).scalars().all():
        answer(transaction, other, by, how)
    return True


class Bell:
    """The ways to tell people: e-mail to those with an address, one webhook, and SMS where there is a roster."""

    def __init__(
        self,
        settings: AlarmSettings,
        *,
        smtp_password: str | None,
        webhook_secret: str | None,
        board_url: str,
        roster: Roster | None = None,
        elks: Elks | None = None,
    ) -> None:
        self.settings, self.board_url, self.roster, self.elks = settings, board_url, roster, elks
        self._smtp_password, self._webhook_secret = smtp_password, webhook_secret

    @property
    def ways(self) -> tuple[str, ...]:
        """Return the ways that are set up: `email`, `webhook`."""
        mail = self.settings.smtp and self.settings.sender and any(p.email for p in self.settings.people)
        return tuple(way for way, on in (("email", mail), ("webhook", self.settings.webhook)) if on)

    def tell(self, telling: Telling) -> list[str]:
        """Tell it in every way that is set up; return one line for each way that failed, never a secret."""
        failures: list[str] = []
        for way in self.ways:
            try:
                (self._mail if way == "email" else self._post)(telling)
            except Exception as error:  # noqa: BLE001 - a way that is broken, however, must not silence the others
                failures.append(f"{way}: {why(error)}")
        return failures

    def _mail(self, telling: Telling) -> None:
        again = f" (påminnelse/reminder {telling.times - 1})" if telling.times > 1 else ""
        address = f"{self.board_url}/incidents/{telling.ref}" if telling.ref else self.board_url
        self.send_mail(
            [person.email for person in self.settings.people if person.email],
            "PROV av krislarmet / TEST of the crisis alarm"
            if telling.kind == TEST
            else f"Krisutskick: {telling.ref or 'tjänsten (the service)'} behöver dig / needs you{again}",
            f"{telling.text.sv}\n\nSvara på tavlan, så slutar påminnelserna: {address}\n\n"
            f"{telling.text.en}\n\nAnswer on the board to stop the reminders: {address}\n",
            f"{telling.id}.{telling.times}",
        )

    def send_mail(self, to: Sequence[str], subject: str, words: str, name: str) -> None:
        """Send one letter; `name` is the first half of its Message-ID. Raises whatever stands in the way."""
        target = urlsplit(self.settings.smtp or "")
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, self.settings.sender, ", ".join(to)
        message["Message-ID"] = f"<{name}@{urlsplit(self.board_url).hostname}>"
        message.set_content(words)
        if target.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                target.hostname or "", target.port or 465, timeout=TELL_TIMEOUT_S, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(target.hostname or "", target.port or 587, timeout=TELL_TIMEOUT_S)
        with server:
            server.ehlo()
            secure = target.scheme == "smtps" or target.hostname in ("localhost", "127.0.0.1", "::1")
            if not secure and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                secure = True
            if target.username:
                if not secure:
                    raise _Unsafe("the mail server offers no encryption, so the password is not sent to it")
                server.login(unquote(target.username), self._smtp_password or "")
            server.send_message(message)

    def _post(self, telling: Telling) -> None:
        data = {
            "id": telling.id,
            "kind": telling.kind,
            "incident": telling.ref,
            "times": telling.times,
            "text": {"sv": telling.text.sv, "en": telling.text.en},
            "people": [{"name": p.name, "phone": p.phone} for p in self.settings.people],
            "url": self.board_url,
        }
        self.post("alarm.raised", data, f"{telling.id}.{telling.times}", telling.raised_at, telling.at)

    def post(self, kind: str, data: Mapping[str, Any], name: str, raised_at: datetime, at: datetime) -> None:
        """Call the webhook, signed in the way of Standard Webhooks so that the receiver can tell it is ours.

        `name` is the call's own, `at` its time. Raises whatever stands in the way.
        """
        said = {"type": kind, "timestamp": raised_at.isoformat(), "data": data}
        body = json.dumps(said, ensure_ascii=False).encode()
        # The time of this telling, not of the alarm: receivers refuse what is older than some minutes as replayed.
        moment = str(int(at.timestamp()))
        headers = {"content-type": "application/json", "webhook-id": name, "webhook-timestamp": moment}
        if self._webhook_secret:
            signed = hmac.new(self._webhook_secret.encode(), f"{name}.{moment}.".encode() + body, hashlib.sha256)
            headers["webhook-signature"] = "v1," + base64.b64encode(signed.digest()).decode()
        with httpx.Client(timeout=TELL_TIMEOUT_S, trust_env=False, follow_redirects=False) as client:
            client.post(str(self.settings.webhook), content=body, headers=headers).raise_for_status()


def tell_due(store: Store, bell: Bell) -> int:
    """Tell every alarm that is due and not yet answered; return how many were told in at least one way."""
    told = 0
    for telling in _take_due(store, bell.settings.repeat_s) if bell.ways else ():
        failures = bell.tell(telling)
        with store.transaction() as transaction:
            again = transaction.now + timedelta(seconds=min(FAILED_AGAIN_S, bell.settings.repeat_s))
            values: dict[str, Any] = {"last_error": "; ".join(failures) or None}
            if len(failures) == len(bell.ways):
                values["next_at"] = again
            else:
                told += 1
            unanswered = (alarm_table.c.id == telling.id) & alarm_table.c.answered_at.is_(None)
            transaction.execute(update(alarm_table).where(unanswered).values(**values))
            audit.record(
                transaction,
                Event.ALARM_TOLD,
                alarm=telling.id,
                times=telling.times,
                failed=failures,
                ways=list(bell.ways),
            )
    return told


def _take_due(store: Store, repeat_s: float) -> list[Telling]:
    """Take what is due so that no other worker tells it too, and set when it is told again."""
    found: list[Telling] = []
    with store.transaction() as transaction:
        due = (
            select(alarm_table, incident_table.c.ref)
            .outerjoin(incident_table, alarm_table.c.incident_id == incident_table.c.id)
            .where((alarm_table.c.next_at <= transaction.now) & (alarm_table.c.kind != TEST))
            .order_by(alarm_table.c.next_at)
            .limit(TELL_AT_ONCE_MAX)
            .with_for_update(of=alarm_table, skip_locked=True)
        )
        for row in transaction.execute(due).mappings().all():
            times, again = row["times"] + 1, transaction.now + timedelta(seconds=repeat_s)
            mine, again_at = alarm_table.c.id == row["id"], None if row["kind"] == AUTHORITY else again
            transaction.execute(update(alarm_table).where(mine).values(times=times, next_at=again_at))
            text = Text(row["text"]["sv"], row["text"]["en"])
            found.append(
                Telling(row["id"], row["kind"], text, row["raised_at"], times, row["ref"], transaction.now)
            )
    return found


def why(error: Exception) -> str:
    """Return what a way of telling failed of, as far as it can be said without repeating addresses or secrets."""
    if isinstance(error, _Unsafe):
        return str(error)
    if isinstance(error, httpx.HTTPStatusError):
        return f"answered {error.response.status_code}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return type(error).__name__
