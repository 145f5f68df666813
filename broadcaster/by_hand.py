"""
Entering afterwards what was done by hand, so that the log is whole and the incident goes on in the service.

The service, the network or the power was gone; people took the paper, pasted the approved words and telephoned. Now one
transaction makes a message of it: with its own mark, the time at which it was published, and each channel as it is.
What a person published has that person's receipt and is never sent again. What nobody published is either sent now in
the ordinary way, or left and said to be left. Our own page said nothing, so it always speaks now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from broadcaster import acceptance, audit, hand_made, sightings, under_way, verdicts
from broadcaster.audit import Event
from broadcaster.auth.client import Client
from broadcaster.channels import Reason
from broadcaster.channels.names import channel_name
from broadcaster.composition import Composition, check_sayable, compose
from broadcaster.errors import FieldError, Invalid, Text
from broadcaster.kinds import INSTALLED
from broadcaster.ledger import Row
from broadcaster.lookup import incident_for, lost, pinned, usable, wrong_field
from broadcaster.playbook import Playbooks, Snapshot
from broadcaster.preview import sample_ref
from broadcaster.proof import Proof, load_snapshot
from broadcaster.request import ByHand, ByHandRequest, SendRequest
from broadcaster.settings import Facebook, Settings
from broadcaster.standing import State
from broadcaster.store import Transaction
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table
from broadcaster.tables import snapshot as snapshot_table

#: Longer ago than this it belongs in the case file and not in a running incident.
AGE_MAX = timedelta(days=14)
#: What stands as the receipt of something that has no address: a telephone call, an announcement.
NO_ADDRESS = "by hand"
_USABLE = ("approved", "expired")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Version:
    """Words that may stand on somebody's paper. `current`: those that a new incident would begin with today."""

    digest: str
    version: int
    current: bool


@dataclass(frozen=True)
class Plan:
    """What an entry comes to, before anything is written. `incident` None: a new one."""

    composition: Composition
    incident: Row | None
    whats: Mapping[Pair, ByHand]
    affected: tuple[str, ...]


def versions(transaction: Transaction, playbooks: Playbooks, playbook: str) -> list[Version]:
    """Return every approved version of a playbook that was not revoked, today's first, then the newest."""
    rows = transaction.execute(
        select(snapshot_table.c.digest, snapshot_table.c.version, snapshot_table.c.stored_at)
        .where((snapshot_table.c.playbook == playbook) & snapshot_table.c.revoked_at.is_(None))
        .order_by(snapshot_table.c.stored_at.desc(), snapshot_table.c.digest)
    ).all()
    today = playbooks.within(transaction).get(playbook)
    found = [
        Version(row.digest, row.version, today is not None and today.digest == row.digest)
        for row in rows
        if usable(transaction, row.digest) in _USABLE
    ]
    return sorted(found, key=lambda one: not one.current)


def plan(
    transaction: Transaction, playbooks: Playbooks, settings: Settings, request: ByHandRequest, *, lock: bool = False
) -> Plan:
    """Return what `request` comes to. Raises `Invalid` with every wrong field, or `Conflict` where it cannot be."""
    snapshot = _snapshot(transaction, request)
    shared = SendRequest.model_fields.keys() - {"channels"}
    asked = SendRequest.model_validate(request.model_dump(include=set(shared), exclude_none=True))
    incident_row = None
    if request.phase != "first":
        incident_row = incident_for(transaction, asked, lock=lock)
        verdicts.check_open(incident_row, request.phase)
        if pinned(transaction, playbooks, incident_row) is None:
            raise verdicts.unapproved(lost(transaction, incident_row["digest"]) or "revoked")
    elif request.incident is not None:
        raise wrong_field("/incident", verdicts.FIRST_HAS_NO_INCIDENT)
    known = request.affected if incident_row is None or request.affected is not None else incident_row["affected"]
    affected = tuple(known or ())
    faults = list(_times(transaction, request, incident_row))
    try:
        composition = compose(
            asked, snapshot, settings.channels, incident_row["ref"] if incident_row else None, list(affected)
        )
    except Invalid as refused:  # what was published is judged as well, so that all faults are named at once
        raise Invalid("fields", _NOTHING_ENTERED, fields=(*refused.fields, *faults)) from refused
    faults.extend(_channels(request, composition))
    faults.extend(_taken(transaction, settings, request))
    if faults:
        raise Invalid("fields", _NOTHING_ENTERED, fields=tuple(faults))
    whats = {(one.channel, one.language): one for one in request.channels}
    return Plan(composition, incident_row, whats, affected)


