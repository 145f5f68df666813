"""
What the world may read from us by itself, proved in one reading transaction: our own messages, and what callers hear.

Words that are not exactly what was accepted are left out, as if they did not exist. Nothing of a drill is in a
`Publication`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select

from broadcaster import gallery
from broadcaster.areas import Area
from broadcaster.errors import Forged, Text
from broadcaster.ledger import Row
from broadcaster.manuscript import Cap
from broadcaster.order import ENDING_LIFE
from broadcaster.phrasing import SPOKEN
from broadcaster.picture import Picture
from broadcaster.playbook import Snapshot
from broadcaster.proof import Proof, approved_snapshot
from broadcaster.standing import State
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table

#: The front page tells of what is going on, and for a while of what has ended.
AFTER_END = timedelta(hours=24)
INCIDENTS_MAX = 20
#: A delivery in one of these states has no words to say any more, whatever way it goes out.
SILENT = tuple(str(one) for one in (State.SUPERSEDED, State.WITHDRAWN, State.SKIPPED, State.AFFECTED))


@dataclass(frozen=True)
class Earlier:
    """What a later message has to know of an earlier one to refer to it."""

    mark: str
    phase: str
    at: datetime
    recalled_at: datetime | None = None

    def stood(self, at: datetime) -> bool:
        """Tell whether it had not been recalled at this moment; what happens afterwards does not change the answer."""
        return self.recalled_at is None or self.recalled_at > at


@dataclass(frozen=True)
class PublicMessage:
    """Proved words of one message in one language, as the public may read them."""

    id: str
    ref: str
    mode: str
    mark: str
    phase: str
    language: str
    words: str
    at: datetime
    title: Text
    incident_state: str
    updated_at: datetime
    recalled: bool
    playbook: str
    organisation: str
    cap: Cap
    areas: tuple[Area, ...]  #: municipalities it is about; none: the whole county
    next_due: datetime | None  #: when the words promise the next message; None: they promise none
    expires_at: datetime  #: from here on nobody should act on this message alone
    earlier: tuple[Earlier, ...]  #: the incident's messages on this page before this one, oldest first
    pictures: tuple[Picture, ...] = ()  #: beside the words, without their bytes
    lasting: Picture | None = None  #: one that stands beside every word of the playbook here, so it never grows old


@dataclass(frozen=True)
class Announcement:
    """What a caller should hear of one incident, in one language. `over` says that the incident has ended."""

    mark: str
    language: str
    words: str
    at: datetime
    over: bool


@dataclass(frozen=True)
class Publication:
    """Everything that is public at one moment.

    `changed_at` is the last acceptance or recall ever; None: nothing was ever said.
    """

    messages: tuple[PublicMessage, ...]
    announcements: tuple[Announcement, ...]
    changed_at: datetime | None


def publication(transaction: Transaction, proof: Proof) -> Publication:
    """Return all that is going on, ended lately, or was corrected or recalled lately; newest incident first."""
    since = transaction.now - AFTER_END
    lately = (message_table.c.accepted_at > since) | (message_table.c.recalled_at > since)
    touched = exists().where((message_table.c.incident_id == incident_table.c.id) & lately)
    recent = incident_table.c.closed_at.is_(None) | (incident_table.c.closed_at > since) | touched
    wanted = select(incident_table).where((incident_table.c.mode == "live") & recent)
    rows = transaction.execute(
        wanted.order_by(incident_table.c.opened_at.desc()).limit(INCIDENTS_MAX)
    ).mappings()
    incidents = [dict(row) for row in rows.all()]
    return Publication(
        messages=tuple(one for row in incidents for one in public_messages(transaction, row, proof)),
        announcements=_announcements(transaction, incidents, proof),
        changed_at=_changed_at(transaction),
    )


def public_messages(
    transaction: Transaction, incident_row: Row, proof: Proof, *, shown: str = "live"
) -> list[PublicMessage]:
    """Return what the own page says of an incident, newest first; words that cannot be proved are left out.

    `shown` is the mode that may be shown: nothing of a drill is ever public.
    """
    if incident_row["mode"] != shown:
        return []
    rows = _rows(transaction, incident_row, "own_web", (str(State.PUBLISHED), str(State.WITHDRAWN)))
    told = {
        row["number"]: Earlier(_mark(incident_row, row), row["phase"], row["accepted_at"], row["recalled_at"])
        for row in rows
    }
    found: list[PublicMessage] = []
    for row in rows:
        earlier = tuple(told[number] for number in sorted(told) if number < row["number"])
        try:
            found.append(_proved(transaction, row, incident_row, earlier, proof))
        except Forged:
            continue
    return found


def public_picture(transaction: Transaction, sha256: str) -> Picture | None:
    """Return the picture with this hash, if it stands beside live words on our page that were not recalled."""
    data = gallery.bytes_of(transaction, sha256)
    if data is None:
        return None
    standing = (delivery_table.c.channel == "own_web") & (delivery_table.c.state == str(State.PUBLISHED))
    said = (delivery_table.c.mode == "live") & message_table.c.recalled_at.is_(None)
    wanted = (
        select(message_table.c.playbook_digest, delivery_table.c.phase, delivery_table.c.language)
        .join(message_table, delivery_table.c.message_id == message_table.c.id)
        .where(standing & said)
        .distinct()
    )
    for row in transaction.execute(wanted).all():
        with suppress(Forged):
            snapshot = approved_snapshot(transaction, row.playbook_digest)
            for one in snapshot.pictures(row.phase, "own_web", row.language, "live"):
                if one.sha256 == sha256:
                    return replace(one, data=data)
    return None


def _proved(
    transaction: Transaction, row: Row, incident_row: Row, earlier: tuple[Earlier, ...], proof: Proof
) -> PublicMessage:
    proof.check(transaction, row)
    proof.check_place(transaction, row)
    snapshot = approved_snapshot(transaction, row["playbook_digest"])
    beside = snapshot.pictures(row["phase"], "own_web", row["language"], incident_row["mode"])
    lasting = _lasting(snapshot, row["language"])
    return PublicMessage(
        id=row["id"],
        ref=incident_row["ref"],
        mode=incident_row["mode"],
        mark=_mark(incident_row, row),
        phase=row["phase"],
        language=row["language"],
        words="" if row["recalled_at"] else row["words"],
        at=row["accepted_at"],
        title=snapshot.title,
        incident_state=incident_row["state"],
        updated_at=row["recalled_at"] or row["accepted_at"],
        recalled=row["recalled_at"] is not None,
        playbook=snapshot.id,
        organisation=snapshot.organisation,
        cap=snapshot.cap,
        areas=snapshot.areas(row["blanks"]),
        next_due=snapshot.next_due(row["phase"], row["accepted_at"], row["next_update"]),
        expires_at=row["useful_until"],
        earlier=earlier,
        pictures=() if row["recalled_at"] else gallery.at_hand(transaction, beside),
        lasting=None if row["recalled_at"] else next(iter(gallery.at_hand(transaction, lasting)), None),
    )


def _lasting(snapshot: Snapshot, language: str) -> tuple[Picture, ...]:
    """Return the pictures that our page shows beside the words of every phase in this language."""
    every = [snapshot.pictures(phase, "own_web", language, "live") for phase in snapshot.phases]
    return tuple(one for one in every[0] if all(one in shown for shown in every)) if every else ()


def _announcements(transaction: Transaction, incidents: Sequence[Row], proof: Proof) -> tuple[Announcement, ...]:
    """Return what stands on the phone channel: what is going on before what has ended, newest first."""
    found = [one for row in incidents for one in _announced(transaction, row, proof)]
    newest_first = sorted(found, key=lambda one: one.at, reverse=True)
    return tuple(sorted(newest_first, key=lambda one: one.over))


def _announced(transaction: Transaction, incident_row: Row, proof: Proof) -> list[Announcement]:
    """Return the words of the newest message that was given any to speak, unless they no longer stand.

    Older words never come back: where the newest were recalled or replaced elsewhere, nothing is said.
    """
    rows = [row for channel in sorted(SPOKEN) for row in _rows(transaction, incident_row, channel)]
    newest = max((row["number"] for row in rows), default=0)
    over = incident_row["state"] == "closed"
    found: list[Announcement] = []
    for row in rows:
        ended = row["recalled_at"] or row["superseded_at"] or row["state"] in SILENT
        faded = over and row["accepted_at"] + ENDING_LIFE <= transaction.now
        if row["number"] != newest or ended or faded:
            continue
        try:
            proof.check(transaction, row)
            proof.check_place(transaction, row)
        except Forged:
            continue
        found.append(
            Announcement(_mark(incident_row, row), row["language"], row["words"], row["accepted_at"], over)
        )
    return found


def _rows(
    transaction: Transaction, incident_row: Row, channel: str, states: tuple[str, ...] | None = None
) -> list[Row]:
    """Return an incident's accepted deliveries to a channel, newest message first, with what its message says."""
    its = (delivery_table.c.incident_id == incident_row["id"]) & (message_table.c.incident_id == incident_row["id"])
    if states is not None:
        its &= delivery_table.c.state.in_(states)
    wanted = (
        select(
            delivery_table,
            message_table.c.accepted_at,
            message_table.c.next_update,
            message_table.c.recalled_at,
            message_table.c.superseded_at,
            message_table.c.playbook_digest,
            message_table.c.blanks,
            message_table.c.not_after.label("useful_until"),
        )
        .join(message_table, delivery_table.c.message_id == message_table.c.id)
        .where(its & (delivery_table.c.channel == channel) & message_table.c.accepted_at.is_not(None))
        .order_by(delivery_table.c.number.desc(), delivery_table.c.language.desc())
    )
    return [dict(row) for row in transaction.execute(wanted).mappings().all()]


def _changed_at(transaction: Transaction) -> datetime | None:
    live = incident_table.c.mode == "live"
    joined = message_table.join(incident_table, message_table.c.incident_id == incident_table.c.id)
    # What was published by hand has a time that has been; the world may read it from when it was entered.
    entered = func.max(message_table.c.created_at).filter(message_table.c.accepted_at.is_not(None))
    wanted = select(func.max(message_table.c.accepted_at), func.max(message_table.c.recalled_at), entered)
    row = transaction.execute(wanted.select_from(joined).where(live)).one()
    return max((at for at in row if at is not None), default=None)


def _mark(incident_row: Row, row: Row) -> str:
    return f"{incident_row['ref']}/{row['number']}"
