"""
Everything the live board and the public page show of one incident, gathered in one reading transaction.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from broadcaster import ledger, letterbox
from broadcaster.alarm import AUTHORITY, TEST
from broadcaster.channels import Fact, Reason
from broadcaster.channels.words import advice
from broadcaster.errors import Forged, Text
from broadcaster.hand_made import LEFT
from broadcaster.ledger import Row
from broadcaster.letters import Has, Recipient
from broadcaster.outside import Sight
from broadcaster.picture import Picture
from broadcaster.playbook import PHASES, Snapshot
from broadcaster.promises import PromiseView, promised
from broadcaster.proof import Proof, fill_of, load_snapshot
from broadcaster.settings import Manual, Settings
from broadcaster.sightings import words_of
from broadcaster.standing import State
from broadcaster.store import Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import attempt as attempt_table
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table
from broadcaster.tables import public_copy
from broadcaster.task import ACKNOWLEDGEABLE, RETRYABLE
from broadcaster.told import ToldView, told_of
from broadcaster.unconfirmed import meaning
from broadcaster.views import deliveries_of, delivery_json, message_json


@dataclass(frozen=True)
class AttemptView:
    """One call, as the board tells it. `fact` is None while it runs."""

    at: datetime
    step: str
    fact: str | None
    reason: str | None
    status: int | None
    detail: str


@dataclass(frozen=True)
class CopyView:
    """What the public could read until `at`."""

    at: datetime
    words: str


@dataclass(frozen=True)
class AlarmView:
    """One alarm. `answered_by` is None while it still rings."""

    id: str
    kind: str
    text: Text
    raised_at: datetime
    times: int
    incident: str | None
    answered_by: str | None
    told: tuple[ToldView, ...] = ()
    last_error: str | None = None


@dataclass(frozen=True)
class DeliveryView:
    """One delivery with its exact words, what went wrong and what a person may do about it."""

    json: dict[str, Any]
    words: str
    channel: str
    language: str
    state: str
    intent: str
    advice: Text | None
    attempts: tuple[AttemptView, ...]
    copies: tuple[CopyView, ...]
    place: str | None
    sight: Text | None  #: what a citizen saw at the address; None: nobody has looked
    seen: bool  #: a citizen saw the very words there
    drill: bool  #: somebody practises: nothing is to be pasted in any real place
    deadline_at: datetime | None
    ended_at: datetime | None  #: when it came to where it stands, if it is over for the public
    recipients: tuple[Recipient, ...]  #: a letter's, with what each of them has; empty for everything else
    can_retry: bool
    can_acknowledge: bool
    pictures: tuple[Picture, ...] = ()  #: approved with the words
    by_hand: bool = False  #: people had published it before it was entered here
    without_picture: Text | None = None  #: the words went without a picture they should have


@dataclass(frozen=True)
class MessageView:
    """One message. `open_words` are those a waiting message would send, mark and time left open."""

    json: dict[str, Any]
    phase: str
    mark: str
    state: str
    created_at: datetime
    accepted_at: datetime | None
    created_by: str
    decided_by: dict[str, Any] | None
    approved_by: str | None  #: the second person, as the message's row names them; None: it needed none
    sentence: str | None
    blanks: Mapping[str, str]  #: what somebody filled in; what is left out says its "not known yet"
    deliveries: tuple[DeliveryView, ...]
    by_hand: bool  #: people published it before it was entered here
    can_recall: bool
    awaiting: bool
    open_words: dict[str, dict[str, str]]
    open_pictures: Mapping[tuple[str, str], tuple[Picture, ...]] = field(default_factory=dict)  #: beside open words


@dataclass(frozen=True)
class Situation:
    """One incident, newest message first. `phases` may be started now."""

    ref: str
    mode: str
    playbook: str
    title: Text
    state: str
    opened_at: datetime
    closed_at: datetime | None
    affected: tuple[str, ...]
    messages: tuple[MessageView, ...]
    phases: tuple[str, ...]
    alarms: tuple[AlarmView, ...]
    promise: PromiseView | None  #: None: closed, or nothing is promised


def situation_of(transaction: Transaction, incident_row: Row, settings: Settings, proof: Proof) -> Situation:
    """Return everything the board shows of an incident."""
    snapshot = load_snapshot(transaction, incident_row["digest"])
    rows = transaction.execute(
        select(message_table)
        .where(message_table.c.incident_id == incident_row["id"])
        .order_by(message_table.c.number.desc())
    ).mappings()
    later = tuple(phase for phase in PHASES if phase != "first" and phase in snapshot.phases)
    return Situation(
        ref=incident_row["ref"],
        mode=incident_row["mode"],
        playbook=incident_row["playbook"],
        title=snapshot.title,
        state=incident_row["state"],
        opened_at=incident_row["opened_at"],
        closed_at=incident_row["closed_at"],
        affected=tuple(incident_row["affected"]),
        messages=tuple(_message(transaction, dict(row), incident_row, settings, proof) for row in rows.all()),
        phases=later if incident_row["state"] == "open" else tuple(p for p in later if p == "correction"),
        alarms=alarms_of(transaction, incident_row["id"]),
        promise=promised(transaction, incident_row),
    )


def alarms_of(transaction: Transaction, incident_id: str | None = None) -> tuple[AlarmView, ...]:
    """Return the unanswered alarms, oldest first: all of them, or those of one incident."""
    wanted = (
        select(alarm_table, incident_table.c.ref)
        .outerjoin(incident_table, alarm_table.c.incident_id == incident_table.c.id)
        .where(alarm_table.c.answered_at.is_(None) & alarm_table.c.kind.not_in((TEST, AUTHORITY)))
        .order_by(alarm_table.c.raised_at)
    )
    if incident_id is not None:
        wanted = wanted.where(alarm_table.c.incident_id == incident_id)
    rows = transaction.execute(wanted).mappings().all()
    told = told_of(transaction, [row["id"] for row in rows])
    return tuple(
        AlarmView(
            id=row["id"],
            kind=row["kind"],
            text=Text(row["text"]["sv"], row["text"]["en"]),
            raised_at=row["raised_at"],
            times=row["times"],
            incident=row["ref"],
            answered_by=row["answered_by"],
            told=told.get(row["led_by"] or row["id"], ()),
            last_error=row["last_error"],
        )
        for row in rows
    )


def _message(transaction: Transaction, row: Row, incident_row: Row, settings: Settings, proof: Proof) -> MessageView:
    json = message_json(transaction, row, incident_row, proof)
    awaiting = json["state"] == "awaiting_approval"
    snapshot = None
    with suppress(Forged):  # then the deliveries say so; the board must open
        snapshot = load_snapshot(transaction, row["playbook_digest"])
    open_words = _open_words(transaction, row, incident_row) if awaiting else {}
    return MessageView(
        json=json,
        phase=row["phase"],
        mark=json["mark"],
        state=json["state"],
        created_at=row["created_at"],
        accepted_at=row["accepted_at"],
        created_by=json["created_by"],
        decided_by=row["decided_by"],
        approved_by=row["approved_by"],
        sentence=row["sentence"],
        blanks=row["blanks"],
        deliveries=tuple(_delivery(transaction, one, settings, snapshot) for one in deliveries_of(transaction, row)),
        by_hand=row["accepted_at"] is not None and row["accepted_at"] < row["created_at"],
        can_recall=row["accepted_at"] is not None and row["recalled_at"] is None,
        awaiting=awaiting,
        open_words=open_words,
        open_pictures=_open_pictures(snapshot, row, incident_row, open_words) if snapshot else {},
    )


def _open_words(transaction: Transaction, row: Row, incident_row: Row) -> dict[str, dict[str, str]]:
    snapshot, fill = load_snapshot(transaction, row["playbook_digest"]), fill_of(row, incident_row["mode"])
    return {
        channel: {
            language: snapshot.render(fill, channel, language, None)
            for language in snapshot.languages_of(channel, row["phase"])
        }
        for channel in row["channels"]
        if channel not in snapshot.silent(row["phase"], row["affected"])
    }


def _open_pictures(
    snapshot: Snapshot, row: Row, incident_row: Row, open_words: Mapping[str, Mapping[str, str]]
) -> dict[tuple[str, str], tuple[Picture, ...]]:
    """Return the pictures that would go with open words, by channel and language."""
    return {
        (channel, language): snapshot.pictures(row["phase"], channel, language, incident_row["mode"])
        for channel, said in open_words.items()
        for language in said
    }


def _delivery(transaction: Transaction, row: Row, settings: Settings, snapshot: Snapshot | None) -> DeliveryView:
    configured = settings.channels.get(row["channel"])
    state = State(row["state"])
    error = row["error"]
    automatic = row["way"] not in ("person", "row")
    attempts = _attempts(transaction, row["id"])
    where = row["phase"], row["channel"], row["language"], row["mode"]
    return DeliveryView(
        json=delivery_json(row),
        words=row["words"],
        channel=row["channel"],
        language=row["language"],
        state=row["state"],
        intent=row["intent"],
        advice=_advice(row) if error else None,
        attempts=attempts,
        copies=_copies(transaction, row["id"]),
        # A drill's words are pasted nowhere, so it does not lead to where the real ones go.
        place=configured.place if isinstance(configured, Manual) and row["mode"] == "live" else None,
        sight=words_of(row["sight"]) if row["sight"] else None,
        seen=row["sight"] == Sight.SEEN,
        drill=row["mode"] == "drill",
        deadline_at=row["deadline_at"],
        ended_at=row["ended_at"],
        recipients=tuple(letterbox.everybody(transaction, row["id"])) if row["way"] == "letter" else (),
        can_retry=automatic and state in RETRYABLE and state is not State.OWED and _may_send_again(transaction, row),
        can_acknowledge=state in ACKNOWLEDGEABLE and (state is not State.SUPERSEDED or row["was_task"]),
        pictures=snapshot.pictures(*where) if snapshot else (),
        by_hand=_was_there_before(row),
        without_picture=_without_picture(row, attempts),
    )


def _was_there_before(row: Row) -> bool:
    receipt = row["receipt"]
    by_person = receipt is not None and receipt["by"] is not None
    return by_person and datetime.fromisoformat(receipt["at"]) < row["created_at"]


def _may_send_again(transaction: Transaction, row: Row) -> bool:
    """Tell whether a retry would do anything: a letter goes only to those who certainly do not have it."""
    if row["way"] != "letter":
        return True
    left = (one.has in (Has.OWED, Has.MISSED) for one in letterbox.everybody(transaction, row["id"]))
    return row["intent"] == "publish" and any(left)


def _without_picture(row: Row, attempts: Sequence[AttemptView]) -> Text | None:
    """Return what to say where the newest object of this delivery was made without its pictures."""
    made = [one for one in attempts if one.step in ledger.MAKING and one.fact == Fact.DONE]
    return advice(Reason.NO_PICTURE, row["channel"]) if made and made[-1].reason == Reason.NO_PICTURE else None


def _advice(row: Row) -> Text:
    by_hand = row["receipt"] is not None and row["receipt"]["by"] is not None
    if by_hand and row["intent"] == "update" and row["state"] == State.NEEDS_PERSON:
        said = _CHANGE_BY_HAND
    elif row["error"].get("detail") == LEFT:
        said = _LEFT_UNDONE
    else:
        said = meaning(row, Reason(row["error"]["reason"]))
    if row["mode"] == "live":
        return said
    return Text(
        f"Övning, så publicera ingenting på riktigt. Skarpt hade det stått så här: {said.sv}",
        f"An exercise, so publish nothing for real. Live it would have said: {said.en}",
    )


def _attempts(transaction: Transaction, delivery_id: str) -> tuple[AttemptView, ...]:
    rows: Sequence[Any] = transaction.execute(
        select(attempt_table).where(attempt_table.c.delivery_id == delivery_id).order_by(attempt_table.c.number)
    ).all()
    return tuple(AttemptView(r.opened_at, r.step, r.fact, r.reason, r.status, r.detail or "") for r in rows)


def _copies(transaction: Transaction, delivery_id: str) -> tuple[CopyView, ...]:
    rows = transaction.execute(
        select(public_copy).where(public_copy.c.delivery_id == delivery_id).order_by(public_copy.c.kept_at)
    )
    return tuple(CopyView(row.kept_at, row.words) for row in rows)


_CHANGE_BY_HAND = Text(
    "Det här lades ut för hand, och tjänsten kan inte ändra det: adressen säger inte vilket inlägg det är, eller så "
    "får bara den som lade ut det ändra det. Öppna inlägget, byt texten mot den här och kvittera med adressen. "
    "Annars fortsätter folk att dela det gamla.",
    "This was published by hand, and the service cannot change it: its address does not say which post it is, or only "
    "whoever made it may change it. Open the post, replace its text with this one and acknowledge with its address. "
    "Otherwise people go on sharing the old one.",
)
_LEFT_UNDONE = Text(
    "Det här lades inte ut för hand, och lämnades när resten skrevs in. Ska det ut nu: tryck på Försök igen, eller "
    "skicka en uppdatering. Har någon lagt ut det ändå: kvittera här.",
    "This was not put out by hand, and was left when the rest was entered. If it is to go out now: press Try again, or "
    "send an update. If somebody has put it out all the same: acknowledge here.",
)
