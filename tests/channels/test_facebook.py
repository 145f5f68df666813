"""The Page: what is said, what proves it, and how a lost answer is found again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from broadcaster.channels import Fact, Post, Reason, Step
from broadcaster.channels.facebook import appsecret_proof

PROOF = "78d3941eaf89a34b4b110f0377f89bad55dbaa412f33eda4181e7edc2686eb38"


class Page:
    """Answers each request with the next JSON value, and keeps what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    def form(self, at: int = 0) -> dict[str, str]:
        """Return the form of one request."""
        return {name: values[0] for name, values in parse_qs(self.asked[at].content.decode()).items()}


def listed(number: int, message: str | None, at: datetime, **more: Any) -> dict[str, Any]:
    """Return one post as a list shows it."""
    time = at.strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {"id": f"100200300_{number}", "message": message, "created_time": time,
            "permalink_url": f"https://www.facebook.com/100200300/posts/{number}", **more}  # fmt: skip


def shown(*posts: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    """Return one page of a list; with `after` there are more."""
    if after is None:
        return {"data": list(posts), "paging": {"cursors": {"before": "b", "after": "last"}}}
    following = "https://elsewhere.example/steal?access_token=PAGETOK"
    return {"data": list(posts), "paging": {"cursors": {"after": after}, "next": following}}


def test_the_proof_is_the_one_facebook_computes() -> None:
    """HMAC-SHA256 of the token under the app's secret, in hex."""
    assert appsecret_proof("PAGETOK", "s3cr3t") == PROOF


def test_a_draft_is_our_exact_words_and_not_published(build: Any, ask: Any, post: Post) -> None:
    """The token travels in a header, the proof in the form, and nothing in the address."""
    page = Page({"id": "100200300_5"})
    found = ask(build("draft", handler=page), Step.DRAFT, post)
    assert (found.fact, found.remote_id, found.url) == (Fact.DONE, "100200300_5", None)
    request = page.asked[0]
    assert str(request.url) == "https://outside.example/v26.0/100200300/feed"
    assert request.headers["authorization"] == "Bearer PAGETOK"
    assert page.form() == {"message": post.words, "published": "false", "unpublished_content_type": "DRAFT",
                           "appsecret_proof": PROOF}  # fmt: skip


def test_a_post_asks_for_its_own_address(build: Any, ask: Any, post: Post) -> None:
    """One call, exact words, and the address people will share."""
    page = Page({"id": "100200300_5", "permalink_url": "https://www.facebook.com/x/5"})
    found = ask(build("post", handler=page), Step.POST, post)
    assert (found.fact, found.remote_id, found.url) == (Fact.DONE, "100200300_5", "https://www.facebook.com/x/5")
    assert page.form() == {"message": post.words, "fields": "id,permalink_url", "appsecret_proof": PROOF}


def test_a_post_without_an_address_still_has_one(build: Any, ask: Any, post: Post) -> None:
    """Facebook reaches any post by its id."""
    found = ask(build("post", handler=Page({"id": "100200300_5"})), Step.POST, post)
    assert found.url == "https://www.facebook.com/100200300_5"


@pytest.mark.parametrize("made", [{}, {"id": ""}, {"id": None}, {"id": 5}, {"id": "999_5"}, {"id": "_5"}, [], None])
@pytest.mark.parametrize("step", [Step.DRAFT, Step.POST])
def test_without_an_id_of_our_page_it_is_uncertain(step: Step, made: Any, build: Any, ask: Any, post: Post) -> None:
    """A 200 that does not name a post of ours proves nothing."""
    assert ask(build(step, handler=Page(made)), step, post).fact is Fact.UNCERTAIN


def test_an_id_without_a_page_is_taken_as_it_is(build: Any, ask: Any, post: Post) -> None:
    """Ids are opaque; one without a page before it can be ours."""
    assert ask(build("post", handler=Page({"id": "98765"})), Step.POST, post).remote_id == "98765"


@pytest.mark.parametrize("step", [Step.PUBLISH, Step.LOOK, Step.EDIT, Step.WITHDRAW])
def test_without_a_recorded_id_nothing_is_asked(step: Step, build: Any, ask: Any, post: Post) -> None:
    """There is no address to guess."""
    page = Page({"success": True})
    found = ask(build("draft", handler=page), step, replace(post, remote_id=None))
    assert (found.fact, found.reason) == (Fact.REFUSED, Reason.GONE)
    assert page.asked == []


def test_publishing_names_the_recorded_draft(build: Any, ask: Any, post: Post) -> None:
    """Only the id that was recorded is published, so doing it twice is harmless."""
    page = Page({"success": True})
    found = ask(build("draft", handler=page), Step.PUBLISH, post)
    assert (found.fact, found.remote_id) == (Fact.DONE, "100200300_987")
    assert page.asked[0].url.path == "/v26.0/100200300_987"
    assert page.form() == {"is_published": "true", "appsecret_proof": PROOF}


def test_editing_sends_the_new_words(build: Any, ask: Any, post: Post) -> None:
    """The approved line goes on top of the post that is already shared."""
    page = Page({"success": True})
    assert ask(build("draft", handler=page), Step.EDIT, replace(post, words="Löst kl. 06.\n\n…")).fact is Fact.DONE
    assert page.form()["message"] == "Löst kl. 06.\n\n…"


@pytest.mark.parametrize("step", [Step.PUBLISH, Step.EDIT, Step.WITHDRAW])
@pytest.mark.parametrize("said", [{"success": False}, {}, {"success": None}])
def test_a_change_without_success_is_uncertain(step: Step, said: Any, build: Any, ask: Any, post: Post) -> None:
    """Only `success: true` is done."""
    assert ask(build("draft", handler=Page(said)), step, post).fact is Fact.UNCERTAIN


def test_a_look_says_words_address_and_whether_it_is_public(build: Any, ask: Any, post: Post) -> None:
    """A read-back is the receipt: our words, seen by everyone."""
    page = Page({**listed(987, post.words + "\n", post.starts_at), "is_published": True})
    found = ask(build("draft", handler=page), Step.LOOK, post)
    assert (found.fact, found.words, found.public) == (Fact.DONE, post.words, True)
    assert found.url == "https://www.facebook.com/100200300/posts/987"
    assert page.asked[0].url.params["fields"] == "id,message,is_published,permalink_url,created_time"
    assert page.asked[0].url.params["appsecret_proof"] == PROOF


def test_a_look_that_finds_other_words_says_so(build: Any, ask: Any, post: Post) -> None:
    """Somebody edited it by hand: their words come back, with a reason."""
    page = Page({**listed(987, "Annat", post.starts_at), "is_published": True})
    found = ask(build("draft", handler=page), Step.LOOK, post)
    assert (found.fact, found.reason, found.words) == (Fact.DONE, Reason.OTHER_WORDS, "Annat")


def test_a_look_at_what_is_gone_is_certain_absence(build: Any, ask: Any, post: Post) -> None:
    """100/33 is the one way Facebook says that there is no such post."""
    gone = httpx.Response(400, json={"error": {"code": 100, "error_subcode": 33}})
    found = ask(build("draft", handler=Page(gone)), Step.LOOK, post)
    assert (found.fact, found.reason) == (Fact.ABSENT, Reason.GONE)


def test_taking_down_what_is_gone_is_done(build: Any, ask: Any, post: Post) -> None:
    """A second withdrawal finds nothing, and that is what was wanted."""
    gone = httpx.Response(400, json={"error": {"code": 100, "error_subcode": 33}})
    found = ask(build("draft", handler=Page(gone)), Step.WITHDRAW, post)
    assert (found.fact, found.reason) == (Fact.DONE, Reason.GONE)


@pytest.mark.parametrize("step", [Step.POST, Step.SEARCH])
def test_a_page_we_may_not_see_is_about_permission(step: Step, build: Any, ask: Any, post: Post) -> None:
    """When the Page itself "does not exist", no post is gone: our token may not see it."""
    gone = httpx.Response(400, json={"error": {"code": 100, "error_subcode": 33}})
    found = ask(build("post", handler=Page(gone)), step, post)
    assert (found.fact, found.reason) == (Fact.REFUSED, Reason.PERMISSION)


def test_an_id_cannot_lead_a_call_astray(build: Any, ask: Any, post: Post) -> None:
    """Whatever an id holds, it stays one segment of the address."""
    page = Page({"success": True})
    ask(build("draft", handler=page), Step.WITHDRAW, replace(post, remote_id="../me?x=1#y"))
    assert page.asked[0].url.raw_path.startswith(b"/v26.0/..%2Fme%3Fx%3D1%23y?appsecret_proof=")


class TestSearch:
    """Finding a post by its mark, when no id was ever recorded."""

    def test_our_words_are_found_among_others(self, build: Any, ask: Any, post: Post) -> None:
        """The post with our very words is the receipt."""
        at = post.starts_at
        page = Page(shown(listed(3, "Annat", at), listed(2, post.words, at), listed(1, None, at)))
        found = ask(build("post", handler=page), Step.SEARCH, replace(post, remote_id=None))
        assert (found.fact, found.remote_id, found.words, found.public) == (Fact.DONE, "100200300_2", post.words, True)
        assert found.url == "https://www.facebook.com/100200300/posts/2"
        asked = page.asked[0].url
        assert asked.path == "/v26.0/100200300/published_posts"
        assert (asked.params["fields"], asked.params["limit"]) == ("id,message,created_time,permalink_url", "50")

    def test_our_exact_words_go_before_a_post_that_only_bears_the_mark(self, build: Any, ask: Any, post: Post) -> None:
        """A post that quotes the number is not the one we made, if that one is there too."""
        at = post.starts_at
        page = Page(shown(listed(2, f"Se {post.mark}", at), listed(1, post.words, at), after="c"), shown())
        found = ask(build("post", handler=page), Step.SEARCH, post)
        assert (found.remote_id, found.others) == ("100200300_1", 0), "what only names us is no double"

    def test_the_mark_alone_counts_too(self, build: Any, ask: Any, post: Post) -> None:
        """Edited by hand, it is still ours, and it says that the words differ."""
        page = Page(shown(listed(1, f"Ändrat för hand. {post.mark}", post.starts_at)))
        found = ask(build("post", handler=page), Step.SEARCH, post)
        assert (found.fact, found.reason, found.remote_id) == (Fact.DONE, Reason.OTHER_WORDS, "100200300_1")

    def test_message_twelve_is_not_message_one(self, build: Any, ask: Any, post: Post) -> None:
        """A mark is a whole word."""
        page = Page(shown(listed(1, "RV-2026-0031/12 OVN-RV-2026-0031/1", post.starts_at)))
        assert ask(build("post", handler=page), Step.SEARCH, post).fact is Fact.ABSENT

    def test_of_two_the_first_is_the_one_people_shared(self, build: Any, ask: Any, post: Post) -> None:
        """A doubled post is found by its older half, also on a later page, and its doubles are counted."""
        at = post.starts_at
        newer = [listed(number, post.words, at + timedelta(minutes=number)) for number in (3, 2)]
        page = Page(shown(*newer, after="c"), shown(listed(1, post.words, at)))
        found = ask(build("post", handler=page), Step.SEARCH, post)
        assert (found.remote_id, found.others, found.detail) == ("100200300_1", 2, "posts with the mark: 3")

    def test_older_than_the_message_is_not_it(self, build: Any, ask: Any, post: Post) -> None:
        """Six hours for a clock that was set wrong; what is older than that is another post that quotes the mark."""
        old = post.starts_at - timedelta(hours=6, seconds=1)
        page = Page(shown(listed(1, post.words, old)))
        assert ask(build("post", handler=page), Step.SEARCH, post).fact is Fact.ABSENT
        page = Page(shown(listed(1, post.words, old + timedelta(seconds=2))))
        assert ask(build("post", handler=page), Step.SEARCH, post).fact is Fact.DONE

    def test_pages_are_followed_by_cursor_never_by_address(self, build: Any, ask: Any, post: Post) -> None:
        """The next address carries the token, and could lead anywhere; an empty page is not the end."""
        page = Page(shown(after="one"), shown(after="two"), shown(listed(1, post.words, post.starts_at)))
        found = ask(build("post", handler=page), Step.SEARCH, post)
        assert found.remote_id == "100200300_1"
        assert [request.url.params.get("after") for request in page.asked] == [None, "one", "two"]
        assert {request.url.host for request in page.asked} == {"outside.example"}

    def test_it_stops_where_everything_is_older(self, build: Any, ask: Any, post: Post) -> None:
        """A busy Page is not read back to its beginning; one old pinned post on top does not stop it."""
        old, new = post.starts_at - timedelta(hours=7), post.starts_at
        page = Page(shown(listed(9, "Fäst", old), listed(8, "Nytt", new), after="a"), shown(listed(7, "Gammalt", old),
                    after="b"), shown(listed(1, post.words, new)))  # fmt: skip
        assert ask(build("post", handler=page), Step.SEARCH, post).fact is Fact.ABSENT
        assert len(page.asked) == 2

    def test_a_thousand_posts_are_read_and_beyond_them_it_is_uncertain(self, build: Any, ask: Any, post: Post) -> None:
        """The busiest night of a Page fits; what was not read cannot be called absent."""
        page = Page(shown(listed(1, "Annat", post.starts_at), after="more"))
        assert ask(build("post", handler=page), Step.SEARCH, post).fact is Fact.UNCERTAIN
        assert [request.url.params["limit"] for request in page.asked] == ["50"] * 20

    def test_a_next_page_without_a_cursor_is_uncertain(self, build: Any, ask: Any, post: Post) -> None:
        """There is more, and no way to it."""
        more = {"data": [], "paging": {"next": "https://graph.facebook.com/x"}}
        assert ask(build("post", handler=Page(more)), Step.SEARCH, post).fact is Fact.UNCERTAIN

    def test_a_page_that_fails_after_a_find_does_not_undo_it(self, build: Any, ask: Any, post: Post) -> None:
        """What was seen was seen; what failed without a find is told as it is."""
        limit = httpx.Response(400, json={"error": {"code": 80001}})
        page = Page(shown(listed(1, f"Se {post.mark}", post.starts_at), after="a"), limit)
        assert ask(build("post", handler=page), Step.SEARCH, post).remote_id == "100200300_1"
        page = Page(shown(after="a"), limit)
        found = ask(build("post", handler=page), Step.SEARCH, post)
        assert (found.fact, found.reason, found.wait_s) == (Fact.REFUSED, Reason.RATE, 60)

    def test_a_visitors_post_is_not_ours(self, build: Any, ask: Any, post: Post) -> None:
        """Somebody who copies our words on their own page has not published for us."""
        stranger = {**listed(1, post.words, post.starts_at), "id": "555_1"}
        assert ask(build("post", handler=Page(shown(stranger))), Step.SEARCH, post).fact is Fact.ABSENT


def test_preflight_asks_about_the_token_with_the_apps_own(build: Any, run: Any) -> None:
    """The app's secret travels in a header, never in the address."""
    page = Page({"data": {"is_valid": False}})
    channel = build("draft", handler=page)
    assert run(channel, channel.preflight).state == "red"
    asked = page.asked[0]
    assert asked.headers["authorization"] == "Bearer 4711|s3cr3t"
    assert dict(asked.url.params) == {"input_token": "PAGETOK"}
    assert "s3cr3t" not in str(asked.url)


def test_every_error_of_a_post_reaches_the_outcome(build: Any, ask: Any, post: Post) -> None:
    """The table is used where it matters: an error inside a 200 is an error."""
    found = ask(build("post", handler=Page({"error": {"code": 190, "error_subcode": 460}})), Step.POST, post)
    assert (found.fact, found.reason, found.code, found.subcode) == (Fact.REFUSED, Reason.TOKEN, 190, 460)
    assert found.detail == "POST /v26.0/100200300/feed: HTTP 200 code 190/460"
