"""
API keys for machines: a random secret, shown once, of which only the SHA-256 is kept.

The secret has 256 random bits, so a fast hash is enough; its beginning says where it fits, and lets a scanner
find a leaked one. The client is the key's name: a machine that changes its key is still the same client.
"""

import hashlib
import re
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, insert, or_, select, update

from broadcaster import authority
from broadcaster.audit import Event, record
from broadcaster.auth import names
from broadcaster.auth.client import KEY_SCOPES, Client, Mode
from broadcaster.errors import FieldError, Invalid, NotFound, Text, Unidentified
from broadcaster.store import Store, Transaction
from broadcaster.tables import api_key

#: Use is written down at most this often, so that a machine that polls does not write every time.
NOTE_USE_S = 60
_SECRET_BYTES = 32
_BY_SECRET = select(api_key).where(api_key.c.secret == bindparam("presented"))
_HINT_CHARACTERS = 4
_SHAPE = re.compile(r"cb_(live|drill)_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Key:
    """A key as it may be shown. `used_at` null: never used; `revoked_at` null: opens still."""

    id: str
    name: str
    hint: str
    scopes: frozenset[str]
    mode: Mode
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def add_key(transaction: Transaction, name: str, scopes: Iterable[str], mode: Mode, by: str | None) -> str:
    """Add a key for the client `name` and return it; it cannot be shown again.

    A client may have several, so that it can change them without a gap. Raises `Invalid` with every wrong
    field.
    """
    name, wanted = names.tidy(name), frozenset(scopes)
    _refuse(tuple(fault for fault in (names.fault(name), _scopes_fault(wanted), _mode_fault(mode)) if fault))
    presented = f"cb_{mode}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    values = {
        "id": str(uuid.uuid4()),
        "name": name,
        "secret": _digest(presented),
        "hint": presented[: len(f"cb_{mode}_") + _HINT_CHARACTERS],
        "scopes": sorted(wanted),
        "mode": mode,
        "created_at": transaction.now,
    }
    transaction.execute(insert(api_key).values(**values))
    facts = {"key": values["id"], "client": f"key:{name}", "scopes": sorted(wanted), "mode": mode}
    record(transaction, Event.KEY_ADDED, by=by, private=None, **facts)
    if wanted & authority.PUBLISHING:
        authority.changed(transaction, "key_added", f"key:{name}", by, wanted)
    return presented


def revoke_key(transaction: Transaction, which: str, by: str | None) -> int:
    """Make a key open nothing from the commit on; return how many were revoked.

    `which` is one key's id, or a client's name for all its keys. Revoking twice changes nothing. Raises
    `NotFound` if it is neither.
    """
    which = names.tidy(which)
    meant = or_(api_key.c.id == which, api_key.c.name == which)
    rows = transaction.execute(select(api_key).where(meant).order_by(api_key.c.created_at)).all()
    if not rows:
        raise NotFound(
            "key-unknown",
            Text(
                f"Det finns ingen nyckel eller klient som heter {which}. Inget har ändrats. "
                "Se dem med: broadcaster keys list",
                f"There is no key or client called {which}. Nothing was changed. "
                "See them with: broadcaster keys list",
            ),
        )
    open_ones = [row for row in rows if row.revoked_at is None]
    for row in open_ones:
        transaction.execute(update(api_key).where(api_key.c.id == row.id).values(revoked_at=transaction.now))
        record(transaction, Event.KEY_REVOKED, by=by, key=row.id, client=f"key:{row.name}")
        if authority.PUBLISHING & set(row.scopes):
            authority.changed(transaction, "key_revoked", f"key:{row.name}", by)
    return len(open_ones)


def list_keys(transaction: Transaction) -> list[Key]:
    """Return every key, revoked ones too, by client and age."""
    rows = transaction.execute(select(api_key).order_by(api_key.c.name, api_key.c.created_at, api_key.c.id))
    return [_key(row) for row in rows]


def key_client(store: Store, presented: str) -> Client:
    """Return the client whose key `presented` is, and note that it was used.

    Raises `Unidentified` with the same words whether it is no key, an unknown one or a revoked one.
    """
    if not _SHAPE.fullmatch(presented):
        raise key_refused()
    with store.reading() as transaction:
        now = transaction.now
        # The look-up is by the hash of 256 random bits, so its time tells nothing about any secret.
        row = transaction.execute(_BY_SECRET, {"presented": _digest(presented)}).one_or_none()
    if row is None or row.revoked_at is not None:
        raise key_refused()
    if row.used_at is None or (now - row.used_at).total_seconds() >= NOTE_USE_S:
        with store.transaction() as transaction:
            transaction.execute(update(api_key).where(api_key.c.id == row.id).values(used_at=now))
    key = _key(row)
    return Client(f"key:{key.name}", key.name, key.scopes, key.mode, person=False, roles=frozenset())


def key_refused() -> Unidentified:
    """Return the refusal for whoever presents no key that opens."""
    return Unidentified(
        "key-refused",
        Text(
            "Ingen giltig nyckel. Inget har gjorts. Skicka Authorization: Bearer cb_live_… eller cb_drill_…, "
            "eller be en administratör om en ny nyckel.",
            "No valid key. Nothing was done. Send Authorization: Bearer cb_live_… or cb_drill_…, "
            "or ask an administrator for a new key.",
        ),
    )


def _scopes_fault(scopes: frozenset[str]) -> FieldError | None:
    if scopes and scopes <= KEY_SCOPES:
        return None
    choice = ", ".join(sorted(KEY_SCOPES))
    return FieldError(
        "/scopes",
        Text(f"Välj en eller flera av rätterna {choice}.", f"Choose one or more of the scopes {choice}."),
    )


def _mode_fault(mode: str) -> FieldError | None:
    if mode in ("live", "drill"):
        return None
    return FieldError("/mode", Text("Välj live eller drill.", "Choose live or drill."))


def _refuse(wrong: tuple[FieldError, ...]) -> None:
    if not wrong:
        return
    swedish = " ".join(fault.message.sv for fault in wrong)
    english = " ".join(fault.message.en for fault in wrong)
    detail = Text(f"Ingen nyckel har skapats. {swedish}", f"No key was made. {english}")
    raise Invalid("key-invalid", detail, fields=wrong)


def _digest(presented: str) -> str:
    return hashlib.sha256(presented.encode()).hexdigest()


def _key(row: Row[tuple[object, ...]]) -> Key:
    # A scope this version does not give to keys is dropped, so that a changed row cannot make a key approve.
    scopes = frozenset(row.scopes) & KEY_SCOPES
    mode: Mode = "live" if row.mode == "live" else "drill"
    return Key(row.id, row.name, row.hint, scopes, mode, row.created_at, row.used_at, row.revoked_at)
