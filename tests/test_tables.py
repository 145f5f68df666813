"""The tables: what is written down comes back the same on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from service import Clock
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from broadcaster import tables
from broadcaster.migrations import migrate
from broadcaster.store import Store
from broadcaster.tables import idempotency, incident, metadata, preflight

SOURCE = Path(tables.__file__).read_text("utf-8")


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    store = Store(database_url, clock=clock.now)
    migrate(store)
    yield store
    store.close()


def test_an_instant_comes_back_as_the_same_instant_in_utc_from_any_zone(store: Store) -> None:
    winter = datetime(2026, 10, 25, 2, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    with store.transaction() as transaction:
        transaction.execute(insert(preflight).values(channel="facebook", state="green", problems=[], checked_at=winter))
    with store.reading() as transaction:
        found = transaction.execute(select(preflight.c.checked_at)).scalar_one()
        same = transaction.execute(select(preflight.c.channel).where(preflight.c.checked_at == winter)).scalar_one()
    assert found == winter and found.tzinfo is UTC
    assert same == "facebook"


def test_a_time_without_its_zone_is_never_taken_for_utc(store: Store) -> None:
    naive = datetime(2026, 3, 14, 2, 40)  # noqa: DTZ001 - that is the point
    with store.transaction() as transaction, pytest.raises(StatementError, match="without its zone"):
        transaction.execute(insert(preflight).values(channel="p4", state="green", problems=[], checked_at=naive))


def test_bytes_and_swedish_come_back_as_they_were(store: Store, clock: Clock) -> None:
    answer = bytes(range(256))
    with store.transaction() as transaction:
        transaction.execute(
            insert(idempotency).values(client="key:växel", key="å", body="0" * 64, answer=answer, at=clock.now())
        )
    with store.reading() as transaction:
        row = transaction.execute(select(idempotency)).one()
    assert (row.client, row.key, bytes(row.answer)) == ("key:växel", "å", answer)


@pytest.mark.parametrize(("column", "value"), [("state", "half"), ("mode", "test"), ("digest", "sha256:unknown")])
def test_an_incident_is_open_or_closed_live_or_drill_and_of_known_words(
    store: Store, clock: Clock, column: str, value: str
) -> None:
    row = {
        "id": "1",
        "ref": "RE-2026-0001",
        "mode": "live",
        "playbook": "p",
        "digest": "d",
        "places": [],
        "affected": [],
        "marks": 0,
        "state": "open",
        "opened_at": clock.now(),
    }

    def write() -> None:
        with store.transaction() as transaction:
            transaction.execute(insert(incident).values(**{**row, column: value}))

    with pytest.raises(IntegrityError):
        write()


def test_every_constraint_has_a_name_so_that_a_later_migration_can_find_it() -> None:
    unnamed = [
        (table.name, constraint)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert unnamed == []


def test_a_column_that_may_be_null_says_what_null_means_unless_its_name_does() -> None:
    """`…_at` and `…_by` are null until it has happened; every other one has a comment."""
    silent = [
        line.strip()
        for line in SOURCE.split("\n")
        if "null=True" in line and "def " not in line and "null:" not in line and not line.strip().startswith("return")
    ]
    allowed = ('_at", Utc', '_by", String', '"fact"', '"reason"', '"status"', '"code"', '"remote_id"', '"detail"')
    assert [line for line in silent if not any(name in line for name in allowed)] == []
