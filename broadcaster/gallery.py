"""
Approved pictures as they are kept and given out: by their hash, and never other bytes than those that were approved.

A picture that is gone or was changed is as if it were not there. The words never wait for it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from broadcaster.picture import Picture
from broadcaster.picture_table import picture
from broadcaster.playbook import Snapshot
from broadcaster.store import Transaction

_BYTES = select(picture.c.data).where(picture.c.sha256 == bindparam("which"))


def keep(transaction: Transaction, snapshot: Snapshot) -> None:
    """Keep the bytes of every picture of `snapshot`, each once; those a snapshot has not at hand are kept already."""
    new = postgresql.insert if transaction.connection.dialect.name == "postgresql" else sqlite.insert
    for sha256, data in snapshot.files.items():
        values = {"sha256": sha256, "data": data, "stored_at": transaction.now}
        transaction.execute(new(picture).values(**values).on_conflict_do_nothing())


def bytes_of(transaction: Transaction, sha256: str) -> bytes | None:
    """Return the picture with this hash, or None where it is not kept or its bytes are no longer the approved ones."""
    row = transaction.execute(_BYTES, {"which": sha256}).one_or_none()
    data = bytes(row.data) if row is not None else b""
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def with_bytes(transaction: Transaction, pictures: Iterable[Picture]) -> tuple[Picture, ...]:
    """Return those of `pictures` whose bytes are at hand, with them."""
    found = ((one, bytes_of(transaction, one.sha256)) for one in pictures)
    return tuple(replace(one, data=data) for one, data in found if data is not None)


def at_hand(transaction: Transaction, pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    """Return those of `pictures` that are kept, without reading their bytes."""
    if not pictures:
        return ()
    asked = select(picture.c.sha256).where(picture.c.sha256.in_([one.sha256 for one in pictures]))
    kept = {row.sha256 for row in transaction.execute(asked).all()}
    return tuple(one for one in pictures if one.sha256 in kept)
