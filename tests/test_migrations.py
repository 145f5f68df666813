"""The steps make exactly the tables the code speaks of, on both databases, and can be repeated."""

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import make_url

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.migrations import FOLDER, migrate
from broadcaster.store import Store
from broadcaster.tables import log_head, metadata


@pytest.fixture
def bare(database_url: str) -> Iterator[Store]:
    """Return a database with nothing in it."""
    if make_url(database_url).get_backend_name() == "postgresql":
        engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
    store = Store(database_url)
    yield store
    store.close()


def test_the_steps_make_exactly_the_tables_of_the_code(bare: Store) -> None:
    migrate(bare)
    with bare.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
    bare.require()


def test_doing_it_again_changes_nothing_and_loses_nothing(bare: Store) -> None:
    migrate(bare)
    with bare.transaction() as transaction:
        audit.record(transaction, Event.KEY_ADDED)
    migrate(bare)
    assert audit.verify(bare) == 2


def test_the_log_begins_empty_with_one_head(bare: Store) -> None:
    migrate(bare)
    with bare.reading() as transaction:
        assert [tuple(row) for row in transaction.execute(select(log_head))] == [(1, 0, "")]


def test_two_nodes_that_start_at_once_do_not_trip_over_each_other(bare: Store) -> None:
    failures: list[Exception] = []
    at_once = threading.Barrier(2)

    def start() -> None:
        store = Store(bare.url)
        at_once.wait()
        try:
            migrate(store)
        except Exception as error:  # noqa: BLE001 - it is shown below
            failures.append(error)
        finally:
            store.close()

    nodes = [threading.Thread(target=start) for _ in range(2)]
    for node in nodes:
        node.start()
    for node in nodes:
        node.join()
    assert failures == []
    with bare.reading() as transaction:
        assert len(transaction.execute(select(log_head)).all()) == 1


def test_there_is_one_line_of_steps() -> None:
    assert len(ScriptDirectory(str(FOLDER)).get_heads()) == 1
