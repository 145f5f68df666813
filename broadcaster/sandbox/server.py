"""The sandbox on real HTTP/1.1: routing, the control addresses, and faults on the real connection.

Built on the standard library's threading server, because a dropped connection, a dripping answer and a silent one
need the socket itself. Every answer leaves in one send with Nagle's algorithm off; otherwise a delayed
acknowledgement costs 40 ms on a kept-alive connection.
"""

import contextlib
import http.server
import re
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from broadcaster.sandbox import pages
from broadcaster.sandbox.connection import LONGEST_HOLD_S, Connection, shut
from broadcaster.sandbox.exchange import Answer, JsonObject, Request
from broadcaster.sandbox.faults import play
from broadcaster.sandbox.graph_conditions import ConditionsError
from broadcaster.sandbox.log import Entry
from broadcaster.sandbox.script import ScriptError
from broadcaster.sandbox.state import State

PREFIXES = {"graph": "facebook", "cms": "cms", "phone": "phone", "restapp": "restapp", "elks": "elks"}
LONGEST_BODY = 16_000_000
DRIP_S = 0.5
IDLE_S = 120.0
_HOST = re.compile(r"[\w.-]+(:\d{1,5})?|\[[0-9a-fA-F:]+\](:\d{1,5})?")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """One listening socket, a thread per connection, and an end to all of them on `stop`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], state: State,
                 handler: type[socketserver.BaseRequestHandler] | None = None) -> None:
        self.state = state
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, handler or Handler)
        self.url = f"http://{address[0]}:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without asking the name service who we are, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and remember it."""
        connection, address = super().get_request()
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let callers that went away go in silence; report everything else as the standard library does."""
        if not self.closing.is_set():
            super().handle_error(request, client_address)

    def wake(self) -> None:
        """Make the accepting loop look up at once instead of at its next turn."""
        with contextlib.suppress(OSError):
            socket.create_connection((self.server_name, self.server_port), timeout=1).close()

    def stop(self) -> None:
        """Close the listening socket and every connection, also those that hang."""
        self.closing.set()
        self.server_close()
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            shut(connection)


class Handler(Connection, http.server.BaseHTTPRequestHandler):
    """One connection; also the `Wire` on which faults are played."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_S
    server: Server

    def handle(self) -> None:
        """Serve requests until either side has had enough."""
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def handle_one_request(self) -> None:
        """Read one request and answer it; unlike the base class this sends any method to one place."""
        self.entry: Entry | None = None
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or len(self.raw_requestline) > 65536:
            self.close_connection = True
            return
        if self.parse_request():
            self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent; requests are in the log at `/_log`."""

    # What faults need of a connection

    def send(self, answer: Answer) -> None:
        """Send the answer in one piece."""
        if self.entry is not None:
            self.entry.status = answer.status  # before the first byte, so that whoever has the answer finds it logged
        body = b"" if self.command == "HEAD" else answer.body
        self.connection.sendall(self._head(answer, len(answer.body)) + body)

    def drip(self, answer: Answer) -> None:
        """Send the head and then a byte every half second; the answer ends only after two minutes."""
        # Blanks before the body: valid JSON in the end, but nothing of it until two minutes have passed.
        body = answer.body.rjust(int(LONGEST_HOLD_S / DRIP_S))
        answer = replace(answer, status=answer.status if answer.body else 200)
        if self.entry is not None:
            self.entry.status = answer.status
        self.connection.sendall(self._head(answer, len(body)))
        for at in range(len(body)):
            if self.server.closing.wait(DRIP_S) or self.caller_left():
                break
            self.connection.sendall(body[at:at + 1])
        self.drop()

    # One request

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self.send(_trouble(413, f"a body has a valid length of at most {LONGEST_BODY} bytes"))
            return
        parts = urlsplit(self.path)
        segments = tuple(unquote(segment) for segment in parts.path.split("/") if segment)
        request = Request(
            method=self.command, segments=segments, query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()}, body=body, base=self._base())
        service = (PREFIXES.get(segments[0]) or self.server.state.mounted(segments[0])) if segments else None
        if service is None:
            self.send(_own(self.server.state, request))
        else:
            self._call(service, replace(request, segments=segments[1:]))

    def _call(self, name: str, request: Request) -> None:
        state = self.server.state
        self.entry = state.log.open(name, request.method, self.path, request.readable())
        action = state.pick(name, request)
        if action is None:
            self.send(state.service(name).handle(request))
        else:
            play(action, state.service(name), request, self)

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionResetError("the caller left in the middle of the body")
        return body

    def _chunks(self) -> bytes | None:
        body = b""
        while True:
            try:
                size = int(self.rfile.readline(1024).split(b";")[0], 16)
            except ValueError:
                return None
            if size < 0 or len(body) + size > LONGEST_BODY:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(1024)
            if size == 0:
                return body

    def _base(self) -> str:
        host = self.headers.get("Host", "")
        return f"http://{host}" if _HOST.fullmatch(host) else self.server.url

    def _head(self, answer: Answer, length: int) -> bytes:
        phrase = HTTPStatus(answer.status).phrase
        lines = [f"HTTP/1.1 {answer.status} {phrase}", f"Date: {self.date_time_string()}"]
        if answer.status != 204:
            lines += [f"Content-Type: {answer.content_type}", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        lines += ["Connection: close"] if self.close_connection else []
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _own(state: State, request: Request) -> Answer:
    """Answer what belongs to no imitated service: control addresses and what the public sees."""
    path = "/" + "/".join(request.segments)
    control: dict[str, dict[str, Callable[[], Answer]]] = {
        "/_script": {"GET": lambda: Answer.of(200, state.script.document()),
                     "PUT": lambda: _put_script(state, request)},
        "/_graph": {"GET": lambda: Answer.of(200, state.graph.conditions.document()),
                    "PUT": lambda: _put_conditions(state, request)},
        "/_log": {"GET": lambda: Answer.of(200, {"items": state.log.items()})},
        "/_state": {"GET": lambda: Answer.of(200, state.snapshot(request.base))},
        "/_elks": {"GET": lambda: Answer.of(200, state.elks.account()), "PUT": lambda: _told(state.elks.put, request)},
        "/_elks/reply": {"POST": lambda: _told(state.elks.reply, request)},
        "/_elks/report": {"POST": lambda: _told(state.elks.report, request)},
        "/_reset": {"POST": lambda: _reset(state)}}
    verbs = control.get(path, {"GET": lambda: pages.page(state, request)})
    verb = verbs.get("GET" if request.method == "HEAD" else request.method)
    if verb is None:
        return _trouble(405, f"{path} takes {', '.join(verbs)}", Allow=", ".join(verbs))
    return verb()


def _put_script(state: State, request: Request) -> Answer:
    try:
        document: JsonObject = request.json()
    except ValueError as unreadable:
        return _trouble(400, f"the script is not a JSON object ({unreadable}); the script in force is unchanged")
    try:
        state.script.put(document)
    except ScriptError as wrong:
        return _trouble(400, f"{wrong}; the script in force is unchanged")
    return Answer.of(200, state.script.document())


def _put_conditions(state: State, request: Request) -> Answer:
    try:
        state.graph.put(request.json())
    except ConditionsError as wrong:
        return _trouble(400, f"{wrong}; the conditions in force are unchanged")
    except ValueError as unreadable:
        return _trouble(400, f"the conditions are not a JSON object ({unreadable}); those in force are unchanged")
    return Answer.of(200, state.graph.conditions.document())


def _told(call: Callable[[JsonObject], JsonObject], request: Request) -> Answer:
    try:
        return Answer.of(200, call(request.json()))
    except ValueError as wrong:
        return _trouble(400, f"{wrong}; nothing was changed")


def _reset(state: State) -> Answer:
    state.reset()
    return Answer.of(200, {})


def _trouble(status: int, detail: str, **headers: str) -> Answer:
    return Answer.of(status, {"error": detail}, **headers)
