"""What the newest words of an incident promise, exactly as they say it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import Engine, make_engine
from service import Clock
from sqlalchemy import select, update
from test_by_hand import ago, entry

from broadcaster import promises, vigil
from broadcaster.promises import Promise
from broadcaster.tables import incident as incident_table
from broadcaster.tables import snapshot as snapshot_table

MINUTE = 60
HOUR = 60 * MINUTE
WEB = ["own_web"]


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def promise(engine: Engine) -> Promise | None:
    with engine.parts.store.reading() as transaction:
        row = transaction.execute(select(incident_table)).mappings().one()
        return promises.promise_of(transaction, dict(row))


def due(engine: Engine) -> str | None:
    """Return the local clock of what is promised."""
    found = promise(engine)
    return f"{found.due.astimezone(found.zone):%H.%M}" if found and found.due else None


def kinds(engine: Engine) -> list[str]:
    vigil.watch(engine.parts.store)
    return [one.kind for one in engine.parts.board.alarms() if one.kind in vigil.KINDS]


class TestWhatIsPromised:
    @pytest.mark.parametrize("phase", ["first", "update", "correction"])
    def test_it_is_due_exactly_when_the_public_words_say(self, engine: Engine, phase: str) -> None:
        first = engine.send(channels=WEB)
        engine.clock.advance(7 * MINUTE)
        if phase != "first":
            engine.send(phase, first["incident"], channels=WEB)
        newest = engine.parts.board.public_messages(first["incident"])[0]
        found = promise(engine)
        assert found is not None
        assert found.due == newest.next_due
        assert f"kl. {due(engine)}" in newest.words

    def test_the_newest_words_count_and_recalled_ones_do_not(self, engine: Engine) -> None:
        first = engine.send(channels=WEB)
        engine.clock.advance(30 * MINUTE)
        second = engine.send("update", first["incident"], channels=WEB)
        assert due(engine) == "04.15"
        engine.recall(second)
        assert due(engine) == "03.45"

    def test_what_waits_for_a_yes_keeps_no_promise(self, engine: Engine) -> None:
        first = engine.send(channels=WEB)
        engine.clock.advance(HOUR + 5 * MINUTE)
        engine.send("update", first["incident"], channels=WEB, sentence="Felet gäller bara mobiltelefoner.")
        assert due(engine) == "03.45"
        assert kinds(engine) == ["late"]

    def test_words_put_out_by_hand_promise_from_when_they_were_put_out(self, engine: Engine) -> None:
        """Pasted from paper at 02.40 and entered at 04.40: the time in those words has passed."""
        engine.clock.advance(2 * HOUR)
        engine.parts.broadcasts.enter_by_hand(entry(engine), engine.anna, "k")
        assert due(engine) == "03.45"
        assert kinds(engine) == ["late"]

    def test_a_day_is_counted_from_when_a_message_by_hand_was_entered(self, engine: Engine) -> None:
        """Who enters yesterday's message is not told at once that the incident is forgotten."""
        engine.clock.advance(30 * HOUR)
        body = entry(engine, done_at=ago(engine, 29 * 60))
        engine.parts.broadcasts.enter_by_hand(body, engine.anna, "k")
        assert kinds(engine) == ["late"]
        engine.clock.advance(24 * HOUR)
        assert "forgotten" in kinds(engine)

    def test_forged_words_promise_nothing_and_are_still_not_forgotten(self, engine: Engine) -> None:
        engine.send(channels=WEB)
        with engine.parts.store.transaction() as transaction:
            transaction.execute(update(snapshot_table).values(content=b"{}"))
        assert due(engine) is None
        engine.clock.advance(23 * HOUR)
        assert "late" not in kinds(engine)
        engine.clock.advance(HOUR)
        assert kinds(engine) == ["forgotten"]
