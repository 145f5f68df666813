"""Webhooks of the imitated Page: who has subscribed, at both levels, and what is told of posts and comments.

Both levels are needed: the app names an address and proves it (`/{app}/subscriptions`), and the Page installs the app
(`/{page}/subscribed_apps`). Anything else is silence.
"""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_parameters import text
from broadcaster.sandbox.posts import Post
from broadcaster.sandbox.webhook_sender import Sender, challenged, is_on_this_machine

FEED = "feed"
FIELDS = ("feed", "mention", "ratings", "messages", "conversations", "live_videos", "business_integrity")
"""What a Page may subscribe an app to; here only `feed` is ever told."""


@dataclass(frozen=True, slots=True)
class _Callback:
    url: str
    fields: tuple[str, ...]


class Webhooks:
    """The subscriptions of the one app and the one Page. Safe to use from several threads."""

    def __init__(
            self, clock: Callable[[], float], seed: int, *, app: JsonObject, page: JsonObject, secret: str) -> None:
        """Sign with the app's `secret`; `app` and `page` are their id and name, as they are shown."""
        self._app, self._page = app, page
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._sender = Sender(clock, seed, secret)
        self._callback: _Callback | None = None
        self._page_fields: tuple[str, ...] = ()

    def tell_post(self, verb: str, post: Post) -> None:
        """Have a change of a public post delivered; see `tell`."""
        self.tell(post_changed(verb, post, self._page))

    def tell(self, value: JsonObject) -> None:
        """Have a change of the feed delivered, if both levels want to hear of it; return at once."""
        with self._lock:
            callback = self._callback
            wanted = callback is not None and FEED in callback.fields and FEED in self._page_fields
        if wanted and callback is not None:
            self._sender.send(callback.url, {"field": FEED, "value": value})

    def waiting(self) -> int:
        """Return how much has been told and neither been taken nor given up."""
        return self._sender.waiting()

    def clear(self) -> None:
        """Forget every subscription and everything that waits."""
        with self._lock:
            self._callback, self._page_fields = None, ()
        self._sender.clear()

    def close(self) -> None:
        """Stop sending, for good."""
        self._sender.close()

    def app(self, method: str, given: Mapping[str, object]) -> JsonObject:
        """Answer `/{app}/subscriptions`. To subscribe calls the address first, so no lock may be held meanwhile.

        Raises GraphError: 100 for parameters that cannot be, 2200 when the address does not prove itself.
        """
        if method not in ("GET", "POST", "DELETE"):
            raise errors.unsupported(method, "subscriptions")
        if method == "POST":
            return self._subscribe(dict(given))
        with self._lock:
            if method == "DELETE":
                self._callback = None
                return {"success": True}
            found = self._callback
        return {"data": [] if found is None else [{
            "object": "page", "callback_url": found.url, "active": True,
            "fields": [{"name": field, "version": "v26.0"} for field in found.fields]}]}

    def page(self, method: str, given: Mapping[str, object]) -> JsonObject:
        """Answer `/{page}/subscribed_apps`. Raises GraphError (100) for a field no Page has."""
        fields = _fields(dict(given), "subscribed_fields") if method == "POST" else ()
        with self._lock:
            if method == "GET":
                shown = {**self._app, "subscribed_fields": list(self._page_fields)}
                return {"data": [shown] if self._page_fields else []}
            self._page_fields = fields
        return {"success": True}

    def _subscribe(self, given: JsonObject) -> JsonObject:
        url, verify_token = text(given, "callback_url"), text(given, "verify_token")
        if text(given, "object") != "page":
            raise errors.invalid("Param object must be one of {page}")
        fields = _fields(given, "fields")
        if not verify_token:
            raise errors.invalid("The parameter verify_token is required")
        if not is_on_this_machine(url):
            raise errors.invalid("This imitation only calls http addresses on this machine (127.0.0.1, ::1, localhost)")
        with self._lock:
            number = str(self._random.randrange(10**8, 10**10))
        wrong = challenged(url, verify_token, number)
        if wrong:
            raise GraphError(
                2200, f"(#2200) Callback verification failed with the following errors: {wrong}")
        with self._lock:
            self._callback = _Callback(url, fields)
        return {"success": True}


def post_changed(verb: str, post: Post, author: JsonObject) -> JsonObject:
    """Return what is told of a post: `verb` is add, edited or remove."""
    value: JsonObject = {"item": "post", "verb": verb, "post_id": post.id, "from": author,
                         "created_time": int(post.created_at)}
    if verb == "remove":
        return value
    value |= {"item": "photo" if post.photos else "share" if post.link else "status", "published": 1}
    value |= {"message": post.message} if post.message else {}
    value |= {"link": post.link} if post.link else {}
    return {**value, "photo_id": post.photos[0]} if post.photos else value


def comment_changed(verb: str, comment_id: str, post_id: str, parent_id: str, author: JsonObject, at: float, *,
                    message: str = "") -> JsonObject:
    """Return what is told of a comment: `verb` is add, edited, hide, unhide or remove."""
    value: JsonObject = {
        "item": "comment", "verb": verb, "comment_id": comment_id, "post_id": post_id, "parent_id": parent_id,
        "from": author, "created_time": int(at)}
    return {**value, "message": message} if message and verb != "remove" else value


def _fields(given: JsonObject, name: str) -> tuple[str, ...]:
    value = given.get(name)
    listed = value if isinstance(value, list) else str(value or "").split(",")
    found = tuple(dict.fromkeys(field for field in (_name(one) for one in listed) if field))
    if not found:
        raise errors.invalid(f"The parameter {name} is required")
    for at, field in enumerate(found):
        if field not in FIELDS:
            raise errors.invalid(f"Param {name}[{at}] must be one of {{{', '.join(FIELDS)}}}")
    return found


def _name(one: object) -> str:
    return str(one.get("name", "")) if isinstance(one, dict) else str(one).strip()
