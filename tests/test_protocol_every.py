"""Every standing there can be, with every answer, in two moments: no promise is broken by any."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

import pytest
from standings import DUPLICATE, NOT_AFTER, SILENCE, T0, WAYS, WORDS, after, standing

from broadcaster.channels import Fact, Outcome, Reason, Step, Way
from broadcaster.protocol import before_call, first_step, next_step
from broadcaster.standing import ENDED, OPEN, Intent, Next, Policy, Standing, State

SPEAKING = {Step.PUT, Step.DRAFT, Step.PUBLISH, Step.POST, Step.EDIT}
MAKING = {Step.POST, Step.DRAFT}

STEPS: dict[Way, set[Step]] = {
    "upsert": {Step.PUT, Step.LOOK, Step.WITHDRAW},
    "draft": set(Step) - {Step.PUT},
    "post": set(Step) - {Step.PUT, Step.DRAFT},
}
INTENTS: tuple[Intent, ...] = ("publish", "update", "withdraw")
STATES = (State.SENDING, State.UNCERTAIN, State.PUBLISHED, State.WITHDRAWN, State.SUPERSEDED)
ANSWERS = [
    Outcome(fact, reason, remote_id="7", words=words, public=public, wait_s=wait_s)
    for fact, reason in product(Fact, Reason)
    for words, public, wait_s in (
        ((WORDS, True, None), (WORDS, False, None), ("annat", True, None))
        if fact is Fact.DONE and reason in (Reason.NONE, Reason.STALE, Reason.GONE)
        else ((None, None, None), (None, None, 60.0))
        if fact is Fact.REFUSED
        else ((None, None, None),)
    )
]
#: How long ago an unexplained call was made (first, last), or that there is none.
DOUBTS = (None, (10, 10), (400, 400), (1000, 10), (1000, 400))
#: The clock: in good time, and when the time is over.
#: Letters have a rule of their own, in `letters`.
CASES = [(step, SILENCE) for step in Step if step is not Step.SEND]
CASES += [(step, DUPLICATE) for step in (Step.DRAFT, Step.POST, Step.SEARCH)]
MOMENTS = (T0 + timedelta(minutes=20), NOT_AFTER + timedelta(seconds=1))


def standings(now: datetime, step: Step) -> Iterator[Standing]:
    """Yield every standing there can be at `step`, and some there cannot."""
    for way, intent, state, doubt, remote_id, tries in product(WAYS, INTENTS, STATES, DOUBTS, (None, "7"), (1, 12)):
        if step not in STEPS[way] or (intent == "withdraw" and step in SPEAKING and state in OPEN):
            continue
        if step is Step.SWEEP and state in OPEN:  # only what has ended is tidied up behind
            continue
        since = now - timedelta(seconds=doubt[0]) if doubt else None
        last = now - timedelta(seconds=doubt[1]) if doubt else None
        yield Standing(
            way=way,
            intent=intent,
            state=state,
            step=step,
            words=WORDS,
            remote_id=remote_id,
            tries=tries,
            unsure_since=since,
            unsure_last=last,
            ever_unsure=doubt is not None,
            has_receipt=intent == "update" or state is State.PUBLISHED,
            not_after=NOT_AFTER,
            risked=tries > 1,
        )


def faults(on: Standing, got: Outcome, now: datetime, policy: Policy, found: Next) -> Iterator[str]:
    """Yield every promise that `found` breaks."""
    within_grace = on.unsure_last is not None and now < on.unsure_last + timedelta(seconds=policy.grace_s)
    decided = on.unsure_since is not None and now >= on.unsure_since + timedelta(seconds=policy.decide_after_s)
    risked = policy.if_unsure == "duplicate" and decided
    if found.step is Step.POST and within_grace and not risked:
        yield "a one-shot call while an unexplained one may still arrive"
    if found.step in MAKING and found.step is not on.step and on.step is not Step.DRAFT and within_grace and not risked:
        yield "a second object while an unexplained call may still arrive"
    if found.receipt and not (got.fact is Fact.DONE and got.words == on.words and got.public is not False):
        yield "a receipt without a read-back of our words"
    if found.state is State.PUBLISHED and on.state in OPEN and not found.receipt and not on.has_receipt:
        yield "published without a read-back of our words"
    yield from _ill_formed(on, now, found)
    anew = on.intent != "withdraw" and on.state is not State.PUBLISHED  # what is published is put back, not said anew
    if found.step in SPEAKING and anew and found.at is not None and found.at >= on.not_after:
        yield "something would be said after its time"
    if on.state in ENDED and found.state not in ENDED:
        yield "what was over is open again"
    if on.intent == "withdraw" and found.state is State.PUBLISHED and on.state in OPEN:
        yield "what was to be taken down became published"
    if found.risked and found.step not in MAKING:
        yield "a copy is said to be risked where nothing new is made"


def _ill_formed(on: Standing, now: datetime, found: Next) -> Iterator[str]:
    if (found.step is None) != (found.at is None):
        yield "a step without a time, or a time without a step"
    if found.state in OPEN and found.step is None:
        yield "open, and nothing will ever be done"
    if found.state is State.NEEDS_PERSON and found.step is not None:
        yield "a person's, and a machine goes on"
    if found.step is Step.SEARCH and on.state in ENDED and on.step is Step.SWEEP:
        yield "tidying up goes round in circles"
    if found.at is not None and found.at < now:
        yield "a time that is over"


class TestEveryCombination:
    """Thousands of standings with every answer, in two moments: no promise is broken by any."""

    @pytest.mark.parametrize(("step", "policy"), CASES, ids=lambda case: getattr(case, "if_unsure", case))
    def test_no_answer_in_any_standing_breaks_a_promise(self, step: Step, policy: Policy) -> None:
        """Never a second post, never a receipt without a read-back, never a word past its time, never stuck."""
        broken: dict[str, tuple[Standing, Outcome]] = {}
        count = 0
        for now in MOMENTS:
            for on in standings(now, step):
                for got in ANSWERS:
                    count += 1
                    for fault in faults(on, got, now, policy, next_step(on, got, now, policy, 0.5)):
                        broken.setdefault(fault, (on, got))
        assert broken == {}
        assert count > 10_000

    def test_what_overrules_a_call_never_speaks_past_the_time_and_never_stops_a_withdrawal(self) -> None:
        """Before the call the clock is asked once more; in good time nothing is overruled."""
        early, late = MOMENTS
        assert all(before_call(on, early, SILENCE) is None for step in Step for on in standings(early, step))
        for on in (on for step in Step for on in standings(late, step)):
            found = before_call(on, late, SILENCE)
            if on.intent == "withdraw" or on.step not in SPEAKING or on.state is State.PUBLISHED:
                assert found is None
            else:
                assert found is not None and found.step not in SPEAKING

    @pytest.mark.parametrize("got", ANSWERS, ids=lambda got: f"{got.fact}-{got.reason}-{got.public}-{got.wait_s}")
    @pytest.mark.parametrize("way", WAYS)
    def test_the_same_answer_for_ever_comes_to_an_end_or_to_long_waits(self, way: Way, got: Outcome) -> None:
        """However long a channel repeats itself, it is asked ever more seldom, and never once after its time."""
        on, now = standing(way=way, step=first_step(way)), T0
        calls_in_last_hour = 0
        calls = 0
        while calls < 3000:
            calls += 1
            found = next_step(on, got, now, SILENCE, 0.9)
            if found.step is None:
                break
            assert found.at is not None
            now = max(now, found.at)
            calls_in_last_hour += now > T0 + timedelta(hours=5)
            if now > T0 + timedelta(hours=12):
                break
            on = after(on, found)
        assert calls < 2500
        assert calls_in_last_hour < 1500
