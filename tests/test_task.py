"""What a person does about one delivery, in every state it may be in."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from engine import ABSENT, DONE, NO_DRAFTS, RATE, REFUSED, UNSURE, Engine, make_engine
from service import Clock

from broadcaster.channels import Outcome, Step
from broadcaster.errors import Conflict, Invalid, NotFound
from broadcaster.standing import State
from broadcaster.task import ACKNOWLEDGEABLE, RETRYABLE

FACEBOOK = ["facebook"]
NOTICE = ["1177_notice"]
URL = "https://www.facebook.com/1/posts/2"


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def refused(engine: Engine, channels: list[str] = FACEBOOK) -> dict[str, Any]:
    """Send a message that every channel refuses: it becomes a person's task."""
    first = engine.send(channels=channels)
    engine.settle_all(REFUSED)
    return first


def unsure_post(engine: Engine) -> dict[str, Any]:
    """Send a message to a Page without drafts, and lose the answer to the post."""
    first = engine.send(channels=FACEBOOK)
    post = engine.settle(engine.taken("facebook"), NO_DRAFTS)
    assert post is not None and post.step is Step.POST
    engine.settle(post, UNSURE)
    engine.clock.advance(1)
    search = engine.taken("facebook")
    assert search.step is Step.SEARCH
    engine.settle(search, RATE)
    return first


class TestEveryState:
    """Which states allow what, and that a refusal changes nothing."""

    @pytest.mark.parametrize("state", list(State))
    def test_retry(self, engine: Engine, state: State) -> None:
        """What waits, may be public, or was given up can be tried again; the rest is refused with words that help."""
        first = engine.send(channels=FACEBOOK)
        engine.write(engine.row(), state=str(state), next_attempt_at=engine.now + timedelta(seconds=50))
        before = engine.row()
        if state in RETRYABLE:
            engine.retry(first)
            assert engine.row()["next_attempt_at"] == engine.now
            assert engine.row()["fence"] == before["fence"] + 1
            return
        with pytest.raises(Conflict) as refusal:
            engine.retry(first)
        assert str(state) in refusal.value.detail.sv and "Inget har ändrats" in refusal.value.detail.sv
        assert engine.row() == before

    @pytest.mark.parametrize("state", list(State))
    def test_acknowledge(self, engine: Engine, state: State) -> None:
        """A person's word counts where a machine is not at work and nothing is settled."""
        first = engine.send(channels=FACEBOOK)
        engine.write(engine.row(), state=str(state))
        before = engine.row()
        if state in ACKNOWLEDGEABLE:
            engine.acknowledge(first, url=URL)
            assert engine.row()["receipt"] == {"id": URL, "at": engine.now.isoformat(), "by": "anna"}
            return
        with pytest.raises(Conflict):
            engine.acknowledge(first, url=URL)
        assert engine.row() == before

    def test_a_delivery_that_does_not_exist(self, engine: Engine) -> None:
        """The message does not go there: an address that is not."""
        first = engine.send(channels=FACEBOOK)
        with pytest.raises(NotFound):
            engine.retry(first, "1177_notice")


