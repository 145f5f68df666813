"""
The bare client: the same durable commits and the same requests with the same HTTP library, and nothing else.

A POST comes in; rows of the size and number our own acceptance writes are committed, then those of the attempts; then
every request goes out at once, each by a warm `httpx.AsyncClient` of its own. No key is looked up, no word is proved,
no lease is taken, nothing is logged or read back: what a person would write who only wanted it to be fast.
"""

import asyncio
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import httpx

#: Warm for as long as a measurement lasts.
_LIMITS = httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=7200)


class Bare:
    """Sends the sample it was given, once for every POST."""

    def __init__(self, database: Path, sample: dict[str, Any]) -> None:
        self._accepted: list[int] = sample["accepted"]
        self._attempted: list[int] = sample["attempted"]
        self._asks: list[dict[str, Any]] = sample["asks"]
        self._clients = [httpx.AsyncClient(trust_env=False, timeout=30, limits=_LIMITS) for _ in self._asks]
        self._tasks: set[asyncio.Task[None]] = set()
        self._database = sqlite3.connect(database, isolation_level=None)
        for pragma in ("journal_mode=DELETE", "synchronous=EXTRA"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, content TEXT NOT NULL)")

    def send(self) -> None:
        """Commit, commit, and begin every request."""
        self._commit(self._accepted)
        self._commit(self._attempted)
        for client, ask in zip(self._clients, self._asks, strict=True):
            task = asyncio.create_task(self._ask(client, ask))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _commit(self, sizes: list[int]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT INTO entry (content) VALUES (?)", [("x" * size,) for size in sizes])
        self._database.execute("COMMIT")

    async def _ask(self, client: httpx.AsyncClient, ask: dict[str, Any]) -> None:
        response = await client.request(
            ask["method"],
            ask["url"],
            json=ask.get("json"),
            data=ask.get("form"),
            headers={"Authorization": "Bearer token"},
        )
        response.raise_for_status()


async def serve(database: Path, sample: dict[str, Any]) -> None:
    """Serve until the pipe on standard input closes; the port stands on the first line of standard output."""
    bare = Bare(database, sample)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        json.loads(await reader.readexactly(int(length.partition(b":")[2])))
        bare.send()
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))))
