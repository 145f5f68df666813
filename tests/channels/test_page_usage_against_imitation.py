"""The adapter on a Page with a small budget, over real HTTP: what it stops asking, when, and that it never knocks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from channels.conftest import NOW

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Outcome, Post, Reason, Step
from broadcaster.channels.facebook import Facebook
from broadcaster.sandbox import Sandbox

ENGAGED_USERS = 1
CALLS = 4800
MINUTE = 60.0
Work = Callable[[Facebook], Awaitable[Any]]


class Night:
    """One time for everybody, which passes when a test says so, and a Page whose budget is `used` already."""

    def __init__(self) -> None:
        self.at = NOW.timestamp()
        self.sandbox = Sandbox(clock=lambda: self.at)
        self._told = 0

    def begin(self, used: int, ends_in_minutes: float = 12) -> None:
        """Spend so many calls almost a day ago, so that they come back in so many minutes."""
        document = {"engaged_users": ENGAGED_USERS, "calls_used": used}
        httpx.put(f"{self.sandbox.url}/_graph", json=document, trust_env=False).raise_for_status()
        self.at += 86_400 - ends_in_minutes * MINUTE

    def asked(self) -> list[str]:
        """Return what was asked of the Page since the last time, without queries."""
        items = self.sandbox.state.log.items()[self._told:]
        self._told += len(items)
        paths = [f"{item['method']} {item['path'].split('?')[0]}" for item in items]
        return [path.replace("/graph/v26.0/100200300", "{page}") for path in paths if "debug_token" not in path]

    def run(self, work: Work) -> Any:
        """Give `work` a fresh channel, as after a restart, and return what it gave."""

        async def whole() -> Any:
            page = configuration.Facebook.model_validate({
                "kind": "facebook", "base_url": f"{self.sandbox.url}/graph", "page_id": "100200300", "app_id": "4711",
                "api_version": "v26.0", "protocol": "post"})  # fmt: skip
            channel = Facebook(
                "facebook", page, "PAGETOK", "s3cr3t", seconds=lambda: self.at,
                clock=lambda: datetime.fromtimestamp(self.at, UTC))  # fmt: skip
            try:
                return await work(channel)
            finally:
                await channel.close()

        return asyncio.run(whole())


@pytest.fixture
def night() -> Iterator[Night]:
    """A Page on a free port."""
    made = Night()
    with made.sandbox:
        yield made


def message(post: Post, number: int) -> Post:
    """Return another message, so that it is no duplicate."""
    return replace(post, words=f"{post.words} ({number})", remote_id=None, starts_at=NOW)


def held(found: Outcome) -> bool:
    return (found.fact, found.reason) == (Fact.REFUSED, Reason.RATE)


def test_from_eighty_per_cent_only_what_is_needed_is_read(night: Night, post: Post) -> None:
    """The Page is left alone by checks, while words go out and are read back."""
    night.begin(int(CALLS * 0.8))

    async def work(channel: Facebook) -> None:
        sent = await channel.call(Step.POST, message(post, 1), 10)
        assert sent.fact is Fact.DONE
        night.asked()
        found = await channel.preflight()
        assert night.asked() == [], "not one read of the Page"
        assert found.state == "amber"
        assert "80 procent" in " ".join(found.problems)
        ours = replace(message(post, 1), remote_id=sent.remote_id)
        assert (await channel.call(Step.LOOK, ours, 10)).public
        assert (await channel.call(Step.SEARCH, ours, 10)).fact is Fact.DONE
        assert (await channel.call(Step.WITHDRAW, ours, 10)).fact is Fact.DONE

    night.run(work)


def test_below_eighty_per_cent_the_page_is_checked(night: Night, post: Post) -> None:
    """Or the test above would prove nothing."""
    night.begin(int(CALLS * 0.7))

    async def work(channel: Facebook) -> None:
        await channel.call(Step.POST, message(post, 1), 10)
        night.asked()
        assert (await channel.preflight()).state == "green"
        assert night.asked() == ["GET {page}", "GET {page}/scheduled_posts"]

    night.run(work)


def test_the_last_call_tells_the_minutes_and_nothing_is_asked_until_then(night: Night, post: Post) -> None:
    """Facebook never has to refuse: what it told with its last yes is kept to, to the minute."""
    night.begin(CALLS - 1, ends_in_minutes=12)

    async def work(channel: Facebook) -> None:
        assert (await channel.call(Step.POST, message(post, 1), 10)).fact is Fact.DONE
        night.asked()
        for minutes in (12, 7, 1):
            night.at = NOW.timestamp() + 86_400 - minutes * MINUTE
            for step in (Step.POST, Step.SEARCH, Step.SWEEP):
                found = await channel.call(step, message(post, 2), 10)
                assert held(found)
                assert found.wait_s == minutes * MINUTE
        await channel.preflight()
        assert night.asked() == [], "nothing was asked, so nothing was made longer"
        night.at = NOW.timestamp() + 86_400
        assert (await channel.call(Step.POST, message(post, 2), 10)).fact is Fact.DONE

    night.run(work)


def test_a_refusal_is_waited_out_without_making_it_longer(night: Night, post: Post) -> None:
    """A process that has just begun hears no, and minutes; it asks once more, when they are over, and is let in."""
    night.begin(CALLS, ends_in_minutes=12)

    async def work(channel: Facebook) -> None:
        refused = await channel.call(Step.POST, message(post, 1), 10)
        assert held(refused)
        assert (refused.code, refused.wait_s, refused.trouble) == (80001, 12 * MINUTE, "facebook:80001")
        assert night.asked() == ["POST {page}/feed"]
        for _ in range(11):
            night.at += MINUTE
            assert held(await channel.call(Step.POST, message(post, 1), 10))
            assert held(await channel.call(Step.LOOK, replace(post, remote_id="100200300_7"), 10))
        assert night.asked() == []
        night.at += MINUTE
        assert (await channel.call(Step.POST, message(post, 1), 10)).fact is Fact.DONE

    night.run(work)


def test_whoever_knocks_every_minute_is_not_let_in(night: Night, post: Post) -> None:
    """What the adapter is spared: a client without a memory, here one channel after another."""
    night.begin(CALLS, ends_in_minutes=12)
    for _ in range(30):
        refused = night.run(lambda channel: channel.call(Step.POST, message(post, 1), 10))
        assert held(refused)
        assert refused.wait_s == 12 * MINUTE, "as far away as at first"
        night.at += MINUTE
    assert night.sandbox.state.graph.posts.published() == []


def test_longer_than_an_hour_is_asked_about_every_hour(night: Night, post: Post) -> None:
    """Nobody is told that a block lasts for the whole day: an hour later one call asks whether it is over."""
    night.begin(CALLS, ends_in_minutes=90)

    async def work(channel: Facebook) -> None:
        waits = []
        for _ in range(3):
            found = await channel.call(Step.POST, message(post, 1), 10)
            waits.append((found.fact, found.wait_s))
            night.at += found.wait_s or 0
        assert waits == [(Fact.REFUSED, 3600), (Fact.REFUSED, 31 * MINUTE), (Fact.DONE, None)]
        assert night.asked() == ["POST {page}/feed"] * 3

    night.run(work)


def test_the_budget_of_the_app_is_not_the_pages(night: Night, post: Post) -> None:
    """Checks of the token, with the app's own, use nothing of what messages need."""
    night.begin(0)

    async def work(channel: Facebook) -> None:
        for _ in range(3):
            await channel.preflight()
            night.at += 200
        assert (await channel.call(Step.POST, message(post, 1), 10)).fact is Fact.DONE

    night.run(work)
    assert not held(night.run(lambda channel: channel.call(Step.POST, message(post, 2), 10)))


def test_a_used_up_budget_of_the_app_is_amber_and_holds_back_no_message(night: Night, post: Post) -> None:
    """Facebook no longer tells about our token; that does not make the token a dead one."""
    night.begin(0)
    night.sandbox.state.graph.usage.spend("app", 200, writes=False)

    async def work(channel: Facebook) -> None:
        found = await channel.preflight()
        assert found.state == "amber"
        assert "ber oss fråga mer sällan" in found.problems[0]
        assert (await channel.call(Step.POST, message(post, 1), 10)).fact is Fact.DONE

    night.run(work)
