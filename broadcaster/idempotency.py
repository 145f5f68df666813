"""
Asking twice is asking once: the first 202 to a client's key is kept, and given again.

The key is taken in the same transaction as what it did, so nothing is remembered that was not done, and nothing was
done that is not remembered. A twin that arrives meanwhile waits for that transaction and then gets its answer.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from broadcaster.errors import FieldError, Invalid, Text
from broadcaster.store import Transaction
from broadcaster.tables import idempotency

_TAKEN = {
    name: new(idempotency).on_conflict_do_nothing().returning(idempotency.c.key)
    for name, new in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
_MINE = update(idempotency).where(
    (idempotency.c.client == bindparam("whose")) & (idempotency.c.key == bindparam("which"))
)
_IN_USE = Text(
    "Nyckeln i Idempotency-Key har redan använts för en annan begäran. Inget har gjorts nu. "
    "Använd en ny nyckel för varje ny begäran, och samma nyckel bara för att fråga igen.",
    "This Idempotency-Key was used for another request. Nothing has been done now. "
    "Use a new key for every new request, and the same key only to ask again.",
)


@dataclass(frozen=True)
class Answer:
    """The exact bytes of a 202, and whether they were given before."""

    body: bytes
    replayed: bool = False

    @property
    def json(self) -> dict[str, Any]:
        """Return the answer as an object."""
        found: dict[str, Any] = json.loads(self.body)
        return found


def first_answer(transaction: Transaction, client: str, key: str, fingerprint: str) -> bytes | None:
    """Take `key` for `client` and return None, or return the answer it already has.

    Raises `Invalid` when the key was used with another body.
    """
    taken = transaction.execute(
        _TAKEN[transaction.connection.dialect.name],
        {"client": client, "key": key, "body": fingerprint, "answer": b"", "at": transaction.now},
    )
    if taken.one_or_none() is not None:
        return None
    row = transaction.execute(
        select(idempotency).where((idempotency.c.client == client) & (idempotency.c.key == key))
    ).one()
    if row.body != fingerprint:
        raise Invalid("idempotency-key-reused", _IN_USE, fields=(FieldError("", _IN_USE),))
    return bytes(row.answer)


def keep_answer(transaction: Transaction, client: str, key: str, answer: bytes) -> None:
    """Keep the exact bytes of the answer to `key`."""
    transaction.execute(_MINE, {"whose": client, "which": key, "answer": answer})
