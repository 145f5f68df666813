"""What the public could read is kept before it is replaced, changed or taken down."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import Engine, make_engine
from service import Clock
from sqlalchemy import select
from stopping import FACEBOOK, NOTICE, in_state

from broadcaster import audit
from broadcaster.tables import public_copy


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def kept(engine: Engine) -> list[dict[str, Any]]:
    """Return every copy, oldest first."""
    with engine.parts.store.reading() as transaction:
        rows = transaction.execute(select(public_copy).order_by(public_copy.c.kept_at, public_copy.c.id))
        return [dict(row) for row in rows.mappings()]


@pytest.mark.parametrize("phase", ["correction", "false_alarm", "all_clear"])
@pytest.mark.parametrize("channel", [*FACEBOOK, *NOTICE])
def test_the_words_before_a_correction_are_kept_as_they_were(engine: Engine, channel: str, phase: str) -> None:
    """A year later an inquiry asks what stood there before; the log carries their digest too."""
    first = in_state(engine, channel, "published")
    before = engine.row(channel)
    engine.clock.advance(60)
    engine.send(phase, first["incident"], channels=[channel])
    (copy,) = kept(engine)
    assert (copy["words"], copy["delivery_id"], copy["url"]) == (before["words"], before["id"], before["url"])
    assert (copy["kept_at"], copy["read_at"]) == (engine.now, before["seen_at"])
    (entry,) = [one for one in engine.entries() if one["type"] == "copy:kept"]
    assert entry["words"] == audit.digest_of(before["words"]) and entry["copy"] == copy["id"]


@pytest.mark.parametrize("channel", [*FACEBOOK, *NOTICE])
def test_a_recall_keeps_what_it_takes_down(engine: Engine, channel: str) -> None:
    first = in_state(engine, channel, "published")
    words = engine.row(channel)["words"]
    engine.recall(first)
    assert [copy["words"] for copy in kept(engine)] == [words]


def test_a_line_at_the_top_is_kept_too_when_it_is_taken_away_again(engine: Engine) -> None:
    """The first post carried the correction's line until the correction was recalled: both versions are kept."""
    first = in_state(engine, "facebook", "published")
    plain = engine.row(number=1)["words"]
    correction = engine.send("correction", first["incident"], channels=FACEBOOK)
    engine.play()
    engine.clock.advance(1)
    topped = engine.row(number=1)["words"]
    engine.recall(correction)
    own = [copy["words"] for copy in kept(engine) if copy["delivery_id"] == engine.row(number=1)["id"]]
    assert topped != plain and own == [plain, topped]


@pytest.mark.parametrize("state", ["retrying", "uncertain", "needs_person"])
def test_what_was_never_read_back_is_no_copy(engine: Engine, state: str) -> None:
    """Only a receipt says that the public had these words."""
    first = in_state(engine, "facebook", state)
    engine.recall(first)
    assert kept(engine) == []
