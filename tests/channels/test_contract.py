"""What every automatic channel promises, whatever the world answers: a fact, never an exception, never a guess."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.channels import Fact, Outcome, Post, Reason, Step

SECRETS = ("PAGETOK", "s3cr3t", "CLIENTSECRET", "PHONETOK", "78d3941eaf89a34b4b110f0377f89bad", "eyJtoken")
UPSERTS = ("cms", "phone")
BODIES = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"<html><title>Facebook | Error</title></html>",
    b'{"id":',
    b"\xff\xfe\x00",
    b'{"id": 5, "success": "perhaps", "contentLink": [], "revision": {}, "data": "none", "error": []}',
    b'{"error": {"code": "many"}, "contentLink": {"guidValue": null}}',
    b'{"error": {"message": "PAGETOK s3cr3t PHONETOK", "type": "OAuthException"}}',
)


class World:
    """Answers everything with one response or exception, tokens of the content API excepted; counts."""

    def __init__(self, answer: Callable[[], httpx.Response]) -> None:
        self.answer, self.calls = answer, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/connect/token"):
            return httpx.Response(200, json={"access_token": "eyJtoken", "expires_in": 3600})
        self.calls += 1
        return self.answer()


def raising(error: Exception) -> Callable[[], httpx.Response]:
    """Return what raises `error` instead of answering."""

    def answer() -> httpx.Response:
        raise error

    return answer


def no_secret_in(found: Outcome) -> bool:
    """Tell whether an outcome may be logged."""
    said = repr(replace(found, words=None))
    one_line = "\n" not in found.detail and "?" not in found.detail.replace("?…", "")
    return one_line and not any(secret in said for secret in SECRETS)


@pytest.mark.parametrize("hundred", range(1, 6))
def test_no_answer_raises_or_leaks(case: tuple[str, Step], hundred: int, build: Any, run: Any, post: Post) -> None:
    """Whatever comes back, there is an outcome, and nothing of it may not be logged. What it proves: test_outcomes."""
    kind, step = case
    answer = [httpx.Response(200)]
    world = World(lambda: answer[0])
    channel = build(kind, handler=world)

    async def all_of_them() -> None:
        for status in range(hundred * 100, hundred * 100 + 100):
            for body in BODIES[:: 1 if status % 100 in (0, 1, 3, 4, 8, 9, 29) else 5]:
                answer[0] = httpx.Response(status, content=body)
                world.calls = 0
                found = await channel.call(step, post, 10)
                assert isinstance(found, Outcome)
                assert no_secret_in(found), found
                if step is Step.POST:
                    assert world.calls == 1, f"a one-shot call was repeated after HTTP {status}"

    run(channel, all_of_them)


def test_what_never_left_is_tried_three_times_at_once(
    case: tuple[str, Step], build: Any, ask: Any, post: Post, naps: Any
) -> None:
    """A connection that never came about costs two short naps, also for a one-shot post: nothing happened."""
    world = World(raising(httpx.ConnectError("Bearer PAGETOK")))
    found = ask(build(case[0], handler=world), case[1], post)
    assert (found.fact, world.calls, len(naps.taken)) == (Fact.NOT_SENT, 3, 2)
    assert max(naps.taken) <= 1.0
    assert no_secret_in(found)


def test_a_failing_read_recovers_within_the_call(build: Any, ask: Any, post: Post) -> None:
    """A look that meets two 502 and then an answer is an answer."""
    answers = [httpx.Response(502), httpx.Response(502), httpx.Response(404)]
    found = ask(build("phone", handler=World(lambda: answers.pop(0))), Step.LOOK, post)
    assert found.fact is Fact.ABSENT


def test_cancelling_passes_through(case: tuple[str, Step], build: Any, run: Any, post: Post) -> None:
    """A worker that stops a call is not answered with an outcome it would have to explain."""
    reached = asyncio.Event()

    async def never(request: httpx.Request) -> httpx.Response:
        reached.set()
        await asyncio.sleep(60)
        return httpx.Response(200)

    channel = build(case[0], handler=never)

    async def cancelled() -> None:
        task = asyncio.create_task(channel.call(case[1], post, 30))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(channel, cancelled)


def test_a_call_ends_when_its_time_is_over(case: tuple[str, Step], build: Any, run: Any, post: Post) -> None:
    """`timeout_s` bounds the whole call, with every request and repeat in it."""

    async def never(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/connect/token"):
            return httpx.Response(200, json={"access_token": "eyJtoken", "expires_in": 3600})
        await asyncio.sleep(60)
        return httpx.Response(200)

    channel = build(case[0], handler=never)
    found = run(channel, lambda: channel.call(case[1], post, 0.05))
    assert (found.fact, found.reason) == (Fact.UNCERTAIN, Reason.NETWORK)


@pytest.mark.parametrize("kind", ["draft", "post", "cms", "phone"])
def test_a_step_the_channel_does_not_have_is_refused_loudly(kind: str, build: Any, run: Any, post: Post) -> None:
    """A wrong step is a fault in our own program and says so at once."""
    channel = build(kind, handler=World(lambda: httpx.Response(200)))
    not_upserts = (Step.DRAFT, Step.PUBLISH, Step.POST, Step.SEARCH, Step.EDIT, Step.SWEEP)
    missing = not_upserts if kind in UPSERTS else (Step.PUT,)

    async def each() -> None:
        for step in missing:
            with pytest.raises(NotImplementedError):
                await channel.call(step, post, 1)

    run(channel, each)


#: The fixtures hold no state between examples, and machines differ in speed.
FIXTURES_STAY = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
KEYS = [
    *("id", "error", "code", "error_subcode", "data", "success", "paging", "cursors", "next", "after", "message"),
    *("created_time", "is_published", "permalink_url", "contentLink", "guidValue", "heading", "mainBody", "status"),
    *("startPublish", "url", "revision", "text", "access_token", "expires_in"),
]
READERS = [
    ("draft", Step.DRAFT),
    ("draft", Step.LOOK),
    ("draft", Step.SEARCH),
    ("draft", Step.SWEEP),
    ("draft", Step.PUBLISH),
    ("post", Step.POST),
    ("cms", Step.PUT),
    ("cms", Step.LOOK),
    ("phone", Step.PUT),
    ("phone", Step.LOOK),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=FIXTURES_STAY)
@given(
    value=JSON,
    status=st.sampled_from([200, 200, 200, 400, 500]),
    picked=st.sampled_from(READERS),
)
def test_no_json_however_odd_breaks_a_channel(
    value: object, status: int, picked: tuple[str, Step], build: Any, ask: Any, post: Post
) -> None:
    """Any JSON gives a fact that can be stored: no exception, no words that are not text."""
    body = json.dumps(value).encode()
    found = ask(build(picked[0], handler=World(lambda: httpx.Response(status, content=body))), picked[1], post)
    assert isinstance(found, Outcome)
    assert repr(found).encode("utf-8")
    assert found.fact is not Fact.DONE or status == 200


@settings(max_examples=60, deadline=None, suppress_health_check=FIXTURES_STAY)
@given(body=st.binary(max_size=40))
def test_no_bytes_count_as_done(body: bytes, build: Any, ask: Any, post: Post) -> None:
    """Noise with a 200 in front of it is uncertain, never a success."""
    for kind, step in (("post", Step.POST), ("cms", Step.PUT), ("phone", Step.PUT)):
        found = ask(build(kind, handler=World(lambda: httpx.Response(200, content=body))), step, post)
        assert found.fact is Fact.UNCERTAIN


@pytest.mark.parametrize("kind", ["draft", "cms", "phone", "site"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 409, 429, 500, 502])
@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"data": []}', b'{"data": {"is_valid": 7}}'])
def test_preflight_never_raises(kind: str, status: int, body: bytes, build: Any, run: Any) -> None:
    """Whatever it meets, preflight says green, amber or red, and says why in both languages when it is not green."""
    channel = build(kind, handler=lambda request: httpx.Response(status, content=body))
    found = run(channel, channel.preflight)
    assert found.state in ("green", "amber", "red")
    assert (found.state == "green") == (not found.problems)
    assert len(found.english) == len(found.problems)
    assert not set(found.english) & set(found.problems)
    assert not any(secret in repr(found) for secret in SECRETS)


@pytest.mark.parametrize("kind", ["draft", "cms", "phone", "site"])
def test_preflight_says_when_nobody_answers(kind: str, build: Any, run: Any) -> None:
    """A channel that cannot be reached is red, in words an editor understands."""
    channel = build(kind, handler=World(raising(httpx.ConnectError("refused"))) if kind != "cms" else _refused)
    found = run(channel, channel.preflight)
    assert found.state == "red"
    assert "går inte att nå" in found.problems[0] and "cannot be reached" in found.english[0]


def _refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")
