"""
The only way out over HTTP: a few clients per channel, and one table of what an answer or a failure proves.

    what happened                                                        fact        reason
    no connection, none free, an address that cannot be asked            NOT_SENT    NETWORK
    `timeout` before the first byte of the request left                  NOT_SENT    NETWORK
    `timeout` after that, a broken write or read, a broken protocol      UNCERTAIN   NETWORK
    1xx as the last word, 3xx, 5xx, over-long or compressed body         UNCERTAIN   SERVER
    408 409 424 460 499: whoever says it may have handed the request on  UNCERTAIN   SERVER
    401                                                                  REFUSED     TOKEN
    403                                                                  REFUSED     PERMISSION
    425 429                                                              REFUSED     RATE, with a wait
    any other 4xx                                                        REFUSED     CONTENT
    202 206 207 and every 2xx that is no completion                      UNCERTAIN   SERVER
    200 201 203 204                                                      the provider's table, which wants proof

A redirect is uncertain, never a refusal: 303 is how many servers say "done, look over there".
Cancellation passes through. Nothing else does. All of it, provider by provider, stands in docs/outcomes.md.
"""

import asyncio
import logging
import math
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import BaseModel, ValidationError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_result,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from broadcaster.channels import Fact, Outcome, Reason
from broadcaster.clocks import boot_clock, utc_now
from broadcaster.settings import is_loopback_http

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], datetime]
Seconds = Callable[[], float]
#: Opens a way to the network; tests give one that leads to an imitation.
Connect = Callable[[], httpx.AsyncBaseTransport]
Model = TypeVar("Model", bound=BaseModel)

BODY_BYTES_MAX = 1 << 20
DEFAULT_WAIT_S = 15.0  #: where a "not now" names no time we can believe
WAIT_MAX_S = 300.0
REPEATS_MAX = 2  #: within one call, and only of what was certainly not sent or only reads
PREFLIGHT_TIMEOUT_S = 10.0
#: 202 only promises, 206 is a part, 207 hides its failures inside, and the rest say nothing about being done.
_COMPLETE = frozenset({200, 201, 203, 204})
#: "Not now", said before anything was done (RFC 8470 section 5.2, RFC 6585 section 4).
_NOT_YET = frozenset({425, 429})
#: Said by someone in between who gave up waiting (408, 460, 499) or asked twice (409), or halfway (424).
_HANDED_ON = frozenset({408, 409, 424, 460, 499})
#: A connection is kept for two minutes, so that the update after the first finds it open. One that died meanwhile costs
#: a repeat, and a one-shot post never uses one.
_LIMITS = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=120)
#: Room for a channel in every language at once; so many of its clients are kept, and the others closed again.
AT_ONCE_MAX, KEPT_MAX = 16, 8
_TIMEOUT = httpx.Timeout(connect=3, read=10, write=5, pool=2)
_HEADERS = {"User-Agent": "broadcaster", "Accept": "application/json", "Accept-Encoding": "identity"}
_DETAIL_MAX = 200

# Both libraries log whole addresses (proofs in the query) or headers (tokens); no log may ever have them.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def over_network(context: ssl.SSLContext | None = None) -> Connect:
    """Return what opens real connections, all with one TLS context: `context`, or a new one."""
    tls = context or httpx.create_ssl_context(trust_env=False)
    return lambda: httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=_LIMITS)


@dataclass(frozen=True)
class Until:
    """When a call's time is over: on the loop's clock, which timers follow, and on one that counts sleep."""

    at: float
    awake_at: float
    awake: Seconds

    @property
    def left_s(self) -> float:
        """Seconds that are left by whichever clock is further."""
        return min(self.at - asyncio.get_running_loop().time(), self.awake_at - self.awake())


@dataclass(frozen=True)
class Ask:
    """One request. `path` begins with a slash, has no query and nothing secret: it is logged."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None  #: parts beside `form`: name in it, bytes, media type
    json: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reads: bool = False  #: changes nothing out there, so it may be repeated whatever happened
    fresh: bool = False  #: an irrevocable one-shot: on a connection of its own, which cannot be stale


@dataclass(frozen=True)
class Answer:
    """A complete answer of any status. `where` is method and path, for the log; `at` is when it was read."""

    where: str
    status: int
    headers: httpx.Headers
    body: bytes
    at: datetime

    def read(self, model: type[Model]) -> Model | None:
        """Return the body as `model`, or None when it is not JSON of that shape."""
        try:
            return model.model_validate_json(self.body)
        except ValidationError:
            return None

    def outcome(self, fact: Fact, reason: Reason, note: str = "", **more: Any) -> Outcome:
        """Return an `Outcome` with this answer's status; of its body the detail tells only `note`."""
        detail = f"{self.where}: HTTP {self.status}{' ' if note else ''}{note}"
        return Outcome(fact, reason, status=self.status, detail=detail, **more)

    def unproven(self, note: str) -> Outcome:
        """Return `UNCERTAIN`: it looks done, but the proof is missing."""
        return self.outcome(Fact.UNCERTAIN, Reason.SERVER, note)


