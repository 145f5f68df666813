"""The pure rule for what comes next: the steps a person should be able to read."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from standings import DUPLICATE, NOT_AFTER, SILENCE, T0, WAYS, WORDS, after, standing

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.protocol import GONE_TRIES_MAX, before_call, first_step, looking_step, next_step
from broadcaster.standing import Next, Policy, Standing, State


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
        found = ask(standing(way="upsert", step=Step.PUT), Outcome(Fact.REFUSED, Reason.STALE))
        assert (found.state, found.step, found.unsure_since) == (State.SUPERSEDED, None, None)

    def test_what_comes_back_after_a_withdrawal_is_taken_down_again(self) -> None:
        """Also where nobody ever had a receipt for it."""
        shown = Outcome(Fact.DONE, words=WORDS, public=True)
        newer = replace(shown, reason=Reason.STALE)
        for state in (State.WITHDRAWN, State.SUPERSEDED):
            on = standing(way="upsert", intent="withdraw", step=Step.LOOK, state=state, ever_unsure=True)
            assert ask(on, shown).step is Step.WITHDRAW
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

    def test_published_words_that_an_old_call_overwrote_are_put_back_however_late(self) -> None:
        """They are not new; leaving the older ones there would be a lie in our name."""
        on = standing(way="upsert", state=State.PUBLISHED, step=Step.LOOK, has_receipt=True, ever_unsure=True)
        other = Outcome(Fact.DONE, words="Äldre ord", public=True)
        found = ask(on, other, at=NOT_AFTER + timedelta(hours=1))
        assert (found.state, found.step) == (State.PUBLISHED, Step.PUT)
        assert before_call(after(on, found), NOT_AFTER + timedelta(hours=1), SILENCE) is None

    def test_a_first_line_that_never_came_is_a_persons_and_not_called_published(self) -> None:
        """Shares of the post still lie, so "published" would be a lie too; an edit in doubt is looked for first."""
        on = standing(intent="update", step=Step.EDIT, remote_id="7", has_receipt=True)
        found = before_call(on, NOT_AFTER, SILENCE)
        assert found is not None
        assert (found.state, found.step, found.reason, found.tell) == (State.NEEDS_PERSON, None, Reason.LATE, True)
        doubt = unsure(10, NOT_AFTER, intent="update", step=Step.EDIT, remote_id="7", has_receipt=True)
        looked = before_call(doubt, NOT_AFTER, SILENCE)
        assert looked is not None and (looked.state, looked.step) == (State.UNCERTAIN, Step.LOOK)


def test_how_each_way_begins_and_looks() -> None:
    """An upsert is looked up by our own id, everything else by its id or its mark."""
    assert [first_step(way) for way in WAYS] == [Step.PUT, Step.DRAFT, Step.POST]
    assert [looking_step(way, None) for way in WAYS] == [Step.LOOK, Step.SEARCH, Step.SEARCH]
    assert {looking_step(way, "7") for way in WAYS} == {Step.LOOK}


def test_a_gateway_that_calls_our_own_repeat_old_is_looked_at_before_anything_is_believed() -> None:
    """The first put arrived and its answer did not; "you are too late" may mean that the words stand there."""
    on = standing(way="upsert", step=Step.PUT, tries=2, unsure_since=T0, unsure_last=T0, ever_unsure=True)
    found = next_step(on, Outcome(Fact.REFUSED, Reason.STALE, status=409), T0, SILENCE, 0.5)
    assert (found.state, found.step) == (State.UNCERTAIN, Step.LOOK)
    looking = after(on, found)
    shown = Outcome(Fact.DONE, words=WORDS, public=True)
    assert next_step(looking, shown, T0, SILENCE, 0.5).state is State.PUBLISHED
    newer = Outcome(Fact.DONE, Reason.STALE, words="nyare", public=True)
    assert next_step(looking, newer, T0, SILENCE, 0.5).state is State.SUPERSEDED


def test_a_post_that_cannot_be_found_is_not_posted_again_to_change_it() -> None:
    """Its first line is owed; a person who put the post up by hand knows where it is."""
    found = ask(standing(way="post", intent="update", step=Step.SEARCH, has_receipt=True), Outcome(Fact.ABSENT))
    assert (found.state, found.step, found.tell) == (State.NEEDS_PERSON, None, True)


def test_putting_published_words_back_waits_when_the_channel_says_not_now() -> None:
    """An old call overwrote the line; a rate limit is no reason to leave it so."""
    on = standing(intent="update", state=State.PUBLISHED, step=Step.EDIT, remote_id="7", has_receipt=True)
    found = ask(on, Outcome(Fact.REFUSED, Reason.RATE, wait_s=60))
    assert (found.state, found.step, found.at) == (State.PUBLISHED, Step.EDIT, T0 + timedelta(seconds=60))


def test_what_expires_after_it_was_looked_for_is_in_doubt_no_more() -> None:
    """The draft is there and not public: it can be deleted behind it."""
    on = unsure(400, NOT_AFTER, step=Step.LOOK, remote_id="7")
    found = ask(on, Outcome(Fact.DONE, words=WORDS, public=False), at=NOT_AFTER)
    assert (found.state, found.remote_id, found.unsure_since) == (State.EXPIRED, "7", None)
