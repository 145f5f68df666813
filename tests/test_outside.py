"""A citizen's look at a public address: what counts as seen, and that it never becomes a way into the house."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import httpx
import pytest

from broadcaster.outside import BODY_BYTES_MAX, Sight, Viewer, is_public, shows

WORDS = (
    "Det går inte att ringa 1177\n\n"
    "Är någon i livsfara? Ring 112.\nLäs på 1177.se & vänta.\n\n"
    "Nummer RE-2026-0001/1."
)
PAGE = """<!doctype html><html><head><title>1177</title><style>p {}</style></head><body>
<p class="label">Det här meddelandet avser Värmland</p>
<h1>Det g&aring;r inte att ringa\n 1177</h1>
<p>Är någon i <b>livsfara</b>? Ring 112.<br>Läs på <a href="/">1177.se</a> &amp; vänta.</p><p>Nummer RE-2026-0001/1.</p>
<script>var x = "annat";</script></body></html>"""
PUBLIC = "93.184.215.14"


class Site(ThreadingHTTPServer):
    """A real web server on loopback that stands for the world; what it was asked is kept."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []


class _Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((headers["host"], self.path, headers))
        status, more, body = self.server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class Led(httpx.AsyncBaseTransport):
    """The way out, led to the server on loopback; keeps which address each connection was for, and its TLS name."""

    def __init__(self, port: int, connected: list[tuple[str, object]]) -> None:
        self._port, self._connected, self._inner = port, connected, httpx.AsyncHTTPTransport(trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._connected.append((request.url.host, request.extensions.get("sni_hostname")))
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def look(site: Site) -> Callable[..., Any]:
    """Return what looks at an address, with a name service of the test's own."""

    def at(url: str, *addresses: str, words: str = WORDS, timeout_s: float = 5) -> tuple[Sight, list[Any]]:
        connected: list[tuple[str, object]] = []

        async def resolve(host: str, port: int) -> list[str]:
            return list(addresses or (PUBLIC,))

        viewer = Viewer(resolve, lambda: Led(site.server_address[1], connected), timeout_s)
        return asyncio.run(viewer.look(url, words)), connected

    return at


class TestWhatIsSeen:
    def test_our_words_on_a_page_with_a_layout_of_its_own(self, site: Site, look: Any) -> None:
        """Asked as a browser asks, at the name, by the checked address, with nothing of ours."""
        site.answers["/notis?x=1"] = (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.encode())
        assert look("https://www.1177.example/notis?x=1") == (Sight.SEEN, [(PUBLIC, "www.1177.example")])
        ((host, path, headers),) = site.asked
        assert (host, path) == ("www.1177.example", "/notis?x=1")
        assert not {"cookie", "authorization", "referer"} & set(headers)

    @pytest.mark.parametrize(
        "page",
        [
            PAGE.replace("112", "113"),
            PAGE.replace("Nummer RE-2026-0001/1.", ""),
            "<p>Sidan finns inte</p>",
            f"<script>{WORDS}</script>",
            "",
        ],
    )
    def test_a_page_without_all_of_our_words_is_not_taken_for_one(self, page: str, site: Site, look: Any) -> None:
        """One digit, one missing paragraph, or words only a machine reads."""
        site.answers["/"] = (200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())
        assert look("https://www.1177.example/")[0] is Sight.OTHER

    @pytest.mark.parametrize(
        ("status", "headers", "body"),
        [
            (404, {}, b"gone"),
            (500, {}, PAGE.encode()),
            (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"),
            (200, {}, b"x" * (BODY_BYTES_MAX + 1)),
            (302, {}, b""),
        ],
        ids=["404", "500", "compressed", "endless", "on to nowhere, again and again"],
    )
    def test_what_is_no_page_is_not_reached(
        self, status: int, headers: Any, body: bytes, site: Site, look: Any
    ) -> None:
        """Neither yes nor no: somebody should look for themselves."""
        site.answers["/"] = (status, headers, body)
        assert look("https://www.1177.example/")[0] is Sight.UNREACHED

    def test_an_alphabet_nobody_knows_is_read_as_well_as_it_goes(self, site: Site, look: Any) -> None:
        site.answers["/"] = (200, {"Content-Type": "text/html; charset=martian"}, PAGE.encode())
        assert look("https://www.1177.example/")[0] is Sight.SEEN

    @pytest.mark.parametrize(
        "page", ["<b " * 600_000, "<![foo[ x", "&#" + "9" * 5000 + ";", "e" + "\u0315\u0300" * 300_000]
    )
    def test_a_page_made_to_choke_a_reader_is_only_another_page(self, page: str, site: Site, look: Any) -> None:
        """It neither raises nor holds up the worker, which has messages to send meanwhile."""
        site.answers["/"] = (200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())
        assert look("https://www.1177.example/", timeout_s=30)[0] is Sight.OTHER

    def test_a_name_with_swedish_letters_is_asked_as_the_name_service_knows_it(self, site: Site, look: Any) -> None:
        site.answers["/"] = (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.encode())
        assert look("https://www.regionvärmland.example/") == (
            Sight.SEEN, [(PUBLIC, "www.xn--regionvrmland-hfb.example")])  # fmt: skip
        assert site.asked[0][0] == "www.xn--regionvrmland-hfb.example"

    def test_words_without_a_word_are_never_seen(self) -> None:
        assert not shows(PAGE, "")
        assert not shows(PAGE, " \n\n ")
        assert shows("Ren text:\nHej\u00a0du", "Hej du")


class TestTheHouse:
    """An address somebody typed leads nowhere inside, however it is dressed."""

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.5.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
        ],
    )
    def test_a_name_that_leads_inside_is_never_asked(self, address: str, site: Site, look: Any) -> None:
        """Not one byte leaves for it; also when a second address of the same name is public."""
        assert not is_public(ip_address(address))
        for addresses in ((address,), (PUBLIC, address), (address, PUBLIC)):
            assert look("https://www.1177.example/", *addresses) == (Sight.PRIVATE, [])
        assert site.asked == []

    @pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
    def test_what_everybody_reaches_is_asked(self, address: str) -> None:
        assert is_public(ip_address(address))

    def test_the_connection_goes_to_the_checked_address_and_not_to_the_name(self, site: Site, look: Any) -> None:
        """A name service that answers otherwise the second time changes nothing: it is not asked a second time."""
        site.answers["/"] = (200, {}, PAGE.encode())
        sight, connected = look("https://www.1177.example/", PUBLIC)
        assert sight is Sight.SEEN
        assert [address for address, _ in connected] == [PUBLIC]

    @pytest.mark.parametrize(
        "url",
        [
            "http://www.1177.example/",
            "https://user:word@www.1177.example/",
            "file:///etc/passwd",
            "ftp://www.1177.example/",
            "https:///x",
            "https://[::1",
            "https://www.1177.example:99999/",
            "",
        ],
    )
    def test_only_https_to_a_name_is_asked(self, url: str, site: Site, look: Any) -> None:
        assert look(url) == (Sight.UNREACHED, [])
        assert site.asked == []

    @pytest.mark.parametrize(
        ("to", "sight"),
        [
            ("/nytt", Sight.SEEN),
            ("https://www.1177.example/nytt", Sight.SEEN),
            ("https://elsewhere.example/nytt", Sight.ELSEWHERE),
            ("https://127.0.0.1/nytt", Sight.ELSEWHERE),
            ("http://www.1177.example/nytt", Sight.UNREACHED),
            ("//elsewhere.example/nytt", Sight.ELSEWHERE),
        ],
    )
    def test_a_redirect_is_followed_within_the_same_host_alone(
        self, to: str, sight: Sight, site: Site, look: Any
    ) -> None:
        """And checked again on its way."""
        site.answers["/"] = (301, {"Location": to}, b"")
        site.answers["/nytt"] = (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.encode())
        assert look("https://www.1177.example/")[0] is sight

    def test_a_ring_of_redirects_ends(self, site: Site, look: Any) -> None:
        site.answers["/"] = (302, {"Location": "/"}, b"")
        assert look("https://www.1177.example/")[0] is Sight.UNREACHED
        assert len(site.asked) == 4

    def test_a_name_nobody_knows_is_not_reached(self) -> None:
        async def unknown(host: str, port: int) -> list[str]:
            raise OSError("no such name")

        viewer = Viewer(unknown, lambda: httpx.MockTransport(lambda request: httpx.Response(200)))
        assert asyncio.run(viewer.look("https://nowhere.example/", WORDS)) is Sight.UNREACHED

    def test_a_page_that_never_ends_is_left(self) -> None:
        """The whole look has one bound."""

        async def slow(host: str, port: int) -> list[str]:
            await asyncio.Event().wait()
            return []

        viewer = Viewer(slow, lambda: httpx.MockTransport(lambda request: httpx.Response(200)), timeout_s=0.05)
        assert asyncio.run(viewer.look("https://slow.example/", WORDS)) is Sight.UNREACHED
