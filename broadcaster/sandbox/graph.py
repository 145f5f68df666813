"""Imitation of the Graph API for one Facebook Page: routes, tokens, fields and errors in Facebook's own dialect.

Kept as hostile as the real one: no idempotency, `/feed` also lists unpublished posts, `paging.next` carries the
token, refusal of duplicates looks only at the post before.
"""

import hashlib
import hmac
import random
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import Answer, JsonObject, Request
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_parameters import boolean, check_length, cursor, page_size, text, unix, wanted
from broadcaster.sandbox.posts import Cut, Post, Posts, cut
from broadcaster.sandbox.script import PAGE_ID

APP_ID = "4711"
APP_SECRET = "s3cr3t"  # published on purpose: it opens nothing but this imitation
PAGE_TOKEN = "PAGETOK"
APP_TOKEN = f"{APP_ID}|{APP_SECRET}"

PAGE_NAME = "Övningssidan"
SCOPES = ("pages_show_list", "pages_manage_posts", "pages_read_engagement", "pages_read_user_content",
          "pages_manage_engagement", "pages_manage_metadata", "read_insights")
VERSIONS = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0")
SOONEST_S, LATEST_S = 600, 30 * 86_400
"""The window for scheduled posts."""

POST_FIELDS = frozenset({
    "id", "message", "created_time", "updated_time", "permalink_url", "is_published", "is_hidden", "is_expired",
    "status_type", "scheduled_publish_time", "application", "from", "attachments", "shares", "promotable_id",
    "is_eligible_for_promotion", "privacy", "story", "comments", "reactions"})
PAGE_FIELDS = frozenset({
    "id", "name", "link", "username", "about", "is_published", "fan_count", "followers_count", "tasks",
    "access_token", "can_post", "has_transitioned_to_new_page_experience"})
_LISTS = ("feed", "posts", "published_posts", "scheduled_posts")


class Graph:
    """The service under `/graph`."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self.lock = threading.RLock()
        self.posts = Posts(clock, seed)
        self._clock = clock
        self._random = random.Random(seed + 1)

    def handle(self, request: Request) -> Answer:
        """Answer one call as Facebook would."""
        with self.lock:
            self.posts.publish_due()
            version, path = split_version(request.segments)
            try:
                answer = Answer.of(200, _Call(self, request, path).run())
            except GraphError as refused:
                answer = self._refusal(refused)
            return Answer(answer.status, answer.body, answer.content_type,
                          {**answer.headers, "facebook-api-version": version})

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

    def now(self) -> float:
        """Return the service's time."""
        return self._clock()

    def _refusal(self, refused: GraphError) -> Answer:
        return refused.answer("A" + "".join(self._random.choices("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMN_0123456789",
                                                                 k=22)))


