"""
Who approved which exact words, until when.

Two different people, neither of them the playbook's last editor, approve a snapshot: the playbook's canonical content
with every register value and system line it uses. One changed character is another snapshot, which nobody approved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from broadcaster import audit, authority, gallery
from broadcaster.audit import Event
from broadcaster.auth import names
from broadcaster.editors import APPROVERS_NEEDED, editors_of
from broadcaster.errors import Conflict, Forbidden, Text
from broadcaster.playbook import Snapshot
from broadcaster.store import Transaction
from broadcaster.tables import approval as approval_table
from broadcaster.tables import snapshot as snapshot_table
from broadcaster.vouching import require_vouched

#: Numbers change and people leave: words are read again every year. Running incidents do not notice.
VALID = timedelta(days=365)
_APPROVALS = (
    select(approval_table)
    .where(approval_table.c.digest == bindparam("which"))
    .order_by(approval_table.c.at, approval_table.c.by)
)
_EVER = (
    select(snapshot_table.c.digest, snapshot_table.c.version, snapshot_table.c.revoked_at, approval_table.c.by)
    .add_columns(approval_table.c.at)
    .join(approval_table, approval_table.c.digest == snapshot_table.c.digest)
    .where(snapshot_table.c.playbook == bindparam("playbook"), snapshot_table.c.digest != bindparam("but"))
    .order_by(snapshot_table.c.digest, approval_table.c.at, approval_table.c.by)
)
_REVOKED = select(snapshot_table.c.revoked_at).where(snapshot_table.c.digest == bindparam("which"))


@dataclass(frozen=True)
class Approval:
    """How a snapshot stands. `by` names who approved it, first one first; `expires_at` is the earliest end."""

    state: Literal["approved", "pending", "expired", "revoked"]
    by: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Earlier:
    """Words that were approved before. `at` is when the second person had said yes; `revoked`: not valid since."""

    playbook: str
    digest: str
    version: int
    by: tuple[str, ...]
    at: datetime
    revoked: bool


def last_approved(transaction: Transaction, playbook: str, *, but: str) -> Earlier | None:
    """Return what was approved last of a playbook, other than the words with digest `but`; None if nothing ever was.

    Whether that approval has run out or was revoked since does not matter: it is what people last read.
    """
    rows = transaction.execute(_EVER, {"playbook": playbook, "but": but}).all()
    found = []
    for digest, same in groupby(rows, key=lambda row: str(row.digest)):
        yes = list(same)
        if len(yes) >= APPROVERS_NEEDED:
            first, at = yes[0], yes[APPROVERS_NEEDED - 1].at
            by = tuple(row.by for row in yes)
            found.append(Earlier(playbook, digest, first.version, by, at, first.revoked_at is not None))
    return max(found, key=lambda one: (one.at, one.version), default=None)


def status(transaction: Transaction, digest: str) -> Approval:
    """Return how the snapshot with `digest` stands now; one that was never stored is pending."""
    rows = transaction.execute(_APPROVALS, {"which": digest}).all()
    revoked = transaction.execute(_REVOKED, {"which": digest}).scalar_one_or_none()
    return _status(rows, revoked is not None, transaction.now)


def statuses(transaction: Transaction, digests: Iterable[str]) -> Mapping[str, Approval]:
    """Return how each of many snapshots stands now, as `status` does, with two questions in all."""
    asked = sorted(set(digests))
    given = select(approval_table).where(approval_table.c.digest.in_(asked))
    revoked = select(snapshot_table.c.digest).where(
        snapshot_table.c.digest.in_(asked), snapshot_table.c.revoked_at.is_not(None)
    )
    rows: dict[str, list[Row[Any]]] = {}
    for row in transaction.execute(given.order_by(approval_table.c.at, approval_table.c.by)):
        rows.setdefault(row.digest, []).append(row)
    gone = set(transaction.execute(revoked).scalars())
    return {digest: _status(rows.get(digest, ()), digest in gone, transaction.now) for digest in asked}


def _status(rows: Sequence[Row[Any]], revoked: bool, now: datetime) -> Approval:
    by = tuple(row.by for row in rows)
    expires_at = min((row.expires_at for row in rows), default=None)
    if revoked:
        return Approval("revoked", by, expires_at)
    if len(by) < APPROVERS_NEEDED:
        return Approval("pending", by, expires_at)
    # With more than two, the two that last longest count.
    expires_at = sorted((row.expires_at for row in rows), reverse=True)[APPROVERS_NEEDED - 1]
    return Approval("approved" if expires_at > now else "expired", by, expires_at)


def approve(transaction: Transaction, snapshot: Snapshot, person: str) -> Approval:
    """Record that `person` approves exactly `snapshot`, and return how it stands now.

    Approving again renews. Raises `Forbidden` for the last editor and for whoever is no other person (`authority`) than
    that one or the other approver, `Conflict` for a revoked snapshot, and for one with
    a line that somebody must still say yes to.
    """
    if names.tidy(person) == names.tidy(snapshot.editor):  # in the file the name may be written with a capital
        raise Forbidden(
            "editor-may-not-approve",
            Text(
                "Du har själv ändrat krismallen senast, så någon annan måste godkänna den. Be två kollegor läsa.",
                "You edited this playbook last, so somebody else has to approve it. Ask two colleagues to read it.",
            ),
        )
    require_vouched(snapshot.waiting)
    facts: dict[str, Any] = {"wrote_before": True} if _check_two_people(transaction, snapshot, person) else {}
    store(transaction, snapshot)
    if status(transaction, snapshot.digest).state == "revoked":
        raise Conflict(
            "revoked",
            Text(
                "Godkännandet av just de här orden är återkallat. "
                "Ändra krismallen och låt två personer godkänna den nya.",
                "The approval of exactly these words was revoked. Change the playbook and have two people approve it.",
            ),
        )
    values = {"at": transaction.now, "expires_at": transaction.now + VALID}
    same = (approval_table.c.digest == snapshot.digest) & (approval_table.c.by == person)
    if not transaction.execute(update(approval_table).where(same).values(**values)).rowcount:
        transaction.execute(insert(approval_table).values(digest=snapshot.digest, by=person, **values))
    audit.record(
        transaction,
        Event.PLAYBOOK_APPROVED,
        by=f"user:{person}",
        playbook=snapshot.id,
        version=snapshot.version,
        digest=snapshot.digest,
        **facts,
    )
    return status(transaction, snapshot.digest)


def _check_two_people(transaction: Transaction, snapshot: Snapshot, person: str) -> bool:
    """Raise `Forbidden` where `person` is, or counts as one with, an editor or somebody whose yes still holds.

    Return whether they wrote a part of it and may approve for want of others.
    """
    mine, editors = f"user:{names.tidy(person)}", editors_of(transaction, snapshot)
    if names.tidy(person) in editors.earlier and not editors.excused:
        raise Forbidden("editor-may-not-approve", WROTE_BEFORE)
    for editor in editors.barred:
        authority.check_other(transaction, mine, f"user:{editor}", transaction.now)
    for row in transaction.execute(_APPROVALS, {"which": snapshot.digest}).all():
        if row.expires_at > transaction.now:
            authority.check_other(transaction, mine, f"user:{names.tidy(row.by)}", row.at)
    return names.tidy(person) in editors.earlier


def revoke(transaction: Transaction, digest: str, person: str) -> None:
    """Take the approval back for good: nothing more is sent from these words. Raises `Conflict` if unknown."""
    known = (snapshot_table.c.digest == digest) & (snapshot_table.c.revoked_at.is_(None))
    done = transaction.execute(
        update(snapshot_table).where(known).values(revoked_at=transaction.now, revoked_by=person)
    )
    if not done.rowcount:
        raise Conflict(
            "not-approved",
            Text(
                "Det finns inget godkännande att återkalla. Kontrollera vilken version som används.",
                "There is no approval to revoke. Check which version is in use.",
            ),
        )
    audit.record(transaction, Event.PLAYBOOK_REVOKED, by=f"user:{person}", digest=digest)


def store(transaction: Transaction, snapshot: Snapshot) -> None:
    """Keep the exact bytes of `snapshot` and of its pictures, once."""
    gallery.keep(transaction, snapshot)
    known = select(snapshot_table.c.digest).where(snapshot_table.c.digest == snapshot.digest)
    if transaction.execute(known).one_or_none() is not None:
        return
    new = postgresql.insert if transaction.connection.dialect.name == "postgresql" else sqlite.insert
    stored = transaction.execute(
        new(snapshot_table)
        .values(
            digest=snapshot.digest,
            playbook=snapshot.id,
            version=snapshot.version,
            content=snapshot.content,
            stored_at=transaction.now,
        )
        .on_conflict_do_nothing()  # two approvers who press at once
        .returning(snapshot_table.c.digest)
    )
    if stored.one_or_none() is None:
        return
    audit.record(
        transaction, Event.SNAPSHOT_STORED, playbook=snapshot.id, version=snapshot.version, digest=snapshot.digest
    )


WROTE_BEFORE = Text(
    "Du har skrivit en tidigare version som den här bygger på, och ingen har godkänt de orden sedan dess. Inget har "
    "godkänts. Be två kollegor som inte har skrivit i den att läsa.",
    "You wrote an earlier version that this one is made from, and nobody has approved those words since. Nothing has "
    "been approved. Ask two colleagues who have not written in it to read it.",
)
