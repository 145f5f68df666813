"""
Prove that words are what two people approved, right before they leave and whenever they are shown.

The words are rendered again from the approved snapshot, the declared blanks, the mark and the time, and compared byte
for byte with what is stored. A changed row, in any table, ends in `Forged`.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.exc import NoResultFound

from broadcaster import approval
from broadcaster.approval import Earlier
from broadcaster.errors import Forged
from broadcaster.picture import Picture
from broadcaster.playbook import Fill, Snapshot, Stamp, message_digest
from broadcaster.store import Transaction
from broadcaster.tables import incident, message, snapshot

Row = Mapping[str, Any]
T = TypeVar("T")
_READ = "proof"
#: How the reference of every drill begins, and of nothing else.
DRILL_SERIES = "OVN-"
_MESSAGE = select(message).where(message.c.id == bindparam("which"))
_INCIDENT = select(incident).where(incident.c.id == bindparam("which"))
_SNAPSHOT = select(snapshot.c.content).where(snapshot.c.digest == bindparam("which"))


class Proof:
    """Knows the address this service is reached at, which stands in the words and in no table."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def link(self, ref: str, mode: str) -> str:
        """Return the address that says whether words with this reference are genuine."""
        return f"{self.base_url}/desk/drills/{ref}" if mode == "drill" else f"{self.base_url}/m/{ref}"

    def stamp(self, incident_row: Row, message_row: Row) -> Stamp:
        """Return the mark, time and link a message carries. It must have been accepted."""
        ref = incident_row["ref"]
        at = message_row["accepted_at"]
        if at is None:
            raise Forged(f"{ref}/{message_row['number']} was never accepted")
        mark, link = f"{ref}/{message_row['number']}", self.link(ref, incident_row["mode"])
        return Stamp(mark, at, link, message_row.get("next_update"))

    def words(self, transaction: Transaction, delivery_row: Row) -> str:
        """Return the words the delivery must have, made anew. Raises `Forged` if they may not be said at all."""
        transaction.notes.pop(_READ, None)  # whoever makes words may have written what they are made from
        return self._words(transaction, delivery_row)

    def rows(self, transaction: Transaction, message_id: str) -> tuple[Row, Row]:
        """Return a message and its incident, read once in a transaction; for those that write to neither."""
        return _once(transaction, ("message", message_id), lambda: _rows(transaction, message_id))

    def _words(self, transaction: Transaction, delivery_row: Row) -> str:
        try:
            return self._made_anew(transaction, delivery_row)
        except (LookupError, TypeError, ValueError, NoResultFound) as error:
            raise Forged(f"what is stored makes no words at all: {type(error).__name__}") from error

    def _made_anew(self, transaction: Transaction, delivery_row: Row) -> str:
        message_row, incident_row = self.rows(transaction, delivery_row["message_id"])
        approved = _approved_once(transaction, message_row["playbook_digest"])
        _check_sentence(message_row)
        fill = fill_of(message_row, incident_row["mode"])
        own = approved.render(
            fill, delivery_row["channel"], delivery_row["language"], self.stamp(incident_row, message_row)
        )
        if delivery_row["top_from"] is None:
            return own
        top_row, _ = self.rows(transaction, delivery_row["top_from"])
        top_words = _approved_once(transaction, top_row["playbook_digest"])
        stamp = self.stamp(incident_row, top_row)
        line = top_words.top_line(top_row["phase"], delivery_row["language"], incident_row["mode"], stamp)
        return f"{line}\n\n{own}"

    def pictures(self, transaction: Transaction, delivery_row: Row) -> tuple[Picture, ...]:
        """Return the pictures that were approved with the delivery's words, without bytes. Raises as `words` does."""
        message_row, incident_row = self.rows(transaction, delivery_row["message_id"])
        approved = _approved_once(transaction, message_row["playbook_digest"])
        where = delivery_row["channel"], delivery_row["language"]
        return approved.pictures(message_row["phase"], *where, incident_row["mode"])

    def check(self, transaction: Transaction, delivery_row: Row) -> None:
        """Raise `Forged` unless the stored words are exactly the approved ones."""
        if self._words(transaction, delivery_row) != delivery_row["words"]:
            raise Forged("the stored words differ from the approved ones")

    def check_place(self, transaction: Transaction, delivery_row: Row) -> None:
        """Raise `Forged` unless the delivery is where its message put it.

        Also for what says nothing: a withdrawal sent to the imitations leaves the live post standing.
        """
        try:
            message_row, incident_row = self.rows(transaction, delivery_row["message_id"])
        except NoResultFound as error:
            raise Forged("the delivery has no message") from error
        belongs = {
            "mode": incident_row["mode"],
            "incident_id": incident_row["id"],
            "number": message_row["number"],
            "phase": message_row["phase"],
        }
        for name, value in belongs.items():
            if delivery_row[name] != value:
                raise Forged(f"the delivery's {name} is not its message's")
        if (incident_row["mode"] == "drill") != incident_row["ref"].startswith(DRILL_SERIES):
            raise Forged("the incident's mode is not that of its series")

    def check_whole(self, transaction: Transaction, delivery_row: Row) -> None:
        """Raise `Forged` unless the words, and all that decided them, are still what was accepted.

        Beside the words: a drill cannot be turned live, nor a blank filled otherwise, by changing a row.
        """
        self.check(transaction, delivery_row)
        self.check_place(transaction, delivery_row)
        message_id = delivery_row["message_id"]
        _once(transaction, ("choices", message_id), lambda: self._check_choices(transaction, message_id))

    def _check_choices(self, transaction: Transaction, message_id: str) -> None:
        message_row, incident_row = self.rows(transaction, message_id)
        approved = _approved_once(transaction, message_row["playbook_digest"])
        incident_ref = None if message_row["phase"] == "first" else incident_row["ref"]
        fill = fill_of(message_row, incident_row["mode"])
        made = message_digest(approved, fill, incident=incident_ref, channels=message_row["channels"])
        if made != message_row["digest"]:
            raise Forged("what was filled in is not what was accepted")


