"""
A second person's yes by telephone, for the hour when nobody else can sign in.

Whoever decides (TiB) is rung up. The service sends the exact sentence to that person's own telephone, with four digits
that belong to these exact words; the person reads it, says yes by reading the digits aloud, and whoever asked types
them. So nobody can say yes to words they were only told of, and the maker alone can make no yes.

    owed      the SMS is still to be sent           confirmed  the digits were typed: the yes
    sending   it may be on its way                  void       another asking took its place, or three were wrong
    sent      the provider took it                  failed     it certainly did not go
    unsure    the answer was lost: maybe it came

Asked three times in all for one message, and half an hour each; and whoever asks has nine wrong codes a day over all
messages, so that guessing has about nine tries of ten thousand.

Whose telephone it is only the roster knows, and people sign in by other names than they are called on duty. So only
those can be asked of whom it says how they sign in, or that they never do.
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import exists, func, insert, select, update

from broadcaster import audit, authority
from broadcaster.alarm import Bell
from broadcaster.audit import Event
from broadcaster.auth import names
from broadcaster.auth.client import Client
from broadcaster.calls import Told, send_sms
from broadcaster.elks import e164
from broadcaster.errors import Conflict, FieldError, Forbidden, Invalid, Text
from broadcaster.roster import Roster
from broadcaster.settings import Person
from broadcaster.spoken_table import spoken_yes as table
from broadcaster.store import Store, Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table

Row = Mapping[Any, Any]
#: How `approved_by` begins where a person said yes by telephone.
DUTY = "duty:"
CODE_DIGITS = 4
TRIES_MAX = 3
ASKED_MAX = 3
#: Wrong codes a day for all that one person asks, whatever the message.
WRONG_MAX = TRIES_MAX * ASKED_MAX
_DAY = timedelta(days=1)
#: Long enough for a telephone call at night, short enough that the words are still those of the hour.
LIVES = timedelta(minutes=30)
#: An SMS that a dying worker left half sent is not sent again: the person would have two codes.
STUCK = timedelta(minutes=1)
_OPEN = ("owed", "sending", "sent", "unsure")
_THREADS_MAX = 4


@dataclass(frozen=True)
class Asked:
    """How the newest asking for one message stands. `until`: the code is worth nothing after it."""

    person: str
    state: str
    asked_at: datetime
    until: datetime
    tries_left: int
    error: str | None


@dataclass(frozen=True)
class _Due:
    id: str
    person: Person | None
    words: str


def who(roster: Roster, maker: str) -> tuple[Person, ...]:
    """Return who can be asked: everybody an SMS reaches but the maker (`anna`, or the client `user:anna`).

    The maker is known by the name they sign in with; another entry with their telephone is theirs too.
    """
    mine = names.tidy(maker.rpartition(":")[2])
    own = [one for one in roster.alarm.people if mine in (names.tidy(one.name), names.tidy(one.user or ""))]
    numbers = {e164(one.phone) for one in own}
    able = (one for one in roster.alarm.people if one.user is not None and roster.ways_of(one, ("sms",)))
    return tuple(one for one in able if one not in own and e164(one.phone) not in numbers)


def ask(transaction: Transaction, roster: Roster, row: Row, name: str, client: Client) -> None:
    """Have the words of a waiting message sent to the telephone of `name`. An earlier asking is void.

    Raises `Invalid` for somebody who cannot be asked, `Conflict` when it was asked too often or there is no sentence.
    """
    if row["sentence"] is None:
        raise Conflict("no-sentence", _NO_SENTENCE)
    person = next((one for one in who(roster, row["created_by"]) if one.name == name), None)
    if person is None:
        raise Invalid("fields", _NOBODY, fields=(FieldError("/person", _NOBODY),))
    if person.user:
        authority.check_other(transaction, f"user:{names.tidy(person.user)}", row["created_by"], row["created_at"])
    mine = table.c.message_id == row["id"]
    if transaction.execute(select(func.count()).where(mine)).scalar_one() >= ASKED_MAX:
        raise Conflict("asked-too-often", _TOO_OFTEN)
    _check_not_guessed(transaction, client.id[:80])
    open_ones = mine & table.c.state.in_(_OPEN)
    transaction.execute(update(table).where(open_ones).values(state="void", changed_at=transaction.now))
    values = {
        "id": str(uuid4()),
        "message_id": row["id"],
        "digest": row["digest"],
        "person": person.name[:120],
        "code": f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}",
        "asked_by": client.id[:80],
        "asked_at": transaction.now,
        "state": "owed",
        "tries": 0,
        "changed_at": transaction.now,
    }
    transaction.execute(insert(table).values(**values))
    facts = {"message": row["id"], "digest": row["digest"], "asking": values["id"]}
    audit.record(transaction, Event.YES_ASKED, by=client.id, private={"person": person.name}, **facts)


def take(transaction: Transaction, row: Row, code: str, client: Client) -> str | None:
    """Take what was read aloud and `client` typed; return whose yes it is, or None for wrong digits, which are counted.

    Commit either way. Raises `Conflict` when no code is worth anything: none was asked for, it is too old, or spent,
    or whoever asked had too many wrong ones today.
    """
    asking = select(table).where((table.c.message_id == row["id"]) & (table.c.state != "void"))
    newest = asking.order_by(table.c.asked_at.desc()).limit(1).with_for_update()
    asked = transaction.execute(newest).mappings().one_or_none()
    if asked is None or asked["digest"] != row["digest"] or not _lives(asked, transaction.now):
        raise Conflict("no-code", _NO_CODE)
    _check_not_guessed(transaction, asked["asked_by"])
    digits = "".join(mark for mark in code if mark.isascii() and mark.isdigit())
    right = hmac.compare_digest(digits, asked["code"])
    tries = asked["tries"] + (not right)
    state = "confirmed" if right else "void" if tries >= TRIES_MAX else asked["state"]
    values = {"state": state, "tries": tries, "changed_at": transaction.now}
    transaction.execute(update(table).where(table.c.id == asked["id"]).values(**values))
    event = Event.YES_GIVEN if right else Event.YES_WRONG
    facts = {"message": row["id"], "digest": row["digest"], "asking": asked["id"]}
    audit.record(transaction, event, by=client.id, private={"person": asked["person"]}, **facts)
    return str(asked["person"]) if right else None


def check(transaction: Transaction, row: Row) -> str:
    """Return who said yes to exactly this message, as `approved_by` names them. Raises `Forbidden` if nobody did."""
    given = (table.c.message_id == row["id"]) & (table.c.digest == row["digest"]) & (table.c.state == "confirmed")
    person = transaction.execute(select(table.c.person).where(given).limit(1)).scalar_one_or_none()
    if person is None or names.tidy(person) == names.tidy(row["created_by"].partition(":")[2]):
        raise Forbidden("no-yes", _NO_CODE)
    return f"{DUTY}{person}"[:80]


def asked_of(transaction: Transaction, message_ids: Iterable[str]) -> dict[str, Asked]:
    """Return the newest asking for each of the messages that has one."""
    mine = table.c.message_id.in_(list(message_ids))
    wanted = select(table).where(mine).order_by(table.c.asked_at, table.c.state != "void")
    return {
        row["message_id"]: Asked(
            row["person"],
            "void" if row["state"] in _OPEN and transaction.now >= row["asked_at"] + LIVES else row["state"],
            row["asked_at"],
            row["asked_at"] + LIVES,
            TRIES_MAX - row["tries"],
            row["error"],
        )
        for row in transaction.execute(wanted).mappings()
    }


def send_due(store: Store, bell: Bell) -> int:
    """Send what is owed to the telephones of those who were asked; return how many a provider took. Never twice."""
    if bell.roster is None or not _anything(store):
        return 0
    due = _take_due(store, bell.roster)
    if not due:
        return 0
    with ThreadPoolExecutor(min(_THREADS_MAX, len(due)), thread_name_prefix="spoken") as pool:
        told = list(pool.map(lambda one: _send(bell, one), due))
    with store.transaction() as transaction:
        for one, got in zip(due, told, strict=True):
            values = {"state": got.state, "error": got.error, "changed_at": transaction.now}
            unsettled = (table.c.id == one.id) & (table.c.state == "sending")
            transaction.execute(update(table).where(unsettled).values(**values))
            audit.record(transaction, Event.YES_SENT, asking=one.id, state=got.state, error=got.error)
    return sum(got.state != "failed" for got in told)


def _anything(store: Store) -> bool:
    """Tell, without a writer's lock, whether there is anything to do: this is asked every second."""
    with store.reading() as transaction:
        return bool(transaction.execute(select(exists().where(table.c.state.in_(("owed", "sending"))))).scalar_one())


