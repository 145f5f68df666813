"""
The last wall between drill and live, built into every channel that is opened, whatever its kind does.

    Walled    says only words of the mode it was opened for, however the tables of channels are mixed up
    within    lets a request of a drill go to the one imitation it was opened against, and nowhere else
    dial_within   the same for connections that carry no HTTP

The two walls before it stand where a message is accepted (`auth.client.require_mode`) and where it is claimed
(`proof.check_place`).
"""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from broadcaster.channels import Channel, Fact, Outcome, Post, Preflight, Reason, Step, Way
from broadcaster.channels._smtp import Dial, Line
from broadcaster.errors import Unfit
from broadcaster.settings import is_loopback_http

Mode = Literal["live", "drill"]


class Walled:
    """A channel that speaks in one mode only. A post of the other is refused before anything is asked of anybody."""

    def __init__(self, channel: Channel, mode: Mode) -> None:
        self._channel, self.mode = channel, mode
        self.key: str = channel.key
        self.kind: str = channel.kind
        self.way: Way = channel.way

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Do one step, if it is of this channel's mode."""
        if post.mode != self.mode:
            why = f"a {post.mode} post came to a channel of mode {self.mode}"
            return Outcome(Fact.REFUSED, Reason.FORGED, detail=why)
        return await self._channel.call(step, post, timeout_s)

    async def preflight(self) -> Preflight:
        """Ask whether a send would work."""
        return await self._channel.preflight()

    async def close(self) -> None:
        """Give the connections back."""
        await self._channel.close()

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the kind of channel offers."""
        return getattr(self._channel, name)


def require_imitation(url: str) -> str:
    """Return `url` without a slash at its end. Raises `Unfit` unless it is an imitation on this very machine.

    Plain http to a loopback address in figures: a name, even `localhost`, leads wherever a file or a server says.
    """
    base = url.rstrip("/")
    if not (is_loopback_http(base) and _in_figures(urlsplit(base).hostname or "")):
        raise Unfit("a drill reaches only an imitation on this machine: http on a loopback address, nothing else")
    return base


def within(connect: Callable[[], httpx.AsyncBaseTransport], base: str) -> Callable[[], httpx.AsyncBaseTransport]:
    """Return what opens ways that lead to `base` alone."""
    return lambda: _Within(connect(), httpx.URL(base))


def dial_within(dial: Dial, host: str, port: int | None) -> Dial:
    """Return what opens connections to the imitation's mailbox alone; without a port there is none to be had."""

    async def within_reach(asked_host: str, asked_port: int) -> Line:
        if port is None or (asked_host, asked_port) != (host, port):
            raise ConnectionRefusedError("a drill goes to its imitation and nowhere else")
        return await dial(asked_host, asked_port)

    return within_reach


class _Within(httpx.AsyncBaseTransport):
    """Looks at every request once more, right before it leaves."""

    def __init__(self, inner: httpx.AsyncBaseTransport, base: httpx.URL) -> None:
        self._inner, self._base = inner, base

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked, base = request.url, self._base
        if (asked.scheme, asked.host, asked.port) != (base.scheme, base.host, base.port):
            raise httpx.ConnectError("a drill goes to its imitation and nowhere else", request=request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _in_figures(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
