"""The loop that pays: nothing one channel, one fault or one bad minute of the database does stops the others."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from engine import DONE, Engine, make_engine
from fakes import Fake, Flaky, flaky, good, run_until, until, worker_for
from service import Clock

from broadcaster.channels import Fact, Outcome, Post, Preflight, Step
from broadcaster.outbox import Claim, Outbox
from broadcaster.settings import Delivery
from broadcaster.tables import preflight as preflight_table
from broadcaster.tables import worker as worker_table

NOTICE = ["1177_notice"]


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    """Return an engine whose channels the test answers for."""
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


class TestOneChannelsTrouble:
    """What one channel does is no other channel's business."""

    def test_a_hanging_channel_does_not_delay_the_others(self, engine: Engine) -> None:
        """Facebook never answers; everything else is published meanwhile."""
        released = asyncio.Event()

        async def hang(_step: Step, _post: Post) -> Outcome:
            await released.wait()
            return DONE

        engine.send(channels=["facebook", "1177_notice"])

        async def work() -> None:
            worker = worker_for(engine, {"facebook": Fake(answer=hang), "1177_notice": Fake()})
            await worker.run_once()
            await until(lambda: engine.row("1177_notice")["state"] == "published")
            assert engine.row("facebook")["state"] == "sending"
            released.set()
            await worker.drain()

        asyncio.run(work())

    def test_a_channel_that_forgets_its_own_bound_is_cut_off(self, engine: Engine) -> None:
        """The call ends within the lease, and may have got out: it is put again, not forgotten."""

        async def forget(_step: Step, _post: Post) -> Outcome:
            await asyncio.Event().wait()
            return DONE

        engine.send(channels=NOTICE)

        async def work() -> None:
            slow = Fake(answer=forget)
            worker = worker_for(engine, {"1177_notice": slow})
            await worker.run_once()
            await until(lambda: engine.row("1177_notice")["ever_unsure"])
            slow.answer = good
            await worker.drain()
            engine.clock.advance(60)
            await worker.run_once()
            await worker.drain()

        asyncio.run(work())
        assert engine.row("1177_notice")["state"] == "published"

    def test_a_short_lease_leaves_time_for_the_call(self, engine: Engine) -> None:
        """Whoever sets two seconds to be taken over fast still gets calls made."""
        engine.send(channels=NOTICE)

        async def work() -> None:
            worker = worker_for(engine, {"1177_notice": Fake()}, rules=Delivery(lease_s=2, call_timeout_s=1))
            await worker.run_once()
            await worker.drain()

        asyncio.run(work())
        assert engine.row("1177_notice")["state"] == "published"

    @pytest.mark.parametrize(("channel", "state"), [("facebook", "retrying"), ("1177_notice", "uncertain")])
    def test_a_fault_in_an_adapter_loses_no_delivery(self, engine: Engine, channel: str, state: str) -> None:
        """A draft was certainly not public; a put may have been. Both are tried again."""
        faults = iter([RuntimeError("bug"), KeyError("bug")])

        async def break_twice(step: Step, post: Post) -> Outcome:
            for fault in faults:
                raise fault
            return await good(step, post)

        engine.send(channels=[channel])

        async def work() -> None:
            worker = worker_for(engine, {channel: Fake(answer=break_twice)})
            await worker.run_once()
            await worker.drain()
            assert engine.row(channel)["state"] == state
            engine.clock.advance(30)
            await worker.run_once()
            await worker.drain()

        asyncio.run(work())
        assert engine.row(channel)["state"] == "published"

    def test_a_channel_that_is_no_longer_set_up_becomes_a_persons_task(self, engine: Engine) -> None:
        """Somebody changed the settings while it was owed: it is not lost, and not tried for ever."""
        engine.send(channels=NOTICE)

        async def work() -> None:
            worker = worker_for(engine, {})
            await worker.run_once()
            await worker.drain()

        asyncio.run(work())
        assert engine.row("1177_notice")["state"] == "needs_person"

    def test_a_drill_never_reaches_a_live_channel(self, engine: Engine) -> None:
        """The two sets are apart; a drill without an imitation goes nowhere rather than out."""
        live, imitation = Fake(), Fake()
        engine.send(channels=NOTICE, mode="drill")

        async def work() -> None:
            worker = worker_for(engine, {"1177_notice": live}, drill={"1177_notice": imitation})
            await worker.run_once()
            await worker.drain()

        asyncio.run(work())
        assert live.calls == []
        assert imitation.calls == [Step.PUT, Step.LOOK]


