"""One message, every automatic channel, and three ways of answering it: a function, a raw socket, the imitations."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import httpx
import pytest
from channels.answers import CASES
from channels.lines import RawServer, Says

from broadcaster import settings as configuration
from broadcaster.channels import Channel, Post, Step
from broadcaster.channels._http import over_network
from broadcaster.channels.content_management import ContentManagement
from broadcaster.channels.facebook import Facebook
from broadcaster.channels.phone_gateway import PhoneGateway
from broadcaster.channels.restapp import RestApp, RestAppSettings
from broadcaster.kinds import Tools
from broadcaster.sandbox import Sandbox

# The asserts of the contract explain themselves only when it is loaded after this line.
pytest.register_assert_rewrite(
    "channels.stage", "channels.contract", "channels.contract_ways", "channels.contract_letters"
)

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
        """Return the channel; kinds are draft, post, cms, phone, site."""


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
        if kind == "site":
            app = RestAppSettings(kind="restapp", base_url=base_url, user="kris")
            tools = Tools(lambda _: "RESTPASS", connect or over_network(), lambda: NOW, naps.sleep)
            return RestApp("region_web", app, tools)
        gateway = configuration.PhoneGateway(kind="phone_gateway", base_url=base_url)
        return PhoneGateway("1177_phone", gateway, "PHONETOK", **common)

    return one


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


@pytest.fixture
def says() -> type[Says]:
    """The behaviours a raw server can have."""
    return Says
