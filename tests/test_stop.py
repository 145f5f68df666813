"""Stop means stop: what a correction, an ending, an update or a recall does to everything said before it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import ABSENT, RATE, Engine, make_engine, shows
from service import Clock
from stopping import FACEBOOK, NOTICE, POST, in_state

from broadcaster import approval
from broadcaster.channels import Fact, Outcome, Step
from broadcaster.standing import OPEN, State


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


@pytest.fixture
def by_hand(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose notice a person pastes."""
    channels = {"own_web": {"kind": "own_web"}, "1177_notice": {"kind": "manual", "assignee": "redaktör"}}
    made = make_engine(tmp_path, clock, channels=channels)
    yield made
    made.parts.store.close()


class TestSuperseding:
    """Each ending phase against each state the earlier delivery may be in."""

    @pytest.mark.parametrize("phase", ["correction", "false_alarm", "all_clear"])
    @pytest.mark.parametrize("channel", ["facebook", "1177_notice"])
    @pytest.mark.parametrize("state", ["owed", "retrying", "sending", "uncertain", "published", "needs_person"])
    def test_the_first_words_are_never_sent_again_and_the_new_ones_go(
        self, engine: Engine, phase: str, channel: str, state: str
    ) -> None:
        """Whatever had become of the first message, its words do not leave after the newer one was accepted."""
        first = in_state(engine, channel, state)
        words = engine.row(channel)["words"]
        engine.send(phase, first["incident"], channels=[channel])
        if state == "sending":
            assert engine.claim(channel) is None  # the running call is waited for
            engine.clock.advance(engine.parts.settings.delivery.lease_s + 1)
        said: list[tuple[Step, str]] = []
        for _ in range(40):
            for claim in engine.outbox().claim("w"):
                said.append((claim.step, claim.post.words))
                good = shows(claim) if claim.step is Step.LOOK else ABSENT
                done = Outcome(Fact.DONE, remote_id="100200300_9")
                engine.settle(claim, good if claim.step in (Step.LOOK, Step.SEARCH) else done)
            engine.clock.advance(30)
        assert words not in [text for step, text in said if step in (Step.PUT, Step.DRAFT, Step.POST, Step.PUBLISH)]
        certainly_never = state in ("owed", "retrying", "needs_person") or (state, channel) == ("sending", "facebook")
        expected = "skipped" if phase != "correction" and certainly_never else "published"
        assert engine.row(channel)["state"] == expected
        assert State(engine.row(channel, number=1)["state"]) not in OPEN

    def test_the_all_clear_stands_at_the_top_of_a_post_however_old_it_is(self, engine: Engine) -> None:
        """The first post's own time ran out hours ago; its new first line is written all the same."""
        first = in_state(engine, "facebook", "published")
        engine.clock.advance(8 * 3600)
        engine.send("all_clear", first["incident"], channels=FACEBOOK)
        engine.play()
        old = engine.row(number=1)
        assert old["intent"] == "update" and old["state"] == "published"
        assert old["words"] != engine.row()["words"] and old["seen_at"] == engine.now

    def test_nobody_is_alarmed_about_a_first_line_that_was_asked_for_a_second_ago(self, engine: Engine) -> None:
        """The minute without a receipt counts from the all-clear, not from the post of hours ago."""
        first = in_state(engine, "facebook", "published")
        engine.clock.advance(3600)
        engine.send("all_clear", first["incident"], channels=FACEBOOK)
        engine.clock.advance(2)
        assert engine.outbox().overdue() == 0
        engine.clock.advance(60)
        assert engine.outbox().overdue() == 2

    def test_a_false_alarm_is_said_where_the_call_under_way_turned_out_to_reach_the_public(
        self, engine: Engine
    ) -> None:
        """The notice was being put when the false alarm came; it got out, so the false alarm takes its place."""
        first = engine.send(channels=NOTICE)
        call = engine.taken("1177_notice")
        engine.send("false_alarm", first["incident"], channels=NOTICE)
        assert engine.claim("1177_notice") is None
        assert engine.settle(call, Outcome(Fact.DONE)) is None
        engine.play()
        assert [row["state"] for row in engine.rows("1177_notice")] == ["superseded", "published"]

    def test_a_false_alarm_is_said_on_a_page_where_the_post_got_out_at_the_last_moment(self, engine: Engine) -> None:
        """Publishing was under way: the post is taken down, and the false alarm is said to those who saw it."""
        first = engine.send(channels=FACEBOOK)
        publish = engine.settle(engine.taken("facebook"), Outcome(Fact.DONE, remote_id="100200300_1"))
        assert publish is not None and publish.step is Step.PUBLISH
        engine.send("false_alarm", first["incident"], channels=FACEBOOK)
        engine.settle(publish, Outcome(Fact.DONE))
        engine.play()
        assert [row["state"] for row in engine.rows()] == ["withdrawn", "published"]

    def test_a_recorded_draft_is_deleted_when_its_message_is_stopped(self, engine: Engine) -> None:
        """Nobody saw the draft, and nobody shall: it is superseded at once and deleted behind the scenes."""
        first = engine.send(channels=FACEBOOK)
        publish = engine.settle(engine.taken("facebook"), Outcome(Fact.DONE, remote_id="100200300_1"))
        assert publish is not None
        engine.settle(publish, RATE)
        engine.send("correction", first["incident"], channels=FACEBOOK)
        assert engine.row(number=1)["state"] == "superseded"
        claim = next(c for c in engine.outbox().claim("w") if c.step is Step.WITHDRAW)
        assert claim.post.remote_id == "100200300_1"
        engine.settle(claim, Outcome(Fact.DONE))
        assert engine.row(number=1)["state"] == "superseded" and engine.row(number=1)["step"] is None

    def test_a_draft_made_by_the_call_under_way_is_deleted_too(self, engine: Engine) -> None:
        """The answer came after the correction: the id it brought is used to take the draft away."""
        first = engine.send(channels=FACEBOOK)
        draft = engine.taken("facebook")
        engine.send("correction", first["incident"], channels=FACEBOOK)
        assert engine.settle(draft, Outcome(Fact.DONE, remote_id="100200300_1")) is None
        steps = [(c.step, c.post.remote_id) for c in engine.outbox().claim("w") if c.post.mark.endswith("/1")]
        assert steps == [(Step.WITHDRAW, "100200300_1")]
        assert engine.row(number=1)["state"] == "superseded"

    def test_a_queued_correction_survives_the_all_clear_and_goes_first(self, engine: Engine) -> None:
        """The all-clear waits until the correction has been said; neither is lost."""
        first = in_state(engine, "facebook", "published")
        correction = engine.send("correction", first["incident"], channels=FACEBOOK)
        all_clear = engine.send("all_clear", first["incident"], channels=FACEBOOK)
        assert engine.row(number=2)["state"] == "owed"
        assert engine.message(correction["id"])["state"] == "sending"
        marks = [c.post.mark[-1] for c in engine.outbox().claim("w") if c.step is Step.DRAFT]
        assert marks == ["2"]
        engine.clock.advance(60)
        engine.play()
        assert engine.message(correction["id"])["state"] == engine.message(all_clear["id"])["state"] == "published"

    def test_the_all_clear_does_not_wait_for_a_first_line(self, engine: Engine) -> None:
        """The correction is out and only its new first line is held up: the all-clear is said at once."""
        first = in_state(engine, "facebook", "published")
        engine.send("correction", first["incident"], channels=FACEBOOK)
        engine.play()
        engine.send("all_clear", first["incident"], channels=FACEBOOK)
        engine.play({Step.EDIT: RATE})
        assert [row["state"] for row in engine.rows()] == ["retrying", "retrying", "published"]

    def test_a_revoked_playbook_never_keeps_the_all_clear_from_going_out(self, engine: Engine) -> None:
        """The first post's words may not be touched by a machine any more, so its first line goes to a person."""
        first = in_state(engine, "facebook", "published")
        correction = engine.send("correction", first["incident"], channels=FACEBOOK)
        engine.play()
        digest = engine.parts.playbooks.get("telefoni-1177").digest  # type: ignore[union-attr]
        with engine.parts.store.transaction() as transaction:
            approval.revoke(transaction, digest, "approver-1")
        engine.recall(correction)
        assert engine.row(number=1)["state"] == "needs_person"
        assert engine.row(number=1)["intent"] == "update"
        assert engine.parts.board.alarms() != []
        engine.play()
        assert engine.row(number=2)["state"] == "withdrawn"

    def test_our_own_page_shows_both_at_once(self, engine: Engine) -> None:
        """What is public without a call stays; the correction stands beside it from the same transaction."""
        first = engine.send(channels=["own_web"])
        engine.send("correction", first["incident"], channels=["own_web"])
        assert [row["state"] for row in engine.rows("own_web")] == ["published", "published"]
        assert engine.message(first["id"])["state"] == "superseded"

    @pytest.mark.parametrize("phase", ["correction", "false_alarm", "all_clear"])
    def test_a_persons_task_is_dropped_and_a_new_one_made(self, by_hand: Engine, phase: str) -> None:
        """What somebody was to paste is out of date; the newer words are theirs to paste instead."""
        first = by_hand.send(channels=NOTICE)
        newer = by_hand.send(phase, first["incident"], channels=NOTICE)
        assert [row["state"] for row in by_hand.rows("1177_notice")] == ["superseded", "needs_person"]
        by_hand.acknowledge(newer, "1177_notice", url="https://www.1177.se/a")
        assert by_hand.row("1177_notice")["receipt"]["by"] == "anna"

    def test_what_a_person_put_up_after_it_was_stopped_has_to_come_down(self, by_hand: Engine) -> None:
        """Somebody pasted the first words all the same: acknowledging them makes a task to take them down."""
        first = by_hand.send(channels=NOTICE)
        by_hand.send("correction", first["incident"], channels=NOTICE)
        by_hand.acknowledge(first, "1177_notice", url="https://www.1177.se/a")
        row = by_hand.row("1177_notice", number=1)
        assert (row["state"], row["intent"]) == ("needs_person", "withdraw")

    @pytest.mark.parametrize("acknowledged", [True, False])
    def test_recalling_what_a_person_has_as_a_task(self, by_hand: Engine, acknowledged: bool) -> None:
        """Put up, it is to be taken down by a person; not yet put up, the task goes away."""
        first = by_hand.send(channels=NOTICE)
        if acknowledged:
            by_hand.acknowledge(first, "1177_notice", url="https://www.1177.se/a")
        by_hand.recall(first)
        assert by_hand.row("1177_notice")["state"] == ("needs_person" if acknowledged else "superseded")