def words(
    transaction: Transaction, planned: Plan, settings: Settings, proof: Proof, done_at: datetime
) -> list[dict[str, str]]:
    """Return the words the message will carry, each with `channel`, `language` and `text`, as the service says them.

    The reference of a new incident is not given yet; the sample stands in its place. Raises `Invalid` if too long.
    """
    composition, row = planned.composition, planned.incident
    mode = composition.fill.mode
    ref, number = (row["ref"], row["marks"] + 1) if row else (sample_ref(transaction, settings, mode), 1)
    stamp = proof.stamp({"ref": ref, "mode": mode}, {"number": number, "accepted_at": done_at})
    check_sayable(composition, stamp)
    return [
        {"channel": channel, "language": language, "text": composition.words(channel, language, stamp)}
        for channel, language in composition.plan
        if channel not in composition.fill.affected
    ]


def enter(
    transaction: Transaction,
    playbooks: Playbooks,
    settings: Settings,
    proof: Proof,
    request: ByHandRequest,
    client: Client,
) -> str:
    """Make the message and return its id. The same crisis is not begun twice."""
    planned = plan(transaction, playbooks, settings, request, lock=True)
    composition, fill = planned.composition, planned.composition.fill
    if planned.incident is None and not request.again:
        under_way.check(transaction, settings.delivery.guard_minutes, composition.snapshot, fill.mode, fill.blanks)
    incident_row = planned.incident or acceptance.open_incident(
        transaction, settings, composition, list(planned.affected)
    )
    soon = {"number": incident_row["marks"] + 1, "accepted_at": request.done_at}
    check_sayable(composition, proof.stamp(incident_row, soon))
    decided = request.decided_by.model_dump(mode="json") if request.decided_by else None
    row = acceptance.write_message(transaction, settings, incident_row, composition, client.id, decided)
    _log(transaction, row, incident_row, request, client)
    ends = dict(_ends(transaction, planned, settings, request))
    done = acceptance.ByHand(request.done_at, ends)
    acceptance.accept(transaction, settings, proof, incident_row, row, composition, approved_by=None, by_hand=done)
    _log_deliveries(transaction, row, ends, client)
    return str(row["id"])


def _snapshot(transaction: Transaction, request: ByHandRequest) -> Snapshot:
    """Return the words on the paper. Those that were revoked since may not be said on our page any more."""
    known = select(snapshot_table.c.playbook).where(snapshot_table.c.digest == request.playbook_digest)
    if transaction.execute(known).scalar_one_or_none() != request.playbook:
        raise wrong_field("/playbook_digest", _NO_SUCH_VERSION)
    state = usable(transaction, request.playbook_digest)
    if state == "revoked":
        raise wrong_field("/playbook_digest", _REVOKED)
    if state not in _USABLE:
        raise verdicts.unapproved(state)
    return load_snapshot(transaction, request.playbook_digest)


def _times(transaction: Transaction, request: ByHandRequest, incident_row: Row | None) -> Iterator[FieldError]:
    now = transaction.now
    if request.done_at > now:
        yield FieldError("/done_at", _IN_FUTURE)
    elif request.done_at < now - AGE_MAX:
        yield FieldError("/done_at", _TOO_OLD)
    elif incident_row is not None and request.done_at < _last_said(transaction, incident_row):
        yield FieldError("/done_at", _BEFORE_LAST)
    for index, one in enumerate(request.channels):
        if one.what == "done" and one.at is not None:
            if one.at > now:
                yield FieldError(f"/channels/{index}/at", _IN_FUTURE)
            elif one.at < request.done_at:
                yield FieldError(f"/channels/{index}/at", _BEFORE_FIRST)


