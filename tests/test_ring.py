"""Waking the worker: a hint that arrives at once where it can, and that nobody depends on."""

import asyncio
import time
from pathlib import Path

from service import Clock

from broadcaster.ring import SOCKET_PATH_MAX, Listener, bell_rope
from broadcaster.store import Store


async def heard_within(event: asyncio.Event, seconds: float = 10) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def put_away(folder: Path, suffix: str) -> None:
    """Give the one bell in `folder` another process's name."""
    bell = next(folder.glob(".ring-*"))
    bell.rename(bell.with_suffix(suffix))


def test_a_ring_is_heard_on_either_database(database_url: str, clock: Clock) -> None:
    """The worker wakes without waiting for its sweep; a second ring wakes it again."""
    store = Store(database_url, clock=clock.now)

    async def listen() -> None:
        event = asyncio.Event()
        listener = Listener(store, event.set)
        ring = bell_rope(store)
        try:
            for _ in range(2):
                ends = time.monotonic() + 20
                while not event.is_set() and time.monotonic() < ends:  # until it has begun to listen
                    await asyncio.to_thread(ring)
                    await heard_within(event, 0.2)
                assert event.is_set()
                await asyncio.sleep(0)
                event.clear()
        finally:
            listener.close()

    asyncio.run(listen())
    store.close()


def test_two_workers_of_one_database_both_hear_it(tmp_path: Path, clock: Clock) -> None:
    """Each has a bell of its own beside the database."""
    store = Store(f"sqlite:///{tmp_path / 'a.db'}", clock=clock.now)

    async def listen() -> None:
        event = asyncio.Event()
        listener = Listener(store, event.set)
        put_away(tmp_path, ".1")  # as if it were another process's
        second = asyncio.Event()
        again = Listener(store, second.set)
        bell_rope(store)()
        assert await heard_within(event) and await heard_within(second)
        listener.close()
        again.close()

    asyncio.run(listen())
    store.close()


def test_another_databases_bell_is_not_rung(tmp_path: Path, clock: Clock) -> None:
    """Two services in one folder do not wake each other."""
    mine, other = (Store(f"sqlite:///{tmp_path / name}", clock=clock.now) for name in ("a.db", "b.db"))

    async def listen() -> bool:
        event = asyncio.Event()
        listener = Listener(mine, event.set)
        bell_rope(other)()
        found = await heard_within(event, 0.1)
        listener.close()
        return found

    assert asyncio.run(listen()) is False
    mine.close()
    other.close()


def test_nobody_there_is_no_trouble(tmp_path: Path, clock: Clock) -> None:
    """Neither when no worker runs, nor when one was killed and left its bell behind."""
    store = Store(f"sqlite:///{tmp_path / 'a.db'}", clock=clock.now)
    ring = bell_rope(store)
    ring()

    async def listen() -> None:
        listener = Listener(store, lambda: None)
        put_away(tmp_path, ".killed")
        listener.close()

    asyncio.run(listen())
    assert list(tmp_path.glob(".ring-*.killed"))
    ring()
    assert list(tmp_path.glob(".ring-*")) == []  # nobody will ever hear that bell again
    store.close()


def test_a_closed_bell_leaves_nothing_behind(tmp_path: Path, clock: Clock) -> None:
    """No file beside the database."""
    store = Store(f"sqlite:///{tmp_path / 'a.db'}", clock=clock.now)

    async def listen() -> None:
        Listener(store, lambda: None).close()

    asyncio.run(listen())
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_a_database_too_deep_for_a_bell_is_swept(tmp_path: Path, clock: Clock) -> None:
    """The system takes no such long address; the worker works all the same, a second later."""
    folder = tmp_path / ("d" * (SOCKET_PATH_MAX + 10))
    folder.mkdir()
    store = Store(f"sqlite:///{folder / 'a.db'}", clock=clock.now)

    async def listen() -> None:
        listener = Listener(store, lambda: None)
        bell_rope(store)()
        listener.close()

    asyncio.run(listen())
    assert list(folder.iterdir()) == []
    store.close()


def test_a_database_that_is_away_makes_no_ring_fail() -> None:
    """The message is committed by then: whoever rings must never be told of trouble."""
    store = Store("postgresql+psycopg://nobody@127.0.0.1:9/none")
    bell_rope(store)()
    store.close()
