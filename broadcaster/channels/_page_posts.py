"""
The posts of a Page as its lists show them, and which of them are copies of ours.

Facebook promises no order, and its own pages disagree on whether `/feed` shows drafts at all. So absence from a list
is no proof, and only what is certainly a spare copy, made by our own app, is ever named to be taken away.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, Field, StrictBool

from broadcaster.channels import Outcome, Post
from broadcaster.channels._compare import bears, ends_with
from broadcaster.channels._graph_errors import GraphAnswer

#: More than this between the page's clock and ours is worth a warning.
CLOCK_SKEW = timedelta(seconds=120)
#: How much older than its message a post may seem. The two clocks need not agree, and ours may be set by hours to the
#: wrong time zone: a search that begins too late finds nothing, and a second post would be made. It begins too early
#: at the price of some more posts read; our mark tells ours apart.
REACH_BACK = timedelta(hours=6)


class _By(BaseModel):
    id: str


class Shown(GraphAnswer):
    """One post as Facebook shows it. What it does not say is None, and unknown."""

    id: str
    message: str | None = None
    is_published: StrictBool | None = None
    permalink_url: str | None = None
    created_time: datetime | None = None
    application: _By | None = None
    author: _By | None = Field(None, alias="from")

    @property
    def words(self) -> str:
        """What it says."""
        return self.message or ""

    def at(self, otherwise: datetime) -> datetime:
        """Return when it was made, aware; `otherwise` where that is not said."""
        at = self.created_time
        return otherwise if at is None else at if at.tzinfo else at.replace(tzinfo=UTC)


class _Cursors(BaseModel):
    after: str | None = None


class _Paging(BaseModel):
    cursors: _Cursors | None = None
    next: str | None = None  #: only whether it is there counts; the address itself carries the token


class Listing(GraphAnswer):
    """One page of a list."""

    data: list[Shown]
    paging: _Paging | None = None

    @property
    def is_last(self) -> bool:
        """Whether nothing follows; a page may be short, or empty, and still have a next one."""
        return self.paging is None or not self.paging.next

    @property
    def after(self) -> str | None:
        """Where the next page begins."""
        return self.paging.cursors.after if self.paging and self.paging.cursors else None


@dataclass(frozen=True)
class Reading:
    """Every post a list showed. `broken` is why it ended early; `unread` says that more was there than we read."""

    posts: tuple[Shown, ...]
    broken: Outcome | None = None
    unread: bool = False


@dataclass(frozen=True)
class Spares:
    """What a sweep takes away, by id, and how many public copies it has to leave because ours was not seen."""

    drafts: tuple[str, ...]
    copies: tuple[str, ...]
    left: int


def earliest(post: Post) -> datetime:
    """Return the oldest that anything of this message can seem."""
    return post.starts_at - REACH_BACK


def is_found(shown: Shown, post: Post) -> bool:
    """Tell whether it may be our message: it bears the mark, and is not older. Rather one too many than none."""
    return bears(shown.words, post.mark) and shown.at(earliest(post)) >= earliest(post)


def is_copy(shown: Shown, post: Post) -> bool:
    """Tell whether it is this very message once more, with or without the approved line on top.

    The mark alone does not tell: a later message may name it, and so may the same message in another language.
    """
    return bears(shown.words, post.mark) and (ends_with(shown.words, post.words) or ends_with(post.words, shown.words))


def spares(posts: Iterable[Shown], post: Post, page_id: str, app_id: str) -> Spares:
    """Return what bears our mark beside the recorded object.

    A draft nobody recorded will never be published, so it can always go. A public copy goes only when the recorded
    one stands beside it in the same reading, public and bearing the mark: the last copy is never taken away.
    """
    ours = [shown for shown in posts if bears(shown.words, post.mark)]
    others = [shown for shown in ours if _is_spare(shown, post, page_id)]
    drafts = tuple(shown.id for shown in others if shown.is_published is False and _made_by(shown, app_id, None))
    copies = tuple(shown.id for shown in others if shown.is_published is not False and _made_by(shown, app_id))
    if any(shown.is_published and is_same_object(shown.id, post.remote_id) for shown in ours):
        return Spares(drafts, copies, 0)
    return Spares(drafts, (), len(copies) if post.remote_id else 0)


def is_same_object(post_id: str, recorded: str | None) -> bool:
    """Tell whether both name one post; the Page before the number may be left out."""
    return recorded is not None and post_id.rpartition("_")[2] == recorded.rpartition("_")[2]


def _is_spare(shown: Shown, post: Post, page_id: str) -> bool:
    on_our_page = shown.id.startswith(f"{page_id}_") and (shown.author is None or shown.author.id == page_id)
    in_time = shown.created_time is not None and shown.at(earliest(post)) >= earliest(post)
    return on_our_page and in_time and is_copy(shown, post) and not is_same_object(shown.id, post.remote_id)


def _made_by(shown: Shown, *apps: str | None) -> bool:
    """Tell whether one of `apps` made it. What a person pasted by hand comes from none, and is theirs to take down."""
    return (shown.application.id if shown.application else None) in apps
