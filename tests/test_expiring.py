"""Nothing of an open incident ends by itself unless somebody heard of it before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import RATE, Engine, make_engine
from service import Clock
from sqlalchemy import select
from stopping import FACEBOOK, NOTICE

from broadcaster import expiring, vigil
from broadcaster.auth.client import person_client
from broadcaster.tables import delivery as delivery_table

MINUTE = 60
HOUR = 60 * MINUTE
PHONE = ["1177_phone"]
WEB = ["own_web"]
#: Whoever may propose and not send.
PROPOSER = person_client("eva", ("author",))
OURS = (expiring.WAITING, expiring.EXPIRING, expiring.FADING)


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def watch(engine: Engine, seconds: float = 0) -> dict[str, str]:
    """Let time pass, look once, and return what ends soon by kind, in Swedish."""
    engine.clock.advance(seconds)
    vigil.watch(engine.parts.store)
    return {one.kind: one.text.sv for one in engine.parts.board.alarms() if one.kind in OURS}


def asked(engine: Engine, seconds: float = 0) -> list[str]:
    """Let time pass, look once, and return what the others are asked to say yes to."""
    engine.clock.advance(seconds)
    vigil.watch(engine.parts.store)
    return [one.text.sv for one in engine.parts.board.alarms() if one.kind == expiring.ASKED]


def waiting(engine: Engine) -> dict[str, str]:
    """Return a first message that was proposed and waits for a yes."""
    body = engine.body(channels=FACEBOOK)
    found: dict[str, str] = engine.parts.broadcasts.send(body, PROPOSER, "proposed").json
    assert found["state"] == "awaiting_approval"
    return found


def test_a_first_message_that_nobody_said_yes_to_is_told_of_before_it_is_thrown_away(engine: Engine) -> None:
    """It would close the incident without a word having gone out."""
    waiting(engine)
    assert watch(engine, 5 * HOUR + 29 * MINUTE) == {}
    assert "väntar på ett ja och kastas lördag 14 mars kl. 08.40" in watch(engine, MINUTE)["waiting"]
    assert watch(engine, 31 * MINUTE) == {}


def test_the_others_hear_soon_that_a_message_waits_for_a_yes(engine: Engine) -> None:
    """Whoever wrote it may be alone, and must know that somebody was asked before they break the glass."""
    message = waiting(engine)
    assert asked(engine, MINUTE) == []
    (text,) = asked(engine, MINUTE)
    assert text.startswith(f"{message['mark']} väntar på ett ja sedan lördag 14 mars kl. 02.40.")
    assert asked(engine, HOUR) == [text]
    engine.parts.broadcasts.reject(message["id"], {"reason": "fel"}, engine.bo)
    assert asked(engine) == []


def test_nobody_is_asked_for_a_yes_that_can_no_longer_be_given(engine: Engine) -> None:
    first = engine.send(channels=FACEBOOK)
    body = engine.body("update", first["incident"], channels=FACEBOOK)
    engine.parts.broadcasts.send(body, PROPOSER, "proposed")
    assert len(asked(engine, 2 * MINUTE)) == 1
    engine.send("update", first["incident"], channels=FACEBOOK)
    assert asked(engine) == []


def test_a_yes_ends_the_warning(engine: Engine) -> None:
    message = waiting(engine)
    assert "waiting" in watch(engine, 5 * HOUR + 45 * MINUTE)
    engine.parts.broadcasts.approve(message["id"], {"digest": message["digest"]}, engine.bo)
    assert watch(engine) == {}


def test_attempts_that_never_got_through_are_told_of_before_they_stop(engine: Engine) -> None:
    engine.send(channels=FACEBOOK)
    engine.settle(engine.taken("facebook"), RATE)
    assert watch(engine, 5 * HOUR + 29 * MINUTE) == {}
    assert watch(engine, MINUTE)["expiring"].startswith("Facebook (sv): försöken slutar lördag 14 mars kl. 08.40")
    engine.play()
    assert watch(engine) == {}


def test_what_the_open_data_say_is_told_of_before_it_runs_out(engine: Engine) -> None:
    """An update gives it a new life; a message that stands nowhere in the open data has none."""
    first = engine.send(channels=WEB)
    assert watch(engine, 5 * HOUR + 29 * MINUTE) == {}
    assert "gäller i de öppna data (CAP) till lördag 14 mars kl. 08.40" in watch(engine, MINUTE)["fading"]
    engine.send("update", first["incident"], channels=WEB)
    assert watch(engine) == {}


def test_an_exercise_is_in_no_open_data(engine: Engine) -> None:
    engine.send(mode="drill", channels=WEB)
    assert watch(engine, 5 * HOUR + 45 * MINUTE) == {}


@pytest.mark.parametrize("minutes", [30, 60])
def test_a_short_life_is_not_told_of_the_moment_it_begins(tmp_path: Path, clock: Clock, minutes: int) -> None:
    engine = make_engine(tmp_path, clock, delivery={"not_after_minutes": minutes})
    engine.send(channels=WEB)
    assert watch(engine, minutes * MINUTE * 2 / 3 - 1) == {}
    assert "fading" in watch(engine, 1)
    engine.parts.store.close()


def test_no_channel_is_given_an_end_while_the_incident_is_open(engine: Engine) -> None:
    """A notice, an article, a post and an announcement get one with the all-clear and not before."""
    where = [*FACEBOOK, *NOTICE, *PHONE, "1177_article"]
    first = engine.send(channels=where)
    claims = engine.claims()
    assert {channel for channel, _ in claims} == set(where)
    assert {claim.post.expires_at for claim in claims.values()} == {None}
    for claim in claims.values():
        engine.settle(claim, RATE)
    engine.clock.advance(30 * MINUTE)
    engine.play()
    engine.send("all_clear", first["incident"], channels=where)
    ends = {claim.post.expires_at for claim in engine.claims().values() if claim.channel != "facebook"}
    assert ends
    assert None not in ends


def test_a_persons_task_and_a_withdrawal_have_no_end(engine: Engine) -> None:
    """They stay until somebody did them, so there is nothing to warn of."""
    first = engine.send(channels=FACEBOOK)
    engine.play()
    engine.recall(first)
    engine.clock.advance(5 * HOUR + 45 * MINUTE)
    with engine.parts.store.reading() as transaction:
        intents = transaction.execute(select(delivery_table.c.intent)).scalars().all()
    assert set(intents) == {"withdraw"}
    assert watch(engine) == {}
