"""Every error of Facebook, provoked over real HTTP, as people read it on the board and in the alarm."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from channels.lines import RawServer, Says
from channels.outcome_table import codes, table
from engine import Engine, make_engine
from service import Clock

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Outcome, Post, Reason, Step
from broadcaster.channels._graph_words import TROUBLES
from broadcaster.channels.facebook import Facebook
from broadcaster.errors import Text
from broadcaster.outbox import Claim

ROWS = table("Facebook's errors in words")
ERRORS = [(row, code, subcode) for row in ROWS for code, subcode in codes(row)]
USAGE = json.dumps({"100200300": [{"type": "pages", "call_count": 101, "estimated_time_to_regain_access": 12}]})
PAGE = {"kind": "facebook", "base_url": "http://127.0.0.1:9", "page_id": "100200300", "app_id": "4711"}


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """A service that posts in one call, on a database of its own."""
    channels = {"own_web": {"kind": "own_web"}, "facebook": {**PAGE, "protocol": "post"}}
    made = make_engine(tmp_path, clock, channels=channels)
    yield made
    made.parts.store.close()


@pytest.fixture
def raw() -> Iterator[RawServer]:
    """A server that answers as it is told."""
    with RawServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join(5)


def asked(raw: RawServer, clock: Clock, step: Step, post: Post) -> Outcome:
    """Make one call to the server over a real connection."""
    page = configuration.Facebook.model_validate({**PAGE, "base_url": raw.url, "protocol": "post"})

    async def call() -> Outcome:
        channel = Facebook("facebook", page, "PAGETOK", "s3cr3t", clock=clock.now, seconds=clock.seconds)
        try:
            return await channel.call(step, post, 10)
        finally:
            await channel.close()

    return asyncio.run(call())


def refusing(code: int, subcode: int | None, status: int = 400, message: str = "x") -> dict[str, object]:
    error: dict[str, object] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    return {"error": error if subcode is None else {**error, "error_subcode": subcode}}


def sent(engine: Engine) -> tuple[str, Claim]:
    """Start an incident and take its post."""
    message = engine.send(channels=["facebook"])
    claim = engine.taken("facebook")
    assert claim.step is Step.POST
    return message["incident"], claim


def board(engine: Engine, ref: str) -> Text:
    (found,) = engine.parts.board.situation(ref).messages[0].deliveries
    assert found.advice is not None
    return found.advice


@pytest.mark.parametrize(("row", "code", "subcode"), ERRORS)
def test_an_error_is_told_in_its_own_words_and_waits_as_long_as_it_says(
    row: str, code: int, subcode: int | None, engine: Engine, raw: RawServer
) -> None:
    """The board and the alarm say the same, in both languages, and the next attempt is when Facebook takes it."""
    name = ROWS[row]["trouble"].strip("`")
    minutes = int(ROWS[row]["wait"].split()[0]) if ROWS[row]["wait"] != "–" else None
    ref, claim = sent(engine)
    raw.then(Says.answer(400, refusing(code, subcode), f"X-Business-Use-Case-Usage: {USAGE}\r\n"))
    got = asked(raw, engine.clock, claim.step, claim.post)
    assert (got.trouble, got.code, got.subcode) == (name, code, subcode)
    assert got.wait_s == (None if minutes is None else minutes * 60)
    engine.settle(claim, got)
    error = engine.row()["error"]
    assert (error["trouble"], error["code"], error["subcode"]) == (name, code, subcode)
    if minutes is not None:
        assert (engine.row()["next_attempt_at"] - engine.now).total_seconds() == minutes * 60
    engine.clock.advance(61)
    engine.outbox().overdue()
    (alarm,) = engine.parts.board.alarms()
    words, said = TROUBLES[name].whole, board(engine, ref)
    for one in (said, alarm.text):
        assert words.sv.casefold() in one.sv.casefold()
        assert words.en.casefold() in one.en.casefold()
        assert (f"Vi väntar {minutes} minuter" in one.sv) == (minutes is not None)


def test_every_name_of_the_words_is_on_the_page() -> None:
    """Whoever adds words says on the page which error they are for."""
    named = {row["trouble"].strip("`") for row in ROWS.values()}
    assert named | {"facebook:already", "facebook:paused", "facebook:100/33"} == set(TROUBLES)


def test_every_error_of_the_page_has_words_of_its_own() -> None:
    """No error that somebody has described is told only by its reason."""
    worded = {(code, subcode) for _, code, subcode in ERRORS}
    codes_alone = {code for code, subcode in worded if subcode is None}
    for row in table("Facebook's errors"):
        for code, subcode in codes(row):
            general = code if code < 200 or code > 299 else 200
            assert (code, subcode) in worded or general in codes_alone or 80000 <= code <= 80014


def test_already_posted_is_told_as_what_it_is(engine: Engine, raw: RawServer) -> None:
    """A 368 that says so is no block: the message is probably out, and nobody is sent to ask for a review."""
    ref, claim = sent(engine)
    raw.then(Says.answer(400, refusing(368, None, message="You've already posted this.")))
    got = asked(raw, engine.clock, claim.step, claim.post)
    assert (got.reason, got.trouble, got.wait_s) == (Reason.IDENTICAL, "facebook:already", None)
    engine.settle(claim, got)
    assert TROUBLES["facebook:already"].whole.sv in board(engine, ref).sv


@pytest.mark.parametrize(("code", "told"), [(2, "facebook:2"), (1, "facebook:1"), (190, None), (368, None)])
def test_what_comes_with_a_5xx_is_not_told_as_a_refusal(
    code: int, told: str | None, engine: Engine, raw: RawServer
) -> None:
    """It may be out: no words may say that the key or the account is why it is not."""
    ref, claim = sent(engine)
    raw.then(Says.answer(500, refusing(code, None)))
    got = asked(raw, engine.clock, claim.step, claim.post)
    assert (got.fact, got.reason, got.trouble) == (Fact.UNCERTAIN, Reason.SERVER, told)
    engine.settle(claim, got)
    assert "ha kommit ut ändå" in board(engine, ref).sv


def test_a_refused_draft_is_told_as_one(engine: Engine, raw: RawServer) -> None:
    """We go on by posting: words about rights would send a person to do by hand what is about to be done."""
    _, claim = sent(engine)
    raw.then(Says.answer(403, refusing(200, None)))
    got = asked(raw, engine.clock, Step.DRAFT, claim.post)
    assert (got.reason, got.trouble) == (Reason.NO_DRAFTS, None)


def test_a_post_that_is_gone_is_told_as_that(engine: Engine, raw: RawServer) -> None:
    """The same error about the Page would mean that our key cannot see it; about a post it means the post."""
    _, claim = sent(engine)
    raw.then(Says.answer(400, refusing(100, 33)))
    got = asked(raw, engine.clock, Step.EDIT, replace(claim.post, remote_id="100200300_7"))
    assert (got.reason, got.trouble) == (Reason.GONE, "facebook:100/33")
