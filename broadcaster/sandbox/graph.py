"""Imitation of the Graph API for one Facebook Page: the service, its budget, and its own failures.

Kept as hostile as the real one: no idempotency, `/feed` also lists unpublished posts, `paging.next` carries the
token, refusal of duplicates looks only at the post before. `graph_routes` says which address does what, each kind of
thing has a module (`graph_posts`, `graph_photos`, `graph_comments`, `graph_page`, `graph_tokens`), and
`graph_conditions` is what may be wrong with all of them.
"""

import random
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox import graph_page, graph_tokens
from broadcaster.sandbox.comments import Comment, Comments
from broadcaster.sandbox.exchange import Answer, JsonObject, Request
from broadcaster.sandbox.graph_batch import One, answers
from broadcaster.sandbox.graph_call import Call, Facebook
from broadcaster.sandbox.graph_catalogue import refusal
from broadcaster.sandbox.graph_conditions import Conditions
from broadcaster.sandbox.graph_errors import GraphError
from broadcaster.sandbox.graph_parameters import boolean
from broadcaster.sandbox.graph_routes import carried_out
from broadcaster.sandbox.graph_usage import Usage, Whose
from broadcaster.sandbox.graph_webhooks import Webhooks, comment_changed
from broadcaster.sandbox.insights import live
from broadcaster.sandbox.photos import Photos
from broadcaster.sandbox.posts import Post, Posts
from broadcaster.sandbox.script import PAGE_ID

VERSIONS = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0")
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
        self.comments = Comments(clock, seed)
        self.one: One = self.handle
        """Answers each item of a batch; whoever knows the script answers for us."""
        self.posts.told, self.comments.told = self._post_changed, self._comment_changed
        self._facebook = Facebook(
            clock, self.posts, self.photos, self.comments, self.usage, self.webhooks, seed,
            Conditions.from_now(clock()))
        self._random = random.Random(seed + 1)

    def handle(self, request: Request) -> Answer:
        """Answer one call as Facebook would."""
        version, path = split_version(request.segments)
        try:
            if request.refusal:
                raise refusal(request.refusal, request.method, path[0] if path else "")
            if path == () and request.method == "POST":
                answer = Answer.of(200, answers(Call.of(self._facebook, request, path), self.one))
            elif path == (graph_tokens.APP_ID, "subscriptions"):
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
        return carried_out(call)

    def _post_changed(self, verb: str, post: Post) -> None:
        self.webhooks.tell_post(verb, post)
        if verb == "remove":
            self.comments.forget(post.id)
        elif verb == "add" and post.app is None:
            for number, words in enumerate(self._facebook.conditions.visitor_comments, 1):
                self.comments.add(post, None, (f"776{number:03}", f"Besökare {number}"), words)

    def _comment_changed(self, verb: str, comment: Comment) -> None:
        author = {"id": comment.author[0], "name": comment.author[1]}
        self.webhooks.tell(comment_changed(
            verb, comment.id, comment.post_id, comment.parent_id or comment.post_id, author, comment.created_at,
            message=comment.message))

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

    @property
    def is_open(self) -> bool:
        """Whether the public sees anything of the Page: not if it is unpublished, nor what an app in development made.
        """
        return self.conditions.page_published and not self.conditions.development

    def public(self) -> list[Post]:
        """Return the posts an anonymous reader sees, newest first. To be called with the lock."""
        self.posts.publish_due()
        return [post for post in self.posts.published() if not post.hidden] if self.is_open else []

    def engagement(self, post: Post) -> dict[str, int]:
        """Return how often a public post has been shared and reacted to by now."""
        facebook = self._facebook
        return live(facebook.seed, post.id, facebook.clock() - post.created_at)

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
