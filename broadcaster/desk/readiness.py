"""Every channel before it is needed: whether it would take a message now, what is wrong, and what to do about it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template

from broadcaster.board import channel_name
from broadcaster.desk.overview import problems
from broadcaster.desk.parts import Desk
from broadcaster.desk.vocabulary import PREFLIGHT, UNKNOWN
from broadcaster.errors import Text
from broadcaster.language import say

#: What the service itself does with a kind of channel; a kind of somebody else's package is said by its name.
KINDS: Mapping[str, Text] = {
    "own_web": Text("Vår egen sida", "Our own page"),
    "facebook": Text("Facebooksidan", "The Facebook page"),
    "content_management": Text("Webbpublicering på 1177", "Web publishing on 1177"),
    "phone_gateway": Text("Talat besked i telefon", "Spoken message by telephone"),
    "manual": Text("En person klistrar in", "Pasted by a person"),
    "restapp": Text("Regionens egen webbplats", "The region's own web site"),
    "email": Text("E-post till mottagare", "E-mail to recipients"),
    "sms_46elks": Text("Sms till mottagare", "SMS to recipients"),
}
_WORST_FIRST = ("red", "amber", "green")


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page of all channels."""

    @blueprint.get("/desk/channels")
    def channels() -> str:
        rows = [_row(desk, channel) for channel in desk.board.channels()]
        rows.sort(key=lambda row: (row["by_hand"], row["rank"]))
        ready = sum(row["state"] == "green" and not row["by_hand"] for row in rows)
        automatic = sum(not row["by_hand"] for row in rows)
        return render_template("channels.html", rows=rows, ready=ready, automatic=automatic)


def _row(desk: Desk, channel: Mapping[str, Any]) -> dict[str, Any]:
    preflight, key, kind = channel["preflight"], channel["key"], channel["kind"]
    by_hand, state = kind == "manual", preflight["state"]
    return {
        "key": key,
        "name": say(channel_name(key)),
        "kind": say(KINDS.get(kind, Text(kind, kind))),
        "by_hand": by_hand,
        "assignee": getattr(desk.settings.channels[key], "assignee", ""),
        "state": state,
        "rank": _WORST_FIRST.index(state) if state in _WORST_FIRST else 0,
        "look": PREFLIGHT.get(state, UNKNOWN),
        "problems": [] if by_hand else problems(preflight),
        "checked_at": preflight["checked_at"],
    }
