"""Pictures beside a post, over real HTTP: with the words if they can, and never before or instead of the words."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from drawn import JPEG, png

from broadcaster import settings as configuration
from broadcaster.channels import Fact, Post, Reason, Step
from broadcaster.channels._http import Answer, deadline
from broadcaster.channels._page_photos import Album, upload
from broadcaster.channels.facebook import Facebook
from broadcaster.picture import Picture

PHOTOS, FEED = "POST /{page}/photos", "POST /{page}/feed"
MAKES = [("draft", Step.DRAFT), ("post", Step.POST)]


def picture(data: bytes, alt: str = "Karta över området norr om älven.") -> Picture:
    kind = "image/jpeg" if data == JPEG else "image/png"
    return Picture(hashlib.sha256(data).hexdigest(), kind, 400, 300, alt, data)


@pytest.fixture
def pictured(post: Post) -> Post:
    """The same message with a picture beside it."""
    return replace(post, pictures=(picture(png()),))


@pytest.fixture
def publish(build: Any, run: Any, sandbox: Any) -> Callable[..., Any]:
    """Make a post in one of the two ways, publish a draft, and return what the making call said."""

    def all_of_it(kind: str, post: Post, timeout_s: float = 10.0) -> Any:
        channel = build(kind, f"{sandbox.url}/graph")

        async def steps() -> Any:
            step = Step.DRAFT if kind == "draft" else Step.POST
            made = await channel.call(step, post, timeout_s)
            if kind == "draft" and made.fact is Fact.DONE:
                ours = replace(post, remote_id=made.remote_id, pictures=())
                assert (await channel.call(Step.PUBLISH, ours, 10)).fact is Fact.DONE
            return made

        return run(channel, steps)

    return all_of_it


@pytest.fixture
def published(state: Any) -> Callable[[], list[dict[str, Any]]]:
    """What the public sees, newest first."""
    return lambda: list(state()["facebook"]["published"])


@pytest.mark.parametrize("kind", ["draft", "post"])
def test_a_picture_stands_beside_the_words_with_its_alt_text(
    kind: str, publish: Any, published: Any, pictured: Post
) -> None:
    made = publish(kind, pictured)
    assert (made.fact, made.reason) == (Fact.DONE, Reason.NONE)
    (shown,) = published()
    assert shown["text"] == pictured.words
    (photo,) = shown["photos"]
    assert photo["alt_text"] == "Karta över området norr om älven."
    assert httpx.get(photo["url"], trust_env=False).content == png()


@pytest.mark.parametrize("kind", ["draft", "post"])
def test_several_pictures_stand_in_the_playbooks_order(kind: str, publish: Any, published: Any, post: Post) -> None:
    many = (picture(png(), "Den första."), picture(JPEG, "Den andra."), picture(png(shade=9), "Den tredje."))
    assert publish(kind, replace(post, pictures=many)).reason is Reason.NONE
    (shown,) = published()
    assert [one["alt_text"] for one in shown["photos"]] == [one.alt for one in many]


@pytest.mark.parametrize("kind", ["draft", "post"])
@pytest.mark.parametrize("do", ["error_500", "html_502", "drop_before", "no_id", "drip", "redirect", "rate_limited",
                                "token_dead", "error:100/1366046", "error:368", "error:10"])  # fmt: skip
def test_an_upload_that_fails_leaves_the_words_to_go_alone(
    kind: str, do: str, publish: Any, published: Any, script: Any, pictured: Post
) -> None:
    """Whatever is said of the picture is about the picture: the words ask for themselves, in the same call."""
    script("facebook", PHOTOS, do, times=10)
    made = publish(kind, pictured)
    assert (made.fact, made.reason) == (Fact.DONE, Reason.NO_PICTURE)
    assert "with 0 of 1 pictures: POST /v26.0/100200300/photos" in made.detail
    (shown,) = published()
    assert shown["text"] == pictured.words and not shown.get("photos")


@pytest.mark.parametrize("kind", ["draft", "post"])
def test_an_upload_that_hangs_takes_a_third_of_the_calls_time_and_no_more(
    kind: str, publish: Any, published: Any, script: Any, pictured: Post
) -> None:
    script("facebook", PHOTOS, "hang", times=10)
    made = publish(kind, pictured, 15.0)
    assert (made.fact, made.reason) == (Fact.DONE, Reason.NO_PICTURE)
    assert [one["text"] for one in published()] == [pictured.words]


def test_all_uploads_together_have_a_third_of_the_time(run: Any, build: Any) -> None:
    """However many pictures there are, each is given the same end, and what is left belongs to the words."""
    ends: list[tuple[float, float]] = []

    async def ask(_form: object, _files: object, until: Any) -> Answer:
        ends.append((until.at, whole.at))
        return Answer("POST /photos", 200, httpx.Headers(), b'{"id": "7"}', None)  # type: ignore[arg-type]

    async def work() -> Album:
        nonlocal whole
        whole = deadline(9e6)  # so long that no pause of this machine counts
        return await upload([picture(png()), picture(JPEG)], ask, whole)

    whole: Any = None
    assert run(build("draft"), work).ids == ("7", "7")
    assert all(end - at == pytest.approx(6e6, abs=1e3) for at, end in ends) and len(ends) == 2


@pytest.mark.parametrize("kind", ["draft", "post"])
def test_of_several_pictures_those_that_came_are_shown(
    kind: str, publish: Any, published: Any, script: Any, post: Post
) -> None:
    two = (picture(png(), "Den ena av de två bilderna."), picture(JPEG, "Den andra av de två bilderna."))
    script("facebook", PHOTOS, "error_500", times=1)
    made = publish(kind, replace(post, pictures=two))
    assert made.reason is Reason.NO_PICTURE and "with 1 of 2 pictures" in made.detail
    (shown,) = published()
    assert len(shown["photos"]) == 1 and shown["text"] == post.words


@pytest.mark.parametrize(("kind", "step"), MAKES)
@pytest.mark.parametrize("numbers", [(100, 1366051), (100, None), (200, None), (100, 33)])
def test_a_post_refused_with_its_picture_goes_at_once_without_it(
    kind: str, step: Step, numbers: tuple[int, int | None], build: Any, ask: Any, pictured: Post
) -> None:
    """A certain refusal: nothing was made, so the words may be said, in the same call and once."""
    said: list[dict[str, list[str]]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/photos"):
            return httpx.Response(200, json={"id": "55"})
        form = parse_qs(request.content.decode())
        said.append(form)
        if "attached_media" in form:
            error = {"message": "no", "code": numbers[0], "error_subcode": numbers[1]}
            return httpx.Response(400, json={"error": error})
        return httpx.Response(200, json={"id": "100200300_7"})

    made = ask(build(kind, handler=answer), step, pictured)
    assert (made.fact, made.reason, made.remote_id) == (Fact.DONE, Reason.NO_PICTURE, "100200300_7")
    assert [("attached_media" in form) for form in said] == [True, False]
    assert all(form["message"] == [pictured.words] for form in said)


@pytest.mark.parametrize(("kind", "step"), MAKES)
def test_a_doubtful_answer_to_a_post_with_a_picture_is_not_answered_by_a_second_post(
    kind: str, step: Step, build: Any, ask: Any, pictured: Post
) -> None:
    """It may be public: that is looked into first, as without a picture."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/")[2])
        return httpx.Response(200, json={"id": "55"}) if asked[-1] == "photos" else httpx.Response(500, json={})

    made = ask(build(kind, handler=answer), step, pictured)
    assert (made.fact, asked) == (Fact.UNCERTAIN, ["photos", "feed"])