def _take_due(store: Store, roster: Roster) -> list[_Due]:
    with store.transaction() as transaction:
        stuck = (table.c.state == "sending") & (table.c.changed_at <= transaction.now - STUCK)
        lost = {"state": "unsure", "error": "whoever sent it died meanwhile", "changed_at": transaction.now}
        for asking in transaction.execute(select(table.c.id).where(stuck)).scalars().all():
            transaction.execute(update(table).where((table.c.id == asking) & stuck).values(**lost))
            audit.record(transaction, Event.YES_SENT, asking=asking, state=lost["state"], error=lost["error"])
        wanted = (
            select(table, message_table.c.sentence, message_table.c.number, message_table.c.created_by)
            .add_columns(incident_table.c.ref, incident_table.c.mode)
            .join(message_table, message_table.c.id == table.c.message_id)
            .join(incident_table, incident_table.c.id == message_table.c.incident_id)
            .where(table.c.state == "owed")
            .with_for_update(of=table, skip_locked=True)
        )
        found = []
        for row in transaction.execute(wanted).mappings().all():
            values = {"state": "sending", "changed_at": transaction.now}
            transaction.execute(update(table).where(table.c.id == row["id"]).values(**values))
            person = next((one for one in roster.alarm.people if one.name[:120] == row["person"]), None)
            found.append(_Due(row["id"], person, _words(row, roster.organisation)))
        return found


