"""
When the next message is promised, as the form asks it: only at night, when the playbook's own time would wake people.

    offered    the times to choose among, each with who is told first then; none where nothing has to be asked
    proposed   the one that is chosen already: the morning, where the playbook itself can wait for it
"""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from broadcaster import moments
from broadcaster.desk.deciding import watch_at
from broadcaster.language import language, t
from broadcaster.playbook import Snapshot
from broadcaster.settings import Settings

#: Night, where people sleep and a promise is kept by whoever is on duty alone. Local hours.
_NIGHT_FROM, _NIGHT_TO = 21, 5
#: When the morning's first readers come, and when the day's people have begun. Local time.
MORNINGS = (time(6), time(8))
#: Playbooks that promise the next message sooner than this are read by people who cannot wait until the morning.
CAN_WAIT_MINUTES = 120


class Offer(NamedTuple):
    """A time to promise. `value` is empty for the playbook's own."""

    value: str
    words: str
    note: str


def offered(settings: Settings, snapshot: Snapshot, phase: str, now: datetime) -> list[Offer]:
    """Return the times to choose among at `now`, the playbook's own first."""
    own, mornings = snapshot.next_due(phase, now), _mornings(settings, now)
    if own is None or not mornings or own >= mornings[0]:
        return []
    as_it_says = t(", som krismallen säger", ", as the playbook says")
    playbooks_own = Offer("", f"{_said(settings, own)}{as_it_says}", _watch(settings, own))
    at_six_and_eight = (Offer(at.isoformat(), _said(settings, at), _watch(settings, at)) for at in mornings)
    return [playbooks_own, *at_six_and_eight]


def proposed(settings: Settings, snapshot: Snapshot, phase: str, now: datetime) -> str:
    """Return the value that is chosen until somebody chooses another."""
    offers = offered(settings, snapshot, phase, now)
    return offers[1].value if offers and snapshot.update_minutes >= CAN_WAIT_MINUTES else ""


def chosen_of(value: str) -> datetime | None:
    """Return the time that `value` names; None where it names none, which the engine tells of."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _mornings(settings: Settings, now: datetime) -> list[datetime]:
    local = now.astimezone(settings.zone)
    if _NIGHT_TO <= local.hour < _NIGHT_FROM:
        return []
    day = local.date() + timedelta(days=local.hour >= _NIGHT_FROM)
    return [datetime.combine(day, at, settings.zone) for at in MORNINGS]


def _said(settings: Settings, at: datetime) -> str:
    """Return the time with its day: after midnight nobody agrees on which morning is tomorrow's."""
    said = moments.said(at, settings.zone, language())
    return said[0].upper() + said[1:]


def _watch(settings: Settings, at: datetime) -> str:
    names = watch_at(settings, at)
    return t(f"– då larmas först: {', '.join(names)}", f"– told first then: {', '.join(names)}") if names else ""
