"""Who decided and when, as the form offers it; and who has the watch when the next message is due."""

from datetime import datetime
from zoneinfo import ZoneInfo

from broadcaster import moments
from broadcaster.roster import EVERYBODY, Roster, on_duty
from broadcaster.settings import Settings


def deciders(settings: Settings, now: datetime) -> list[str]:
    """Return the names to pick from: those who have a duty now, then everybody of the roster."""
    roster = Roster.of(settings)
    local = now.astimezone(roster.zone)
    duties = [name for handovers in roster.rota()[0].values() for name in on_duty(handovers, local)]
    return list(dict.fromkeys([*duties, *(one.name for one in settings.alarm.people)]))


def watch_at(settings: Settings, at: datetime) -> list[str]:
    """Return who is told first at `at`; nobody where the roster does not say."""
    roster = Roster.of(settings)
    steps = settings.alarm.steps
    if not steps or EVERYBODY in steps[0].tell:
        return []
    return [one.name for one in roster.turn(0, at).people]


def local_of(at: str, zone: ZoneInfo) -> str:
    """Return a moment as the field for local time holds it; what is no moment stays as it was written."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return at
    local = moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)
    return local.isoformat(timespec="minutes")


def moment_of(written: str, zone: ZoneInfo) -> str | None:
    """Return a local time that was typed as a moment with its zone; None when it is no time that ever comes."""
    local = moments.canonical(written, zone)
    if local is None:
        return None
    moment = datetime.fromisoformat(local)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat(timespec="seconds")