class TestRetry:
    """Another try, and never a second post."""

    def test_one_that_was_refused_is_owed_again_and_goes(self, engine: Engine) -> None:
        """The token was renewed; the draft is made and the post comes."""
        first = refused(engine)
        engine.retry(first)
        assert engine.row()["state"] == "owed"
        engine.play()
        assert engine.row()["state"] == "published"

    def test_a_recorded_draft_is_published_and_not_made_again(self, engine: Engine) -> None:
        """Its publication was refused; the same id is tried once more."""
        first = engine.send(channels=FACEBOOK)
        publish = engine.settle(engine.taken("facebook"), DONE)
        assert publish is not None
        engine.settle(publish, REFUSED)
        engine.retry(first)
        claim = engine.taken("facebook")
        assert (claim.step, claim.post.remote_id) == (Step.PUBLISH, DONE.remote_id)

    def test_an_uncertain_one_is_only_looked_for(self, engine: Engine) -> None:
        """However often a person presses, nothing is posted while it is not known."""
        first = unsure_post(engine)
        for _ in range(5):
            engine.retry(first)
            assert engine.row()["state"] == "uncertain"
            claim = engine.taken("facebook")
            assert claim.step is Step.SEARCH
            following = engine.settle(claim, ABSENT)
            while following is not None:
                assert following.step is Step.SEARCH
                following = engine.settle(following, RATE)

    def test_an_uncertain_change_is_only_looked_at(self, engine: Engine) -> None:
        """Also the new first line of an old post: retrying looks, never sends."""
        first = engine.send(channels=FACEBOOK)
        engine.play()
        engine.send("correction", first["incident"], channels=FACEBOOK)
        edit = next(claim for claim in engine.outbox().claim("w") if claim.step is Step.EDIT)
        again = engine.settle(edit, UNSURE)
        assert again is not None
        engine.settle(again, RATE)
        assert engine.row(number=1)["state"] == "uncertain"
        engine.retry(first)
        assert [claim.step for claim in engine.outbox().claim("w")] == [Step.LOOK]

    def test_a_change_that_was_refused_can_be_tried_again(self, engine: Engine) -> None:
        """The message that calls for the new first line is no reason to refuse it."""
        first = engine.send(channels=FACEBOOK)
        engine.play()
        engine.send("correction", first["incident"], channels=FACEBOOK)
        engine.play({Step.EDIT: REFUSED})
        assert engine.row(number=1)["state"] == "needs_person"
        engine.retry(first)
        engine.play()
        assert engine.row(number=1)["state"] == "published"

    def test_one_a_person_gave_up_on_is_looked_for_when_it_was_ever_uncertain(self, engine: Engine) -> None:
        """The grace counts from the retry: the call may have been a second ago."""
        first = unsure_post(engine)
        engine.acknowledge(first, reason="hittar den inte")
        assert engine.row()["state"] == "failed" and engine.row()["unsure_since"] is None
        engine.retry(first)
        claim = engine.taken("facebook")
        assert claim.step is Step.SEARCH
        following = engine.settle(claim, ABSENT)
        assert following is None or following.step is Step.SEARCH

    def test_a_newer_message_on_the_channel_forbids_it(self, engine: Engine) -> None:
        """The update has taken over there; older words are not sent after it."""
        first = refused(engine)
        engine.acknowledge(first, reason="går inte")
        engine.send("update", first["incident"], channels=FACEBOOK)
        with pytest.raises(Conflict) as refusal:
            engine.retry(first)
        assert refusal.value.slug == "newer-accepted"

    @pytest.mark.parametrize("stop", ["recall", "correction"])
    def test_words_that_were_taken_back_are_never_sent(self, engine: Engine, stop: str) -> None:
        """A person had given it up; then it was recalled, or corrected on another channel only."""
        first = refused(engine, ["facebook", "1177_notice"])
        engine.acknowledge(first, reason="går inte")
        if stop == "recall":
            engine.recall(first)
        else:
            engine.send("correction", first["incident"], channels=NOTICE)
        with pytest.raises(Conflict) as refusal:
            engine.retry(first)
        assert refusal.value.slug == "stopped"
        assert engine.row()["state"] == "failed"

    def test_too_late_is_said(self, engine: Engine) -> None:
        """What was true in the morning is not sent in the afternoon."""
        first = refused(engine)
        engine.clock.advance(6 * 3600)
        with pytest.raises(Conflict) as refusal:
            engine.retry(first)
        assert refusal.value.slug == "too-late"

    def test_a_put_tried_again_is_newer_than_every_withdrawal_before_it(self, engine: Engine) -> None:
        """An older message was recalled meanwhile; a gateway that compares revisions must still take this one."""
        phone = ["1177_phone"]
        first = engine.send(channels=phone)
        engine.play()
        update = engine.send("update", first["incident"], channels=phone)
        engine.play({Step.PUT: REFUSED})
        engine.recall(first)
        engine.play()
        engine.retry(update, "1177_phone")
        rows = engine.rows("1177_phone")
        assert rows[1]["revision"] > rows[0]["revision"]

    def test_nothing_to_try_where_a_person_does_it(self, engine: Engine) -> None:
        """Our own page needs no retry; a task is not retried, it is done."""
        first = engine.send(channels=["own_web"])
        with pytest.raises(Conflict):
            engine.retry(first, "own_web")


