"""The steps make exactly the tables the code speaks of, on both databases, and can be repeated."""

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert, inspect, select, text
from sqlalchemy.engine import make_url

from broadcaster import audit
from broadcaster.audit import Event
from broadcaster.log_tables import audit_about
from broadcaster.migrations import FOLDER, migrate
from broadcaster.store import Store
from broadcaster.tables import audit_entry, log_head, metadata


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


def test_a_log_from_before_it_could_be_searched_is_found_again_by_what_it_is_about(bare: Store) -> None:
    """An entry that cannot be read keeps nothing from starting: it is for `audit verify` to find."""
    migrate(bare)
    with bare.transaction() as transaction:
        audit.record(transaction, Event.DELIVERY_OWED, by="key:vaxel", delivery="d-1", message="m-1")
        audit.record(transaction, Event.ALARM_TOLD, alarm="a-1")
    with bare.transaction() as transaction:
        transaction.execute(insert(audit_entry).values(seq=9, type="key:added", entry=b"broken"))
    with bare.engine.begin() as connection:
        wanted = select(audit_about).order_by(audit_about.c.seq, audit_about.c.subject)
        before = connection.execute(wanted).all()
        for statement in (
            "DROP TABLE authority_change",  # of a later step
            "DROP TABLE audit_about",
            "DROP INDEX ix_audit_entry_type",
            "DROP INDEX ix_private_value",
            "DROP TABLE checklist_tick",
            "CREATE INDEX ix_audit_entry_type ON audit_entry (type)",
            "ALTER TABLE message DROP COLUMN next_update",  # of a later step
        ):
            connection.execute(text(statement))
        back = text("UPDATE alembic_version SET version_num = :before")
        connection.execute(back, {"before": _before("0012")})
    migrate(bare)
    with bare.engine.connect() as connection:
        assert connection.execute(wanted).all() == before
    assert len(before) == 3


def _before(revision: str) -> str:
    """Return the step that comes before `revision`."""
    found = ScriptDirectory(str(FOLDER)).get_revision(revision)
    assert found is not None
    assert isinstance(found.down_revision, str)
    return found.down_revision
