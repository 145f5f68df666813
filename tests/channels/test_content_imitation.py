"""A page on 1177.se over real HTTP, with lost answers, dead tokens and several languages."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from broadcaster.channels import Fact, Post, Step

ITEM = "/api/episerver/v3.0/contentmanagement/{id}"


def test_put_look_replace_withdraw(sandbox: Any, state: Any, build: Any, run: Any, post: Post) -> None:
    """A notice's whole life, with the exact words at each moment."""
    channel = build("cms", f"{sandbox.url}/cms")

    async def life() -> None:
        assert (await channel.call(Step.LOOK, post, 5)).fact is Fact.ABSENT
        for words in (post.words, "Löst kl. 06\n\nDet går att ringa igen.\nTack <alla> & envar."):
            put = await channel.call(Step.PUT, replace(post, words=words), 5)
            assert put.url.startswith(sandbox.url)
            seen = await channel.call(Step.LOOK, replace(post, words=words), 5)
            assert (seen.words, seen.public, seen.url) == (words, True, put.url)
            assert [one["text"] for one in state()["cms"]] == [words]
        assert (await channel.call(Step.WITHDRAW, post, 5)).fact is Fact.DONE
        assert (await channel.call(Step.LOOK, post, 5)).public is False

    run(channel, life)
    assert state()["cms"] == []


@pytest.mark.parametrize("fault", ["applied_then_500", "applied_then_drop", "no_id", "html_502", "drip", "hang"])
def test_a_lost_answer_is_uncertain_and_putting_again_is_harmless(
    fault: str, sandbox: Any, script: Callable[..., None], state: Any, build: Any, run: Any, post: Post
) -> None:
    """The same page under the same id, once."""
    script("cms", f"PUT {ITEM}", fault, times=1)
    channel = build("cms", f"{sandbox.url}/cms")

    async def twice() -> None:
        assert (await channel.call(Step.PUT, post, 0.6)).fact is Fact.UNCERTAIN
        assert (await channel.call(Step.PUT, post, 5)).fact is Fact.DONE

    run(channel, twice)
    assert [one["text"] for one in state()["cms"]] == [post.words]


def test_a_token_that_dies_is_replaced(
    sandbox: Any, script: Callable[..., None], build: Any, ask: Any, post: Post
) -> None:
    """One 401 costs one more token, not the message."""
    script("cms", f"PUT {ITEM}", "token_dead", times=1)
    assert ask(build("cms", f"{sandbox.url}/cms"), Step.PUT, post).fact is Fact.DONE


def test_every_language_is_its_own_page(sandbox: Any, state: Any, build: Any, run: Any, post: Post) -> None:
    """Swedish and easy Swedish have an id each and do not touch each other."""
    channel = build("cms", f"{sandbox.url}/cms")
    easy = replace(post, object_uuid="00000000-0000-5000-8000-000000000001", language="sv-x-lattlast", words="Lätt")

    async def both() -> None:
        for one in (post, easy):
            await channel.call(Step.PUT, one, 5)
            assert (await channel.call(Step.LOOK, one, 5)).words == one.words

    run(channel, both)
    assert sorted(one["text"] for one in state()["cms"]) == sorted([post.words, "Lätt"])
