"""Who was told of an alarm and what became of it, as the board says it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from broadcaster.alarm_tables import alarm_told
from broadcaster.store import Transaction


@dataclass(frozen=True)
class ToldView:
    """One person and way. `person` None is the webhook; `since` is when the state came; `error` None: nothing wrong."""

    person: str | None
    way: str
    state: str
    told_at: datetime
    since: datetime
    error: str | None

    @property
    def failed(self) -> bool:
        """Whether nobody was woken by it, for all we know."""
        return self.state in ("failed", "missing", "declined")


def told_of(transaction: Transaction, alarm_ids: Iterable[str]) -> dict[str, tuple[ToldView, ...]]:
    """Return the newest telling to each person in each way, for each of the alarms, in the order they were told."""
    wanted = select(alarm_told).where(alarm_told.c.alarm_id.in_(list(alarm_ids)))
    newest: dict[tuple[str, str | None, str], ToldView] = {}
    for row in transaction.execute(wanted.order_by(alarm_told.c.told_at, alarm_told.c.id)).mappings():
        view = ToldView(row["person"], row["way"], row["state"], row["told_at"], row["changed_at"], row["error"])
        newest[row["alarm_id"], row["person"], row["way"]] = view
    found: dict[str, tuple[ToldView, ...]] = {}
    for (alarm_id, _, _), view in newest.items():
        found[alarm_id] = (*found.get(alarm_id, ()), view)
    return found
