"""One message, every automatic channel, and three ways of answering it: a function, a raw socket, the imitations."""

import asyncio
import json
import socketserver
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import httpx
import pytest

from broadcaster import settings as configuration
from broadcaster.channels import Channel, Post, Step
from broadcaster.channels.content_management import ContentManagement
from broadcaster.channels.facebook import Facebook
from broadcaster.channels.phone_gateway import PhoneGateway
from broadcaster.sandbox import Sandbox

NOW = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
WORDS = (
    "Det går inte att ringa 1177 i Värmland\n\n"
    "Är någon i livsfara? Ring 112 & vänta.\nLäs råd på <1177.se>.\n\n"
    "Region Värmland, 14 mars 2026 kl. 02.40. Nummer RV-2026-0031/1."
)
T = TypeVar("T")
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def now() -> datetime:
    """What every channel takes for the time."""
    return NOW


@pytest.fixture
def post() -> Post:
    """The first message of an incident, in Swedish, for one object out there."""
    return Post(
        object_uuid="7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a11",
        incident="RV-2026-0031",
        mark="RV-2026-0031/1",
        language="sv",
        revision=1,
        words=WORDS,
        mode="live",
        starts_at=NOW,
        expires_at=None,
        remote_id="100200300_987",
        slug="telefoni-1177",
    )


@dataclass
class Naps:
    """Stands in for sleeping: remembers how long, and takes no time."""

    taken: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Remember the nap."""
        self.taken.append(seconds)


@pytest.fixture
def naps() -> Naps:
    """A sleep that costs nothing."""
    return Naps()


class Build(Protocol):
    """Builds one channel at `base_url`, answered by `handler` or over real connections."""

    def __call__(self, kind: str, base_url: str = ..., handler: Handler | None = None) -> Channel:
        """Return the channel; kinds are draft, post, cms, phone."""


@pytest.fixture
def build(naps: Naps) -> Build:
    """Build channels whose clock stands at 02.40 and whose naps are free."""

    def one(kind: str, base_url: str = "https://outside.example", handler: Handler | None = None) -> Channel:
        connect = None if handler is None else lambda: httpx.MockTransport(handler)
        common: dict[str, Any] = {"connect": connect, "sleep": naps.sleep, "clock": lambda: NOW}
        if kind in ("draft", "post"):
            page = configuration.Facebook(
                kind="facebook", base_url=base_url, page_id="100200300", app_id="4711", protocol=kind
            )
            return Facebook("facebook", page, "PAGETOK", "s3cr3t", **common)
        if kind == "cms":
            place = configuration.ContentManagement(kind="content_management", base_url=base_url, parent="4711")
            return ContentManagement("1177_notice", place, "kris", "CLIENTSECRET", **common)
        gateway = configuration.PhoneGateway(kind="phone_gateway", base_url=base_url)
        return PhoneGateway("1177_phone", gateway, "PHONETOK", **common)

    return one


#: Every automatic channel with the steps its way has. A new adapter adds its line here and passes the contract.
STEPS: dict[str, tuple[Step, ...]] = {
    "draft": (Step.DRAFT, Step.PUBLISH, Step.LOOK, Step.SEARCH, Step.EDIT, Step.WITHDRAW),
    "post": (Step.POST, Step.LOOK, Step.SEARCH, Step.EDIT, Step.WITHDRAW),
    "cms": (Step.PUT, Step.LOOK, Step.WITHDRAW),
    "phone": (Step.PUT, Step.LOOK, Step.WITHDRAW),
}
CASES = [(kind, step) for kind, steps in STEPS.items() for step in steps]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request: pytest.FixtureRequest) -> tuple[str, Step]:
    """One step of one automatic channel."""
    found: tuple[str, Step] = request.param
    return found


@pytest.fixture
def ask() -> Callable[..., Any]:
    """Make one call on a loop of its own and give the connections back."""

    def call(channel: Channel, step: Step, post: Post, timeout_s: float = 10.0) -> Any:
        return answered(channel, lambda: channel.call(step, post, timeout_s))

    return call


def answered(channel: Channel, work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` on a loop of its own, close `channel`, and return what it gave."""

    async def whole() -> T:
        try:
            return await work()
        finally:
            await channel.close()

    return asyncio.run(whole())


@pytest.fixture
def run() -> Callable[[Channel, Callable[[], Awaitable[Any]]], Any]:
    """Run several calls of one channel on one loop."""
    return answered


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The imitation services on a free port."""
    with Sandbox(clock=NOW.timestamp) as running:
        yield running


@pytest.fixture
def script(sandbox: Sandbox) -> Callable[..., None]:
    """Say what the imitations do wrong: `script("facebook", on, do, times=1)`."""

    def put(service: str, on: str, do: str, **more: object) -> None:
        rules = {service: [{"on": on, "do": do, **more}]}
        httpx.put(f"{sandbox.url}/_script", json=rules, trust_env=False).raise_for_status()

    return put


@pytest.fixture
def state(sandbox: Sandbox) -> Callable[[], Any]:
    """Ask the imitations what is really out there."""
    return lambda: httpx.get(f"{sandbox.url}/_state", trust_env=False).json()


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


@pytest.fixture
def raw() -> Iterator[RawServer]:
    """A raw server on a free port."""
    with RawServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join(5)


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


@pytest.fixture
def says() -> type[Says]:
    """The behaviours a raw server can have."""
    return Says
