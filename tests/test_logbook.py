"""Whoever asks the log something gets all of the answer and nothing else, however long the log is."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from service import Clock
from sqlalchemy import event as sa_event
from sqlalchemy import select

from broadcaster import audit, logbook
from broadcaster.audit import Event
from broadcaster.errors import NotFound
from broadcaster.log_tables import audit_about
from broadcaster.logbook import PAGE, Query
from broadcaster.migrations import migrate
from broadcaster.store import Store

#: Long enough that reading all of it for a page would show.
MANY = 2000


@pytest.fixture
def log(database_url: str, clock: Clock) -> Iterator[Store]:
    """Return a store whose log has a hundred entries a minute of one type, and two rare ones in the middle."""
    store = Store(database_url, clock=clock.now)
    migrate(store)
    for number in range(MANY // 100):
        with store.transaction() as transaction:
            for _ in range(100):
                audit.record(transaction, Event.CLOCK_STEPPED, seconds=number)
        clock.advance(60)
        if number == 9:
            with store.transaction() as transaction:
                audit.record(transaction, Event.USER_ADDED, private={"person": "bo"}, roles=["sender"])
                audit.record(transaction, Event.DELIVERY_OWED, by="key:vaxel", delivery="d-1", message="m-1")
    yield store
    store.close()


def numbers(store: Store, query: Query, **where: int) -> list[int]:
    with store.reading() as transaction:
        return [entry.seq for entry in logbook.read(transaction, query, **where).entries]


def test_each_filter_finds_what_a_reading_of_the_whole_log_finds(log: Store) -> None:
    with log.reading() as transaction:
        whole = [json.loads(entry) for _, entry in audit.entries(transaction, limit=10_000)]
    people = frozenset({Event.USER_ADDED, Event.USER_DISABLED, Event.DELIVERY_OWED})
    rare = [entry["seq"] for entry in whole if entry["type"] in people]
    assert numbers(log, Query(people)) == sorted(rare, reverse=True)
    assert numbers(log, Query(person="bo")) == [rare[0]]
    assert numbers(log, Query(person=" Vaxel ")) == [rare[1]]
    assert numbers(log, Query(people, person="nobody")) == []
    assert numbers(log, Query(frozenset({Event.USER_DISABLED}), person="bo")) == []
    assert numbers(log, Query()) == list(range(len(whole) - 1, len(whole) - 1 - PAGE, -1))
    assert numbers(log, Query(frozenset())) == []


def test_pages_before_and_after_a_number_meet(log: Store) -> None:
    query = Query(frozenset({Event.CLOCK_STEPPED, Event.USER_ADDED}))
    first = numbers(log, query)
    second = numbers(log, query, before=first[-1])
    assert first[-1] == second[0] + 1
    assert numbers(log, query, after=second[0]) == first
    with log.reading() as transaction:
        assert logbook.read(transaction, query).newer is None
        assert logbook.read(transaction, query, before=first[-1]).newer == second[0]
        assert logbook.read(transaction, query, after=second[0]).newer is None
        assert logbook.read(transaction, query, before=40).older is None


def test_a_time_is_found_without_reading_what_lies_beside_it(log: Store, clock: Clock) -> None:
    asked: list[str] = []
    sa_event.listen(log.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    start = clock.now() - timedelta(minutes=3)
    found = numbers(log, Query(start=start, end=start + timedelta(minutes=1)))
    with log.reading() as transaction:
        rows = dict(audit.entries(transaction, found[-1] - 1, PAGE))
    assert {json.loads(entry)["ts"] for entry in rows.values()} == {f"{start:%Y-%m-%dT%H:%M:%S.%fZ}"}
    assert len(asked) < 50


def test_no_time_that_ever_was_is_an_empty_page(log: Store) -> None:
    assert numbers(log, Query(end=datetime(1999, 1, 1, tzinfo=UTC))) == []
    assert numbers(log, Query(start=datetime(2199, 1, 1, tzinfo=UTC))) == []


def test_what_finds_an_entry_again_is_written_with_it(log: Store) -> None:
    with log.reading() as transaction:
        rows = {(row.subject, row.seq) for row in transaction.execute(select(audit_about))}
    seq = numbers(log, Query(frozenset({Event.DELIVERY_OWED})))[0]
    assert rows == {("d-1", seq), ("key:vaxel", seq)}


def test_an_entry_fits_the_ones_beside_it(log: Store) -> None:
    with log.reading() as transaction:
        first, opened, last = (logbook.open_entry(transaction, seq, frozenset(Event)) for seq in (0, 5, MANY + 2))
    assert (opened.fits_before, opened.fits_after) == (True, True)
    assert (first.fits_before, first.fits_after) == (True, True)
    assert (last.fits_before, last.fits_after) == (True, None)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_entry_that_was_changed_does_not_fit_the_next(log: Store) -> None:
    with log.transaction() as transaction:
        opened = logbook.open_entry(transaction, 5, frozenset(Event))
        transaction.connection.exec_driver_sql("DROP TRIGGER log_no_update")
        changed = opened.entry.data.replace(b'"seconds":0', b'"seconds":9')
        transaction.connection.exec_driver_sql("UPDATE audit_entry SET entry = ? WHERE seq = 5", (changed,))
    with log.reading() as transaction:
        assert logbook.open_entry(transaction, 5, frozenset(Event)).fits_after is False
        assert logbook.open_entry(transaction, 6, frozenset(Event)).fits_before is False


def test_an_entry_that_is_not_for_the_reader_is_as_if_it_were_not_there(log: Store) -> None:
    seq = numbers(log, Query(person="bo"))[0]
    with log.reading() as transaction, pytest.raises(NotFound):
        logbook.open_entry(transaction, seq, frozenset({Event.CLOCK_STEPPED}))
    with log.reading() as transaction, pytest.raises(NotFound):
        logbook.open_entry(transaction, 2**40, frozenset(Event))


def test_a_walk_takes_the_newest_and_gives_them_oldest_first(log: Store) -> None:
    found = [entry.seq for entry in logbook.walk(log, Query(), 700)]
    assert found == list(range(MANY + 3 - 700, MANY + 3))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_page_reads_the_whole_log(log: Store) -> None:
    """SQLite says of each question how it will be answered: by `SCAN`, or by the number alone, grows with the log."""
    asked: list[tuple[str, Any]] = []
    sa_event.listen(log.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    for query in (
        Query(),
        Query(frozenset({Event.USER_ADDED, Event.KEY_ADDED})),
        Query(person="bo"),
        Query(frozenset({Event.USER_ADDED}), person="bo"),
        Query(start=datetime(2026, 3, 14, 1, 45, tzinfo=UTC)),
    ):
        numbers(log, query)
    questions = [one for one in asked if one[0].startswith("SELECT")]
    with log.reading() as transaction:
        for sql, values in questions:
            plan = transaction.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            steps = [str(row[3]) for row in plan]
            assert not [one for one in steps if re.match(r"SCAN (audit_entry|private|audit_about)\b", one)], steps
            by_type = [one for one in steps if "SEARCH audit_entry" in one and "audit_entry.type =" in sql]
            assert all("ix_audit_entry_type (type=? AND seq>? AND seq<?)" in one for one in by_type), steps
