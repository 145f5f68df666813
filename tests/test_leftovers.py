"""What an ended delivery may have left lying about is looked for once, in time, and never too early."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import ABSENT, DONE, NO_DRAFTS, NOT_SENT, RATE, REFUSED, UNSURE, Engine, make_engine, shows
from service import Clock

from broadcaster.channels import Fact, Outcome, Reason, Step

FACEBOOK = ["facebook"]
OTHER = Outcome(Fact.DONE, remote_id="100200300_8")


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def published_after_a_lost_draft(engine: Engine) -> None:
    """Publish to Facebook with a second draft, because the answer to the first one was lost."""
    engine.send(channels=FACEBOOK)
    again = engine.settle(engine.taken("facebook"), UNSURE)
    assert again is not None and again.step is Step.DRAFT
    engine.settle(again, DONE)
    engine.clock.advance(7)
    engine.play()
    assert engine.row()["state"] == "published"


def published_twice(engine: Engine) -> None:
    """Let a post be asked for again where looking failed for a quarter of an hour: the playbook prefers a duplicate."""
    engine.send(channels=FACEBOOK)
    engine.play({Step.DRAFT: NO_DRAFTS, Step.POST: UNSURE, Step.SEARCH: NOT_SENT})
    for _ in range(40):
        engine.clock.advance(60)
        engine.play({Step.DRAFT: NO_DRAFTS, Step.POST: OTHER, Step.SEARCH: NOT_SENT})
        if engine.row()["state"] == "published":
            return
    raise AssertionError(engine.row())


def due(engine: Engine) -> Step | None:
    """Return the step that is due for the Facebook delivery now, after the worker's round of tidying up."""
    engine.outbox().tidy()
    claim = engine.claim("facebook")
    return claim.step if claim else None


