"""How the tables came to be: one step per release, run by `broadcaster migrate`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import func, insert, select

from broadcaster.store import Store, sqlite_path
from broadcaster.tables import log_head

FOLDER = Path(__file__).parent
#: Any number that nobody else locks in this database.
_LOCK = 1177_0002


def migrate(store: Store) -> None:
    """Bring the database behind `store` to this version's tables, making it if there is none. Safe to repeat."""
    path = sqlite_path(store.url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    with store.engine.begin() as connection:
        if store.is_postgresql:  # two nodes that start at once: the second waits, and then finds nothing to do
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.execute(select(log_head)).one_or_none() is None:
            connection.execute(insert(log_head).values(id=1, size=0, last=""))
