"""Sends the imitated Facebook's webhooks to a receiver on this machine: signed, in batches, again for 36 hours.

A delivery that is not answered with 200 is sent again at once, then after growing pauses, always the very same bytes:
a receiver has to recognise what it has seen. Times are the sandbox's own, so a test that moves its clock moves these.
One thread sends, in order; whoever reports a change never waits for it.
"""

import hashlib
import hmac
import http.client
import ipaddress
import json
import random
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.script import PAGE_ID

BATCH_MAX = 1000
"""Changes in one delivery."""
GIVES_UP_S = 36 * 3600.0
AGAIN_S = (0.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 10_800.0)
"""Pauses before a delivery is sent again; the last is repeated. All but the first vary by a tenth, by the seed."""
ANSWER_S = 5.0
"""How long a receiver may take."""
LOOK_S = 0.05
"""How often the clock is looked at while a delivery waits for its next time."""


@dataclass(slots=True)
class _Delivery:
    url: str
    body: bytes
    first_at: float
    due_at: float
    failures: int = 0


class Sender:
    """What is to be delivered, and the thread that does it. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float], seed: int, secret: str) -> None:
        """Sign with `secret`; `seed` decides how the pauses vary. Nothing runs until there is something to send."""
        self._clock, self._secret = clock, secret.encode()
        self._random = random.Random(seed)
        self._changed = threading.Condition()
        self._fresh: deque[tuple[str, JsonObject]] = deque()
        self._failed: list[_Delivery] = []
        self._under_way: _Delivery | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._thread: threading.Thread | None = None
        self._closing = False

    def send(self, url: str, change: JsonObject) -> None:
        """Have a change of the Page delivered to `url`; return at once."""
        with self._changed:
            if self._closing:
                return
            self._fresh.append((url, change))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def waiting(self) -> int:
        """Return how many deliveries and changes have not been answered with 200 and not been given up."""
        with self._changed:
            return len(self._fresh) + len(self._failed) + (self._under_way is not None)

    def again_at(self) -> float | None:
        """Return when the next failed delivery is sent again, in unix seconds; None when none waits."""
        with self._changed:
            return min((one.due_at for one in self._failed), default=None)

    def clear(self) -> None:
        """Forget everything that waits; what is under way is not sent again."""
        with self._changed:
            self._fresh.clear()
            self._failed.clear()
            self._under_way = None

    def close(self) -> None:
        """Stop sending, also in the middle of a delivery. Harmless when repeated."""
        self.clear()
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            connection, thread = self._connection, self._thread
        if connection is not None:
            _hang_up(connection)
        if thread is not None and thread is not threading.current_thread():
            thread.join(2 * ANSWER_S)

    def _run(self) -> None:
        while True:
            with self._changed:
                delivery = self._next()
                while delivery is None and not self._closing:
                    self._changed.wait(LOOK_S if self._failed else None)
                    delivery = self._next()
                if self._closing or delivery is None:
                    return
                self._under_way = delivery
            taken = self._delivered(delivery)
            with self._changed:
                if self._under_way is delivery and not taken:
                    self._put_off(delivery)
                self._under_way = None

    def _next(self) -> _Delivery | None:
        now = self._clock()
        due = next((one for one in self._failed if one.due_at <= now), None)
        if due is not None:
            self._failed.remove(due)
            return due
        if not self._fresh:
            return None
        url, changes = self._fresh[0][0], list[JsonObject]()
        while self._fresh and self._fresh[0][0] == url and len(changes) < BATCH_MAX:
            changes.append(self._fresh.popleft()[1])
        entry = {"id": PAGE_ID, "time": int(now), "changes": changes}
        return _Delivery(url, json.dumps({"object": "page", "entry": [entry]}).encode(), now, now)

    def _put_off(self, delivery: _Delivery) -> None:
        pause_s = AGAIN_S[min(delivery.failures, len(AGAIN_S) - 1)] * self._random.uniform(0.9, 1.1)
        delivery.failures += 1
        delivery.due_at = self._clock() + pause_s
        if delivery.due_at - delivery.first_at <= GIVES_UP_S:
            self._failed.append(delivery)

    def _delivered(self, delivery: _Delivery) -> bool:
        connection, path = _opened(delivery.url)
        with self._changed:
            self._connection = connection
        try:
            connection.request("POST", path, delivery.body, {
                "Content-Type": "application/json", "X-Hub-Signature-256": signature(self._secret, delivery.body)})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            with self._changed:
                self._connection = None
            connection.close()


def signature(secret: bytes, body: bytes) -> str:
    """Return the value of `X-Hub-Signature-256` for these very bytes."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def challenged(url: str, verify_token: str, number: str) -> str:
    """Ask a receiver to prove that it knows the token; return what was wrong, empty when it gave the number back."""
    connection, path = _opened(url)
    asked = urlencode({"hub.mode": "subscribe", "hub.challenge": number, "hub.verify_token": verify_token})
    try:
        connection.request("GET", f"{path}{'&' if '?' in path else '?'}{asked}")
        answer = connection.getresponse()
        if answer.status != 200:
            return f"HTTP Status Code = {answer.status}; HTTP Message = {answer.reason}"
        return "" if answer.read(1000).strip() == number.encode() else "The answer is not the challenge"
    except (OSError, http.client.HTTPException) as broken:
        return f"Curl Error = {type(broken).__name__}"
    finally:
        connection.close()


def is_on_this_machine(url: str) -> bool:
    """Tell whether an address is plain http on loopback: nothing else is ever called."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        return parts.scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def _opened(url: str) -> tuple[http.client.HTTPConnection, str]:
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""  # whatever a resolver may say
    path = parts.path or "/"
    return http.client.HTTPConnection(host, parts.port or 80, timeout=ANSWER_S), path + ("?" + parts.query) * bool(
        parts.query)


def _hang_up(connection: http.client.HTTPConnection) -> None:
    line = connection.sock
    if line is not None:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