class TestOrphanDrafts:
    """A draft nobody recorded is invisible; it is removed so that nobody publishes it by hand in a year."""

    def test_an_orphan_is_swept_when_the_delivery_has_ended_and_the_grace_is_over(self, engine: Engine) -> None:
        """Not before: until then the call that made it may still arrive."""
        published_after_a_lost_draft(engine)
        engine.clock.advance(300)
        assert due(engine) is None
        engine.clock.advance(60)
        assert due(engine) is Step.SWEEP

    def test_the_sweep_changes_nothing_the_public_or_the_board_sees(self, engine: Engine) -> None:
        """Published it was, published it is, with the same receipt and address; and it is done once."""
        published_after_a_lost_draft(engine)
        before = engine.row()
        engine.clock.advance(400)
        engine.outbox().tidy()
        engine.play()
        after = engine.row()
        assert after["swept_at"] == engine.now
        assert [after[name] for name in ("state", "receipt", "url", "remote_id", "ended_at")] == [
            before[name] for name in ("state", "receipt", "url", "remote_id", "ended_at")
        ]
        assert due(engine) is None

    def test_where_every_draft_was_recorded_nothing_is_asked(self, engine: Engine) -> None:
        """Most deliveries leave nothing behind, and Facebook counts every question."""
        engine.send(channels=FACEBOOK)
        engine.play()
        engine.clock.advance(400)
        assert due(engine) is None
        assert engine.row()["swept_at"] == engine.now

    def test_a_recorded_draft_of_what_expired_is_deleted(self, engine: Engine) -> None:
        """Nobody will publish it any more; and then it is looked whether another one is left."""
        engine.send(channels=FACEBOOK)
        publish = engine.settle(engine.taken("facebook"), DONE)
        assert publish is not None
        engine.settle(publish, RATE)
        engine.clock.advance(7 * 3600)
        assert engine.claim("facebook") is None
        assert engine.row()["state"] == "expired"
        assert due(engine) is Step.WITHDRAW
        engine.clock.advance(60)
        engine.play()
        engine.clock.advance(400)
        assert due(engine) is Step.SWEEP
        assert engine.row()["state"] == "expired"

    def test_a_draft_made_after_a_doubt_that_was_cleared_is_deleted_too(self, engine: Engine) -> None:
        """The first publication was in doubt and proved absent; the second draft was never published."""
        engine.send(channels=FACEBOOK)
        engine.settle(engine.taken("facebook"), DONE)
        made_again = {"ever_unsure": True, "risked": True, "unsure_since": None, "unsure_last": None}
        engine.write(engine.row(), state="expired", step=None, next_attempt_at=None, lease_until=None, lease_by=None,
                     **made_again)  # fmt: skip
        engine.clock.advance(400)
        assert due(engine) is Step.WITHDRAW

    def test_what_a_person_closed_in_doubt_is_never_taken_down_behind_their_back(self, engine: Engine) -> None:
        """Nobody knew whether it was public; closing the task is no wish to have it removed."""
        sent = engine.send(channels=FACEBOOK)
        for _ in range(3):
            engine.play({Step.PUBLISH: UNSURE, Step.LOOK: REFUSED})
            engine.clock.advance(5)
        assert engine.row()["state"] == "needs_person" and engine.row()["unsure_since"] is not None
        engine.acknowledge(sent, reason="sidan går inte att nå")
        assert (engine.row()["state"], engine.row()["unsure_since"]) == ("failed", None)
        engine.clock.advance(400)
        assert due(engine) is None

    def test_what_a_dead_worker_was_saying_is_never_resumed_by_the_sweep(self, engine: Engine) -> None:
        """Its draft was lost with it, the first was stopped, and a person closed it: tidying up says nothing again."""
        first = engine.send(channels=FACEBOOK)
        engine.taken("facebook", worker="dead")
        engine.send("correction", first["incident"], channels=FACEBOOK)
        engine.acknowledge(first, reason="Den ligger inte ute.")
        assert engine.row(number=1)["state"] == "failed"
        steps = []
        for _ in range(6):
            engine.clock.advance(400)
            engine.outbox().tidy()
            for claim in engine.outbox().claim("w"):
                if claim.post.mark.endswith("/1"):
                    steps.append(claim.step)
                engine.settle(claim, ABSENT)
        assert steps == [Step.SWEEP]

    def test_an_open_delivery_is_never_swept(self, engine: Engine) -> None:
        """Its draft may be the one that is about to be published."""
        engine.send(channels=FACEBOOK)
        engine.settle(engine.taken("facebook"), UNSURE)
        steps = []
        for _ in range(10):
            engine.clock.advance(400)
            steps.append(due(engine))
        assert Step.DRAFT in steps and Step.SWEEP not in steps

    def test_a_sweep_that_fails_is_tried_again_and_not_for_ever(self, engine: Engine) -> None:
        """An invisible draft is no reason to wake anybody."""
        published_after_a_lost_draft(engine)
        for _ in range(20):
            engine.clock.advance(400)
            engine.outbox().tidy()
            engine.play({Step.SWEEP: NOT_SENT})
        assert engine.row()["swept_at"] is not None
        assert engine.parts.board.alarms() == []

    def test_a_refused_deletion_is_asked_for_again_when_the_token_is_back(self, engine: Engine) -> None:
        """A draft that stays could be published by hand in a year."""
        published_after_a_lost_draft(engine)
        engine.clock.advance(400)
        engine.outbox().tidy()
        engine.play({Step.SWEEP: REFUSED})
        engine.clock.advance(899)
        assert due(engine) is None
        engine.clock.advance(2)
        assert due(engine) is Step.SWEEP

    def test_a_worker_that_dies_in_a_sweep_leaves_it_to_the_next(self, engine: Engine) -> None:
        """Taking the same things away twice does no harm."""
        published_after_a_lost_draft(engine)
        engine.clock.advance(400)
        assert due(engine) is Step.SWEEP
        engine.clock.advance(60)
        assert due(engine) is Step.SWEEP
        assert engine.row()["state"] == "published"


