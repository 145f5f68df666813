"""The pure rule for what comes next: every combination there is, and the few that a person should read."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from broadcaster.channels import Fact, Outcome, Reason, Step, Way
from broadcaster.protocol import GONE_TRIES_MAX, before_call, first_step, looking_step, next_step
from broadcaster.standing import ENDED, OPEN, Intent, Next, Policy, Standing, State

T0 = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
NOT_AFTER = T0 + timedelta(hours=6)
WORDS = "Telefonen till 1177 fungerar inte."
SILENCE = Policy(330, 900, "silence")
DUPLICATE = Policy(330, 900, "duplicate")
SPEAKING = {Step.PUT, Step.DRAFT, Step.PUBLISH, Step.POST, Step.EDIT}
MAKING = {Step.POST, Step.DRAFT}

WAYS: tuple[Way, ...] = ("upsert", "draft", "post")
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
CASES = [(step, SILENCE) for step in Step] + [(step, DUPLICATE) for step in (Step.DRAFT, Step.POST, Step.SEARCH)]
MOMENTS = (T0 + timedelta(minutes=20), NOT_AFTER + timedelta(seconds=1))


def standing(**changes: object) -> Standing:
    base = Standing(
        way="draft",
        intent="publish",
        state=State.SENDING,
        step=Step.DRAFT,
        words=WORDS,
        remote_id=None,
        tries=1,
        unsure_since=None,
        unsure_last=None,
        ever_unsure=False,
        has_receipt=False,
        not_after=NOT_AFTER,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def standings(now: datetime, step: Step) -> Iterator[Standing]:
    """Yield every standing there can be at `step`, and some there cannot."""
    for way, intent, state, doubt, remote_id, tries in product(WAYS, INTENTS, STATES, DOUBTS, (None, "7"), (1, 12)):
        if step not in STEPS[way] or (intent == "withdraw" and step in SPEAKING and state in OPEN):
            continue
        if step is Step.SEARCH and state in ENDED:  # nobody searches for what is over
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
    if (found.step is None) != (found.at is None):
        yield "a step without a time, or a time without a step"
    if found.state in OPEN and found.step is None:
        yield "open, and nothing will ever be done"
    if found.state is State.NEEDS_PERSON and found.step is not None:
        yield "a person's, and a machine goes on"
    if found.step in SPEAKING and on.intent != "withdraw" and found.at is not None and found.at >= on.not_after:
        yield "something would be said after its time"
    if on.state in ENDED and found.state not in ENDED:
        yield "what was over is open again"
    if on.intent == "withdraw" and found.state is State.PUBLISHED and on.state in OPEN:
        yield "what was to be taken down became published"
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
            if on.intent == "withdraw" or on.step not in SPEAKING:
                assert found is None
            else:
                assert found is not None and found.step not in SPEAKING

    @pytest.mark.parametrize("got", ANSWERS, ids=lambda got: f"{got.fact}-{got.reason}-{got.public}-{got.wait_s}")
    @pytest.mark.parametrize("way", WAYS)
    def test_the_same_answer_for_ever_comes_to_an_end_or_to_long_waits(self, way: Way, got: Outcome) -> None:
        """However long a channel repeats itself, it is asked ever more seldom, and never once after its time."""
        on, now = standing(way=way, step=first_step(way)), T0
        calls_in_last_hour = 0
        for calls in range(3000):
            found = next_step(on, got, now, SILENCE, 0.9)
            if found.step is None:
                break
            assert found.at is not None
            now = max(now, found.at)
            calls_in_last_hour += now > T0 + timedelta(hours=5)
            if now > T0 + timedelta(hours=12):
                break
            on = after(on, found)
        else:
            pytest.fail("it never waits")
        assert calls < 2500
        assert calls_in_last_hour < 1500


def after(on: Standing, found: Next) -> Standing:
    assert found.step is not None
    return replace(
        on,
        state=found.state if found.state in ENDED else State.SENDING,
        step=found.step,
        remote_id=found.remote_id,
        tries=1 if found.progress else on.tries + 1,
        unsure_since=found.unsure_since,
        unsure_last=found.unsure_last,
        ever_unsure=on.ever_unsure or found.unsure_since is not None,
        has_receipt=on.has_receipt or found.receipt,
    )


def ask(on: Standing, got: Outcome, *, at: datetime = T0, policy: Policy = SILENCE) -> Next:
    return next_step(on, got, at, policy, 0.5)


def unsure(seconds_ago: float, now: datetime = T0, **changes: object) -> Standing:
    then = now - timedelta(seconds=seconds_ago)
    return standing(unsure_since=then, unsure_last=then, ever_unsure=True, **changes)


class TestADraftFirst:
    """Facebook's default: a doubled draft is invisible, publishing the same id twice harmless."""

    def test_draft_publish_look_published(self) -> None:
        """The straight way: the id is recorded before it is published, and published only when it is read back."""
        drafted = ask(standing(), Outcome(Fact.DONE, remote_id="7"))
        assert (drafted.step, drafted.remote_id, drafted.at) == (Step.PUBLISH, "7", T0)
        done = ask(standing(step=Step.PUBLISH, remote_id="7"), Outcome(Fact.DONE))
        assert (done.step, done.state) == (Step.LOOK, State.UNCERTAIN)
        seen = Outcome(Fact.DONE, words=WORDS, public=True)
        read = ask(unsure(0, step=Step.LOOK, remote_id="7"), seen)
        assert (read.state, read.receipt, read.step, read.unsure_since) == (State.PUBLISHED, True, None, None)

    def test_a_lost_answer_to_a_draft_makes_another_draft(self) -> None:
        """Nobody can see either, and only the recorded one is published."""
        assert ask(standing(), Outcome(Fact.UNCERTAIN)).step is Step.DRAFT

    def test_a_lost_answer_to_publishing_publishes_the_same_id_again(self) -> None:
        """The same id twice is one post."""
        found = ask(standing(step=Step.PUBLISH, remote_id="7"), Outcome(Fact.UNCERTAIN))
        assert (found.step, found.remote_id, found.state) == (Step.PUBLISH, "7", State.UNCERTAIN)

    def test_a_certain_refusal_of_drafts_posts_at_once(self) -> None:
        """A Page without drafts still gets the message."""
        assert ask(standing(), Outcome(Fact.REFUSED, Reason.NO_DRAFTS)).step is Step.POST

    def test_a_draft_that_is_gone_for_good_is_made_anew_only_when_it_is_certainly_not_public(self) -> None:
        """Somebody deleted it: first it is looked for by its mark, then a new one is made under a new id."""
        gone = Outcome(Fact.REFUSED, Reason.GONE)
        early = ask(unsure(0, step=Step.PUBLISH, remote_id="7", tries=2), gone)
        assert early.step is Step.PUBLISH
        late = ask(unsure(60, step=Step.PUBLISH, remote_id="7", tries=GONE_TRIES_MAX + 1), gone)
        assert (late.step, late.remote_id) == (Step.SEARCH, None)
        absent = ask(unsure(400, step=Step.SEARCH), Outcome(Fact.ABSENT))
        assert (absent.step, absent.unsure_since) == (Step.DRAFT, None)
        never = ask(standing(step=Step.PUBLISH, remote_id="7", tries=GONE_TRIES_MAX + 1), gone)
        assert (never.step, never.remote_id) == (Step.DRAFT, None)


