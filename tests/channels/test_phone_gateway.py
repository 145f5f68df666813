"""The announcement before the 1177 queue: put with a revision that only grows, refused when it is older."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from broadcaster.channels import Fact, Post, Reason, Step

ITEM = "/announcements/{id}"
WORDS = "Du har ringt 1177 i Värmland. Ring ett, ett, två."


@pytest.fixture
def prompt(post: Post) -> Post:
    """A text for a voice."""
    return replace(post, words=WORDS, revision=3, remote_id=None)


def stored(**changed: Any) -> httpx.Response:
    """Return an announcement as the gateway reads it back."""
    body = {
        "id": "RV-2026-0031.sv",
        "revision": 3,
        "language": "sv",
        "text": WORDS,
        "ssml": "<speak/>",
        "url": "https://outside.example/queue/1",
        "starts_at": "2026-03-14T01:00:00Z",
        "expires_at": None,
    }
    return httpx.Response(200, json={**body, **changed})


def answering(answer: httpx.Response, asked: list[httpx.Request]) -> Callable[[httpx.Request], httpx.Response]:
    """Return a gateway that always says the same, and keeps what was asked."""

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer

    return handle


def test_a_put_is_text_voice_and_revision(build: Any, ask: Any, prompt: Post) -> None:
    """The exact words, the same for a voice, and the time it holds, in UTC."""
    asked: list[httpx.Request] = []
    expires = datetime(2026, 3, 14, 6, tzinfo=UTC)
    found = ask(build("phone", handler=answering(stored(), asked)), Step.PUT, replace(prompt, expires_at=expires))
    assert (found.fact, found.remote_id, found.url) == (
        Fact.DONE,
        "RV-2026-0031.sv",
        "https://outside.example/queue/1",
    )
    request = asked[0]
    assert (request.method, request.url.path) == ("PUT", "/announcements/RV-2026-0031.sv")
    assert request.headers["authorization"] == "Bearer PHONETOK"
    body = json.loads(request.content)
    ssml = body.pop("ssml")
    assert body == {
        "id": "RV-2026-0031.sv",
        "revision": 3,
        "language": "sv",
        "text": WORDS,
        "max_seconds": 30,
        "starts_at": "2026-03-14T01:40:00.000Z",
        "expires_at": "2026-03-14T06:00:00.000Z",
    }
    assert ssml.startswith("<speak ")
    assert 'xml:lang="sv-SE"' in ssml


def test_201_is_done_too(build: Any, ask: Any, prompt: Post) -> None:
    """The first put of an announcement creates it."""
    made = httpx.Response(201, json={"id": "RV-2026-0031.sv", "revision": 3, "url": None})
    found = ask(build("phone", handler=answering(made, [])), Step.PUT, prompt)
    assert (found.fact, found.url) == (Fact.DONE, None)


@pytest.mark.parametrize("changed", [{"id": "RV-2026-0031.en"}, {"revision": 2}, {"revision": 4}, {"revision": "x"}])
def test_another_id_or_revision_proves_nothing(changed: Any, build: Any, ask: Any, prompt: Post) -> None:
    """Only our id with our revision is proof that our words were taken."""
    assert ask(build("phone", handler=answering(stored(**changed), [])), Step.PUT, prompt).fact is Fact.UNCERTAIN


@pytest.mark.parametrize("step", [Step.PUT, Step.WITHDRAW])
def test_an_older_revision_is_stale(step: Step, build: Any, ask: Any, prompt: Post) -> None:
    """409: something newer is there, and older words never come back."""
    found = ask(build("phone", handler=answering(httpx.Response(409), [])), step, prompt)
    assert (found.fact, found.reason) == (Fact.REFUSED, Reason.STALE)


def test_a_look_compares_words_and_revision(build: Any, ask: Any, prompt: Post) -> None:
    """Ours is ours; other words and newer revisions are said to be so."""

    def look(**changed: Any) -> Any:
        return ask(build("phone", handler=answering(stored(**changed), [])), Step.LOOK, prompt)

    assert (look().words, look().reason, look().public) == (WORDS, Reason.NONE, True)
    assert (look(text="Annat").words, look(text="Annat").reason) == ("Annat", Reason.OTHER_WORDS)
    assert look(text="Annat", revision=4).reason is Reason.STALE
    assert look(revision=2).reason is Reason.NONE
    assert look(id="RV-2026-0032.sv").fact is Fact.UNCERTAIN


@pytest.mark.parametrize(
    ("changed", "public"),
    [
        ({"expires_at": "2026-03-14T01:40:00Z"}, False),
        ({"expires_at": "2026-03-14T01:41:00"}, True),
        ({"starts_at": "2026-03-14T02:00:00Z"}, False),
        ({"starts_at": None}, True),
    ],
)
def test_it_is_public_while_it_plays(changed: Any, public: bool, build: Any, ask: Any, prompt: Post) -> None:
    """Stored is not heard: it plays between its times."""
    assert ask(build("phone", handler=answering(stored(**changed), [])), Step.LOOK, prompt).public is public


def test_taking_down_names_the_revision(build: Any, ask: Any, prompt: Post) -> None:
    """The gateway keeps a tombstone with it, so nothing up to it comes back; gone already is done."""
    asked: list[httpx.Request] = []
    found = ask(build("phone", handler=answering(httpx.Response(204), asked)), Step.WITHDRAW, prompt)
    assert found.fact is Fact.DONE
    assert (asked[0].method, str(asked[0].url)) == (
        "DELETE",
        "https://outside.example/announcements/RV-2026-0031.sv?revision=3",
    )
    found = ask(build("phone", handler=answering(httpx.Response(404), [])), Step.WITHDRAW, prompt)
    assert (found.fact, found.reason) == (Fact.DONE, Reason.GONE)


@pytest.mark.parametrize(
    ("status", "state"), [(200, "green"), (404, "green"), (401, "red"), (403, "red"), (429, "amber"), (500, "red")]
)
def test_preflight(status: int, state: str, build: Any, run: Any) -> None:
    """A gateway that says "no such announcement" is there and takes our token."""
    channel = build("phone", handler=answering(httpx.Response(status), []))
    assert run(channel, channel.preflight).state == state


class TestAgainstTheImitation:
    """The same over real HTTP."""

    def test_put_replace_refuse_withdraw(self, sandbox: Any, state: Any, build: Any, run: Any, prompt: Post) -> None:
        """An announcement's whole life; the older one never comes back, not even after it was taken down."""
        channel = build("phone", f"{sandbox.url}/phone")
        newer = replace(prompt, revision=4, words="Det går att ringa igen. Tack & hej.")

        async def life() -> None:
            assert (await channel.preflight()).state == "green"
            assert (await channel.call(Step.LOOK, prompt, 5)).fact is Fact.ABSENT
            for one in (prompt, prompt, newer):
                assert (await channel.call(Step.PUT, one, 5)).fact is Fact.DONE
                seen = await channel.call(Step.LOOK, one, 5)
                assert (seen.words, seen.public) == (one.words, True)
            assert (await channel.call(Step.PUT, prompt, 5)).reason is Reason.STALE
            assert (await channel.call(Step.LOOK, prompt, 5)).reason is Reason.STALE
            assert [one["text"] for one in state()["phone"]] == [newer.words]
            assert (await channel.call(Step.WITHDRAW, prompt, 5)).reason is Reason.STALE
            assert (await channel.call(Step.WITHDRAW, newer, 5)).fact is Fact.DONE
            assert (await channel.call(Step.LOOK, newer, 5)).fact is Fact.ABSENT
            assert (await channel.call(Step.PUT, prompt, 5)).reason is Reason.STALE

        run(channel, life)
        assert state()["phone"] == []

    @pytest.mark.parametrize("fault", ["applied_then_500", "applied_then_drop", "no_id", "drop_before", "redirect"])
    def test_a_lost_answer_is_uncertain_and_putting_again_is_harmless(
        self, fault: str, sandbox: Any, script: Callable[..., None], state: Any, build: Any, run: Any, prompt: Post
    ) -> None:
        """The same words under the same revision, once."""
        script("phone", f"PUT {ITEM}", fault, times=1)
        channel = build("phone", f"{sandbox.url}/phone")

        async def twice() -> None:
            assert (await channel.call(Step.PUT, prompt, 5)).fact is Fact.UNCERTAIN
            assert (await channel.call(Step.PUT, prompt, 5)).fact is Fact.DONE

        run(channel, twice)
        assert [one["text"] for one in state()["phone"]] == [WORDS]
