"""
The pure rule for letters: what can be handed over once to each of several people, and neither read back nor edited.

    one recipient   (what they have, what the server answered, the clock, the playbook's choice) → what they have now
    the delivery    (what each of them has) → what it becomes

    accepted                         → never asked for again
    not sent                         → again, and so are all the others: it is the server that is away
    refused with a wait              → at that time; "too many" and "blocked" hold up the others too
    refused                          → a person, and the others go on; a dead key stops them all
    uncertain, prefer silence        → left out, and a person is told
    uncertain, prefer a duplicate    → once more, under the same id, and never a third time
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.standing import ENDED, WAITS_S, Intent, Next, Policy, State

#: The one extra letter waits so long: what is only slow arrives meanwhile, and mail programs fold what comes after it.
EXTRA_AFTER_S = 60.0
#: Names said in an alarm; the board has all of them.
NAMES_MAX = 20


class Has(StrEnum):
    """What is known of one recipient and this letter."""

    OWED = "owed"
    SENDING = "sending"  #: a call is running
    ACCEPTED = "accepted"  #: the server took it for them
    UNSURE = "unsure"  #: a call may have reached them, and no machine asks again
    MISSED = "missed"  #: they certainly do not have it, and no machine asks again
    DROPPED = "dropped"  #: not sent on purpose: a newer message took its place, or somebody took it back
    BY_HAND = "by_hand"  #: a person reached them


#: They have it, or may have it.
REACHED = frozenset({Has.SENDING, Has.ACCEPTED, Has.UNSURE, Has.BY_HAND})


@dataclass(frozen=True)
class Recipient:
    """One recipient of a letter, as recorded."""

    number: int
    name: str
    has: Has
    tries: int
    doubts: int
    next_at: datetime | None
    reason: Reason = Reason.NONE
    remote_id: str | None = None


def after_call(one: Recipient, got: Outcome, now: datetime, policy: Policy, luck: float) -> Recipient:
    """Return what `one` has after `got` answered the call for them. `luck` in [0, 1) spreads repeats."""
    one = replace(one, next_at=None, reason=got.reason, remote_id=got.remote_id)
    if got.fact is Fact.DONE:
        return replace(one, has=Has.ACCEPTED, reason=Reason.NONE)
    if got.fact is Fact.NOT_SENT or (got.fact is Fact.REFUSED and got.wait_s is not None):
        return replace(one, has=Has.OWED, next_at=_later(one, got, now, luck))
    if got.fact is Fact.REFUSED:
        return _missed(one)
    unsure = replace(one, doubts=one.doubts + 1)
    if policy.if_unsure == "duplicate" and unsure.doubts == 1:
        return replace(unsure, has=Has.OWED, next_at=now + timedelta(seconds=EXTRA_AFTER_S))
    return replace(unsure, has=Has.UNSURE)


def others_after(others: Sequence[Recipient], one: Recipient, got: Outcome) -> list[Recipient]:
    """Return those whose turn an answer for `one` changes: the server, or our account there, is the same for all."""
    owed = [other for other in others if other.has is Has.OWED and other.number != one.number]
    if got.fact is Fact.REFUSED and got.wait_s is None and got.reason in (Reason.TOKEN, Reason.PERMISSION):
        return [_missed(replace(other, reason=got.reason)) for other in owed]
    until = one.next_at
    away = got.fact is Fact.NOT_SENT or (got.fact is Fact.REFUSED and got.reason in (Reason.RATE, Reason.BLOCKED))
    if not away or until is None:
        return []
    return [replace(other, next_at=until) for other in owed if other.next_at is None or other.next_at < until]


def given_up(everybody: Sequence[Recipient], reason: Reason) -> list[Recipient]:
    """Return those who were still to get it, now left to a person for `reason`."""
    found = [replace(one, reason=reason) for one in everybody if one.has in (Has.OWED, Has.SENDING)]
    return [replace(one, has=Has.UNSURE) if one.has is Has.SENDING else _missed(one) for one in found]


def gives_way(older_phase: str, newer_phase: str) -> bool:
    """Tell whether the unsent rest of an older letter is dropped for a newer one.

    A correction is never lost to an update or to what ends the incident: whoever waits for it gets both, in order.
    """
    return older_phase != "correction" or newer_phase == "correction"


def whole(state: State, intent: Intent, everybody: Sequence[Recipient]) -> Next:
    """Return what the delivery becomes, given what each recipient has when no call is running for it."""
    if intent == "withdraw":
        return _taken_back(state, everybody)
    if state in ENDED:  # superseded while the last call ran
        return Next(state)
    waiting = [one for one in everybody if one.has is Has.OWED]
    if waiting:
        return _waiting(waiting, everybody)
    left = [one for one in everybody if one.has in (Has.UNSURE, Has.MISSED)]
    if not left:
        count = f"{len(everybody)}/{len(everybody)}"
        return Next(State.PUBLISHED, remote_id=count, progress=True, receipt=True, tally=tally(everybody))
    nobody = not any(one.has in REACHED for one in everybody)
    if nobody and all(one.reason is Reason.LATE for one in left):
        return Next(State.EXPIRED, reason=Reason.LATE, tell=True, tally=tally(everybody))
    reason = next((one.reason for one in left if one.reason is not Reason.NONE), Reason.NETWORK)
    return Next(State.NEEDS_PERSON, reason=reason, tell=True, tally=tally(everybody))


def tally(everybody: Sequence[Recipient]) -> Mapping[str, Any]:
    """Return in plain data how many have it, and who has not; addresses are not among it."""
    return {
        "accepted": sum(one.has in (Has.ACCEPTED, Has.BY_HAND) for one in everybody),
        "total": len(everybody),
        "missed": [one.name for one in everybody if one.has is Has.MISSED][:NAMES_MAX],
        "unsure": [one.name for one in everybody if one.has is Has.UNSURE][:NAMES_MAX],
    }


def _taken_back(state: State, everybody: Sequence[Recipient]) -> Next:
    """A letter cannot be taken back: a person decides what those who have it must be told."""
    if state in ENDED:
        return Next(state)
    if any(one.has in REACHED for one in everybody):
        return Next(State.NEEDS_PERSON, reason=Reason.PERSON, tell=True, tally=tally(everybody))
    return Next(State.SUPERSEDED)


def _waiting(waiting: Sequence[Recipient], everybody: Sequence[Recipient]) -> Next:
    at = min(one.next_at for one in waiting if one.next_at is not None)
    tried = [one for one in waiting if one.tries]
    state = State.RETRYING if tried else State.OWED
    if any(one.doubts for one in waiting):
        state = State.UNCERTAIN
    reason = next((one.reason for one in tried if one.reason is not Reason.NONE), Reason.NONE)
    return Next(state, Step.SEND, at, reason=reason, tally=tally(everybody))


def _missed(one: Recipient) -> Recipient:
    """No machine asks for them again. A call that may have reached them earlier is not forgotten."""
    return replace(one, has=Has.UNSURE if one.doubts else Has.MISSED, next_at=None)


def _later(one: Recipient, got: Outcome, now: datetime, luck: float) -> datetime:
    if got.wait_s is not None:
        return now + timedelta(seconds=got.wait_s)
    cap = WAITS_S[min(max(one.tries - 1, 0), len(WAITS_S) - 1)]
    return now + timedelta(seconds=cap * luck)
