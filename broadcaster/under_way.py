"""Asking before the same crisis is started twice: two people woken by the same trouble press the same button."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Select, func, select

from broadcaster import verdicts
from broadcaster.ledger import Row
from broadcaster.playbook import Snapshot
from broadcaster.store import Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table
from broadcaster.tables import snapshot as snapshot_table

#: Names our lock among PostgreSQL's advisory ones.
_LOCK = 1177_0001


def check(
    transaction: Transaction,
    minutes: float,
    snapshot: Snapshot,
    mode: str,
    blanks: Mapping[str, str],
    since: Row | None = None,
    but: str | None = None,
) -> None:
    """Raise `Conflict` when the same playbook runs at the same places, begun at most `minutes` ago (0: never asked).

    An incident that began with it and goes on with another is the same crisis too, whatever its places are called now.
    `but` is the id of an incident that is not asked about: the one that is spoken of.
    A waiting message names its incident as `since`: what was under way before that one was asked about when the
    message was proposed (`again`), so only a later one is news.
    """
    if not minutes:
        return
    if transaction.connection.dialect.name == "postgresql":  # SQLite has one writer; here two at once would not see
        transaction.execute(select(func.pg_advisory_xact_lock(_LOCK)))  # each other's incident
    same = select(incident_table).where(
        ((incident_table.c.playbook == snapshot.id) | incident_table.c.id.in_(_spoke(snapshot.id)))
        & (incident_table.c.mode == mode)
        & (incident_table.c.state == "open")
        & (incident_table.c.opened_at > transaction.now - timedelta(minutes=minutes))
    )
    places = snapshot.places(blanks)
    if since is not None:
        same = same.where(incident_table.c.opened_at > since["opened_at"])
    if but is not None:
        same = same.where(incident_table.c.id != but)
    for row in transaction.execute(same).mappings():
        if row["playbook"] != snapshot.id or list(row["places"]) == places:
            raise verdicts.already_running(row["ref"])


def _spoke(playbook: str) -> Select[tuple[str]]:
    """Return the incidents that have said something in the words of a playbook."""
    words = select(snapshot_table.c.digest).where(snapshot_table.c.playbook == playbook)
    said = message_table.c.accepted_at.is_not(None) & message_table.c.playbook_digest.in_(words)
    return select(message_table.c.incident_id).where(said)