class TestTheDatabase:
    """A database that goes away is waited for."""

    @pytest.mark.parametrize("error", [None, RuntimeError("bug")])
    def test_claims_that_fail_do_not_end_the_loop(self, engine: Engine, error: Exception | None) -> None:
        """Three times away, or three times a fault of ours: then everything is sent."""
        engine.send(channels=NOTICE)
        outbox = flaky(engine, claims=3, error=error)

        async def work() -> None:
            worker = worker_for(engine, {"1177_notice": Fake()}, outbox)
            await run_until(worker, lambda: engine.row("1177_notice")["state"] == "published")

        asyncio.run(work())
        assert engine.row("1177_notice")["state"] == "published"

    def test_what_came_back_is_written_down_when_the_database_is_there_again(self, engine: Engine) -> None:
        """The answer is kept and offered again; the channel is not asked twice."""
        engine.send(channels=NOTICE)
        outbox = flaky(engine, settles=3)
        channel, waits = Fake(), list[float]()

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        async def work() -> None:
            worker = worker_for(engine, {"1177_notice": channel}, outbox, sleep=sleep)
            await worker.run_once()
            await worker.drain()

        asyncio.run(work())
        assert channel.calls == [Step.PUT, Step.LOOK]
        assert waits == [0.2, 0.4, 0.8]
        assert engine.row("1177_notice")["state"] == "published"

    def test_after_the_lease_it_gives_up_and_another_looks(self, engine: Engine) -> None:
        """What could not be written in time is uncertain for whoever comes next."""
        engine.send(channels=NOTICE)
        outbox = flaky(engine, settles=1000)

        async def sleep(seconds: float) -> None:
            engine.clock.advance(seconds)

        async def work() -> None:
            worker = worker_for(engine, {"1177_notice": Fake()}, outbox, sleep=sleep)
            await worker.run_once()
            await worker.drain()

        asyncio.run(work())
        assert 3 < outbox.settled < 10
        engine.clock.advance(60)
        assert engine.claim("1177_notice", worker="next") is not None
        assert engine.row("1177_notice")["ever_unsure"]

    def test_no_call_is_made_when_the_lease_ended_on_the_way(self, engine: Engine) -> None:
        """The machine slept between the claim and the call: the row may be another's by now, so it is claimed anew."""
        engine.send(channels=NOTICE)
        channel = Fake()

        class Slow(Outbox):
            def claim(self, worker: str, limit: int = 32) -> list[Claim]:
                found = super().claim(worker, limit)
                engine.clock.advance(60)
                return found

        async def work() -> None:
            sound = engine.outbox()
            outbox = Slow(sound.store, sound.rules, sound.proof, luck=lambda: 0.5, steps=sound.steps)
            worker = worker_for(engine, {"1177_notice": channel}, outbox)
            await worker.run_once()
            await worker.drain()

        asyncio.run(work())
        assert engine.attempts()[:2] == [("put", "not_sent"), ("put", "done")]
        assert not engine.row("1177_notice")["deaths"]


