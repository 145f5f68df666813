"""
Waking somebody by the duty roster: one step after the other, until somebody answers.

What is told, to whom, and what comes next at which time is committed before anything leaves, so a worker that dies
loses one telling and never the alarm: what it left open is missing after `sms_report_s`, and the next one's turn
comes. The telling itself is outside every transaction, each person and way on a thread of its own.

    sending   it may be on its way               delivered   46elks says the phone has it
    sent      the provider took it               failed      the provider, or the network, says it did not go
    unsure    the answer was lost: maybe told,   missing     no delivery report in time
              never repeated in this telling     declined    answered no by SMS

When every SMS of a step failed, is missing or was declined (or, in a step without SMS, everything failed), the next
step comes at once. Mail and webhook prove nothing about anybody being awake.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import exists, func, insert, or_, select, update

from broadcaster import alarm, audit, thanks, weekly
from broadcaster.alarm import AUTHORITY, FAILED_AGAIN_S, GLASS, TELL_AT_ONCE_MAX, TEST, Bell
from broadcaster.alarm_tables import alarm_told
from broadcaster.alarm_words import matter_of
from broadcaster.audit import Event
from broadcaster.calls import Call, Told, call_all, digest
from broadcaster.roster import Roster, Turn
from broadcaster.store import Store, Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import incident as incident_table

log = structlog.get_logger()

#: Four digits: read from a locked phone and typed with one thumb. The sender's number must be one of ours besides.
CODE_DIGITS = 4
_WAITING = ("sending", "sent", "unsure")
_GONE = ("failed", "missing", "declined")


def tell_due(store: Store, bell: Bell) -> int:
    """Tell every alarm that is due; return how many tellings were taken by somebody.

    Where no roster is in force, everybody is told by mail and webhook as `alarm.tell_due` does.
    """
    roster = bell.roster
    if roster is None:
        return alarm.tell_due(store, bell)
    weekly.begin_due(store, roster)
    taken = 0 if roster.in_force else alarm.tell_due(store, bell)
    if not _anything(store):
        return taken
    _miss_reports(store, roster)
    for calls in _take(store, bell, roster):
        taken += _settle(store, roster, calls, call_all(bell, calls))
    thanks.tell_due(store, bell, roster)
    return taken


def hasten(transaction: Transaction, roster: Roster, alarm_id: str) -> None:
    """Let the next step come now if nobody can have been woken by the one that was told last."""
    row = transaction.execute(select(alarm_table).where(alarm_table.c.id == alarm_id)).mappings().one()
    if row["answered_at"] is not None or row["next_at"] is None or row["kind"] == TEST:
        return
    told = (alarm_told.c.alarm_id == alarm_id) & (alarm_told.c.times == row["times"])
    rows = transaction.execute(select(alarm_told.c.way, alarm_told.c.state).where(told)).mappings().all()
    waking = [one for one in rows if one["way"] == "sms"] or rows
    if not all(one["state"] in _GONE for one in waking):
        return
    next_at = transaction.now
    if roster.turn(row["step"], transaction.now).number <= row["step"]:  # the last one: again, but not in a storm
        if not all(one["state"] in _GONE for one in rows):
            return
        next_at += timedelta(seconds=min(FAILED_AGAIN_S, roster.alarm.repeat_s))
    mine = (alarm_table.c.id == alarm_id) & (alarm_table.c.next_at > next_at)
    transaction.execute(update(alarm_table).where(mine).values(next_at=next_at))


def private(person: str | None) -> dict[str, str] | None:
    """Return a person's name as the log takes it: beside the entry, and erasable."""
    return {"person": person} if person else None


def _anything(store: Store) -> bool:
    """Tell, without a writer's lock, whether there is anything to do: this is asked every second."""
    with store.reading() as transaction:
        now = transaction.now
        due = exists().where(or_(alarm_table.c.next_at <= now, alarm_table.c.thanks_at <= now))
        late = exists().where(alarm_told.c.report_by <= now)
        return bool(transaction.execute(select(or_(due, late))).scalar_one())


