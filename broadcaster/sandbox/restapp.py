"""Imitation of the small app on the region's own website: one page per message and language, replaced in place.

The contract is the product's own (docs/restapp.md): an older revision is refused, and a tombstone remembers the
revision of what was taken down.
"""

import base64
import binascii
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser

from broadcaster.sandbox.exchange import Answer, JsonObject, Request, moment

CONTRACT = 1
USER, PASSWORD = "kris", "RESTPASS"  # published on purpose: they open nothing but this imitation
_TEXTS = ("object", "id", "mark", "status", "language", "title", "leadHtml", "bodyHtml", "startsAt")
_NAMES = {*_TEXTS, "contract", "revision", "expiresAt"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the site; `body` is exactly what was sent."""

    object: str
    body: JsonObject
    revision: int
    key: str
    starts_at: float
    expires_at: float | None
    stored_at: float

    def published(self, now: float) -> bool:
        """Tell whether visitors see it at `now` (unix seconds)."""
        return self.starts_at <= now and (self.expires_at is None or now < self.expires_at)

    def text(self) -> str:
        """Return what a visitor reads: the title, and each paragraph after a blank line."""
        reader = _Paragraphs()
        reader.feed(str(self.body["leadHtml"]) + str(self.body["bodyHtml"]))
        reader.close()
        return "\n\n".join([str(self.body["title"]), *reader.found])


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left after a withdrawal: nothing up to this revision may come back."""

    revision: int


class RestApp:
    """The service under `/restapp`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._stored: dict[str, Page | Tombstone] = {}

    def clear(self) -> None:
        """Forget pages and tombstones."""
        with self.lock:
            self._stored.clear()

    def pages(self) -> list[Page]:
        """Return what visitors see now, latest first."""
        with self.lock:
            now = self._clock()
            found = [page for page in self._stored.values() if isinstance(page, Page) and page.published(now)]
            return sorted(found, key=lambda page: page.stored_at, reverse=True)

    def handle(self, request: Request) -> Answer:
        """Answer one call as the app would."""
        if not hmac.compare_digest(_login(request), f"{USER}:{PASSWORD}".encode()):
            return self.locked_out(request)
        where = request.segments
        with self.lock:
            if where == ("messages",) and request.method == "GET":
                return _answer(200)
            if where == ("messages",) and request.method == "POST":
                return self._post(request)
            if len(where) == 2 and where[0] == "messages" and request.method == "GET":
                return self._get(where[1], request.base)
            if len(where) == 2 and where[0] == "messages" and request.method == "DELETE":
                return self._delete(where[1], request)
        return Answer.of(404, {"error": "this address is none of the app's"})

    def broken(self) -> Answer:
        """Return a 500 that says nothing about what happened."""
        return Answer.of(500, {"error": "internal error"})

    def limited(self, request: Request) -> Answer:
        """Return 429 with one second to wait."""
        return Answer.of(429, {"error": "too many requests"}, Retry_After="1")

    def locked_out(self, request: Request) -> Answer:
        """Return 401."""
        return Answer.of(401, {"error": "name and password are needed"}, WWW_Authenticate='Basic realm="rest-api"')

    def _post(self, request: Request) -> Answer:
        page, errors = self._read(request)
        if page is None:
            return _answer(422, errors=errors)
        stored = self._stored.get(page.object)
        done = {"object": page.object, "revision": page.revision, "nodeId": f"5.{page.object[:12]}",
                "url": site_address(request.base, page.object)}
        if isinstance(stored, Page) and (stored.revision, stored.key, stored.body) == (
                page.revision, page.key, page.body):
            return _answer(200, **done)
        if stored is not None and page.revision <= stored.revision:
            return _answer(409, revision=stored.revision)
        self._stored[page.object] = page
        return _answer(200 if isinstance(stored, Page) else 201, **done)

    def _get(self, name: str, base: str) -> Answer:
        page = self._stored.get(name)
        if not isinstance(page, Page):
            return _answer(404)
        now = self._clock()
        return _answer(200, **{**page.body, "url": site_address(base, name), "published": page.published(now)})

    def _delete(self, name: str, request: Request) -> Answer:
        given = request.query.get("revision", "")
        if not given.isdecimal():
            return _answer(422, errors=["say which revision with ?revision=<number>"])
        stored = self._stored.get(name)
        if stored is not None and int(given) < stored.revision:
            return _answer(409, revision=stored.revision)
        self._stored[name] = Tombstone(int(given))
        return _answer(200, object=name) if isinstance(stored, Page) else _answer(404)

    def _read(self, request: Request) -> tuple[Page | None, list[str]]:
        try:
            body = request.json()
        except ValueError:
            return None, ["the body is not a JSON object"]
        wrong = [f"{name} is not a text" for name in _TEXTS if not isinstance(body.get(name), str)]
        wrong += [f"{name} is unknown" for name in body if name not in _NAMES]
        revision, key = body.get("revision"), request.headers.get("idempotency-key", "")
        if not isinstance(revision, int) or isinstance(revision, bool) or revision < 1:
            return None, [*wrong, "revision is not a whole number from 1"]
        if body.get("contract") != CONTRACT:
            wrong.append(f"contract is not {CONTRACT}")
        if not key:
            wrong.append("the header Idempotency-Key is missing")
        if wrong:
            return None, wrong
        try:
            starts_at, expires_at = moment(body["startsAt"]), moment(body.get("expiresAt"))
        except ValueError:
            return None, ["startsAt and expiresAt are ISO 8601"]
        return Page(str(body["object"]), body, revision, key, starts_at or 0.0, expires_at, self._clock()), []


def site_address(base: str, name: str) -> str:
    """Return the address of the page that a visitor of the site would see."""
    return f"{base}/site/{name}"


def _answer(code: int, **body: object) -> Answer:
    """Return an answer of the app's own: each names the contract, so that nobody else's 404 is taken for it."""
    return Answer.of(code, {**body, "contract": CONTRACT})


def _login(request: Request) -> bytes:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(given, validate=True) if kind.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""


class _Paragraphs(HTMLParser):
    """Reads paragraphs with line breaks; that is all the contract lets anybody send."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a paragraph, or a line of one."""
        if tag == "p":
            self.found.append("")
        elif tag == "br" and self.found:
            self.found[-1] += "\n"

    def handle_data(self, data: str) -> None:
        """Add to the paragraph that is open."""
        if self.found:
            self.found[-1] += data
