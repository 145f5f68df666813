"""Where a delivery stands: the vocabulary, and the waits."""

from datetime import UTC, datetime, timedelta

import pytest
from standings import SILENCE, T0, standing

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.standing import ENDED, OPEN, WAITS_S, Case, State


def case(got: Outcome | None = None, luck: float = 0.5, **changes: object) -> Case:
    return Case(standing(**changes), got or Outcome(Fact.NOT_SENT, Reason.NETWORK), T0, SILENCE, luck)


def test_every_state_is_open_ended_or_a_persons() -> None:
    """No delivery is ever in a state that nobody answers for."""
    assert OPEN | ENDED | {State.NEEDS_PERSON} == set(State)
    assert not OPEN & ENDED


@pytest.mark.parametrize("tries", range(1, 12))
def test_waits_grow_to_a_minute_and_are_spread_by_luck(tries: int) -> None:
    """The first repeat is at once, the last ones are up to a minute apart, and no two deliveries march in step."""
    cap = WAITS_S[min(tries - 1, len(WAITS_S) - 1)]
    assert case(tries=tries, luck=0.0).later == T0
    assert case(tries=tries, luck=0.5).later == T0 + timedelta(seconds=cap / 2)
    assert list(WAITS_S) == sorted(WAITS_S) and WAITS_S[-1] == 60


def test_a_wait_the_channel_named_is_kept() -> None:
    """Not a second sooner, whatever the schedule says."""
    assert case(Outcome(Fact.REFUSED, Reason.RATE, wait_s=77)).later == T0 + timedelta(seconds=77)


@pytest.mark.parametrize(("seconds", "over"), [(0, False), (329.9, False), (330, True), (400, True)])
def test_the_grace_counts_from_the_last_unexplained_call(seconds: float, over: bool) -> None:
    """To the second: one that is still under way is waited for, one that cannot be is not."""
    long_ago = datetime(2026, 3, 13, tzinfo=UTC)
    assert case(unsure_since=long_ago, unsure_last=T0 - timedelta(seconds=seconds)).grace_over is over
    assert case().grace_over


def test_waiting_says_what_is_true_while_we_wait() -> None:
    """Certainly not public, perhaps public, or over: never one of them in the place of another."""
    assert case().waiting is State.RETRYING
    assert case(intent="withdraw").waiting is State.OWED
    assert case(unsure_since=T0, unsure_last=T0).waiting is State.UNCERTAIN
    assert case(state=State.PUBLISHED, unsure_since=T0, unsure_last=T0).waiting is State.PUBLISHED


def test_what_was_done_and_not_yet_read_back_is_uncertain() -> None:
    """ "Retrying" means certainly not public; after a call that worked that would be a lie."""
    assert case().onward(Step.LOOK, unsure_since=T0, unsure_last=T0).state is State.UNCERTAIN
    assert case(state=State.PUBLISHED).onward(Step.LOOK, unsure_since=T0).state is State.PUBLISHED
    assert case().onward(Step.PUBLISH).state is State.RETRYING


def test_what_has_ended_is_never_handed_to_a_person_again() -> None:
    """The public has it; what goes wrong behind it is no new task."""
    assert case(state=State.PUBLISHED).person().state is State.PUBLISHED
    assert case().person().state is State.NEEDS_PERSON


def test_a_doubt_remembers_the_first_and_the_last_call() -> None:
    """The playbook's patience counts from the first, the grace from the last."""
    since = T0 - timedelta(seconds=100)
    found = case(unsure_since=since, unsure_last=since).doubt(Step.SEARCH)
    assert (found.unsure_since, found.unsure_last) == (since, T0)
