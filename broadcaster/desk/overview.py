"""The first page after signing in: alarms, what is running, and every crisis that can be started."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster.auth.guard import current_client
from broadcaster.board import channel_name
from broadcaster.desk.choosing import by_name, choices, groups, rights
from broadcaster.desk.parts import Desk
from broadcaster.desk.vocabulary import PREFLIGHT, UNKNOWN, WAKING, look_of_message
from broadcaster.errors import Text
from broadcaster.language import language, say
from broadcaster.pages import local

#: Closed incidents are still looked at for a while: a correction may be needed.
CLOSED_SHOWN = 10
OPEN_SHOWN = 50
#: A message nobody let out says nothing about how the incident goes.
_NEVER_OUT = frozenset({"awaiting_approval", "rejected", "expired"})
#: How channels are, in the order they are told.
_STANDING = (
    ("bad", "✕", Text("svarar inte som de ska", "not answering as they should")),
    ("wait", "!", Text("osäkra", "uncertain")),
    ("off", "–", Text("okända", "unknown")),
    ("good", "✓", Text("utan anmärkning", "without remark")),
)


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the overview and the answer to an alarm."""

    @blueprint.get("/desk")
    def overview() -> str:
        scopes, every = current_client().scopes, choices(desk)
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
            standing=_standing([_channel(channel) for channel in desk.board.channels()]),
            groups=groups(every),
            startable=any(one.can_start for one in every),
            by_name=by_name,
            **rights(),
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


def _standing(channels: list[dict[str, Any]]) -> list[tuple[str, str, Text, list[dict[str, Any]]]]:
    """Return the channels by how they are, what is wrong first: the kind, its sign, how they are, and which."""
    kinds = {kind: [one for one in channels if one["look"].kind == kind] for kind, _, _ in _STANDING}
    return [(kind, sign, how, kinds[kind]) for kind, sign, how in _STANDING if kinds[kind]]


def _channel(channel: Mapping[str, Any]) -> dict[str, Any]:
    preflight = channel["preflight"]
    by_hand = channel["kind"] == "manual"
    return {
        "name": say(channel_name(channel["key"])),
        "look": PREFLIGHT["green"] if by_hand else PREFLIGHT.get(preflight["state"], UNKNOWN),
        "problems": [] if by_hand else problems(preflight),
        "checked_at": None if by_hand else preflight["checked_at"],
        "by_hand": by_hand,
    }


def problems(preflight: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each problem in the language of the page and the tag of that language; some are in Swedish only."""
    pairs = zip(preflight["problems"], preflight["problems_en"], strict=True)
    return [(en, "en") if language() == "en" and en != sv else (sv, "sv") for sv, en in pairs]
