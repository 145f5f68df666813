"""The wall clock is set while calls run: no live lease looks ended, no fresh doubt looks old, and a person hears."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from engine import NOT_SENT, UNSURE, Engine, make_engine
from service import Clock
from sqlalchemy import select

from broadcaster.channels import Step
from broadcaster.clock_steps import Steps
from broadcaster.outbox import Outbox
from broadcaster.proof import Proof
from broadcaster.tables import alarm as alarm_table


class Machine:
    """A machine whose own clock goes on by itself, while its wall clock may be set."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.since_start = engine, 5000.0
        self.outbox = self.restarted()

    def restarted(self) -> Outbox:
        """Return the outbox of another process on the same machine."""
        settings = self.engine.parts.settings
        proof = Proof(settings.organisation.base_url)
        steps = Steps(settings.delivery, lambda: self.since_start)
        return Outbox(self.engine.parts.store, settings.delivery, proof, luck=lambda: 0.5, steps=steps)

    def passes(self, seconds: float) -> None:
        """Let time pass, on both clocks."""
        self.since_start += seconds
        self.engine.clock.advance(seconds)

    def set(self, seconds: float) -> None:
        """Set the wall clock, and nothing else."""
        self.engine.clock.advance(seconds)


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


@pytest.fixture
def machine(engine: Engine) -> Machine:
    """Return a machine whose worker has already looked once for work."""
    made = Machine(engine)
    assert made.outbox.claim("w1") == []
    return made


def alarms(engine: Engine) -> list[str]:
    with engine.parts.store.reading() as transaction:
        found = select(alarm_table.c.text).where(alarm_table.c.kind == "clock")
        return [f"{text['sv']} {text['en']}" for text in transaction.execute(found).scalars()]


def lease_left(engine: Engine) -> timedelta:
    left: timedelta = engine.row("facebook")["lease_until"] - engine.clock.now()
    return left


class TestForward:
    @pytest.mark.parametrize("seconds", [10, 61, 600, 3600])
    def test_a_running_call_is_not_made_by_another_worker_too(
        self, engine: Engine, machine: Machine, seconds: float
    ) -> None:
        engine.send("first", channels=["facebook"])
        (claim,) = machine.outbox.claim("w1")
        machine.set(seconds)
        assert machine.outbox.claim("w2") == []
        machine.passes(engine.parts.settings.delivery.lease_s - 0.5)
        assert machine.outbox.claim("w2") == []
        machine.passes(1)
        (taken,) = machine.outbox.claim("w2")
        assert taken.delivery_id == claim.delivery_id and taken.step is not Step.POST

    def test_a_process_that_started_after_the_step_knows_of_it_too(self, engine: Engine, machine: Machine) -> None:
        engine.send("first", channels=["facebook"])
        machine.outbox.claim("w1")
        machine.set(600)
        assert machine.restarted().claim("w2") == []

    def test_a_fresh_doubt_stays_fresh_for_the_whole_grace(self, engine: Engine, machine: Machine) -> None:
        engine.send("first", channels=["1177_notice"])
        (claim,) = machine.outbox.claim("w1")
        following = machine.outbox.settle(claim, UNSURE, "w1")
        while following is not None:
            following = machine.outbox.settle(following, NOT_SENT, "w1")
        before = engine.row("1177_notice")["unsure_last"]
        machine.passes(0.5)
        machine.set(600)
        machine.outbox.claim("w1")
        assert engine.row("1177_notice")["unsure_last"] == before + timedelta(seconds=600)

    def test_two_machines_that_see_the_same_step_never_make_a_lease_longer_than_a_new_one(
        self, engine: Engine, machine: Machine
    ) -> None:
        """Each has a clock of its own since its start, so each sees it by itself."""
        other = Machine(engine)
        settings = engine.parts.settings
        other.since_start = 77.0
        other.outbox.steps = Steps(settings.delivery, lambda: other.since_start, boot="another")
        other.outbox.claim("w2")
        engine.send("first", channels=["facebook"])
        machine.outbox.claim("w1")
        machine.set(600)
        for outbox in (machine.outbox, other.outbox):
            outbox.claim("w3")
            assert lease_left(engine) == timedelta(seconds=settings.delivery.lease_s)

    def test_a_person_hears_what_it_means_and_what_to_do(self, engine: Engine, machine: Machine) -> None:
        machine.set(420)
        machine.outbox.claim("w1")
        machine.outbox.claim("w1")
        (told,) = alarms(engine)
        assert "7 min" in told and "NTP" in told and "två gånger" in told
        assert [one["seconds"] for one in engine.entries() if one["type"] == "clock:stepped"] == [420]

    def test_a_small_step_wakes_nobody(self, engine: Engine, machine: Machine) -> None:
        machine.set(5)
        machine.outbox.claim("w1")
        assert alarms(engine) == []


class TestBackward:
    def test_what_a_dead_worker_held_is_taken_over_after_a_lease_and_not_after_an_hour(
        self, engine: Engine, machine: Machine
    ) -> None:
        engine.send("first", channels=["facebook"])
        machine.outbox.claim("w1")
        machine.set(-3600)
        assert machine.outbox.claim("w2") == []
        assert lease_left(engine) == timedelta(seconds=engine.parts.settings.delivery.lease_s)

    def test_what_waits_comes_neither_early_nor_an_hour_late(self, engine: Engine, machine: Machine) -> None:
        engine.send("first", channels=["facebook"])
        (claim,) = machine.outbox.claim("w1")
        machine.outbox.settle(claim, UNSURE, "w1")
        row = engine.row("facebook")
        waits = row["next_attempt_at"] - engine.clock.now()
        machine.set(-3600)
        machine.outbox.claim("w1")
        row = engine.row("facebook")
        held = row["lease_until"] is not None
        assert held or row["next_attempt_at"] - engine.clock.now() == waits

    def test_a_message_gets_no_more_time_in_silence(self, engine: Engine, machine: Machine) -> None:
        """Until when its words may be said is a time people know; it stays, and a person hears of the clock."""
        engine.send("first", channels=["facebook"])
        before = engine.row("facebook")["not_after"]
        machine.set(-600)
        machine.outbox.claim("w1")
        assert engine.row("facebook")["not_after"] == before
        assert "10 min" in alarms(engine)[0]


def test_time_that_only_passes_is_no_step(engine: Engine, machine: Machine) -> None:
    machine.passes(86_400)
    machine.outbox.claim("w1")
    assert [one for one in engine.entries() if one["type"] == "clock:stepped"] == []


def test_while_nobody_knows_how_old_things_are_nothing_is_tidied_up(engine: Engine, machine: Machine) -> None:
    rules = engine.parts.settings.delivery
    with engine.parts.store.transaction() as transaction:
        assert machine.outbox.steps.quiet_s(transaction) == rules.grace_s + rules.lease_s
    machine.set(600)
    with engine.parts.store.transaction() as transaction:
        assert machine.outbox.steps.quiet_s(transaction) is None
    machine.passes(rules.grace_s + rules.lease_s + 1)
    with engine.parts.store.transaction() as transaction:
        assert machine.outbox.steps.quiet_s(transaction) == rules.grace_s + rules.lease_s
