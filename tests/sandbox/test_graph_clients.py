"""Two clients made by others do their whole repertoire against the imitation: Facebook's own and an independent one.

What they cannot do with the real service they cannot do here either: their own weaknesses are among the promises.
"""

import io
import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from facebook_business.adobjects.comment import Comment
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.adobjects.photo import Photo
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi, FacebookResponse
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession
from pyfacebook import FacebookApi, FacebookError, GraphAPI
from sandbox.asking import png, rule

from broadcaster.sandbox import Sandbox

PAGE = "100200300"
WORDS = "Journalsystemet ligger nere.\n\nRing 112 vid fara för liv & hälsa.\nKl. 02.40"

_called: list[str] = []
"""Every host that anything in this process looked up or connected to while a test here ran."""


def _listen(event: str, given: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(given[1], tuple):
        _called.append(str(given[1][0]))
    elif event == "socket.getaddrinfo":
        _called.append(str(given[0]))


sys.addaudithook(_listen)


@pytest.fixture(autouse=True)
def _nobody_outside_is_called() -> Iterator[None]:
    """No client may ever reach for the real service, whatever its defaults are."""
    _called.clear()
    yield
    assert _called
    assert [host for host in _called if not ipaddress.ip_address(host).is_loopback] == []


def put(http: httpx.Client, **document: Any) -> None:
    answer = http.put("/_graph", json=document)
    assert answer.status_code == 200, answer.text


def published(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.state.snapshot(sandbox.url)["facebook"]["published"]
    return found


def words(sandbox: Sandbox) -> list[str]:
    return [item["text"] for item in published(sandbox)]


class TestFacebooksOwn:
    """`facebook-business`, pointed at the imitation per instance, its crash reporter never installed."""

    @staticmethod
    def api(sandbox: Sandbox, token: str = "PAGETOK") -> FacebookAdsApi:
        session = FacebookSession("4711", "s3cr3t", token, timeout=10)
        session.GRAPH = f"{sandbox.url}/graph"
        session.requests.trust_env = False
        return FacebookAdsApi(session, api_version="v26.0")

    @pytest.fixture
    def vendor(self, sandbox: Sandbox) -> FacebookAdsApi:
        return self.api(sandbox)

    @staticmethod
    def photo(vendor: FacebookAdsApi, **params: Any) -> dict[str, Any]:
        answer = vendor.call("POST", (PAGE, "photos"), params=params, files={"source": io.BytesIO(png())})
        found: dict[str, Any] = answer.json()
        return found

    def test_drafts_publishes_edits_lists_and_deletes(self, vendor: FacebookAdsApi, sandbox: Sandbox) -> None:
        page = Page(PAGE, api=vendor)
        draft = page.create_feed(params={"message": WORDS, "published": False}).get_id()
        assert words(sandbox) == []
        made = PagePost(draft, api=vendor)
        made.api_update(params={"is_published": True})
        made.api_update(params={"message": "Ny text"})
        assert made.api_get(fields=["message", "is_published"])["message"] == "Ny text"
        page.create_feed(params={"message": "Nästa"})
        found = page.get_published_posts(fields=["id", "message", "created_time"], params={"limit": 1})
        assert [item["message"] for item in found] == ["Nästa", "Ny text"], "its cursor follows our pages"
        assert found.total() == 2
        made.api_delete()
        assert words(sandbox) == ["Nästa"]
        assert page.api_get(fields=["name"])["name"] == "Övningssidan"

    def test_uploads_a_photo_with_words_for_the_blind(self, vendor: FacebookAdsApi, sandbox: Sandbox) -> None:
        made = self.photo(vendor, caption=WORDS, alt_text_custom="Karta över länet")
        [shown] = published(sandbox)
        assert (shown["id"], shown["text"]) == (made["post_id"], WORDS)
        assert shown["photos"][0]["alt_text"] == "Karta över länet"
        found = Photo(made["id"], api=vendor).api_get(fields=["alt_text_custom", "images", "name"])
        assert (found["alt_text_custom"], found["images"][0]["width"]) == ("Karta över länet", 3)
        assert [item["id"] for item in Page(PAGE, api=vendor).get_photos()] == [made["id"]]
        Photo(made["id"], api=vendor).api_delete()
        assert published(sandbox) == []

    def test_makes_one_post_of_several_photos(self, vendor: FacebookAdsApi, sandbox: Sandbox) -> None:
        ids = [self.photo(vendor, published=False)["id"] for _ in range(2)]
        made = Page(PAGE, api=vendor).create_feed(
            params={"message": "Två kartor", "attached_media": [{"media_fbid": one} for one in ids]})
        [shown] = published(sandbox)
        assert [one["id"] for one in shown["photos"]] == ids
        found = vendor.call("GET", (made.get_id(),), params={"fields": "attachments"}).json()["attachments"]["data"]
        assert len(found[0]["subattachments"]["data"]) == 2

    def test_stops_at_an_empty_part_of_a_list_and_finds_the_rest_when_it_goes_on(
            self, vendor: FacebookAdsApi, http: httpx.Client) -> None:
        page = Page(PAGE, api=vendor)
        for text in ("A", "B"):
            page.create_feed(params={"message": text})
        put(http, empty_pages=2)
        found = page.get_feed(fields=["message"], params={"limit": 1})
        assert list(found) == [], "it takes the first empty part for the end"
        seen: list[str] = []
        for _ in range(10):
            seen += [item["message"] for item in found]
        assert seen == ["B", "A"]

    def test_reads_writes_answers_hides_and_deletes_comments(
            self, vendor: FacebookAdsApi, http: httpx.Client) -> None:
        put(http, visitor_comments=["När är det löst?"])
        made = PagePost(Page(PAGE, api=vendor).create_feed(params={"message": "Hej"}).get_id(), api=vendor)
        own = made.create_comment(params={"message": "Vi återkommer"})
        [asked, *_] = made.get_comments(fields=["message", "can_hide"], params={"filter": "stream"})
        reply = Comment(asked["id"], api=vendor).create_comment(params={"message": "Nu"})
        assert reply.get_id() not in (asked["id"], own.get_id())
        top = made.get_comments(fields=["message"])
        assert [one["message"] for one in top] == ["När är det löst?", "Vi återkommer"]
        newest = made.get_comments(fields=["message"], params={
            "filter": Comment.Filter.stream, "order": Comment.Order.reverse_chronological})
        assert (next(newest)["message"], newest.total()) == ("Nu", 3)
        Comment(asked["id"], api=vendor).api_update(params={"is_hidden": True})
        assert Comment(asked["id"], api=vendor).api_get(fields=["is_hidden"])["is_hidden"] is True
        Comment(own.get_id(), api=vendor).api_update(params={"message": "Löst"})
        Comment(asked["id"], api=vendor).api_delete()
        assert [one["message"] for one in made.get_comments(params={"filter": "stream"})] == ["Löst"]

    def test_finds_the_pages_token_by_a_persons_and_looks_into_it(self, sandbox: Sandbox) -> None:
        person = self.api(sandbox, "USERTOK")
        [page] = User("me", api=person).get_accounts(fields=["id", "access_token"])
        assert (page["id"], page["access_token"]) == (PAGE, "PAGETOK")
        told = self.api(sandbox, "4711|s3cr3t").call(
            "GET", ("debug_token",), params={"input_token": page["access_token"]}).json()["data"]
        assert (told["is_valid"], told["type"], told["profile_id"]) == (True, "PAGE", PAGE)

    def test_batches_and_gets_back_what_had_no_answer(
            self, vendor: FacebookAdsApi, http: httpx.Client, sandbox: Sandbox) -> None:
        rule(http, "GET /me", "drop_before", times=1)
        page, batch = Page(PAGE, api=vendor), vendor.new_batch()
        fine: list[FacebookResponse] = []
        wrong: list[FacebookResponse] = []
        for _ in range(2):
            page.create_feed(params={"message": WORDS}, batch=batch, success=fine.append, failure=wrong.append)
        page.get_published_posts(fields=["message"], batch=batch, success=fine.append)
        batch.add("GET", "me", success=fine.append)
        left = batch.execute()
        assert [answer.status() for answer in fine] == [200, 200]
        assert [item["message"] for item in fine[1].json()["data"]] == [WORDS]
        [refused] = wrong
        assert (refused.status(), refused.error().api_error_code()) == (400, 506)
        assert len(left) == 1, "the item without an answer can be tried again"
        assert left.execute() is None
        assert words(sandbox) == [WORDS]

    def test_uploads_photos_in_a_batch(self, vendor: FacebookAdsApi, sandbox: Sandbox) -> None:
        batch, made = vendor.new_batch(), list[Any]()
        batch.add("POST", (PAGE, "photos"), params={"caption": "Karta"}, files={"karta": io.BytesIO(png())},
                  success=made.append)
        assert batch.execute() is None
        assert made[0].json()["post_id"] == published(sandbox)[0]["id"]

    @pytest.mark.parametrize(("condition", "status", "code", "subcode"), [
        ({"token": "expired"}, 400, 190, 463), ({"token": "password_changed"}, 400, 190, 460),
        ({"token": "revoked"}, 400, 190, 458), ({"token": "checkpointed"}, 400, 190, 459),
        ({"token_kind": "user"}, 400, 190, 2069032), ({"scopes": []}, 403, 200, None)])
    def test_raises_its_own_exception_for_a_token_that_will_not_do(
            self, vendor: FacebookAdsApi, http: httpx.Client, condition: dict[str, Any], status: int, code: int,
            subcode: int | None) -> None:
        put(http, **condition)
        with pytest.raises(FacebookRequestError) as refused:
            Page(PAGE, api=vendor).create_feed(params={"message": "Hej"})
        found = refused.value
        assert (found.http_status(), found.api_error_code(), found.api_error_subcode()) == (status, code, subcode)
        assert found.api_error_message()

    def test_raises_its_own_exception_for_refusals_and_outages(
            self, vendor: FacebookAdsApi, http: httpx.Client) -> None:
        page = Page(PAGE, api=vendor)
        page.create_feed(params={"message": "A"})
        with pytest.raises(FacebookRequestError) as refused:
            page.create_feed(params={"message": "A"})
        assert (refused.value.http_status(), refused.value.api_error_code(), refused.value.api_error_subcode()) == (
            400, 506, 1455006)
        rule(http, "POST /{page}/feed", "applied_then_500")
        with pytest.raises(FacebookRequestError) as broken:
            page.create_feed(params={"message": "B"})
        assert (broken.value.http_status(), broken.value.api_error_code()) == (500, 2)
        assert broken.value.api_transient_error() is True
        with pytest.raises(FacebookRequestError) as unread:
            vendor.call("POST", (PAGE, "photos"), files={"source": io.BytesIO(b"<svg/>")})
        assert (unread.value.api_error_code(), unread.value.api_error_subcode()) == (100, 1366046)

    def test_takes_a_gateways_page_for_success_as_it_does_with_the_real_service(
            self, vendor: FacebookAdsApi, http: httpx.Client) -> None:
        rule(http, "POST /{page}/feed", "html_502")
        with pytest.raises(TypeError):
            Page(PAGE, api=vendor).create_feed(params={"message": "Hej"})


class TestIndependent:
    """`python-facebook-api`, which sends its token and proof in the body and follows `paging.next`."""

    @staticmethod
    def api(sandbox: Sandbox, token: str = "PAGETOK") -> GraphAPI:
        made = GraphAPI(
            app_id="4711", app_secret="s3cr3t", access_token=token, version="v26.0", base_url=f"{sandbox.url}/graph/",
            access_token_url=f"{sandbox.url}/graph/v26.0/oauth/access_token", timeout=10)
        made.session.trust_env = False
        return made

    @pytest.fixture
    def other(self, sandbox: Sandbox) -> GraphAPI:
        return self.api(sandbox)

    @pytest.fixture
    def reader(self, sandbox: Sandbox) -> FacebookApi:
        made = FacebookApi(app_id="4711", app_secret="s3cr3t", access_token="PAGETOK", version="v26.0",
                           base_url=f"{sandbox.url}/graph/", timeout=10)
        made.session.trust_env = False
        return made

    @staticmethod
    def photo(other: GraphAPI, **data: Any) -> dict[str, Any]:
        found: dict[str, Any] = other.post_object(
            PAGE, "photos", data=data, files={"source": ("karta.png", png(), "image/png")})
        return found

    def test_drafts_publishes_edits_lists_and_deletes(self, other: GraphAPI, sandbox: Sandbox) -> None:
        draft = other.post_object(PAGE, "feed", data={"message": WORDS, "published": False})["id"]
        assert words(sandbox) == []
        assert other.post_object(draft, data={"is_published": True}) == {"success": True}
        other.post_object(draft, data={"message": "Ny text"})
        for number in range(4):
            other.post_object(PAGE, "feed", data={"message": str(number)})
        found = other.get_full_connections(PAGE, "published_posts", count=None, limit=2, fields="message")["data"]
        assert [item["message"] for item in found] == ["3", "2", "1", "0", "Ny text"]
        assert other.delete_object(draft) == {"success": True}
        assert words(sandbox) == ["3", "2", "1", "0"]

    def test_goes_through_empty_parts_of_a_list(self, other: GraphAPI, http: httpx.Client) -> None:
        other.post_object(PAGE, "feed", data={"message": "A"})
        put(http, empty_pages=3)
        found = other.get_full_connections(PAGE, "feed", count=None, fields="message")["data"]
        assert [item["message"] for item in found] == ["A"]

    def test_uploads_photos_alone_and_several_in_one_post(self, other: GraphAPI, sandbox: Sandbox) -> None:
        alone = self.photo(other, caption="Karta", alt_text_custom="Karta över länet")
        assert other.get_object(alone["id"], fields="alt_text_custom")["alt_text_custom"] == "Karta över länet"
        ids = [self.photo(other, published=False)["id"] for _ in range(2)]
        media = {f"attached_media[{at}]": f'{{"media_fbid":"{one}"}}' for at, one in enumerate(ids)}
        other.post_object(PAGE, "feed", data={"message": "Två", **media})
        assert [len(one["photos"]) for one in published(sandbox)] == [2, 1]
        other.delete_object(alone["id"])
        assert words(sandbox) == ["Två"]

    def test_reads_the_page_its_posts_and_comments_with_all_the_fields_it_knows(
            self, reader: FacebookApi, other: GraphAPI, http: httpx.Client) -> None:
        put(http, visitor_comments=["När är det löst?"])
        made = other.post_object(PAGE, "feed", data={"message": WORDS, "link": "https://example.org/"})["id"]
        picture = self.photo(other, caption="Karta")
        assert reader.page.get_info(page_id=PAGE).name == "Övningssidan"
        assert set(reader.page.get_batch(ids=[PAGE])) == {PAGE}
        feed = reader.page.get_published_posts(PAGE).data
        assert [one.message for one in feed] == ["Karta", WORDS]
        assert feed[0].attachments.data[0].media_type == "photo"
        assert reader.post.get_info(post_id=made).permalink_url
        assert reader.photo.get_info(photo_id=picture["id"]).name == "Karta"
        comments = reader.post.get_comments(made, summary=True)
        assert [one.message for one in comments.data] == ["När är det löst?"]
        assert comments.summary.total_count == 1
        assert reader.comment.get_info(comment_id=comments.data[0].id).like_count == 0

    def test_writes_answers_hides_and_deletes_comments(self, other: GraphAPI, http: httpx.Client) -> None:
        put(http, visitor_comments=["När är det löst?"])
        made = other.post_object(PAGE, "feed", data={"message": "Hej"})["id"]
        own = other.post_object(made, "comments", data={"message": "Vi återkommer"})["id"]
        [asked, _] = other.get_connection(made, "comments")["data"]
        reply = other.post_object(asked["id"], "comments", data={"message": "Nu"})["id"]
        assert other.get_object(reply, fields="parent")["parent"]["id"] == asked["id"]
        other.post_object(asked["id"], data={"is_hidden": True})
        assert other.get_object(asked["id"], fields="is_hidden")["is_hidden"] is True
        other.post_object(own, data={"message": "Löst"})
        other.delete_object(asked["id"])
        found = other.get_full_connections(made, "comments", count=None, filter="stream")["data"]
        assert [one["message"] for one in found] == ["Löst"]

    def test_gets_every_kind_of_token_and_looks_into_them(self, sandbox: Sandbox) -> None:
        person = self.api(sandbox, "USERTOK")
        assert person.get_object("me") == {"id": "1220001", "name": "Kim Övning"}
        assert person.exchange_long_lived_user_access_token()["expires_in"] > 5_000_000
        assert person.exchange_page_access_token(PAGE) == "PAGETOK"
        assert person.exchange_long_lived_page_access_token("me", "USERTOK")["data"][0]["access_token"] == "PAGETOK"
        app = person.get_app_token()["access_token"]
        told = person.debug_token("PAGETOK", access_token=app)["data"]
        assert (told["is_valid"], told["profile_id"]) == (True, PAGE)
        assert person.debug_token("gammal", access_token=app)["data"]["error"]["code"] == 190

    @pytest.mark.parametrize(("condition", "code", "subcode"), [
        ({"token": "logged_out"}, 190, 467), ({"token": "unconfirmed"}, 190, 464), ({"token": "no_role"}, 190, 492),
        ({"expires_at": 1}, 190, 463), ({"token_kind": "system_user"}, 190, 2069032),
        ({"granular": {"pages_manage_posts": ["1"]}}, 200, None)])
    def test_raises_its_own_exception_for_a_token_that_will_not_do(
            self, other: GraphAPI, http: httpx.Client, condition: dict[str, Any], code: int,
            subcode: int | None) -> None:
        put(http, **condition)
        with pytest.raises(FacebookError) as refused:
            other.post_object(PAGE, "feed", data={"message": "Hej"})
        assert (refused.value.code, getattr(refused.value, "error_subcode", None)) == (code, subcode)

    def test_raises_its_own_exception_for_refusals_and_outages(
            self, other: GraphAPI, http: httpx.Client, sandbox: Sandbox) -> None:
        other.post_object(PAGE, "feed", data={"message": "A"})
        with pytest.raises(FacebookError) as refused:
            other.post_object(PAGE, "feed", data={"message": "A"})
        assert (refused.value.code, refused.value.error_subcode) == (506, 1455006)
        rule(http, "POST /{page}/feed", "applied_then_500", times=1)
        with pytest.raises(FacebookError) as broken:
            other.post_object(PAGE, "feed", data={"message": "B"})
        assert (broken.value.code, broken.value.is_transient) == (2, True)
        assert words(sandbox) == ["B", "A"]
        with pytest.raises(FacebookError) as gone:
            other.get_object("100200300_1")
        assert (gone.value.code, gone.value.error_subcode) == (100, 33)
