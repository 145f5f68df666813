"""Transactions: all or nothing, one instant, and words for the operator when the database is not what it should be."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from service import Clock
from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from broadcaster.clocks import utc_now
from broadcaster.errors import Text, Unfit
from broadcaster.migrations import migrate
from broadcaster.store import Store, Transaction, sqlite_path, turned_away
from broadcaster.tables import series


@pytest.fixture
def store(database_url: str, clock: Clock) -> Iterator[Store]:
    store = Store(database_url, clock=clock.now)
    migrate(store)
    yield store
    store.close()


def count(store: Store) -> int:
    with store.reading() as transaction:
        return int(transaction.execute(select(func.count()).select_from(series)).scalar_one())


def add(transaction: Transaction, year: int) -> None:
    transaction.execute(insert(series).values(mode="live", year=year, last=1))


class TestATransaction:
    def test_everything_or_nothing(self, store: Store) -> None:
        def half() -> None:
            with store.transaction() as transaction:
                add(transaction, 2026)
                raise RuntimeError("the power went")

        with pytest.raises(RuntimeError):
            half()
        assert count(store) == 0
        with store.transaction() as transaction:
            add(transaction, 2026)
        assert count(store) == 1

    def test_what_waits_for_the_end_comes_last_and_in_order_and_fails_with_the_rest(self, store: Store) -> None:
        seen: list[str] = []
        with store.transaction() as transaction:
            transaction.at_the_end(lambda _: seen.append("one"))
            transaction.at_the_end(lambda t: t.at_the_end(lambda _: seen.append("three")))
            transaction.at_the_end(lambda _: seen.append("two"))
            assert seen == []
        assert seen == ["one", "two", "three"]

        def fail(_transaction: Transaction) -> None:
            raise RuntimeError("the log is full")

        def act() -> None:
            with store.transaction() as transaction:
                add(transaction, 2027)
                transaction.at_the_end(fail)

        with pytest.raises(RuntimeError):
            act()
        assert count(store) == 0

    def test_one_instant_for_everything_written_in_it(self, store: Store, clock: Clock) -> None:
        with store.transaction() as transaction:
            before = transaction.now
            clock.advance(5)
            assert transaction.now == before
        assert before.tzinfo is UTC

    def test_the_clock_of_postgresql_is_the_databases_own(self, database_url: str) -> None:
        store = Store(database_url)
        try:
            with store.transaction() as transaction:
                assert abs(transaction.now - datetime.now(UTC)) < timedelta(minutes=1)
                assert transaction.now.tzinfo is UTC
        finally:
            store.close()

    def test_two_writers_who_read_before_they_write_both_get_through(self, store: Store) -> None:
        """Under a plain BEGIN the second would be told that the database is locked, however long it waited."""
        with store.transaction() as transaction:
            add(transaction, 2026)

        def count_up() -> None:
            for _ in range(10):
                with store.transaction() as transaction:
                    last = transaction.execute(select(series.c.last).with_for_update()).scalar_one()
                    transaction.execute(series.update().values(last=last + 1))

        writers = [threading.Thread(target=count_up) for _ in range(3)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        with store.reading() as transaction:
            assert transaction.execute(select(series.c.last)).scalar_one() == 31


class TestReading:
    def test_everything_read_is_as_it_was_at_one_moment(self, store: Store) -> None:
        """A board half before and half after a message would show what never was."""
        with store.reading() as transaction:
            before = transaction.execute(select(func.count()).select_from(series)).scalar_one()
            if store.is_postgresql:  # on SQLite the writer waits for us instead
                with store.transaction() as writer:
                    add(writer, 2026)
            assert transaction.execute(select(func.count()).select_from(series)).scalar_one() == before
        assert count(store) == int(store.is_postgresql)

    def test_a_reader_is_not_held_up_by_a_writer_who_has_not_committed(self, store: Store) -> None:
        with store.transaction() as writer:
            add(writer, 2026)
            assert count(store) == 0

    def test_what_is_opened_for_reading_leaves_nothing_behind(self, store: Store) -> None:
        def write() -> None:
            with store.reading() as transaction:
                add(transaction, 2026)

        if store.is_postgresql:
            with pytest.raises(DBAPIError, match="read-only"):
                write()
        else:
            write()
        assert count(store) == 0

    def test_writing_works_after_reading_on_the_same_connection(self, store: Store) -> None:
        for year in range(2020, 2030):
            count(store)
            with store.transaction() as transaction:
                add(transaction, year)
        assert count(store) == 10


class TestWhatTheOperatorIsTold:
    def test_a_missing_database_is_not_made_by_looking_for_it(self, tmp_path: Path) -> None:
        file = tmp_path / "nowhere.db"
        with pytest.raises(Unfit, match="broadcaster migrate"):
            Store(f"sqlite:///{file}").require()
        assert not file.exists()

    def test_a_file_that_is_no_database_is_said_to_be_none(self, tmp_path: Path) -> None:
        (tmp_path / "letter.db").write_text("Hej! Det här är ett brev och ingen databas." * 40)
        store = Store(f"sqlite:///{tmp_path / 'letter.db'}")
        with pytest.raises(Unfit, match="is none"):
            store.require()
        store.close()

    def test_a_database_without_our_tables_is_told_to_migrate(self, tmp_path: Path) -> None:
        store = Store(f"sqlite:///{tmp_path / 'empty.db'}")
        with store.transaction() as transaction:
            transaction.execute(text("CREATE TABLE other (id INTEGER)"))
        with pytest.raises(Unfit, match=r"audit_entry.*broadcaster migrate"):
            store.require()
        store.close()

    def test_a_server_that_does_not_answer_is_named_without_its_password(self) -> None:
        store = Store("postgresql+psycopg://kris:hemligt-losen@127.0.0.1:1/kris")
        with pytest.raises(Unfit, match="cannot be reached") as refusal:
            store.require()
        assert "hemligt-losen" not in str(refusal.value)

    def test_a_whole_database_is_taken_even_while_somebody_writes(self, store: Store) -> None:
        with store.transaction() as writer:
            add(writer, 2026)
            store.require()


class TestSQLite:
    def test_a_commit_is_on_the_disk_and_references_hold(self, tmp_path: Path) -> None:
        """The rollback journal with EXTRA keeps every commit through a power cut; WAL on older SQLite does not."""
        store = Store(f"sqlite:///{tmp_path / 'b.db'}")
        with store.transaction() as transaction:
            said = {
                name: transaction.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
            }
        assert said == {"journal_mode": "delete", "synchronous": 3, "foreign_keys": 1, "trusted_schema": 0}
        store.close()

    @pytest.mark.parametrize(
        ("url", "path"),
        [
            ("sqlite:////var/lib/b.db", Path("/var/lib/b.db")),
            ("sqlite:///b.db", Path("b.db")),
            ("sqlite://", None),
            ("postgresql+psycopg://a@b/c", None),
        ],
    )
    def test_only_a_file_has_a_path(self, url: str, path: Path | None) -> None:
        assert sqlite_path(url) == path

    def test_the_wall_clock_is_utc(self) -> None:
        assert utc_now().utcoffset() == timedelta(0)


class TestTurnedAway:
    """What SQLite says when it certainly stored nothing is told as that, and as nothing else."""

    def test_a_lock_that_never_comes_free_is_busy(self, tmp_path: Path) -> None:
        """Two writers at once, and the second may not wait."""
        engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}", connect_args={"timeout": 0})
        with engine.connect() as one, engine.connect() as other:
            one.execute(text("BEGIN EXCLUSIVE"))
            with pytest.raises(DBAPIError) as caught:
                other.execute(text("BEGIN IMMEDIATE"))
        engine.dispose()
        refusal = turned_away(caught.value)
        assert refusal is not None and (refusal.status, refusal.slug, refusal.retry_after_s) == (503, "busy", 2)
        assert isinstance(refusal.detail, Text) and "Inget har sparats" in refusal.detail.sv

    def test_a_full_disk_is_full(self, tmp_path: Path) -> None:
        """The file may not grow."""
        engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
        with engine.connect() as connection:
            connection.execute(text("PRAGMA max_page_count = 1"))
            with pytest.raises(DBAPIError) as caught:
                connection.execute(text("CREATE TABLE t (x)"))
        engine.dispose()
        refusal = turned_away(caught.value)
        assert refusal is not None and (refusal.status, refusal.slug) == (503, "full")

    def test_anything_else_may_have_been_stored(self, tmp_path: Path) -> None:
        """A fault nobody has described is never called "nothing was stored"."""
        engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
        with engine.connect() as connection, pytest.raises(DBAPIError) as caught:
            connection.execute(text("SELECT * FROM nowhere"))
        engine.dispose()
        assert turned_away(caught.value) is None
        assert turned_away(RuntimeError("database is locked")) is None
