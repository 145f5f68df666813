"""An alarm never tells anybody to spread words that were recalled or replaced, and a new reason is always told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import NOT_SENT, REFUSED, UNSURE, Engine, make_engine
from service import Clock
from sqlalchemy import select

from broadcaster import unconfirmed
from broadcaster.channels import Fact, Outcome, Reason
from broadcaster.standing import State
from broadcaster.tables import alarm as alarm_table

NAMES = ("P4", "Arvika", "Torsby")
LETTERS = {
    "kind": "email",
    "host": "127.0.0.1",
    "security": "none",
    "sender": "kris@region.example",
    "recipients": [{"name": name, "address": f"{name.lower()}@elsewhere.example"} for name in NAMES],
}
TOKEN = Outcome(Fact.REFUSED, Reason.TOKEN, status=401)
#: What no alarm may say of words that are not to be spread.
SPREADING = (
    "ublicera för hand",
    "ublish by hand",
    "andra kanalerna",
    "other channels",
    "Hör av dig till dem på annat sätt",
    "Contact them in another way",
)


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine with one list of three, whose channels the test answers for."""
    channels = {
        "own_web": {"kind": "own_web"},
        "intranet": LETTERS,
        "1177_notice": {"kind": "content_management", "base_url": "http://127.0.0.1:9", "parent": "4711"},
    }
    made = make_engine(tmp_path, clock, channels=channels)
    yield made
    made.parts.store.close()


def send(engine: Engine, channel: str, phase: str = "first", incident: str | None = None) -> dict[str, Any]:
    return engine.send(phase, incident, playbook="allman-handelse", channels=[channel])


def ringing(engine: Engine) -> list[str]:
    """Return what is being told now, in both languages."""
    with engine.parts.store.reading() as transaction:
        open_ones = select(alarm_table.c.text).where(alarm_table.c.answered_at.is_(None)).order_by(
            alarm_table.c.raised_at
        )
        return [f"{text['sv']} {text['en']}" for text in transaction.execute(open_ones).scalars()]


def spreading(told: list[str]) -> list[str]:
    return [words for words in told if any(one in words for one in SPREADING)]


def away(engine: Engine, channel: str) -> None:
    """Let nothing be sent, until the next attempt is some time away."""
    claim = engine.claim(channel)
    while claim is not None:
        claim = engine.settle(claim, NOT_SENT)


class TestLetters:
    def failed_for_two(self, engine: Engine) -> dict[str, Any]:
        """Send a letter that one has, one may have and one has not; people are told to reach the two."""
        first = send(engine, "intranet")
        claim = engine.taken("intranet")
        for got in (Outcome(Fact.DONE, Reason.NONE), UNSURE, REFUSED):
            assert claim is not None
            claim = engine.settle(claim, got)  # type: ignore[assignment]
        assert len(spreading(ringing(engine))) == 1
        return first

    def test_after_a_recall_nobody_is_told_to_pass_it_on(self, engine: Engine) -> None:
        """The alarm says instead that it was sent, cannot be taken back, and who must hear what."""
        engine.recall(self.failed_for_two(engine))
        (told,) = ringing(engine)
        assert "går inte att ta tillbaka" in told and "cannot be taken back" in told
        assert not spreading([told])

    def test_after_a_correction_only_the_correction_is_to_be_passed_on(self, engine: Engine) -> None:
        first = self.failed_for_two(engine)
        send(engine, "intranet", "correction", first["incident"])
        assert ringing(engine) == []

    def test_after_a_recall_an_expired_letter_is_not_passed_on_either(self, engine: Engine) -> None:
        first = send(engine, "intranet")
        away(engine, "intranet")
        engine.clock.advance(7 * 3600)
        engine.play()
        assert engine.row("intranet")["state"] == "expired" and spreading(ringing(engine))
        engine.recall(first)
        assert not spreading(ringing(engine))


class TestOtherChannels:
    def refused(self, engine: Engine) -> dict[str, Any]:
        first = send(engine, "1177_notice")
        engine.settle(engine.taken("1177_notice"), TOKEN)
        assert spreading(ringing(engine))
        return first

    def test_a_recall_ends_the_call_to_publish_by_hand(self, engine: Engine) -> None:
        engine.recall(self.refused(engine))
        assert ringing(engine) == []

    def test_a_withdrawal_that_fails_says_take_down_and_never_publish(self, engine: Engine) -> None:
        first = send(engine, "1177_notice")
        engine.play()
        engine.recall(first)
        engine.settle(engine.taken("1177_notice"), TOKEN)
        (told,) = ringing(engine)
        assert "Ta bort det för hand" in told and "Take it down by hand" in told
        assert not spreading([told])

    def test_a_new_reason_is_told_although_the_old_alarm_is_unanswered(self, engine: Engine) -> None:
        """After a minute "do not publish by hand yet"; when the key is dead, "publish by hand now"."""
        send(engine, "1177_notice")
        away(engine, "1177_notice")
        engine.clock.advance(61)
        engine.outbox().overdue()
        assert "inte för hand" in ringing(engine)[0]
        engine.settle(engine.taken("1177_notice"), TOKEN)
        (told,) = ringing(engine)
        assert "godtar inte vår nyckel" in told

    def test_the_same_reason_twice_is_one_alarm(self, engine: Engine) -> None:
        send(engine, "1177_notice")
        away(engine, "1177_notice")
        engine.clock.advance(61)
        engine.outbox().overdue()
        engine.outbox().overdue()
        assert len(ringing(engine)) == 1

    def test_a_receipt_that_came_at_last_ends_the_alarm_and_the_log_says_what_overtook_it(self, engine: Engine) -> None:
        send(engine, "1177_notice")
        away(engine, "1177_notice")
        engine.clock.advance(61)
        engine.outbox().overdue()
        engine.play()
        assert engine.row("1177_notice")["state"] == "published"
        assert ringing(engine) == []
        (entry,) = [one for one in engine.entries() if one["type"] == "alarm:overtaken"]
        assert entry["cause"] == "published"

    def test_nobody_is_thanked_for_an_alarm_that_nobody_took(self, engine: Engine) -> None:
        engine.recall(self.refused(engine))
        with engine.parts.store.reading() as transaction:
            rows = transaction.execute(select(alarm_table)).mappings().all()
        assert [(row["thanks_at"], row["next_at"], row["answered_by"][:10]) for row in rows] == [
            (None, None, "overtaken:")
        ]

    def test_whoever_asks_for_another_try_ends_the_call_to_do_it_by_hand(self, engine: Engine) -> None:
        first = self.refused(engine)
        engine.retry(first, "1177_notice")
        assert ringing(engine) == []


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("way", ["upsert", "draft", "post", "letter", "person"])
def test_what_is_to_be_taken_down_is_never_to_be_spread(reason: Reason, state: State, way: str) -> None:
    row = {"intent": "withdraw", "state": str(state), "way": way, "channel": "facebook", "ever_unsure": True}
    error = {"reason": str(reason), "letter": {"accepted": 1, "total": 3, "missed": ["A"], "unsure": ["B"]}}
    for known in (None, error if way == "letter" else None):
        said = unconfirmed.meaning({**row, "error": known}, reason)
        assert not spreading([said.sv, said.en])