class TestUpdating:
    """An update takes the place of what was not said, and of what a person was to do."""

    def test_an_update_takes_the_place_of_an_older_one_that_is_not_public(self, engine: Engine) -> None:
        """Two updates in a row while Facebook is away: only the newer is said."""
        first = in_state(engine, "facebook", "published")
        engine.send("update", first["incident"], channels=FACEBOOK)
        engine.play({Step.DRAFT: RATE})
        engine.send("update", first["incident"], channels=FACEBOOK)
        engine.play()
        assert [row["state"] for row in engine.rows()] == ["published", "superseded", "published"]

    def test_an_update_goes_when_the_first_is_left_to_a_person(self, engine: Engine) -> None:
        """It takes the task's place and is said, however the first one ended."""
        first = in_state(engine, "facebook", "needs_person")
        engine.send("update", first["incident"], channels=FACEBOOK)
        engine.play()
        assert [row["state"] for row in engine.rows()] == ["superseded", "published"]

    @pytest.mark.parametrize("state", ["owed", "retrying", "sending", "uncertain"])
    def test_an_update_waits_for_a_first_that_is_not_settled(self, engine: Engine, state: str) -> None:
        """Nothing of the update leaves before it is known what it updates."""
        first = in_state(engine, "facebook", state)
        engine.send("update", first["incident"], channels=FACEBOOK)
        assert [c.post.mark[-1] for c in engine.outbox().claim("w")] in ([], ["1"])
        assert engine.row()["state"] == "owed"

    def test_a_first_left_uncertain_is_hunted_down_when_the_update_takes_its_place(self, engine: Engine) -> None:
        """Nobody knows whether the first is public; from the update on it must not be."""
        first = engine.send(channels=FACEBOOK)
        engine.play(POST)
        engine.clock.advance(5)
        engine.play(POST)
        assert engine.row()["state"] == "needs_person"
        for phase in ("update", "correction"):
            engine.send(phase, first["incident"], channels=FACEBOOK)
            assert (engine.row(number=1)["intent"], engine.row(number=1)["state"]) == ("withdraw", "uncertain")

    def test_the_last_look_at_old_words_never_brings_them_back(self, engine: Engine) -> None:
        """The first was put after its update had been accepted; looking at it later must not put it again."""
        first = engine.send(channels=NOTICE)
        engine.play({Step.PUT: RATE})
        engine.send("update", first["incident"], channels=NOTICE)
        engine.clock.advance(601)
        engine.play()
        assert [row["state"] for row in engine.rows("1177_notice")] == ["published", "published"]
        newest = engine.row("1177_notice")["words"]
        engine.clock.advance(331)
        for claim in engine.outbox().claim("w"):
            assert claim.post.words == newest
            following = engine.settle(claim, shows(claim, newest))
            assert following is None
        assert all(row["step"] is None for row in engine.rows("1177_notice"))

    def test_a_queued_correction_is_put_before_the_update_that_follows_it(self, engine: Engine) -> None:
        """Where the last writer wins, a correction put after a newer update would bring older words back."""
        first = in_state(engine, "1177_notice", "published")
        engine.send("correction", first["incident"], channels=NOTICE)
        engine.play({Step.PUT: RATE})
        engine.send("update", first["incident"], channels=NOTICE)
        assert engine.claim("1177_notice") is None
        engine.clock.advance(601)
        order = []
        for _ in range(10):
            for claim in engine.outbox().claim("w"):
                order.append(claim.post.mark[-1])
                following = engine.settle(claim, Outcome(Fact.DONE))
                assert following is not None
                engine.settle(following, shows(following))
        assert order == ["2", "3"]


