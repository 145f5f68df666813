"""
People: who may sign in, in which roles, and the one place where a password is checked.

There are no default accounts; the first administrator is added on the command line. A name is never used
again, not even of somebody who has left, because approvals and the log speak of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update

from broadcaster import authority
from broadcaster.audit import Event, record
from broadcaster.auth import names, passwords, throttle
from broadcaster.auth.client import ROLES, Client, person_client
from broadcaster.auth.passwords import Kept, Passwords
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
    has_password: bool = True

    @property
    def client(self) -> Client:
        """The person as the one who asks."""
        return person_client(self.name, self.roles)


def keep_password(name: str, password: str, *, hashing: Passwords = PASSWORDS) -> Kept:
    """Return a password for `name` as it is kept, made before any transaction: that would wait for the slow hash.

    Raises `Invalid` for one that is too weak, and `TooMany` where many sign in just now.
    """
    wrong = passwords.fault(password, names.tidy(name))
    _refuse((wrong,) if wrong else (), _NO_PASSWORD_CHANGED)
    return hashing.keep(password)


def add_person(
    transaction: Transaction,
    name: str,
    roles: Iterable[str],
    password: str | Kept | None,
    by: str | None,
    *,
    hashing: Passwords = PASSWORDS,
) -> Person:
    """Add a person, who may sign in from the commit on; without a password, not until they have one.

    `by` is the client who adds them, None on the command line. Where others write at the same time, bring the password
    from `keep_password`. Raises `Invalid` with every wrong field,
    `Conflict` if the name is or was somebody's.
    """
    name, wanted = names.tidy(name), frozenset(roles)
    wrong = [
        names.fault(name),
        _roles_fault(wanted),
        passwords.fault(password, name) if isinstance(password, str) else None,
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
    kept = hashing.keep(password) if isinstance(password, str) else password
    hashed = kept.hash if kept else None
    values = {"name": name, "password": hashed, "roles": sorted(wanted), "created_at": transaction.now}
    transaction.execute(insert(user).values(**values))
    record(transaction, Event.USER_ADDED, by=by, private={"person": name}, roles=sorted(wanted))
    authority.changed(transaction, "added", f"user:{name}", by, wanted)
    return Person(name, wanted, transaction.now, None, kept is not None)


def disable_person(transaction: Transaction, name: str, by: str | None) -> None:
    """Shut a person out, at once and for good: their sessions end with the same commit.

    Doing it twice changes nothing. Raises `NotFound` if there is nobody of that name, and `Conflict` where `by`
    would shut out themselves or the last administrator; on the command line (None) that can be mended at once.
    """
    row = _somebody(transaction, name)
    if row.disabled_at is None:
        _check_administration(transaction, row, by)
    transaction.execute(delete(session).where(session.c.user == row.name))
    if row.disabled_at is None:
        transaction.execute(update(user).where(user.c.name == row.name).values(disabled_at=transaction.now))
        record(transaction, Event.USER_DISABLED, by=by, private={"person": row.name})
        authority.changed(transaction, "disabled", f"user:{row.name}", by)


def change_roles(transaction: Transaction, name: str, roles: Iterable[str], by: str | None) -> None:
    """Give a person these roles and no others, from their next request on.

    The same roles again change nothing. Raises `Invalid` for a role that is none, `NotFound` if nobody of that name
    may sign in, and `Conflict` as `disable_person` does, or where `by` would give themselves a role they do not have:
    who hands out the right to send and to approve does not take it.
    """
    wanted, row = frozenset(roles), _somebody(transaction, name)
    _refuse(tuple(fault for fault in (_roles_fault(wanted),) if fault), _NO_ROLES_CHANGED)
    if row.disabled_at is not None:
        raise _nobody(row.name)
    if "administrator" not in wanted:
        _check_administration(transaction, row, by)
    if by == f"user:{row.name}" and not wanted <= frozenset(row.roles):
        raise Conflict("own-roles", _OWN_ROLES)
    if frozenset(row.roles) != wanted:
        transaction.execute(update(user).where(user.c.name == row.name).values(roles=sorted(wanted)))
        record(transaction, Event.USER_ROLES, by=by, private={"person": row.name}, roles=sorted(wanted))
        authority.changed(transaction, "roles", f"user:{row.name}", by, wanted)


def set_password(
    transaction: Transaction, name: str, password: str | Kept, by: str | None, *, hashing: Passwords = PASSWORDS
) -> None:
    """Give a person another password; whoever is signed in as them is signed out.

    Where others write at the same time, bring it from `keep_password`.
    Raises `Invalid` for a password that is too weak, `NotFound` if nobody of that name may sign in.
    """
    row = _somebody(transaction, name)
    if row.disabled_at is not None:
        raise _nobody(row.name)
    kept = keep_password(row.name, password, hashing=hashing) if isinstance(password, str) else password
    transaction.execute(update(user).where(user.c.name == row.name).values(password=kept.hash))
    transaction.execute(delete(session).where(session.c.user == row.name))
    record(transaction, Event.USER_RESET, by=by, private={"person": row.name})
    authority.changed(transaction, "password", f"user:{row.name}", by)


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


_NOBODY_ADDED = Text("Ingen har lagts till.", "Nobody was added.")
_NO_ROLES_CHANGED = Text("Rollerna är som förut.", "The roles are as before.")
_NO_PASSWORD_CHANGED = Text("Lösenordet är som förut.", "The password is as before.")


def _refuse(wrong: tuple[FieldError, ...], so_far: Text = _NOBODY_ADDED) -> None:
    if not wrong:
        return
    swedish = " ".join(fault.message.sv for fault in wrong)
    english = " ".join(fault.message.en for fault in wrong)
    detail = Text(f"{so_far.sv} {swedish}", f"{so_far.en} {english}")
    raise Invalid("person-invalid", detail, fields=wrong)


def _somebody(transaction: Transaction, name: str) -> Row[tuple[object, ...]]:
    name = names.tidy(name)
    row = _row(transaction, name)
    if row is None:
        raise _nobody(name)
    return row


def _nobody(name: str) -> NotFound:
    return NotFound(
        "person-unknown",
        Text(
            f"Det finns ingen som heter {name}. Inget har ändrats. Se namnen med: broadcaster users list",
            f"There is nobody called {name}. Nothing was changed. See the names with: broadcaster users list",
        ),
    )


def _check_administration(transaction: Transaction, row: Row[tuple[object, ...]], by: str | None) -> None:
    """Raise `Conflict` if `row` is an administrator that `by` may not take away."""
    if by is None or "administrator" not in row.roles:
        return
    if by == f"user:{row.name}":
        raise Conflict("own-administration", _OWN)
    alive = select(user).where(user.c.disabled_at.is_(None)).with_for_update()
    if not any("administrator" in one.roles and one.name != row.name for one in transaction.execute(alive)):
        raise Conflict("last-administrator", _LAST)


_OWN = Text(
    "Du kan inte ta ifrån dig själv administrationen: då kan ingen ångra det. Inget har ändrats. "
    "Be en annan administratör göra det.",
    "You cannot take administration away from yourself: then nobody could undo it. Nothing was changed. "
    "Ask another administrator to do it.",
)
_OWN_ROLES = Text(
    "Du kan inte ge dig själv fler roller: den som delar ut rätten att skicka och godkänna tar den inte. Inget har "
    "ändrats. Be en annan administratör, eller den som sköter tjänsten: broadcaster users roles",
    "You cannot give yourself more roles: who hands out the right to send and to approve does not take it. Nothing was "
    "changed. Ask another administrator, or whoever runs the service: broadcaster users roles",
)
_LAST = Text(
    "Det är den sista administratören. Inget har ändrats. Gör någon annan till administratör först.",
    "This is the last administrator. Nothing was changed. Make somebody else an administrator first.",
)


def _row(transaction: Transaction, name: str) -> Row[tuple[object, ...]] | None:
    if names.fault(name):
        return None
    return transaction.execute(select(user).where(user.c.name == name)).one_or_none()


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(row.name, frozenset(row.roles), row.created_at, row.disabled_at, row.password is not None)