class TestPostAndLook:
    """A one-shot channel: when unsure, look before asking again."""

    @pytest.mark.parametrize("reason", [Reason.NETWORK, Reason.SERVER])
    def test_a_lost_answer_is_looked_for(self, reason: Reason) -> None:
        """Nothing is posted again on a guess."""
        found = ask(standing(way="post", step=Step.POST), Outcome(Fact.UNCERTAIN, reason))
        assert (found.step, found.state) == (Step.SEARCH, State.UNCERTAIN)

    def test_absent_within_the_grace_is_looked_for_again(self) -> None:
        """It may still be on its way."""
        found = ask(unsure(300, way="post", step=Step.SEARCH), Outcome(Fact.ABSENT))
        assert (found.step, found.state) == (Step.SEARCH, State.UNCERTAIN)
        assert found.at is not None and found.at <= T0 + timedelta(seconds=30)

    def test_absent_after_the_grace_is_posted_again(self) -> None:
        """Certainly not there, and nothing under way: now it is safe."""
        found = ask(unsure(331, way="post", step=Step.SEARCH), Outcome(Fact.ABSENT))
        assert (found.step, found.state, found.unsure_since) == (Step.POST, State.RETRYING, None)

    def test_refused_as_identical_is_evidence_and_not_success(self) -> None:
        """Facebook says it has it already: so we look for it."""
        found = ask(standing(way="post", step=Step.POST), Outcome(Fact.REFUSED, Reason.IDENTICAL))
        assert (found.step, found.state, found.receipt) == (Step.SEARCH, State.UNCERTAIN, False)

    def test_a_block_waits_as_long_as_it_says_and_tells_a_person(self) -> None:
        """Posting again lengthens a block."""
        found = ask(standing(way="post", step=Step.POST), Outcome(Fact.REFUSED, Reason.BLOCKED, wait_s=3600))
        assert found.tell and found.at == T0 + timedelta(hours=1) and found.step is Step.POST

    def test_a_refusal_with_a_wait_looks_first_when_anything_is_unexplained(self) -> None:
        """The wait is kept, and what comes after it is a look."""
        found = ask(unsure(10, way="post", step=Step.POST), Outcome(Fact.REFUSED, Reason.RATE, wait_s=60))
        assert (found.step, found.at) == (Step.SEARCH, T0 + timedelta(seconds=60))

    def test_silence_leaves_it_to_a_person_when_looking_keeps_failing(self) -> None:
        """After a quarter of an hour without being able to look, a person decides."""
        found = ask(unsure(901, way="post", step=Step.SEARCH), Outcome(Fact.UNCERTAIN))
        assert (found.state, found.tell) == (State.NEEDS_PERSON, True)
        assert found.unsure_since is not None

    def test_a_duplicate_is_risked_once_and_not_again_and_again(self) -> None:
        """The playbook prefers two posts to none; it does not ask for one every minute."""
        on = unsure(901, way="post", step=Step.SEARCH)
        once = ask(on, Outcome(Fact.UNCERTAIN), policy=DUPLICATE)
        assert once.step is Step.POST
        doubted = ask(replace(on, step=Step.POST), Outcome(Fact.UNCERTAIN), policy=DUPLICATE)
        assert doubted.step is Step.SEARCH
        again = ask(after(on, doubted), Outcome(Fact.UNCERTAIN), at=T0 + timedelta(seconds=5), policy=DUPLICATE)
        assert again.state is State.NEEDS_PERSON


