"""A channel and an outbox that do as a test says, and a worker between them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine import ABSENT, DONE, Engine
from sqlalchemy.exc import OperationalError

from broadcaster.alarm import Bell
from broadcaster.channels import Channel, Fact, Outcome, Post, Preflight, Step, Way
from broadcaster.clock_steps import Steps
from broadcaster.outbox import Claim, Outbox
from broadcaster.proof import Proof
from broadcaster.settings import Delivery
from broadcaster.worker import Ways, Worker

Answer = Callable[[Step, Post], Awaitable[Outcome]]


async def good(step: Step, post: Post) -> Outcome:
    """Do everything at once, and show it."""
    if step is Step.LOOK:
        return Outcome(Fact.DONE, remote_id="100200300_7", words=post.words, public=True)
    return ABSENT if step is Step.SEARCH else DONE


@dataclass
class Fake:
    """A channel that answers as the test says, and remembers what it was asked."""

    key: str = "1177_notice"
    kind: str = "fake"
    way: Way = "upsert"
    answer: Answer = good
    calls: list[Step] = field(default_factory=list)
    closed: bool = False

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        self.calls.append(step)
        return await self.answer(step, post)

    async def preflight(self) -> Preflight:
        if self.kind == "broken":
            raise RuntimeError("no answer")
        return Preflight("red", ("Nyckeln har gått ut.",))

    async def close(self) -> None:
        self.closed = True


class Flaky(Outbox):
    """An outbox whose database goes away as often as the test says."""

    def __init__(self, *parts: Any, claims: int = 0, settles: int = 0, error: Exception | None = None) -> None:
        store, rules, _ = parts
        super().__init__(*parts, luck=lambda: 0.5, steps=Steps(rules, lambda: store.clock().timestamp()))
        self.claims, self.settles = claims, settles
        self.error = error or OperationalError("BEGIN", {}, Exception("gone"))
        self.settled = 0

    def claim(self, worker: str, limit: int = 32) -> list[Claim]:
        if self.claims:
            self.claims -= 1
            raise self.error
        return super().claim(worker, limit)

    def settle_all(self, answers: Sequence[tuple[Claim, Outcome]], worker: str) -> tuple[Claim | None, ...]:
        self.settled += 1
        if self.settles:
            self.settles -= 1
            raise self.error
        return super().settle_all(answers, worker)


def worker_for(engine: Engine, live: Mapping[str, Channel], outbox: Outbox | None = None, **more: Any) -> Worker:
    settings = engine.parts.settings
    bell = Bell(settings.alarm, smtp_password=None, webhook_secret=None, board_url="http://127.0.0.1:8000/desk")
    rules = more.pop("rules", Delivery(call_timeout_s=0.2, lease_s=6, sweep_s=0.05))
    return Worker(
        "w1",
        engine.parts.store,
        outbox or engine.outbox(),
        Ways(live=live, drill=more.pop("drill", {})),
        rules,
        bell,
        clock=engine.clock.seconds,
        **more,
    )


def flaky(engine: Engine, **faults: Any) -> Flaky:
    return Flaky(engine.parts.store, engine.parts.settings.delivery, Proof("http://127.0.0.1:8000"), **faults)


async def until(true: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for happens in the database
            await asyncio.sleep(0.02)


async def run_until(worker: Worker, true: Callable[[], bool]) -> None:
    """Run the worker's own loop until `true`, then stop it and wait for its end."""
    running = asyncio.create_task(worker.run())
    try:
        await until(lambda: true() or running.done())
    finally:
        worker.stop()
        await running
