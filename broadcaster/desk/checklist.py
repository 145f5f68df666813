"""What is easily forgotten, ticked by whoever has done it, while everybody on the board can see it."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from broadcaster import checklist
from broadcaster.auth.guard import current_client
from broadcaster.board import Situation
from broadcaster.desk.parts import Desk
from broadcaster.desk.states import clock_of
from broadcaster.language import say, t, when
from broadcaster.playbook import Snapshot
from broadcaster.store import Transaction


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the tick. It says what is to be, not that something be turned over: pressed twice, it is done once."""

    @blueprint.post("/desk/incidents/<ref>/checklist")
    def tick_line(ref: str) -> Response:
        lines = desk.pinned(ref, desk.board.incident(ref)["playbook"]).checklist
        digest, done = request.form.get("line", ""), request.form.get("done") == "1"
        checklist.tick(desk.store, ref, lines, digest, current_client(), done=done)
        still = "&still=1" if request.form.get("still") == "1" else ""
        return redirect(f"/desk/incidents/{ref}?list=1{still}#checklist", 303)


def shown(desk: Desk, transaction: Transaction, situation: Situation, snapshot: Snapshot) -> dict[str, Any]:
    """Return what `_checklist.html` shows: the lines, how far they are done, and whether this reader may tick."""
    found = checklist.points(transaction, situation.ref, snapshot.checklist)
    zone = ZoneInfo(desk.settings.organisation.timezone)
    is_open = situation.state == "open"
    return {
        "points": [
            {"words": say(one.text), "line": one.digest, "ticked": _ticked(one, transaction.now, zone)} for one in found
        ],
        "done": sum(one.at is not None for one in found),
        "is_open": is_open,
        "may_tick": is_open and bool(current_client().scopes & checklist.SCOPES),
        "unfolded": request.args.get("list") == "1",
    }


def _ticked(point: checklist.Point, now: datetime, zone: ZoneInfo) -> str:
    """Return who ticked it and when, with the day if that was another one; nothing where it is not done."""
    if point.at is None:
        return ""
    today = point.at.astimezone(zone).date() == now.astimezone(zone).date()
    at = say(clock_of(point.at, zone)) if today else when(point.at, zone)
    return f"{t('Bockat av', 'Ticked by')} {point.by} {at}"
