"""The posts of the imitated Facebook Page: what exists, what the public sees, what lists show and in which order.

Times are unix seconds. Not locked: `graph` holds the lock.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from broadcaster.sandbox.parting import place
from broadcaster.sandbox.script import PAGE_ID

_FIRST_NUMBER = 122_093_451_000_000_000
"""Real ids are this long, and a client that takes them for small numbers should notice."""


@dataclass(slots=True)
class Post:
    """One post, published or not. `order` grows with every publication and breaks ties between equal times."""

    id: str
    message: str
    link: str
    created_at: float
    updated_at: float
    order: int
    published: bool = False
    scheduled_for: float | None = None
    listed_from: float = 0.0
    photos: tuple[str, ...] = ()
    """Ids of the photos in it."""
    photo_story: bool = False
    """It was made by uploading its photo."""
    hidden: bool = False
    """Published, and shown to nobody but those who look after the Page."""
    made_at: float = 0.0
    """When it came into being, published or not."""
    app: tuple[str, str] | None = None
    """Id and name of the app that made it, where that is not ours."""


class Posts:
    """Every post of the Page that has not been deleted."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self._clock = clock
        self._random = random.Random(seed)
        self._number = _FIRST_NUMBER
        self._order = 0
        self._posts: dict[str, Post] = {}
        self.told: Callable[[str, Post], None] = lambda verb, post: None
        """Called with add, edited or remove after such a change of a public post."""

    def clear(self) -> None:
        """Forget every post; ids already given are never given again."""
        self._posts.clear()

    def add(self, message: str, link: str, *, published: bool, scheduled_for: float | None = None,
            photos: tuple[str, ...] = (), app: tuple[str, str] | None = None) -> Post:
        """Make a post and return it."""
        now = self._clock()
        self._number += self._random.randint(1_000, 9_999_999)
        post = Post(id=f"{PAGE_ID}_{self._number}", message=message, link=link, created_at=now, updated_at=now,
                    order=self._next(), published=published, scheduled_for=scheduled_for, photos=photos,
                    made_at=now, app=app)
        self._posts[post.id] = post
        if published:
            self.told("add", post)
        return post

    def publish(self, post: Post, at: float | None = None) -> None:
        """Make the post public; the time of publication becomes its `created_at`. Harmless when repeated."""
        if not post.published:
            post.published, post.scheduled_for = True, None
            post.created_at = post.updated_at = self._clock() if at is None else at
            post.order = self._next()
            self.told("add", post)

    def publish_due(self) -> None:
        """Publish every scheduled post whose time has come."""
        due = [p for p in self._posts.values() if p.scheduled_for is not None and p.scheduled_for <= self._clock()]
        for post in sorted(due, key=lambda p: p.scheduled_for or 0.0):
            self.publish(post, at=post.scheduled_for)

    def edit(self, post: Post, message: str) -> None:
        """Replace the words of the post."""
        post.message, post.updated_at = message, self._clock()
        if post.published:
            self.told("edited", post)

    def get(self, post_id: str) -> Post | None:
        """Return the post, published or not, or None."""
        return self._posts.get(post_id)

    def delete(self, post: Post) -> None:
        """Remove the post for good."""
        del self._posts[post.id]
        if post.published:
            self.told("remove", post)

    def published(self) -> list[Post]:
        """Return what the public sees, newest first."""
        return [post for post in self.everything() if post.published]

    def unpublished(self) -> list[Post]:
        """Return drafts and scheduled posts, newest first."""
        return [post for post in self.everything() if not post.published]

    def everything(self) -> list[Post]:
        """Return published and unpublished posts, newest first."""
        return sorted(self._posts.values(), key=place, reverse=True)

    def repeats_previous(self, message: str, link: str) -> bool:
        """Tell whether the latest published post says exactly this and no more; only that one is compared (506)."""
        latest = next(iter(self.published()), None)
        return latest is not None and not latest.photos and (latest.message, latest.link) == (message, link)

    def listed(self, posts: list[Post], lag_s: float) -> list[Post]:
        """Leave out what the lists do not show yet: posts younger than `lag_s`, or made under a lag of their own."""
        now = self._clock()
        return [post for post in posts if now >= post.listed_from and now - post.created_at >= lag_s]

    def _next(self) -> int:
        self._order += 1
        return self._order


def permalink(base: str, post_id: str) -> str:
    """Return the public address of a post; it answers only once the post is published."""
    return f"{base}/facebook/posts/{post_id}"