class TestReplacedInPlace:
    """1177: repeating is safe, order is not."""

    def test_a_lost_answer_is_put_again(self) -> None:
        """The same words under the same id."""
        found = ask(standing(way="upsert", step=Step.PUT), Outcome(Fact.UNCERTAIN))
        assert (found.step, found.state) == (Step.PUT, State.UNCERTAIN)

    def test_published_words_are_looked_at_once_more_after_the_grace(self) -> None:
        """An older call that arrives late must not have the last word."""
        seen = Outcome(Fact.DONE, words=WORDS, public=True)
        found = ask(unsure(0, way="upsert", step=Step.LOOK), seen)
        assert (found.state, found.step, found.at) == (State.PUBLISHED, Step.LOOK, T0 + timedelta(seconds=330))

    def test_other_words_found_then_are_replaced_by_the_newest(self) -> None:
        """Put again, and still published to everybody who asks."""
        on = standing(way="upsert", step=Step.LOOK, state=State.PUBLISHED, has_receipt=True)
        found = ask(on, Outcome(Fact.DONE, words="äldre ord", public=True))
        assert (found.state, found.step) == (State.PUBLISHED, Step.PUT)

    def test_a_person_is_told_when_the_newest_words_cannot_be_put_back(self) -> None:
        """Something else stands there and the channel refuses us: the board alone would look as if all were well."""
        on = standing(way="upsert", step=Step.PUT, state=State.PUBLISHED, has_receipt=True)
        found = ask(on, Outcome(Fact.REFUSED, Reason.TOKEN))
        assert (found.state, found.step, found.tell) == (State.PUBLISHED, None, True)

    def test_an_older_revision_gives_way(self) -> None:
        """The gateway already has something newer: ours is over."""
        found = ask(unsure(5, way="upsert", step=Step.PUT), Outcome(Fact.REFUSED, Reason.STALE))
        assert (found.state, found.step, found.unsure_since) == (State.SUPERSEDED, None, None)

    def test_what_comes_back_after_a_withdrawal_is_taken_down_again(self) -> None:
        """Also where nobody ever had a receipt for it."""
        shown = Outcome(Fact.DONE, words=WORDS, public=True)
        for state in (State.WITHDRAWN, State.SUPERSEDED):
            on = standing(way="upsert", intent="withdraw", step=Step.LOOK, state=state, ever_unsure=True)
            assert ask(on, shown).step is Step.WITHDRAW
        newer = replace(shown, reason=Reason.STALE)
        assert ask(on, newer).step is None


