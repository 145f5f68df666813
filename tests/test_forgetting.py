"""What nobody needs any more goes, a little at a time; what may be asked for stays."""

import asyncio
from datetime import timedelta

from fakes import until, worker_for
from service import Service
from sqlalchemy import func, insert, select

from broadcaster.forgetting import ANSWERS_KEPT, AT_ONCE_MAX, DEAD_AFTER, forget
from broadcaster.tables import idempotency, metadata, worker


def count(service: Service, table: str) -> int:
    with service.parts.store.reading() as transaction:
        return int(transaction.execute(select(func.count()).select_from(metadata.tables[table])).scalar_one())


def test_a_worker_that_is_silent_for_a_week_is_forgotten_and_a_living_one_stays(service: Service) -> None:
    """Each start makes a row; a service that is deployed daily must not gather them for years."""
    with service.parts.store.transaction() as transaction:
        for name, days in (("dead", 8), ("quiet", 6), ("alive", 0)):
            transaction.execute(insert(worker).values(name=name, seen_at=transaction.now - timedelta(days=days)))
    assert forget(service.parts.store) == 1
    with service.parts.store.reading() as transaction:
        assert set(transaction.execute(select(worker.c.name)).scalars()) == {"quiet", "alive"}
    assert forget(service.parts.store) == 0
    service.clock.advance(DEAD_AFTER.total_seconds() + 1)
    assert forget(service.parts.store) == 2


def test_asking_again_after_a_month_still_gives_the_first_answer(service: Service) -> None:
    broadcasts, body = service.parts.broadcasts, service.body()
    first = broadcasts.send(body, service.anna, "key-1")
    service.clock.advance(30 * 24 * 3600)
    assert forget(service.parts.store) == 0
    again = broadcasts.send(body, service.anna, "key-1")
    assert again.replayed and again.body == first.body


def test_an_answer_goes_after_a_quarter_of_a_year_and_nothing_else_with_it(service: Service) -> None:
    service.send()
    kept = {name: count(service, name) for name in metadata.tables if name != "idempotency"}
    service.clock.advance(ANSWERS_KEPT.total_seconds() + 1)
    assert forget(service.parts.store) == 1
    assert count(service, "idempotency") == 0
    assert {name: count(service, name) for name in kept} == kept


def test_a_great_many_go_a_few_at_a_time(service: Service) -> None:
    """The first time after years must not keep anybody from sending."""
    with service.parts.store.transaction() as transaction:
        old = transaction.now - ANSWERS_KEPT - timedelta(days=1)
        one = {"client": "key:a", "body": "", "answer": b""}
        rows = [{**one, "key": str(n), "at": old + timedelta(seconds=n)} for n in range(AT_ONCE_MAX + 7)]
        transaction.execute(insert(idempotency), rows)
    assert [forget(service.parts.store) for _ in range(3)] == [AT_ONCE_MAX, 7, 0]


def test_the_worker_does_it_by_itself(service: Service) -> None:
    with service.parts.store.transaction() as transaction:
        transaction.execute(insert(worker).values(name="dead", seen_at=transaction.now - 2 * DEAD_AFTER))

    async def begin() -> None:
        working = worker_for(service, {})
        running = asyncio.create_task(working.run())
        await until(lambda: "dead" not in names(service))
        working.stop()
        await running

    asyncio.run(begin())
    assert names(service) == {"w1"}


def names(service: Service) -> set[str]:
    with service.parts.store.reading() as transaction:
        return set(transaction.execute(select(worker.c.name)).scalars())
