"""
When each step last succeeded for real on a channel, by the record of attempts.

Some providers take back a permission that nobody used for long. What is asked of a drill's imitation uses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from sqlalchemy import func, select

from broadcaster.channels import Fact, Reason
from broadcaster.store import Store
from broadcaster.tables import attempt, delivery


def last_use(store: Store, channel: str) -> dict[str, datetime]:
    """Return, by step, when a live call to `channel` last did what it was to do."""
    wanted = (
        select(attempt.c.step, func.max(attempt.c.closed_at).label("last"))
        .join_from(attempt, delivery)
        .where((delivery.c.channel == channel) & (delivery.c.mode == "live"))
        .where((attempt.c.fact == str(Fact.DONE)) & (attempt.c.reason != str(Reason.GONE)))
        .group_by(attempt.c.step)
    )
    with store.reading() as transaction:
        return {row.step: row.last for row in transaction.execute(wanted)}


def asked_aside(store: Store) -> Callable[[str], Callable[[], Awaitable[Mapping[str, datetime]]]]:
    """Return what gives, for a channel, that question asked in a thread of its own: no loop waits for a disk."""
    return lambda channel: lambda: asyncio.to_thread(last_use, store, channel)
