"""
People: who may sign in, in which roles, and the one place where a password is checked.

There are no default accounts; the first administrator is added on the command line. A name is never used
again, not even of somebody who has left, because approvals and the log speak of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update

from broadcaster.audit import Event, record
from broadcaster.auth import names, passwords, throttle
from broadcaster.auth.client import ROLES, Client, person_client
from broadcaster.auth.passwords import Passwords
from broadcaster.errors import Conflict, FieldError, Invalid, NotFound, Text, TooMany, Unidentified
from broadcaster.store import Store, Transaction
from broadcaster.tables import session, user

#: The hashing of this process; tests bring a cheaper one.
PASSWORDS = Passwords()


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in, or could until `disabled_at` (null: still may)."""

    name: str
    roles: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None

    @property
    def client(self) -> Client:
        """The person as the one who asks."""
        return person_client(self.name, self.roles)


def add_person(
    transaction: Transaction,
    name: str,
    roles: Iterable[str],
    password: str | None,
    by: str | None,
    *,
    hashing: Passwords = PASSWORDS,
) -> Person:
    """Add a person, who may sign in from the commit on; without a password, not until they have one.

    `by` is the client who adds them, None on the command line. Raises `Invalid` with every wrong field,
    `Conflict` if the name is or was somebody's.
    """
    name, wanted = names.tidy(name), frozenset(roles)
    wrong = [
        names.fault(name),
        _roles_fault(wanted),
        None if password is None else passwords.fault(password, name),
    ]
    _refuse(tuple(fault for fault in wrong if fault))
    if _row(transaction, name) is not None:
        raise Conflict(
            "person-exists",
            Text(
                f"Det finns redan någon som heter {name}, nu eller tidigare. Ingen har lagts till. "
                "Välj ett annat namn.",
                f"There is or was somebody called {name} already. Nobody was added. Choose another name.",
            ),
        )
    kept = None
    if password is not None:
        with hashing.slot():
            kept = hashing.hash(password)
    values = {"name": name, "password": kept, "roles": sorted(wanted), "created_at": transaction.now}
    transaction.execute(insert(user).values(**values))
    record(transaction, Event.USER_ADDED, by=by, private={"person": name}, roles=sorted(wanted))
    return Person(name, wanted, transaction.now, None)


def disable_person(transaction: Transaction, name: str, by: str | None) -> None:
    """Shut a person out, at once and for good: their sessions end with the same commit.

    Doing it twice changes nothing. Raises `NotFound` if there is nobody of that name.
    """
    name = names.tidy(name)
    row = _row(transaction, name)
    if row is None:
        raise NotFound(
            "person-unknown",
            Text(
                f"Det finns ingen som heter {name}. Inget har ändrats. Se namnen med: broadcaster users list",
                f"There is nobody called {name}. Nothing was changed. "
                "See the names with: broadcaster users list",
            ),
        )
    transaction.execute(delete(session).where(session.c.user == name))
    if row.disabled_at is None:
        transaction.execute(update(user).where(user.c.name == name).values(disabled_at=transaction.now))
        record(transaction, Event.USER_DISABLED, by=by, private={"person": name})


def list_people(transaction: Transaction) -> list[Person]:
    """Return everybody, disabled ones too, by name."""
    return [_person(row) for row in transaction.execute(select(user).order_by(user.c.name))]


def find_person(transaction: Transaction, name: str) -> Person | None:
    """Return the person who may sign in as `name`, or None."""
    row = _row(transaction, names.tidy(name))
    return _person(row) if row is not None and row.disabled_at is None else None


def check_password(
    store: Store, name: str, password: str, address: str, *, hashing: Passwords = PASSWORDS
) -> Person:
    """Return the person whose name and password these are.

    `address` is where the attempt comes from. Raises `Unidentified`, with the same words and after the same
    time for an unknown name, a wrong password and a disabled person, and `TooMany` where attempts come too
    fast; those are not tried at all. A hash made with weaker parameters than today's is replaced.
    """
    name = names.tidy(name)
    counted = throttle.subjects(name, address)
    _refuse_early(store, counted)
    with hashing.slot():
        _refuse_early(store, counted)  # again: others may have failed while this one waited for its place
        with store.reading() as transaction:
            row = _row(transaction, name)
        alive = row is not None and row.disabled_at is None
        verdict = hashing.check(row.password if row is not None and alive else None, password)
        with store.transaction() as transaction:
            if row is not None and verdict.right:
                return _welcome(transaction, row, counted, verdict.better_hash)
            throttle.failed(transaction, counted)
            _record_refusal(transaction, row, address)
    raise Unidentified(
        "sign-in-refused",
        Text(
            "Namnet eller lösenordet stämmer inte. Du är inte inloggad. "
            "Försök igen, eller be en administratör om hjälp.",
            "The name or the password is wrong. You are not signed in. "
            "Try again, or ask an administrator for help.",
        ),
    )


def _welcome(
    transaction: Transaction,
    row: Row[tuple[object, ...]],
    counted: tuple[throttle.Subject, ...],
    better: str | None,
) -> Person:
    throttle.cleared(transaction, counted)
    if better is not None:
        unchanged = (user.c.name == row.name) & (user.c.password == row.password)
        transaction.execute(update(user).where(unchanged).values(password=better))
    return _person(row)


def _refuse_early(store: Store, counted: tuple[throttle.Subject, ...]) -> None:
    with store.reading() as transaction:
        wait_s = throttle.wait_s(transaction, counted)
    if wait_s == 0:
        return
    raise TooMany(
        "sign-in-throttled",
        Text(
            "För många misslyckade försök. Det här försöket prövades inte. "
            f"Vänta {wait_s} s och försök igen.",
            f"Too many failed attempts. This one was not tried. Wait {wait_s} s and try again.",
        ),
        retry_after_s=wait_s,
    )


def _record_refusal(transaction: Transaction, row: Row[tuple[object, ...]] | None, address: str) -> None:
    """Log the refusal; an unknown name is left out, because people type their password there by mistake."""
    private = {"address": address}
    if row is None:
        reason = "unknown_name"
    else:
        private["person"] = row.name
        reason = "wrong_password" if row.disabled_at is None else "disabled"
    record(transaction, Event.USER_REFUSED, private=private, reason=reason)


def _roles_fault(roles: frozenset[str]) -> FieldError | None:
    if roles and roles <= ROLES.keys():
        return None
    choice = ", ".join(ROLES)
    return FieldError(
        "/roles", Text(f"Välj minst en av rollerna {choice}.", f"Choose one or more of {choice}.")
    )


def _refuse(wrong: tuple[FieldError, ...]) -> None:
    if not wrong:
        return
    swedish = " ".join(fault.message.sv for fault in wrong)
    english = " ".join(fault.message.en for fault in wrong)
    detail = Text(f"Ingen har lagts till. {swedish}", f"Nobody was added. {english}")
    raise Invalid("person-invalid", detail, fields=wrong)


def _row(transaction: Transaction, name: str) -> Row[tuple[object, ...]] | None:
    if names.fault(name):
        return None
    return transaction.execute(select(user).where(user.c.name == name)).one_or_none()


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(row.name, frozenset(row.roles), row.created_at, row.disabled_at)
