"""Who goes first on a channel: every phase against every state of what was said before."""

from itertools import product

import pytest

from broadcaster.order import ENDING, STOPPING, Older, Turn, turn
from broadcaster.standing import OPEN, Intent, State

PHASES = ("first", "update", "correction", "false_alarm", "all_clear")
INTENTS: tuple[Intent, ...] = ("publish", "update", "withdraw")
EVERY = [
    Older(phase, intent, state, running, public)
    for phase, intent, state, running, public in product(PHASES, INTENTS, State, (False, True), (False, True))
]


def expected(phase: str, intent: Intent, older: Older) -> Turn:
    """Say the design's order again, in other words than the code."""
    if older.running:
        return Turn.WAIT
    if intent != "publish":
        return Turn.GO
    unsaid = older.intent == "publish" and older.state in OPEN
    if phase == "update":
        settled = older.state in (State.OWED, State.RETRYING) and older.phase not in ("first", "correction")
        return Turn.WAIT if unsaid and not settled else Turn.GO
    if phase in ENDING:
        if unsaid and older.phase == "correction":
            return Turn.WAIT
        return Turn.GO if older.may_have_been_public else Turn.SKIP
    return Turn.GO


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("intent", INTENTS)
def test_one_older_delivery_in_every_state(phase: str, intent: Intent) -> None:
    """Against each of 720 earlier deliveries, a delivery goes, waits or is skipped as the design says."""
    for older in EVERY:
        assert turn(phase, intent, [older]) is expected(phase, intent, older), older


@pytest.mark.parametrize("phase", PHASES)
def test_waiting_wins_over_going_and_going_over_skipping(phase: str) -> None:
    """Of several earlier deliveries, the one to be waited for decides; one that was public is enough to go."""
    rank = {Turn.WAIT: 2, Turn.GO: 1, Turn.SKIP: 0}
    some = EVERY[::7]
    for one, two in product(some, some[::5]):
        both = max(expected(phase, "publish", one), expected(phase, "publish", two), key=rank.__getitem__)
        assert turn(phase, "publish", [one, two]) is both


def test_nothing_before_it() -> None:
    """A first message goes at once; an ending with nothing to end is skipped."""
    assert {phase: turn(phase, "publish", []) for phase in PHASES} == {
        "first": Turn.GO,
        "update": Turn.GO,
        "correction": Turn.GO,
        "false_alarm": Turn.SKIP,
        "all_clear": Turn.SKIP,
    }


def test_a_correction_goes_even_where_the_first_was_never_public() -> None:
    """People may have heard the wrong words elsewhere."""
    assert turn("correction", "publish", [Older("first", "publish", State.SUPERSEDED, False, False)]) is Turn.GO


def test_the_all_clear_waits_for_the_words_of_a_correction_and_not_for_its_first_line() -> None:
    """The correction's own new first line comes from the all-clear itself: waiting for it would be waiting for ever."""
    said = Older("correction", "update", State.RETRYING, False, True)
    queued = Older("correction", "publish", State.RETRYING, False, False)
    assert turn("all_clear", "publish", [said]) is Turn.GO
    assert turn("all_clear", "publish", [said, queued]) is Turn.WAIT


def test_endings_are_among_the_phases_that_stop() -> None:
    """A correction stops what was said before and ends nothing."""
    assert ENDING < STOPPING and {"correction"} == STOPPING - ENDING
