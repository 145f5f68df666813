"""
The seconds after the last press in which whoever sent it can still stop it, before anything has left.

    held      until when a message can be stopped, while nothing of it has been tried
    stopped   whether a message was stopped so early that nothing of it was ever anywhere
    anew      the address of the form with all that was filled in, to begin again from
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from broadcaster.board import MessageView, Situation
from broadcaster.desk.form import BLANK

#: What is due sooner after it was accepted than this was not held back.
_AT_ONCE = timedelta(seconds=1)


def held(message: MessageView) -> datetime | None:
    """Return when the first of `message` leaves, or was to leave; None where something of it has been tried."""
    if message.accepted_at is None or message.state != "sending":
        return None
    due = []
    for view in message.deliveries:
        if view.state in ("skipped", "affected"):
            continue
        at = view.json["next_attempt_at"]
        if view.state != "owed" or view.intent != "publish" or view.json["attempts"] or at is None:
            return None
        due.append(datetime.fromisoformat(at))
    first = min(due, default=None)
    return first if first is not None and first - message.accepted_at >= _AT_ONCE else None


def stopped(message: MessageView) -> bool:
    """Tell whether `message` was taken back before anything of it was tried, shown or given to a person."""
    if message.state != "recalled" or message.accepted_at is None:
        return False
    return not any(view.json["attempts"] or view.json["receipt"] or view.can_acknowledge for view in message.deliveries)


def anew(situation: Situation, message: MessageView) -> str:
    """Return the address of the form with the same things filled in."""
    given = [(f"{BLANK}{name}", value) for name, value in message.blanks.items()]
    given += [("affected", key) for key in situation.affected]
    if message.phase == "first":
        return f"/desk/new/{situation.playbook}?{urlencode([('mode', situation.mode), *given])}"
    return f"/desk/incidents/{situation.ref}/{message.phase}?{urlencode(given)}"
