"""Photos on the imitated Page: in a post of their own or several in one, once only, and with words for the blind."""

import json
from typing import Any

import httpx
import pytest
from sandbox.asking import FEED, PHOTOS, error, listed, photo, png, post

from broadcaster.sandbox import Sandbox

ALT = "Karta: vårdcentralen & <apoteket> är stängda"


def test_a_published_photo_is_a_post_with_its_caption(graph: httpx.Client, sandbox: Sandbox) -> None:
    made = photo(graph, png(4, 5), published="true", caption="Stängt i dag", alt_text_custom=ALT)
    assert made["post_id"].startswith("100200300_")
    assert listed(graph) == ["Stängt i dag"]
    shown = graph.get(f"/{made['post_id']}", params={
        "fields": "message,status_type,attachments{media,type,target},full_picture"}).json()
    found = shown["attachments"]["data"][0]
    assert (found["type"], found["target"]["id"], shown["status_type"]) == ("photo", made["id"], "added_photos")
    assert found["media"]["image"] == {"height": 5, "width": 4, "src": shown["full_picture"]}
    assert httpx.get(shown["full_picture"], trust_env=False).content == png(4, 5)
    assert sandbox.state.snapshot(sandbox.url)["facebook"]["published"][0]["photos"] == [
        {"id": made["id"], "alt_text": ALT, "url": shown["full_picture"]}]


def test_an_unpublished_photo_answers_with_its_id_alone_and_nobody_sees_a_post(graph: httpx.Client) -> None:
    assert set(photo(graph)) == {"id"}
    assert listed(graph, FEED) == []


@pytest.mark.parametrize("form", [
    lambda ids: {"data": {"message": "Två", "attached_media": json.dumps([{"media_fbid": one} for one in ids])}},
    lambda ids: {"json": {"message": "Två", "attached_media": [{"media_fbid": one} for one in ids]}},
    lambda ids: {"json": {"message": "Två", "attached_media": [json.dumps({"media_fbid": one}) for one in ids]}},
    lambda ids: {"data": {"message": "Två", **{f"attached_media[{at}]": json.dumps({"media_fbid": one})
                                               for at, one in enumerate(ids)}}}])
def test_several_photos_make_one_post_in_the_order_given(graph: httpx.Client, form: Any) -> None:
    ids = [photo(graph, png(shade=shade))["id"] for shade in (10, 20)]
    made = graph.post(FEED, **form(ids)).json()["id"]
    album = graph.get(f"/{made}", params={"fields": "attachments{media,subattachments}"}).json()["attachments"]["data"]
    assert [one["target"]["id"] for one in album[0]["subattachments"]["data"]] == ids
    assert graph.get(f"/{ids[0]}", params={"fields": "page_story_id"}).json()["page_story_id"] == made


def test_photos_alone_are_enough_for_a_draft_and_come_out_with_it(graph: httpx.Client, sandbox: Sandbox) -> None:
    attached = json.dumps([{"media_fbid": photo(graph)["id"]}])
    draft = graph.post(FEED, data={"attached_media": attached, "published": "false"}).json()["id"]
    assert listed(graph) == []
    assert graph.post(f"/{draft}", data={"is_published": "true"}).json() == {"success": True}
    assert len(sandbox.state.snapshot("")["facebook"]["published"][0]["photos"]) == 1


def test_a_photo_can_be_posted_once(graph: httpx.Client) -> None:
    attached = {"attached_media": json.dumps([{"media_fbid": photo(graph)["id"]}])}
    assert graph.post(FEED, data={"message": "A", **attached}).status_code == 200
    again = graph.post(FEED, data={"message": "B", **attached})
    assert error(again) == (400, 100, 1366051)
    published = json.dumps([{"media_fbid": photo(graph, published="true", no_story="true")["id"]}])
    assert error(graph.post(FEED, data={"message": "C", "attached_media": published})) == (400, 100, 1366051)
    twice = json.dumps([{"media_fbid": photo(graph)["id"]}] * 2)
    assert error(graph.post(FEED, data={"message": "D", "attached_media": twice})) == (400, 100, 1366051)
    assert listed(graph) == ["A"]


@pytest.mark.parametrize("attached", ['[{"media_fbid": "1"}]', '[{"photo": "1"}]', "[", '{"media_fbid": "1"}',
                                      '["x"]', "[true]"])
def test_an_unknown_photo_or_an_unreadable_list_publishes_nothing(graph: httpx.Client, attached: str) -> None:
    assert error(graph.post(FEED, data={"message": "Hej", "attached_media": attached})) == (400, 100, None)
    assert listed(graph, FEED) == []


@pytest.mark.parametrize(("content", "refusal"), [
    (b"<svg/>", (400, 100, 1366046)), (png() + b"\0" * 10_000_000, (400, 100, 1366046)),
    (png()[:-8], (400, 324, 2069019))])
