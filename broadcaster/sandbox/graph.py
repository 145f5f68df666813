"""Imitation of the Graph API for one Facebook Page: which address does what, and the service's own failures.

Kept as hostile as the real one: no idempotency, `/feed` also lists unpublished posts, `paging.next` carries the
token, refusal of duplicates looks only at the post before. Each kind of thing has a module: `graph_posts`,
`graph_photos`, `graph_page`, `graph_tokens`. `graph_conditions` is what may be wrong with all of them.
"""

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox import graph_page, graph_photos, graph_posts, graph_tokens
from broadcaster.sandbox.exchange import Answer, JsonObject, Request
from broadcaster.sandbox.graph_call import Call, Facebook
from broadcaster.sandbox.graph_catalogue import refusal
from broadcaster.sandbox.graph_conditions import Conditions
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_parameters import boolean
from broadcaster.sandbox.graph_usage import Usage, Whose
from broadcaster.sandbox.graph_webhooks import Webhooks
from broadcaster.sandbox.photos import Photos
from broadcaster.sandbox.posts import Posts
from broadcaster.sandbox.script import PAGE_ID

VERSIONS = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0")

_READ, _WRITE = ("pages_read_engagement",), ("pages_manage_posts", "pages_read_engagement")
_INSIGHTS, _METADATA = ("read_insights", "pages_read_engagement"), ("pages_manage_metadata", "pages_show_list")


@dataclass(frozen=True, slots=True)
class Verb:
    """What answers a call about the object with this id, and what it takes to be allowed to make the call."""

    answer: Callable[[Call, str], JsonObject]
    scopes: tuple[str, ...] = ()
    anybody: bool = False
    """A person's token will do, or the answer itself tells what is wrong with it."""


_Edges = Mapping[str, Mapping[str, Verb]]
"""By the last word of the address (empty for the object itself) and by method."""
_ALONE: _Edges = {"debug_token": {"GET": Verb(graph_tokens.debug, anybody=True)}}
_OAUTH: _Edges = {"access_token": {"GET": Verb(graph_tokens.exchange, anybody=True)}}
_PERSON: _Edges = {
    "": {"GET": Verb(graph_page.person, anybody=True)},
    "accounts": {"GET": Verb(graph_page.accounts, anybody=True)}}
_LIST = {"GET": Verb(graph_posts.listed, _READ)}
_PAGE: _Edges = {
    "": {"GET": Verb(graph_page.show, anybody=True)},
    "feed": {**_LIST, "POST": Verb(graph_posts.create, _WRITE, anybody=True)},
    "photos": {"GET": Verb(graph_photos.listed, _READ), "POST": Verb(graph_photos.upload, _WRITE, anybody=True)},
    "posts": _LIST, "published_posts": _LIST, "scheduled_posts": _LIST,
    "insights": {"GET": Verb(graph_page.insights, _INSIGHTS)},
    "subscribed_apps": dict.fromkeys(("GET", "POST", "DELETE"), Verb(graph_page.subscribed_apps, _METADATA))}
_POST: _Edges = {
    "": {"GET": Verb(graph_posts.read, _READ), "POST": Verb(graph_posts.update, _WRITE),
         "DELETE": Verb(graph_posts.delete, _WRITE)},
    "insights": {"GET": Verb(graph_posts.insights, _INSIGHTS)}}
_PHOTO: _Edges = {"": {"GET": Verb(graph_photos.read, _READ), "DELETE": Verb(graph_photos.delete, _WRITE)}}
_EDGES = {edge for kind in (_OAUTH, _PERSON, _PAGE, _POST, _PHOTO) for edge in kind if edge}

_OF_THE_APP = (("debug_token",), ("oauth",), (graph_tokens.APP_ID,))
"""First words of the addresses that have nothing to do with the Page, nor with its budget."""
_WHOSE: Mapping[str, Whose] = {"page": "page", "app": "app", "nobody": "app"}  # anybody else is a person


