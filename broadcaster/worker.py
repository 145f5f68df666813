"""
The loop that pays what is owed: claim, call, settle.

One asyncio loop makes the calls; it never touches the database. One thread runs whole transactions, so a slow disk
never delays a call under way, and a hanging channel never delays another. A worker trusts only its own copy of the
lease, on a clock that goes on while the machine sleeps: the row may already belong to somebody else.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import structlog
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from broadcaster import callout, forgetting, planned, sightings, spoken, tampering, verdicts, vigil
from broadcaster.alarm import Bell
from broadcaster.channels import CAN_PUBLISH, Channel, Fact, Outcome, Preflight, Reason
from broadcaster.clocks import boot_clock
from broadcaster.outbox import Claim, Outbox
from broadcaster.outside import Viewer
from broadcaster.settings import Delivery
from broadcaster.store import Store
from broadcaster.tables import preflight as preflight_table
from broadcaster.tables import worker as worker_table

log = structlog.get_logger()
T = TypeVar("T")

#: Calls at once. Twenty channels in several languages fit; a flood waits in the table, not in memory.
CALLS_MAX = 64
#: Claimed at once; fewer than that means that nothing more is due now.
CLAIMS_MAX = 32
#: Part of the lease kept for writing down what came back; half of what a call leaves of a short lease.
SETTLE_S = 2.0
HEARTBEAT_S = 5.0
FORGET_S = 3600.0
#: Every word that two people approved is read again so often.
PROVE_S = 300.0
PREFLIGHT_S = 180.0
UNWELL_AGAIN_S = 15.0
_NOT_CHECKED = Preflight(
    "amber",
    ("Kontrollen av kanalen gick sönder, så vi vet inte hur den mår. Säg till den som sköter tjänsten.",),
    ("The check of the channel broke, so we do not know how it is. Tell whoever runs the service.",),
)


#: A call's answer, and who waits to hear that it is written down.
Answered: TypeAlias = "tuple[Claim, Outcome, asyncio.Future[Claim | None]]"


@dataclass(frozen=True)
class Ways:
    """The channels of each mode. The drill's reach nothing but an imitation on loopback."""

    live: Mapping[str, Channel]
    drill: Mapping[str, Channel]

    def of(self, claim: Claim) -> Channel | None:
        """Return the channel a claim is for, or None if it is no longer set up."""
        return (self.drill if claim.mode == "drill" else self.live).get(claim.channel)


