"""Imitation of the phone gateway: the announcement callers hear before the queue, one per incident and language.

This contract is the product's own, so it does what the others cannot: it refuses an older revision, and a tombstone
remembers the revision of what was taken down.
"""

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass

from broadcaster.sandbox.exchange import Answer, JsonObject, Request, moment

PHONE_TOKEN = "PHONETOK"  # published on purpose: it opens nothing but this imitation
_REQUIRED = ("id", "revision", "language", "text")
_OPTIONAL = ("ssml", "max_seconds", "starts_at", "expires_at")


@dataclass(frozen=True, slots=True)
class Announcement:
    """One stored announcement; `body` is exactly what was sent."""

    key: str
    body: JsonObject
    revision: int
    starts_at: float | None
    expires_at: float | None
    stored_at: float

    def plays(self, now: float) -> bool:
        """Tell whether callers hear it at `now` (unix seconds)."""
        return (self.starts_at or 0.0) <= now and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left after a withdrawal: nothing up to this revision may come back."""

    revision: int
    existed: bool


class Refused(Exception):
    """A refusal: HTTP status, what is wrong, and what else the caller should know."""

    def __init__(self, status: int, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.status, self.body = status, {"error": detail, **more}


class Phone:
    """The service under `/phone`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._stored: dict[str, Announcement | Tombstone] = {}

    def clear(self) -> None:
        """Forget announcements and tombstones."""
        with self.lock:
            self._stored.clear()

    def handle(self, request: Request) -> Answer:
        """Answer one call as the gateway would."""
        if not hmac.compare_digest((request.bearer() or "").encode(), PHONE_TOKEN.encode()):
            return self.locked_out(request)
        with self.lock:
            try:
                return self._announcement(request)
            except Refused as refused:
                return Answer.of(refused.status, refused.body)

    def broken(self) -> Answer:
        """Return a 500 that says nothing about what happened."""
        return Answer.of(500, {"error": "internal error"})

    def limited(self, request: Request) -> Answer:
        """Return 429 with one second to wait."""
        return Answer.of(429, {"error": "too many requests"}, Retry_After="1")

    def locked_out(self, request: Request) -> Answer:
        """Return 401."""
        return Answer.of(401, {"error": "a valid bearer token is needed"}, WWW_Authenticate="Bearer")

    def playing(self) -> list[Announcement]:
        """Return what callers hear now, latest first."""
        with self.lock:
            now = self._clock()
            found = [entry for entry in self._stored.values() if isinstance(entry, Announcement) and entry.plays(now)]
            return sorted(found, key=lambda entry: entry.stored_at, reverse=True)

    def _announcement(self, request: Request) -> Answer:
        if len(request.segments) != 2 or request.segments[0] != "announcements" or "." not in request.segments[1]:
            raise Refused(404, "addresses are /announcements/<incident>.<language>")
        verb = {"PUT": self._put, "GET": self._get, "DELETE": self._delete}.get(request.method)
        if verb is None:
            raise Refused(405, f"{request.method} is not possible here")
        return verb(request, request.segments[1])

    def _put(self, request: Request, key: str) -> Answer:
        new = self._read(request, key)
        stored = self._stored.get(key)
        address = queue_address(request.base, key)
        done = {"id": new.body["id"], "revision": new.revision, "url": address}
        if isinstance(stored, Announcement) and (stored.revision, stored.body) == (new.revision, new.body):
            return Answer.of(200, done)
        if stored is not None and new.revision <= stored.revision:
            raise Refused(409, "a newer revision, or other words under this one, are already stored",
                          revision=stored.revision)
        self._stored[key] = new
        return Answer.of(200 if isinstance(stored, Announcement) else 201, done)

    def _get(self, request: Request, key: str) -> Answer:
        stored = self._stored.get(key)
        if not isinstance(stored, Announcement):
            raise Refused(404, "no such announcement")
        return Answer.of(200, {**stored.body, "url": queue_address(request.base, key)})

    def _delete(self, request: Request, key: str) -> Answer:
        given = request.query.get("revision", "")
        if not given.isdecimal():
            raise Refused(400, "say which revision with ?revision=<number>")
        revision, stored = int(given), self._stored.get(key)
        if stored is not None and revision < stored.revision:
            raise Refused(409, "a newer revision is already stored", revision=stored.revision)
        existed = isinstance(stored, Announcement) or (stored is not None and stored.existed)
        self._stored[key] = Tombstone(revision, existed)
        if not existed:
            raise Refused(404, "no such announcement; nothing up to this revision will be taken")
        return Answer(204)

    def _read(self, request: Request, key: str) -> Announcement:
        try:
            body = request.json()
        except ValueError as unreadable:
            raise Refused(400, "the body is not a JSON object") from unreadable
        wrong = [*(f"{name} is missing" for name in _REQUIRED if name not in body),
                 *(f"{name} is unknown" for name in body if name not in _REQUIRED + _OPTIONAL)]
        for name in ("id", "text", "language"):
            if name in body and (not isinstance(body[name], str) or not body[name].strip()):
                wrong.append(f"{name} is not a text")
        if "revision" in body and (not isinstance(body["revision"], int) or isinstance(body["revision"], bool)
                                   or body["revision"] < 0):
            wrong.append("revision is not a whole number from 0")
        language = key.rsplit(".", 1)[1]
        if not wrong and not f"{body['language']}-".startswith(f"{language}-"):
            wrong.append(f"language is not that of the address, {language}")
        if wrong:
            raise Refused(400, "; ".join(wrong))
        try:
            starts_at, expires_at = moment(body.get("starts_at")), moment(body.get("expires_at"))
        except ValueError as unreadable:
            raise Refused(400, f"starts_at and expires_at are ISO 8601 or null: {unreadable}") from unreadable
        return Announcement(key, body, body["revision"], starts_at, expires_at, self._clock())


def queue_address(base: str, key: str) -> str:
    """Return the public address that shows what callers hear."""
    return f"{base}/phone-queue/{key}"
