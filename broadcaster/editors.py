"""
Whose words stand in a version of a playbook that two others have not approved yet.

One saves a proposal, another changes a comma in it, and the first would approve words of their own. So everybody who
saved one of the versions this one was made from, since the last that two people approved, is an editor of it. Where
too few approvers would be left, those before the last one may approve after all; the last editor never.
"""

from dataclasses import dataclass

from sqlalchemy import func, select

from broadcaster.amendment_table import amendment
from broadcaster.auth import names
from broadcaster.playbook import Snapshot
from broadcaster.store import Transaction
from broadcaster.tables import approval as approval_table
from broadcaster.tables import user

APPROVERS_NEEDED = 2


@dataclass(frozen=True)
class Editors:
    """Who wrote: `last`, and `earlier` those before, oldest last. `excused`: the earlier ones may approve, for want."""

    last: str
    earlier: tuple[str, ...] = ()
    excused: bool = False

    @property
    def barred(self) -> tuple[str, ...]:
        """Everybody who may not approve."""
        return (self.last,) if self.excused else (self.last, *self.earlier)


def editors_of(transaction: Transaction, snapshot: Snapshot) -> Editors:
    """Return who wrote a version, as far back as the words that two people approved."""
    last = names.tidy(snapshot.editor)
    earlier = tuple(name for name in dict.fromkeys(_before(transaction, snapshot)) if name != last)
    if not earlier:
        return Editors(last)
    free = _approvers(transaction) - {last, *earlier}
    return Editors(last, earlier, len(free) < APPROVERS_NEEDED)


def _before(transaction: Transaction, snapshot: Snapshot) -> list[str]:
    """Return who saved the versions this one was made from, the newest first, withdrawn ones too."""
    wanted = select(amendment.c.version, amendment.c.digest, amendment.c.editor, amendment.c.based_on)
    saved = transaction.execute(wanted.where(amendment.c.playbook == snapshot.id)).all()
    by_digest = {row.digest: row for row in saved}
    row = next((one for one in saved if one.version == snapshot.version), None)
    found: list[str] = []
    while row is not None and not _approved(transaction, row.based_on):
        base = by_digest.get(row.based_on)
        if base is None or base.version >= row.version:  # a file's words, or a row that leads nowhere
            break
        found.append(names.tidy(base.editor))
        row = base
    return found


def _approved(transaction: Transaction, digest: str) -> bool:
    count = select(func.count()).where(approval_table.c.digest == digest)
    return int(transaction.execute(count).scalar_one()) >= APPROVERS_NEEDED


def _approvers(transaction: Transaction) -> set[str]:
    """Return who may approve and can sign in to do it."""
    able = select(user.c.name, user.c.roles).where(user.c.disabled_at.is_(None) & user.c.password.is_not(None))
    return {row.name for row in transaction.execute(able) if "approver" in row.roles}
