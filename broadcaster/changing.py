"""
It is something else: an incident goes on in another playbook's words (an outage that turns out to be an attack).

Still one incident: the same reference, and the same objects out there, which the new words replace in place. What was
said before keeps the words it was said in, and is proved against them; what comes after is of the new playbook alone.
The change is made by a message, never without one, so nobody is left with a board that says one thing and channels
that say another. Its words are approved as those of a new incident must be, and it carries no free sentence: such a
message would wait for a yes, and meanwhile nobody could tell which words hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select, update

from broadcaster import acceptance, audit, stop, under_way, verdicts
from broadcaster.audit import Event
from broadcaster.auth.client import Client, require, require_mode
from broadcaster.broadcast import Broadcasts
from broadcaster.composition import Composition, check_sayable, compose
from broadcaster.errors import Conflict, FieldError, Forbidden, Invalid, Text
from broadcaster.idempotency import Answer
from broadcaster.ledger import Row
from broadcaster.lookup import incident_for, known_playbook, usable, wrong_field
from broadcaster.playbook import Snapshot
from broadcaster.preview import preview
from broadcaster.proof import load_snapshot
from broadcaster.request import SendRequest, read
from broadcaster.store import Transaction
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table

#: What may be said in the first words of another playbook: what is known now, or also that it was wrong before.
PHASES: tuple[Literal["update", "correction"], ...] = ("update", "correction")


@dataclass(frozen=True)
class Carried:
    """What is known of the incident already and the new playbook has a place for."""

    affected: tuple[str, ...]
    blanks: Mapping[str, str]


class Changes:
    """The two verbs of changing an incident's playbook. Only people have them, at the desk."""

    def __init__(self, broadcasts: Broadcasts) -> None:
        self._broadcasts = broadcasts

    def preview(self, body: object, client: Client) -> dict[str, Any]:
        """Return the exact words the change would send, as `Broadcasts.preview` does; change nothing."""
        require(client, "read")
        engine, request = self._broadcasts, read(SendRequest, body)
        _check_phase(request)
        return preview(engine.store, engine.playbooks, engine.settings, engine.proof, request, other_words=True)

    def send(self, body: object, client: Client, key: str) -> Answer:
        """Send the first words of the new playbook; from then on the incident goes on in it.

        Raises `Refusal`; then nothing has happened, and the incident goes on as before.
        """
        require(client, "send")
        if not client.person:
            raise Forbidden("person-needed", _PERSON)

        def act(transaction: Transaction) -> str:
            request = read(SendRequest, body)
            require_mode(client, request.mode)
            return self._change(transaction, request, client)

        return self._broadcasts.once(client, key, {"change": body}, act)

    def _change(self, transaction: Transaction, request: SendRequest, client: Client) -> str:
        engine = self._broadcasts
        incident_row = incident_for(transaction, request, lock=True, other_words=True)
        snapshot = self._words(transaction, request, incident_row)
        affected = list(incident_row["affected"] if request.affected is None else request.affected)
        composition = compose(request, snapshot, engine.settings.channels, incident_row["ref"], affected)
        if request.digest is not None:
            verdicts.check_digest(composition.digest, request.digest)
        if not request.again:
            minutes, known = engine.settings.delivery.guard_minutes, composition.fill.blanks
            under_way.check(transaction, minutes, snapshot, request.mode, known, but=incident_row["id"])
        soon = {"number": incident_row["marks"] + 1, "accepted_at": transaction.now, "next_update": request.next_update}
        check_sayable(composition, engine.proof.stamp(incident_row, soon))
        changed = _pin(transaction, incident_row, composition, client)
        decided = request.decided_by.model_dump(mode="json") if request.decided_by else None
        row = acceptance.write_message(transaction, engine.settings, changed, composition, client.id, decided)
        facts = {"message": row["id"], "incident": changed["id"], "phase": row["phase"], "digest": row["digest"]}
        audit.record(transaction, Event.MESSAGE_PROPOSED, by=client.id, **facts)
        stop.leave_behind(transaction, row, composition.covered, engine.proof)
        acceptance.accept(transaction, engine.settings, engine.proof, changed, row, composition, approved_by=None)
        return str(row["id"])

    def _words(self, transaction: Transaction, request: SendRequest, incident_row: Row) -> Snapshot:
        """Return the new playbook's words, approved now and agreed upon. An incident that is over changes no more."""
        _check_phase(request)
        verdicts.check_open(incident_row, "update")
        snapshot = known_playbook(transaction, self._broadcasts.playbooks, request.playbook)
        if snapshot.id == incident_row["playbook"]:
            raise Conflict("same-playbook", _SAME)
        if (state := usable(transaction, snapshot.digest)) != "approved":
            raise verdicts.unapproved(state)
        if trouble := self._broadcasts.playbooks.within(transaction).trouble(snapshot.id):
            raise verdicts.disagreeing(trouble)
        return snapshot


