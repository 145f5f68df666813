"""
Who goes first: the pure rule for the order of an incident's deliveries to one channel in one language.

An update must not overtake what it updates. A correction, a false alarm, an all-clear and a recall wait for nothing
but a call that is already running, because every second of waiting leaves wrong words standing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from broadcaster.standing import OPEN, Intent, State

#: Phases that end or replace what was said before, whatever became of it.
STOPPING = frozenset({"correction", "false_alarm", "all_clear"})
#: Phases that say it is over; pointless where nobody ever read that it began.
ENDING = frozenset({"false_alarm", "all_clear"})
#: How long a notice stays after the all-clear: people who heard of it in the evening look the next day.
ENDING_LIFE = timedelta(hours=24)


class Turn(StrEnum):
    """Whether a delivery may be worked on now."""

    GO = "go"
    WAIT = "wait"
    SKIP = "skip"  #: nothing of the incident was ever public here, so there is nothing to end


@dataclass(frozen=True)
class Older:
    """What the order has to know of an earlier delivery of the same incident, channel and language."""

    phase: str
    intent: Intent
    state: State
    running: bool  #: a call is under way under a live lease
    may_have_been_public: bool  #: it has a receipt, was ever uncertain, or a person was given it


def turn(phase: str, intent: Intent, older: Sequence[Older]) -> Turn:
    """Return whether a delivery of `phase` may go, given everything `older` on its channel and language."""
    if intent != "publish":
        return Turn.WAIT if any(one.running for one in older) else Turn.GO
    if phase == "update":
        return Turn.WAIT if any(_holds_back_update(one) for one in older) else Turn.GO
    if any(one.running for one in older):
        return Turn.WAIT
    if phase not in ENDING:
        return Turn.GO
    if any(one.phase == "correction" and one.intent == "publish" and one.state in OPEN for one in older):
        return Turn.WAIT
    return Turn.GO if any(one.may_have_been_public for one in older) else Turn.SKIP


def letter_turn(phase: str, older: Sequence[Older]) -> Turn:
    """Return whether a letter of `phase` may go: older ones give way to it, so it waits for none of them.

    Only what says that it is over waits for a running call, which may be the first that reached anybody.
    """
    if phase not in ENDING or any(one.may_have_been_public for one in older):
        return Turn.GO
    return Turn.WAIT if any(one.running for one in older) else Turn.SKIP


def _holds_back_update(older: Older) -> bool:
    if older.running:
        return True
    if older.intent != "publish":  # a new first line or a withdrawal of what was said; no update builds on it
        return False
    if older.state in (State.SENDING, State.UNCERTAIN):
        return True
    # A queued correction too: where the last writer wins it would otherwise overwrite the newer update.
    return older.phase in ("first", "correction") and older.state in (State.OWED, State.RETRYING)
