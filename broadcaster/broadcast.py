"""
Start, approve, reject, recall, and what a person does about one delivery: each verb is one transaction.

The web process only commits; it never calls a channel. After the commit the worker is rung, which is a hint and no
more: a worker that was not rung finds the same rows a second later.
"""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from broadcaster import acceptance, audit, by_hand, glass, idempotency, spoken, stop, task, under_way, verdicts
from broadcaster.audit import Event
from broadcaster.auth.client import Client, require, require_mode
from broadcaster.beginning import HELD_PHASES
from broadcaster.composition import Composition, check_sayable, compose, compose_again
from broadcaster.idempotency import Answer
from broadcaster.ledger import Row
from broadcaster.lookup import incident_for, known_playbook, lost, message_for, pinned, usable, wrong_field
from broadcaster.playbook import Playbooks, Snapshot
from broadcaster.preview import preview
from broadcaster.proof import Proof, fill_of, load_snapshot
from broadcaster.request import (
    AcknowledgeRequest,
    ApproveRequest,
    ByHandRequest,
    RecallRequest,
    RejectRequest,
    SendRequest,
    fingerprint,
    read,
)
from broadcaster.settings import Settings
from broadcaster.store import Store, Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table
from broadcaster.views import message_view


class Broadcasts:
    """Everything that may be done to messages. `ring` wakes the worker after a commit."""

    def __init__(
        self, store: Store, playbooks: Playbooks, settings: Settings, *, ring: Callable[[], None] = lambda: None
    ) -> None:
        self.store, self.playbooks, self.settings, self.ring = store, playbooks, settings, ring
        self.proof = Proof(settings.organisation.base_url)

    def preview(self, body: object, client: Client) -> dict[str, Any]:
        """Return the exact words `body` would send, their digest and what to think about; change nothing."""
        require(client, "read")
        return preview(self.store, self.playbooks, self.settings, self.proof, read(SendRequest, body))

    def send(self, body: object, client: Client, key: str, *, watched: bool = False) -> Answer:
        """Accept a message, or make it wait for a second person, and return it as it is then.

        Asking again with the same `key` gives the first answer. Where somebody has `watched` it go, it can be stopped
        for as long as its playbook says. Raises `Refusal`; then nothing has happened.
        """
        if "send" not in client.scopes:
            require(client, "propose")

        def act(transaction: Transaction) -> str:
            request = read(SendRequest, body)
            require_mode(client, request.mode)
            return self._send(transaction, request, client, watched=watched)[0]

        return self.once(client, key, {"send": body}, act)

    def enter_by_hand(self, body: object, client: Client, key: str) -> Answer:
        """Enter afterwards what people published without the service; what they did not is sent now, or left.

        Raises `Refusal`; then nothing has happened. A machine has no hands, so it takes a person.
        """
        verdicts.check_person(client)

        def act(transaction: Transaction) -> str:
            asked = read(ByHandRequest, body)
            return by_hand.enter(transaction, self.playbooks, self.settings, self.proof, asked, client)

        return self.once(client, key, {"by_hand": body}, act)

    def break_glass(self, body: object, why: object, client: Client, key: str) -> Answer:
        """Begin on one person's decision in words whose approval has just run out; all others are told (`glass`).

        Raises `Refusal`; then nothing has happened. A machine never may, so the API has no such verb.
        """
        glass.check_person(client)
        require(client, "send")

        def act(transaction: Transaction) -> str:
            request, reason = read(SendRequest, body), read(glass.Why, why).reason
            if request.phase != "first":
                raise wrong_field("/phase", glass.ONLY_FIRST)
            message_id, snapshot = self._send(transaction, request, client, alone=True)
            glass.broke(transaction, snapshot, message_id, "expired", reason, client)
            return message_id

        return self.once(client, key, {"glass": body, "why": why}, act)

    def break_waiting(self, message_id: str, body: object, why: object, client: Client, key: str) -> Answer:
        """Let one's own waiting message out, of approved words alone, when nobody answers; otherwise as `approve`."""

        def yes(transaction: Transaction, row: Row) -> None:
            reason = read(glass.Why, why).reason
            glass.check_alone(transaction, row, client, self.settings.glass)
            snapshot = load_snapshot(transaction, row["playbook_digest"])
            glass.broke(transaction, snapshot, message_id, "alone", reason, client)

        return self._approve(message_id, body, client, key, yes)

    def approve(self, message_id: str, body: object, client: Client, key: str | None = None) -> Answer:
        """Say yes to the exact words of a waiting message; every check is made again, then it goes out."""
        verdicts.check_may_decide(client)

        def yes(transaction: Transaction, row: Row) -> str:
            verdicts.check_approver(row, client)
            verdicts.check_other_person(transaction, row, client)
            return client.id

        return self._approve(message_id, body, client, key, yes)

    def approve_spoken(self, message_id: str, body: object, client: Client, key: str | None = None) -> Answer:
        """Let out a waiting message to which somebody else said yes by telephone; as `approve` does."""
        require(client, "send")
        return self._approve(message_id, body, client, key, spoken.check)

    def _approve(
        self,
        message_id: str,
        body: object,
        client: Client,
        key: str | None,
        yes: Callable[[Transaction, Row], str | None],
    ) -> Answer:
        def act(transaction: Transaction) -> str:
            request = read(ApproveRequest, body)
            row, incident_row = message_for(transaction, message_id, client)
            verdicts.check_waiting(row, transaction.now)
            by = yes(transaction, row)
            verdicts.check_digest(row["digest"], request.digest)
            verdicts.check_nothing_newer(transaction, row)
            verdicts.check_open(incident_row, row["phase"])
            snapshot = self._usable(transaction, row["playbook_digest"], first=row["phase"] == "first")
            if row["phase"] == "first":
                self._check_agreed(transaction, snapshot.id)
                minutes, mode = self.settings.delivery.guard_minutes, incident_row["mode"]
                under_way.check(transaction, minutes, snapshot, mode, row["blanks"], since=incident_row)
            composition = self._stored(snapshot, row, incident_row)
            check_sayable(composition, self.proof.stamp(incident_row, {**row, "accepted_at": transaction.now}))
            if by is not None:
                audit.record(transaction, Event.MESSAGE_APPROVED, by=by, message=row["id"], digest=row["digest"])
            acceptance.accept(
                transaction, self.settings, self.proof, incident_row, row, composition, approved_by=by
            )
            return message_id

        return self.once(client, key, {"approve": message_id, "body": body}, act)

    def reject(self, message_id: str, body: object, client: Client, key: str | None = None) -> Answer:
        """Say no to a waiting message; it never goes out."""
        verdicts.check_may_decide(client)

        def act(transaction: Transaction) -> str:
            request = read(RejectRequest, body)
            row, _ = message_for(transaction, message_id, client)
            verdicts.check_waiting(row, transaction.now)
            _set(transaction, message_id, rejected_at=transaction.now, rejected_by=client.id)
            audit.record(
                transaction,
                Event.MESSAGE_REJECTED,
                by=client.id,
                private={"reason": request.reason},
                message=message_id,
            )
            verdicts.close_if_over(transaction, row["incident_id"])
            return message_id

        return self.once(client, key, {"reject": message_id, "body": body}, act)

    def recall(self, message_id: str, body: object, client: Client, key: str | None = None) -> Answer:
        """Take a message back: what is unsent stays unsent, what is public is taken down."""
        require(client, "send")

        def act(transaction: Transaction) -> str:
            request = read(RecallRequest, body)
            row, _ = message_for(transaction, message_id, client)
            verdicts.check_recallable(row)
            _set(transaction, message_id, recalled_at=transaction.now, recalled_by=client.id)
            audit.record(
                transaction,
                Event.MESSAGE_RECALLED,
                by=client.id,
                private={"reason": request.reason},
                message=message_id,
                digest=row["digest"],
            )
            stop.recall(transaction, row, self.proof)
            verdicts.close_if_over(transaction, row["incident_id"])
            return message_id

        return self.once(client, key, {"recall": message_id, "body": body}, act)

    def retry(self, message_id: str, channel: str, language: str, client: Client, key: str | None = None) -> Answer:
        """Make a delivery due now; one that is uncertain is only looked for, never sent again by this."""
        require(client, "send")

        def act(transaction: Transaction) -> str:
            message_for(transaction, message_id, client)
            task.retry(transaction, task.find(transaction, message_id, channel, language), client)
            return message_id

        return self.once(client, key, {"retry": [message_id, channel, language]}, act)

    def acknowledge(
        self, message_id: str, channel: str, language: str, body: object, client: Client, key: str | None = None
    ) -> Answer:
        """Record what a person did: put it up at an address, could not, or took it down."""
        require(client, "send")

        def act(transaction: Transaction) -> str:
            request = read(AcknowledgeRequest, body)
            message_for(transaction, message_id, client)
            row = task.find(transaction, message_id, channel, language)
            task.acknowledge(transaction, row, request.url, request.reason, client)
            return message_id

        return self.once(client, key, {"acknowledge": [message_id, channel, language], "body": body}, act)

    def once(self, client: Client, key: str | None, asked: object, act: Callable[[Transaction], str]) -> Answer:
        """Do `act` in one transaction unless `key` has an answer, and ring the worker if it was done."""
        with self.store.transaction() as transaction:
            if key is not None:
                first = idempotency.first_answer(transaction, client.id, key, fingerprint(asked))
                if first is not None:
                    return Answer(first, replayed=True)
            message_id = act(transaction)
            view = message_view(transaction, message_id, self.proof)
            assert view is not None
            body = json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode()
            if key is not None:
                idempotency.keep_answer(transaction, client.id, key, body)
        self.ring()
        return Answer(body)

    def _send(
        self, transaction: Transaction, request: SendRequest, client: Client, *, alone: bool = False,
        watched: bool = False,
    ) -> tuple[str, Snapshot]:
        affected = list(request.affected or [])
        if request.phase == "first":
            snapshot = known_playbook(transaction, self.playbooks, request.playbook)
            composition = self._first(transaction, request, snapshot, affected, alone=alone)
            incident_row = acceptance.open_incident(transaction, self.settings, composition, affected)
        else:
            incident_row = incident_for(transaction, request, lock=True)
            if request.affected is None:
                affected = list(incident_row["affected"])
            composition, incident_row = self._later(transaction, request, incident_row, affected)
        soon = {"number": incident_row["marks"] + 1, "accepted_at": transaction.now, "next_update": request.next_update}
        check_sayable(composition, self.proof.stamp(incident_row, soon))
        decided = request.decided_by.model_dump(mode="json") if request.decided_by else None
        row = acceptance.write_message(transaction, self.settings, incident_row, composition, client.id, decided)
        audit.record(
            transaction,
            Event.MESSAGE_PROPOSED,
            by=client.id,
            message=row["id"],
            incident=incident_row["id"],
            phase=row["phase"],
            digest=row["digest"],
        )
        if request.sentence is None and "send" in client.scopes:
            held_s = composition.snapshot.stop_seconds if watched and request.phase in HELD_PHASES else 0
            acceptance.accept(
                transaction, self.settings, self.proof, incident_row, row, composition, None, held_s=held_s
            )
        return str(row["id"]), composition.snapshot

    def _first(
        self, transaction: Transaction, request: SendRequest, snapshot: Snapshot, affected: list[str], *, alone: bool
    ) -> Composition:
        if request.incident is not None:
            raise wrong_field("/incident", verdicts.FIRST_HAS_NO_INCIDENT)
        composition = compose(request, snapshot, self.settings.channels, None, affected)
        if alone:
            glass.check_expired(transaction, snapshot.digest, self.settings.glass)
        elif (state := usable(transaction, snapshot.digest)) != "approved":
            raise verdicts.unapproved(state)
        self._check_agreed(transaction, snapshot.id)
        _check_preview(composition, request)
        if not request.again:
            minutes, known = self.settings.delivery.guard_minutes, composition.fill.blanks
            under_way.check(transaction, minutes, snapshot, request.mode, known)
        return composition

    def _later(
        self, transaction: Transaction, request: SendRequest, incident_row: Row, affected: list[str]
    ) -> tuple[Composition, Row]:
        digest = pinned(transaction, self.playbooks, incident_row)
        if digest is None:
            raise verdicts.unapproved(lost(transaction, incident_row["digest"]) or "revoked")
        snapshot = load_snapshot(transaction, digest)
        composition = compose(request, snapshot, self.settings.channels, incident_row["ref"], affected)
        verdicts.check_open(incident_row, request.phase)
        _check_preview(composition, request)
        if digest != incident_row["digest"]:
            mine = incident_table.c.id == incident_row["id"]
            transaction.execute(update(incident_table).where(mine).values(digest=digest))
            audit.record(
                transaction, Event.INCIDENT_PINNED, by=None, incident=incident_row["id"], playbook_digest=digest
            )
        return composition, {**incident_row, "digest": digest}

    def _check_agreed(self, transaction: Transaction, playbook: str) -> None:
        if trouble := self.playbooks.within(transaction).trouble(playbook):
            raise verdicts.disagreeing(trouble)

    def _usable(self, transaction: Transaction, digest: str, *, first: bool) -> Snapshot:
        state = usable(transaction, digest)
        if state not in ({"approved"} if first else {"approved", "expired"}):
            raise verdicts.unapproved(state)
        return load_snapshot(transaction, digest)

    def _stored(self, snapshot: Snapshot, row: Row, incident_row: Row) -> Composition:
        incident = None if row["phase"] == "first" else incident_row["ref"]
        fill = fill_of(row, incident_row["mode"])
        channels = tuple(key for key in row["channels"] if key in self.settings.channels)
        composition = compose_again(snapshot, fill, channels, incident)
        verdicts.check_digest(row["digest"], composition.digest)
        return composition


def _check_preview(composition: Composition, request: SendRequest) -> None:
    if request.digest is not None:
        verdicts.check_digest(composition.digest, request.digest)


def _set(transaction: Transaction, message_id: str, **values: Any) -> None:
    transaction.execute(update(message_table).where(message_table.c.id == message_id).values(**values))
