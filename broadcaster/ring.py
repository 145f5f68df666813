"""
Waking the worker after a commit. Only ever a hint: a ring that is lost costs one sweep, never a message.

On SQLite web and worker share a host, so a datagram on a Unix socket beside the database does it; on PostgreSQL it is
`NOTIFY`, which reaches every node.
"""

import asyncio
import contextlib
import hashlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from broadcaster.store import Store, sqlite_path

#: Linux refuses longer addresses of Unix sockets; then the sweep does all the work.
SOCKET_PATH_MAX = 100
_NOTIFY = "broadcaster_owed"


def bell_rope(store: Store) -> Callable[[], None]:
    """Return what rings every worker of `store`. It never raises and never waits for a worker."""
    return _notify(store) if store.is_postgresql else _datagram(store)


class Listener:
    """Calls `heard` in the running event loop whenever somebody rings. `close` ends it."""

    def __init__(self, store: Store, heard: Callable[[], None]) -> None:
        self._store, self._heard = store, heard
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._path: Path | None = None
        self._over = threading.Event()
        if store.is_postgresql:
            threading.Thread(target=self._listen, name="listen", daemon=True).start()
        else:
            self._bind()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._over.set()
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _bind(self) -> None:
        folder, stem = _place(self._store)
        path = folder / f"{stem}.{os.getpid()}"
        if len(os.fsencode(path)) > SOCKET_PATH_MAX:
            return
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(str(path))
        self._path = path
        self._loop.add_reader(self._socket, self._read)

    def _read(self) -> None:
        assert self._socket is not None
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(16):
                pass
        self._heard()

    def _listen(self) -> None:
        url = make_url(self._store.url).set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._over.is_set():
            with contextlib.suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"LISTEN {_NOTIFY}")
                while not self._over.is_set():
                    for _ in connection.notifies(timeout=1):
                        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
                            self._loop.call_soon_threadsafe(self._heard)
            self._over.wait(1)


def _place(store: Store) -> tuple[Path, str]:
    path = sqlite_path(store.url)
    assert path is not None
    path = path.resolve()
    return path.parent, ".ring-" + hashlib.sha256(os.fsencode(path)).hexdigest()[:8]


def _datagram(store: Store) -> Callable[[], None]:
    folder, stem = _place(store)

    def ring() -> None:
        for path in folder.glob(f"{stem}.*"):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                try:
                    sender.sendto(b"!", str(path))
                except ConnectionRefusedError:  # its worker was killed; nobody will ever hear this bell again
                    path.unlink(missing_ok=True)

    return ring


def _notify(store: Store) -> Callable[[], None]:
    def ring() -> None:
        with contextlib.suppress(SQLAlchemyError), store.engine.begin() as connection:
            connection.execute(text(f"NOTIFY {_NOTIFY}"))

    return ring
