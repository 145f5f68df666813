"""
Where everything is kept: the engine, one way to open a transaction, and the clock the leases are compared with.

A transaction here is the unit of truth: a state change, what it makes owed and its audit entries are committed
together or not at all. No network call is ever made inside one.

SQLite is the embedded default: rollback journal and `synchronous=EXTRA`, because WAL loses commits on the SQLite
most systems carry (the WAL-reset fault, fixed in 3.51.3), and `BEGIN IMMEDIATE`, because a transaction that reads
before it writes fails under plain `BEGIN` however long it waits. PostgreSQL takes over from two machines on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import CursorResult, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.sql import Executable

from broadcaster.alarm_tables import alarm_told
from broadcaster.amendment_table import amendment
from broadcaster.authority_table import authority_change
from broadcaster.checklist_table import checklist_tick
from broadcaster.clock_table import clock as clock_table
from broadcaster.clocks import utc_now
from broadcaster.errors import Text, Unavailable, Unfit
from broadcaster.glass_table import broken_glass
from broadcaster.letter_tables import recipient
from broadcaster.picture_table import picture
from broadcaster.planned_table import planned_post
from broadcaster.spoken_table import spoken_yes
from broadcaster.tables import metadata

#: How long a writer waits for another writer before it gives up and says so.
BUSY_TIMEOUT_S = 15
#: How long PostgreSQL may work on one statement of ours; the slowest measured takes milliseconds.
STATEMENT_TIMEOUT_MS = 15_000

WallClock = Callable[[], datetime]


@dataclass
class Transaction:
    """An open transaction. `now` is one instant for everything written in it, on the database's clock."""

    connection: Connection
    now: datetime
    _last: list[Callable[["Transaction"], None]] = field(default_factory=list)
    #: what other modules keep for the length of this transaction, by their own name
    notes: dict[str, Any] = field(default_factory=dict)

    def execute(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        """Run one statement."""
        result = self.connection.execute(statement, values)
        assert isinstance(result, CursorResult)
        return result

    def at_the_end(self, act: Callable[["Transaction"], None]) -> None:
        """Run `act` last before the commit; the audit takes its lock there, so that lock order is one."""
        self._last.append(act)

    def finish(self) -> None:
        """Run what waited for the end. The store calls this; nobody else does."""
        while self._last:
            self._last.pop(0)(self)


class Store:
    """The database behind a URL. `clock` is the wall clock that SQLite, being on this very host, shares."""

    def __init__(self, url: str, *, clock: WallClock = utc_now) -> None:
        self.url = url
        self.clock = clock
        self.engine = _engine(url)
        self.is_postgresql = self.engine.dialect.name == "postgresql"

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction that may write; commit at the end, roll back on any exception."""
        with self.engine.begin() as connection:
            transaction = Transaction(connection, self._now(connection))
            yield transaction
            transaction.finish()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """Open a transaction that only reads; it never waits for a writer on PostgreSQL, briefly on SQLite.

        Everything read in it is as it was at one moment.
        """
        with self._reader() as connection:
            yield Transaction(connection, self._now(connection))

    def require(self) -> None:
        """Raise `Unfit` unless the database exists and has this version's tables."""
        path = sqlite_path(self.url)
        if path is not None and not path.exists():
            raise Unfit(f"{path}: no database here: create it with `broadcaster migrate`")
        try:
            with self._reader() as connection:
                known = set(inspect(connection).get_table_names())
        except DBAPIError as error:
            raise Unfit(f"the database cannot be reached, or is none: {error.orig}") from error
        beside = (alarm_told, amendment, authority_change, broken_glass, checklist_tick, clock_table, picture)
        ours = {table.name for table in (*beside, planned_post, recipient, spoken_yes)}
        missing = {*metadata.tables, *ours} - known
        if missing:
            raise Unfit(f"the database lacks {', '.join(sorted(missing))}: run `broadcaster migrate`")

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def _reader(self) -> Connection:
        if self.is_postgresql:
            return self.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return self.engine.connect().execution_options(begin="DEFERRED")

    def _now(self, connection: Connection) -> datetime:
        if self.is_postgresql and self.clock is utc_now:
            moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            return moment.astimezone(UTC)
        return self.clock()


def turned_away(error: object) -> Unavailable | None:
    """Return the refusal that `error` is where it proves that nothing was stored, else None.

    SQLite says so of a lock that never came free and of a full disk, and has rolled back by then.
    """
    said = str(error.orig) if isinstance(error, OperationalError) else ""
    if "database is locked" in said:
        return Unavailable("busy", _BUSY, retry_after_s=2)
    return Unavailable("full", _FULL, retry_after_s=60) if "disk is full" in said else None


_BUSY = Text(
    "Databasen var upptagen för länge. Inget har sparats och inget skickas. Försök igen om några sekunder.",
    "The database was busy for too long. Nothing was stored and nothing will be sent. Try again in some seconds.",
)
_FULL = Text(
    "Disken är full. Inget har sparats och inget skickas. Publicera för hand i kanalerna och ring den som sköter "
    "tjänsten: den måste frigöra plats.",
    "The disk is full. Nothing was stored and nothing will be sent. Publish by hand in the channels and call whoever "
    "runs the service: they have to make room.",
)


def sqlite_path(url: str) -> Path | None:
    """Return the file a SQLite URL names, or None for another database."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return Path(parsed.database)


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            hide_parameters=True,
            connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
            pool_size=4,
            max_overflow=8,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c idle_in_transaction_session_timeout=30000"
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=8,
        max_overflow=8,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5},
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself, see _begin_sqlite
    for pragma in (
        "journal_mode=DELETE",
        "synchronous=EXTRA",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
        "trusted_schema=OFF",
        "cell_size_check=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    kind = connection.get_execution_options().get("begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {kind}")
