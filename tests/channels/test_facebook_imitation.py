"""The Page over real HTTP, with the faults Facebook has shown in the field."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from broadcaster.channels import Fact, Post, Reason, Step

FEED = "POST /{page}/feed"


def test_draft_publish_look_edit_withdraw(sandbox: Any, state: Any, build: Any, run: Any, post: Post) -> None:
    """A message's whole life, each step proven by the next."""
    channel = build("draft", f"{sandbox.url}/graph")

    async def life() -> None:
        draft = await channel.call(Step.DRAFT, post, 10)
        assert state()["facebook"]["published"] == []
        ours = replace(post, remote_id=draft.remote_id)
        assert (await channel.call(Step.LOOK, ours, 10)).public is False
        assert (await channel.call(Step.SEARCH, ours, 10)).fact is Fact.ABSENT
        for _ in range(2):
            assert (await channel.call(Step.PUBLISH, ours, 10)).fact is Fact.DONE
        seen = await channel.call(Step.LOOK, ours, 10)
        assert (seen.words, seen.public) == (post.words, True)
        assert seen.url.startswith(sandbox.url)
        out_there = [(one["id"], one["text"]) for one in state()["facebook"]["published"]]
        assert out_there == [(draft.remote_id, post.words)]
        edited = replace(ours, words=f"Löst.\n\n{post.words}")
        assert (await channel.call(Step.EDIT, edited, 10)).fact is Fact.DONE
        assert (await channel.call(Step.LOOK, edited, 10)).words == edited.words
        assert (await channel.call(Step.WITHDRAW, ours, 10)).reason is Reason.NONE
        assert (await channel.call(Step.WITHDRAW, ours, 10)).reason is Reason.GONE
        assert (await channel.call(Step.LOOK, ours, 10)).fact is Fact.ABSENT

    run(channel, life)
    assert state()["facebook"] == {"published": [], "drafts": []}


@pytest.mark.parametrize("fault", ["applied_then_500", "applied_then_drop", "no_id", "drip"])
def test_a_lost_answer_is_found_by_its_mark(
    fault: str, sandbox: Any, script: Callable[..., None], state: Any, build: Any, run: Any, post: Post
) -> None:
    """The post is out and the answer lost: uncertain, then found, and only one post exists."""
    script("facebook", FEED, fault, times=1)
    channel = build("post", f"{sandbox.url}/graph")

    async def work() -> None:
        lost = await channel.call(Step.POST, post, 0.5)
        assert lost.fact is Fact.UNCERTAIN
        found = await channel.call(Step.SEARCH, replace(post, remote_id=None), 10)
        assert (found.fact, found.words) == (Fact.DONE, post.words)

    run(channel, work)
    assert len(state()["facebook"]["published"]) == 1


@pytest.mark.parametrize("fault", ["drop_before", "error_500", "html_502", "hang", "redirect"])
def test_a_post_that_was_never_made_is_uncertain_too(
    fault: str, sandbox: Any, script: Callable[..., None], state: Any, build: Any, run: Any, post: Post
) -> None:
    """From here it looks the same; only the search tells."""
    script("facebook", FEED, fault, times=1)
    channel = build("post", f"{sandbox.url}/graph")

    async def work() -> None:
        assert (await channel.call(Step.POST, post, 0.5)).fact is Fact.UNCERTAIN
        assert (await channel.call(Step.SEARCH, post, 10)).fact is Fact.ABSENT

    run(channel, work)
    assert state()["facebook"]["published"] == []


@pytest.mark.parametrize(
    ("fault", "reason", "wait_s"),
    [
        ("rate_limited", Reason.RATE, 60),
        ("token_dead", Reason.TOKEN, None),
        ("refuse_drafts", Reason.NO_DRAFTS, None),
    ],
)
def test_a_refusal_is_certain(
    fault: str, reason: Reason, wait_s: float | None, sandbox: Any, script: Callable[..., None], build: Any,
    ask: Any, post: Post
) -> None:  # fmt: skip
    """Said no, and why."""
    script("facebook", FEED, fault)
    found = ask(build("draft", f"{sandbox.url}/graph"), Step.DRAFT, post)
    assert (found.fact, found.reason, found.wait_s) == (Fact.REFUSED, reason, wait_s)


def test_the_same_words_again_are_evidence(sandbox: Any, build: Any, run: Any, post: Post) -> None:
    """506 is neither a success nor a failure."""
    channel = build("post", f"{sandbox.url}/graph")

    async def twice() -> Any:
        await channel.call(Step.POST, post, 10)
        return await channel.call(Step.POST, post, 10)

    assert run(channel, twice).reason is Reason.IDENTICAL


def test_preflight_is_green_with_a_good_token(sandbox: Any, build: Any, run: Any) -> None:
    """Valid, for our Page, with the scopes a post needs."""
    channel = build("draft", f"{sandbox.url}/graph")
    assert run(channel, channel.preflight).state == "green"


def test_preflight_sees_a_dead_token(sandbox: Any, script: Callable[..., None], build: Any, run: Any) -> None:
    """What the night would show is shown before it."""
    script("facebook", "GET /debug_token", "token_dead")
    channel = build("draft", f"{sandbox.url}/graph")
    found = run(channel, channel.preflight)
    assert found.state == "red"
    assert "Facebook" in found.problems[0]
