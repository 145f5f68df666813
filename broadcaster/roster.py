"""
The duty roster: who is woken, in which order, how, and at what hours. Decides; sends nothing.

Steps are told in order until somebody answers; the last one is told again and again. A step names people of
`[alarm] people`, duties of the rota file, or `*` for everybody. Steps outside their hours are passed over. Whatever
is wrong with a roster, an alarm is never silent: where it names nobody, everybody is told.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from broadcaster.elks import e164
from broadcaster.errors import Text

if TYPE_CHECKING:
    from broadcaster.settings import Alarm, Person, Settings

Way = Literal["sms", "email", "webhook"]
#: From when on who has a duty.
Handover: TypeAlias = tuple[datetime, tuple[str, ...]]
WAYS: tuple[Way, ...] = ("sms", "email", "webhook")
EVERYBODY = "*"
WEEK_MINUTES, DAY_MINUTES = 10_080, 1440
DAYS: Mapping[str, int] = {
    "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
    "mån": 0, "tis": 1, "ons": 2, "tor": 3, "tors": 3, "fre": 4, "lör": 5, "sön": 6,
}  # fmt: skip
_CLOCK = r"([01]?[0-9]|2[0-4])[:.]([0-5][0-9])"
_HOURS = re.compile(rf"(?:(\w+)(?:-(\w+))? )?{_CLOCK}-{_CLOCK}")
_SENDER = re.compile(r"[A-Za-z][A-Za-z0-9]{0,10}|\+[1-9][0-9]{6,14}")


@dataclass(frozen=True)
class Hours:
    """A part of every week in local time: from which days on, which minute, for how many minutes."""

    days: frozenset[int]
    begins: int
    lasts: int

    def hold(self, at: datetime) -> bool:
        """Tell whether the local time `at` is within them; a night belongs to the day it begins on."""
        minute = at.hour * 60 + at.minute
        since = (((at.weekday() - day) % 7) * DAY_MINUTES + minute - self.begins for day in self.days)
        return any(0 <= minutes < self.lasts for minutes in since)


def hours(text: str) -> Hours:
    """Read `mon-fri 08:00-17:00`, `sön 17.00-08.00` or `22:00-06:00`. Raises `ValueError`."""
    match = _HOURS.fullmatch(text.strip().lower())
    first, last = (match[1], match[2] or match[1]) if match else (None, None)
    if match is None or (first is not None and not {first, last} <= DAYS.keys()):
        raise ValueError(f"{text!r} is not like 'mon-fri 08:00-17:00', 'sat 10:00-14:00' or '22:00-06:00'")
    begins, ends = int(match[3]) * 60 + int(match[4]), int(match[5]) * 60 + int(match[6])
    if max(begins, ends) > DAY_MINUTES:
        raise ValueError(f"{text!r}: no day is longer than 24:00")
    days = frozenset(range(7))
    if first is not None and last is not None:
        days = frozenset((DAYS[first] + n) % 7 for n in range((DAYS[last] - DAYS[first]) % 7 + 1))
    return Hours(days, begins, (ends - begins) % DAY_MINUTES or DAY_MINUTES)


def _checked_hours(text: str) -> str:
    hours(text)
    return text


def _checked_moment(text: str) -> str:
    week_minute(text)
    return text


def _checked_sender(text: str) -> str:
    if not _SENDER.fullmatch(text):
        raise ValueError("must be at most 11 letters and digits, a letter first, or a number like +46766861234")
    return text


SmsSender = Annotated[str, AfterValidator(_checked_sender)]
WeekTime = Annotated[str, AfterValidator(_checked_moment)]


def week_minute(text: str) -> int:
    """Read `mon 10:00` as minutes from the beginning of Monday. Raises `ValueError`."""
    day, _, clock = text.strip().lower().partition(" ")
    match = re.fullmatch(_CLOCK, clock)
    if day not in DAYS or match is None or int(match[1]) > 23:
        raise ValueError(f"{text!r} is not like 'mon 10:00'")
    return DAYS[day] * DAY_MINUTES + int(match[1]) * 60 + int(match[2])


class Step(BaseModel):
    """Who is told together, and how long their answer is waited for before the next step comes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    tell: tuple[str, ...] = Field(min_length=1)  #: names of people, duties of the rota, or "*" for everybody
    by: tuple[Way, ...] = Field(WAYS, min_length=1)  #: of these, every way that is set up and the person has
    wait_s: float = Field(180, gt=0, le=86_400)  #: three minutes: awake, glasses, phone
    hours: tuple[Annotated[str, AfterValidator(_checked_hours)], ...] = ()  #: local time; empty: always


@dataclass(frozen=True)
class Turn:
    """Whose turn it is. `number` counts steps from 1, 0 is everybody for want of a step; `last`: none follows."""

    number: int
    people: tuple["Person", ...]
    by: tuple[Way, ...]
    wait_s: float
    last: bool


