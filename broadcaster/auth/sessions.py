"""
Sessions: an opaque random token in a cookie, its SHA-256 and nothing else in the database.

No right is kept in a session: roles are read anew with every request, so taking one away, or disabling a
person, works at once (ASVS 5.0, 8.3.2).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update

from broadcaster.audit import Event, record
from broadcaster.auth.client import Client
from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import PASSWORDS, Person, check_password, find_person
from broadcaster.errors import Text, Unidentified
from broadcaster.store import Store, Transaction
from broadcaster.tables import session

#: A phone left on a table is closed after half an hour. The live board refreshes itself and every refresh is
#: use, so a duty communicator who watches it is never thrown out; a shorter time would hit those who write or
#: telephone.
IDLE_S = 30 * 60
#: Longer than any watch; after this even a board that refreshes itself asks who is there.
ABSOLUTE_S = 12 * 3600
#: Use is written down at most this often, so that looking at a page rarely writes.
NOTE_USE_S = 60
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Session:
    """A living session. `key` is how the database knows it; `csrf` is the token its forms carry."""

    key: str
    person: Person
    csrf: str
    created_at: datetime

    @property
    def client(self) -> Client:
        """The person signed in, as the one who asks."""
        return self.person.client


def sign_in(
    store: Store, username: str, password: str, address: str, *, hashing: Passwords = PASSWORDS
) -> str:
    """Return the token of a new session of the person whose name and password these are.

    Raises `Unidentified` and `TooMany` as `people.check_password` does.
    """
    person = check_password(store, username, password, address, hashing=hashing)
    return begin_session(store, person, address)


def begin_session(store: Store, person: Person, address: str, *, instead_of: str | None = None) -> str:
    """Return the token of a new session of `person`, however they proved who they are.

    `instead_of` is the token the same browser carried until now; its session ends. Raises `Unidentified` if
    the person was disabled in the meantime.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with store.transaction() as transaction:
        if find_person(transaction, person.name) is None:
            raise not_signed_in()
        _delete_ended(transaction)
        if instead_of is not None:
            transaction.execute(delete(session).where(session.c.token == _key(instead_of)))
        values = {
            "token": _key(token),
            "user": person.name,
            "csrf": secrets.token_urlsafe(_TOKEN_BYTES),
            "created_at": transaction.now,
            "used_at": transaction.now,
        }
        transaction.execute(insert(session).values(**values))
        record(transaction, Event.USER_SIGNED_IN, by=f"user:{person.name}", private={"address": address})
    return token


def find_session(store: Store, token: str) -> Session | None:
    """Return the living session behind a cookie and note that it is in use, or None."""
    with store.reading() as transaction:
        now = transaction.now
        row = transaction.execute(select(session).where(session.c.token == _key(token))).one_or_none()
        if row is None or _has_ended(row.created_at, row.used_at, now):
            return None
        person = find_person(transaction, row.user)
    if person is None:
        return None
    if (now - row.used_at).total_seconds() >= NOTE_USE_S:
        with store.transaction() as transaction:
            later = (session.c.token == row.token) & (session.c.used_at < now)
            transaction.execute(update(session).where(later).values(used_at=now))
    return Session(row.token, person, row.csrf, row.created_at)


def sign_out(store: Store, token: str, address: str | None = None) -> None:
    """End the session behind a cookie; nothing happens if it has ended already."""
    with store.transaction() as transaction:
        ended = delete(session).where(session.c.token == _key(token)).returning(session.c.user)
        name = transaction.execute(ended).scalar_one_or_none()
        if name is not None:
            private = {"address": address} if address else None
            record(transaction, Event.USER_SIGNED_OUT, by=f"user:{name}", private=private)


def not_signed_in() -> Unidentified:
    """Return the refusal for whoever has no living session."""
    return Unidentified(
        "not-signed-in",
        Text(
            f"Du är inte inloggad, eller så har inloggningen gått ut (efter {IDLE_S // 60} minuter utan "
            "användning "
            f"eller {ABSOLUTE_S // 3600} timmar). Inget har ändrats. Logga in och gör om det.",
            f"You are not signed in, or your session has ended (after {IDLE_S // 60} minutes without use "
            f"or {ABSOLUTE_S // 3600} hours). Nothing has been changed. Sign in and do it again.",
        ),
    )


def _has_ended(created_at: datetime, used_at: datetime, now: datetime) -> bool:
    return now - used_at >= timedelta(seconds=IDLE_S) or now - created_at >= timedelta(seconds=ABSOLUTE_S)


def _delete_ended(transaction: Transaction) -> None:
    idle = session.c.used_at <= transaction.now - timedelta(seconds=IDLE_S)
    old = session.c.created_at <= transaction.now - timedelta(seconds=ABSOLUTE_S)
    transaction.execute(delete(session).where(or_(idle, old)))


def _key(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "backslashreplace")).hexdigest()