class TestAcknowledge:
    """A person's word about what was done by hand."""

    def test_the_address_makes_it_published_by_that_person(self, engine: Engine) -> None:
        """The receipt says who, the log says so, and nobody is told any more."""
        first = refused(engine)
        assert len(engine.parts.board.alarms()) == 1
        engine.acknowledge(first, url=URL)
        row = engine.row()
        assert (row["state"], row["url"], row["receipt"]["by"]) == ("published", URL, "anna")
        assert engine.parts.board.alarms() == []
        assert "delivery:acknowledged" in [entry["type"] for entry in engine.entries()]

    def test_a_reason_closes_it_and_stands_nowhere_in_the_log(self, engine: Engine) -> None:
        """Free words of a person can be erased: the log has only their seal."""
        first = refused(engine)
        engine.acknowledge(first, reason="Kontot är spärrat enligt Kim")
        assert engine.row()["state"] == "failed"
        assert "Kim" not in str(engine.entries())

    def test_neither_is_a_question(self, engine: Engine) -> None:
        """Nothing is changed until it is said what was done."""
        first = refused(engine)
        before = engine.row()
        with pytest.raises(Invalid):
            engine.acknowledge(first)
        assert engine.row() == before

    def test_an_uncertain_one_that_a_person_found(self, engine: Engine) -> None:
        """No machine looks any more, and none posts."""
        first = unsure_post(engine)
        engine.acknowledge(first, url=URL)
        engine.clock.advance(3600)
        assert engine.outbox().claim("w") == []
        assert engine.row()["state"] == "published"

    def test_a_draft_is_not_what_the_person_put_up(self, engine: Engine) -> None:
        """The correction's new first line goes to the person who put the post up, never to a forgotten draft."""
        first = engine.send(channels=FACEBOOK)
        publish = engine.settle(engine.taken("facebook"), DONE)
        assert publish is not None
        engine.settle(publish, REFUSED)
        engine.acknowledge(first, url=URL)
        assert engine.row()["remote_id"] is None

    def test_taken_down_by_hand(self, engine: Engine) -> None:
        """No address is asked for where something is to go away; one that is given is refused."""
        first = engine.send(channels=FACEBOOK)
        engine.play()
        engine.recall(first)
        engine.play({Step.WITHDRAW: REFUSED})
        assert (engine.row()["state"], engine.row()["intent"]) == ("needs_person", "withdraw")
        with pytest.raises(Invalid):
            engine.acknowledge(first, url=URL)
        engine.acknowledge(first)
        assert engine.row()["state"] == "withdrawn"

    def test_put_up_after_a_recall_it_has_to_come_down(self, engine: Engine) -> None:
        """Somebody had given it up, it was recalled, and then it turns out to be there."""
        first = refused(engine)
        engine.acknowledge(first, reason="går inte")
        engine.recall(first)
        engine.acknowledge(first, url=URL)
        assert (engine.row()["state"], engine.row()["intent"]) == ("needs_person", "withdraw")

    def test_a_late_answer_of_a_call_does_not_undo_a_persons_word(self, engine: Engine) -> None:
        """The fence was raised: the worker's own opinion is only recorded."""
        first = unsure_post(engine)
        engine.clock.advance(601)
        call = engine.taken("facebook")
        engine.write(engine.row(), state="uncertain")
        engine.acknowledge(first, url=URL)
        assert engine.settle(call, Outcome(ABSENT.fact)) is None
        assert engine.row()["state"] == "published"
