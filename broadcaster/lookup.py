"""
Finding what a request speaks of, or saying which of its fields names something that does not exist.
"""

from typing import Literal

from sqlalchemy import select

from broadcaster import approval, verdicts
from broadcaster.auth.client import Client, require_mode
from broadcaster.errors import FieldError, Invalid, NotFound, Text
from broadcaster.ledger import Row
from broadcaster.playbook import Playbooks, Snapshot
from broadcaster.proof import is_whole
from broadcaster.request import SendRequest
from broadcaster.store import Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table
from broadcaster.tables import snapshot as snapshot_table


def incident_for(
    transaction: Transaction, request: SendRequest, *, lock: bool = False, other_words: bool = False
) -> Row:
    """Return the incident a later phase belongs to. Raises `Invalid` if it is unknown or does not agree.

    `other_words`: the request is to change its playbook, so that one need not agree.
    """
    if request.incident is None:
        raise wrong_field("/incident", verdicts.LATER_NEEDS_INCIDENT)
    wanted = select(incident_table).where(incident_table.c.ref == request.incident)
    row = transaction.execute(wanted.with_for_update(key_share=True) if lock else wanted).mappings().one_or_none()
    if row is None:
        raise wrong_field("/incident", verdicts.NO_SUCH_INCIDENT)
    if row["mode"] != request.mode:
        raise wrong_field("/mode", verdicts.OTHER_MODE)
    if row["playbook"] != request.playbook and not other_words:
        raise wrong_field("/playbook", verdicts.OTHER_PLAYBOOK)
    return dict(row)


def message_for(transaction: Transaction, message_id: str, client: Client) -> tuple[Row, Row]:
    """Return a message and its incident, locked for a change. Raises `NotFound`, `Forbidden` for the wrong mode."""
    # The incident first, then its message, then deliveries: one order of locks for everybody. The incident's key
    # itself is left free, because a worker that settles a delivery may have to name the incident in an alarm.
    whose = select(message_table.c.incident_id).where(message_table.c.id == message_id)
    incident_id = transaction.execute(whose).scalar_one_or_none()
    if incident_id is None:
        raise NotFound("no-such-message", verdicts.NO_SUCH_MESSAGE)
    mine = select(incident_table).where(incident_table.c.id == incident_id).with_for_update(key_share=True)
    incident_row = transaction.execute(mine).mappings().one()
    wanted = select(message_table).where(message_table.c.id == message_id).with_for_update(key_share=True)
    row = transaction.execute(wanted).mappings().one()
    require_mode(client, incident_row["mode"])
    return dict(row), dict(incident_row)


def known_playbook(transaction: Transaction, playbooks: Playbooks, playbook: str) -> Snapshot:
    """Return the words a new incident begins with. Raises `Invalid` for a field that names no playbook."""
    snapshot = playbooks.within(transaction).get(playbook)
    if snapshot is None:
        raise wrong_field("/playbook", verdicts.NO_SUCH_PLAYBOOK)
    return snapshot


def playbooks_of(transaction: Transaction, ref: str) -> tuple[str, ...]:
    """Return the playbooks an incident has spoken in, in that order: one, unless it was changed."""
    wanted = (
        select(snapshot_table.c.playbook)
        .join(message_table, message_table.c.playbook_digest == snapshot_table.c.digest)
        .join(incident_table, incident_table.c.id == message_table.c.incident_id)
        .where((incident_table.c.ref == ref) & message_table.c.accepted_at.is_not(None))
        .order_by(message_table.c.number)
    )
    return tuple(dict.fromkeys(transaction.execute(wanted).scalars()))


def pinned(transaction: Transaction, playbooks: Playbooks, incident_row: Row) -> str | None:
    """Return the digest an incident goes on with: its own, or that of the newest approved words where those are lost.

    Lost is what was revoked, or is no longer what was approved. None: and nobody has approved a newer version yet.
    """
    digest = str(incident_row["digest"])
    if lost(transaction, digest) is None:
        return digest
    newer = playbooks.within(transaction).get(incident_row["playbook"])
    if newer is None or newer.digest == digest or usable(transaction, newer.digest) != "approved":
        return None
    return newer.digest


def lost(transaction: Transaction, digest: str) -> Literal["revoked", "forged"] | None:
    """Return why a running incident may not go on in its words, or None if it may: also when approval has run out."""
    match usable(transaction, digest):
        case "revoked":
            return "revoked"
        case "forged":
            return "forged"
    return None


def usable(transaction: Transaction, digest: str) -> str:
    """Return how stored words stand: as `approval.status` says, or `forged` where their bytes are not what was kept.

    Asked whenever something is accepted, so that nobody is promised a message that the worker will refuse to send.
    """
    state = approval.status(transaction, digest).state
    return "forged" if state != "pending" and not is_whole(transaction, digest) else state


def wrong_field(pointer: str, message: Text) -> Invalid:
    """Return the refusal of one field."""
    return Invalid("fields", message, fields=(FieldError(pointer, message),))
