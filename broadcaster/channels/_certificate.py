"""
Whether the certificate of an address is trusted, and for how long: said some days before everything there fails.

One handshake with each preflight and nothing more: no request, no secret. An address that does not answer says nothing
about its certificate; that it cannot be reached is the channel's own preflight to say.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from broadcaster.channels import Channel, Outcome, Post, Preflight, Step, Way
from broadcaster.channels._problems import Problem, amber, red
from broadcaster.errors import Text

#: Time enough to have a certificate renewed by somebody who is away this week.
SOON = timedelta(days=14)
TIMEOUT_S = 5.0
#: Returns when the certificate at (host, port) ends. Raises `ssl.SSLCertVerificationError` where it is not trusted, and
#: `OSError` or `TimeoutError` where nothing can be said of it.
Ends = Callable[[str, int], Awaitable[datetime]]

#: What OpenSSL calls the fault (X509_V_ERR_…), in words.
_WHY = {
    9: Text("det gäller inte än", "it is not valid yet"),
    10: Text("det har gått ut", "it has expired"),
    18: Text("det är utfärdat av den som använder det", "it was issued by whoever uses it"),
    19: Text("utfärdaren är okänd", "its issuer is unknown"),
    20: Text("utfärdaren är okänd", "its issuer is unknown"),
    21: Text("utfärdaren är okänd", "its issuer is unknown"),
    23: Text("det är återkallat", "it was revoked"),
    62: Text("det gäller en annan adress", "it is for another address"),
    64: Text("det gäller en annan adress", "it is for another address"),
}


def over_network(context: ssl.SSLContext) -> Ends:
    """Return what really shakes hands, trusting what `context` trusts."""

    async def ends(host: str, port: int) -> datetime:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
        try:
            shown = writer.get_extra_info("ssl_object").getpeercert()
            return datetime.fromtimestamp(ssl.cert_time_to_seconds(shown["notAfter"]), UTC)
        finally:
            writer.transport.abort()

    return ends


class Watched:
    """A channel whose preflight also tells of the certificate of `address`, an https one."""

    def __init__(self, channel: Channel, address: str, ends: Ends, clock: Callable[[], datetime]) -> None:
        self._channel, self._ends, self._clock = channel, ends, clock
        self.key: str = channel.key
        self.kind: str = channel.kind
        self.way: Way = channel.way
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 443

    async def call(self, step: Step, post: Post, timeout_s: float) -> Outcome:
        """Do one step."""
        return await self._channel.call(step, post, timeout_s)

    async def preflight(self) -> Preflight:
        """Ask whether a send would work, and whether the certificate is good for some time."""
        found, problem = await asyncio.gather(self._channel.preflight(), self._problem())
        return found if problem is None else _beside(found, problem)

    async def close(self) -> None:
        """Give the connections back."""
        await self._channel.close()

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the kind of channel offers."""
        return getattr(self._channel, name)

    async def _problem(self) -> Problem | None:
        try:
            ends = await self._ends(self._host, self._port)
        except ssl.SSLCertVerificationError as error:
            return _untrusted(self._host, error)
        except (OSError, TimeoutError, ValueError):  # nobody answered, or not in TLS
            return None
        return _ends_soon(self._host, ends) if ends < self._clock() + SOON else None


def _beside(found: Preflight, problem: Problem) -> Preflight:
    english = (problem.text.en, *(found.english or found.problems))
    state = "red" if found.state == "red" else problem.state
    return Preflight(state, (problem.text.sv, *found.problems), english, found.notes, found.plans)


def _untrusted(host: str, error: ssl.SSLCertVerificationError) -> Problem:
    unnamed = Text(error.verify_message, error.verify_message)
    why = _WHY.get(error.verify_code, unnamed)
    return red(
        f"Certifikatet för {host} godtas inte: {why.sv}. Varken vi eller webbläsare öppnar adressen. "
        "Be dem som sköter den byta certifikat.",
        f"The certificate of {host} is not trusted: {why.en}. Neither we nor browsers open the address. "
        "Ask those who look after it to replace the certificate.",
    )


def _ends_soon(host: str, ends: datetime) -> Problem:
    return amber(
        f"Certifikatet för {host} går ut {ends:%Y-%m-%d}. Efter det öppnar varken vi eller webbläsare adressen. "
        "Be dem som sköter den förnya certifikatet.",
        f"The certificate of {host} ends on {ends:%Y-%m-%d}. After that neither we nor browsers open the address. "
        "Ask those who look after it to renew the certificate.",
    )