def fill_of(message_row: Row, mode: str) -> Fill:
    """Return what a person chose for a stored message."""
    return Fill(
        phase=message_row["phase"],
        mode="drill" if mode == "drill" else "live",
        blanks=dict(message_row["blanks"]),
        affected=frozenset(message_row["affected"]),
        sentence=message_row["sentence"],
        next_update=message_row["next_update"],
    )


def load_snapshot(transaction: Transaction, digest: str) -> Snapshot:
    """Return a stored snapshot. Raises `Forged` when its bytes are not what its digest says."""
    content = _content(transaction, digest)
    if content is None:
        raise Forged(f"no snapshot {digest}")
    if not _is_of(content, digest):
        raise Forged(f"snapshot {digest}: its bytes were changed")
    return _parsed(content)


def is_whole(transaction: Transaction, digest: str) -> bool:
    """Tell whether the stored bytes are there and are what their digest says."""
    content = _content(transaction, digest)
    return content is not None and _is_of(content, digest)


def _content(transaction: Transaction, digest: str) -> bytes | None:
    row = transaction.execute(_SNAPSHOT, {"which": digest}).one_or_none()
    return bytes(row.content) if row is not None else None


def _is_of(content: bytes, digest: str) -> bool:
    return "sha256:" + hashlib.sha256(content).hexdigest() == digest


def load_earlier(transaction: Transaction, earlier: Earlier) -> Snapshot:
    """Return the words of an approval that came before, to compare with. Raises `Forged` when it names others."""
    found = load_snapshot(transaction, earlier.digest)
    if (found.id, found.version) != (earlier.playbook, earlier.version):
        raise Forged(f"snapshot {earlier.digest} is no {earlier.playbook} version {earlier.version}")
    return found


@lru_cache(maxsize=32)
def _parsed(content: bytes) -> Snapshot:
    """Parse the same bytes once: a board reads the same snapshot for every line it shows."""
    return Snapshot.from_content(content)


def approved_snapshot(transaction: Transaction, digest: str) -> Snapshot:
    """Return a snapshot two people approved and nobody revoked; that its approval ran out later does not matter.

    Raises `Forged` otherwise.
    """
    found = load_snapshot(transaction, digest)
    state = approval.status(transaction, digest).state
    if state not in ("approved", "expired"):
        raise Forged(f"playbook {found.id} version {found.version} is {state}")
    return found


def _approved_once(transaction: Transaction, digest: str) -> Snapshot:
    return _once(transaction, ("approved", digest), lambda: approved_snapshot(transaction, digest))


def _once(transaction: Transaction, what: tuple[str, str], read: Callable[[], T]) -> T:
    """Read `what` from the database once in a transaction: the deliveries of one message share all but their words.

    Nothing is carried from one transaction to the next, so each claim proves what is stored then.
    """
    kept: dict[tuple[str, str], Any] = transaction.notes.setdefault(_READ, {})
    if what not in kept:
        kept[what] = read()
    found: T = kept[what]
    return found


def _rows(transaction: Transaction, message_id: str) -> tuple[Row, Row]:
    message_row = transaction.execute(_MESSAGE, {"which": message_id}).mappings().one()
    incident_row = transaction.execute(_INCIDENT, {"which": message_row["incident_id"]}).mappings().one()
    return dict(message_row), dict(incident_row)


def _check_sentence(message_row: Row) -> None:
    if message_row["sentence"] is None:
        return
    by = message_row["approved_by"]
    maker = message_row["created_by"].partition(":")[2]
    if by is None or not by.startswith(("user:", "duty:")) or by.partition(":")[2] == maker:
        raise Forged("a free sentence without a second person's yes")
