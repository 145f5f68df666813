"""
What the live board, the API's reads and the public pages show. Reads, and the one act of answering an alarm.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from broadcaster import alarm, approval, audit, authority, gallery, glass, weekly
from broadcaster.auth.client import Client, require
from broadcaster.channels.names import CHANNEL_NAMES, channel_name
from broadcaster.duty import Duty, duty
from broadcaster.errors import NotFound, Text
from broadcaster.ledger import Row
from broadcaster.lookup import pinned
from broadcaster.picture import Picture
from broadcaster.playbook import Playbooks, Snapshot
from broadcaster.promises import PromiseView, promised
from broadcaster.proof import Proof, load_snapshot
from broadcaster.publication import Publication, PublicMessage, public_messages, public_picture, publication
from broadcaster.roster import Roster
from broadcaster.settings import Settings
from broadcaster.situation import (
    AlarmView,
    AttemptView,
    DeliveryView,
    MessageView,
    Situation,
    alarms_of,
    situation_of,
)
from broadcaster.store import Store, Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.tables import preflight as preflight_table
from broadcaster.tables import worker as worker_table
from broadcaster.verdicts import NO_SUCH_INCIDENT, NO_SUCH_MESSAGE, NO_SUCH_PLAYBOOK
from broadcaster.views import incident_json, instant, message_view

__all__ = [
    "CHANNEL_NAMES",
    "AlarmView",
    "AttemptView",
    "Board",
    "DeliveryView",
    "MessageView",
    "PublicMessage",
    "Publication",
    "Situation",
    "channel_name",
]

#: A worker writes a sign of life every five seconds; after this long without one, nobody pays what is owed.
WORKER_SILENT = timedelta(seconds=20)
#: A preflight older than this says nothing about now.
PREFLIGHT_OLD = timedelta(minutes=10)


class Board:
    """Everything there is to read, for those who may read it."""

    def __init__(self, store: Store, playbooks: Playbooks, settings: Settings) -> None:
        self.store, self.books, self.settings = store, playbooks, settings
        self.proof, self._roster = Proof(settings.organisation.base_url), Roster.of(settings)

    def playbooks(self) -> list[dict[str, Any]]:
        """Return every playbook as the contract says it."""
        with self.store.reading() as transaction:
            return [_playbook_json(transaction, one, self.settings) for one in self.books.within(transaction).all()]

    def playbook(self, playbook_id: str) -> dict[str, Any]:
        """Return one playbook as the contract says it. Raises `NotFound`."""
        with self.store.reading() as transaction:
            return _playbook_json(transaction, self._snapshot(transaction, playbook_id), self.settings)

    def snapshot(self, playbook_id: str) -> Snapshot:
        """Return the words a new incident of a playbook begins with. Raises `NotFound`."""
        with self.store.reading() as transaction:
            return self._snapshot(transaction, playbook_id)

    def described(self, snapshot: Snapshot) -> dict[str, Any]:
        """Return a playbook in these words, which may be proposed only, as the contract says it."""
        with self.store.reading() as transaction:
            return _playbook_json(transaction, snapshot, self.settings)

    def pinned(self, ref: str) -> Snapshot:
        """Return the snapshot an incident goes on with. Raises `NotFound`."""
        with self.store.reading() as transaction:
            row = self._incident(transaction, ref)
            return load_snapshot(transaction, pinned(transaction, self.books, row) or row["digest"])

    def message(self, message_id: str) -> dict[str, Any]:
        """Return a message as the contract says it. Raises `NotFound`."""
        with self.store.reading() as transaction:
            found = message_view(transaction, message_id, self.proof)
        if found is None:
            raise NotFound("no-such-message", NO_SUCH_MESSAGE)
        return found

    def incident(self, ref: str) -> dict[str, Any]:
        """Return an incident as the contract says it. Raises `NotFound`."""
        with self.store.reading() as transaction:
            return incident_json(transaction, self._incident(transaction, ref), self.proof)

    def incidents(self, *, after: str | None = None, limit: int = 50, state: str | None = None) -> dict[str, Any]:
        """Return a page of incidents, newest first; `next` is what to pass as `after` for the page behind it."""
        wanted = select(incident_table).order_by(incident_table.c.opened_at.desc(), incident_table.c.ref.desc())
        if state is not None:
            wanted = wanted.where(incident_table.c.state == state)
        with self.store.reading() as transaction:
            if after is not None:
                last = self._incident(transaction, after)
                older = incident_table.c.opened_at < last["opened_at"]
                same = (incident_table.c.opened_at == last["opened_at"]) & (incident_table.c.ref < last["ref"])
                wanted = wanted.where(older | same)
            rows = transaction.execute(wanted.limit(limit + 1)).mappings().all()
            items = [incident_json(transaction, dict(row), self.proof) for row in rows[:limit]]
        return {"items": items, "next": items[-1]["ref"] if len(rows) > limit else None}

    def channels(self) -> list[dict[str, Any]]:
        """Return every channel that is set up, with its last preflight, as the contract says it."""
        with self.store.reading() as transaction:
            rows = {row["channel"]: row for row in transaction.execute(select(preflight_table)).mappings()}
            return [
                {"key": key, "kind": channel.kind, "preflight": _preflight_json(rows.get(key), transaction)}
                for key, channel in self.settings.channels.items()
            ]

    def audit(self, after: int, limit: int) -> dict[str, Any]:
        """Return a page of the log's exact entries; `next` is the seq to pass as `after`, null at the end."""
        with self.store.reading() as transaction:
            found = audit.entries(transaction, after, limit + 1)
        items = [{"seq": seq, "entry": entry.decode()} for seq, entry in found[:limit]]
        return {"items": items, "next": items[-1]["seq"] if len(found) > limit else None}

    def situation(self, ref: str) -> Situation:
        """Return everything the live board shows of an incident. Raises `NotFound`."""
        with self.store.reading() as transaction:
            return situation_of(transaction, self._incident(transaction, ref), self.settings, self.proof)

    def promises(self) -> dict[str, PromiseView]:
        """Return when each open incident promises its next message, by reference; left out are those without."""
        with self.store.reading() as transaction:
            rows = transaction.execute(select(incident_table).where(incident_table.c.state == "open")).mappings().all()
            found = {row["ref"]: promised(transaction, dict(row)) for row in rows}
        return {ref: promise for ref, promise in found.items() if promise is not None}

    def alarms(self) -> list[AlarmView]:
        """Return the unanswered alarms, oldest first."""
        with self.store.reading() as transaction:
            return list(alarms_of(transaction))

    def answer_alarm(self, alarm_id: str, client: Client) -> bool:
        """Record that a person takes care of an alarm; its reminders stop. Return False if somebody already did."""
        if "approve" not in client.scopes:
            require(client, "send")
        with self.store.transaction() as transaction:
            glass.check_may_answer(transaction, alarm_id, client)
            authority.check_may_answer(transaction, alarm_id)
            return alarm.answer(transaction, alarm_id, client.id)

    def duty(self) -> Duty:
        """Return who is told first if something fails now, when that changes, and who comes after them."""
        with self.store.reading() as transaction:
            return duty(self._roster, transaction.now)

    def alarm_health(self) -> weekly.Health:
        """Return whether the alarm would wake somebody, as far as is known."""
        with self.store.reading() as transaction:
            return weekly.health(transaction, self._roster)

    def test_alarm(self, client: Client) -> bool:
        """Send a test of the alarm to the first step of the roster. Return False if one is running."""
        if "admin" not in client.scopes:
            require(client, "send")
        with self.store.transaction() as transaction:
            return weekly.ask(transaction, client.id)

    def public_messages(self, ref: str | None = None) -> list[PublicMessage]:
        """Return proved live words, newest first: of one incident, or of all that are going on or ended lately.

        Raises `NotFound` for a reference that is not a live incident's.
        """
        with self.store.reading() as transaction:
            if ref is not None:
                row = self._incident(transaction, ref)
                if row["mode"] != "live":
                    raise NotFound("no-such-incident", NO_SUCH_INCIDENT)
                return public_messages(transaction, row, self.proof)
            return list(publication(transaction, self.proof).messages)

    def public_picture(self, sha256: str) -> Picture | None:
        """Return the picture with this hash, with its bytes, if it stands beside something public; else None."""
        with self.store.reading() as transaction:
            return public_picture(transaction, sha256)

    def picture(self, sha256: str) -> Picture | None:
        """Return the picture with this hash, of a playbook's file or kept, for those who are signed in; or None."""
        data = next((one.files[sha256] for one in self.books.files.all() if sha256 in one.files), None)
        if data is None:
            with self.store.reading() as transaction:
                data = gallery.bytes_of(transaction, sha256)
        return Picture.read(sha256, data) if data is not None else None

    def publication(self) -> Publication:
        """Return everything that is public now, from one reading."""
        with self.store.reading() as transaction:
            return publication(transaction, self.proof)

    def drill_messages(self, ref: str) -> list[PublicMessage]:
        """Return what the own page would show of a drill, for people who are signed in. Raises `NotFound`."""
        with self.store.reading() as transaction:
            row = self._incident(transaction, ref)
            if row["mode"] != "drill":
                raise NotFound("no-such-incident", NO_SUCH_INCIDENT)
            return public_messages(transaction, row, self.proof, shown="drill")

    def ready(self) -> list[Text]:
        """Return why a message could not be accepted and delivered right now; an empty list means ready."""
        problems: list[Text] = []
        with self.store.reading() as transaction:
            seen = transaction.execute(select(func.max(worker_table.c.seen_at))).scalar_one()
            if seen is None or seen < transaction.now - WORKER_SILENT:
                problems.append(_NO_WORKER)
            books = self.books.within(transaction).all()
            approved = (approval.status(transaction, one.digest).state == "approved" for one in books)
            if not any(approved):
                problems.append(_NOTHING_APPROVED)
        return problems

    def _snapshot(self, transaction: Transaction, playbook_id: str) -> Snapshot:
        found = self.books.within(transaction).get(playbook_id)
        if found is None:
            raise NotFound("no-such-playbook", NO_SUCH_PLAYBOOK)
        return found

    def _incident(self, transaction: Transaction, ref: str) -> Row:
        row = transaction.execute(select(incident_table).where(incident_table.c.ref == ref)).mappings().one_or_none()
        if row is None:
            raise NotFound("no-such-incident", NO_SUCH_INCIDENT)
        return dict(row)