# -- what is due -------------------------------------------------------------------------------------------------


def _take(store: Store, bell: Bell, roster: Roster) -> list[list[Call]]:
    """Take what is due so that no other worker tells it too; return the calls of each alarm."""
    with store.transaction() as transaction:
        wanted = alarm_table.c.next_at <= transaction.now
        if not roster.in_force:  # then only tests go this way
            wanted &= alarm_table.c.kind == TEST
        due = (
            select(alarm_table, incident_table.c.ref, incident_table.c.mode)
            .outerjoin(incident_table, alarm_table.c.incident_id == incident_table.c.id)
            .where(wanted)
            .order_by(alarm_table.c.times.desc(), alarm_table.c.raised_at)
            .limit(TELL_AT_ONCE_MAX)
            .with_for_update(of=alarm_table, skip_locked=True)
        )
        found: list[list[Call]] = []
        for row in [dict(one) for one in transaction.execute(due).mappings()]:
            if row["kind"] == TEST and row["times"]:
                weekly.judge(transaction, row)
            elif not _led(transaction, row):
                found.append(_begin(transaction, bell, roster, row))
        return [calls for calls in found if calls]


def _led(transaction: Transaction, row: Mapping[str, Any]) -> bool:
    """Join an alarm that was never told to an older one of its incident: four channels at once are one SMS."""
    if row["times"] or row["incident_id"] is None or row["kind"] == GLASS:
        return False
    leads = (
        (alarm_table.c.incident_id == row["incident_id"])
        & alarm_table.c.answered_at.is_(None)
        & alarm_table.c.led_by.is_(None)
        & (alarm_table.c.times > 0)
    )
    leader = transaction.execute(select(alarm_table.c.id).where(leads).order_by(alarm_table.c.raised_at)).scalar()
    if leader is not None:
        mine = alarm_table.c.id == row["id"]
        transaction.execute(update(alarm_table).where(mine).values(led_by=leader, next_at=None))
    return leader is not None


def _begin(transaction: Transaction, bell: Bell, roster: Roster, row: Mapping[str, Any]) -> list[Call]:
    """Commit the next step of one alarm and return its calls."""
    now, test = transaction.now, row["kind"] == TEST
    to_all = row["kind"] == AUTHORITY or (row["kind"] == GLASS and not row["times"])
    turn = roster.everybody() if to_all else roster.turn(0 if test else row["step"], now)
    led = select(func.count()).where((alarm_table.c.led_by == row["id"]) & alarm_table.c.answered_at.is_(None))
    matter = matter_of(row, transaction.execute(led).scalar_one(), roster.organisation, bell.board_url)
    code = row["code"] or _code(transaction)
    calls = [
        Call(row["id"], matter, row["raised_at"], now, row["times"] + 1, code, turn.people, person, way)
        for person, way in roster.whom(turn)
    ]
    values = {
        "times": row["times"] + 1,
        "step": turn.number,
        "code": code,
        "next_at": _next(row["kind"], now, turn),
        "last_error": None if calls else "nobody can be told: no way is set up",
    }
    transaction.execute(update(alarm_table).where(alarm_table.c.id == row["id"]).values(**values))
    for call in calls:
        _keep(transaction, roster, turn, call)
    return calls


def _next(kind: str, now: datetime, turn: Turn) -> datetime | None:
    """Return when an alarm is told again; who may do what is told once, unless nobody was reached (`_settle`)."""
    return None if kind == AUTHORITY else now + timedelta(seconds=weekly.WINDOW_S if kind == TEST else turn.wait_s)


