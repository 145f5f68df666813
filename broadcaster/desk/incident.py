"""The live board of one incident, as a page and as a fragment, and the page of one task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask import Blueprint, render_template, request

from broadcaster.auth.client import Client
from broadcaster.auth.guard import current_client
from broadcaster.board import DeliveryView, MessageView, Situation, channel_name
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.parts import Desk, by_channel
from broadcaster.desk.sending import names_of
from broadcaster.desk.vocabulary import (
    PHASES,
    Look,
    fact_words,
    has_look,
    look_of_delivery,
    look_of_message,
    step_words,
)
from broadcaster.errors import NotFound, Text
from broadcaster.language import say, t
from broadcaster.playbook import Answer, Snapshot
from broadcaster.spoken import DUTY

#: Nobody has to do anything more about these, nor has a machine.
_SETTLED = frozenset({"published", "failed", "skipped", "affected", "superseded", "withdrawn", "expired"})


@dataclass(frozen=True)
class Row:
    """One delivery as the board shows it."""

    view: DeliveryView
    submission: str  #: Idempotency-Key of what a person does next about it; another one once it has moved
    typed_url: str = ""
    typed_reason: str = ""

    @property
    def name(self) -> str:
        """What people call the channel."""
        return say(channel_name(self.view.channel))

    @property
    def look(self) -> Look:
        """How its state is shown."""
        return look_of_delivery(self.view.state, self.view.intent, letter=bool(self.view.recipients))

    @property
    def handed_over(self) -> str:
        """How many of a letter's recipients have it."""
        have = sum(str(one.has) in ("accepted", "by_hand") for one in self.view.recipients)
        return f"{have} {t('av', 'of')} {len(self.view.recipients)}"

    @property
    def is_task(self) -> bool:
        """Tell whether a person has to act."""
        return self.view.state == "needs_person"

    @property
    def at(self) -> Any:
        """When it came to this, as far as the log tells."""
        receipt = self.view.json["receipt"]
        if self.view.state == "published" and receipt:
            return receipt["at"]
        return self.view.attempts[-1].at if self.view.attempts else None

    @property
    def next_at(self) -> str | None:
        """When a machine tries again."""
        return self.view.json["next_attempt_at"] if self.view.state in ("retrying", "uncertain") else None

    @property
    def url(self) -> str:
        """The public address if it is one a browser may follow."""
        return _followable(self.view.json["url"])

    @property
    def place(self) -> str:
        """Where a person pastes it, if that is an address."""
        return _followable(self.view.place)

    step = staticmethod(step_words)
    fact = staticmethod(fact_words)
    has = staticmethod(has_look)


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the live board, its fragment and the task pages."""

    @blueprint.get("/desk/incidents/<ref>")
    def incident(ref: str) -> str:
        still = request.args.get("still") == "1"
        return render_template("incident.html", still=still, **_shown(desk, ref))

    @blueprint.get("/desk/incidents/<ref>/board")
    def board(ref: str) -> str:
        return render_template("_board.html", **_shown(desk, ref))

    @blueprint.get("/desk/messages/<message_id>/deliveries/<channel>/<language>")
    def task(message_id: str, channel: str, language: str) -> str:
        return task_page(desk, message_id, channel, language, [])


def task_page(
    desk: Desk, message_id: str, channel: str, language: str, errors: FieldErrors, url: str = "", reason: str = ""
) -> str:
    """Return the page of one delivery for whoever settles it by hand; what was typed stays. Raises `NotFound`."""
    situation, message = find_message(desk, message_id)
    here = f"/desk/messages/{message_id}/deliveries/{channel}/{language}"
    for view in message.deliveries:
        if (view.channel, view.language) == (channel, language):
            return render_template(
                "task.html",
                row=Row(view, submission_of(message_id, view), url, reason),
                here=here,
                here_address=here,
                ref=situation.ref,
                mark=message.mark,
                drill=situation.mode == "drill",
                may_send="send" in current_client().scopes,
                errors=errors,
            )
    raise _no_such()


def find_message(desk: Desk, message_id: str) -> tuple[Situation, MessageView]:
    """Return a message with all that is known of its incident. Raises `NotFound`."""
    situation = desk.board.situation(desk.board.message(message_id)["incident"])
    for message in situation.messages:
        if message.json["id"] == message_id:
            return situation, message
    raise _no_such()


def submission_of(message_id: str, view: DeliveryView) -> str:
    """Return a key that is the same until the delivery moves: a double click is one act, a later act another."""
    receipt = view.json["receipt"] or {}
    moved = (view.intent, view.state, view.json["attempts"], receipt.get("at"), len(view.attempts))
    return str(uuid5(NAMESPACE_URL, f"{message_id}/{view.channel}/{view.language}/{moved}"))


def _shown(desk: Desk, ref: str) -> dict[str, Any]:
    situation, client = desk.board.situation(ref), current_client()
    messages = [_message(message, client) for message in situation.messages]
    snapshot = desk.pinned(ref, situation.playbook)
    return {
        "s": situation,
        "drill": situation.mode == "drill",
        "overall": _overall(situation),
        "awaiting": any(message.awaiting for message in situation.messages),
        "progress": _progress(situation.messages),
        "messages": messages,
        "alarms": situation.alarms,
        "answers": _answers(situation, snapshot),
        "here": f"/desk/incidents/{ref}",
        "phases": [PHASES[phase] for phase in situation.phases if phase in PHASES],
        "affected_names": names_of(snapshot, situation.affected),
        "may_write": bool(client.scopes & {"send", "propose"}),
        "may_send": "send" in client.scopes,
        "may_decide": "send" in client.scopes or "approve" in client.scopes,
    }


def _message(message: MessageView, client: Client) -> dict[str, Any]:
    words = [
        {
            "channel": channel,
            "language": language,
            "text": text,
            "pictures": message.open_pictures.get((channel, language), ()),
        }
        for channel, said in message.open_words.items()
        for language, text in said.items()
    ]
    return {
        "view": message,
        "phase": PHASES[message.phase],
        "look": look_of_message(message.state),
        "maker": message.created_by.split(":", 1)[-1],
        "yes": _yes(message.approved_by),
        "mine": message.created_by in (client.id, client.name),
        "rows": [Row(view, submission_of(message.json["id"], view)) for view in _facebook_first(message.deliveries)],
        "open_words": by_channel(words),
    }


def _yes(approved_by: str | None) -> str:
    """Return whose yes let a message out, and whether it was given by telephone."""
    how, _, name = (approved_by or "").partition(":")
    if not name:
        return ""
    by_phone = t(" per telefon", " by telephone") if f"{how}:" == DUTY else ""
    return f"{t('ja av', 'yes by')} {name}{by_phone}"


def _facebook_first(deliveries: Sequence[DeliveryView]) -> list[DeliveryView]:
    return sorted(deliveries, key=lambda view: view.channel != "facebook")


def _overall(situation: Situation) -> Look:
    """Return the one line that says how it goes: that of the newest message that was let out."""
    sent = [message for message in situation.messages if message.accepted_at is not None]
    if not sent:
        return Look("wait", "!", Text("Inget är skickat än", "Nothing has been sent yet"))
    return look_of_message(sent[0].state)


def _answers(situation: Situation, snapshot: Snapshot) -> list[tuple[int, Answer]]:
    """Return the prepared answers that fit what people have read last, each with its place in the playbook."""
    sent = [message.phase for message in situation.messages if message.accepted_at is not None]
    newest = sent[0] if sent else "first"
    return [(place, one) for place, one in enumerate(snapshot.answers) if newest in one.phases]


def _progress(messages: Sequence[MessageView]) -> dict[str, int]:
    deliveries = [view for message in messages for view in message.deliveries]
    return {
        "total": len(deliveries),
        "done": sum(view.state in _SETTLED for view in deliveries),
        "tasks": sum(view.state == "needs_person" for view in deliveries),
    }


def _followable(address: str | None) -> str:
    return address if address and address.startswith(("https://", "http://")) else ""


def _no_such() -> NotFound:
    return NotFound(
        "no-such-delivery",
        Text(
            "Det finns inget sådant utskick. Inget har ändrats. Gå till händelsen och välj därifrån.",
            "There is no such delivery. Nothing has been changed. Go to the incident and choose from there.",
        ),
    )
