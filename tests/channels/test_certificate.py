"""A certificate that ends or is not trusted is said some days before every channel behind it falls silent at once."""

import asyncio
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from channels.stage import live_settings

from broadcaster.channels import Plans, Preflight
from broadcaster.channels._certificate import SOON, Ends, Watched, over_network
from broadcaster.channels.opening import Secrets, open_channels
from broadcaster.channels.own_web import OwnWeb
from broadcaster.kinds import INSTALLED
from broadcaster.settings import OwnWeb as Page

NOW = datetime.now(UTC)


class Authority:
    """Signs certificates as a public authority would, with the openssl command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 400 -subj /CN=ca "
                  "-keyout ca.key -out ca.pem")  # fmt: skip
        self.trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))

    def signed(self, days: int, name: str = "IP:127.0.0.1") -> ssl.SSLContext:
        """Return what a server with a certificate for `name` that ends in `days` days shakes hands with."""
        (self.folder / "names").write_text(f"subjectAltName={name}\n")
        self._run("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout x.key -out x.csr")
        signing = "x509 -req -in x.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out x.pem"
        self._run(f"{signing} -days {days}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "x.pem", self.folder / "x.key")
        return context

    def _run(self, words: str) -> None:
        subprocess.run(["openssl", *words.split()], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def asked(server: ssl.SSLContext, trust: ssl.SSLContext, act: Callable[[str, Ends], Awaitable[Any]]) -> Any:
    """Run `act` with the address of a real server on loopback, and what shakes hands with it."""

    async def whole() -> Any:
        listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=server)
        async with listening:
            port = listening.sockets[0].getsockname()[1]
            return await act(f"https://127.0.0.1:{port}", over_network(trust))

    return asyncio.run(whole())


def preflight(server: ssl.SSLContext, trust: ssl.SSLContext) -> Preflight:
    async def act(address: str, ends: Ends) -> Preflight:
        return await Watched(OwnWeb("own_web"), address, ends, lambda: NOW).preflight()

    found: Preflight = asked(server, trust, act)
    assert len(found.problems) == len(found.english)
    return found


def test_a_certificate_that_lasts_is_green(authority: Authority) -> None:
    assert preflight(authority.signed(60), authority.trust) == Preflight("green")


def test_a_certificate_that_ends_soon_is_amber_and_says_when(authority: Authority) -> None:
    found = preflight(authority.signed(5), authority.trust)
    assert found.state == "amber"
    day = f"{NOW + timedelta(days=5):%Y-%m-%d}"
    assert f"Certifikatet för 127.0.0.1 går ut {day}." in found.problems[0]
    assert f"The certificate of 127.0.0.1 ends on {day}." in found.english[0]


def test_a_certificate_of_an_unknown_issuer_is_red(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    found = preflight(authority.signed(60), Authority(tmp_path / "other").trust)
    assert found.state == "red"
    assert "utfärdaren är okänd" in found.problems[0] and "its issuer is unknown" in found.english[0]


def test_a_certificate_for_another_address_is_red(authority: Authority) -> None:
    found = preflight(authority.signed(60, "DNS:annan.example"), authority.trust)
    assert found.state == "red" and "det gäller en annan adress" in found.problems[0]


def test_a_certificate_that_has_ended_is_red(authority: Authority) -> None:
    found = preflight(authority.signed(-1), authority.trust)
    assert found.state == "red"
    assert "det har gått ut" in found.problems[0] and "it has expired" in found.english[0]


@pytest.mark.parametrize("error", [OSError("x"), TimeoutError(), ssl.SSLError(1, "no TLS here"), ValueError("x")])
def test_who_does_not_answer_says_nothing_of_a_certificate(error: Exception) -> None:
    """That it cannot be reached is the channel's own to say."""

    async def ends(host: str, port: int) -> datetime:
        raise error

    found = asyncio.run(Watched(OwnWeb("own_web"), "https://kris.example", ends, lambda: NOW).preflight())
    assert found == Preflight("green")


def test_what_the_channel_itself_found_is_said_too_and_the_worse_colour_counts() -> None:
    class Sick(OwnWeb):
        async def preflight(self) -> Preflight:
            return Preflight("red", ("Trasig.",), plans=Plans((), NOW, is_whole=True))

    async def ends(host: str, port: int) -> datetime:
        return NOW + SOON - timedelta(days=1)

    found = asyncio.run(Watched(Sick("own_web"), "https://kris.example", ends, lambda: NOW).preflight())
    assert found.state == "red"
    assert (found.problems[1], found.english[1]) == ("Trasig.", "Trasig.")
    assert found.plans is not None


def test_every_live_address_and_our_own_page_are_watched() -> None:
    """A drill's channels are opened without any of it: they know no address but the imitation's."""
    settings = live_settings(INSTALLED.named("restapp"), user="kris")
    settings = settings.model_copy(update={"channels": {**settings.channels, "own_web": Page(kind="own_web")}})
    shaken: list[tuple[str, int]] = []

    async def ends(host: str, port: int) -> datetime:
        shaken.append((host, port))
        return NOW + timedelta(days=365)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"contract": 1})

    async def all_of() -> list[str]:
        secrets: Secrets = lambda name, imitation: "a-secret-of-a-length-that-will-do"  # noqa: E731
        connect = lambda: httpx.MockTransport(answer)  # noqa: E731
        found = open_channels(settings, secrets, connect=connect, certificates=ends)
        states = [(await channel.preflight()).state for channel in found.values()]
        for channel in found.values():
            await channel.close()
        return states

    assert asyncio.run(all_of()) == ["green", "green"]
    assert shaken == [("live.example", 443), ("kris.example", 443)]
