"""The comments on the imitated Page's posts: visitors' and the Page's own, with replies.

Times are unix seconds. Not locked: `Graph` holds the lock.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from broadcaster.sandbox.parting import place
from broadcaster.sandbox.posts import Post

_FIRST_NUMBER = 1_220_934_000


@dataclass(slots=True)
class Comment:
    """One comment. `author` is id and name; `parent_id` names the comment it replies to, None at the top level."""

    id: str
    post_id: str
    parent_id: str | None
    author: tuple[str, str]
    message: str
    created_at: float
    order: int
    hidden: bool = False


class Comments:
    """Every comment that has not been deleted."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self._clock = clock
        self._random = random.Random(seed + 3)
        self._number = _FIRST_NUMBER
        self._comments: dict[str, Comment] = {}
        self.told: Callable[[str, Comment], None] = lambda verb, comment: None
        """Called with add, edited, hide, unhide or remove after such a change."""

    def add(self, post: Post, parent: Comment | None, author: tuple[str, str], message: str) -> Comment:
        """Put a comment on a post, or a reply under a comment, and return it."""
        self._number += self._random.randint(11, 99_999)
        made = Comment(f"{post.id.partition('_')[2]}_{self._number}", post.id, parent.id if parent else None, author,
                       message, self._clock(), self._number)
        self._comments[made.id] = made
        self.told("add", made)
        return made

    def get(self, comment_id: str) -> Comment | None:
        """Return the comment, or None."""
        return self._comments.get(comment_id)

    def on(self, post_id: str) -> list[Comment]:
        """Return the comments and replies on a post, oldest first."""
        return sorted((one for one in self._comments.values() if one.post_id == post_id), key=place)

    def under(self, comment_id: str) -> list[Comment]:
        """Return the replies under a comment and under those, oldest first."""
        found: list[Comment] = []
        above = {comment_id}
        for one in sorted(self._comments.values(), key=place):
            if one.parent_id in above:
                above.add(one.id)
                found.append(one)
        return found

    def edit(self, comment: Comment, message: str) -> None:
        """Replace the words of a comment."""
        comment.message = message
        self.told("edited", comment)

    def hide(self, comment: Comment, hidden: bool) -> None:
        """Hide a comment from everybody but its author and their friends, or show it again."""
        if comment.hidden is not hidden:
            comment.hidden = hidden
            self.told("hide" if hidden else "unhide", comment)

    def delete(self, comment: Comment) -> None:
        """Remove a comment and the replies under it for good."""
        for one in (*reversed(self.under(comment.id)), comment):
            del self._comments[one.id]
            self.told("remove", one)

    def forget(self, post_id: str) -> None:
        """Remove what was on a post that is gone."""
        for one in self.on(post_id):
            del self._comments[one.id]

    def clear(self) -> None:
        """Forget every comment; ids already given are never given again."""
        self._comments.clear()