def _last_said(transaction: Transaction, incident_row: Row) -> datetime:
    mine = message_table.c.incident_id == incident_row["id"]
    found: datetime | None = transaction.execute(select(func.max(message_table.c.accepted_at)).where(mine)).scalar_one()
    begun: datetime = incident_row["opened_at"]
    return found or begun  # nothing may have been said in it yet


def _channels(request: ByHandRequest, composition: Composition) -> Iterator[FieldError]:
    """Yield what is wrong with the answers: each place of the message has exactly one, and our page only one answer."""
    places = [pair for pair in composition.plan if pair[0] not in composition.fill.affected]
    answered = [(one.channel, one.language) for one in request.channels]
    for index, one in enumerate(request.channels):
        pair = (one.channel, one.language)
        if pair not in composition.plan or answered.index(pair) != index:
            yield FieldError(f"/channels/{index}", _no_such_place(one))
        elif one.channel == "own_web" and one.what != "send" and pair in places:
            yield FieldError(f"/channels/{index}/what", _OWN_PAGE)
    for channel, language in places:
        if (channel, language) not in answered:
            yield FieldError("/channels", _unanswered(channel, language))
    if not any(one.what == "done" and (one.channel, one.language) in places for one in request.channels):
        yield FieldError("/channels", _NOTHING_DONE)


def _taken(transaction: Transaction, settings: Settings, request: ByHandRequest) -> Iterator[FieldError]:
    """Yield the addresses of posts that are another message's already: they would be changed for two."""
    for index, one in enumerate(request.channels):
        known = _post_id(settings, one) if one.what == "done" else None
        if known and (mark := hand_made.taken_by(transaction, one.channel, request.mode, known)):
            yield FieldError(f"/channels/{index}/url", hand_made.is_another_messages(mark))


def _post_id(settings: Settings, one: ByHand) -> str | None:
    configured = settings.channels.get(one.channel)
    return hand_made.post_id(one.url, configured.page_id) if one.url and isinstance(configured, Facebook) else None


def _ends(
    transaction: Transaction, planned: Plan, settings: Settings, request: ByHandRequest
) -> Iterator[tuple[Pair, dict[str, Any]]]:
    for pair, one in planned.whats.items():
        if one.what == "done":
            yield pair, _published(transaction, settings, request, one)
        elif one.what == "leave":
            error = {"reason": str(Reason.PERSON), "status": None, "code": None, "detail": hand_made.LEFT}
            at = {"at": transaction.now.isoformat()}
            yield pair, {"state": str(State.FAILED), "error": error | at, "ended_at": transaction.now}


def _published(transaction: Transaction, settings: Settings, request: ByHandRequest, one: ByHand) -> dict[str, Any]:
    at = one.at or request.done_at
    configured, known = settings.channels[one.channel], _post_id(settings, one)
    return {
        "state": str(State.PUBLISHED),
        "receipt": {"id": known or one.url or NO_ADDRESS, "at": at.isoformat(), "by": request.done_by},
        "url": one.url,
        "remote_id": known,
        "was_task": INSTALLED.named(configured.kind).way_of(configured) == "person",
        "ended_at": transaction.now,
        "looks": sightings.NO_MORE,  # the paper's number stands where our mark stands, so no look would find our words
    }


def _log(
    transaction: Transaction, row: Row, incident_row: Row, request: ByHandRequest, client: Client
) -> None:
    private = {"done_by": request.done_by, "changed": request.changed, "paper_number": request.paper_number}
    audit.record(
        transaction,
        Event.MESSAGE_BY_HAND,
        by=client.id,
        private={name: value for name, value in private.items() if value is not None},
        message=row["id"],
        incident=incident_row["id"],
        phase=row["phase"],
        digest=row["digest"],
        playbook_digest=row["playbook_digest"],
        done_at=request.done_at.isoformat(),
        entered_at=transaction.now.isoformat(),
        words_were_changed=request.changed is not None,
    )


