"""
What is not needed any more is forgotten: the rows of workers that are long dead, and answers nobody asks for again.

Nothing that proves what was said or done is among it.
"""

from datetime import timedelta

from sqlalchemy import delete, select

from broadcaster.store import Store
from broadcaster.tables import idempotency
from broadcaster.tables import worker as worker_table

#: A worker has a name of its own each time it starts, and none comes back after so long a silence.
DEAD_AFTER = timedelta(days=7)
#: Whoever asks again with the same key asks within minutes, or when a queue that stood still is started again.
ANSWERS_KEPT = timedelta(days=90)
#: Forgotten at once, so that the first time after years keeps nobody from sending.
AT_ONCE_MAX = 500


def forget(store: Store) -> int:
    """Forget what is too old, at most 500 answers at once, and return how many rows that were."""
    with store.reading() as transaction:
        silent = worker_table.c.seen_at < transaction.now - DEAD_AFTER
        old = idempotency.c.at < transaction.now - ANSWERS_KEPT
        oldest = transaction.execute(select(idempotency.c.at).where(old).order_by(idempotency.c.at).limit(AT_ONCE_MAX))
        ages = oldest.scalars().all()
        if not ages and transaction.execute(select(worker_table.c.name).where(silent).limit(1)).first() is None:
            return 0
    with store.transaction() as transaction:
        gone = transaction.execute(delete(worker_table).where(silent)).rowcount
        if ages:
            gone += transaction.execute(delete(idempotency).where(idempotency.c.at <= ages[-1])).rowcount
        return gone
