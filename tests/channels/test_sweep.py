"""Tidying up behind a message: what nobody recorded goes, the copy people have shared stays, whatever the lists say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from broadcaster.channels import Fact, Post, Reason, Step

PAGE = "100200300"
GONE = httpx.Response(400, json={"error": {"code": 100, "error_subcode": 33}})
APP = {"id": "4711"}


class Feed:
    """A Page that lists what it is given, page by page, and keeps what it was asked to delete."""

    def __init__(self, *pages: Any, deleting: Any = None) -> None:
        self.pages, self.deleting = list(pages), deleting
        self.deleted, self.asked = list[str](), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.method == "DELETE":
            self.deleted.append(request.url.path.rsplit("/", 1)[1])
            answer = self.deleting or {"success": True}
        else:
            answer = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


def entry(number: int, words: str, at: datetime, *, public: bool | None = True, **more: Any) -> dict[str, Any]:
    """Return one post as the feed lists it."""
    found = {"id": f"{PAGE}_{number}", "message": words, "created_time": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
             "is_published": public, "application": APP, "from": {"id": PAGE}, **more}  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def listing(*entries: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    """Return one page of the feed; with `after` there are more."""
    following = {} if after is None else {"next": "https://elsewhere.example/?access_token=PAGETOK"}
    return {"data": list(entries), "paging": {"cursors": {"after": after or "last"}, **following}}


@pytest.fixture
def ours(post: Post) -> dict[str, Any]:
    """The recorded post, public."""
    return entry(987, post.words, post.starts_at)


@pytest.fixture
def sweep(build: Any, ask: Any, post: Post) -> Callable[..., Any]:
    """Sweep behind the message on this feed."""

    def one(feed: Feed, **changed: Any) -> Any:
        return ask(build("draft", handler=feed), Step.SWEEP, replace(post, **changed))

    return one


def test_a_second_public_copy_goes_and_the_recorded_one_stays(sweep: Any, post: Post, ours: Any) -> None:
    """The address people have shared keeps working, and the message stands there once."""
    feed = Feed(listing(entry(3, post.words, post.starts_at), ours, entry(1, post.words, post.starts_at)))
    found = sweep(feed)
    assert (found.fact, found.reason, found.others) == (Fact.DONE, Reason.NONE, 2)
    assert feed.deleted == [f"{PAGE}_3", f"{PAGE}_1"]
    asked = feed.asked[0].url
    assert asked.path == f"/v26.0/{PAGE}/feed"
    assert asked.params["fields"] == "id,message,is_published,created_time,application{id},from{id}"


@pytest.mark.parametrize("recorded", [None, f"{PAGE}_987"])
def test_a_draft_nobody_recorded_goes_whatever_else_is_there(recorded: str | None, sweep: Any, post: Post) -> None:
    """Nobody sees it and nobody will ever publish it."""
    feed = Feed(listing(*(entry(number, post.words, post.starts_at, public=False) for number in (5, 4))))
    found = sweep(feed, remote_id=recorded)
    assert (found.fact, found.others, found.detail) == (Fact.DONE, 0, "took away drafts: 2, public copies: 0")
    assert feed.deleted == [f"{PAGE}_5", f"{PAGE}_4"]


def test_where_nothing_is_recorded_public_words_stay(sweep: Any, post: Post) -> None:
    """Which of them is the receipt is for a search to say, never for a broom."""
    feed = Feed(listing(entry(2, post.words, post.starts_at), entry(1, post.words, post.starts_at)))
    assert sweep(feed, remote_id=None).fact is Fact.ABSENT
    assert feed.deleted == []


@pytest.mark.parametrize(
    "recorded",
    [
        {"public": False},
        {"public": None},
        {"words": "Ändrat för hand, utan nummer"},
        None,
    ],
    ids=["a draft still", "nobody says", "other words", "not shown"],
)
def test_the_last_copy_is_never_taken_away(recorded: dict[str, Any] | None, sweep: Any, post: Post) -> None:
    """Unless the recorded post is seen public with our mark in the same reading, every public copy stays."""
    copy, at = entry(2, post.words, post.starts_at), post.starts_at
    kept = [] if recorded is None else [entry(987, **{"words": post.words, "at": at, **recorded})]
    feed = Feed(listing(copy, *kept, entry(3, post.words, at, public=False)))
    found = sweep(feed)
    assert (found.fact, found.others) == (Fact.UNCERTAIN, 0), "there is a second copy, and it is still there"
    assert feed.deleted == [f"{PAGE}_3"], "only the draft goes"


def test_the_recorded_post_stays_however_its_id_is_spelled(sweep: Any, post: Post) -> None:
    """Facebook may give an id with the Page before it or without; it is the same post."""
    feed = Feed(listing(entry(987, post.words, post.starts_at), entry(5, post.words, post.starts_at)))
    assert sweep(feed, remote_id="987").others == 1
    assert feed.deleted == [f"{PAGE}_5"]


def test_nothing_to_take_away_is_absent(sweep: Any, ours: Any) -> None:
    """The usual case: one message, one post, nothing lost on the way."""
    feed = Feed(listing(ours))
    assert (sweep(feed).fact, feed.deleted) == (Fact.ABSENT, [])


def test_what_is_not_a_copy_of_ours_is_not_ours_to_take(sweep: Any, post: Post, ours: Any) -> None:
    """Other marks, other words, other people, other apps, other Pages, older posts: all stay."""
    at, words = post.starts_at, post.words
    strangers = [
        entry(1, words.replace("0031/1", "0031/12"), at),
        entry(2, words.replace("RV-2026-0031/1", "OVN-RV-2026-0031/1"), at),
        entry(3, f"Rättat. Det här gällde {post.mark}.\n\nNummer RV-2026-0031/2.", at),
        entry(4, words.replace("Det går inte", "Det går visst"), at),
        entry(5, words, at - timedelta(hours=6, seconds=1)),
        entry(6, words, at, id="555_6"),
        entry(7, words, at, id="7"),
        entry(8, words, at) | {"from": {"id": "555"}},
        entry(9, words, at, application={"id": "999"}),
        entry(10, words, at, application=None),
        entry(11, words, at, public=False, application={"id": "999"}),
        entry(12, words, at, created_time=None),
        entry(13, "You cannot call 1177 in Värmland\n\nNumber RV-2026-0031/1.", at, public=False),
    ]
    feed = Feed(listing(ours, *strangers))
    assert (sweep(feed).fact, feed.deleted) == (Fact.ABSENT, [])


def test_a_copy_is_known_with_and_without_the_line_on_top(sweep: Any, post: Post) -> None:
    """The recorded post was edited to say that it is over; its double still says the old words."""
    line = "Löst: det går att ringa 1177 igen. Se kris.region.example/m/RV-2026-0031."
    edited = f"{line}\n\n{post.words}"
    feed = Feed(listing(entry(987, edited, post.starts_at), entry(2, post.words, post.starts_at)))
    assert (sweep(feed, words=edited).others, feed.deleted) == (1, [f"{PAGE}_2"])
    feed = Feed(listing(entry(987, post.words, post.starts_at), entry(2, edited, post.starts_at)))
    assert (sweep(feed).others, feed.deleted) == (1, [f"{PAGE}_2"])


def test_the_list_is_read_to_its_end_before_anything_goes(sweep: Any, post: Post, ours: Any) -> None:
    """A copy on the first page goes because ours is seen on the third."""
    feed = Feed(listing(entry(2, post.words, post.starts_at), after="a"), listing(after="b"), listing(ours))
    assert sweep(feed).others == 1
    assert [request.method for request in feed.asked] == ["GET", "GET", "GET", "DELETE"]
    assert {request.url.host for request in feed.asked} == {"outside.example"}


def test_a_list_that_breaks_takes_nothing_away(sweep: Any, post: Post, ours: Any) -> None:
    """While Facebook says "too many calls", more calls make it last longer."""
    limit = httpx.Response(400, json={"error": {"code": 80001}})
    feed = Feed(listing(entry(2, post.words, post.starts_at), ours, after="a"), limit)
    found = sweep(feed)
    assert (found.fact, found.reason, found.wait_s, feed.deleted) == (Fact.REFUSED, Reason.RATE, 60, [])


def test_a_list_without_end_is_not_called_clean(sweep: Any, post: Post, ours: Any) -> None:
    """What was seen goes; what was not read may hold more, and that is said."""
    more = listing(entry(2, post.words, post.starts_at), ours, after="more")
    feed = Feed(more)
    found = sweep(feed)
    assert (found.fact, found.reason, found.others) == (Fact.UNCERTAIN, Reason.SERVER, 1)
    assert (len(feed.asked), feed.deleted) == (21, [f"{PAGE}_2"])


def test_older_posts_end_the_reading(sweep: Any, post: Post, ours: Any) -> None:
    """A Page is not read back to its beginning."""
    old = entry(1, "Gammalt", post.starts_at - timedelta(hours=7))
    feed = Feed(listing(ours, after="a"), listing(old, after="b"), listing(after="c"))
    assert (sweep(feed).fact, len(feed.asked)) == (Fact.ABSENT, 2)


@pytest.mark.parametrize(
    ("answer", "fact", "reason"),
    [
        (httpx.Response(500, json={"error": {"code": 2}}), Fact.UNCERTAIN, Reason.SERVER),
        (httpx.Response(200, json={"success": False}), Fact.UNCERTAIN, Reason.SERVER),
        (httpx.Response(400, json={"error": {"code": 80001}}), Fact.REFUSED, Reason.RATE),
        (httpx.Response(403, json={"error": {"code": 200}}), Fact.REFUSED, Reason.PERMISSION),
        (httpx.Response(400, json={"error": {"code": 190}}), Fact.REFUSED, Reason.TOKEN),
    ],
)
def test_what_could_not_be_taken_away_is_told_as_it_is(
    answer: httpx.Response, fact: Fact, reason: Reason, sweep: Any, post: Post, ours: Any
) -> None:
    """The first failure ends the sweep, so that a refusing Page is not asked again and again."""
    doubles = [entry(number, post.words, post.starts_at) for number in (1, 2)]
    feed = Feed(listing(ours, *doubles), deleting=answer)
    found = sweep(feed)
    assert (found.fact, found.reason, found.others, found.remote_id) == (fact, reason, 0, None)
    assert feed.deleted == [f"{PAGE}_1"]
    assert (found.wait_s is None) == (reason is not Reason.RATE)


def test_what_was_gone_already_is_done_but_was_not_taken_by_us(sweep: Any, post: Post, ours: Any) -> None:
    """A list may still show what was deleted a moment ago."""
    feed = Feed(listing(ours, entry(1, post.words, post.starts_at)), deleting=GONE)
    assert (sweep(feed).fact, sweep(feed).others) == (Fact.DONE, 0)


class TestAgainstTheImitation:
    """The same over real HTTP, with the doubles that lost answers really make."""

    def test_lost_drafts_and_a_risked_duplicate_are_swept_and_the_receipt_stays(
        self, sandbox: Any, state: Any, build: Any, run: Any, post: Post, script: Callable[..., None]
    ) -> None:
        """Two drafts whose answers were lost, and two public copies: one post is left, the recorded one."""
        script("facebook", "POST /{page}/feed", "applied_then_500", times=2)
        draft, direct = build("draft", f"{sandbox.url}/graph"), build("post", f"{sandbox.url}/graph")

        async def doubled() -> None:
            for _ in range(2):
                assert (await draft.call(Step.DRAFT, post, 10)).fact is Fact.UNCERTAIN
            recorded = (await draft.call(Step.DRAFT, post, 10)).remote_id
            kept = replace(post, remote_id=recorded)
            assert (await direct.call(Step.POST, post, 10)).fact is Fact.DONE
            assert (await draft.call(Step.PUBLISH, kept, 10)).fact is Fact.DONE
            assert (await draft.call(Step.SEARCH, kept, 10)).others == 1
            swept = await draft.call(Step.SWEEP, kept, 10)
            assert (swept.fact, swept.others) == (Fact.DONE, 1)
            assert swept.detail == "took away drafts: 2, public copies: 1"
            assert (await draft.call(Step.SWEEP, kept, 10)).fact is Fact.ABSENT
            found = await draft.call(Step.SEARCH, kept, 10)
            assert (found.remote_id, found.others) == (recorded, 0)
            await direct.close()

        run(draft, doubled)
        assert [one["text"] for one in state()["facebook"]["published"]] == [post.words]
        assert state()["facebook"]["drafts"] == []

    def test_while_lists_lag_nothing_public_is_taken(
        self, sandbox: Any, state: Any, build: Any, run: Any, post: Post, script: Callable[..., None]
    ) -> None:
        """A list that does not show the receipt yet proves nothing about it."""
        channel = build("post", f"{sandbox.url}/graph")

        async def lagging() -> None:
            other = replace(post, words="Annat besked")
            assert (await channel.call(Step.POST, post, 10)).fact is Fact.DONE
            assert (await channel.call(Step.POST, other, 10)).fact is Fact.DONE
            script("facebook", "POST /{page}/feed", "list_lag:60", times=1)
            hidden = (await channel.call(Step.POST, post, 10)).remote_id
            assert (await channel.call(Step.SWEEP, replace(post, remote_id=hidden), 10)).fact is Fact.UNCERTAIN

        run(channel, lagging)
        assert len(state()["facebook"]["published"]) == 3