@pytest.mark.parametrize(("kind", "step"), MAKES)
@pytest.mark.parametrize("error", [{"code": 190}, {"code": 4}, {"code": 368}, {"code": 506, "error_subcode": 1455006}])
def test_what_is_not_about_the_picture_is_not_asked_for_again(
    kind: str, step: Step, error: dict[str, int], build: Any, ask: Any, pictured: Post
) -> None:
    """A dead key, a limit, a block and "already posted" are no better without a picture."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/")[2])
        if asked[-1] == "photos":
            return httpx.Response(200, json={"id": "55"})
        return httpx.Response(400, json={"error": {"message": "no", **error}})

    made = ask(build(kind, handler=answer), step, pictured)
    assert made.fact is Fact.REFUSED and asked == ["photos", "feed"]


@pytest.mark.parametrize(("kind", "step"), MAKES)
def test_a_limit_told_for_a_photo_does_not_hold_the_words(
    kind: str, step: Step, build: Any, ask: Any, pictured: Post
) -> None:
    usage = '{"100200300": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 30}]}'

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/photos"):
            error = {"message": "too many", "code": 80001}
            return httpx.Response(400, json={"error": error}, headers={"x-business-use-case-usage": usage})
        return httpx.Response(200, json={"id": "100200300_7"})

    assert ask(build(kind, handler=answer), step, pictured).fact is Fact.DONE


@pytest.mark.parametrize(("kind", "step"), MAKES)
def test_pictures_that_are_not_at_hand_are_said_to_be_left_out(
    kind: str, step: Step, build: Any, ask: Any, post: Post
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path.endswith("/feed")
        return httpx.Response(200, json={"id": "100200300_7"})

    made = ask(build(kind, handler=answer), step, replace(post, left_out=2))
    assert made.reason is Reason.NO_PICTURE and "with 0 of 2 pictures: not at hand" in made.detail


def test_an_upload_is_unpublished_proven_and_says_its_picture_in_words(build: Any, ask: Any, pictured: Post) -> None:
    """Nobody sees it before the words; the secret is in the header and never in an address."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "100200300_7"})

    ask(build("draft", handler=answer), Step.DRAFT, pictured)
    sent = seen[0].content
    assert seen[0].headers["content-type"].startswith("multipart/form-data")
    assert b'name="published"\r\n\r\nfalse' in sent and b'name="appsecret_proof"' in sent and png() in sent
    assert f'name="alt_text_custom"\r\n\r\n{pictured.pictures[0].alt}'.encode() in sent
    assert not seen[0].url.query and seen[0].headers["authorization"] == "Bearer PAGETOK"