class TestUncovering:
    """What was let go because newer words were to replace it is taken down when those never come."""

    def let_go_in_doubt(self, engine: Engine) -> tuple[dict[str, str], dict[str, str]]:
        """Return a first that may be public, and the correction that was to replace it."""
        first = in_state(engine, "1177_notice", "uncertain")
        correction = engine.send("correction", first["incident"], channels=NOTICE)
        assert engine.row("1177_notice", number=1)["state"] == "superseded"
        return first, correction

    def pursued(self, engine: Engine) -> bool:
        row = engine.row("1177_notice", number=1)
        return (row["intent"], row["state"], row["step"]) == ("withdraw", "uncertain", "withdraw")

    def test_a_recalled_correction_leaves_no_doubtful_first_standing(self, engine: Engine) -> None:
        _, correction = self.let_go_in_doubt(engine)
        engine.recall(correction)
        assert self.pursued(engine)

    def test_a_withdrawal_left_to_a_correction_is_taken_up_again(self, engine: Engine) -> None:
        """The first was recalled, the correction was to replace it, and then that was recalled too."""
        first = in_state(engine, "1177_notice", "uncertain")
        engine.recall(first)
        correction = engine.send("correction", first["incident"], channels=NOTICE)
        assert engine.row("1177_notice", number=1)["state"] == "superseded"
        engine.recall(correction)
        assert self.pursued(engine)

    def test_a_call_whose_worker_died_is_in_doubt_too(self, engine: Engine) -> None:
        """Nobody knows what it did, and nobody will take it over once its delivery was let go."""
        first = in_state(engine, "1177_notice", "sending")
        engine.recall(first)
        correction = engine.send("correction", first["incident"], channels=NOTICE)
        engine.recall(correction)
        assert self.pursued(engine)
        engine.clock.advance(7)
        engine.play()
        assert engine.row("1177_notice", number=1)["state"] == "withdrawn"

    def test_a_second_correction_for_facebook_alone_uncovers_the_notice(self, engine: Engine) -> None:
        first, _ = self.let_go_in_doubt(engine)
        engine.send("correction", first["incident"], channels=FACEBOOK)
        assert self.pursued(engine)

    def test_a_correction_that_expires_uncovers_what_it_was_to_replace(self, engine: Engine) -> None:
        self.let_go_in_doubt(engine)
        engine.clock.advance(60)
        for claim in engine.outbox().claim("w"):
            engine.settle(claim, RATE)
        engine.clock.advance(7 * 3600)
        engine.outbox().claim("w")
        assert engine.row("1177_notice")["state"] == "expired"
        assert self.pursued(engine)