def _keep(transaction: Transaction, roster: Roster, turn: Turn, call: Call) -> None:
    values = {
        "id": call.id,
        "alarm_id": call.alarm_id,
        "times": call.times,
        "step": turn.number,
        "person": call.person.name[:120] if call.person else None,
        "way": call.way,
        "state": "sending",
        "told_at": call.at,
        "changed_at": call.at,
        "report_by": call.at + timedelta(seconds=roster.alarm.sms_report_s),
        "link": digest(call.link) if call.person else None,
        "report": digest(call.report) if call.way == "sms" else None,
    }
    transaction.execute(insert(alarm_told).values(**values))
    facts: dict[str, Any] = {"alarm": call.alarm_id, "telling": call.id, "step": turn.number, "way": call.way}
    name = call.person.name if call.person else None
    audit.record(transaction, Event.ALARM_CALLING, private=private(name), **facts)


def _code(transaction: Transaction) -> str:
    """Return a code no open alarm has."""
    open_ones = select(alarm_table.c.code).where(alarm_table.c.answered_at.is_(None) & alarm_table.c.code.is_not(None))
    used = set(transaction.execute(open_ones).scalars())
    while (code := f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}") in used and len(used) < 10**CODE_DIGITS // 2:
        pass
    return code


# -- what became of it -------------------------------------------------------------------------------------------


def _settle(store: Store, roster: Roster, calls: Sequence[Call], told: Sequence[Told]) -> int:
    """Write down what came back; return how many were taken. A delivery report may have been faster."""
    with store.transaction() as transaction:
        for call, got in zip(calls, told, strict=True):
            # A mail that was slow is no missing one; an SMS whose report is overdue stays so, and the report may come.
            open_states = ("sending",) if call.way == "sms" else ("sending", "missing")
            unsettled = (alarm_told.c.id == call.id) & alarm_told.c.state.in_(open_states)
            values: dict[str, Any] = {"state": got.state, "error": got.error, "changed_at": transaction.now}
            if call.way != "sms" or got.state == "failed":
                values["report_by"] = None
            transaction.execute(update(alarm_told).where(unsettled).values(**values))
            row = alarm_told.c.id == call.id
            transaction.execute(update(alarm_told).where(row).values(remote_id=got.remote_id))
            facts = {"alarm": call.alarm_id, "telling": call.id, "way": call.way}
            log.info("alarm_told", times=call.times, state=got.state, error=got.error, **facts)
            name = call.person.name if call.person else None
            audit.record(
                transaction, Event.ALARM_TOLD, private=private(name), state=got.state, error=got.error, **facts
            )
        wrong = sorted({f"{call.way}: {got.error}" for call, got in zip(calls, told, strict=True) if got.error})
        mine = alarm_table.c.id == calls[0].alarm_id
        transaction.execute(update(alarm_table).where(mine).values(last_error="; ".join(wrong) or None))
        if all(got.state == "failed" for got in told):
            once = mine & (alarm_table.c.kind == AUTHORITY) & alarm_table.c.answered_at.is_(None)
            again = transaction.now + timedelta(seconds=min(FAILED_AGAIN_S, roster.alarm.repeat_s))
            transaction.execute(update(alarm_table).where(once).values(next_at=again))
        hasten(transaction, roster, calls[0].alarm_id)
    return sum(got.state != "failed" for got in told)


def _miss_reports(store: Store, roster: Roster) -> None:
    """What no word has come about in time may have been lost: the next one's turn comes."""
    with store.transaction() as transaction:
        late = (alarm_told.c.report_by <= transaction.now) & alarm_told.c.state.in_(_WAITING)
        rows = transaction.execute(select(alarm_told).where(late).with_for_update(skip_locked=True)).mappings().all()
        for row in rows:
            values = {"state": "missing", "report_by": None, "changed_at": transaction.now}
            transaction.execute(update(alarm_told).where(alarm_told.c.id == row["id"]).values(**values))
            facts = {"alarm": row["alarm_id"], "telling": row["id"], "way": row["way"], "reason": "no report"}
            log.warning("alarm_missing", times=row["times"], **facts)
            audit.record(transaction, Event.ALARM_UNDELIVERED, private=private(row["person"]), **facts)
        for alarm_id in sorted({row["alarm_id"] for row in rows}):
            hasten(transaction, roster, alarm_id)
