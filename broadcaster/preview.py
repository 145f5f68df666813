"""
The exact words before anything is promised: what a message would say on each channel, and its digest.
"""

from typing import Any

from broadcaster import left_standing, pacing
from broadcaster.channels import limit_of
from broadcaster.composition import Composition, check_sayable, compose
from broadcaster.errors import Text
from broadcaster.ledger import Row
from broadcaster.lookup import incident_for, known_playbook, lost, pinned, playbooks_of, usable, wrong_field
from broadcaster.picture import Picture
from broadcaster.playbook import Playbooks, Snapshot, Stamp
from broadcaster.proof import Proof, load_snapshot
from broadcaster.request import SendRequest
from broadcaster.settings import Settings
from broadcaster.store import Store, Transaction
from broadcaster.verdicts import FIRST_HAS_NO_INCIDENT, unapproved


def preview(
    store: Store,
    playbooks: Playbooks,
    settings: Settings,
    proof: Proof,
    request: SendRequest,
    *,
    other_words: bool = False,
) -> dict[str, Any]:
    """Return what `request` would say, as the contract says it. Needs no approval: a warning says so.

    A later phase without an incident is shown too; its digest then fits no message. `other_words`: the incident would
    go on in the playbook that is asked for, whichever it has now.
    """
    if request.phase == "first" and request.incident is not None:
        raise wrong_field("/incident", FIRST_HAS_NO_INCIDENT)
    with store.reading() as transaction:
        incident_row = incident_for(transaction, request, other_words=other_words) if request.incident else None
        snapshot, warnings = _snapshot(transaction, playbooks, request, None if other_words else incident_row)
        composition = _compose(settings, request, snapshot, incident_row)
        left = _left(transaction, incident_row, composition, other_words=other_words) if incident_row else []
        ref = incident_row["ref"] if incident_row else sample_ref(transaction, settings, request.mode)
        number = incident_row["marks"] + 1 if incident_row else 1
        stamp = Stamp(
            f"{ref}/{number}", transaction.now, proof.link(ref, request.mode), composition.fill.next_update
        )
    check_sayable(composition, stamp)
    words = _words(composition, stamp)
    pace = pacing.warnings((one["channel"], one["language"], one["text"]) for one in words)
    said = [*warnings, *left, *pace]
    return {
        "digest": composition.digest,
        "words": words,
        "warnings": [one.sv for one in said],
        "warnings_en": [one.en for one in said],
    }


#: An incident that changed its playbook has posts of both, and the line of a false alarm comes on top of all of them.
_WAS_TRUE = Text(
    "Händelsen har bytt krismall. Falskt larm skrivs överst också i inläggen från den tidigare. Stämde de: byt "
    "tillbaka krismall med en rättelse i stället, på händelsens sida.",
    "The incident has changed its playbook. The false alarm is written on top of the earlier one's posts too. If those "
    "were true: change the playbook back with a correction instead, on the incident's page.",
)


def _left(
    transaction: Transaction, incident_row: Row, composition: Composition, *, other_words: bool
) -> list[Text]:
    """Return what is to be known about words of the incident that go on standing, or stood in another playbook."""
    phase, covered = composition.fill.phase, composition.covered
    if other_words:
        return left_standing.left_behind(transaction, incident_row, covered)
    found = left_standing.warnings(transaction, incident_row, phase, covered)
    changed = phase == "false_alarm" and len(playbooks_of(transaction, incident_row["ref"])) > 1
    return [*found, _WAS_TRUE] if changed else found


def _words(composition: Composition, stamp: Stamp) -> list[dict[str, Any]]:
    found, covered = [], composition.covered
    for channel, language in composition.plan:
        if (channel, language) not in covered:
            continue
        text = composition.words(channel, language, stamp)
        limit = limit_of(channel).characters
        pictures = [_picture(one) for one in composition.pictures(channel, language)]
        said = {"text": text, "length": len(text), "limit": limit, "pictures": pictures}
        found.append({"channel": channel, "language": language, **said})
    return found


def _picture(one: Picture) -> dict[str, Any]:
    """Return a picture as the contract says it: the name begins with the SHA-256 of its bytes."""
    return {"name": one.name, "type": one.type, "width": one.width, "height": one.height, "alt": one.alt}


def _snapshot(
    transaction: Transaction, playbooks: Playbooks, request: SendRequest, incident_row: Row | None
) -> tuple[Snapshot, list[Text]]:
    if incident_row is not None:
        digest = pinned(transaction, playbooks, incident_row)
        why = None if digest else lost(transaction, incident_row["digest"])
        if why == "forged":  # nobody may be shown words that nobody approved
            raise unapproved(why)
        warnings = [unapproved(why).detail] if why else []
        return load_snapshot(transaction, digest or incident_row["digest"]), warnings
    snapshot = known_playbook(transaction, playbooks, request.playbook)
    trouble = playbooks.within(transaction).trouble(request.playbook)
    state = usable(transaction, snapshot.digest)
    warnings = [] if state == "approved" else [unapproved(state).detail]
    return snapshot, [trouble, *warnings] if trouble else warnings


def _compose(settings: Settings, request: SendRequest, snapshot: Snapshot, incident_row: Row | None) -> Composition:
    known = incident_row["affected"] if incident_row and request.affected is None else request.affected
    ref = incident_row["ref"] if incident_row else None
    return compose(request, snapshot, settings.channels, ref, list(known or []))


def sample_ref(transaction: Transaction, settings: Settings, mode: str) -> str:
    """Return what a reference will look like; the real one is given when the message is accepted."""
    year = transaction.now.astimezone(settings.zone).year
    return f"{'OVN-' if mode == 'drill' else ''}{settings.organisation.short}-{year}-0000"
