"""
A worker as a process of its own: real `Worker.run()` on a loop of its own, that may sleep, die and be born again.

Whatever a dead process still has to do on its loop has no effect: its calls are not made, its transactions not run.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, Protocol, TypeVar

from broadcaster.worker import Worker
from simulation.chance import ActLuck, Chance, Trouble
from simulation.database import Database, Died
from simulation.loop import Loop
from simulation.time import Time

T = TypeVar("T")


class Town(Protocol):
    """What a process knows of where it lives."""

    time: Time
    chance: Chance
    database: Database
    luck_now: float

    def died(self, process: "Process", point: str) -> None:
        """A process ended."""

    def slept(self, process: "Process", seconds: float, clock_set_s: float) -> None:
        """A process is not stepped for so long."""

    def answered(self, process: "Process", name: str, began: float, result: object) -> None:
        """A transaction was committed and its result is on its way to the process."""

    def broke(self, process: "Process", name: str, error: Exception) -> None:
        """The engine raised what nobody ordered."""


class Process(Executor):
    """One worker process. It is its own database thread: a transaction runs at once, its answer comes when it comes."""

    def __init__(self, name: str, town: Town, build: "Callable[[Process], Worker]") -> None:
        self.name, self.town = name, town
        self.dead = False
        self.asleep_until = 0.0
        self.able_since = town.time.now
        self.loop = Loop(town.time)
        self.worker = build(self)
        self._running = self.loop.create_task(self.worker.run())
        self._wake: float | None = town.time.now

    @property
    def wake(self) -> float | None:
        """Return when this process has something to do, or None: never by itself."""
        if self.dead or self._wake is None:
            return None
        return max(self._wake, self.asleep_until)

    def step(self) -> None:
        """Let it do all it can do now."""
        self._wake = self.loop.run_until_idle()
        if self._running.done() and not self.dead:
            self.dead = True
            self.town.died(self, "stopped")

    def poke(self) -> None:
        """Let it be stepped now: something outside gave it work."""
        self._wake = self.town.time.now

    def ring(self) -> None:
        """Ring the worker, as a web process would after a commit."""
        if not self.dead:
            self.worker.ring()
            self.poke()

    def stop(self) -> None:
        """Ask it to end in order."""
        if not self.dead:
            self.worker.stop()
            self.poke()

    def die(self, point: str) -> None:
        """End at once, as after `kill -9`."""
        if not self.dead:
            self.dead = True
            self.town.died(self, point)

    def sleep(self, seconds: float, clock_set_s: float = 0.0) -> None:
        """Be stopped for so long, as by SIGSTOP or a closed lid; then it acts on what it knew before."""
        self.asleep_until = max(self.asleep_until, self.town.time.now + seconds)
        self.able_since = self.asleep_until
        self.town.slept(self, seconds, clock_set_s)

    async def rest(self, seconds: float) -> None:
        """Wait on this process's own clock."""
        await asyncio.sleep(seconds)

    def bury(self) -> None:
        """Free what is left of it, without another effect."""
        self.dead = True
        self.loop.finish()

    # -- an executor ------------------------------------------------------------------------------------------------

    def submit(self, act: Callable[..., T], /, *values: Any, **named: Any) -> "Future[T]":
        """Run a whole transaction now, and let its answer come as chance has it."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # a transaction that runs is not taken back by who waits for it
        if self.dead:
            return future
        name = act.__name__.strip("_").removesuffix("_all")  # several answers written down at once are one settling
        luck = self.town.chance.act(self.name, name, _subject(values))
        if luck.trouble is Trouble.BEFORE:
            self.die(f"{name}:before")
            return future
        self._run(future, name, luck, lambda: act(*values, **named))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Do nothing: there is no thread."""

    def _run(self, future: "Future[T]", name: str, luck: ActLuck, act: Callable[[], T]) -> None:
        began = self.town.time.now
        database = self.town.database
        database.trouble, self.town.luck_now = luck.trouble, luck.jitter
        try:
            result = _in_order(act())
        except Died:
            self.die(f"{name}:within")
            return
        except Exception as error:  # noqa: BLE001 - whatever the engine raises is the worker's to handle
            if luck.trouble not in (Trouble.AWAY, Trouble.UNKNOWN):
                self.town.broke(self, name, error)
            self._later(luck.answered_s, future.set_exception, error)
            return
        finally:
            database.trouble = Trouble.NONE
        if luck.trouble is Trouble.COMMITTED:
            self.die(f"{name}:committed")
            return
        self.town.answered(self, name, began, result)
        if luck.trouble is Trouble.PAUSED:
            self.sleep(luck.paused_s, luck.clock_set_s)
        self._later(luck.answered_s, future.set_result, result)

    def _later(self, seconds: float, act: Callable[..., None], value: object) -> None:
        if seconds:
            self.loop.call_later(seconds, act, value)
        else:
            self.loop.call_soon(act, value)


def _subject(values: tuple[Any, ...]) -> str:
    """Name what a transaction is about by the mark, never by an id."""
    about = values[0] if values else None
    claim = about[0][0] if isinstance(about, list) else about
    post = getattr(claim, "post", None)
    return f"{claim.channel}/{post.mark}/{post.language}" if claim is not None and post is not None else ""


def _in_order(result: T) -> T:
    """Put claims in an order that no random id decides; which of them begins first is nothing the engine promises."""
    if isinstance(result, list):
        result.sort(key=lambda claim: (claim.channel, claim.post.language, claim.post.mark))
    return result
