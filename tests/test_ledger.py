"""One delivery's row and the calls under it: what is written under a fence, and what is always written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from engine import DONE, RATE, Engine, make_engine
from service import Clock
from sqlalchemy import select

from broadcaster import ledger
from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.errors import LostLease
from broadcaster.ledger import Attempt
from broadcaster.standing import ENDED, Next, State
from broadcaster.tables import attempt as attempt_table


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine with one message owed to Facebook."""
    made = make_engine(tmp_path, clock)
    made.send(channels=["facebook"])
    yield made
    made.parts.store.close()


CALL = Attempt(
    "a", Step.POST, "publish", Fact.DONE, Reason.NONE, "7", can_publish=True, status=200, code=None, detail=""
)


class TestWhatACallProves:
    """Also when nobody lived to see its answer."""

    def test_an_answer_that_was_recorded_counts(self) -> None:
        """The next worker goes on with the id it brought."""
        assert CALL.outcome() == Outcome(Fact.DONE, remote_id="7", status=200)

    @pytest.mark.parametrize("step", list(Step))
    def test_an_open_call_is_uncertain_if_the_public_could_have_seen_it(self, step: Step) -> None:
        """A draft, a look or a withdrawal can have made nothing public."""
        public = step in (Step.PUT, Step.PUBLISH, Step.POST, Step.EDIT)
        died = replace(CALL, step=step, fact=None, can_publish=public)
        assert died.outcome().fact is (Fact.UNCERTAIN if public else Fact.NOT_SENT)

    @pytest.mark.parametrize("step", [Step.LOOK, Step.SEARCH])
    def test_a_look_whose_words_are_lost_was_not_made(self, step: Step) -> None:
        """ "Done" without the words it showed must never become a receipt."""
        assert replace(CALL, step=step, can_publish=False).outcome().fact is Fact.NOT_SENT


class TestTheFence:
    """Every write names the fence it was claimed under."""

    def test_an_old_fence_changes_nothing(self, engine: Engine) -> None:
        """The worker that lost its lease is told so and writes nothing."""
        row = engine.row()
        with engine.parts.store.transaction() as transaction:
            ledger.change(transaction, row, fence=row["fence"] + 1)
        with pytest.raises(LostLease), engine.parts.store.transaction() as transaction:
            ledger.change(transaction, row, state="published")
        assert engine.row()["state"] == "owed"

    def test_a_call_is_closed_once_by_whoever_comes_first(self, engine: Engine) -> None:
        """What it brought back is recorded without any fence, and never overwritten."""
        claim = engine.taken("facebook")
        with engine.parts.store.transaction() as transaction:
            assert ledger.close_attempt(transaction, claim.attempt_id, DONE)
            assert not ledger.close_attempt(transaction, claim.attempt_id, RATE)
            last = ledger.last_attempt(transaction, claim.delivery_id)
        assert last is not None and (last.fact, last.remote_id) == (Fact.DONE, DONE.remote_id)

    def test_every_call_stands_twice_in_the_log(self, engine: Engine) -> None:
        """The intent before it, the outcome after it, with the same number."""
        engine.settle(engine.taken("facebook"), RATE)
        calls = [entry for entry in engine.entries() if entry["type"].startswith("attempt:")]
        assert [entry["type"] for entry in calls] == ["attempt:opened", "attempt:closed"]
        assert {entry["attempt"] for entry in calls} == {1}
        assert calls[0]["words"].startswith("sha256:")


class TestApplying:
    """What a delivery becomes, as it is written."""

    @pytest.mark.parametrize("state", [state for state in State if state is not State.SENDING])
    def test_the_lease_is_given_back_and_the_log_says_the_state(self, engine: Engine, state: State) -> None:
        """Whatever it becomes, nobody holds it, and what has ended says when."""
        engine.taken("facebook")
        row = engine.row()
        with engine.parts.store.transaction() as transaction:
            ledger.apply(transaction, row, Next(state))
        after = engine.row()
        assert (after["state"], after["lease_by"], after["lease_until"]) == (str(state), None, None)
        assert (after["ended_at"] is not None) == (state in ENDED or state is State.NEEDS_PERSON)
        assert engine.entries()[-1]["type"] == f"delivery:{state}"

    def test_a_receipt_is_given_once_and_seen_again(self, engine: Engine, clock: Clock) -> None:
        """A second read-back renews when it was seen, never the receipt."""
        seen = Next(State.PUBLISHED, remote_id="7", receipt=True)
        for _ in range(2):
            with engine.parts.store.transaction() as transaction:
                ledger.apply(transaction, ledger.read(transaction, engine.row()["id"]), seen)
            clock.advance(60)
        row = engine.row()
        assert row["receipt"]["id"] == "7"
        assert row["seen_at"].isoformat() > row["receipt"]["at"]

    def test_once_uncertain_is_never_forgotten(self, engine: Engine) -> None:
        """The doubt of the moment is cleared; that there was one stays."""
        now = engine.now
        for since in (now, None):
            with engine.parts.store.transaction() as transaction:
                row = ledger.read(transaction, engine.row()["id"])
                ledger.apply(transaction, row, Next(State.RETRYING, Step.DRAFT, now, unsure_since=since))
        assert engine.row()["unsure_since"] is None and engine.row()["ever_unsure"]

    def test_progress_starts_the_waits_over(self, engine: Engine) -> None:
        """A draft that was made is not made to wait for the failures before it."""
        engine.write(engine.row(), tries=7)
        with engine.parts.store.transaction() as transaction:
            row = ledger.read(transaction, engine.row()["id"])
            ledger.apply(transaction, row, Next(State.RETRYING, Step.PUBLISH, engine.now, progress=True))
        assert engine.row()["tries"] == 0


def test_a_call_runs_until_it_is_closed_or_its_lease_has_ended(engine: Engine, clock: Clock) -> None:
    """Nobody else calls before; anybody may after."""
    claim = engine.taken("facebook")
    row = engine.row()
    with engine.parts.store.transaction() as transaction:
        last = ledger.last_attempt(transaction, claim.delivery_id)
        assert ledger.is_running(row, last, clock.now())
        assert not ledger.is_running(row, last, row["lease_until"] + timedelta(seconds=1))
        ledger.close_attempt(transaction, claim.attempt_id, DONE)
        assert not ledger.is_running(row, ledger.last_attempt(transaction, claim.delivery_id), clock.now())
        assert transaction.execute(select(attempt_table.c.fence)).scalar_one() == claim.fence