def _words(row: Row, organisation: str) -> str:
    """Return the SMS. The sentence stands in it as it will be published; nothing of it is cut or respelled."""
    drill = "ÖVNING. " if row["mode"] == "drill" else ""
    asker = row["asked_by"].partition(":")[2]
    return (
        f'{drill}{organisation}: {asker} vill publicera i {row["ref"]}/{row["number"]}: "{row["sentence"]}" '
        f"Är orden rätt? Läs upp koden {row['code']} för {asker}. Är de fel: säg nej och läs inte upp koden."
    )


def _send(bell: Bell, one: _Due) -> Told:
    if one.person is None:
        return Told("failed", error="no longer among those who are told of alarms")
    return send_sms(bell, one.person, one.words, None)


def _check_not_guessed(transaction: Transaction, asker: str) -> None:
    lately = (table.c.asked_by == asker) & (table.c.asked_at > transaction.now - _DAY)
    if (transaction.execute(select(func.sum(table.c.tries)).where(lately)).scalar_one() or 0) >= WRONG_MAX:
        raise Conflict("wrong-too-often", _GUESSED)


def _lives(asked: Row, now: datetime) -> bool:
    usable: bool = asked["state"] in (*_OPEN[1:], "confirmed") and now < asked["asked_at"] + LIVES
    return usable


_NOBODY = Text(
    "Den personen kan inte få orden som sms. Inget har skickats. Välj någon i listan, eller be en kollega logga in och "
    "säga ja på tavlan.",
    "That person cannot be sent the words by SMS. Nothing has been sent. Choose somebody in the list, or have a "
    "colleague sign in and say yes on the board.",
)
_NO_SENTENCE = Text(
    "Beskedet har ingen egen mening, bara godkända ord. Inget har skickats till någon telefon. "
    "Be en kollega logga in och säga ja på tavlan.",
    "The message has no sentence of its own, only approved words. Nothing was sent to any telephone. "
    "Have a colleague sign in and say yes on the board.",
)
_TOO_OFTEN = Text(
    f"Orden har redan skickats till en telefon {ASKED_MAX} gånger. Inget mer skickas. Be en kollega logga in och säga "
    "ja på tavlan, eller avvisa beskedet och skriv det på nytt.",
    f"The words have been sent to a telephone {ASKED_MAX} times already. No more are sent. Have a colleague sign in "
    "and say yes on the board, or reject the message and write it anew.",
)
_GUESSED = Text(
    f"Fel kod har skrivits {WRONG_MAX} gånger i dag. Inget har skickats, och inga fler koder tas emot för det du har "
    "frågat om. Be en kollega logga in och säga ja på tavlan.",
    f"A wrong code was typed {WRONG_MAX} times today. Nothing has been sent, and no more codes are taken for what you "
    "asked about. Have a colleague sign in and say yes on the board.",
)
_NO_CODE = Text(
    "Det finns ingen kod som gäller för de här orden: ingen är frågad, koden är äldre än en halvtimme, eller så var "
    "den fel tre gånger. Inget har skickats. Skicka orden till telefonen igen.",
    "There is no code that is valid for these words: nobody was asked, the code is older than half an hour, or it was "
    "wrong three times. Nothing has been sent. Send the words to the telephone again.",
)
