"""One call to the imitated Facebook while it is being answered, and what the imitated Facebook holds."""

from collections.abc import Callable
from dataclasses import dataclass

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject, Request
from broadcaster.sandbox.photos import Photos
from broadcaster.sandbox.posts import Post, Posts


@dataclass(frozen=True, slots=True)
class Facebook:
    """Everything the imitated Facebook holds. Not locked: `Graph` holds the lock."""

    clock: Callable[[], float]
    posts: Posts
    photos: Photos

    def clear(self) -> None:
        """Forget everything that was published; ids already given are never given again."""
        self.posts.clear()
        self.photos.clear()


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose parameters are read: `path` comes without the version, `parameters` from query and body."""

    facebook: Facebook
    request: Request
    path: tuple[str, ...]
    parameters: JsonObject

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
    def base(self) -> str:
        """``http://host:port`` as the caller reached us."""
        return self.request.base

    def now(self) -> float:
        """Return the time in unix seconds."""
        return self.facebook.clock()

    def lag(self, post: Post) -> None:
        """Keep a new post out of the lists for as long as the script says."""
        post.listed_from = self.now() + self.request.list_lag_s if self.request.list_lag_s else 0.0
