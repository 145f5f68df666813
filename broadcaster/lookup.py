"""
Finding what a request speaks of, or saying which of its fields names something that does not exist.
"""

from sqlalchemy import select

from broadcaster import approval, verdicts
from broadcaster.errors import FieldError, Invalid, Text
from broadcaster.ledger import Row
from broadcaster.playbook import Playbooks, Snapshot
from broadcaster.request import SendRequest
from broadcaster.store import Transaction
from broadcaster.tables import incident as incident_table


def incident_for(transaction: Transaction, request: SendRequest, *, lock: bool = False) -> Row:
    """Return the incident a later phase belongs to. Raises `Invalid` if it is unknown or does not agree."""
    if request.incident is None:
        raise wrong_field("/incident", verdicts.LATER_NEEDS_INCIDENT)
    wanted = select(incident_table).where(incident_table.c.ref == request.incident)
    row = transaction.execute(wanted.with_for_update(key_share=True) if lock else wanted).mappings().one_or_none()
    if row is None:
        raise wrong_field("/incident", verdicts.NO_SUCH_INCIDENT)
    if row["mode"] != request.mode:
        raise wrong_field("/mode", verdicts.OTHER_MODE)
    if row["playbook"] != request.playbook:
        raise wrong_field("/playbook", verdicts.OTHER_PLAYBOOK)
    return dict(row)


def known_playbook(transaction: Transaction, playbooks: Playbooks, playbook: str) -> Snapshot:
    """Return the words a new incident begins with. Raises `Invalid` for a field that names no playbook."""
    snapshot = playbooks.within(transaction).get(playbook)
    if snapshot is None:
        raise wrong_field("/playbook", verdicts.NO_SUCH_PLAYBOOK)
    return snapshot


def pinned(transaction: Transaction, playbooks: Playbooks, incident_row: Row) -> str | None:
    """Return the digest an incident goes on with: its own, or after a revocation that of the newest approved words.

    None: its own was revoked and nobody has approved a newer version yet.
    """
    digest = str(incident_row["digest"])
    if approval.status(transaction, digest).state != "revoked":
        return digest
    newer = playbooks.within(transaction).get(incident_row["playbook"])
    if newer is None or approval.status(transaction, newer.digest).state != "approved":
        return None
    return newer.digest


def wrong_field(pointer: str, message: Text) -> Invalid:
    """Return the refusal of one field."""
    return Invalid("fields", message, fields=(FieldError(pointer, message),))