def judge(answer: Answer) -> Outcome | None:
    """Return what the status alone proves, or None where it says done and the provider's own proof decides."""
    status = answer.status
    if status in _COMPLETE:
        return None
    if status in _NOT_YET:
        return answer.outcome(Fact.REFUSED, Reason.RATE, wait_s=retry_after_s(answer.headers, answer.at))
    if 400 <= status < 500 and status not in _HANDED_ON:
        reason = {401: Reason.TOKEN, 403: Reason.PERMISSION}.get(status, Reason.CONTENT)
        return answer.outcome(Fact.REFUSED, reason)
    return answer.outcome(Fact.UNCERTAIN, Reason.SERVER)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float:
    """Return the seconds `Retry-After` asks for, from 0 to 300; 15 where it says nothing to be believed.

    Reads whole seconds and HTTP dates (RFC 9110 section 10.2.3). Raises nothing.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), WAIT_MAX_S)
    try:
        at = parsedate_to_datetime(text)
        wait = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return DEFAULT_WAIT_S
    return min(wait, WAIT_MAX_S) if math.isfinite(wait) and 0 <= wait <= 86_400 else DEFAULT_WAIT_S


def public_address(base_url: str, address: str | None) -> str | None:
    """Return `address` made absolute, or None unless people can follow it.

    https, or plain http between an imitation on loopback and loopback: nothing outside makes anybody open an
    address of this machine.
    """
    if not address:
        return None
    try:
        absolute = urljoin(base_url + "/", address)
        parts = urlsplit(absolute)
        good = parts.scheme == "https" or (is_loopback_http(base_url) and is_loopback_http(absolute))
    except ValueError:
        return None
    return absolute if good and parts.hostname and absolute.isprintable() else None


class Http:
    """One channel's way out. `ask` makes one request and says what came back."""

    def __init__(
        self,
        base_url: str,
        *,
        connect: Connect | None = None,
        secrets: Iterable[str] = (),
        sleep: Sleep = asyncio.sleep,
        clock: Clock = utc_now,
    ) -> None:
        self.base_url = base_url
        self._connect = connect or over_network()
        self._secrets = tuple(secret for secret in secrets if secret)
        self._sleep, self._clock = sleep, clock
        # A client for each request at once: a pool of several connections looks all of them through, twice a request.
        self._kept, self._closed = [self._open()], False
        self._room = asyncio.Semaphore(AT_ONCE_MAX)

    async def ask(self, ask: Ask, until: Until) -> Answer | Outcome:
        """Return the answer, whatever its status, or an `Outcome` when there is none.

        Repeats, at most twice and only within `until` (`deadline`), what was certainly not sent; of reads also what
        is uncertain.
        """
        retrying = AsyncRetrying(
            stop=stop_after_attempt(1 + REPEATS_MAX) | stop_before_delay(until.left_s),
            wait=wait_random_exponential(multiplier=0.2, max=1.0),
            retry=retry_if_result(_unsettled if ask.reads else _not_sent),
            sleep=self._sleep,
            reraise=True,
            retry_error_callback=_last,
        )
        found: Answer | Outcome = await retrying(self._once, ask, until)
        return found

    async def close(self) -> None:
        """Give the connections back; those of requests under way when these have ended."""
        self._closed = True
        while self._kept:
            await self._kept.pop().aclose()

    @asynccontextmanager
    async def _way_out(self, *, fresh: bool) -> AsyncIterator[httpx.AsyncClient]:
        """Give the client that was used last, or a new one; with `fresh` a new one that is closed afterwards."""
        async with self._room:
            client = self._kept.pop() if self._kept and not fresh else self._open()
            try:
                yield client
            finally:
                if fresh or self._closed or len(self._kept) >= KEPT_MAX:
                    await client.aclose()
                else:
                    self._kept.append(client)

    def _open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._connect(),
            trust_env=False,
            follow_redirects=False,
            timeout=_TIMEOUT,
            headers=_HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # nothing sticks from call to call
        )

    async def _once(self, ask: Ask, until: Until) -> Answer | Outcome:
        where = f"{ask.method} {ask.path}"
        trace = _Trace()
        if until.left_s <= 0:  # also when this machine slept between two requests of one call: another has its lease
            return Outcome(Fact.NOT_SENT, Reason.NETWORK, detail=f"{where}: the time of the call was over")
        try:
            async with asyncio.timeout_at(until.at), self._way_out(fresh=ask.fresh) as client:
                request = client.build_request(
                    ask.method, self.base_url + ask.path, params=ask.query or None, data=ask.form, json=ask.json,
                    headers=ask.headers, files=ask.files, extensions={"trace": trace.note})  # fmt: skip
                return await self._exchange(client, request, where, trace)
        except Exception as error:  # noqa: BLE001 - whatever breaks, the caller gets a fact; unknown is uncertain
            return self._failure(where, error, trace)

    async def _exchange(
        self, client: httpx.AsyncClient, request: httpx.Request, where: str, trace: "_Trace"
    ) -> Answer | Outcome:
        trace.asked = True
        response = await client.send(request, stream=True)
        try:
            body = bytearray()
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                return self._unreadable(where, response.status_code, "compressed though nobody asked for it")
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > BODY_BYTES_MAX:
                    return self._unreadable(where, response.status_code, "longer than 1 MiB")
            return Answer(where, response.status_code, response.headers, bytes(body), self._clock())
        finally:
            await response.aclose()

    def _unreadable(self, where: str, status: int, why: str) -> Outcome:
        return Outcome(Fact.UNCERTAIN, Reason.SERVER, status=status, detail=f"{where}: HTTP {status} {why}")

    def _failure(self, where: str, error: Exception, trace: "_Trace") -> Outcome:
        fact = Fact.NOT_SENT if _never_left(error, trace) else Fact.UNCERTAIN
        # Only what the network says may be quoted; the texts of other exceptions quote addresses and headers.
        said = f" ({error})" if isinstance(error, httpx.ConnectError) and str(error) else ""
        detail = scrub(f"{where}: {type(error).__name__}{said}", self._secrets)
        return Outcome(fact, Reason.NETWORK, detail=detail)


