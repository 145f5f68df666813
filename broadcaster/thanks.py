"""Those who were woken are told who took the alarm: once, by the same ways. Then they can go back to sleep."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from broadcaster import alarm_words, audit
from broadcaster.alarm import TELL_AT_ONCE_MAX, TEST, Bell, why
from broadcaster.alarm_tables import alarm_told
from broadcaster.alarm_words import Matter, matter_of
from broadcaster.audit import Event
from broadcaster.calls import THREADS_MAX, send_sms
from broadcaster.roster import Roster
from broadcaster.settings import Person
from broadcaster.store import Store
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import incident as incident_table


@dataclass(frozen=True)
class _Note:
    alarm_id: str
    person: Person | None
    way: str
    matter: Matter
    name: str
    clock: str
    raised_at: datetime
    at: datetime


def tell_due(store: Store, bell: Bell, roster: Roster) -> None:
    """Tell those who were woken by an alarm that has been answered. Taken before it is told: never twice."""
    notes = _take(store, bell, roster)
    if not notes:
        return
    with ThreadPoolExecutor(min(THREADS_MAX, len(notes)), thread_name_prefix="thanks") as pool:
        failures = list(pool.map(lambda note: _tell(bell, note), notes))
    with store.transaction() as transaction:
        for note, failed in zip(notes, failures, strict=True):
            person = {"person": note.person.name} if note.person else None
            facts = {"alarm": note.alarm_id, "way": note.way, "error": failed}
            audit.record(transaction, Event.ALARM_THANKED, private=person, **facts)


def _take(store: Store, bell: Bell, roster: Roster) -> list[_Note]:
    with store.transaction() as transaction:
        due = (
            select(alarm_table, incident_table.c.ref, incident_table.c.mode)
            .outerjoin(incident_table, alarm_table.c.incident_id == incident_table.c.id)
            .where(alarm_table.c.thanks_at <= transaction.now)
            .limit(TELL_AT_ONCE_MAX)
            .with_for_update(of=alarm_table, skip_locked=True)
        )
        found: list[_Note] = []
        for row in [dict(one) for one in transaction.execute(due).mappings()]:
            mine = alarm_table.c.id == row["id"]
            transaction.execute(update(alarm_table).where(mine).values(thanks_at=None))
            if row["kind"] == TEST:
                continue
            told = select(alarm_told.c.person, alarm_told.c.way).where(alarm_told.c.alarm_id == row["id"]).distinct()
            for one in transaction.execute(told).mappings():
                found += _notes(row, one["person"], one["way"], bell, roster, transaction.now)
        return found


def _notes(
    row: Mapping[str, Any], name: str | None, way: str, bell: Bell, roster: Roster, now: datetime
) -> list[_Note]:
    person = next((one for one in roster.alarm.people if one.name[:120] == name), None)
    if name is not None and person is None:
        return []  # no longer in the settings
    matter = matter_of(row, 0, roster.organisation, bell.board_url)
    taker = str(row["answered_by"]).partition(":")[2]
    clock = row["answered_at"].astimezone(roster.zone).strftime("%H.%M")
    return [_Note(row["id"], person, way, matter, taker, clock, row["raised_at"], now)]


def _tell(bell: Bell, note: _Note) -> str | None:
    """Return why it could not be told, None if it was."""
    words = alarm_words.taken(note.matter, note.name, note.clock)
    try:
        if note.person is None:
            data = {"id": note.alarm_id, "incident": note.matter.ref, "by": note.name, "url": bell.board_url}
            bell.post("alarm.answered", data, f"{note.alarm_id}.answered", note.raised_at, note.at)
        elif note.way == "sms":
            return send_sms(bell, note.person, alarm_words.taken_sms(note.matter, note.name, note.clock), None).error
        else:
            subject = f"{note.matter.headline.sv}: {note.name} tar det / takes it"
            bell.send_mail([note.person.email or ""], subject, f"{words.sv}\n\n{words.en}\n", f"{note.alarm_id}.taken")
    except Exception as error:  # noqa: BLE001 - a way that is broken must not keep the others from hearing
        return why(error)
    return None