class _Call:
    """One call while it is being answered."""

    def __init__(self, graph: Graph, request: Request, path: tuple[str, ...]) -> None:
        self.graph, self.request, self.path = graph, request, path
        try:
            self.parameters = request.parameters()
        except ValueError as unreadable:
            raise errors.invalid("The request body could not be read") from unreadable
        self.token = self._token()

    def run(self) -> JsonObject:
        method, path = self.request.method, self.path
        if path == ("debug_token",) and method == "GET":
            return self._debug_token()
        if path == ("me",):
            path = (PAGE_ID,)
        if len(path) == 2 and path[1] in _LISTS:
            return self._edge(path[0], path[1])
        if path == (PAGE_ID,) and method == "GET":
            return self._page()
        if len(path) == 1:
            return self._node(path[0])
        raise errors.unknown_path("/" + "/".join(path))

    def _token(self) -> str:
        token = self.parameters.get("access_token") or self.request.bearer()
        if not token:
            raise errors.no_token()
        app_only = self.path == ("debug_token",)
        if token != PAGE_TOKEN and not (app_only and token == APP_TOKEN):
            raise errors.wrong_token()
        proof = self.parameters.get("appsecret_proof")
        expected = hmac.new(APP_SECRET.encode(), str(token).encode(), hashlib.sha256).hexdigest()
        if proof is not None and not hmac.compare_digest(str(proof).encode(), expected.encode()):
            raise errors.bad_proof()
        return str(token)

    def _edge(self, owner: str, edge: str) -> JsonObject:
        if owner not in (PAGE_ID, "me"):
            raise errors.no_such_object(self.request.method, owner)
        if self.request.method == "GET":
            return self._list(edge)
        if self.request.method == "POST" and edge == "feed":
            return self._create()
        raise errors.unsupported(self.request.method, f"{owner}/{edge}")

    def _create(self) -> JsonObject:
        posts, given = self.graph.posts, self.parameters
        message, link = text(given, "message"), text(given, "link")
        fields = wanted(given, POST_FIELDS, "Post", default=("id",))
        if not message.strip() and not link.strip():
            raise errors.invalid("Missing message or attachment")
        check_length(message)
        published = boolean(given, "published", default=True)
        due = self._due(published)
        if not published and self.request.drafts_refused:
            raise errors.drafts_refused()
        if published and posts.repeats_previous(message, link):
            raise errors.duplicate()
        post = posts.add(message, link, published=published, scheduled_for=due)
        post.listed_from = self.graph.now() + self.request.list_lag_s if self.request.list_lag_s else 0.0
        return self._shown(post, ("id", *fields))

    def _node(self, post_id: str) -> JsonObject:
        method, posts = self.request.method, self.graph.posts
        post = posts.get(post_id)
        if post is None:
            raise errors.no_such_object(method, post_id)
        if method == "GET":
            fields = wanted(self.parameters, POST_FIELDS, "Post", default=("created_time", "message"))
            return self._shown(post, (*fields, "id"))
        if method == "POST":
            return self._update(post)
        if method == "DELETE":
            posts.delete(post)
            return {"success": True}
        raise errors.unsupported(method, post_id)

    def _update(self, post: Post) -> JsonObject:
        posts, given = self.graph.posts, self.parameters
        fields = wanted(given, POST_FIELDS, "Post", default=())
        publish = boolean(given, "is_published", default=post.published)
        if post.published and not publish:
            raise errors.invalid("A published post cannot be made unpublished")
        if "message" in given:
            if not text(given, "message").strip():
                raise errors.invalid("Missing message or attachment")
            check_length(text(given, "message"))
        if "scheduled_publish_time" in given and not publish:
            post.scheduled_for = self._due(published=False)
        if "message" in given:
            posts.edit(post, text(given, "message"))
        if publish and not post.published:
            posts.publish(post)
            post.listed_from = self.graph.now() + self.request.list_lag_s if self.request.list_lag_s else 0.0
        shown = self._shown(post, ("id", *fields)) if fields else {}
        return {"success": True, **shown}

    def _due(self, published: bool) -> float | None:
        value = self.parameters.get("scheduled_publish_time")
        if value is None:
            return None
        at = unix(value)
        if published or at is None or not SOONEST_S <= at - self.graph.now() <= LATEST_S:
            raise errors.invalid("The specified scheduled publish time is invalid.")
        return at

    def _list(self, edge: str) -> JsonObject:
        posts, given = self.graph.posts, self.parameters
        fields = wanted(given, POST_FIELDS, "Post", default=("created_time", "message"))
        limit = page_size(given)
        since, until = unix(given.get("since", 0)), unix(given.get("until", 1e12))
        if since is None or until is None:
            raise errors.invalid("Invalid since or until")
        found = {"feed": posts.everything, "scheduled_posts": posts.unpublished}.get(edge, posts.published)()
        if edge == "scheduled_posts":
            found = [post for post in found if post.scheduled_for is not None]
        found = [post for post in posts.listed(found, self.request.list_lag_s) if since <= post.created_at <= until]
        try:
            part = cut(found, limit, cursor(given, "after"), cursor(given, "before"))
        except ValueError as foreign:
            raise errors.invalid("Invalid cursors values, the after cursor is invalid") from foreign
        answer: JsonObject = {"data": [self._shown(post, (*fields, "id")) for post in part.posts]}
        if part.posts:
            answer["paging"] = self._paging(part, limit)
        if str(given.get("summary", "")).lower() in ("true", "1"):
            answer["summary"] = {"total_count": len(found)}
        return answer

    def _paging(self, part: Cut, limit: int) -> JsonObject:
        paging: JsonObject = {"cursors": {"before": part.before, "after": part.after}}
        kept = {key: str(value) for key, value in self.parameters.items()
                if key in ("fields", "since", "until", "summary")}
        address = f"{self.request.base}/graph/{'/'.join(self.request.segments)}"
        # The real service puts the token into these addresses too; whoever logs them leaks it.
        common = {"access_token": self.token, **kept, "limit": str(limit)}
        if part.has_newer:
            paging["previous"] = f"{address}?{urlencode({**common, 'before': part.before})}"
        if part.has_older:
            paging["next"] = f"{address}?{urlencode({**common, 'after': part.after})}"
        return paging

    def _page(self) -> JsonObject:
        fields = wanted(self.parameters, PAGE_FIELDS, "Page", default=("name",))
        everything: JsonObject = {
            "id": PAGE_ID, "name": PAGE_NAME, "link": f"{self.request.base}/", "username": "ovningssidan",
            "about": "En imitation för övning", "is_published": True, "fan_count": 31_000,
            "followers_count": 31_000, "access_token": self.token, "can_post": True,
            "tasks": ["ANALYZE", "CREATE_CONTENT", "MANAGE", "MODERATE"],
            "has_transitioned_to_new_page_experience": True}
        return {name: everything[name] for name in (*fields, "id")}

    def _debug_token(self) -> JsonObject:
        asked = self.parameters.get("input_token")
        if not asked:
            raise errors.invalid("The parameter input_token is required")
        if asked != PAGE_TOKEN:
            problem = {"code": 190, "message": "Invalid OAuth access token.", "subcode": 467}
            return {"data": {"is_valid": False, "scopes": [], "error": problem}}
        issued = int(self.graph.now()) - 86_400
        return {"data": {
            "app_id": APP_ID, "type": "PAGE", "application": "Krisutskick", "is_valid": True, "issued_at": issued,
            "expires_at": 0, "data_access_expires_at": issued + 90 * 86_400, "user_id": "1220001",
            "profile_id": PAGE_ID, "scopes": list(SCOPES),
            "granular_scopes": [{"scope": scope, "target_ids": [PAGE_ID]} for scope in SCOPES]}}

    def _shown(self, post: Post, fields: tuple[str, ...]) -> JsonObject:
        everything: JsonObject = {
            "id": post.id, "message": post.message or None, "created_time": _time(post.created_at),
            "updated_time": _time(post.updated_at), "permalink_url": permalink(self.request.base, post.id),
            "is_published": post.published, "is_hidden": False, "is_expired": False,
            "status_type": "mobile_status_update" if not post.link else "shared_story",
            "scheduled_publish_time": None if post.scheduled_for is None else int(post.scheduled_for),
            "application": {"id": APP_ID, "name": "Krisutskick"}, "from": {"id": PAGE_ID, "name": PAGE_NAME},
            "promotable_id": post.id, "is_eligible_for_promotion": post.published,
            "privacy": {"value": "EVERYONE"}}
        return {name: everything[name] for name in fields if everything.get(name) is not None}


def permalink(base: str, post_id: str) -> str:
    """Return the public address of a post; it answers only once the post is published."""
    return f"{base}/facebook/posts/{post_id}"


def split_version(segments: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the version that really answers and the path without it: dead ones are served by the oldest alive."""
    if segments and re.fullmatch(r"v\d+\.\d+", segments[0]):
        return (segments[0] if segments[0] in VERSIONS else VERSIONS[0]), segments[1:]
    return VERSIONS[-1], segments


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