_NO_WORKER = Text(
    "Programmet som skickar har inte hörts av på 20 sekunder, så inget går ut. "
    "Den som sköter tjänsten startar det med kommandot broadcaster work.",
    "No worker has given a sign of life for 20 seconds, so nothing is sent. "
    "Whoever runs the service starts it with the command broadcaster work.",
)
_NOTHING_APPROVED = Text(
    "Ingen krismall är godkänd, så ingen händelse kan börja. Låt två personer godkänna en.",
    "No playbook is approved, so no incident can begin. Let two people approve one.",
)


def _playbook_json(transaction: Transaction, snapshot: Snapshot, settings: Settings) -> dict[str, Any]:
    found = approval.status(transaction, snapshot.digest)
    return {
        "id": snapshot.id,
        "title": snapshot.title.sv,
        "version": snapshot.version,
        "digest": snapshot.digest,
        "approval": {"state": found.state, "by": list(found.by), "expires_at": instant(found.expires_at)},
        "channels": [key for key in snapshot.channels if key in settings.channels],
        "languages": list(snapshot.languages),
        "phases": {phase: {"blanks": snapshot.schema(phase)} for phase in snapshot.phases},
        "affected": _markable(snapshot, settings),
    }


def _markable(snapshot: Snapshot, settings: Settings) -> list[dict[str, Any]]:
    """Return what may stand in `affected`: systems first, each with the contacts and channels that go down with it."""
    ours = [key for key in snapshot.channels if key in settings.channels]
    found = []
    for one in snapshot.systems():
        channels = (key for key in one.channels if key in ours)
        found.append(_mark("system", one.key, one.name, (name.sv for name in one.contacts), channels))
    found += [_mark("channel", key, channel_name(key)) for key in ours]
    return found + [_mark("contact", key, name) for key, name in snapshot.register_numbers()]


