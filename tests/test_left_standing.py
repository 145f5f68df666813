"""Nothing stands for ever: what an ending does not reach is taken down, and whoever sends it is told beforehand."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from engine import Engine, make_engine
from service import Clock
from sqlalchemy import select

from broadcaster.channels import Fact, Outcome, Reason, Step
from broadcaster.order import ENDING_LIFE
from broadcaster.tables import alarm

PHONE, NOTICE, BOTH = "1177_phone", "1177_notice", ["1177_notice", "1177_phone"]
DOWN = {"state": "withdrawn", "intent": "withdraw"}


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


@pytest.fixture
def by_hand(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose notice a person pastes."""
    channels = {"own_web": {"kind": "own_web"}, NOTICE: {"kind": "manual", "assignee": "redaktör"}}
    made = make_engine(tmp_path, clock, channels=channels)
    yield made
    made.parts.store.close()


def state(engine: Engine, channel: str, number: int = -1) -> dict[str, str]:
    row = engine.row(channel, number=number)
    return {"state": row["state"], "intent": row["intent"]}


def languages(engine: Engine) -> int:
    """Return in how many languages the announcement is made."""
    return sum(bool(engine.rows(PHONE, language)) for language in ("sv", "en"))


def warned(engine: Engine, phase: str, ref: str, channels: list[str], **more: object) -> list[str]:
    body = {**engine.body(phase, ref, channels=channels), **more}
    shown = engine.parts.broadcasts.preview(body, engine.anna)
    assert len(shown["warnings"]) == len(shown["warnings_en"])
    return [one for one in shown["warnings"] if "beskedet går inte dit" in one or "rättelsen går inte dit" in one]


@pytest.mark.parametrize("phase", ["all_clear", "false_alarm"])
@pytest.mark.parametrize("channel", [PHONE, NOTICE, "1177_article"])
def test_an_ending_that_leaves_a_channel_out_takes_down_what_stands_there(
    engine: Engine, phase: str, channel: str
) -> None:
    """Callers are not told for ever that 1177 cannot be reached, because nobody ticked the phone at the all-clear."""
    first = engine.send(channels=[channel, "facebook"])
    engine.play()
    engine.send(phase, first["incident"], channels=["facebook"])
    assert state(engine, channel) == {"state": "owed", "intent": "withdraw"}
    engine.play()
    assert state(engine, channel) == DOWN
    assert state(engine, "facebook")["state"] == "published"


def test_only_the_newest_words_of_a_place_are_taken_down_and_only_once(engine: Engine) -> None:
    first = engine.send(channels=BOTH)
    engine.play()
    engine.send("update", first["incident"], channels=BOTH)
    engine.play()
    engine.send("all_clear", first["incident"], channels=[NOTICE])
    engine.play()
    assert state(engine, PHONE, 1) == {"state": "published", "intent": "publish"}
    assert state(engine, PHONE, 2) == DOWN
    assert [step for step, _ in engine.attempts()].count("withdraw") == languages(engine)


def test_what_an_update_was_to_replace_is_taken_down_though_the_update_never_went_out(engine: Engine) -> None:
    first = engine.send(channels=BOTH)
    engine.play()
    engine.send("update", first["incident"], channels=BOTH)
    engine.send("all_clear", first["incident"], channels=[NOTICE])
    engine.play()
    assert state(engine, PHONE, 1) == DOWN
    assert state(engine, PHONE, 2)["state"] == "superseded"


def test_a_struck_channel_keeps_no_old_words_either(engine: Engine) -> None:
    """The all-clear says nothing on a channel that the crisis itself has struck; what stood there goes all the same."""
    first = engine.send(channels=BOTH)
    engine.play()
    engine.send("all_clear", first["incident"], channels=BOTH, affected=[PHONE])
    engine.play()
    assert state(engine, PHONE, 2)["state"] == "affected"
    assert state(engine, PHONE, 1) == DOWN


def test_what_a_person_put_up_becomes_a_task_to_take_down(by_hand: Engine) -> None:
    first = by_hand.send(channels=[NOTICE, "own_web"])
    by_hand.acknowledge(first, NOTICE, url="https://www.1177.se/Varmland/1")
    by_hand.send("all_clear", first["incident"], channels=["own_web"])
    assert state(by_hand, NOTICE) == {"state": "needs_person", "intent": "withdraw"}
    assert by_hand.row(NOTICE)["person"] == "redaktör"


