"""The one way out, over real connections: what is proven when a line breaks, drips, floods, lies or stays silent."""

import asyncio
import logging
import socket
import socketserver
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from broadcaster.channels import Fact, Outcome, Reason
from broadcaster.channels._http import Answer, Ask, Http, deadline, over_network

NOW = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
READ = Ask("GET", "/thing", reads=True)
WRITE = Ask("POST", "/thing", form={"message": "Hej"})
ONE_SHOT = Ask("POST", "/thing", form={"message": "Hej"}, fresh=True)


def asked(url: str, *asks: Ask, timeout_s: float = 10.0, naps: Any = None, **more: Any) -> list[Answer | Outcome]:
    """Make these requests one after the other with one client, and close it."""

    async def nap(seconds: float) -> None:
        if naps is not None:
            naps.append(seconds)

    async def work() -> list[Answer | Outcome]:
        http = Http(url, sleep=nap, clock=lambda: NOW, **more)
        try:
            return [await http.ask(ask, deadline(timeout_s)) for ask in asks]
        finally:
            await http.close()

    return asyncio.run(work())


def outcome(found: list[Answer | Outcome]) -> Outcome:
    """Return the only thing found, which is an outcome."""
    assert len(found) == 1
    assert isinstance(found[0], Outcome), found
    return found[0]


@pytest.fixture
def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_an_answer_comes_back_whole(raw: Any, says: Any) -> None:
    """Status, headers, body, and the address for the log without its query."""
    raw.then(says.answer(200, {"id": "1"}, "X-Way: here\r\n"))
    found = asked(raw.url, Ask("GET", "/thing", query={"secret": "x"}, reads=True))[0]
    assert isinstance(found, Answer)
    assert (found.status, found.body, found.headers["x-way"], found.at) == (200, b'{"id": "1"}', "here", NOW)
    assert found.where == "GET /thing"
    assert raw.seen[0].path == "/thing?secret=x"


def test_where_nobody_listens_nothing_was_sent(closed_port: int) -> None:
    """A refused connection is tried twice more and is certainly not sent."""
    naps: list[float] = []
    found = outcome(asked(f"http://127.0.0.1:{closed_port}", ONE_SHOT, naps=naps))
    assert (found.fact, found.reason, len(naps)) == (Fact.NOT_SENT, Reason.NETWORK, 2)


def test_a_name_that_does_not_exist_was_not_sent() -> None:
    """A name without an address is certainly not sent."""
    assert outcome(asked("http://nowhere.invalid", WRITE)).fact is Fact.NOT_SENT


class Plain(socketserver.BaseRequestHandler):
    """Greets in plain text whoever connects."""

    def handle(self) -> None:
        """Say what no TLS client expects."""
        self.request.sendall(b"220 this is no TLS\r\n" * 20)


def test_where_no_tls_is_spoken_nothing_was_sent() -> None:
    """A failed handshake happens before the request."""
    with socketserver.TCPServer(("127.0.0.1", 0), Plain) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        found = outcome(asked(f"https://127.0.0.1:{server.server_address[1]}", WRITE))
        server.shutdown()
        thread.join(5)
    assert found.fact is Fact.NOT_SENT
    assert "ConnectError" in found.detail


