"""Ten seconds to think better of it: nothing has left anywhere, and stopped means that it never was."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import Engine, make_engine
from service import Clock

from broadcaster import approval
from broadcaster.beginning import HELD_PHASES
from broadcaster.order import STOPPING

#: Gives ten seconds, and has a channel of every way: our own page, a post, notices, and a person's task.
HELD = "allman-handelse"
#: Gives none: whoever cannot reach 1177 is not kept waiting.
AT_ONCE = "telefoni-1177"


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def send(engine: Engine, playbook: str = HELD, *, watched: bool = True, **more: Any) -> dict[str, Any]:
    """Send as the page does, where somebody sees it go, or as another system does."""
    body = engine.body(playbook=playbook, **more)
    key = f"key-{engine.now.timestamp()}-{playbook}-{watched}-{body['phase']}"
    return engine.parts.broadcasts.send(body, engine.anna, key, watched=watched).json


def states(engine: Engine, message: dict[str, Any]) -> set[str]:
    return set(engine.states(message["id"]).values())


def test_nothing_leaves_anywhere_for_ten_seconds_and_then_everything_does(engine: Engine) -> None:
    message = send(engine)
    assert states(engine, message) == {"owed"}
    assert engine.parts.board.public_messages() == []
    engine.clock.advance(9)
    engine.play()
    assert states(engine, message) == {"owed"}
    assert engine.attempts() == []
    engine.clock.advance(1)
    engine.play()
    assert states(engine, message) == {"published", "needs_person"}
    assert engine.parts.board.public_messages()[0].ref == message["incident"]


def test_a_persons_task_begins_when_the_seconds_are_over_and_is_due_as_much_later(engine: Engine) -> None:
    message = send(engine)
    held = engine.row("intranet")
    engine.clock.advance(10)
    engine.play()
    assert engine.state(message["id"], "intranet") == "needs_person"
    assert engine.row("intranet")["was_task"]
    assert (held["deadline_at"] - held["created_at"]).total_seconds() == 30 * 60 + 10


def test_stopped_in_time_it_was_never_anywhere(engine: Engine) -> None:
    message = send(engine)
    engine.clock.advance(9)
    engine.recall(message)
    engine.clock.advance(600)
    engine.play()
    assert states(engine, message) == {"superseded"}
    assert engine.attempts() == []
    assert engine.parts.board.public_messages() == []
    assert engine.incident_state(message["incident"]) == "closed"


def test_the_same_can_be_started_again_at_once_after_it_was_stopped(engine: Engine) -> None:
    engine.recall(send(engine))
    engine.clock.advance(1)
    assert send(engine)["state"] == "sending"


def test_stopped_too_late_it_is_taken_back_like_anything_else(engine: Engine) -> None:
    message = send(engine)
    engine.clock.advance(10)
    claims = engine.claims()
    assert claims
    engine.recall(message)
    assert engine.state(message["id"], "facebook") == "uncertain"
    assert engine.delivery(message["id"], "facebook")["intent"] == "withdraw"


def test_another_system_is_never_held_back_and_neither_is_a_playbook_without_the_seconds(engine: Engine) -> None:
    by_machine = send(engine, watched=False)
    without = send(engine, AT_ONCE)
    for message in (by_machine, without):
        assert engine.state(message["id"], "own_web") == "published"
        assert engine.row("facebook")["next_attempt_at"] == engine.now


@pytest.mark.parametrize("phase", sorted(STOPPING))
def test_what_corrects_or_ends_never_waits(engine: Engine, phase: str) -> None:
    first = send(engine, watched=False)
    engine.play()
    engine.clock.advance(5)
    later = send(engine, phase=phase, incident=first["incident"])
    assert engine.state(later["id"], "own_web") == "published"
    assert engine.row("1177_notice")["next_attempt_at"] == engine.now
    assert phase not in HELD_PHASES


def test_a_correction_of_what_is_still_held_goes_alone(engine: Engine) -> None:
    first = send(engine)
    engine.clock.advance(5)
    correction = send(engine, phase="correction", incident=first["incident"])
    engine.clock.advance(20)
    engine.play()
    assert states(engine, first) == {"superseded"}
    assert engine.state(correction["id"], "facebook") == "published"


@pytest.mark.parametrize("phase", ["all_clear", "false_alarm"])
def test_nothing_is_said_to_be_over_that_nobody_ever_read(engine: Engine, phase: str) -> None:
    first = send(engine)
    engine.clock.advance(5)
    over = send(engine, phase=phase, incident=first["incident"])
    engine.play()
    assert states(engine, first) == {"superseded"}
    assert states(engine, over) == {"skipped"}
    assert engine.parts.board.public_messages() == []


def test_an_update_sent_within_the_seconds_goes_after_what_it_updates(engine: Engine) -> None:
    first = send(engine)
    engine.clock.advance(5)
    update = send(engine, phase="update", incident=first["incident"], watched=False)
    engine.clock.advance(5)
    engine.play()
    assert engine.row("facebook", number=1)["ended_at"] <= engine.row("facebook", number=2)["ended_at"]
    assert engine.state(update["id"], "facebook") == "published"
    assert engine.state(first["id"], "intranet") == "superseded"  # one task for a person, with the newest words
    assert engine.state(update["id"], "intranet") == "needs_person"


def test_a_worker_that_was_away_lets_it_out_when_it_is_back(engine: Engine) -> None:
    message = send(engine)
    engine.clock.advance(120)
    engine.play()
    assert states(engine, message) == {"published", "needs_person"}


def test_a_worker_that_was_away_for_hours_puts_old_words_nowhere_and_somebody_is_told(engine: Engine) -> None:
    message = send(engine)
    engine.clock.advance(7 * 3600)
    engine.play()
    assert states(engine, message) == {"expired"}
    assert engine.parts.board.public_messages() == []
    assert "alarm:raised" in [one["type"] for one in engine.entries()]


def test_words_that_lost_their_approval_meanwhile_are_shown_nowhere(engine: Engine) -> None:
    message = send(engine)
    with engine.parts.store.transaction() as transaction:
        approval.revoke(transaction, engine.parts.playbooks[HELD].digest, "bo")
    engine.clock.advance(10)
    engine.play()
    assert states(engine, message) == {"needs_person"}
    assert engine.parts.board.public_messages() == []


def test_what_was_told_as_late_is_told_no_more_once_our_page_shows_it(engine: Engine) -> None:
    send(engine)
    engine.clock.advance(61)
    engine.outbox().overdue()

    def told() -> list[str]:
        return [one.text.sv for one in engine.parts.board.alarms() if "Egen webbsida" in one.text.sv]

    assert told()
    engine.play()
    assert not told()


def test_the_log_tells_how_long_it_was_held_and_that_our_page_showed_it_only_then(engine: Engine) -> None:
    send(engine)
    engine.clock.advance(10)
    engine.play()
    entries = engine.entries()
    accepted = next(one for one in entries if one["type"] == "message:accepted")
    assert accepted["held_s"] == 10
    assert not [one for one in entries if one["type"] == "delivery:published" and one["ts"] == accepted["ts"]]
    shown = [one["channel"] for one in entries if one["type"] == "delivery:published"]
    assert "own_web" in shown


def test_what_another_system_sends_has_no_such_line_in_the_log(engine: Engine) -> None:
    send(engine, watched=False)
    assert all("held_s" not in one for one in engine.entries())
