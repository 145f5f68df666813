"""
An imitation of the channels that answers after a set time and notes when each request had come whole.

It says just enough of the content API, the phone gateway and the Graph API for a delivery to get its receipt.
`/_bench/…` is for the measurement itself: `delays` (PUT, seconds by service) and `wait` (GET, answers when as many
requests with words and as many read-backs have come as it names, or after its patience, and forgets them).
"""

import asyncio
import base64
import json
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TYPE = re.compile(rb"\r\ncontent-type: *([^\r]+)", re.IGNORECASE)
PAGE = "100200300"
PATIENCE_S = 20.0


@dataclass
class Request:
    """One request that has come whole, at `at` seconds."""

    at: float
    method: str
    path: str
    type: str
    body: bytes

    @property
    def service(self) -> str:
        """Which of the imitations it is for."""
        return self.path.split("/", 2)[1]

    @property
    def kind(self) -> str:
        """What it does for the public: carries words, makes words public, reads back, or none of these."""
        if self.method == "PUT" or self.path.endswith("/feed"):
            return "words"
        if self.method == "POST" and b"is_published=true" in self.body:
            return "public"
        looks = self.method == "GET" and not self.path.endswith(("preflight.sv", "/4711", "/4712", "debug_token"))
        return "look" if looks else "other"


@dataclass
class Stub:
    """What the imitations hold, and what has come since somebody asked last."""

    delays: dict[str, float] = field(default_factory=dict)
    arrived: list[Request] = field(default_factory=list)
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)
    posts: int = 0

    def take(self, request: Request, write: Callable[[int, object], None]) -> None:
        """Note `request` and answer it when its service's time is over."""
        if request.service == "_bench":
            asyncio.get_running_loop().create_task(self._control(request, write))
            return
        self.arrived.append(request)
        self._tell()
        status, answer = getattr(self, f"_{request.service}")(request)
        delay_s = self.delays.get(request.service, 0.0)
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, write, status, answer)
        else:
            write(status, answer)

    async def _control(self, request: Request, write: Callable[[int, object], None]) -> None:
        asked = urlsplit(request.path)
        if asked.path.endswith("/delays"):
            self.delays = json.loads(request.body)
            write(200, {})
            return
        query = parse_qs(asked.query)
        done = asyncio.get_running_loop().create_future()
        self.waiting.append((int(query["words"][0]), int(query["looks"][0]), done))
        self._tell()
        try:
            async with asyncio.timeout(float(query.get("patience", [str(PATIENCE_S)])[0])):
                await done
        except TimeoutError:
            self.waiting.clear()
        told = [
            {
                "at": one.at,
                "service": one.service,
                "kind": one.kind,
                "method": one.method,
                "path": one.path,
                "type": one.type,
                "body": base64.b64encode(one.body).decode(),
            }
            for one in self.arrived
        ]
        self.arrived.clear()
        write(200, told)

    def _tell(self) -> None:
        kinds = [one.kind for one in self.arrived]
        for words, looks, done in list(self.waiting):
            if kinds.count("words") >= words and kinds.count("look") >= looks and not done.done():
                done.set_result(None)
                self.waiting.clear()

    def _phone(self, request: Request) -> tuple[int, object]:
        if request.method == "PUT":
            self.stored[request.path] = json.loads(request.body) | {"url": "http://127.0.0.1:1/heard"}
        found = self.stored.get(request.path)
        return (200, found) if found else (404, {})

    def _cms(self, request: Request) -> tuple[int, object]:
        if request.path.endswith("/connect/token"):
            return 200, {"access_token": "token", "expires_in": 3600}
        if request.method == "PUT":
            self.stored[request.path] = json.loads(request.body) | {"url": "http://127.0.0.1:1/read"}
        found = self.stored.get(request.path)
        return (200, found) if found else (404, {})

    def _graph(self, request: Request) -> tuple[int, object]:
        path = urlsplit(request.path).path
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if path.endswith("/feed"):
            self.posts += 1
            made = f"{PAGE}_{self.posts}"
            self.stored[made] = {"id": made, "message": form["message"], "is_published": "published" not in form}
            return 200, {"id": made}
        if path.endswith("/published_posts"):
            return 200, {"data": []}
        found = self.stored.get(path.rpartition("/")[2])
        if found is None:
            return 200, {"data": {"is_valid": True, "profile_id": PAGE, "scopes": []}}
        if request.method == "POST":
            found["is_published"] = True
            return 200, {"success": True}
        return 200, found


class _Connection(asyncio.Protocol):
    """One connection of a client; requests come one after another."""

    def __init__(self, stub: Stub) -> None:
        self._stub, self._buffer = stub, b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[: end + 2]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            at = time.monotonic()
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            kind = _TYPE.search(head)
            self._stub.take(Request(at, method, path, kind[1].decode() if kind else "", body), self._write)

    def _write(self, status: int, answer: object) -> None:
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(head.encode() + body)


async def serve() -> None:
    """Serve until the pipe on standard input closes; the port stands on the first line of standard output."""
    stub = Stub()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(stub), "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