class Worker:
    """Pays what is owed until `stop`. `clock` counts seconds for leases, `sleep` waits.

    `database` and `telling` run whole transactions and tell alarms; each is one thread unless something else is given.
    Without a `viewer` nobody looks from outside.
    """

    def __init__(
        self,
        name: str,
        store: Store,
        outbox: Outbox,
        ways: Ways,
        rules: Delivery,
        bell: Bell,
        *,
        drill_url: str | None = None,
        viewer: Viewer | None = None,
        clock: Callable[[], float] = boot_clock,
        sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep,
        database: Executor | None = None,
        telling: Executor | None = None,
    ) -> None:
        self.name, self.store, self.outbox, self.ways, self.rules, self.bell = name, store, outbox, ways, rules, bell
        self.drill_url, self.viewer = drill_url, viewer
        self._clock, self._sleep = clock, sleep
        self._settle_s = min(SETTLE_S, (rules.lease_s - rules.call_timeout_s) / 2)
        self._database = database or ThreadPoolExecutor(1, thread_name_prefix="database")
        self._telling = telling or ThreadPoolExecutor(1, thread_name_prefix="telling")
        self._work = asyncio.Event()
        self._stopping = False
        self._all_checked = -PREFLIGHT_S
        self._unwell: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._answers: list[Answered] = []
        self._writing: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Look for work now rather than at the next sweep. Call it in the worker's loop."""
        self._work.set()

    def stop(self) -> None:
        """Take nothing new; `run` returns when the calls under way have been written down."""
        self._stopping = True
        self._work.set()

    async def run(self) -> None:
        """Work until `stop`. A database that is away is waited for; nothing ends this loop but `stop`."""
        rounds = [asyncio.create_task(self._every(s, act)) for s, act in self._rounds()]
        while not self._stopping:
            self._work.clear()
            try:
                found = await self.run_once()
            except Exception as error:  # noqa: BLE001 - whatever it is, what is owed must be tried again
                log.error("claim_failed", error=type(error).__name__)
                found = 0
            if found < CLAIMS_MAX:  # what waits for its turn is looked at again when a call has ended
                await self._wait()
        for task in rounds:
            task.cancel()
        await asyncio.gather(*rounds, *self._running, return_exceptions=True)
        self._database.shutdown()
        self._telling.shutdown()

    async def run_once(self) -> int:
        """Begin every call that is due, as far as there is room; return how many."""
        room = CALLS_MAX - len(self._running)
        if room <= 0:
            return 0
        taken = self._clock()
        claims = await self._in_thread(self.outbox.claim, self.name, min(room, CLAIMS_MAX))
        for claim in claims:
            task = asyncio.create_task(self._pay(claim, taken))
            self._running.add(task)
            task.add_done_callback(self._done)
        return len(claims)

    async def drain(self) -> None:
        """Wait until every call that was begun has been written down."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def check_channels(self) -> None:
        """Ask the live channels whether a send would work, and keep the answers for the board.

        All of them every three minutes; in between only those that were not well, so that good news is not late.
        """
        now, everything = self._clock(), list(self.ways.live)
        if now >= self._all_checked + PREFLIGHT_S:
            self._all_checked, keys = now, everything
        else:
            keys = [key for key in everything if key in self._unwell]
        answers = await asyncio.gather(*(self.ways.live[key].preflight() for key in keys), return_exceptions=True)
        for key, answer in zip(keys, answers, strict=True):
            found = answer if isinstance(answer, Preflight) else _NOT_CHECKED
            (self._unwell.discard if found.state == "green" else self._unwell.add)(key)
            await self._in_thread(self._keep_preflight, key, found)

    async def look_outside(self) -> None:
        """Look, as a citizen would, at what has a receipt or was acknowledged, and keep what was seen."""
        if self.viewer is None:
            return
        for look in await self._in_thread(sightings.due, self.store):
            await self._in_thread(sightings.record, self.store, look, await self.viewer.look(look.url, look.words))

    async def _pay(self, claim: Claim, taken: float) -> None:
        """Make one call after another for a claim, as long as the lease is ours."""
        following: Claim | None = claim
        while following is not None:
            left = taken + following.lease_s - self._settle_s - self._clock()
            if left > 0:
                got = await self._call(following, min(self.rules.call_timeout_s, left))
            else:  # this process stood still; nothing left it, and whoever asks next should know that
                got = Outcome(Fact.NOT_SENT, Reason.NETWORK, detail="the lease ended before the call")
            log.info(
                "call",
                delivery=following.delivery_id,
                channel=following.channel,
                step=str(following.step),
                fact=str(got.fact),
                reason=str(got.reason),
                status=got.status,
                detail=got.detail,
            )
            ends = taken + following.lease_s
            taken = self._clock()
            following = await self._settle(following, got, ends)

    async def _call(self, claim: Claim, timeout_s: float) -> Outcome:
        channel = self.ways.of(claim)
        if channel is None:
            return Outcome(Fact.REFUSED, Reason.CONTENT, detail="the channel is not set up any more")
        try:
            async with asyncio.timeout(timeout_s + self._settle_s / 2):  # an adapter that forgets its own bound
                return await channel.call(claim.step, claim.post, timeout_s)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the delivery; it may have got out
            log.error("call_raised", channel=claim.channel, step=str(claim.step), error=type(error).__name__)
            fact = Fact.UNCERTAIN if claim.step in CAN_PUBLISH else Fact.NOT_SENT
            return Outcome(fact, Reason.NETWORK, detail=f"fault in the adapter: {type(error).__name__}")

    async def _settle(self, claim: Claim, got: Outcome, ends: float) -> Claim | None:
        """Write down what came back, again and again while the lease lasts: it must not be forgotten."""
        wait_s = 0.2
        while True:
            try:
                return await self._written(claim, got)
            except SQLAlchemyError as error:
                log.error("settle_failed", delivery=claim.delivery_id, error=type(error).__name__)
                if self._clock() + wait_s >= ends:
                    return None
                await self._sleep(wait_s)
                wait_s = min(wait_s * 2, 5.0)

    async def _written(self, claim: Claim, got: Outcome) -> Claim | None:
        """Write down one answer, together with all that came while the ones before were being written."""
        told: asyncio.Future[Claim | None] = asyncio.get_running_loop().create_future()
        self._answers.append((claim, got, told))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await told

    async def _write(self) -> None:
        while self._answers:
            batch, self._answers = self._answers, []
            try:
                answers = [(claim, got) for claim, got, _ in batch]
                found = await self._in_thread(self.outbox.settle_all, answers, self.name)
            except Exception as error:  # noqa: BLE001 - passed on; one bad row must not keep the others from being settled
                await self._write_singly(batch, error)
                continue
            for (_, _, told), following in zip(batch, found, strict=True):
                told.set_result(following)
        self._writing = None

    async def _write_singly(self, batch: list[Answered], error: Exception) -> None:
        for claim, got, told in batch:
            if len(batch) == 1:
                told.set_exception(error)
                continue
            try:
                told.set_result(await self._in_thread(self.outbox.settle, claim, got, self.name))
            except Exception as its_own:  # noqa: BLE001 - passed on to the call it belongs to
                told.set_exception(its_own)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._work.set()  # what waited for this delivery may go now
        if not task.cancelled() and task.exception() is not None:
            log.error("pay_failed", error=repr(task.exception()))

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self.rules.sweep_s):
                await self._work.wait()
        except TimeoutError:
            return

    def _rounds(self) -> list[tuple[float, Callable[[], Coroutine[Any, Any, object]]]]:
        return [
            (self.rules.sweep_s, self._overdue),
            (self.rules.sweep_s, self._tell),
            (self.rules.sweep_s, self._ask),
            (HEARTBEAT_S, self._heartbeat),
            (HEARTBEAT_S, self._close_expired),
            (HEARTBEAT_S, self._watch),
            (HEARTBEAT_S, self._tidy),
            (FORGET_S, self._forget),
            (PROVE_S, self._prove),
            *([(HEARTBEAT_S, self.look_outside)] if self.viewer else []),
            (UNWELL_AGAIN_S, self.check_channels),
        ]

    async def _every(self, seconds: float, act: Callable[[], Coroutine[Any, Any, object]]) -> None:
        while True:
            try:
                await act()
            except Exception as error:  # noqa: BLE001 - an alarm that could not be told once must be told later
                log.error("round_failed", error=type(error).__name__)
            await self._sleep(seconds)

    async def _overdue(self) -> None:
        await self._in_thread(self.outbox.overdue)

    async def _tell(self) -> None:
        """Tell what is due, in a thread and a round of its own: a mail server that hangs must not hide new trouble."""
        await asyncio.get_running_loop().run_in_executor(self._telling, callout.tell_due, self.store, self.bell)

    async def _ask(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._telling, spoken.send_due, self.store, self.bell)

    async def _close_expired(self) -> None:
        await self._in_thread(verdicts.close_expired, self.store)

    async def _watch(self) -> None:
        await self._in_thread(vigil.watch, self.store)
        await self._in_thread(planned.watch, self.store)

    async def _tidy(self) -> None:
        if await self._in_thread(self.outbox.tidy):
            self._work.set()

    async def _forget(self) -> None:
        await self._in_thread(forgetting.forget, self.store)

    async def _prove(self) -> None:
        await self._in_thread(tampering.watch, self.store)

    async def _heartbeat(self) -> None:
        await self._in_thread(self._write_heartbeat)

    def _write_heartbeat(self) -> None:
        with self.store.transaction() as transaction:
            values = {"seen_at": transaction.now, "drill_url": self.drill_url}
            mine = worker_table.c.name == self.name
            if not transaction.execute(update(worker_table).where(mine).values(**values)).rowcount:
                transaction.execute(worker_table.insert().values(name=self.name, **values))

    def _keep_preflight(self, key: str, found: Preflight) -> None:
        with self.store.transaction() as transaction:
            said = zip(found.problems, found.english or found.problems, strict=True)
            problems = [{"sv": sv, "en": en} for sv, en in said]
            values = {"state": found.state, "problems": problems, "checked_at": transaction.now}
            new = (postgresql.insert if self.store.is_postgresql else sqlite.insert)(preflight_table)
            statement = new.values(channel=key, **values)
            transaction.execute(statement.on_conflict_do_update(index_elements=["channel"], set_=values))
            if found.plans is not None:
                planned.keep(transaction, key, found.plans)

    async def _in_thread(self, act: Callable[..., T], *values: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, act, *values)