def _mark(
    kind: str, key: str, name: Text, contacts: Iterable[str] = (), channels: Iterable[str] = ()
) -> dict[str, Any]:
    return {"key": key, "kind": kind, "name": name.sv, "contacts": list(contacts), "channels": list(channels)}


def _preflight_json(row: Any, transaction: Transaction) -> dict[str, Any]:
    if row is None:
        waiting = Text("Kanalen har inte kontrollerats än.", "The channel has not been checked yet.")
        return {"state": "amber", "checked_at": None, **_problems([waiting])}
    # An older worker beside us still writes plain Swedish.
    problems = [Text(one, one) if isinstance(one, str) else Text(one["sv"], one["en"]) for one in row["problems"]]
    state = row["state"]
    if row["checked_at"] < transaction.now - PREFLIGHT_OLD:
        problems.append(_OLD)
        state = "amber" if state == "green" else state
    return {"state": state, "checked_at": instant(row["checked_at"]), **_problems(problems)}


_OLD = Text(
    "Kontrollen är gammal: programmet som skickar har inte hörts av.", "The check is old: the worker does not answer."
)


def _problems(said: list[Text]) -> dict[str, list[str]]:
    """Return the problems as the contract has them, in Swedish, and beside them the same in English."""
    return {"problems": [one.sv for one in said], "problems_en": [one.en for one in said]}