class Stops(httpx.AsyncBaseTransport):
    """Tells how far a request came, as the real transport does, and then hangs or fails."""

    def __init__(self, *events: str, error: Exception | None = None) -> None:
        self.events, self.error = events, error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Come so far, and no further."""
        for event in self.events:
            await request.extensions["trace"](event, {})
        if self.error:
            raise self.error
        await asyncio.sleep(60)
        return httpx.Response(200)


CONNECT = ("connection.connect_tcp.started", "connection.start_tls.started")
LEAVING = (*CONNECT, "http11.send_request_headers.started")
HEADERS_LEFT = (*LEAVING, "http11.send_request_headers.complete")


@pytest.mark.parametrize(
    ("events", "fact"), [(CONNECT, Fact.NOT_SENT), (LEAVING, Fact.UNCERTAIN), ((), Fact.UNCERTAIN)]
)
def test_time_that_ends_before_the_first_byte_proves_nothing_left(events: tuple[str, ...], fact: Fact) -> None:
    """During the handshake: not sent. While the request leaves, or where nothing is known: uncertain."""
    found = outcome(asked("https://x.example", ONE_SHOT, timeout_s=0.1, connect=lambda: Stops(*events)))
    assert (found.fact, found.reason) == (fact, Reason.NETWORK)


@pytest.mark.parametrize(("events", "fact"), [(LEAVING, Fact.NOT_SENT), (HEADERS_LEFT, Fact.UNCERTAIN)])
def test_our_own_protocol_error_counts_by_how_far_it_came(events: tuple[str, ...], fact: Fact) -> None:
    """Headers our side refuses to write were never written; after them something is out there."""
    error = httpx.LocalProtocolError("x")
    assert outcome(asked("https://x.example", WRITE, connect=lambda: Stops(*events, error=error))).fact is fact


@pytest.mark.parametrize("how", ["drop", "cut", "garbage"])
def test_a_line_that_breaks_after_the_request_left_is_uncertain(how: str, raw: Any, says: Any) -> None:
    """The server had the request; nobody knows what it did. It is not asked again."""
    raw.then(getattr(says, how))
    found = outcome(asked(raw.url, ONE_SHOT))
    assert (found.fact, found.reason) == (Fact.UNCERTAIN, Reason.NETWORK)
    assert len(raw.seen) == 1


@pytest.mark.parametrize("how", ["drip", "hang"])
def test_only_the_total_bound_ends_a_dripping_answer(how: str, raw: Any, says: Any) -> None:
    """Each byte comes in time and the answer never does: the whole call is bounded, and uncertain."""
    raw.then(getattr(says, how))
    found = outcome(asked(raw.url, WRITE, timeout_s=0.3))
    assert (found.fact, found.reason) == (Fact.UNCERTAIN, Reason.NETWORK)


def test_an_endless_answer_is_cut_at_one_mebibyte(raw: Any, says: Any) -> None:
    """A flood cannot fill the worker's memory; what it meant is uncertain."""
    raw.then(says.flood)
    found = outcome(asked(raw.url, WRITE))
    assert (found.fact, found.reason, found.status) == (Fact.UNCERTAIN, Reason.SERVER, 200)
    assert "1 MiB" in found.detail


def test_a_compressed_answer_is_not_unpacked(raw: Any, says: Any) -> None:
    """We ask for plain bytes; a few compressed ones could be a great many."""
    raw.then(says.answer(200, b"\x1f\x8b", "Content-Encoding: gzip\r\n"))
    assert outcome(asked(raw.url, WRITE)).fact is Fact.UNCERTAIN
    assert raw.seen[0].headers["accept-encoding"] == "identity"


def test_a_redirect_is_not_followed(raw: Any, says: Any) -> None:
    """Words and tokens go nowhere but where the settings say."""
    raw.then(says.answer(302, b"", f"Location: {raw.url}/elsewhere\r\n"))
    found = asked(raw.url, WRITE)[0]
    assert isinstance(found, Answer)
    assert [seen.path for seen in raw.seen] == ["/thing"]


def test_a_one_shot_call_has_a_connection_of_its_own(raw: Any, says: Any) -> None:
    """Reads share a warm connection; the call that cannot be repeated never rides on one that may be stale."""
    raw.then(says.answer(200, {}))
    asked(raw.url, READ, READ, ONE_SHOT, ONE_SHOT, READ)
    assert [seen.connection for seen in raw.seen] == [1, 1, 2, 3, 1]


def test_a_read_is_repeated_until_it_works(raw: Any, says: Any) -> None:
    """A dropped read and a 502 cost two short naps, not the look."""
    raw.then(says.drop, says.answer(502, b""), says.answer(200, {"id": "1"}))
    naps: list[float] = []
    found = asked(raw.url, READ, naps=naps)[0]
    assert isinstance(found, Answer)
    assert (found.status, len(raw.seen), len(naps)) == (200, 3, 2)


def test_no_repeat_begins_when_the_time_is_almost_over(raw: Any, says: Any) -> None:
    """A nap that would end after the deadline is not taken."""
    raw.then(says.hang)
    naps: list[float] = []
    assert outcome(asked(raw.url, READ, timeout_s=0.2, naps=naps)).fact is Fact.UNCERTAIN
    assert naps == []


def test_cookies_do_not_stick(raw: Any, says: Any) -> None:
    """What one answer sets, the next request does not carry."""
    raw.then(says.answer(200, {}, "Set-Cookie: who=me\r\n"))
    asked(raw.url, READ, READ)
    assert "cookie" not in raw.seen[1].headers


