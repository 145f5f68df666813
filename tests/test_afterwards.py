"""What is over stays over: a last look puts right what arrived late, and tidying up ends."""

from dataclasses import replace
from datetime import timedelta

import pytest
from standings import NOT_AFTER, SILENCE, T0, WORDS, standing

from broadcaster.afterwards import RECHECK_TRIES_MAX, REFUSED_AGAIN_S, late_look, recheck, sweep
from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.standing import Case, Intent, State

SHOWN = Outcome(Fact.DONE, remote_id="1", words=WORDS, public=True)
OLDER = replace(SHOWN, words="äldre")
REFUSED = Outcome(Fact.REFUSED, Reason.TOKEN, status=401)


def case(got: Outcome, **changes: object) -> Case:
    on = standing(state=State.PUBLISHED, has_receipt=True, remote_id="2", not_after=NOT_AFTER, **changes)
    return Case(on, got, T0, SILENCE, 0.5)


@pytest.mark.parametrize(("intent", "step"), [("update", Step.EDIT), ("publish", Step.PUT)])
def test_older_words_that_arrived_late_are_put_right(intent: Intent, step: Step) -> None:
    """With an edit where a post was changed, and a put where the place itself is replaced."""
    found = recheck(case(OLDER, intent=intent, step=Step.LOOK))
    assert (found.state, found.step) == (State.PUBLISHED, step)


def test_a_last_look_that_shows_our_words_ends_it() -> None:
    found = recheck(case(SHOWN, step=Step.LOOK))
    assert (found.state, found.step, found.receipt) == (State.PUBLISHED, None, True)


def test_the_first_copy_is_the_one_to_keep() -> None:
    found = late_look(case(SHOWN, step=Step.SEARCH, risked=True))
    assert (found.step, found.remote_id, found.receipt) == (Step.SWEEP, "1", True)
    assert late_look(case(OLDER, step=Step.SEARCH, risked=True)).remote_id == "2"


@pytest.mark.parametrize("risked", [True, False])
def test_a_refused_sweep_is_asked_again_later_and_wakes_somebody_only_for_a_public_copy(risked: bool) -> None:
    found = sweep(case(REFUSED, step=Step.SWEEP, risked=risked))
    assert (found.step, found.at) == (Step.SWEEP, T0 + timedelta(seconds=REFUSED_AGAIN_S))
    assert found.tell is risked and not found.swept


@pytest.mark.parametrize("got", [REFUSED, Outcome(Fact.NOT_SENT), Outcome(Fact.UNCERTAIN)])
def test_tidying_up_ends_some_day(got: Outcome) -> None:
    found = sweep(case(got, step=Step.SWEEP, tries=RECHECK_TRIES_MAX))
    assert (found.step, found.swept) == (None, True)


def test_a_last_look_that_is_refused_is_made_again_until_somebody_is_told() -> None:
    """With a dead token nobody can see whether an older call came late; that is worth hours, and then a person."""
    again = recheck(case(REFUSED, step=Step.LOOK))
    assert (again.state, again.step, again.at) == (
        State.PUBLISHED, Step.LOOK, T0 + timedelta(seconds=REFUSED_AGAIN_S))  # fmt: skip
    given_up = recheck(case(REFUSED, step=Step.LOOK, tries=2 * RECHECK_TRIES_MAX))
    assert (given_up.state, given_up.step, given_up.tell) == (State.PUBLISHED, None, True)