class TestStopping:
    """A deploy or a restart in the middle of a send."""

    def test_calls_under_way_are_finished_and_written_down(self, engine: Engine) -> None:
        """Nothing is left open for the next worker to wonder about."""
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def slow(step: Step, post: Post) -> Outcome:
            begun.set()
            await may_end.wait()
            return await good(step, post)

        engine.send(channels=NOTICE)

        async def work() -> None:
            worker = worker_for(engine, {"1177_notice": Fake(answer=slow)})
            running = asyncio.create_task(worker.run())
            await begun.wait()
            worker.stop()
            may_end.set()
            async with asyncio.timeout(20):
                await running

        asyncio.run(work())
        assert engine.row("1177_notice")["state"] == "published"
        assert engine.row("1177_notice")["lease_by"] is None

    def test_a_ring_is_answered_before_the_next_sweep(self, engine: Engine) -> None:
        """The worker sleeps for an hour between sweeps; a ring wakes it."""

        async def work() -> None:
            worker = worker_for(engine, {"1177_notice": Fake()})
            worker.rules = Delivery(call_timeout_s=0.2, lease_s=6, sweep_s=3600)
            running = asyncio.create_task(worker.run())
            await until(lambda: bool(seen(engine)))
            engine.send(channels=NOTICE)
            worker.ring()
            await until(lambda: engine.row("1177_notice")["state"] == "published")
            worker.stop()
            await running

        asyncio.run(work())
        assert engine.row("1177_notice")["state"] == "published"


def seen(engine: Engine) -> list[Any]:
    with engine.parts.store.reading() as transaction:
        return list(transaction.execute(worker_table.select()))


class TestWatching:
    """What the worker does beside paying."""

    def test_it_says_that_it_lives_and_where_its_imitation_is(self, engine: Engine) -> None:
        """Readiness and the drill pages read it."""

        async def work() -> None:
            worker = worker_for(engine, {}, drill_url="http://127.0.0.1:9/drill")
            await run_until(worker, lambda: bool(seen(engine)))

        asyncio.run(work())
        assert [(row.name, row.drill_url) for row in seen(engine)] == [("w1", "http://127.0.0.1:9/drill")]

    def test_a_check_that_breaks_is_amber_and_the_others_are_kept(self, engine: Engine) -> None:
        """Preflight only warns, and one broken check hides no other."""

        async def work() -> None:
            worker = worker_for(engine, {"facebook": Fake(kind="broken"), "1177_notice": Fake()})
            await worker.check_channels()
            await worker.check_channels()

        asyncio.run(work())
        with engine.parts.store.reading() as transaction:
            rows = {row.channel: row.state for row in transaction.execute(preflight_table.select())}
        assert rows == {"facebook": "amber", "1177_notice": "red"}

    def test_problems_are_kept_in_both_languages_where_the_channel_has_them(self, engine: Engine) -> None:
        """Whoever reads English reads English, and Swedish alone is better than nothing."""

        class Bilingual(Fake):
            async def preflight(self) -> Preflight:
                return Preflight("amber", ("Nyckeln går snart ut.",), ("The key expires soon.",))

        async def work() -> None:
            await worker_for(engine, {"facebook": Bilingual(), "1177_notice": Fake()}).check_channels()

        asyncio.run(work())
        found = {one["key"]: one["preflight"] for one in engine.parts.board.channels()}
        assert found["facebook"]["problems"] == ["Nyckeln går snart ut."]
        assert found["facebook"]["problems_en"] == ["The key expires soon."]
        assert found["1177_notice"]["problems"] == found["1177_notice"]["problems_en"] == ["Nyckeln har gått ut."]

    def test_a_fault_in_one_round_does_not_end_it(self, engine: Engine) -> None:
        """The look for what is overdue breaks once; a minute later a person is told all the same."""

        class Once(Flaky):
            broken = False

            def overdue(self) -> int:
                if not self.broken:
                    self.broken = True
                    raise RuntimeError("bug")
                return super().overdue()

        engine.send(channels=["facebook"])
        engine.clock.advance(61)
        outbox = Once(engine.parts.store, engine.parts.settings.delivery, engine.outbox().proof)

        async def hang(_step: Step, _post: Post) -> Outcome:
            await asyncio.sleep(0.05)
            return Outcome(Fact.REFUSED, wait_s=600)

        async def work() -> None:
            worker = worker_for(engine, {"facebook": Fake(answer=hang)}, outbox)
            await run_until(worker, lambda: bool(engine.parts.board.alarms()))

        asyncio.run(work())
        assert len(engine.parts.board.alarms()) == 1