class TestTheLateLook:
    """Where a second post was risked, one of two is taken away as soon as looking works again."""

    def test_the_first_copy_is_kept_because_people_have_shared_it(self, engine: Engine) -> None:
        """The receipt then names that one, and the other is taken away."""
        published_twice(engine)
        assert engine.row()["risked"] and engine.row()["remote_id"] == "100200300_8"
        engine.clock.advance(400)
        engine.outbox().tidy()
        search = engine.taken("facebook")
        assert search.step is Step.SEARCH
        first = Outcome(Fact.DONE, remote_id="100200300_1", words=search.post.words, public=True, others=1)
        sweep = engine.settle(search, first)
        assert sweep is not None and (sweep.step, sweep.post.remote_id) == (Step.SWEEP, "100200300_1")
        engine.settle(sweep, Outcome(Fact.DONE, others=1))
        row = engine.row()
        assert (row["state"], row["remote_id"], row["receipt"]["id"]) == ("published", "100200300_1", "100200300_1")

    def test_a_copy_that_cannot_be_looked_for_is_left_to_a_person(self, engine: Engine) -> None:
        """The page may show it twice, and only a person can see that now."""
        published_twice(engine)
        assert engine.parts.board.alarms() == []
        engine.clock.advance(400)
        engine.outbox().tidy()
        engine.play({Step.SEARCH: REFUSED})
        assert (engine.row()["state"], engine.row()["step"]) == ("published", "search")  # and it is tried again
        assert len(engine.parts.board.alarms()) == 1

    def test_an_absence_that_was_no_proof_is_looked_at_again(self, engine: Engine) -> None:
        """The list did not show the first post within the grace, so a second was made; the late look finds both."""
        engine.send(channels=FACEBOOK)
        engine.play({Step.DRAFT: NO_DRAFTS, Step.POST: UNSURE, Step.SEARCH: ABSENT})
        for _ in range(10):
            engine.clock.advance(60)
            engine.play({Step.DRAFT: NO_DRAFTS, Step.SEARCH: ABSENT})
        assert engine.row()["state"] == "published" and engine.row()["risked"]
        engine.clock.advance(400)
        assert due(engine) is Step.SEARCH


class TestTakingDownWhatMayBeTwo:
    """A recall where a second copy was risked goes on until none is left."""

    def test_every_copy_is_taken_down(self, engine: Engine) -> None:
        """One after the other, until the search finds none."""
        published_twice(engine)
        message = engine.message(engine.row()["message_id"])
        engine.recall(message)
        taken: list[str | None] = []
        left = ["100200300_1"]
        following = engine.taken("facebook")
        for _ in range(8):
            if following.step is Step.WITHDRAW:
                taken.append(following.post.remote_id)
                got = Outcome(Fact.DONE, Reason.NONE, remote_id=following.post.remote_id)
            else:
                assert following.step is Step.SEARCH
                found = left.pop() if left else None
                got = Outcome(Fact.DONE, remote_id=found, words=following.post.words, public=True) if found else ABSENT
            again = engine.settle(following, got)
            if again is None:
                engine.clock.advance(60)
                again = engine.claim("facebook")
            if again is None:
                break
            following = again
        assert taken == ["100200300_8", "100200300_1"]
        assert engine.row()["state"] == "withdrawn"

    def test_a_list_that_still_shows_what_is_gone_is_not_asked_in_a_circle(self, engine: Engine) -> None:
        """Stale lists are waited for, ever longer."""
        published_twice(engine)
        engine.recall(engine.message(engine.row()["message_id"]))
        calls = engine.row()["attempts"]
        for _ in range(60):
            claim = engine.claim("facebook")
            if claim is not None:
                gone = Outcome(Fact.DONE, Reason.GONE)
                engine.settle(claim, gone if claim.step is Step.WITHDRAW else shows(claim))
            engine.clock.advance(5)
        assert engine.row()["attempts"] - calls < 45