class Graph:
    """The service under `/graph`."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self.lock = threading.RLock()
        self.posts = Posts(clock, seed)
        self.photos = Photos(clock, seed)
        self.usage = Usage(clock)
        self.webhooks = Webhooks(
            clock, seed, app={"id": graph_tokens.APP_ID, "name": graph_tokens.APP_NAME},
            page={"id": PAGE_ID, "name": graph_page.PAGE_NAME}, secret=graph_tokens.APP_SECRET)
        self.posts.told = self.webhooks.tell_post
        self._facebook = Facebook(
            clock, self.posts, self.photos, self.usage, self.webhooks, seed, Conditions.from_now(clock()))
        self._random = random.Random(seed + 1)

    def handle(self, request: Request) -> Answer:
        """Answer one call as Facebook would."""
        version, path = split_version(request.segments)
        try:
            if request.refusal:
                raise refusal(request.refusal, request.method, path[0] if path else "")
            if path == (graph_tokens.APP_ID, "subscriptions"):
                answer = Answer.of(200, self._subscriptions(Call.of(self._facebook, request, path)))
            else:
                with self.lock:
                    answer = Answer.of(200, self._admitted(Call.of(self._facebook, request, path)))
        except GraphError as refused:
            answer = self._refusal(refused)
        with self.lock:
            used = self.usage.headers("app" if path[:1] in _OF_THE_APP else "page")
        return replace(answer, headers={**used, **answer.headers, "facebook-api-version": version})

    def _admitted(self, call: Call) -> JsonObject:
        self.posts.publish_due()
        call = replace(call, holder=graph_tokens.holder(call))
        ids = [one for one in str(call.parameters.get("ids", "")).split(",") if one]
        self.usage.spend(_WHOSE.get(call.holder.kind, "person"), max(len(ids), 1), writes=call.request.method != "GET")
        return _carried_out(call)

    def _subscriptions(self, call: Call) -> JsonObject:
        """Answer for the app; not locked, for Facebook calls the address it is given before it answers."""
        if call.token != graph_tokens.APP_TOKEN:
            raise errors.needs_app_token()
        return self.webhooks.app(call.request.method, call.parameters)

    def close(self) -> None:
        """Stop telling anybody of changes, for good."""
        self.webhooks.close()

    @property
    def conditions(self) -> Conditions:
        """What the imitated Facebook is like just now."""
        with self.lock:
            return self._facebook.conditions

    def put(self, document: object) -> None:
        """Replace the conditions by the document and defaults; raise ConditionsError, nothing changed, if wrong."""
        with self.lock:
            self._facebook.put(Conditions.from_now(self._facebook.clock()).changed(document))

    def clear(self) -> None:
        """Forget everything that was published, and be well again."""
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
    object_id = call.holder.id if path[0] == "me" else path[0]
    verbs = _ALONE.get(path[0], {}) if len(path) == 1 else {}
    verbs = verbs or _kind(call, object_id).get(path[1] if len(path) == 2 else "", {})
    verb = verbs.get(method)
    if verb is None:
        raise errors.unsupported(method, "/".join(path))
    _check_allowed(call, verb)
    return verb.answer(call, object_id)


def _check_allowed(call: Call, verb: Verb) -> None:
    lacking = call.conditions.lacking(verb.scopes, PAGE_ID)
    if lacking and call.request.method == "GET":
        raise errors.may_not(lacking)
    if lacking:
        raise errors.may_not_write()
    if not verb.anybody:
        graph_tokens.as_page(call)


def _kind(call: Call, object_id: str) -> _Edges:
    """Return what can be asked of an object; raise GraphError (100/33) when there is none."""
    if object_id == "oauth":
        return _OAUTH
    if object_id == PAGE_ID:
        return _PAGE
    if object_id in (graph_tokens.USER_ID, graph_tokens.SYSTEM_USER_ID):
        return _PERSON
    if call.facebook.posts.get(object_id) is not None:
        return _POST
    if call.facebook.photos.get(object_id) is not None:
        return _PHOTO
    raise errors.no_such_object(call.request.method, object_id)
