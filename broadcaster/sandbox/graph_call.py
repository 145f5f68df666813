"""One call to the imitated Facebook while it is being answered, and what the imitated Facebook holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.comments import Comments
from broadcaster.sandbox.exchange import JsonObject, Request
from broadcaster.sandbox.graph_conditions import Conditions
from broadcaster.sandbox.graph_usage import Usage
from broadcaster.sandbox.graph_webhooks import Webhooks
from broadcaster.sandbox.photos import Photos
from broadcaster.sandbox.posts import Post, Posts


@dataclass(slots=True)
class Facebook:
    """Everything the imitated Facebook holds, and the conditions it is in. Not locked: `Graph` holds the lock."""

    clock: Callable[[], float]
    posts: Posts
    photos: Photos
    comments: Comments
    usage: Usage
    webhooks: Webhooks
    seed: int
    conditions: Conditions
    foreign: list[str] = field(default_factory=list)
    """Ids of the posts that the conditions made."""

    def clear(self) -> None:
        """Forget everything published, spent and subscribed to, and be well again; no id is ever given twice."""
        self.posts.clear()
        self.photos.clear()
        self.comments.clear()
        self.usage.clear()
        self.webhooks.clear()
        self.foreign.clear()
        self.put(Conditions.from_now(self.clock()))

    def put(self, conditions: Conditions) -> None:
        """Be in these conditions; the posts of other apps are replaced when they are other than before."""
        if conditions.foreign_posts != self.conditions.foreign_posts:
            for post in filter(None, map(self.posts.get, self.foreign)):
                self.posts.delete(post)
            made = [self.posts.add(one.message, "", published=one.scheduled_publish_time is None,
                                   scheduled_for=one.scheduled_publish_time, app=(one.app_id, one.app_name))
                    for one in conditions.foreign_posts]
            self.foreign = [post.id for post in made]
        budget, before = ((of.engaged_users, of.calls_used) for of in (conditions, self.conditions))
        if budget != before:
            self.usage.allow(*budget)
        self.conditions = conditions


@dataclass(frozen=True, slots=True)
class Holder:
    """Who stands behind a token, and the id that `me` means."""

    kind: Literal["page", "user", "system_user", "app", "nobody"]
    id: str


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose parameters are read: `path` comes without the version, `parameters` from query and body."""

    facebook: Facebook
    request: Request
    path: tuple[str, ...]
    parameters: JsonObject
    holder: Holder = Holder("nobody", "")

    @classmethod
    def of(cls, facebook: Facebook, request: Request, path: tuple[str, ...]) -> "Call":
        """Read the request; raise GraphError (100) for a body that cannot be read."""
        try:
            return cls(facebook, request, path, request.parameters())
        except ValueError as unreadable:
            raise errors.invalid("The request body could not be read") from unreadable

    @property
    def token(self) -> str:
        """The token that was sent, from the parameters or the header; empty when none was."""
        return str(self.parameters.get("access_token") or self.request.bearer() or "")

    @property
    def conditions(self) -> Conditions:
        """What the imitated Facebook is like just now."""
        return self.facebook.conditions

    @property
    def base(self) -> str:
        """``http://host:port`` as the caller reached us."""
        return self.request.base

    def now(self) -> float:
        """Return the time in unix seconds."""
        return self.facebook.clock()

    def check_readable(self, object_id: str, made_at: float) -> None:
        """Raise GraphError (100/33) where a new object cannot be read yet."""
        if self.request.method == "GET" and self.now() - made_at < self.conditions.readable_after_s:
            raise errors.no_such_object(self.request.method, object_id)

    def lag(self, post: Post) -> None:
        """Keep a new post out of the lists for as long as the script says."""
        post.listed_from = self.now() + self.request.list_lag_s if self.request.list_lag_s else 0.0
