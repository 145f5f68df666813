"""The first page after signing in: alarms, what is running, and every crisis that can be started."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster.auth.guard import current_client
from broadcaster.board import channel_name
from broadcaster.desk.parts import Desk
from broadcaster.desk.vocabulary import APPROVAL, PREFLIGHT, UNKNOWN, WAKING, look_of_message
from broadcaster.language import language, say
from broadcaster.pages import local

#: Closed incidents are still looked at for a while: a correction may be needed.
CLOSED_SHOWN = 10
OPEN_SHOWN = 50
#: A message nobody let out says nothing about how the incident goes.
_NEVER_OUT = frozenset({"awaiting_approval", "rejected", "expired"})


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the overview and the answer to an alarm."""

    @blueprint.get("/desk")
    def overview() -> str:
        scopes = current_client().scopes
        return render_template(
            "overview.html",
            alarms=desk.board.alarms(),
            here="/desk",
            troubles=desk.board.ready(),
            waking=desk.board.alarm_health(),
            waking_look=WAKING,
            may_test=bool(scopes & {"send", "admin"}),
            open=_incidents(desk, "open", OPEN_SHOWN),
            promises=desk.board.promises(),
            closed=_incidents(desk, "closed", CLOSED_SHOWN),
            channels=[_channel(channel) for channel in desk.board.channels()],
            playbooks=sorted((_playbook(desk, book) for book in desk.board.playbooks()), key=_startable_first),
            may_start=bool(scopes & {"send", "propose"}),
            may_send="send" in scopes,
        )

    @blueprint.post("/desk/alarms/<alarm_id>/answer")
    def answer_alarm(alarm_id: str) -> Response:
        desk.board.answer_alarm(alarm_id, current_client())
        return redirect(local(request.form.get("back"), "/desk"), 303)


    @blueprint.post("/desk/alarm-test")
    def test_alarm() -> Response:
        desk.board.test_alarm(current_client())
        return redirect("/desk#waking", 303)


def _incidents(desk: Desk, state: str, limit: int) -> list[dict[str, Any]]:
    return [_incident(desk, item) for item in desk.board.incidents(state=state, limit=limit)["items"]]


def _incident(desk: Desk, item: Mapping[str, Any]) -> dict[str, Any]:
    messages = item["messages"]
    deliveries = [delivery for message in messages for delivery in message["deliveries"]]
    states = [message["state"] for message in reversed(messages)]
    newest = next((state for state in states if state not in _NEVER_OUT), states[0] if states else "")
    return {
        "ref": item["ref"],
        "mode": item["mode"],
        "title": say(desk.title_of(item["playbook"])),
        "look": look_of_message(newest),
        "awaiting": newest != "awaiting_approval" and "awaiting_approval" in states,
        "tasks": sum(delivery["state"] == "needs_person" for delivery in deliveries),
    }


def _playbook(desk: Desk, book: Mapping[str, Any]) -> dict[str, Any]:
    with desk.store.reading() as transaction:
        standing = desk.books.within(transaction)
        snapshot, trouble = standing[book["id"]], standing.trouble(book["id"])
        waiting = standing.proposed(book["id"])
    state = book["approval"]["state"]
    return {
        "id": book["id"],
        "title": say(snapshot.title),
        "use": say(snapshot.use),
        "approval": APPROVAL.get(state, UNKNOWN),
        "can_start": state == "approved" and trouble is None,
        "trouble": say(trouble) if trouble else "",
        "waiting": waiting is not None and waiting.snapshot is not None,
    }


def _channel(channel: Mapping[str, Any]) -> dict[str, Any]:
    preflight = channel["preflight"]
    by_hand = channel["kind"] == "manual"
    return {
        "name": say(channel_name(channel["key"])),
        "look": PREFLIGHT["green"] if by_hand else PREFLIGHT.get(preflight["state"], UNKNOWN),
        "problems": [] if by_hand else _problems(preflight),
        "checked_at": None if by_hand else preflight["checked_at"],
        "by_hand": by_hand,
    }


def _problems(preflight: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each problem in the language of the page and the tag of that language; some are in Swedish only."""
    pairs = zip(preflight["problems"], preflight["problems_en"], strict=True)
    return [(en, "en") if language() == "en" and en != sv else (sv, "sv") for sv, en in pairs]


def _startable_first(book: Mapping[str, Any]) -> tuple[bool, str]:
    return not book["can_start"], book["title"]
