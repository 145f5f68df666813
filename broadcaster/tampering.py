"""
Looking at approved words while nobody needs them: a forgery is told now, not when somebody wants to send.

What is sent is proved anyway, right before it leaves (`proof`). But words that fail then are missing at 02:40, so a
worker reads again what two people approved, and what open incidents go on in, and a named person is told at once.
"""

from typing import Any

from sqlalchemy import Row, bindparam, select

from broadcaster import alarm
from broadcaster.errors import Text
from broadcaster.proof import is_whole
from broadcaster.store import Store, Transaction
from broadcaster.tables import approval as approval_table
from broadcaster.tables import incident as incident_table
from broadcaster.tables import snapshot as snapshot_table

KIND = "forged"
_KEPT = select(snapshot_table.c.digest, snapshot_table.c.playbook, snapshot_table.c.version).where(
    snapshot_table.c.revoked_at.is_(None)
    & snapshot_table.c.digest.in_(select(approval_table.c.digest).where(approval_table.c.expires_at > bindparam("now")))
)
_RUNNING = select(incident_table).where(incident_table.c.state == "open")


def watch(store: Store) -> int:
    """Raise an alarm for all approved words that are no longer what was kept; return how many playbooks that are.

    One alarm for each open incident that goes on in them, or one for the service; told until somebody answers.
    """
    with store.transaction() as transaction:
        running = transaction.execute(_RUNNING).all()
        pinned = {row.digest: row.playbook for row in running}
        kept = transaction.execute(_KEPT, {"now": transaction.now}).all()
        looked_at = {row.digest: row.playbook for row in kept} | pinned
        forged = {digest: name for digest, name in looked_at.items() if not is_whole(transaction, digest)}
        for row in running:
            if row.digest in forged:
                _tell(transaction, row)
        others = sorted({name for digest, name in forged.items() if digest not in pinned})
        if others:
            alarm.raise_alarm(transaction, KIND, _unused(", ".join(others)))
    return len(set(forged.values()))


def _tell(transaction: Transaction, row: Row[Any]) -> None:
    text = Text(
        f"{row.ref}: krismallens godkända ord har ändrats i databasen. Inget mer skickas med dem. Larma it-säkerhet. "
        "Låt två personer godkänna en ny version av mallen, eller publicera från papper.",
        f"{row.ref}: the playbook's approved words were changed in the database. Nothing more is sent in them. Tell IT "
        "security. Have two people approve a new version of the playbook, or publish from paper.",
    )
    alarm.raise_alarm(transaction, KIND, text, incident_id=row.id)


def _unused(names: str) -> Text:
    return Text(
        f"Godkända ord har ändrats i databasen: {names}. De mallarna kan inte börja någon händelse. Larma it-säkerhet. "
        "Återställ databasen ur en säkerhetskopia, eller låt två personer godkänna en ny version.",
        f"Approved words were changed in the database: {names}. Those playbooks cannot begin an incident. Tell IT "
        "security. Restore the database from a backup, or have two people approve a new version.",
    )
