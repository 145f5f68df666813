"""A small 46elks on 127.0.0.1, shaped by its documentation: takes SMS, loses some, and sends delivery reports."""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx

USER, PASSWORD = "elksuser", "elkspass"


@dataclass
class FortySixElks:
    """What it was asked. `lose` drops the next answers without a word, `refuse` answers so.

    `delivers` says that telephones are on: `deliver` then reports every SMS that has no report yet.
    """

    url: str = ""
    sent: list[dict[str, str]] = field(default_factory=list)
    lose: int = 0
    refuse: list[tuple[int, str]] = field(default_factory=list)
    delivers: bool = False
    _reported: int = 0

    def to(self, number: str) -> list[dict[str, str]]:
        """Return every SMS to one number."""
        return [sms for sms in self.sent if sms["to"] == number]

    def deliver(self) -> None:
        """Report what was sent since the last time as delivered, if telephones are on."""
        while self.delivers and self._reported < len(self.sent):
            sms = self.sent[self._reported]
            self._reported += 1
            if "whendelivered" in sms:
                self.report(sms, "delivered")

    def report(self, sms: dict[str, str], status: str) -> int:
        """Send the delivery report of an SMS over HTTP, as the service does; return what it was answered."""
        form = {"id": sms["id"], "status": status, "delivered": "2026-03-14T01:40:09.000000"}
        return httpx.post(sms["whendelivered"], data=form, trust_env=False).status_code


@contextmanager
def elks_server() -> Iterator[FortySixElks]:
    """Run one on a port the system chose."""
    elks = FortySixElks()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            sms = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
            right = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if self.path != "/a1/sms" or self.headers["authorization"] != f"Basic {right}":
                self.answer(401, b"API access requires Basic HTTP authentication", "text/plain")
                return
            with lock:
                sms["id"] = f"s{len(elks.sent):031x}"
                if elks.refuse:
                    status, words = elks.refuse.pop(0)
                    self.answer(status, words.encode(), "text/plain")
                    return
                elks.sent.append(sms)
                lost, elks.lose = elks.lose > 0, max(0, elks.lose - 1)
            if lost:  # it was taken, and whoever asked never hears of it
                self.close_connection = True
                return
            said = {"id": sms["id"], "status": "created", "direction": "outgoing", "cost": 3500, **sms}
            self.answer(200, json.dumps(said).encode(), "application/json")

        def answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        elks.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield elks
        server.shutdown()