def _log_deliveries(transaction: Transaction, row: Row, ends: Mapping[Pair, Row], client: Client) -> None:
    """Say of each place what a person answered, and when it was done, beside when it was entered."""
    made = select(delivery_table).where(delivery_table.c.message_id == row["id"])
    for one in transaction.execute(made.order_by(delivery_table.c.channel, delivery_table.c.language)).mappings():
        if (one["channel"], one["language"]) not in ends or one["state"] == State.AFFECTED:
            continue
        receipt = one["receipt"]
        audit.record(
            transaction,
            Event.DELIVERY_ACKNOWLEDGED,
            by=client.id,
            private={"done_by": receipt["by"]} if receipt else {"reason": hand_made.LEFT},
            delivery=one["id"],
            message=row["id"],
            channel=one["channel"],
            language=one["language"],
            state=one["state"],
            url=one["url"],
            words=audit.digest_of(one["words"]),
            by_hand=True,
            done_at=receipt["at"] if receipt else None,
        )


def _no_such_place(one: ByHand) -> Text:
    return Text(
        f"Beskedet går inte till {one.channel} ({one.language}), eller så är det besvarat två gånger. "
        "Öppna formuläret på nytt och svara en gång för varje kanal.",
        f"The message does not go to {one.channel} ({one.language}), or that is answered twice. "
        "Open the form again and answer once for each channel.",
    )


def _unanswered(channel: str, language: str) -> Text:
    name = channel_name(channel)
    return Text(
        f"{name.sv} ({language}): svara vad som hände där.", f"{name.en} ({language}): answer what happened there."
    )


_NOTHING_ENTERED = Text(
    "Det gick inte att skriva in så här, så inget är sparat och inget är skickat. Rätta det som listas.",
    "It could not be entered like this, so nothing is kept and nothing is sent. Correct what is listed.",
)
_NO_SUCH_VERSION = Text(
    "Det finns ingen godkänd version med de tecknen. Välj den version som står högst upp på papperet, eller dagens.",
    "There is no approved version with those characters. Choose the one at the top of the paper, or today's.",
)
_REVOKED = Text(
    "Den versionens godkännande är återkallat, så dess ord får inte stå på er sida. Välj dagens version och skriv vad "
    "som stod i stället i rutan för ändrade ord.",
    "That version's approval was revoked, so its words may not stand on your page. Choose today's version and write "
    "what it said instead in the field for changed words.",
)
_IN_FUTURE = Text("Tiden har inte varit än. Skriv när det lades ut.", "That time has not come yet. Write when it was.")
_TOO_OLD = Text(
    "Det är mer än 14 dagar sedan. Kontrollera datumet. Äldre saker skrivs in i ärendet, inte här.",
    "That is more than 14 days ago. Check the date. Older things belong in the case file, not here.",
)
_BEFORE_LAST = Text(
    "Det är före händelsens senaste besked. Skriv in det som gjordes för hand i den ordning det gjordes, och innan "
    "något nytt skickas. Kontrollera tiden.",
    "That is before the incident's last message. Enter what was done by hand in the order it was done, and before "
    "anything new is sent. Check the time.",
)
_BEFORE_FIRST = Text(
    "Tiden är före den då beskedet först lades ut. Rätta en av tiderna.",
    "That is before the message was first published. Correct one of the times.",
)
_OWN_PAGE = Text(
    "Vår egen sida hade ingenting, så den får beskedet nu. Välj Skicka nu.",
    "Our own page had nothing, so it gets the message now. Choose Send now.",
)
_NOTHING_DONE = Text(
    "Inget är markerat som gjort för hand. Svara Gjort där något lades ut, eller skicka beskedet på vanligt sätt.",
    "Nothing is marked as done by hand. Answer Done where something was published, or send the message as usual.",
)
