"""
Who is on duty, said before anything has gone wrong: who is told first, until when, and who comes after them.

Asks the roster what an alarm would ask, so that the page and the alarm cannot disagree. Where it names nobody, or
nobody can be reached, that is said: whoever watches has to know that they watch alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from broadcaster import moments
from broadcaster.errors import Text
from broadcaster.roster import DAY_MINUTES, Hours, Roster, Turn

#: How far ahead a change of duty is looked for.
AHEAD = timedelta(days=7)
#: So soon, the time of day says it all; later, its day is said too.
SOON = timedelta(hours=18)
#: More people than this are counted, not named.
NAMED_MAX = 5
Names: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Duty:
    """Who is told. Names are of those who can be reached; none and `webhook`: only a system is told."""

    first: Names
    is_everybody: bool  #: nobody is named by the roster, or all are: `first` are told at once
    webhook: bool
    until: datetime | None  #: when `first` change; None: not within `AHEAD`
    until_words: Text  #: the same in words; empty for None
    then: Names  #: who is told first from `until` on
    after_s: float  #: if nobody answers for so long
    next: Names  #: these are told; the same as `first` where nobody else is


def duty(roster: Roster, now: datetime) -> Duty:
    """Return who is told at `now` if something fails, and what the roster says of the time after that."""
    turn = roster.turn(0, now)
    first = _names(roster, turn)
    until, then = next(((at, names) for at, names in _later(roster, now) if names != first), (None, ()))
    every = {person.name for person in roster.alarm.people}
    everybody = turn.number == 0 or (len(first) > 1 and set(first) == every)
    webhook = any(person is None for person, _ in roster.whom(turn))
    following = first if turn.last else _names(roster, roster.turn(turn.number, now))
    words = _until(roster, now, until) if until else Text("", "")
    return Duty(first, everybody, webhook, until, words, then, turn.wait_s, following)


def sentences(found: Duty) -> list[Text]:
    """Return what is said of it: who is on duty, and who is told when."""
    if not found.first:
        return [_ONLY_WEBHOOK if found.webhook else _NOBODY, *_change(found)]
    names, until = _listed(found.first), found.until_words
    if found.is_everybody:
        sv, en = (" alla på en gång:", "everybody is told at once:") if len(found.first) > 1 else ("", "told:")
        told = Text(f"Om något går fel larmas{sv} {names.sv}.", f"If something fails, {en} {names.en}.")
        return [told, *_change(found)]
    now = Text(
        f"I beredskap nu: {names.sv}{f' ({until.sv})' if until.sv else ''}.",
        f"On duty now: {names.en}{f' ({until.en})' if until.en else ''}.",
    )
    return [now, *_change(found), _told(found)]


def _change(found: Duty) -> list[Text]:
    """Return who comes after; where nobody on duty was named, with the time as well."""
    if found.until is None:
        return []
    names = _listed(found.then) if found.then else Text("ingen som går att larma", "nobody who can be told")
    if found.first and not found.is_everybody:
        return [Text(f"Därefter: {names.sv}.", f"After that: {names.en}.")]
    sv, en = found.until_words.sv.removeprefix("till "), found.until_words.en.removeprefix("until ")
    return [Text(f"Från {sv}: {names.sv}.", f"From {en}: {names.en}.")]


def _told(found: Duty) -> Text:
    names = _listed(found.first)
    first = Text(f"Om något går fel larmas {names.sv} först.", f"If something fails, told first: {names.en}.")
    if found.next == found.first or not found.next:
        return first
    minutes = max(1, round(found.after_s / 60))
    sv_unit, en_unit = ("minut", "minute") if minutes == 1 else ("minuter", "minutes")
    after = _listed(found.next)
    return Text(
        f"{first.sv} Svarar ingen inom {minutes} {sv_unit} larmas {after.sv}.",
        f"{first.en} If nobody answers within {minutes} {en_unit}, told next: {after.en}.",
    )


def _later(roster: Roster, now: datetime) -> Iterator[tuple[datetime, Names]]:
    """Yield each time ahead when something turns, in order, with who is told first from then on."""
    for at in sorted({*_handovers(roster, now), *_turning(roster, now)}):
        yield at, _names(roster, roster.turn(0, at))


def _handovers(roster: Roster, now: datetime) -> Iterator[datetime]:
    for handovers in roster.rota()[0].values():
        yield from (at for at, _ in handovers if now < at <= now + AHEAD)


def _turning(roster: Roster, now: datetime) -> Iterator[datetime]:
    """Yield when the hours of a step begin or end."""
    midnight = now.astimezone(roster.zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    for hours in {one for when in roster.hours for one in when}:
        for day in range(-1, AHEAD.days + 1):
            for minute in _minutes(hours, midnight + timedelta(days=day)):
                at = (midnight + timedelta(days=day, minutes=minute)).replace(tzinfo=roster.zone)
                if now < at <= now + AHEAD:
                    yield at


def _minutes(hours: Hours, day: datetime) -> Iterable[int]:
    if day.weekday() not in hours.days:
        return ()
    return (hours.begins,) if hours.lasts == DAY_MINUTES else (hours.begins, hours.begins + hours.lasts)


def _names(roster: Roster, turn: Turn) -> Names:
    return tuple(dict.fromkeys(person.name for person, _ in roster.whom(turn) if person is not None))


def _until(roster: Roster, now: datetime, at: datetime) -> Text:
    local = at.astimezone(roster.zone)
    if at <= now + SOON:
        return Text(f"till kl. {local:%H.%M}", f"until {local:%H:%M}")
    return Text(f"till {moments.said(at, roster.zone, 'sv')}", f"until {moments.said(at, roster.zone, 'en')}")


def _listed(names: Names) -> Text:
    """Return the names as one reads them aloud; so many that nobody would, by their number."""
    if len(names) > NAMED_MAX:
        return Text(f"{len(names)} personer", f"{len(names)} people")
    *some, last = names
    both = ", ".join(some)
    return Text(f"{both} och {last}", f"{both} and {last}") if some else Text(last, last)


_ONLY_WEBHOOK = Text(
    "Ingen person går att larma nu. Går något fel får bara det anslutna larmsystemet veta det: håll tavlan öppen.",
    "No person can be told now. If something fails, only the connected alarm system hears of it: keep the board open.",
)
_NOBODY = Text(
    "Ingen larmas om något går fel: inget sätt att larma är inställt. Håll tavlan öppen.",
    "Nobody is told if something fails: no way to tell anybody is set up. Keep the board open.",
)