def test_proxy_variables_do_not_lead_a_crisis_text_astray(
    raw: Any, says: Any, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy in the environment of the machine is not asked."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    raw.then(says.answer(200, {}))
    assert isinstance(asked(raw.url, WRITE)[0], Answer)


@pytest.mark.parametrize("header", ["tok\nen", "tök€n", "\x00"])
def test_a_token_that_fits_no_header_was_not_sent(header: str, raw: Any, says: Any) -> None:
    """A token pasted with a line break is our own fault, and certainly nothing left."""
    raw.then(says.answer(200, {}))
    found = outcome(asked(raw.url, Ask("POST", "/thing", headers={"Authorization": f"Bearer {header}"})))
    assert found.fact is Fact.NOT_SENT
    assert raw.seen == []
    assert "tok" not in found.detail


def test_nothing_secret_reaches_the_log(raw: Any, says: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Neither proof nor token nor words are logged, even where everything is logged."""
    caplog.set_level(logging.DEBUG)
    raw.then(says.answer(200, {}))
    asked(raw.url, Ask("GET", "/thing", query={"proof": "s3cr3t"}, headers={"Authorization": "Bearer PAGETOK"}))
    assert "s3cr3t" not in caplog.text
    assert "PAGETOK" not in caplog.text


def test_all_channels_can_share_one_tls_context() -> None:
    """Twenty channels load the certificates once."""
    contexts: list[Any] = []
    connect = over_network(httpx.create_ssl_context(trust_env=False))
    for _ in range(2):
        transport = connect()
        assert isinstance(transport, httpx.AsyncHTTPTransport)
        contexts.append(transport._pool._ssl_context)
    assert contexts[0] is contexts[1]


def test_a_machine_that_slept_in_the_middle_of_a_call_asks_nothing_more(raw: Any, says: Any) -> None:
    """Another worker has the lease by then; what it said must not be said over."""
    raw.then(says.answer(200, {}))
    slept = iter([100.0, 100.1, 400.0, 400.0])

    async def work() -> list[Answer | Outcome]:
        http = Http(raw.url, clock=lambda: NOW)
        until = deadline(5, awake=lambda: next(slept, 400.0))
        try:
            return [await http.ask(WRITE, until), await http.ask(WRITE, until)]
        finally:
            await http.close()

    _, late = asyncio.run(work())
    assert isinstance(late, Outcome) and late.fact is Fact.NOT_SENT
    assert len(raw.seen) <= 1


def test_calls_at_once_have_a_connection_each_and_leave_eight_open(raw: Any, says: Any) -> None:
    """An announcement in six languages waits for no other; the update a minute later finds the way open."""
    raw.then(says.answer(200, {}))

    async def work() -> None:
        http = Http(raw.url, clock=lambda: NOW)
        try:
            for count in (12, 8):
                found = await asyncio.gather(*(http.ask(WRITE, deadline(10)) for _ in range(count)))
                assert all(isinstance(answer, Answer) for answer in found)
        finally:
            await http.close()

    asyncio.run(work())
    first, again = raw.seen[:12], raw.seen[12:]
    assert len({seen.connection for seen in first}) == 12
    assert {seen.connection for seen in again} < {seen.connection for seen in first}
    assert len({seen.connection for seen in again}) == 8


def test_many_calls_at_once_share_sixteen_connections(raw: Any, says: Any) -> None:
    """One channel in trouble cannot open connections without end; in six languages nothing waits for another."""
    raw.then(says.hang)

    async def work(count: int) -> list[Answer | Outcome]:
        http = Http(raw.url, clock=lambda: NOW)
        asks: list[Awaitable[Answer | Outcome]] = [http.ask(WRITE, deadline(3)) for _ in range(count)]
        try:
            return list(await asyncio.gather(*asks))
        finally:
            await http.close()

    found = asyncio.run(work(24))
    assert {answer.fact for answer in found if isinstance(answer, Outcome)} <= {Fact.UNCERTAIN, Fact.NOT_SENT}
    assert all(isinstance(answer, Outcome) for answer in found)
    assert 6 < len(raw.seen) <= 16


def test_a_transport_that_cannot_even_be_closed_still_gives_a_fact() -> None:
    """Whatever a transport does, the caller gets an outcome."""

    class Broken(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise RuntimeError("broken")

    connect: Callable[[], httpx.AsyncBaseTransport] = Broken
    assert outcome(asked("https://x.example", ONE_SHOT, connect=connect)).fact is Fact.UNCERTAIN