def test_what_is_no_whole_picture_or_too_large_is_refused(
        graph: httpx.Client, content: bytes, refusal: tuple[int, int, int]) -> None:
    answer = graph.post(PHOTOS, data={"caption": "Hej"}, files={"source": ("bild.png", content)})
    assert error(answer) == refusal
    assert answer.json()["error"]["error_user_msg"]
    assert (listed(graph, FEED), graph.get(PHOTOS).json()) == ([], {"data": []})


def test_nothing_is_fetched_from_elsewhere(graph: httpx.Client) -> None:
    for given in ({}, {"url": "http://127.0.0.1:9/bild.png"}, {"url": "https://example.org/bild.png"},
                  {"source": "ingen fil"}):
        assert error(graph.post(PHOTOS, data=given)) == (400, 324, None)
    source = graph.get(f"/{photo(graph)['id']}", params={"fields": "source"}).json()["source"]
    assert graph.post(PHOTOS, data={"url": source, "caption": "Igen"}).json()["post_id"]


def test_a_photo_can_be_read_with_its_sizes_and_its_words(graph: httpx.Client) -> None:
    made = photo(graph, png(8, 6), caption="Karta", alt_text_custom=ALT)
    found = graph.get(f"/{made['id']}", params={"fields": "name,alt_text_custom,images,link,width,height,from"}).json()
    assert (found["name"], found["alt_text_custom"], found["width"]) == ("Karta", ALT, 8)
    assert found["images"] == [{"height": 6, "width": 8, "source": found["link"]}]
    assert set(graph.get(f"/{made['id']}").json()) == {"id", "created_time", "name"}
    assert error(graph.get(f"/{made['id']}", params={"fields": "message"})) == (400, 100, None)


def test_the_list_of_photos_shows_published_ones_in_parts(graph: httpx.Client) -> None:
    photo(graph)
    made = [photo(graph, published="true", caption=str(number))["id"] for number in range(3)]
    found = graph.get(PHOTOS, params={"limit": 2}).json()
    rest = httpx.get(found["paging"]["next"], trust_env=False).json()
    assert [one["id"] for one in [*found["data"], *rest["data"]]] == made[::-1]


def test_a_temporary_photo_nobody_used_is_gone_after_a_day(graph: httpx.Client, now: list[float]) -> None:
    used, unused, kept = photo(graph, temporary="true")["id"], photo(graph, temporary="true")["id"], photo(graph)["id"]
    graph.post(FEED, data={"attached_media": json.dumps([{"media_fbid": used}])})
    now[0] += 86_400
    assert [graph.get(f"/{one}").status_code for one in (used, unused, kept)] == [200, 400, 200]


def test_a_photo_and_its_post_go_together_but_an_album_goes_on_without_it(graph: httpx.Client) -> None:
    alone = photo(graph, published="true", caption="Ensam")
    assert graph.delete(f"/{alone['id']}").json() == {"success": True}
    assert listed(graph) == []
    ids = [photo(graph)["id"] for _ in range(2)]
    album = graph.post(FEED, data={"attached_media": json.dumps([{"media_fbid": one} for one in ids])}).json()["id"]
    graph.delete(f"/{ids[0]}")
    found = graph.get(f"/{album}", params={"fields": "attachments"}).json()["attachments"]["data"]
    assert [one["target"]["id"] for one in found] == [ids[1]]
    graph.delete(f"/{album}")
    assert error(graph.get(f"/{ids[1]}")) == (400, 100, 33)


def test_a_photo_can_be_scheduled_and_the_window_holds_for_it(graph: httpx.Client, now: list[float]) -> None:
    made = photo(graph, caption="Senare", scheduled_publish_time=str(int(now[0]) + 900))
    assert (listed(graph), listed(graph, "/100200300/scheduled_posts")) == ([], ["Senare"])
    assert made["post_id"]
    now[0] += 900
    assert listed(graph) == ["Senare"]
    too_soon = {"published": "false", "scheduled_publish_time": str(int(now[0]) + 60)}
    assert error(graph.post(PHOTOS, data=too_soon, files={"source": ("bild.png", png())})) == (400, 100, None)


def test_a_link_has_a_preview_among_the_attachments(graph: httpx.Client) -> None:
    made = post(graph, "Läs mer", link="https://example.org/")
    found = graph.get(f"/{made}", params={"fields": "attachments{media_type,unshimmed_url},full_picture"}).json()
    assert found["attachments"]["data"][0]["unshimmed_url"] == "https://example.org/"
    assert "full_picture" not in found


def test_the_log_tells_how_large_a_file_was_and_keeps_no_copy(graph: httpx.Client, http: httpx.Client) -> None:
    photo(graph, caption="Hej")
    body = http.get("/_log").json()["items"][0]["body"]
    assert f"({len(png())} bytes)" in body
    assert "IHDR" not in body
    assert "Hej" in body