class TestTakingDown:
    """A withdrawal is pursued until it is done, or certain that there is nothing."""

    def test_found_by_its_mark_and_taken_down(self) -> None:
        """The id was never recorded; the search brings it."""
        on = unsure(10, way="post", intent="withdraw", step=Step.SEARCH)
        found = ask(on, Outcome(Fact.DONE, remote_id="9", words="annat", public=True))
        assert (found.step, found.remote_id) == (Step.WITHDRAW, "9")
        assert ask(after(on, found), Outcome(Fact.DONE)).state is State.WITHDRAWN

    def test_never_there_is_superseded_and_not_withdrawn(self) -> None:
        """Nothing was public, so nothing was withdrawn."""
        on = unsure(331, way="post", intent="withdraw", step=Step.SEARCH)
        found = ask(on, Outcome(Fact.ABSENT))
        assert (found.state, found.step) == (State.SUPERSEDED, None)

    def test_gone_counts_only_when_nothing_is_under_way_and_something_was_asked_for(self) -> None:
        """A post too new to be seen, or one without an id, is not "gone"."""
        gone = Outcome(Fact.DONE, Reason.GONE)
        assert ask(unsure(10, intent="withdraw", step=Step.WITHDRAW, remote_id="7"), gone).step is Step.WITHDRAW
        assert ask(unsure(331, intent="withdraw", step=Step.WITHDRAW, remote_id="7"), gone).state is State.WITHDRAWN
        assert ask(standing(intent="withdraw", step=Step.WITHDRAW, has_receipt=True), gone).step is Step.SEARCH

    def test_it_does_not_expire(self) -> None:
        """Hours after the message's own time it is still being taken down."""
        late = NOT_AFTER + timedelta(hours=1)
        found = ask(standing(intent="withdraw", step=Step.WITHDRAW, remote_id="7"), Outcome(Fact.NOT_SENT), at=late)
        assert found.step is Step.WITHDRAW

    def test_a_refusal_needs_a_person(self) -> None:
        """What a channel does not let us take back, a person has to."""
        found = ask(standing(intent="withdraw", step=Step.WITHDRAW, remote_id="7"), Outcome(Fact.REFUSED, Reason.TOKEN))
        assert (found.state, found.tell) == (State.NEEDS_PERSON, True)


class TestItsTimeIsOver:
    """A crisis text six hours late is harm too."""

    def test_what_certainly_is_not_public_expires_and_a_person_is_told(self) -> None:
        """No call is made, and somebody knows."""
        found = before_call(standing(), NOT_AFTER, SILENCE)
        assert found is not None
        assert (found.state, found.step, found.tell) == (State.EXPIRED, None, True)

    def test_what_may_be_public_is_only_looked_for(self) -> None:
        """Then it is published, or expired."""
        on = unsure(10, NOT_AFTER, way="post", step=Step.POST)
        found = before_call(on, NOT_AFTER, SILENCE)
        assert found is not None and (found.state, found.step) == (State.UNCERTAIN, Step.SEARCH)
        there = Outcome(Fact.DONE, remote_id="9", words=WORDS, public=True)
        assert ask(after(on, found), there, at=NOT_AFTER).state is State.PUBLISHED
        much_later = NOT_AFTER + timedelta(seconds=400)
        assert ask(after(on, found), Outcome(Fact.ABSENT), at=much_later).state is State.EXPIRED


def test_how_each_way_begins_and_looks() -> None:
    """An upsert is looked up by our own id, everything else by its id or its mark."""
    assert [first_step(way) for way in WAYS] == [Step.PUT, Step.DRAFT, Step.POST]
    assert [looking_step(way, None) for way in WAYS] == [Step.LOOK, Step.SEARCH, Step.SEARCH]
    assert {looking_step(way, "7") for way in WAYS} == {Step.LOOK}
