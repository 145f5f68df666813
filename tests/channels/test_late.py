"""Calls that arrive late: the content API lets old words overwrite new ones, the phone gateway never does.

The first half is why the engine reads back after the grace and puts the newest words again; the second is what our own
contract buys. Both are shown with calls that were given up long before they arrived.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from broadcaster.channels import Fact, Post, Reason, Step

ITEM = {"cms": "/api/episerver/v3.0/contentmanagement/{id}", "phone": "/announcements/{id}"}
LATE_S = 0.5
NEWER = "Det går att ringa igen\n\nTack för att du väntade."


def eventually(true: Callable[[], bool]) -> bool:
    """Ask again until it is true, or a bound that only a broken test reaches."""
    for _ in range(600):
        if true():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def shown(state: Callable[[], Any]) -> Callable[[str], list[str]]:
    """What people read or hear at one of the channels."""
    return lambda kind: [one["text"] for one in state()[kind]]


@pytest.fixture
def lose(script: Callable[..., None], build: Any, sandbox: Any, run: Any) -> Callable[..., None]:
    """Make a call whose answer never comes and whose effect comes late, and give it up at once."""

    def give_up(kind: str, step: Step, post: Post, late_s: float = LATE_S) -> None:
        method = {("cms", Step.WITHDRAW): "PATCH", ("phone", Step.WITHDRAW): "DELETE"}.get((kind, step), "PUT")
        script(kind, f"{method} {ITEM[kind]}", f"late:{late_s}", times=1)
        channel = build(kind, f"{sandbox.url}/{kind}")

        async def asked() -> None:
            bounds_s = iter((0.2, 1, 5, 30))  # a slow machine may not even reach the channel in time
            found = await channel.call(step, post, next(bounds_s))
            while found.fact is Fact.NOT_SENT:
                found = await channel.call(step, post, next(bounds_s))
            assert (found.fact, found.reason) == (Fact.UNCERTAIN, Reason.NETWORK)

        run(channel, asked)

    return give_up


@pytest.fixture
def call(build: Any, sandbox: Any, ask: Any) -> Callable[..., Any]:
    """Make a call that is answered."""
    return lambda kind, step, post: ask(build(kind, f"{sandbox.url}/{kind}"), step, post)


@pytest.fixture
def overtake(lose: Any, call: Any) -> Callable[..., None]:
    """Lose a call, and put newer words while it is still on its way."""

    def put_first(kind: str, step: Step, post: Post, newer: Post) -> None:
        for late_s in (LATE_S, 4, 30):  # on a slow machine it may have arrived before; then it gets more time
            began = time.monotonic()
            lose(kind, step, post, late_s)
            assert call(kind, Step.PUT, newer).fact is Fact.DONE
            if time.monotonic() - began < late_s:
                return
        pytest.fail("no call is slow enough for this machine")

    return put_first


class TestTheContentApi:
    """The last writer wins, whatever it writes."""

    def test_old_words_that_arrive_late_overwrite_new_ones(
        self, overtake: Any, call: Any, shown: Any, post: Post
    ) -> None:
        """The correction stands there, and then the error is back. A second put of the newest words cures it."""
        newer = replace(post, revision=2, words=NEWER)
        overtake("cms", Step.PUT, post, newer)
        assert eventually(lambda: bool(shown("cms") == [post.words])), "nothing compares revisions there"
        seen = call("cms", Step.LOOK, newer)
        assert (seen.fact, seen.reason, seen.words) == (Fact.DONE, Reason.OTHER_WORDS, post.words)
        assert call("cms", Step.PUT, newer).fact is Fact.DONE
        assert shown("cms") == [NEWER]

    def test_a_withdrawal_that_arrives_late_takes_down_what_came_after_it(
        self, overtake: Any, call: Any, shown: Any, post: Post
    ) -> None:
        """A look says that the newest words are not public, and a put brings them back."""
        newer = replace(post, revision=2, words=NEWER)
        call("cms", Step.PUT, post)
        overtake("cms", Step.WITHDRAW, post, newer)
        assert eventually(lambda: bool(shown("cms") == []))
        seen = call("cms", Step.LOOK, newer)
        assert (seen.words, seen.public) == (NEWER, False)
        assert call("cms", Step.PUT, newer).fact is Fact.DONE
        assert shown("cms") == [NEWER]


class TestThePhoneGateway:
    """An older revision is refused, whenever it arrives."""

    @pytest.fixture
    def arrived(self, lose: Any, shown: Any, post: Post) -> Callable[[], bool]:
        """Wait until everything that was on its way before has arrived: a later call to another place has."""

        def later() -> bool:
            marker = replace(post, incident="RV-2026-0099", words="Sist")
            lose("phone", Step.PUT, marker, LATE_S + 0.1)
            return eventually(lambda: "Sist" in shown("phone"))

        return later

    def test_old_words_that_arrive_late_change_nothing(
        self, overtake: Any, call: Any, shown: Any, arrived: Any, post: Post
    ) -> None:
        """Callers go on hearing the newest words."""
        newer = replace(post, revision=2, words=NEWER)
        overtake("phone", Step.PUT, post, newer)
        assert arrived()
        assert (call("phone", Step.LOOK, newer).words, NEWER in shown("phone")) == (NEWER, True)

    def test_an_older_withdrawal_that_arrives_late_changes_nothing(
        self, overtake: Any, call: Any, arrived: Any, post: Post
    ) -> None:
        """Taking down message one does not silence message two."""
        newer = replace(post, revision=2, words=NEWER)
        call("phone", Step.PUT, post)
        overtake("phone", Step.WITHDRAW, post, newer)
        assert arrived()
        assert call("phone", Step.LOOK, newer).words == NEWER

    @pytest.mark.parametrize("existed", [True, False])
    def test_old_words_do_not_come_back_after_a_withdrawal(
        self, existed: bool, lose: Any, call: Any, shown: Any, arrived: Any, post: Post
    ) -> None:
        """The tombstone of a newer revision refuses them, also where nothing had ever arrived."""
        newer = replace(post, revision=2, words=NEWER)
        if existed:
            call("phone", Step.PUT, replace(post, revision=0))
        lose("phone", Step.PUT, post)
        gone = call("phone", Step.WITHDRAW, newer)
        assert (gone.fact, gone.reason) == (Fact.DONE, Reason.NONE if existed else Reason.GONE)
        assert arrived()
        assert shown("phone") == ["Sist"]
        assert call("phone", Step.PUT, post).reason is Reason.STALE
        assert call("phone", Step.PUT, replace(newer, revision=3)).fact is Fact.DONE
