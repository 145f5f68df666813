"""
The checklist of an incident: which lines are done, who ticked them and when.

A line is known by the digest of its Swedish words, so that a tick stays with the very words that were ticked: when the
incident goes on with newer approved words, a line that reads otherwise is not done. Once a line is ticked, whoever
ticked it first stands there; nothing is done by ticking, and a closed incident keeps what was ticked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select

from broadcaster import audit
from broadcaster.audit import Event, digest_of
from broadcaster.auth.client import Client, require
from broadcaster.checklist_table import checklist_tick as table
from broadcaster.errors import Conflict, NotFound, Text
from broadcaster.store import Store, Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.verdicts import NO_SUCH_INCIDENT

#: Who may tick: whoever may write, send or decide in an incident.
SCOPES = frozenset({"propose", "send", "approve"})


@dataclass(frozen=True)
class Point:
    """One line. `digest` names it; `by` and `at` say who ticked it and when, None where it is not done."""

    text: Text
    digest: str
    by: str | None = None
    at: datetime | None = None


def points(transaction: Transaction, ref: str, lines: Sequence[Text]) -> tuple[Point, ...]:
    """Return the `lines` of an incident's checklist in their order, each with its tick."""
    its = select(incident_table.c.id).where(incident_table.c.ref == ref).scalar_subquery()
    rows = transaction.execute(select(table).where(table.c.incident_id == its)).mappings()
    ticks = {row["line"]: row for row in rows}
    return tuple(_point(line, ticks) for line in lines)


def tick(store: Store, ref: str, lines: Sequence[Text], digest: str, client: Client, *, done: bool) -> None:
    """Record that the line of `lines` with this `digest` is done, or not done after all. Twice changes nothing.

    Raises `Forbidden` for who may only read, `NotFound` for an unknown incident or a line that is not on its checklist,
    and `Conflict` when the incident is closed.
    """
    if not client.scopes & SCOPES:
        require(client, "send")
    digests = [digest_of(line.sv) for line in lines]
    with store.transaction() as transaction:
        wanted = select(incident_table.c.id, incident_table.c.state).where(incident_table.c.ref == ref)
        incident = transaction.execute(wanted.with_for_update()).one_or_none()
        if incident is None:
            raise NotFound("no-such-incident", NO_SUCH_INCIDENT)
        if digest not in digests:
            raise NotFound("no-such-checklist-line", _CHANGED)
        mine = (table.c.incident_id == incident.id) & (table.c.line == digest)
        if done == (transaction.execute(select(table.c.line).where(mine)).first() is not None):
            return
        if incident.state != "open":
            raise Conflict("closed-checklist", _CLOSED)
        values = {"incident_id": incident.id, "line": digest, "ticked_by": client.id[:80], "ticked_at": transaction.now}
        transaction.execute(insert(table).values(**values) if done else delete(table).where(mine))
        event = Event.CHECKLIST_TICKED if done else Event.CHECKLIST_UNTICKED
        number = digests.index(digest) + 1
        audit.record(transaction, event, by=client.id, incident=incident.id, line=digest, number=number)


def _point(line: Text, ticks: Mapping[str, RowMapping]) -> Point:
    digest = digest_of(line.sv)
    row = ticks.get(digest)
    return Point(line, digest, row["ticked_by"].split(":", 1)[-1], row["ticked_at"]) if row else Point(line, digest)


_CHANGED = Text(
    "Den punkten finns inte på checklistan längre, så inget ändrades. Orden kan ha bytts medan sidan var öppen. "
    "Ladda om sidan och bocka av det som står där nu.",
    "That line is not on the checklist any more, so nothing was changed. The words may have been replaced while the "
    "page was open. Reload the page and tick what stands there now.",
)
_CLOSED = Text(
    "Händelsen är avslutad, så checklistan ändras inte mer. Det som bockades av finns kvar.",
    "The incident is closed, so its checklist does not change any more. What was ticked stays.",
)
