"""The stub, the service and the bare client, side by side, and one message through either."""

import base64
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from bench.product import Product, post
from bench.proxy import Proxy

#: Sends before anything is measured: connections, caches and the other process's code are warm then.
WARM_UPS = 5
#: Between two messages, so that one's last commit is not in the next one's way.
BREATH_S = 0.05
RECEIPTS_S = 10.0


@dataclass(frozen=True)
class Sent:
    """One message, in seconds from the start of its POST. `receipt` None: not all came, or nobody reads back."""

    last_words: float
    last_public: float
    receipt: float | None
    by_service: dict[str, float]


class Listening:
    """One of our own processes that prints its port and ends when its standard input closes."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def close(self) -> str:
        """End it, wait for it, and return what it printed at last."""
        said, _ = self._process.communicate(timeout=30)
        return said


class Rig:
    """A service with `deliveries` automatic deliveries a message, and the bare client that sends the same bytes."""

    def __init__(self, folder: Path, deliveries: int, *, proxy: Proxy | None = None) -> None:
        self.deliveries = deliveries
        with ExitStack() as stack:
            self._start(stack, folder, proxy)
            self._ends = stack.pop_all()  # from here on they run until `close`; a start that failed has ended them

    def _start(self, stack: ExitStack, folder: Path, proxy: Proxy | None) -> None:
        self.stub = Listening("bench.stub")
        stack.callback(self.stub.close)
        self.address = f"http://127.0.0.1:{self.stub.port}"
        front = proxy.port if proxy else None
        self.product = Product(folder / "product", self.address, self.deliveries, proxy_port=front)
        stack.callback(self.product.close)
        if proxy is not None:
            stack.callback(proxy.close)
            proxy.start(self.product.port)
        self.product.wait_ready()
        sample = self._sample()
        file = folder / "sample.json"
        file.write_text(json.dumps(sample), "utf-8")
        self.sizes = {name: (len(sample[name]), sum(sample[name])) for name in ("accepted", "attempted")}
        self.bare = Listening("bench.bare", str(folder / "bare.db"), str(file))
        stack.callback(self.bare.close)
        for _ in range(WARM_UPS):
            self.ours()
            self.theirs()

    def delay(self, **seconds: float) -> None:
        """Let each service answer after so long."""
        _control(self.stub.port, "PUT", "/_bench/delays", json.dumps(seconds))

    def ours(self, *, hung: str | None = None) -> Sent:
        """Send through the service. `hung` is the service that does not answer now."""
        began, message_id = self.product.send()
        came = self._came(began, self.deliveries, self.deliveries, hung)
        return _sent(began, came, None if hung else self._last_receipt(message_id))

    def theirs(self) -> Sent:
        """Send through the bare client."""
        began, _, _ = post(self.bare.port, "/send", {"n": self.deliveries}, {})
        return _sent(began, self._came(began, self.deliveries, 0, None), None)

    def close(self) -> None:
        """End everything that was started."""
        self._ends.close()

    def _last_receipt(self, message_id: str) -> float | None:
        """Ask the database until every delivery has its receipt; when each got it stands in its row."""
        ends = time.monotonic() + RECEIPTS_S
        while time.monotonic() < ends:
            receipts = self.product.receipts(message_id)
            if len(receipts) == self.deliveries:
                return max(receipts)
            time.sleep(BREATH_S)
        return None

    def _came(self, began: float, words: int, looks: int, hung: str | None) -> list[dict[str, Any]]:
        patience = f"&patience={_HUNG_PATIENCE_S}" if hung else ""
        came = _control(self.stub.port, "GET", f"/_bench/wait?words={words}&looks={looks}{patience}")
        time.sleep(BREATH_S)
        found: list[dict[str, Any]] = [one for one in json.loads(came) if one["at"] >= began]
        return found

    def _sample(self) -> dict[str, Any]:
        """Return what one message of the service writes and asks, for the bare client to do the same."""
        self.product.send()
        self._came(0, self.deliveries, self.deliveries, None)
        _, message_id = self.product.send()
        asks = []
        for one in self._came(0, self.deliveries, self.deliveries, None):
            if one["kind"] != "words":
                continue
            body = base64.b64decode(one["body"]).decode()
            said = {"form": dict(parse_qsl(body))} if "form" in one["type"] else {"json": json.loads(body)}
            asks.append({"method": one["method"], "url": self.address + one["path"], **said})
        return {**self.product.rows_of(message_id), "asks": asks}


#: How long a channel that hangs is waited for: the others have long been done.
_HUNG_PATIENCE_S = 2


@contextmanager
def rig(folder: Path, deliveries: int, *, proxy: Proxy | None = None) -> Iterator[Rig]:
    """Give a rig and end all of it afterwards. With `proxy`, people come in through it."""
    made = Rig(folder, deliveries, proxy=proxy)
    try:
        yield made
    finally:
        made.close()


def _control(port: int, method: str, path: str, body: str | None = None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(method, path, body)
    answer = connection.getresponse().read()
    connection.close()
    return answer


def _sent(began: float, came: list[dict[str, Any]], receipt: float | None) -> Sent:
    words = [one for one in came if one["kind"] == "words"]
    public = [one["at"] for one in came if one["kind"] in ("words", "public")]
    by_service: dict[str, float] = {}
    for one in words:
        by_service[one["service"]] = max(by_service.get(one["service"], 0.0), one["at"] - began)
    return Sent(
        last_words=max(one["at"] for one in words) - began,
        last_public=max(public) - began,
        receipt=receipt - began if receipt is not None else None,
        by_service=by_service,
    )