def carried(transaction: Transaction, incident_row: Row, snapshot: Snapshot, phase: str) -> Carried:
    """Return what the words of `snapshot` can take over: everything that is struck, and facts of the same name.

    What the playbook that is left was about is struck still: an attack does not mend the telephones.
    """
    before = load_snapshot(transaction, incident_row["digest"])
    struck = before.struck(phase, incident_row["affected"])
    known = {} if phase not in snapshot.phases else _last_blanks(transaction, incident_row)
    names = {one.name for one in snapshot.blanks(phase)} if known else set()
    blanks = {name: value for name, value in known.items() if name in names and _fits(snapshot, phase, {name: value})}
    return Carried(tuple(key for key in sorted(struck) if _fits(snapshot, phase, {}, (key,))), blanks)


def _last_blanks(transaction: Transaction, incident_row: Row) -> dict[str, str]:
    accepted = (message_table.c.incident_id == incident_row["id"]) & message_table.c.accepted_at.is_not(None)
    newest = select(message_table.c.blanks).where(accepted).order_by(message_table.c.number.desc()).limit(1)
    return dict(transaction.execute(newest).scalar_one_or_none() or {})


def _fits(snapshot: Snapshot, phase: str, blanks: Mapping[str, str], affected: Iterable[str] = ()) -> bool:
    return not snapshot.accept(phase, blanks, None, affected)[1]


def _pin(transaction: Transaction, incident_row: Row, composition: Composition, client: Client) -> Row:
    """Let the incident go on in the new words, and write down which it leaves."""
    snapshot = composition.snapshot
    values = {
        "playbook": snapshot.id,
        "digest": snapshot.digest,
        "places": snapshot.places(composition.fill.blanks),
    }
    transaction.execute(update(incident_table).where(incident_table.c.id == incident_row["id"]).values(**values))
    audit.record(
        transaction,
        Event.INCIDENT_CHANGED,
        by=client.id,
        incident=incident_row["id"],
        ref=incident_row["ref"],
        playbook=snapshot.id,
        playbook_digest=snapshot.digest,
        playbook_before=incident_row["playbook"],
        playbook_digest_before=incident_row["digest"],
    )
    return {**incident_row, **values}


def _check_phase(request: SendRequest) -> None:
    if request.phase not in PHASES:
        raise wrong_field("/phase", _PHASE)
    if request.sentence is not None:
        raise Invalid("fields", _SENTENCE, fields=(FieldError("/sentence", _SENTENCE),))


_PERSON = Text(
    "Krismallen byts bara av en inloggad person. Inget har skickats. Gör det på händelsens sida.",
    "Only a signed-in person changes the playbook. Nothing has been sent. Do it on the incident's page.",
)
_SAME = Text(
    "Händelsen har redan den krismallen. Inget har skickats. Skicka en uppdatering på vanligt sätt.",
    "The incident has that playbook already. Nothing has been sent. Send an update as usual.",
)
_PHASE = Text(
    "Byt krismall med en uppdatering eller en rättelse. Inget har skickats.",
    "Change the playbook with an update or a correction. Nothing has been sent.",
)
_SENTENCE = Text(
    "Ett byte av krismall tar ingen egen mening: då skulle det vänta på ett ja. Inget har skickats. Byt först, och "
    "skicka sedan en uppdatering med din mening.",
    "A change of playbook takes no sentence of your own: it would wait for a yes. Nothing has been sent. Change first, "
    "then send an update with your sentence.",
)
