"""
The database of all runs: one file, one engine, set back to the same beginning before each run.

Trouble that was ordered befalls the next transaction: the process may die before it, within it or just after it, the
database may be away, or take everything and then say that it went away.
"""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from service import PLAYBOOKS, settings_for
from sqlalchemy.exc import OperationalError

from broadcaster import approval
from broadcaster.migrations import migrate
from broadcaster.playbook import Playbooks
from broadcaster.settings import Settings
from broadcaster.store import Store, Transaction
from simulation.chance import Trouble
from simulation.time import Time

NOWHERE = "http://127.0.0.1:9"
APPROVERS = ("approver-1", "approver-2")
#: Whom letters go to. Three are enough to die before, between and after.
RECIPIENTS = ("P4", "Arvika", "Torsby")
LETTERS = {
    "kind": "email",
    "host": "127.0.0.1",
    "security": "none",
    "sender": "kris@region.example",
    "recipients": [{"name": name, "address": f"{name.lower()}@elsewhere.example"} for name in RECIPIENTS],
}
#: A playbook that has words for letters and prefers a duplicate to silence.
DOUBLING = "allman-dubbel"


class Died(BaseException):
    """The process ended here. Nothing of the product may catch it."""


class Database(Store):
    """A store whose transactions meet the trouble that was ordered for them."""

    def __init__(self, path: Path) -> None:
        self.time = Time()
        super().__init__(f"sqlite:///{path}", clock=self._wall)
        self.trouble = Trouble.NONE
        self.commits = 0
        self.raw = sqlite3.connect(path, isolation_level=None)
        self.raw.row_factory = sqlite3.Row
        self._beginning: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction that may write, and let the trouble befall it."""
        trouble, self.trouble = self.trouble, Trouble.NONE
        if trouble is Trouble.AWAY:
            raise _went_away()
        with super().transaction() as transaction:
            yield transaction
            if trouble is Trouble.WITHIN:
                transaction.at_the_end(_die)
        self.commits += 1
        if trouble is Trouble.UNKNOWN:
            raise _went_away()

    def _wall(self) -> datetime:
        return self.time.wall()  # of the run that is on now

    def ask(self, statement: str, *values: object) -> list[Any]:
        """Return rows read past the product, on a connection of the simulation's own."""
        return self.raw.execute(statement, values).fetchall()

    def remember(self) -> None:
        """Take what the database holds now as the beginning of every run."""
        self._beginning = sqlite3.connect(":memory:")
        self.raw.backup(self._beginning)

    def begin_again(self, time: Time) -> None:
        """Set everything back to the beginning; from now on `time` is the clock."""
        assert self._beginning is not None
        self.time, self.trouble, self.commits = time, Trouble.NONE, 0
        self._beginning.backup(self.raw)


class Ground:
    """What runs share because it never changes: the database's file, the playbooks, the settings of each way."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=memory if memory.is_dir() else None))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self.folder = folder
        self._settings: dict[str, Settings] = {}
        self._write_playbooks()
        self.database = Database(folder / "broadcaster.db")
        settings = self.settings("draft", {})
        organisation = settings.organisation
        self.playbooks = Playbooks.load(
            settings.playbook_folder, organisation=organisation.name, timezone=organisation.timezone
        )
        migrate(self.database)
        with self.database.transaction() as transaction:
            for snapshot in self.playbooks.all():
                for name in APPROVERS:
                    approval.approve(transaction, snapshot, name)
        self.database.remember()

    def _write_playbooks(self) -> None:
        """Copy the playbooks, with one more that says the same as another and prefers a duplicate."""
        folder = shutil.copytree(PLAYBOOKS, self.folder / "playbooks")
        same = (folder / "allman-handelse.toml").read_text("utf-8")
        other = same.replace('id = "allman-handelse"', f'id = "{DOUBLING}"').replace('"silence"', '"duplicate"')
        (folder / f"{DOUBLING}.toml").write_text(other, "utf-8")

    def settings(self, protocol: str, delivery: dict[str, float]) -> Settings:
        """Return settings with Facebook's `protocol` and the given clockwork, all else as in production."""
        name = f"{protocol} {sorted(delivery.items())}"
        if name not in self._settings:
            self._settings[name] = self._made(protocol, delivery)
        return self._settings[name]

    def _made(self, protocol: str, delivery: dict[str, float]) -> Settings:
        base = settings_for(self.folder, NOWHERE).channels
        channels = {key: one.model_dump() for key, one in base.items()}
        channels["facebook"]["protocol"] = protocol
        channels["intranet"] = LETTERS
        return settings_for(
            self.folder,
            NOWHERE,
            database={"url": self.database.url},
            playbooks={"folder": str(self.folder / "playbooks")},
            channels=channels,
            delivery=delivery,
        )


def _went_away() -> OperationalError:
    return OperationalError("COMMIT", {}, Exception("the server closed the connection"))


def _die(_transaction: Transaction) -> None:
    raise Died
