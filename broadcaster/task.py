"""
What a person does about one delivery: ask for another try, or say what they did by hand.
"""

from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import func, select, update

from broadcaster import alarm, audit, ledger, letterbox, stop
from broadcaster.audit import Event
from broadcaster.auth.client import Client
from broadcaster.channels import Reason, Step
from broadcaster.errors import Conflict, FieldError, Invalid, NotFound, Text
from broadcaster.ledger import Row
from broadcaster.letters import Has
from broadcaster.protocol import first_step, looking_step
from broadcaster.standing import State
from broadcaster.store import Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table

ACKNOWLEDGEABLE = frozenset({State.NEEDS_PERSON, State.UNCERTAIN, State.FAILED, State.SUPERSEDED})
RETRYABLE = frozenset({State.OWED, State.RETRYING, State.UNCERTAIN, State.NEEDS_PERSON, State.FAILED})


def find(transaction: Transaction, message_id: str, channel: str, language: str) -> Row:
    """Return the one delivery of a message to a channel in a language. Raises `NotFound`."""
    row = (
        transaction.execute(
            select(delivery_table)
            .where(
                (delivery_table.c.message_id == message_id)
                & (delivery_table.c.channel == channel)
                & (delivery_table.c.language == language)
            )
            .with_for_update()
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound(
            "no-such-delivery",
            Text(
                "Beskedet går inte till den kanalen på det språket. Se på tavlan vilka kanaler det har.",
                "The message does not go to that channel in that language. See the board for its channels.",
            ),
        )
    return dict(row)


def retry(transaction: Transaction, row: Row, client: Client) -> Row:
    """Make the delivery due now. One that was ever uncertain is looked for first. Raises `Conflict`."""
    state = State(row["state"])
    if state not in RETRYABLE or row["way"] in ("person", "row"):
        raise _wrong_state(row, Text("försökas igen", "be tried again"))
    if row["intent"] == "publish" or row["way"] == "upsert":  # in one place, an old withdrawal takes down new words
        _check_newest(transaction, row)
    if row["intent"] == "publish":
        _check_standing(transaction, row)
    if row["intent"] != "withdraw" and row["not_after"] <= transaction.now and state is not State.UNCERTAIN:
        raise _too_late()
    if row["way"] == "letter":
        _owe_letter_again(transaction, row)
    left = state in (State.NEEDS_PERSON, State.FAILED)
    step = _retry_step(row)
    seeks = step is Step.SEARCH or (step is Step.LOOK and row["way"] != "upsert")
    doubt = row["unsure_since"] or (transaction.now if row["ever_unsure"] and seeks else None)
    after = ledger.change(
        transaction,
        row,
        fence=row["fence"] + 1,
        state=str(State.UNCERTAIN if doubt else State.OWED),
        step=str(step),
        next_attempt_at=transaction.now,
        tries=0,
        deaths=0,
        unsure_since=doubt,
        unsure_last=row["unsure_last"] or doubt,
        ended_at=None,
        **_newest_revision(transaction, row),
        **({"alarmed_at": None} if left else {}),
    )
    if left:  # what told people to do it by hand is no longer true while a machine does it
        _answer_alarms(transaction, row, client)
    audit.record(
        transaction, Event.DELIVERY_RETRIED, by=client.id, delivery=row["id"], channel=row["channel"], step=str(step)
    )
    return after


def _owe_letter_again(transaction: Transaction, row: Row) -> None:
    """Owe a letter anew to those who certainly do not have it. Raises `Conflict` where there is nobody like that."""
    if row["intent"] == "withdraw":
        raise _wrong_state(row, Text("försökas igen", "be tried again"))
    if not letterbox.again(transaction, row["id"]):
        raise Conflict(
            "nobody-left",
            Text(
                "Ingen saknar med säkerhet beskedet, så det skickas inte igen: de andra kan redan ha fått det. "
                "Hör av dig till dem på annat sätt och kvittera på tavlan.",
                "Nobody certainly lacks the message, so it is not sent again: the others may have it already. "
                "Contact them in another way and acknowledge on the board.",
            ),
        )


def acknowledge(transaction: Transaction, row: Row, url: str | None, reason: str | None, client: Client) -> Row:
    """Record what a person did by hand. Raises `Conflict` for a wrong state, `Invalid` for a wrong answer."""
    state = State(row["state"])
    if state not in ACKNOWLEDGEABLE:
        raise _wrong_state(row, Text("kvitteras", "be acknowledged"))
    _answer_alarms(transaction, row, client)
    if row["way"] == "letter":
        letterbox.give_up(transaction, row["id"], Reason.PERSON)
        if row["intent"] == "publish" and reason is None:
            letterbox.end(transaction, row["id"], Has.BY_HAND)
    if row["intent"] == "withdraw":
        after = _acknowledge_withdrawal(transaction, row, url, reason)
    elif row["way"] == "letter" and url is None and reason is None:
        after = _acknowledge_letter(transaction, row, client)
    elif url is not None:
        after = _acknowledge_address(transaction, row, url, client)
    elif reason is not None:
        after = _end(transaction, row, State.FAILED, error=_by_person(transaction, reason))
    else:
        raise _needs("/url", "Ange adressen (url) eller varför det inte gick (reason).", "Give the url, or the reason.")
    audit.record(
        transaction,
        Event.DELIVERY_ACKNOWLEDGED,
        by=client.id,
        private={"reason": reason} if reason else None,
        delivery=row["id"],
        message=row["message_id"],
        channel=row["channel"],
        language=row["language"],
        state=after["state"],
        url=url,
        words=audit.digest_of(row["words"]),
    )
    return after


def _answer_alarms(transaction: Transaction, row: Row, client: Client) -> None:
    """Whoever saw to the delivery has answered every alarm about it, but not those about what it becomes now."""
    mine = (alarm_table.c.delivery_id == row["id"]) & alarm_table.c.answered_at.is_(None)
    for alarm_id in transaction.execute(select(alarm_table.c.id).where(mine)).scalars().all():
        alarm.answer(transaction, alarm_id, client.id)


def _acknowledge_address(transaction: Transaction, row: Row, url: str, client: Client) -> Row:
    receipt = {"id": url, "at": transaction.now.isoformat(), "by": client.name}
    stopped = State(row["state"]) is State.SUPERSEDED or _message(transaction, row).recalled_at is not None
    if stopped:  # put up all the same: now it has to come down again
        transaction.execute(
            update(delivery_table).where(delivery_table.c.id == row["id"]).values(receipt=receipt, url=url)
        )
        return stop.withdraw_task(transaction, {**row, "receipt": receipt, "url": url})
    # A draft that was never published is not what the person put up: nothing may be done to it in the post's place.
    remote_id = row["remote_id"] if row["ever_unsure"] else None
    return _end(transaction, row, State.PUBLISHED, receipt=receipt, url=url, error=None, remote_id=remote_id)


def _acknowledge_letter(transaction: Transaction, row: Row, client: Client) -> Row:
    """A person reached all those who were left. A letter has no address that could be given."""
    if State(row["state"]) is State.SUPERSEDED:
        raise _wrong_state(row, Text("kvitteras", "be acknowledged"))
    receipt = {"id": "by hand", "at": transaction.now.isoformat(), "by": client.name}
    return _end(transaction, row, State.PUBLISHED, receipt=receipt, error=None)


def _acknowledge_withdrawal(transaction: Transaction, row: Row, url: str | None, reason: str | None) -> Row:
    if url is not None:
        raise _needs(
            "/url",
            "Det här ska tas bort. Kvittera utan adress när det är borttaget, eller ange varför det inte går (reason).",
            "This is to be taken down. Acknowledge without an address when it is down, or give the reason.",
        )
    if reason is not None:
        return _end(transaction, row, State.FAILED, error=_by_person(transaction, reason))
    return _end(transaction, row, State.WITHDRAWN, error=None)


def _end(transaction: Transaction, row: Row, state: State, **values: Any) -> Row:
    """End the delivery by a person's word: no machine does anything more for it."""
    after = ledger.change(
        transaction,
        row,
        fence=row["fence"] + 1,
        state=str(state),
        step=None,
        next_attempt_at=None,
        unsure_since=None,
        unsure_last=None,
        ended_at=transaction.now,
        **values,
    )
    ledger.record_state(transaction, after)
    return after


def _retry_step(row: Row) -> Step:
    if row["intent"] == "withdraw":
        return Step.WITHDRAW if row["remote_id"] or row["way"] == "upsert" else Step.SEARCH
    if row["intent"] == "update":
        return Step.LOOK if State(row["state"]) is State.UNCERTAIN else Step.EDIT
    if row["ever_unsure"]:
        return looking_step(row["way"], row["remote_id"])
    if row["remote_id"] and row["way"] == "draft":
        return Step.PUBLISH
    return Step(row["step"]) if row["step"] else first_step(row["way"])


def _newest_revision(transaction: Transaction, row: Row) -> dict[str, int]:
    """Return the revision that makes an upsert the newest again: a recall of an older message may have taken one."""
    if row["way"] != "upsert":
        return {}
    used = select(func.max(delivery_table.c.revision)).where(delivery_table.c.object_id == row["object_id"])
    newest: int = transaction.execute(used).scalar_one()
    return {} if newest == row["revision"] else {"revision": newest + 1}


def _message(transaction: Transaction, row: Row) -> SqlRow[Any]:
    return transaction.execute(select(message_table).where(message_table.c.id == row["message_id"])).one()


def _check_standing(transaction: Transaction, row: Row) -> None:
    """Raise `Conflict` when the words were taken back, or corrected on other channels only: then they stay unsaid."""
    message = _message(transaction, row)
    if message.recalled_at is None and message.superseded_at is None:
        return
    raise Conflict(
        "stopped",
        Text(
            "Beskedet är tillbakadraget eller ersatt, så det skickas inte igen. Inget har ändrats. "
            "Skicka ett nytt besked med det som gäller nu.",
            "The message was recalled or superseded, so it is not sent again. Nothing has been changed. "
            "Send a new message with what is true now.",
        ),
    )


def _check_newest(transaction: Transaction, row: Row) -> None:
    newer = select(delivery_table.c.id).where(
        (delivery_table.c.object_id == row["object_id"]) & (delivery_table.c.number > row["number"])
    )
    if transaction.execute(newer.limit(1)).first() is not None:
        raise Conflict(
            "newer-accepted",
            Text(
                "Ett nyare besked har tagit över i den kanalen, så det här skickas inte igen. "
                "Se på tavlan hur det går för det nyare.",
                "A newer message has taken over on that channel, so this one is not sent again. "
                "See the board for the newer one.",
            ),
        )


def _by_person(transaction: Transaction, reason: str) -> dict[str, Any]:
    return {
        "reason": str(Reason.PERSON),
        "status": None,
        "code": None,
        "detail": reason[:300],
        "at": transaction.now.isoformat(),
    }


def _wrong_state(row: Row, what: Text) -> Conflict:
    return Conflict(
        "wrong-state",
        Text(
            f"Utskicket till {row['channel']} ({row['language']}) är {row['state']} och kan inte {what.sv}. "
            "Inget har ändrats. Se på tavlan vad som gäller nu.",
            f"The delivery to {row['channel']} ({row['language']}) is {row['state']} and cannot {what.en}. "
            "Nothing has been changed. See the board for how it stands.",
        ),
    )


def _too_late() -> Conflict:
    return Conflict(
        "too-late",
        Text(
            "Tiden för beskedet har gått ut, så det skickas inte längre. Skicka en uppdatering med det som gäller nu.",
            "The message's time has run out, so it is no longer sent. Send an update with what is true now.",
        ),
    )


def _needs(pointer: str, sv: str, en: str) -> Invalid:
    return Invalid("fields", Text(sv, en), fields=(FieldError(pointer, Text(sv, en)),))
