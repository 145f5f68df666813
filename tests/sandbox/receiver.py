"""A receiver of webhooks on real HTTP: it proves its token, keeps what it gets, and answers as a test says."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

VERIFY_TOKEN = "vaktord"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a caller that hung up go in silence."""


class Receiver:
    """Listens on a free port. `statuses` are the next answers, then 200; `gate` holds every answer while it is shut."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.asked: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.challenge_answer: Callable[[str], str] = lambda number: number
        self.gate = threading.Event()
        self.gate.set()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """The callback address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def changes(self) -> list[dict[str, Any]]:
        """Return the values told, in the order of arrival."""
        return [change["value"] for body, _ in list(self.got) for entry in json.loads(body)["entry"]
                for change in entry["changes"]]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                receiver.asked.append(query)
                good = query.get("hub.verify_token") == VERIFY_TOKEN
                self._say(200 if good else 403, receiver.challenge_answer(query["hub.challenge"]) if good else "")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((body, self.headers["X-Hub-Signature-256"]))
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                receiver.gate.wait(30)
                self._say(status, "")

            def _say(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def eventually(check: Callable[[], bool]) -> bool:
    """Tell whether something comes true; it is asked for half a minute before the answer is no."""
    until = time.monotonic() + 30
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
