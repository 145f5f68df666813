"""A reader without an account looks at a test post: yes, no, or not known, and never an exception."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from broadcaster.channels._http import over_network
from broadcaster.rehearsal.signed_out import seen_signed_out
from broadcaster.sandbox import Sandbox

WORDS = "TEST – PROV\n\nInget har hänt.\n\nNummer TEST-1/1."


@pytest.fixture
def world() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def posted(world: Sandbox) -> str:
    """Publish the words and return their public address."""
    made = httpx.post(f"{world.url}/graph/100200300/feed", trust_env=False, data={
        "message": WORDS, "access_token": "PAGETOK", "fields": "permalink_url"})
    return str(made.json()["permalink_url"])


def said(url: str, words: str = WORDS) -> str:
    return asyncio.run(seen_signed_out(url, words, over_network()))


def test_what_everybody_sees_is_a_yes(world: Sandbox) -> None:
    assert said(posted(world)) == "yes"


def test_other_words_are_a_no(world: Sandbox) -> None:
    assert said(posted(world), f"{WORDS}\n\nLÖST.") == "no"


def test_an_app_in_development_is_a_no_at_once(world: Sandbox) -> None:
    url = posted(world)
    httpx.put(f"{world.url}/_graph", json={"development": True}, trust_env=False).raise_for_status()
    assert said(url) == "no"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://post.invalid/1", "no address"])
def test_nothing_that_answers_is_not_known(url: str) -> None:
    assert said(url) == "not known"
