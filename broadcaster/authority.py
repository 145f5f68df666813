"""
Who may do what: every change of it is told to the others, and nobody becomes two people by making a second one.

    added      somebody was added                       password    somebody was given a password by another
    roles      somebody was given other roles           disabled    somebody was shut out
    key_added  a machine got a key that can publish     key_revoked  such a key opens nothing any more

Everybody on the alarm's list is told once, whoever is on duty, and it stands on the first page of the desk until
another person than whoever did it has read it. Whoever knows another's password can be both of them. So for a day two
clients of whom one made the other, or whom the same person made, count as one where two people are needed.

A change on the command line has no acting person: whoever has the server's shell is trusted by whoever installed it.
Such a change rings nobody, but stands on the first page like any other from the first sign-in on; and a password set
there ends that day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import exists, insert, select, update

from broadcaster import alarm, audit
from broadcaster.audit import Event
from broadcaster.auth.client import Client, require
from broadcaster.authority_table import authority_change as table
from broadcaster.errors import Conflict, Forbidden, Text
from broadcaster.store import Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import audit_entry

Kind = Literal["added", "roles", "password", "disabled", "key_added", "key_revoked"]
#: For so long somebody does not count beside whoever made them. A day and a night, so that the others have come to
#: work and read the notice on the desk's first page before the new one can be anybody's second person.
ONE_PERSON_FOR = timedelta(hours=24)
#: What a key can be used for that reaches the public.
PUBLISHING = frozenset({"send", "propose"})
#: Kinds after which whoever did it can act as the one it is about.
_MAKING = ("added", "password", "key_added")
#: So many changes are named in one alarm; the first page has them all.
_TOLD_MAX = 6
ROLE_NAMES: Mapping[str, Text] = {
    "author": Text("författare", "author"),
    "approver": Text("godkännare", "approver"),
    "sender": Text("avsändare", "sender"),
    "auditor": Text("granskare", "auditor"),
    "administrator": Text("administratör", "administrator"),
    "send": Text("skicka", "send"),
    "propose": Text("föreslå", "propose"),
    "read": Text("läsa", "read"),
    "audit": Text("läsa loggen", "read the log"),
}


@dataclass(frozen=True)
class Change:
    """One change nobody else has read yet. `made_by` None: on the command line."""

    id: str
    kind: str
    subject: str
    made_by: str | None
    at: datetime
    text: Text


def changed(
    transaction: Transaction, kind: Kind, subject: str, by: str | None, gives: Iterable[str] = ()
) -> None:
    """Write down what `by` changed about the client `subject`, and have the others told of it.

    Nobody is told of a password somebody gives themselves. What is done on the command line rings nobody: whoever runs
    the server may do it at any hour. Before anybody has ever signed in it is not shown either: that is installing.
    """
    if kind == "password" and by == subject:
        return
    values = {"id": str(uuid4()), "kind": kind, "subject": subject[:80], "made_by": by[:80] if by else None}
    installing = by is None and not _anybody_was_here(transaction)
    read = {"read_by": "installation", "read_at": transaction.now} if installing else {}
    named = ",".join(sorted(gives))[:200]
    transaction.execute(insert(table).values(**values, gives=named, at=transaction.now, **read))
    if by is not None:
        alarm.raise_alarm(transaction, alarm.AUTHORITY, _told(unread(transaction)))


def unread(transaction: Transaction) -> list[Change]:
    """Return the changes that no other person has read, oldest first."""
    wanted = select(table).where(table.c.read_at.is_(None)).order_by(table.c.at, table.c.id)
    return [
        Change(row["id"], row["kind"], row["subject"], row["made_by"], row["at"], _said(row))
        for row in transaction.execute(wanted).mappings()
    ]


def may_read(transaction: Transaction, change: Change, client: Client) -> bool:
    """Tell whether `client` counts as another person than whoever made the change."""
    return change.made_by is None or not are_one(transaction, client.id, change.made_by, change.at)


def read(transaction: Transaction, change_ids: Iterable[str], client: Client) -> None:
    """Record that `client` has read these changes; when none is left, its alarm ends.

    Raises `Forbidden` for those who neither approve nor administer, and for whoever made one of them; `Conflict` when
    none of them waits to be read.
    """
    if "approve" not in client.scopes:
        require(client, "admin")
    wanted = set(change_ids)
    waiting = [one for one in unread(transaction) if one.id in wanted]
    if not waiting:
        raise Conflict("nothing-to-read", _READ_ALREADY)
    for one in waiting:
        if not may_read(transaction, one, client):
            raise Forbidden("own-change", _OWN)
        values = {"read_by": client.id[:80], "read_at": transaction.now}
        still = (table.c.id == one.id) & table.c.read_at.is_(None)
        if transaction.execute(update(table).where(still).values(**values)).rowcount:
            audit.record(transaction, Event.AUTHORITY_READ, by=client.id, change=one.id, kind=one.kind)
    if not unread(transaction):
        rings = (alarm_table.c.kind == alarm.AUTHORITY) & alarm_table.c.answered_at.is_(None)
        for alarm_id in transaction.execute(select(alarm_table.c.id).where(rings)).scalars().all():
            alarm.answer(transaction, alarm_id, client.id)


def check_may_answer(transaction: Transaction, alarm_id: str) -> None:
    """Raise `Conflict` for an alarm of this kind: at the desk it ends when the changes have been read."""
    kind = transaction.execute(select(alarm_table.c.kind).where(alarm_table.c.id == alarm_id)).scalar_one_or_none()
    if kind == alarm.AUTHORITY:
        raise Conflict("read-instead", _READ_INSTEAD)


def are_one(transaction: Transaction, client: str, other: str, then: datetime) -> bool:
    """Tell whether `client` now and `other`, as they were `then`, count as one person, or are the same client."""
    return bool(_hands(transaction, client, transaction.now) & _hands(transaction, other, then))


def check_other(transaction: Transaction, client: str, other: str, then: datetime) -> None:
    """Raise `Forbidden` if `client`, who acts now, is not another person than `other`, who acted `then`.

    Both are clients: `user:anna`, `key:vaxel`. What one and the same client may not do twice is asked elsewhere.
    """
    if client == other:
        return
    mine, theirs = _hands(transaction, client, transaction.now), _hands(transaction, other, then)
    if mine & theirs:
        made = other if client in theirs else client
        makers = theirs if made == other else mine
        maker = min(makers & (mine if made == other else theirs), key=lambda one: (one not in (client, other), one))
        raise Forbidden("made-by-the-other", _one_person(made, maker, _name(client), _name(other)))


def _hands(transaction: Transaction, client: str, at: datetime) -> set[str]:
    """Return everybody who could act as `client` at that time: they, whoever made them, and so on.

    Older makings count beside newer ones: else two whom one person made could free each other by changing passwords.
    """
    lately = (table.c.at > at - ONE_PERSON_FOR) & (table.c.at <= at) & table.c.kind.in_(_MAKING)
    wanted = select(table.c.subject, table.c.made_by, table.c.kind).where(lately).order_by(table.c.at)
    makers: dict[str, set[str]] = {}
    for row in transaction.execute(wanted):
        if row.made_by is not None:
            makers.setdefault(row.subject, set()).add(row.made_by)
        elif row.kind == "password":  # given by whoever has the shell: whoever knew the old one knows nothing now
            makers.pop(row.subject, None)
    found: set[str] = set()
    left = [client]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += makers.get(one, ())
    return found


def _anybody_was_here(transaction: Transaction) -> bool:
    signed_in = exists().where(audit_entry.c.type == str(Event.USER_SIGNED_IN))
    return bool(transaction.execute(select(signed_in)).scalar_one())


def _told(changes: list[Change]) -> Text:
    """Return the alarm: every change that waits, so that a newer alarm hides nothing of the one it overtakes."""
    named, more = changes[-_TOLD_MAX:], max(0, len(changes) - _TOLD_MAX)
    sv, en = ("; ".join(getattr(one.text, tongue) for one in named) for tongue in ("sv", "en"))
    also = Text(f" (och {more} till)", f" (and {more} more)") if more else Text("", "")
    return Text(
        f"{sv}{also.sv}. Visste du inte om det: ring den som gjorde det. Läs och kvittera på desken.",
        f"{en}{also.en}. If you did not know of it: call whoever did it. Read and acknowledge at the desk.",
    )


def _said(row: Mapping[Any, Any]) -> Text:
    by = Text("någon med tillgång till servern", "somebody with access to the server")
    if row["made_by"]:
        by = Text(_name(row["made_by"]), _name(row["made_by"]))
    who, names = _name(row["subject"]), [ROLE_NAMES.get(one, Text(one, one)) for one in row["gives"].split(",") if one]
    sv, en = ", ".join(one.sv for one in names), ", ".join(one.en for one in names)
    words = {
        "added": Text(f"{by.sv} lade till {who} ({sv})", f"{by.en} added {who} ({en})"),
        "roles": Text(f"{by.sv} gav {who} rollerna {sv}", f"{by.en} gave {who} the roles {en}"),
        "password": Text(f"{by.sv} gav {who} ett nytt lösenord", f"{by.en} gave {who} a new password"),
        "disabled": Text(f"{by.sv} stängde av {who}", f"{by.en} shut {who} out"),
        "key_added": Text(f"{by.sv} gjorde en nyckel åt {who} ({sv})", f"{by.en} made a key for {who} ({en})"),
        "key_revoked": Text(f"{by.sv} återkallade en nyckel för {who}", f"{by.en} revoked a key of {who}"),
    }
    return words[row["kind"]]


def _name(client: str) -> str:
    return client.partition(":")[2]


def _one_person(made: str, maker: str, client: str, other: str) -> Text:
    who, by = _name(made), _name(maker)
    key = made.startswith("key:")
    way = Text("", "")
    if not key:
        way = Text(
            f" Finns ingen annan: den som sköter servern kan ge {who} ett lösenord som {by} inte vet, med "
            f"broadcaster users password {who}. Det {who} gör därefter räknas.",
            f" If there is nobody else: whoever runs the server can give {who} a password that {by} does not know, "
            f"with broadcaster users password {who}. What {who} does after that counts.",
        )
    did = Text("gjort en nyckel åt", "made a key for") if key else Text("lagt till eller bytt lösenord åt", "added or "
               "reset the password of")  # fmt: skip
    return Text(
        f"{by} har {did.sv} {who} det senaste dygnet, så {client} och {other} räknas här som en person. Inget har "
        f"godkänts eller skickats. Be någon som {by} inte har lagt till eller gett lösenord.{way.sv}",
        f"{by} has {did.en} {who} within the last day, so {client} and {other} count as one person here. Nothing has "
        f"been approved or sent. Ask somebody whom {by} has not added or given a password.{way.en}",
    )


_READ_ALREADY = Text(
    "Någon annan har redan läst det. Inget har ändrats. Läs om sidan.",
    "Somebody else has read it already. Nothing has been changed. Load the page again.",
)
_OWN = Text(
    "Du har själv gjort ändringen, eller räknas just nu som samma person som den som gjorde den. Inget har ändrats. "
    "Någon annan som godkänner eller administrerar måste läsa den.",
    "You made the change yourself, or count as the same person as whoever made it just now. Nothing has been changed. "
    "Somebody else who approves or administers has to read it.",
)
_READ_INSTEAD = Text(
    "Larmet gäller vem som får göra vad. Inget har ändrats. Läs ändringarna på läget just nu och kvittera där.",
    "The alarm is about who may do what. Nothing has been changed. Read the changes on the situation now, and "
    "acknowledge there.",
)
