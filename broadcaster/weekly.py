"""
The alarm is tested every week by itself, and by one button: an alarm nobody has tried wakes nobody.

A test says that it is one and goes the whole way to the first step of the roster. It is green only when a delivery
report says that a phone has it, or when somebody answered. A test that did neither is red and raises an alarm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import exists, insert, select, update

from broadcaster import audit, roster_check
from broadcaster.alarm import TEST, raise_alarm
from broadcaster.alarm_tables import alarm_told
from broadcaster.audit import Event
from broadcaster.auth import throttle
from broadcaster.errors import Text
from broadcaster.roster import Roster, week_minute
from broadcaster.store import Store, Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.told import ToldView, told_of

#: So long a test may take to be delivered or answered.
WINDOW_S = 900
#: A test that is older says nothing about this week; a day more, so that Monday's comes in time.
FRESH = timedelta(days=8)
#: A service that was down at the hour tests later the same day, and never at night.
LATE_MAX = timedelta(hours=6)
_WEEK = timedelta(days=7)
_WORDS = Text(
    "Inget har hänt. Det här provar att larm når fram till dig.",
    "Nothing has happened. This tests that alarms reach you.",
)
_FAILED = Text(
    "Provet av krislarmet nådde ingen: varken leveranskvitto eller svar kom på en kvart. "
    "Ett riktigt larm når kanske ingen. Se Larmet på krisdesken och rätta det i dag.",
    "The test of the crisis alarm reached nobody: no delivery report and no answer came within a quarter of an hour. "
    "A real alarm may reach nobody. See The alarm on the crisis desk and mend it today.",
)


@dataclass(frozen=True)
class Health:
    """Whether the alarm would wake somebody, as far as is known. `last_at` None: never tested."""

    state: Literal["green", "amber", "red"]
    words: Text
    last_at: datetime | None
    next_at: datetime | None
    test: str | None  #: the id of a test that runs right now
    told: tuple[ToldView, ...]  #: who was told of the last test, and what became of it
    problems: tuple[Text, ...]


def begin_due(store: Store, roster: Roster) -> None:
    """Begin this week's test when its time has come, once however many workers there are."""
    if not roster.in_force:
        return
    hour = this_weeks(roster, store.clock())
    if not hour <= store.clock() < hour + LATE_MAX:
        return
    mark = ("alarm:weekly", hour.isoformat())
    with store.reading() as transaction:  # asked every second for some hours: no writer's lock for it
        if throttle.is_noted(transaction, *mark):
            return
    with store.transaction() as transaction:
        if throttle.first_in(transaction, *mark, _WEEK.total_seconds()):
            _begin(transaction, None)


def ask(transaction: Transaction, by: str) -> bool:
    """Begin a test now; return False if one is running and has not got through yet."""
    row = _last(transaction)
    if row is not None and _is_running(row) and not _passed(transaction, row):
        return False
    _begin(transaction, by)
    return True


def judge(transaction: Transaction, row: Mapping[str, Any]) -> None:
    """End a test whose time is over; raise an alarm if it reached nobody."""
    transaction.execute(update(alarm_table).where(alarm_table.c.id == row["id"]).values(next_at=None))
    passed = _passed(transaction, row)
    audit.record(transaction, Event.ALARM_TESTED, alarm=row["id"], passed=passed)
    if not passed:
        raise_alarm(transaction, "test_failed", _FAILED)


def health(transaction: Transaction, roster: Roster) -> Health:
    """Return how the alarm is, for the desk and for `check`."""
    now = transaction.now
    row = _last(transaction)
    problems = tuple(roster_check.problems(roster, now))
    next_at = None
    if roster.in_force:
        hour = this_weeks(roster, now)
        next_at = hour if hour > now else hour + _WEEK
    state, words = _judged(transaction, row, now)
    if state == "green" and problems:
        state = "amber"
    running = row["id"] if row is not None and _is_running(row) and not _passed(transaction, row) else None
    told = told_of(transaction, [row["id"]]).get(row["id"], ()) if row else ()
    return Health(state, words, row["raised_at"] if row else None, next_at, running, told, problems)


def this_weeks(roster: Roster, now: datetime) -> datetime:
    """Return the moment of this week's test, in local time; the week begins on Monday."""
    local = now.astimezone(roster.zone)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    return monday + timedelta(minutes=week_minute(roster.alarm.test_at))  # local clock, also when summer time begins


def _judged(
    transaction: Transaction, row: Mapping[str, Any] | None, now: datetime
) -> tuple[Literal["green", "amber", "red"], Text]:
    if row is None:
        return "amber", Text("Larmet är aldrig provat.", "The alarm was never tested.")
    if _passed(transaction, row):
        if row["raised_at"] < now - FRESH:
            return "amber", Text("Larmet är inte provat på över en vecka.", "The alarm was not tested for over a week.")
        return "green", Text("Senaste provet nådde fram.", "The last test got through.")
    if _is_running(row):
        return "amber", Text("Ett prov pågår: inget kvitto än.", "A test is running: no report yet.")
    return "red", Text("Senaste provet nådde ingen.", "The last test reached nobody.")


def _begin(transaction: Transaction, by: str | None) -> None:
    now, test_id = transaction.now, str(uuid4())
    values = {"id": test_id, "kind": TEST, "text": {"sv": _WORDS.sv, "en": _WORDS.en}, "raised_at": now, "next_at": now}
    transaction.execute(insert(alarm_table).values(**values, times=0, step=0))
    audit.record(transaction, Event.ALARM_RAISED, by=by, alarm=test_id, kind=TEST)


def _last(transaction: Transaction) -> Mapping[str, Any] | None:
    tests = select(alarm_table).where(alarm_table.c.kind == TEST).order_by(alarm_table.c.raised_at.desc()).limit(1)
    row = transaction.execute(tests).mappings().one_or_none()
    return dict(row) if row is not None else None


def _is_running(row: Mapping[str, Any]) -> bool:
    return row["next_at"] is not None


def _passed(transaction: Transaction, row: Mapping[str, Any]) -> bool:
    delivered = exists().where((alarm_told.c.alarm_id == row["id"]) & (alarm_told.c.state == "delivered"))
    return row["answered_at"] is not None or bool(transaction.execute(select(delivered)).scalar_one())
