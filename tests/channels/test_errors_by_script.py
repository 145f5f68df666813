"""Whoever trains with the imitation can provoke every error of docs/outcomes.md, and the adapter reads it as told."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from channels.outcome_table import codes, promised, table

from broadcaster.channels import Post, Reason, Step

GRAPH = table("Facebook's errors")
WORDS = table("Facebook's errors in words")
#: Where a row names errors by something else than their numbers.
SPOKEN = {
    '368 that says "already posted"': ["368/already_posted"],
    "any other code": ["7", "300", "505", "79999", "80015"],
    "any other code that calls itself transient": ["7/transient", "505/transient"],
}
#: Not one error but a manner of answering: no provider has been seen to send them, and only a raw server does.
NOT_SCRIPTED = {"any error and an id", "any error in a redirect or a 5xx"}
ON = {Step.DRAFT: "POST /{page}/feed", Step.POST: "POST /{page}/feed", Step.LOOK: "GET /{post}",
      Step.EDIT: "POST /{post}", Step.PUBLISH: "POST /{post}", Step.WITHDRAW: "DELETE /{post}",
      Step.SEARCH: "GET /{page}/published_posts", Step.SWEEP: "GET /{page}/feed"}  # fmt: skip


def spelled(code: int, subcode: int | None) -> str:
    return f"{code}" if subcode is None else f"{code}/{subcode}"


def scripted(row: str) -> list[str]:
    """Return the numbers of a row as a script spells them; of a long range both ends and what is within by tens."""
    every = codes(row)
    found = every if len(every) < 30 else [one for one in every if one[0] % 10 in (0, 9)]
    return SPOKEN.get(row) or [spelled(*one) for one in found]


def each_alone(sandbox: Any, on: str, every: list[str]) -> Iterator[str]:
    """Let every call meet the first error, then every call the second, and so on; give their numbers."""
    assert every, "a row that names no error proves nothing"
    with httpx.Client(base_url=sandbox.url, trust_env=False, verify=False) as client:  # noqa: S501 - plain loopback
        for numbers in every:
            rules = {"facebook": [{"on": on, "do": f"error:{numbers}"}]}
            client.put("/_script", json=rules).raise_for_status()
            yield numbers


@pytest.mark.parametrize("step", ON)
@pytest.mark.parametrize("row", [row for row in GRAPH if row not in NOT_SCRIPTED])
def test_an_error_by_script_proves_what_its_row_says(
    row: str, step: Step, sandbox: Any, build: Any, run: Any, post: Post
) -> None:
    """Through the real adapter, over real HTTP, at every step."""
    every = scripted(row)
    assert every, "a row that names no error proves nothing"
    for numbers in each_alone(sandbox, ON[step], scripted(row)):
        channel = build("draft", f"{sandbox.url}/graph")
        found = run(channel, lambda channel=channel: channel.call(step, post, 10))
        assert (found.fact, found.reason) == promised(GRAPH[row]["Facebook"], step), (numbers, found)


@pytest.mark.parametrize("row", WORDS)
def test_an_error_by_script_has_its_own_words(
    row: str, sandbox: Any, build: Any, run: Any, post: Post
) -> None:
    """The words a person reads on the board are those of the very error somebody trained with."""
    for numbers in each_alone(sandbox, ON[Step.POST], scripted(row)):
        channel = build("post", f"{sandbox.url}/graph")
        found = run(channel, lambda channel=channel: channel.call(Step.POST, post, 10))
        assert f"`{found.trouble}`" == WORDS[row]["trouble"], numbers


def test_already_posted_and_gone_have_words_too(
    sandbox: Any, script: Callable[..., None], build: Any, ask: Any, post: Post
) -> None:
    """The two names whose words no code alone leads to."""
    script("facebook", ON[Step.POST], "error:368/already_posted")
    found = ask(build("post", f"{sandbox.url}/graph"), Step.POST, post)
    assert (found.reason, found.trouble) == (Reason.IDENTICAL, "facebook:already")
    script("facebook", ON[Step.EDIT], "error:100/33")
    found = ask(build("post", f"{sandbox.url}/graph"), Step.EDIT, replace(post, remote_id="100200300_7"))
    assert (found.reason, found.trouble) == (Reason.GONE, "facebook:100/33")