def deadline(timeout_s: float, *, awake: Seconds = boot_clock) -> Until:
    """Return the moment `timeout_s` from now, for every request of one call."""
    return Until(asyncio.get_running_loop().time() + timeout_s, awake() + timeout_s, awake)


def scrub(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` as one line of at most 200 characters without query strings, secrets or bearer tokens."""
    for secret in secrets:
        text = text.replace(secret, "…")
    text = re.sub(r"(?i)\b(bearer|oauth|basic)\s+\S+", r"\1 …", text)
    text = re.sub(r"\?\S*", "?…", text)
    text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())[:_DETAIL_MAX]


class _Trace:
    """How far one request came, told by the transport; a transport that tells nothing proves nothing."""

    def __init__(self) -> None:
        self.asked = self.connecting = self.leaving = self.headers_left = False

    async def note(self, event: str, _: Mapping[str, Any]) -> None:
        self.connecting = True
        self.leaving |= event.endswith("send_request_headers.started")
        self.headers_left |= event.endswith("send_request_headers.complete")


_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


def _never_left(error: Exception, trace: _Trace) -> bool:
    if not trace.asked:
        return True  # the request could not even be built, or its time was over before it began
    if isinstance(error, _BEFORE_SENDING):
        return True
    if isinstance(error, httpx.InvalidURL):
        return not trace.leaving
    if isinstance(error, httpx.LocalProtocolError):
        return not trace.headers_left  # refused by our own side before a byte was written
    return isinstance(error, TimeoutError) and trace.connecting and not trace.leaving


def _not_sent(found: Answer | Outcome) -> bool:
    return isinstance(found, Outcome) and found.fact is Fact.NOT_SENT


def _unsettled(found: Answer | Outcome) -> bool:
    outcome = judge(found) if isinstance(found, Answer) else found
    return outcome is not None and outcome.fact in (Fact.NOT_SENT, Fact.UNCERTAIN)


def _last(state: RetryCallState) -> Any:
    return state.outcome.result() if state.outcome else None  # tenacity calls this only after an attempt
