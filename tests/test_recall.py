"""A recall takes down what the message still shows, pursues what may be public, and touches nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import ABSENT, NOT_SENT, RATE, REFUSED, Engine, make_engine
from service import Clock
from stopping import FACEBOOK, NOTICE, POST, in_state

from broadcaster.channels import Fact, Outcome, Reason, Step


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


class TestRecall:
    """A recall takes down what the message still shows, and nothing else."""

    @pytest.mark.parametrize("channel", ["facebook", "1177_notice"])
    def test_what_was_certainly_not_public_is_dropped(self, engine: Engine, channel: str) -> None:
        """Nothing is asked of the channel: there is nothing to take down."""
        first = in_state(engine, channel, "retrying")
        engine.recall(first)
        assert engine.row(channel)["state"] == "superseded"
        assert engine.outbox().claim("w") == []

    @pytest.mark.parametrize("channel", ["facebook", "1177_notice"])
    def test_what_may_be_public_is_pursued_until_it_is_certainly_gone(self, engine: Engine, channel: str) -> None:
        """An uncertain call is looked for through the whole grace, and then it is over."""
        first = in_state(engine, channel, "uncertain")
        engine.recall(first)
        assert (engine.row(channel)["intent"], engine.row(channel)["state"]) == ("withdraw", "uncertain")
        for _ in range(40):
            gone = Outcome(Fact.DONE, Reason.GONE)
            engine.play({Step.WITHDRAW: gone, Step.SEARCH: ABSENT, Step.LOOK: ABSENT})
            engine.clock.advance(20)
        assert engine.row(channel)["state"] in ("withdrawn", "superseded")

    def test_a_post_that_cannot_be_seen_yet_is_not_called_withdrawn(self, engine: Engine) -> None:
        """Within the grace "no such post" may only mean that the call is still under way."""
        first = in_state(engine, "facebook", "uncertain")
        engine.recall(first)
        claim = engine.taken("facebook")
        assert claim.step is Step.WITHDRAW
        following = engine.settle(claim, Outcome(Fact.DONE, Reason.GONE))
        assert following is not None and following.step is Step.WITHDRAW
        engine.settle(following, Outcome(Fact.DONE, Reason.GONE))
        assert engine.row()["state"] == "uncertain"

    def test_the_revision_of_a_withdrawal_is_higher_than_every_put(self, engine: Engine) -> None:
        """The phone gateway refuses what is older than the withdrawal, so a late put cannot bring it back."""
        first = in_state(engine, "1177_phone", "published")
        engine.send("update", first["incident"], channels=["1177_phone"])
        engine.play()
        update = engine.rows("1177_phone")[1]
        engine.parts.broadcasts.recall(update["message_id"], {"reason": "fel"}, engine.anna)
        rows = engine.rows("1177_phone")
        assert rows[1]["revision"] > max(rows[0]["revision"], update["revision"])

    def test_recalling_an_older_message_leaves_the_newer_words_alone(self, engine: Engine) -> None:
        """The notice shows the update by now; it stays."""
        first = in_state(engine, "1177_notice", "published")
        engine.send("update", first["incident"], channels=NOTICE)
        engine.play()
        engine.recall(first)
        assert engine.outbox().claim("w") == []
        assert engine.row("1177_notice")["state"] == "published"

    def test_a_recalled_first_is_not_put_while_its_update_waits(self, engine: Engine) -> None:
        """The first was still queued when it was recalled: only the update's words leave."""
        first = in_state(engine, "1177_notice", "retrying")
        engine.send("update", first["incident"], channels=NOTICE)
        engine.recall(first)
        assert engine.row("1177_notice", number=1)["state"] == "superseded"
        engine.clock.advance(601)
        assert [c.post.mark[-1] for c in engine.outbox().claim("w")] == ["2"]

    def test_recalling_both_in_turn_takes_the_older_words_down(self, engine: Engine) -> None:
        """The correction never got out, so what stands there are the recalled first words: they go."""
        first = in_state(engine, "1177_notice", "published")
        correction = engine.send("correction", first["incident"], channels=NOTICE)
        engine.play({Step.PUT: RATE})
        engine.recall(first)
        assert engine.row("1177_notice", number=1)["intent"] == "publish"
        engine.recall(correction)
        assert engine.row("1177_notice", number=1)["intent"] == "withdraw"
        engine.play()
        assert engine.row("1177_notice", number=1)["state"] == "withdrawn"

    def test_recalled_words_go_also_when_the_newer_ones_were_refused(self, engine: Engine) -> None:
        """The update is a person's task and never stood there, so it keeps nothing of the first in place."""
        first = in_state(engine, "1177_notice", "published")
        engine.send("update", first["incident"], channels=NOTICE)
        engine.play({Step.PUT: REFUSED})
        engine.recall(first)
        engine.play()
        assert engine.row("1177_notice", number=1)["state"] == "withdrawn"
        assert engine.row("1177_notice")["state"] == "needs_person"

    def test_a_pending_withdrawal_never_takes_down_newer_words(self, engine: Engine) -> None:
        """An update was recalled while 1177 was away; the next update replaces it, and is not taken down after."""
        first = in_state(engine, "1177_notice", "published")
        wrong = engine.send("update", first["incident"], channels=NOTICE)
        engine.play()
        engine.recall(wrong)
        engine.play({Step.WITHDRAW: NOT_SENT}, rounds=3)
        engine.send("update", first["incident"], channels=NOTICE)
        engine.clock.advance(60)
        asked = [(c.step, c.post.mark[-1]) for c in engine.outbox().claim("w")]
        assert asked == [(Step.PUT, "3")]
        assert engine.row("1177_notice", number=2)["state"] == "superseded"

    def test_the_last_look_after_a_withdrawal_never_takes_down_newer_words(self, engine: Engine) -> None:
        """The withdrawn update would be looked for once more after the grace; by then a newer one stands there."""
        first = in_state(engine, "1177_notice", "published")
        wrong = engine.send("update", first["incident"], channels=NOTICE)
        engine.play()
        engine.recall(wrong)
        engine.play()
        assert engine.row("1177_notice")["state"] == "withdrawn" and engine.row("1177_notice")["step"] == "look"
        engine.send("update", first["incident"], channels=NOTICE)
        engine.play()
        engine.clock.advance(331)
        assert {(c.step, c.post.mark[-1]) for c in engine.outbox().claim("w")} == {(Step.LOOK, "3")}

    def test_recalling_a_correction_takes_its_line_off_the_earlier_post(self, engine: Engine) -> None:
        """The first post says again exactly what it said before."""
        first = in_state(engine, "facebook", "published")
        before = engine.row()["words"]
        correction = engine.send("correction", first["incident"], channels=FACEBOOK)
        engine.play()
        assert engine.row(number=1)["words"] != before
        engine.recall(correction)
        engine.play()
        assert engine.row(number=1)["words"] == before
        assert [row["state"] for row in engine.rows()] == ["published", "withdrawn"]

    def test_a_withdrawal_under_way_is_not_turned_into_a_change_of_words(self, engine: Engine) -> None:
        """The first is being taken down; recalling the correction after it changes nothing about that."""
        first = in_state(engine, "facebook", "published")
        correction = engine.send("correction", first["incident"], channels=FACEBOOK)
        engine.play()
        engine.recall(first)
        engine.recall(correction)
        assert [row["intent"] for row in engine.rows()] == ["withdraw", "withdraw"]
        engine.play()
        assert {row["state"] for row in engine.rows()} == {"withdrawn"}

    def test_what_a_person_put_up_is_a_persons_to_take_down(self, engine: Engine) -> None:
        """Facebook had refused us and somebody pasted by hand: no machine may claim that it is gone."""
        first = in_state(engine, "facebook", "needs_person")
        engine.acknowledge(first, url="https://www.facebook.com/1/posts/2")
        engine.recall(first)
        assert (engine.row()["state"], engine.row()["intent"]) == ("needs_person", "withdraw")
        assert engine.outbox().claim("w") == []
        assert len(engine.parts.board.alarms()) == 1
        engine.acknowledge(first)
        assert engine.row()["state"] == "withdrawn"

    def test_a_draft_that_was_superseded_while_uncertain_is_looked_for_when_recalled(self, engine: Engine) -> None:
        """An update took its place; the recall still has to find out whether it is public."""
        first = engine.send(channels=FACEBOOK)
        engine.play(POST)
        engine.clock.advance(5)
        engine.play(POST)
        engine.send("update", first["incident"], channels=FACEBOOK)
        engine.recall(first)
        assert (engine.row(number=1)["intent"], engine.row(number=1)["state"]) == ("withdraw", "uncertain")

    def test_our_own_page_shows_it_no_more_at_once(self, engine: Engine) -> None:
        """Where nothing has to be called, the recall is complete in its own transaction."""
        first = engine.send(channels=["own_web"])
        engine.recall(first)
        assert engine.row("own_web")["state"] == "withdrawn"


def test_words_that_were_taken_down_are_not_followed_by_older_ones(engine: Engine) -> None:
    """The update may have been public, and was taken down; the last look at the first must not put that there again."""
    first = engine.send(channels=NOTICE)
    engine.play()
    engine.send("update", first["incident"], channels=NOTICE)
    over = {"receipt": None, "ever_unsure": True, "step": None, "next_attempt_at": None}
    engine.write(engine.row(NOTICE[0]), state="withdrawn", intent="withdraw", **over)
    engine.write(engine.row(NOTICE[0], number=1), step="look", next_attempt_at=engine.now)
    assert engine.row(NOTICE[0], number=1)["state"] == "published"
    assert engine.outbox().claim("w") == []
    assert engine.row(NOTICE[0], number=1)["step"] is None
