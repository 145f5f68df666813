"""
Changes of playbooks that were made in the desk: kept as new versions, approved by two others, or withdrawn.

The text of each is the whole TOML file it would be. Nothing here says what is in force; that is `shelf`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Update, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from broadcaster import approval, audit
from broadcaster.amendment_table import amendment
from broadcaster.approval import Approval
from broadcaster.audit import Event
from broadcaster.auth import names
from broadcaster.errors import Conflict, Forbidden, Text
from broadcaster.playbook import Snapshot
from broadcaster.store import Transaction
from broadcaster.tables import snapshot as snapshot_table

_HEAD = tuple(column for column in amendment.c if column.name != "text")


@dataclass(frozen=True)
class Amendment:
    """One changed version, without its text. `adopted_at`: when two people had approved it; None for a proposal."""

    id: str
    playbook: str
    version: int
    editor: str
    at: datetime
    digest: str
    based_on: str
    adopted_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None


def standing(transaction: Transaction, playbook: str | None = None) -> list[Amendment]:
    """Return what was not withdrawn, of one playbook or of all, the highest version first."""
    wanted = select(*_HEAD).where(amendment.c.withdrawn_at.is_(None)).order_by(amendment.c.version.desc())
    if playbook is not None:
        wanted = wanted.where(amendment.c.playbook == playbook)
    return [Amendment(**row) for row in transaction.execute(wanted).mappings().all()]


def text_of(transaction: Transaction, amendment_id: str) -> bytes:
    """Return the exact text of one. Raises `NoResultFound`."""
    return bytes(transaction.execute(select(amendment.c.text).where(amendment.c.id == amendment_id)).scalar_one())


def texts(transaction: Transaction, playbook: str) -> list[bytes]:
    """Return every text that was ever kept of a playbook, withdrawn ones too."""
    rows = transaction.execute(select(amendment.c.text).where(amendment.c.playbook == playbook)).scalars().all()
    return [bytes(row) for row in rows]


def next_version(transaction: Transaction, playbook: str, at_least: int) -> int:
    """Return a number above `at_least` and above every version of the playbook that was ever kept or approved."""
    kept = select(func.max(amendment.c.version)).where(amendment.c.playbook == playbook)
    read = select(func.max(snapshot_table.c.version)).where(snapshot_table.c.playbook == playbook)
    highest = (transaction.execute(asked).scalar_one() or 0 for asked in (kept, read))
    return max(at_least, *highest) + 1


def propose(transaction: Transaction, snapshot: Snapshot, text: bytes, based_on: str) -> None:
    """Keep `text`, which makes `snapshot`, as a new version by its editor. Raises `Conflict` if it is there already."""
    new = postgresql.insert if transaction.connection.dialect.name == "postgresql" else sqlite.insert
    row = {
        "id": str(uuid4()),
        "playbook": snapshot.id,
        "version": snapshot.version,
        "editor": snapshot.editor,
        "at": transaction.now,
        "text": text,
        "digest": snapshot.digest,
        "based_on": based_on,
    }
    kept = new(amendment).values(row).on_conflict_do_nothing(index_elements=["playbook", "version"])  # two at once
    if transaction.execute(kept.returning(amendment.c.id)).one_or_none() is None:
        raise Conflict("version-taken", TAKEN)
    _record(transaction, Event.PLAYBOOK_AMENDED, snapshot.editor, snapshot, based_on=based_on)


def approve(transaction: Transaction, found: Amendment, snapshot: Snapshot, person: str) -> Approval:
    """Record that `person` approves the words of an amendment; with the second yes it is adopted.

    Raises as `approval.approve` does, and `Conflict` if it was withdrawn meanwhile.
    """
    if not transaction.execute(_standing(found.id).values(version=found.version)).rowcount:  # locks the row
        raise Conflict("withdrawn", _GONE)
    state = approval.approve(transaction, snapshot, person)
    if state.state == "approved":
        mine = _standing(found.id).where(amendment.c.adopted_at.is_(None))
        if transaction.execute(mine.values(adopted_at=transaction.now)).rowcount:
            _record(transaction, Event.PLAYBOOK_ADOPTED, person, snapshot)
    return state


def withdraw(transaction: Transaction, found: Amendment, person: str) -> None:
    """Take a proposal back, by its editor. Raises `Forbidden` for others, `Conflict` if it is a proposal no more."""
    if names.tidy(person) != names.tidy(found.editor):
        raise Forbidden("not-the-editor", _NOT_YOURS)
    mine = _standing(found.id).where(amendment.c.adopted_at.is_(None))
    if not transaction.execute(mine.values(withdrawn_at=transaction.now, withdrawn_by=person)).rowcount:
        raise Conflict("withdrawn", _GONE)
    _record(transaction, Event.PLAYBOOK_WITHDRAWN, person, found)


def _standing(amendment_id: str) -> Update:
    return update(amendment).where(amendment.c.id == amendment_id, amendment.c.withdrawn_at.is_(None))


def _record(transaction: Transaction, event: Event, person: str, words: Snapshot | Amendment, **more: str) -> None:
    facts: dict[str, Any] = {"version": words.version, "digest": words.digest, **more}
    playbook = words.playbook if isinstance(words, Amendment) else words.id
    audit.record(transaction, event, by=f"user:{person}", playbook=playbook, **facts)


TAKEN = Text(
    "Någon annan sparade en ny version i samma stund. Din ändring är inte sparad än, men den finns kvar här. "
    "Granska igen och se vad som har hänt.",
    "Somebody else saved a new version at the same moment. Your change is not saved yet, but it is still here. "
    "Review again and see what has happened.",
)
_GONE = Text(
    "Förslaget finns inte längre: det är taget tillbaka eller redan godkänt. Inget har ändrats. "
    "Öppna krismallen igen och läs det som gäller nu.",
    "The proposal is no longer there: it was withdrawn, or is approved already. Nothing has been changed. "
    "Open the playbook again and read what holds now.",
)
_NOT_YOURS = Text(
    "Bara den som har skrivit förslaget kan ta tillbaka det. Inget har ändrats. "
    "Tycker du att det är fel: godkänn det inte, och säg till den som skrev.",
    "Only whoever wrote the proposal can withdraw it. Nothing has been changed. "
    "If you think it is wrong: do not approve it, and tell whoever wrote it.",
)
