"""Imitation of the Graph API for one Facebook Page: which address does what, and the service's own failures.

Kept as hostile as the real one: no idempotency, `/feed` also lists unpublished posts, `paging.next` carries the
token, refusal of duplicates looks only at the post before. Each kind of thing has a module: `graph_posts`,
`graph_photos`, `graph_page`, `graph_tokens`.
"""

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox import graph_page, graph_photos, graph_posts, graph_tokens
from broadcaster.sandbox.exchange import Answer, JsonObject, Request
from broadcaster.sandbox.graph_call import Call, Facebook
from broadcaster.sandbox.graph_catalogue import refusal
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_parameters import boolean
from broadcaster.sandbox.photos import Photos
from broadcaster.sandbox.posts import Posts
from broadcaster.sandbox.script import PAGE_ID

VERSIONS = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0")

_Verbs = Mapping[str, Callable[[Call, str], JsonObject]]
"""By method: what answers a call about the object with this id."""
_ALONE: Mapping[str, _Verbs] = {"debug_token": {"GET": graph_tokens.debug}}
_PAGE: Mapping[str, _Verbs] = {
    "": {"GET": graph_page.show},
    "feed": {"GET": graph_posts.listed, "POST": graph_posts.create},
    "photos": {"GET": graph_photos.listed, "POST": graph_photos.upload},
    "posts": {"GET": graph_posts.listed},
    "published_posts": {"GET": graph_posts.listed},
    "scheduled_posts": {"GET": graph_posts.listed}}
_POST: Mapping[str, _Verbs] = {
    "": {"GET": graph_posts.read, "POST": graph_posts.update, "DELETE": graph_posts.delete}}
_PHOTO: Mapping[str, _Verbs] = {"": {"GET": graph_photos.read, "DELETE": graph_photos.delete}}
_EDGES = {edge for kind in (_PAGE, _POST) for edge in kind if edge}


class Graph:
    """The service under `/graph`."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self.lock = threading.RLock()
        self.posts = Posts(clock, seed)
        self.photos = Photos(clock, seed)
        self._facebook = Facebook(clock, self.posts, self.photos)
        self._random = random.Random(seed + 1)

    def handle(self, request: Request) -> Answer:
        """Answer one call as Facebook would."""
        with self.lock:
            self.posts.publish_due()
            version, path = split_version(request.segments)
            try:
                if request.refusal:
                    raise refusal(request.refusal, request.method, path[0] if path else "")
                call = Call.of(self._facebook, request, path)
                graph_tokens.check(call)
                answer = Answer.of(200, _carried_out(call))
            except GraphError as refused:
                answer = self._refusal(refused)
            return replace(answer, headers={**answer.headers, "facebook-api-version": version})

    def clear(self) -> None:
        """Forget everything that was published."""
        with self.lock:
            self._facebook.clear()

    def broken(self) -> Answer:
        """Return code 2 with HTTP 500: the answer that says nothing about what happened."""
        return self._refusal(errors.unavailable())

    def limited(self, request: Request) -> Answer:
        """Return the Page's limit (80001), or the app's (4) for calls that are not about the Page."""
        if split_version(request.segments)[1][:1] == ("debug_token",):
            return self._refusal(errors.app_limit())
        return self._refusal(errors.page_limit())

    def locked_out(self, request: Request) -> Answer:
        """Return 190/463: the session has expired."""
        return self._refusal(errors.expired_token())

    def makes_draft(self, request: Request) -> bool:
        """Tell whether this call would make an unpublished post."""
        if request.method != "POST" or split_version(request.segments)[1] != (PAGE_ID, "feed"):
            return False
        try:
            return not boolean(request.parameters(), "published", default=True)
        except (ValueError, GraphError):
            return False

    def _refusal(self, refused: GraphError) -> Answer:
        return refused.answer("A" + "".join(self._random.choices("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMN_0123456789",
                                                                 k=22)))


def split_version(segments: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the version that really answers and the path without it: dead ones are served by the oldest alive."""
    if segments and re.fullmatch(r"v\d+\.\d+", segments[0]):
        return (segments[0] if segments[0] in VERSIONS else VERSIONS[0]), segments[1:]
    return VERSIONS[-1], segments


def _carried_out(call: Call) -> JsonObject:
    path, method = call.path, call.request.method
    if len(path) not in (1, 2) or (len(path) == 2 and path[1] not in _EDGES):
        raise errors.unknown_path("/" + "/".join(path))
    kind = _ALONE.get(path[0]) if len(path) == 1 else None
    verbs = kind or _kind(call, path[0]).get(path[1] if len(path) == 2 else "")
    if verbs is None or method not in verbs:
        raise errors.unsupported(method, "/".join(path))
    return verbs[method](call, path[0])


def _kind(call: Call, object_id: str) -> Mapping[str, _Verbs]:
    """Return what can be asked of an object; raise GraphError (100/33) when there is none."""
    if object_id in (PAGE_ID, "me"):
        return _PAGE
    if call.facebook.posts.get(object_id) is not None:
        return _POST
    if call.facebook.photos.get(object_id) is not None:
        return _PHOTO
    raise errors.no_such_object(call.request.method, object_id)