class Roster:
    """The people, the steps and the rota of one organisation."""

    def __init__(self, alarm: "Alarm", *, zone: ZoneInfo, folder: Path, organisation: str) -> None:
        self.alarm, self.zone, self.organisation = alarm, zone, organisation
        self._rota_file = folder / alarm.rota if alarm.rota else None
        #: of each step, empty for always
        self.hours = [tuple(hours(text) for text in step.hours) for step in alarm.steps]

    @classmethod
    def of(cls, settings: "Settings") -> "Roster":
        """Return the roster that `settings` describe."""
        organisation = settings.organisation.name
        return cls(settings.alarm, zone=settings.zone, folder=settings.folder, organisation=organisation)

    @property
    def in_force(self) -> bool:
        """Whether alarms go by steps; without steps and SMS, everybody is told at once by mail and webhook."""
        return bool(self.alarm.steps or self.alarm.sms)

    def turn(self, after: int, now: datetime) -> Turn:
        """Return the turn that follows step `after` (0: none was told yet) at `now`."""
        able = list(self._able(now))
        for place, (number, people) in enumerate(able):
            if number > after or place == len(able) - 1:
                step, last = self.alarm.steps[number - 1], place == len(able) - 1
                return Turn(number, people, step.by, self.alarm.repeat_s if last else step.wait_s, last)
        return self.everybody()

    def everybody(self) -> Turn:
        """Return the turn of all at once, at whatever hour."""
        return Turn(0, self.alarm.people, WAYS, self.alarm.repeat_s, last=True)

    def ways_of(self, person: "Person", by: tuple[Way, ...] = WAYS) -> tuple[Way, ...]:
        """Return how `person` can be reached among `by`; a webhook reaches no single person."""
        has = {"sms": bool(self.alarm.sms) and e164(person.phone), "email": self._mails and person.email}
        return tuple(way for way in by if has.get(way))

    def whom(self, turn: Turn) -> list[tuple["Person | None", Way]]:
        """Return every person of `turn` with each way they are told, and None for the webhook."""
        found: list[tuple[Person | None, Way]] = []
        for person in turn.people:
            found += [(person, way) for way in self.ways_of(person, turn.by)]
        if "webhook" in turn.by and self.alarm.webhook:
            found.append((None, "webhook"))
        return found

    def by_phone(self, number: str) -> "Person | None":
        """Return whose telephone `number` is."""
        wanted = e164(number)
        return next((one for one in self.alarm.people if wanted and e164(one.phone) == wanted), None)

    def _able(self, now: datetime) -> Iterator[tuple[int, tuple["Person", ...]]]:
        """Yield the steps that can tell somebody at `now`, with whom."""
        rota, local = self.rota()[0], now.astimezone(self.zone)
        for number, (step, when) in enumerate(zip(self.alarm.steps, self.hours, strict=True), 1):
            if when and not any(one.hold(local) for one in when):
                continue
            names = {name for one in step.tell for name in (on_duty(rota[one], local) if one in rota else (one,))}
            people = tuple(p for p in self.alarm.people if EVERYBODY in names or p.name in names)
            hook = "webhook" in step.by and self.alarm.webhook
            if people and (hook or any(self.ways_of(person, step.by) for person in people)):
                yield number, people

    @property
    def _mails(self) -> bool:
        return bool(self.alarm.smtp and self.alarm.sender)

    def rota(self) -> tuple[dict[str, list[Handover]], Text | None]:
        """Return each duty's handovers in order, and why the file cannot be read. Read anew: it may have changed."""
        if self._rota_file is None:
            return {}, None
        try:
            data = tomllib.loads(self._rota_file.read_text("utf-8"))
            return {duty: sorted(_handovers(rows, self.zone)) for duty, rows in data.items()}, None
        except (OSError, AttributeError, TypeError, ValueError) as error:
            return {}, _unreadable(error)


class _NoHandover(ValueError):
    """One line of a rota is none; `words` say how it is written."""

    def __init__(self, words: Text) -> None:
        super().__init__(words.en)
        self.words = words


def _unreadable(error: Exception) -> Text:
    """Return why a rota cannot be read, and where, so that it can be mended."""
    if isinstance(error, _NoHandover):
        return error.words
    if isinstance(error, FileNotFoundError):
        return Text("filen finns inte", "the file does not exist")
    if isinstance(error, tomllib.TOMLDecodeError):
        place = re.search(r"line (\d+), column (\d+)", str(error))
        if place is None:
            return Text("filen är inte giltig TOML", "the file is not valid TOML")
        sv, en = f"på rad {place[1]}, tecken {place[2]}", f"in line {place[1]}, column {place[2]}"
        return Text(f"filen är inte giltig TOML {sv}", f"the file is not valid TOML {en}")
    if isinstance(error, OSError):
        return Text(f"filen går inte att öppna: {type(error).__name__}", f"it cannot be opened: {type(error).__name__}")
    return Text("filen är inte skriven som ett jourschema", "the file is not written as a rota")


def _handovers(rows: Mapping[str, Any], zone: ZoneInfo) -> Iterator[Handover]:
    for moment, names in rows.items():
        try:
            at = datetime.strptime(moment.strip(), "%Y-%m-%d %H:%M").replace(tzinfo=zone)
        except ValueError:
            like = "2026-11-23 08:00"
            words = Text(f"{moment!r} är ingen tid som {like}", f"{moment!r} is no time like {like}")
            raise _NoHandover(words) from None
        if not isinstance(names, str) and not (isinstance(names, list) and all(isinstance(n, str) for n in names)):
            sv, en = "skriv ett namn eller en lista av namn", "write a name, or a list of names"
            raise _NoHandover(Text(f"{moment}: {sv}", f"{moment}: {en}"))
        yield at, (names,) if isinstance(names, str) else tuple(names)


def on_duty(handovers: Sequence[Handover], at: datetime) -> tuple[str, ...]:
    """Return who has a duty at `at`; nobody before its first handover."""
    return next((names for begins, names in reversed(handovers) if begins <= at), ())