def test_an_edit_leaves_the_picture_where_it_is(
    build: Any, run: Any, sandbox: Any, published: Any, pictured: Post
) -> None:
    channel = build("post", f"{sandbox.url}/graph")

    async def steps() -> Any:
        made = await channel.call(Step.POST, pictured, 10)
        changed = replace(pictured, remote_id=made.remote_id, words=f"Rättat.\n\n{pictured.words}", pictures=())
        await channel.call(Step.EDIT, changed, 10)
        return await channel.call(Step.LOOK, changed, 10)

    assert run(channel, steps).fact is Fact.DONE
    (shown,) = published()
    assert shown["text"].startswith("Rättat.") and len(shown["photos"]) == 1


class TestLinkPreview:
    """A preview is kept by Facebook for weeks, so it is off unless somebody wants it."""

    LINK = "https://kris.region.example/m/RV-2026-0031"

    @pytest.fixture
    def forms(self, naps: Any, ask: Any) -> Callable[..., Any]:
        def said(post: Post, *, wanted: bool, refuse: bool = False) -> tuple[Any, list[dict[str, list[str]]]]:
            seen: list[dict[str, list[str]]] = []

            def answer(request: httpx.Request) -> httpx.Response:
                if request.url.path.endswith("/photos"):
                    return httpx.Response(200, json={"id": "55"})
                seen.append(parse_qs(request.content.decode()))
                if refuse and "link" in seen[-1]:
                    return httpx.Response(400, json={"error": {"message": "no", "code": 1609005}})
                return httpx.Response(200, json={"id": "100200300_7"})

            named = {"kind": "facebook", "page_id": "100200300", "app_id": "4711"}
            page = configuration.Facebook(**named, protocol="post", link_preview=wanted)  # type: ignore[arg-type]
            out = {"connect": lambda: httpx.MockTransport(answer), "sleep": naps.sleep}
            channel = Facebook("facebook", page, "PAGETOK", "s3cr3t", **out)
            return ask(channel, Step.POST, post), seen

        return said

    def test_no_preview_unless_it_is_wanted(self, forms: Any, post: Post) -> None:
        linked = replace(post, link=self.LINK)
        assert "link" not in forms(linked, wanted=False)[1][0]
        assert forms(linked, wanted=True)[1][0]["link"] == [self.LINK]

    def test_a_post_with_a_picture_and_a_drill_have_none(self, forms: Any, pictured: Post) -> None:
        linked = replace(pictured, link=self.LINK)
        assert "link" not in forms(linked, wanted=True)[1][0]
        assert "link" not in forms(replace(linked, pictures=(), mode="drill"), wanted=True)[1][0]

    def test_a_page_that_facebook_cannot_read_does_not_stop_the_words(self, forms: Any, post: Post) -> None:
        made, seen = forms(replace(post, link=self.LINK), wanted=True, refuse=True)
        assert (made.fact, made.reason) == (Fact.DONE, Reason.NONE)
        assert [("link" in form) for form in seen] == [True, False]
