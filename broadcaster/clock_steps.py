"""
Steps of the wall clock: an NTP step, a resumed machine, somebody with `date -s`.

    follow    notice a step and restate what was written before it, so that no lease and no grace ends early
    quiet_s   say after how long nothing that was begun can still be under way

Leases and graces are stored as times of the wall clock, because workers on several machines share them. How far the
wall clock and the machine's own clock, which counts sleep, have moved since the last transaction shows a step. Every
transaction that compares or writes such times follows first, so what stands there is from before the step:

    forward    a lease and a doubt move along, but never later than if they had begun now
    backward   none of them lasts longer than if it had begun now; what waits for a time still waits as long

Both bounds make it harmless that several machines notice one step, or that a paused machine sees a step where there
was none. A step while no machine runs, between two starts, is not seen.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import structlog
from sqlalchemy import Column, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from broadcaster import alarm, audit
from broadcaster.alarm_tables import alarm_told
from broadcaster.audit import Event
from broadcaster.clock_table import clock as clock_table
from broadcaster.errors import Text
from broadcaster.letter_tables import recipient
from broadcaster.settings import Delivery
from broadcaster.store import Transaction
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import delivery as delivery_table

log = structlog.get_logger()

Number: TypeAlias = Callable[[], float]

#: Less than a lease keeps for writing down (`worker.SETTLE_S`). A clock that is slewed gets here too, harmlessly.
STEP_S = 1.0
#: People hear of larger steps.
TOLD_S = 60.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
#: What waits for a time on the wall, beside deliveries.
_WAITING: tuple[tuple[Table, Column[object]], ...] = (
    (recipient, recipient.c.next_at),
    (alarm_table, alarm_table.c.next_at),
    (alarm_table, alarm_table.c.thanks_at),
    (alarm_told, alarm_told.c.report_by),
)


class Steps:
    """Follows the wall clock. `boot_clock` counts seconds since the start of the machine, sleep included."""

    def __init__(self, rules: Delivery, boot_clock: Number, boot: str | None = None) -> None:
        self.rules, self._boot_clock = rules, boot_clock
        self._boot = boot or _BOOT_ID.read_text("ascii").strip()

    def follow(self, transaction: Transaction) -> None:
        """Notice a step since the last transaction and restate the times from before it. Call it first."""
        at = self._boot_clock()
        offset_s = transaction.now.timestamp() - at
        mine = clock_table.c.boot == self._boot
        row = transaction.execute(select(clock_table).where(mine)).mappings().one_or_none()
        if row is None:
            new = (sqlite if transaction.connection.dialect.name == "sqlite" else postgresql).insert(clock_table)
            first = new.values(boot=self._boot, offset_s=offset_s, seen_at=transaction.now)
            transaction.execute(first.on_conflict_do_nothing(index_elements=["boot"]))
            return
        step_s = offset_s - row["offset_s"]
        if abs(step_s) < STEP_S:
            return
        forward = {"stepped_at": at} if step_s > 0 else {}
        values = {"offset_s": offset_s, "seen_at": transaction.now, **forward}
        transaction.execute(update(clock_table).where(mine).values(**values))
        self._restate(transaction, timedelta(seconds=step_s))
        if step_s < 0:
            _wait_no_longer(transaction, timedelta(seconds=-step_s))
        self._tell(transaction, step_s)

    def quiet_s(self, transaction: Transaction) -> float | None:
        """Return after how many seconds nothing is under way any more. None after a step forward: nobody knows yet."""
        self.follow(transaction)
        longest_s = self.rules.grace_s + self.rules.lease_s
        mine = select(clock_table.c.stepped_at).where(clock_table.c.boot == self._boot)
        stepped_at = transaction.execute(mine).scalar_one_or_none()
        return longest_s if stepped_at is None or self._boot_clock() > stepped_at + longest_s else None

    def _restate(self, transaction: Transaction, step: timedelta) -> None:
        """Write leases and doubts from before the step as times of the clock as it goes now."""
        now, on = transaction.now, max(step, timedelta(0))
        lease_max = now + timedelta(seconds=self.rules.lease_s)
        fresh = now - on - timedelta(seconds=self.rules.grace_s + self.rules.lease_s)
        table = delivery_table.c
        wanted = select(delivery_table).where(
            table.lease_until.is_not(None) | (table.unsure_last >= fresh) | (table.unsure_since >= fresh)
        )
        locked = wanted.order_by(table.number, table.id).with_for_update()
        for row in transaction.execute(locked).mappings().all():
            values = {
                name: min(row[name] + on, latest)
                for name, latest in (("lease_until", lease_max), ("unsure_last", now), ("unsure_since", now))
                if row[name] is not None
            }
            if row["lease_until"] is not None and row["next_attempt_at"] == row["lease_until"]:
                values["next_attempt_at"] = values["lease_until"]
            transaction.execute(update(delivery_table).where(table.id == row["id"]).values(**values))

    def _tell(self, transaction: Transaction, step_s: float) -> None:
        seconds = round(step_s)
        log.warning("clock_stepped", seconds=seconds)
        audit.record(transaction, Event.CLOCK_STEPPED, seconds=seconds)
        if abs(step_s) > TOLD_S:
            alarm.raise_alarm(transaction, "clock", _words(seconds))


def _wait_no_longer(transaction: Transaction, back: timedelta) -> None:
    """Let what waits for a time on the wall come as soon as it would have without the step back."""
    now = transaction.now
    at = delivery_table.c.next_attempt_at
    later = select(delivery_table.c.id, at).where((at > now) & delivery_table.c.lease_until.is_(None))
    locked = later.order_by(delivery_table.c.number, delivery_table.c.id).with_for_update()
    for row in transaction.execute(locked).all():
        this = delivery_table.c.id == row.id
        sooner = {"next_attempt_at": max(row.next_attempt_at - back, now)}
        transaction.execute(update(delivery_table).where(this).values(**sooner))
    for table, column in _WAITING:
        for moment in transaction.execute(select(column).where(column > now).distinct()).scalars().all():
            sooner = {column.name: max(moment - back, now)}
            transaction.execute(update(table).where(column == moment).values(**sooner))


def _words(seconds: int) -> Text:
    minutes = max(1, round(abs(seconds) / 60))
    if seconds > 0:
        return Text(
            f"Serverns klocka hoppade fram cirka {minutes} min. Inget skickas två gånger för det, men det som är "
            "osäkert kan dröja några minuter, och besked kan ha slutat skickas för tidigt. Se på tavlan vad som är "
            "kvar, och be administratören kontrollera klockan (NTP).",
            f"The server's clock jumped ahead by about {minutes} min. Nothing is sent twice because of it, but what is "
            "uncertain may take some minutes, and messages may have stopped being sent too early. See on the board "
            "what is left, and ask the administrator to check the clock (NTP).",
        )
    return Text(
        f"Serverns klocka ställdes tillbaka cirka {minutes} min. Inget skickas två gånger för det, men klockslag i "
        "loggen och på tavlan kan stå i fel ordning, och larm om det som dröjer kan komma så mycket senare. "
        "Se på tavlan vad som är kvar, och be administratören kontrollera klockan (NTP).",
        f"The server's clock was set back by about {minutes} min. Nothing is sent twice because of it, but times in "
        "the log and on the board may stand in the wrong order, and alarms about what is late may come that much "
        "later. See on the board what is left, and ask the administrator to check the clock (NTP).",
    )
