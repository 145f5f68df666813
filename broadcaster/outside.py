"""
Looking at a public address as a citizen would, and comparing what stands there with what we said.

The address was typed by a person, so it may lead anywhere; a look must never become a way into the region's own
network. So every address the name leads to is checked before anything is asked, the connection goes to the checked
address and to no other, a redirect is followed only within the same host, and what comes back is bounded in bytes and
time. Nothing is sent but a plain GET: no cookie, no key, no name of ours.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from unicodedata import normalize
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from broadcaster.hypertext import pieces

Address = IPv4Address | IPv6Address
#: Returns every address a name leads to, as text.
Resolve = Callable[[str, int], Awaitable[list[str]]]

TIMEOUT_S = 15.0
BODY_BYTES_MAX = 2 << 20
REDIRECTS_MAX = 3
#: IPv6 that only wraps an IPv4 address (NAT64, 6to4, Teredo): where it leads cannot be told from here.
_WRAPPED = tuple(ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
#: Longer than any word of ours.
_WORD_MAX = 1000
_HIDDEN = frozenset({"script", "style", "template", "noscript", "head"})
_INLINE = frozenset({"a", "b", "strong", "em", "i", "span", "u", "abbr", "small", "mark", "wbr"})
_HEADERS = {"User-Agent": "broadcaster", "Accept": "text/html,text/plain;q=0.9", "Accept-Encoding": "identity"}


class Sight(StrEnum):
    """What was seen at a public address."""

    SEEN = "seen"  #: the page shows our very words
    OTHER = "other"  #: a page is there, and our words are not all in it
    UNREACHED = "unreached"  #: no page came
    PRIVATE = "private"  #: the name leads into a network that the public does not reach; nothing was asked
    ELSEWHERE = "elsewhere"  #: it sends on to another host, where we do not follow


@dataclass(frozen=True)
class Viewer:
    """Somebody outside with a browser. `resolve` asks the name service, `connect` opens a way out."""

    resolve: Resolve
    connect: Callable[[], httpx.AsyncBaseTransport]
    timeout_s: float = TIMEOUT_S

    async def look(self, url: str, words: str) -> Sight:
        """Return whether `words` stand at `url` for everybody to see. Raises nothing but cancellation."""
        try:
            async with asyncio.timeout(self.timeout_s):
                page = await self._page(url)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            return Sight.UNREACHED
        if isinstance(page, Sight):
            return page
        return Sight.SEEN if shows(page, words) else Sight.OTHER

    async def _page(self, url: str) -> str | Sight:
        host = urlsplit(url).hostname
        for _ in range(1 + REDIRECTS_MAX):
            parts = urlsplit(url)
            if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
                return Sight.UNREACHED
            if parts.hostname != host:
                return Sight.ELSEWHERE
            port = parts.port or 443
            named = parts.hostname.encode("idna").decode("ascii")  # as the name service and the server know å
            addresses = [ip_address(found) for found in await self.resolve(named, port)]
            if not addresses:
                return Sight.UNREACHED
            if not all(is_public(address) for address in addresses):
                return Sight.PRIVATE
            answer = await self._ask(parts, named, port, addresses[0])
            if not isinstance(answer, httpx.Response):
                return answer
            url = urljoin(url, answer.headers.get("location", ""))
        return Sight.UNREACHED

    async def _ask(self, parts: SplitResult, named: str, port: int, address: Address) -> str | Sight | httpx.Response:
        """Ask the checked address for the page; return its text, or the answer itself where it sends on."""
        there = f"[{address}]" if address.version == 6 else str(address)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {**_HEADERS, "Host": named if port == 443 else f"{named}:{port}"}
        transport = self.connect()
        async with httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False) as client:
            request = client.build_request(
                "GET", f"https://{there}:{port}{path}", headers=headers,
                extensions={"sni_hostname": named})  # fmt: skip
            response = await client.send(request, stream=True)
            try:
                if response.is_redirect:
                    return response
                if response.status_code != 200 or response.headers.get("content-encoding", "identity") != "identity":
                    return Sight.UNREACHED
                return await _text(response)
            finally:
                await response.aclose()


def over_network() -> Viewer:
    """Return a viewer that really goes out, by this machine's own name service and no proxy."""
    context = httpx.create_ssl_context(trust_env=False)
    return Viewer(_resolve, lambda: httpx.AsyncHTTPTransport(verify=context, trust_env=False, retries=0))


def is_public(address: Address) -> bool:
    """Tell whether everybody reaches `address`: not private, loopback, link-local, shared, multicast or wrapped."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.is_site_local or any(address in network for network in _WRAPPED):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def shows(page: str, words: str) -> bool:
    """Tell whether every line of `words` stands in `page`, HTML or plain, whatever its layout adds between them."""
    text = _plain(_read(page))
    lines = [_plain(line) for line in words.splitlines()]
    wanted = [line for line in lines if line]
    return bool(wanted) and all(line in text for line in wanted)


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]).partition("%")[0] for entry in found]


async def _text(response: httpx.Response) -> str | Sight:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return Sight.UNREACHED
    try:
        return body.decode(response.charset_encoding or "utf-8", "replace")
    except LookupError:  # an alphabet nobody knows
        return body.decode("utf-8", "replace")


def _plain(text: str) -> str:
    """Return `text` in one spelling, with every kind and number of blanks as one, so that only words count."""
    return " ".join(_composed(word) for word in text.replace("\u00ad", "").split())


def _composed(word: str) -> str:
    # Sorting marks takes the square of their number, so a word of a million of them is taken in parts.
    return "".join(normalize("NFC", word[at : at + _WORD_MAX]) for at in range(0, len(word), _WORD_MAX))


def _read(page: str) -> str:
    """Return what a reader of the page sees. A tag parts words only where a browser would."""
    texts, hidden = list[str](), 0
    for kind, what in pieces(page):
        if kind == "text":
            texts += [] if hidden else [what]
            continue
        if what in _HIDDEN:
            hidden = hidden + 1 if kind == "start" else max(0, hidden - 1)
        if what not in _INLINE:
            texts.append(" ")
    return "".join(texts)