def test_a_task_nobody_has_done_is_not_given_again(by_hand: Engine) -> None:
    first = by_hand.send(channels=[NOTICE, "own_web"])
    by_hand.send("all_clear", first["incident"], channels=["own_web"])
    assert state(by_hand, NOTICE) == {"state": "superseded", "intent": "publish"}


@pytest.mark.parametrize("phase", ["update", "correction"])
def test_while_the_incident_is_open_nothing_is_taken_down_that_somebody_left_out(engine: Engine, phase: str) -> None:
    first = engine.send(channels=BOTH)
    engine.play()
    engine.send(phase, first["incident"], channels=[NOTICE])
    engine.play()
    assert state(engine, PHONE) == {"state": "published", "intent": "publish"}


def test_later_words_take_the_place_of_a_withdrawal_that_has_not_been_made(engine: Engine) -> None:
    """After the all-clear a correction may still come; made after it, the withdrawal would take it down."""
    first = engine.send(channels=BOTH)
    engine.play()
    engine.send("all_clear", first["incident"], channels=[NOTICE])
    engine.play({Step.WITHDRAW: Outcome(Fact.REFUSED, Reason.RATE, wait_s=600)}, rounds=3)
    engine.send("correction", first["incident"], channels=BOTH)
    engine.clock.advance(700)
    engine.play()
    assert state(engine, PHONE, 1)["state"] == "superseded"
    assert state(engine, PHONE, 3) == {"state": "published", "intent": "publish"}


def test_a_correction_after_the_end_has_a_short_life_too(engine: Engine) -> None:
    """In place of the all-clear, which had one: it must not stand for ever where that would have gone in a day."""
    first = engine.send(channels=[PHONE])
    engine.play()
    engine.send("all_clear", first["incident"], channels=[PHONE])
    engine.play()
    engine.clock.advance(3600)
    engine.send("correction", first["incident"], channels=[PHONE])
    assert engine.taken(PHONE).post.expires_at == engine.now + ENDING_LIFE


def test_while_the_incident_is_open_nothing_has_an_end(engine: Engine) -> None:
    engine.send(channels=[PHONE])
    assert engine.taken(PHONE).post.expires_at is None


def test_a_correction_on_its_way_is_not_lost_has_an_end_and_a_person_is_told(engine: Engine) -> None:
    first = engine.send(channels=BOTH)
    engine.play()
    engine.send("correction", first["incident"], channels=BOTH)
    engine.clock.advance(5)
    engine.send("all_clear", first["incident"], channels=[NOTICE])
    with engine.parts.store.reading() as transaction:
        told = [row.text["sv"] for row in transaction.execute(select(alarm).where(alarm.c.kind == "standing"))]
    assert len(told) == languages(engine) and "en rättelse är på väg ut" in told[0]
    claim = engine.taken(PHONE)
    assert claim.step is Step.PUT and claim.post.expires_at == engine.now + timedelta(hours=24)


class TestThePreview:
    def test_it_says_what_will_be_taken_down(self, engine: Engine) -> None:
        first = engine.send(channels=BOTH)
        engine.play()
        (said,) = warned(engine, "all_clear", first["incident"], [NOTICE])
        assert said.startswith("Talsvar före 1177-kön: ") and said.endswith("När du skickar tas det som står där bort.")
        assert warned(engine, "all_clear", first["incident"], BOTH) == []
        (struck,) = warned(engine, "all_clear", first["incident"], BOTH, affected=[PHONE])
        assert struck == said

    def test_it_says_where_a_correction_leaves_the_wrong_words(self, engine: Engine) -> None:
        first = engine.send(channels=BOTH)
        engine.play()
        (said,) = warned(engine, "correction", first["incident"], [NOTICE])
        assert "det tidigare beskedet står kvar" in said
        assert warned(engine, "update", first["incident"], [NOTICE]) == []

    def test_it_says_that_a_person_will_have_to(self, by_hand: Engine) -> None:
        first = by_hand.send(channels=[NOTICE, "own_web"])
        by_hand.acknowledge(first, NOTICE, url="https://www.1177.se/Varmland/1")
        (said,) = warned(by_hand, "all_clear", first["incident"], ["own_web"])
        assert "får en person i uppgift att ta bort" in said

    def test_it_says_nothing_of_what_is_gone_already(self, engine: Engine) -> None:
        first = engine.send(channels=BOTH)
        engine.play()
        engine.recall(first)
        second = engine.send(channels=[NOTICE])
        engine.play()
        assert warned(engine, "all_clear", second["incident"], [NOTICE]) == []
