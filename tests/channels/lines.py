"""A server on loopback that misbehaves exactly as it is told, request by request."""

import json
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass

Behaviour = Callable[["Line"], bool]


@dataclass
class Seen:
    """One request as it came over the wire."""

    connection: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Line(socketserver.StreamRequestHandler):
    """One connection of the raw server; a behaviour writes to `wfile` and says whether to go on."""

    server: "RawServer"

    def handle(self) -> None:
        """Read requests and answer each with the next behaviour until one says stop."""
        number = self.server.count_connection()
        try:
            while self._read(number) and self.server.next_behaviour()(self):
                pass
        except OSError:
            return

    def _read(self, number: int) -> bool:
        start = self.rfile.readline().decode("latin-1").split()
        if len(start) < 2:
            return False
        headers: dict[str, str] = {}
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        self.server.seen.append(Seen(number, start[0], start[1], headers, body))
        return True

    def send(self, data: bytes) -> None:
        """Put bytes on the wire at once."""
        self.wfile.write(data)
        self.wfile.flush()


class RawServer(socketserver.ThreadingTCPServer):
    """A server on loopback that does exactly what it is told, request by request."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Line)
        self.seen: list[Seen] = []
        self.behaviours: list[Behaviour] = []
        self.closing = threading.Event()
        self._connections = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def count_connection(self) -> int:
        """Return the number of this connection, from 1."""
        self._connections += 1
        return self._connections

    def next_behaviour(self) -> Behaviour:
        """Return the next behaviour; the last one stays."""
        return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]

    def then(self, *behaviours: Behaviour) -> None:
        """Answer the coming requests with these, one each, the last one for ever."""
        self.behaviours = list(behaviours)


class Says:
    """The behaviours a raw server can have."""

    @staticmethod
    def answer(status: int, body: object = None, headers: str = "") -> Behaviour:
        """A whole answer on a connection that stays open."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()

        def behave(line: Line) -> bool:
            line.send(f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n{headers}\r\n".encode() + data)
            return True

        return behave

    @staticmethod
    def drop(line: Line) -> bool:
        """Close without a word."""
        return False

    @staticmethod
    def cut(line: Line) -> bool:
        """Promise more than comes."""
        line.send(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id":')
        return False

    @staticmethod
    def garbage(line: Line) -> bool:
        """Speak no HTTP."""
        line.send(b"\x00\x01 nonsense\r\n\r\n")
        return False

    @staticmethod
    def hang(line: Line) -> bool:
        """Say nothing until the test is over."""
        line.server.closing.wait(20)
        return False

    @staticmethod
    def drip(line: Line) -> bool:
        """Send one byte at a time, so that no single read ever takes long and the end never comes."""
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not line.server.closing.wait(0.02):
            line.send(b" ")
        return False

    @staticmethod
    def flood(line: Line) -> bool:
        """Send without end."""
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while not line.server.closing.is_set():
            line.send(b"x" * 65536)
        return False
