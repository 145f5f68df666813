"""What waits too long is told to a person, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import RATE, Engine, make_engine
from service import Clock
from stopping import FACEBOOK, NOTICE


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def test_after_a_minute_without_a_receipt_a_person_is_told_once(engine: Engine) -> None:
    """At sixty seconds, not at fifty-nine, and not again every second."""
    engine.send(channels=FACEBOOK)
    engine.settle(engine.taken("facebook"), RATE)
    engine.clock.advance(59)
    assert engine.outbox().overdue() == 0
    engine.clock.advance(1)
    assert [engine.outbox().overdue(), engine.outbox().overdue()] == [1, 0]
    assert len(engine.parts.board.alarms()) == 1


def test_a_task_is_told_of_when_its_deadline_has_passed(tmp_path: Path, clock: Clock) -> None:
    """A person has half an hour; then others hear of it."""
    channels = {"1177_notice": {"kind": "manual", "assignee": "redaktör", "deadline_minutes": 30}}
    engine = make_engine(tmp_path, clock, channels=channels)
    engine.send(channels=NOTICE)
    clock.advance(29 * 60)
    assert engine.outbox().overdue() == 0
    clock.advance(60)
    assert engine.outbox().overdue() == 1
    engine.parts.store.close()


def test_a_new_first_line_that_hangs_is_told_of_too(engine: Engine) -> None:
    """It is owed since the correction that calls for it, not since the post it changes."""
    first = engine.send(channels=FACEBOOK)
    engine.play()
    engine.clock.advance(3600)
    engine.send("correction", first["incident"], channels=FACEBOOK)
    for claim in engine.outbox().claim("w"):
        engine.settle(claim, RATE)
    engine.clock.advance(59)
    assert engine.outbox().overdue() == 0
    engine.clock.advance(2)
    assert engine.outbox().overdue() == 2
