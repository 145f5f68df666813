"""The order of an incident's messages, read from the rows as they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import DONE, UNSURE, Engine, make_engine
from service import Clock
from stopping import NOTICE, in_state

from broadcaster.order import Turn
from broadcaster.turns import has_successor, turn_of


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def turn(engine: Engine, channel: str, number: int) -> Turn:
    with engine.parts.store.reading() as transaction:
        return turn_of(transaction, engine.row(channel, number=number))


@pytest.mark.parametrize("channel", ["facebook", "1177_notice"])
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("retrying", Turn.WAIT),
        ("sending", Turn.WAIT),
        ("uncertain", Turn.WAIT),
        ("published", Turn.GO),
        ("needs_person", Turn.GO),
    ],
)
def test_an_update_waits_for_what_it_updates(engine: Engine, channel: str, state: str, expected: Turn) -> None:
    first = in_state(engine, channel, state)
    engine.send("update", first["incident"], channels=[channel])
    assert turn(engine, channel, 1) is Turn.GO
    assert turn(engine, channel, 2) is expected


def test_a_call_that_told_its_attempt_and_not_yet_its_row_counts_as_public(engine: Engine) -> None:
    """The all-clear is not skipped: the first may be read by everybody."""
    first = engine.send(channels=NOTICE)
    claim = engine.taken("1177_notice")
    engine.send("all_clear", first["incident"], channels=NOTICE)
    assert turn(engine, "1177_notice", 2) is Turn.WAIT
    engine.settle(claim, DONE)
    assert turn(engine, "1177_notice", 2) is Turn.GO


def test_the_successor_of_an_object_is_the_newer_message_that_speaks_or_spoke(engine: Engine) -> None:
    """A last look for the older one would bring its words back."""
    first = in_state(engine, "1177_notice", "published")
    with engine.parts.store.reading() as transaction:
        assert not has_successor(transaction, engine.row("1177_notice", number=1))
    engine.send("update", first["incident"], channels=NOTICE)
    engine.settle(engine.taken("1177_notice"), UNSURE)
    with engine.parts.store.reading() as transaction:
        assert has_successor(transaction, engine.row("1177_notice", number=1))
        assert not has_successor(transaction, engine.row("1177_notice", number=2))
