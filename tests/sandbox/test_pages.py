"""What the public would see: the very words, clearly marked as an exercise, and nothing once they are taken down."""

import html
import re
from typing import Any

import httpx
import pytest
from sandbox.asking import photo, png, post

from broadcaster.sandbox import Sandbox

GUID = "7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a11"
WORDS = "Avbrott <i> journalsystem\n\nRing 112 & \"bara\" vid fara.\nKl. 02.40\n\nTredje stycket."


def words_on(page: httpx.Response) -> list[str]:
    found = re.findall(r'<div class="words"[^>]*>(.*?)</div>', page.text, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", entry)) for entry in found]


def notice(**more: Any) -> dict[str, Any]:
    head, *rest = WORDS.split("\n\n")
    body = "".join("<p>{}</p>".format(html.escape(part).replace("\n", "<br>")) for part in rest)
    return {"contentLink": {"guidValue": GUID}, "name": "Avbrott", "language": {"name": "sv"},
            "contentType": ["Page", "RegionalNoticePage"], "parentLink": {"id": 4711}, "status": "Published",
            "heading": {"value": head}, "mainBody": {"value": body}, "region": {"value": "Varmland"}, **more}


def announcement() -> dict[str, Any]:
    return {"id": "RV-2026-0031", "revision": 1, "language": "sv", "text": WORDS, "max_seconds": 25}


def publish_everything(graph: httpx.Client, cms: httpx.Client, phone: httpx.Client) -> list[str]:
    """Publish the words in all three places and return the public addresses."""
    made = graph.post("/100200300/feed", data={"message": WORDS, "fields": "permalink_url"}).json()
    web = cms.put(f"/{GUID}", json=notice()).json()
    queue = phone.put("/announcements/RV-2026-0031.sv", json=announcement()).json()
    return [made["permalink_url"], web["url"], queue["url"]]


def test_each_public_address_shows_the_very_words(
        http: httpx.Client, graph: httpx.Client, cms: httpx.Client, phone: httpx.Client) -> None:
    for address in publish_everything(graph, cms, phone):
        page = http.get(address)
        assert (page.status_code, words_on(page)) == (200, [WORDS])
        assert "Det här är en övningsmiljö" in page.text


def test_the_overview_shows_all_three_places_newest_first(
        http: httpx.Client, graph: httpx.Client, cms: httpx.Client, phone: httpx.Client, now: list[float]) -> None:
    publish_everything(graph, cms, phone)
    now[0] += 5
    graph.post("/100200300/feed", data={"message": "Nyare"})
    page = http.get("/")
    assert words_on(page) == ["Nyare", WORDS, WORDS, WORDS]
    for title in ("Facebooksidan", "1177.se", "Telefonkön 1177", "Det här är en övningsmiljö"):
        assert title in page.text
    assert "Det här meddelandet avser Värmland" in page.text
    assert '<meta http-equiv="refresh" content="3">' in page.text


def test_an_article_says_which_region_it_is_for(http: httpx.Client, cms: httpx.Client) -> None:
    made = cms.put(f"/{GUID}", json=notice(contentType=["Page", "NewsPage"])).json()
    assert "Innehållet gäller Värmland" in http.get(made["url"]).text


def test_before_anything_is_published_the_overview_says_so(http: httpx.Client) -> None:
    text = http.get("/").text
    for empty in ("Inga inlägg ännu", "Inga meddelanden just nu", "Inget talat meddelande"):
        assert empty in text


def test_what_is_taken_down_or_never_published_is_not_found(
        http: httpx.Client, graph: httpx.Client, cms: httpx.Client, phone: httpx.Client) -> None:
    addresses = publish_everything(graph, cms, phone)
    graph.delete(f"/{addresses[0].rsplit('/', 1)[1]}")
    cms.patch(f"/{GUID}", json={"stopPublish": "2026-11-18T11:06:40Z"})
    phone.delete("/announcements/RV-2026-0031.sv", params={"revision": 2})
    draft = graph.post("/100200300/feed", data={"message": "Utkast", "published": "false",
                                                "fields": "permalink_url"}).json()["permalink_url"]
    for address in [*addresses, draft, "/nonsense", "/1177/x/y", "/facebook/posts/1", "/phone-queue/x"]:
        assert http.get(address).status_code == 404
    assert words_on(http.get("/")) == []


def test_words_are_never_taken_for_markup_and_links_only_lead_to_the_web(
        http: httpx.Client, graph: httpx.Client) -> None:
    graph.post("/100200300/feed", data={"message": "<script>alert(1)</script>", "link": "javascript:alert(1)"})
    page = http.get("/").text
    assert "<script" not in page
    assert 'href="javascript' not in page
    assert "&lt;script&gt;" in page


def test_nothing_comes_from_elsewhere_and_nothing_runs_in_the_page(http: httpx.Client) -> None:
    page = http.get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    for inline in ("<script", "<style", " style=", " onclick="):
        assert inline not in page.text
    assert http.get("/style.css").headers["content-type"].startswith("text/css")


def test_a_picture_is_shown_with_the_words_for_those_who_cannot_see_it(
        http: httpx.Client, graph: httpx.Client) -> None:
    made = photo(graph, png(30, 20), published="true", caption=WORDS, alt_text_custom='Karta "B" & <C>')
    page = http.get(f"/facebook/posts/{made['post_id']}").text
    [(source, alt, width)] = re.findall(r'<img src="([^"]+)" alt="([^"]*)" width="(\d+)"', page)
    assert (html.unescape(alt), width) == ('Karta "B" & <C>', "30")
    picture = http.get(source)
    assert (picture.content, picture.headers["content-type"]) == (png(30, 20), "image/png")
    graph.delete(f"/{made['post_id']}")
    assert http.get(source).status_code == 404


def test_languages_are_marked_so_that_a_screen_reader_speaks_them_right(http: httpx.Client, cms: httpx.Client) -> None:
    made = cms.put(f"/{GUID}", json=notice(language={"name": "ar"})).json()
    assert '<div class="words" lang="ar" dir="rtl">' in http.get(made["url"]).text


def test_addresses_work_under_the_name_the_caller_used(graph: httpx.Client, sandbox: Sandbox) -> None:
    made = graph.post("/100200300/feed", data={"message": "Hej", "fields": "permalink_url"},
                      headers={"Host": "localhost:8001"}).json()
    assert made["permalink_url"].startswith("http://localhost:8001/facebook/posts/")
    odd = graph.get(f"/{made['id']}", params={"fields": "permalink_url"}, headers={"Host": 'x"><b>'}).json()
    assert odd["permalink_url"].startswith(sandbox.url)


def test_a_head_request_gets_no_body(http: httpx.Client) -> None:
    for _ in range(2):
        answer = http.head("/")
        assert (answer.status_code, answer.content) == (200, b"")


def test_an_app_in_development_makes_posts_that_the_public_does_not_see(
        http: httpx.Client, graph: httpx.Client) -> None:
    """To the API everything looks as always; a reader who is signed out sees nothing, on no page."""
    http.put("/_graph", json={"development": True}).raise_for_status()
    picture = photo(graph, published="true")
    made = graph.post("/100200300/feed", data={"message": WORDS, "fields": "permalink_url,is_published"}).json()
    assert made["is_published"] is True
    assert graph.get(f"/{made['id']}", params={"fields": "message"}).json()["message"] == WORDS
    overview = http.get("/")
    assert words_on(overview) == []
    assert "Appen är i utvecklingsläge" in overview.text
    addresses = [made["permalink_url"], f"/facebook/photos/{picture['id']}"]
    assert [http.get(address).status_code for address in addresses] == [404, 404]
    http.put("/_graph", json={})
    assert WORDS in words_on(http.get("/"))
    assert [http.get(address).status_code for address in addresses] == [200, 200]


def test_an_unpublished_page_is_not_there_for_the_public(http: httpx.Client, graph: httpx.Client) -> None:
    made = graph.post("/100200300/feed", data={"message": WORDS, "fields": "permalink_url"}).json()
    http.put("/_graph", json={"page_published": False}).raise_for_status()
    assert graph.get("/100200300", params={"fields": "is_published"}).json()["is_published"] is False
    assert http.get(made["permalink_url"]).status_code == 404
    overview = http.get("/").text
    assert "Sidan är inte publicerad" in overview
    assert "följare" not in overview


@pytest.mark.parametrize(("words", "marked"), [
    ("ÖVNING ÖVNING ÖVNING\n\nKoka vattnet", True), ("Övning. Koka vattnet.", True), ("EXERCISE\n\nBoil water", True),
    ("Koka vattnet\n\nÖvning ger färdighet", False), ("Övningskörning på lördag", False)])
def test_a_drill_is_marked_in_every_place(
        http: httpx.Client, graph: httpx.Client, cms: httpx.Client, phone: httpx.Client, words: str, marked: bool
) -> None:
    head, *rest = words.split("\n\n")
    graph.post("/100200300/feed", data={"message": words})
    cms.put(f"/{GUID}", json=notice(heading={"value": head}, mainBody={"value": "".join(f"<p>{x}</p>" for x in rest)}))
    phone.put("/announcements/RV-2026-0031.sv", json={**announcement(), "text": words})
    page = http.get("/").text
    assert page.count('<span class="mark">Övning</span>') == (3 if marked else 0)
    assert page.count(" drill") == (3 if marked else 0)


def test_people_are_seen_to_read_share_and_ask(http: httpx.Client, graph: httpx.Client, now: list[float]) -> None:
    http.put("/_graph", json={"visitor_comments": ["Hur länge <b>varar</b> det?", "Otrevligt"]}).raise_for_status()
    made = post(graph, "Ring 112 vid fara")
    rude = graph.get(f"/{made}/comments").json()["data"][1]["id"]
    fresh = http.get(f"/facebook/posts/{made}").text
    assert "2 kommentarer" in fresh
    assert "reaktioner" not in fresh
    graph.post(f"/{rude}", data={"is_hidden": "true"}).raise_for_status()
    now[0] += 86_400
    later = http.get(f"/facebook/posts/{made}").text
    assert re.search(r"\d+ reaktioner · 1 kommentar · \d+ delningar", later)
    assert "Hur länge &lt;b&gt;varar&lt;/b&gt; det?" in later
    assert "Otrevligt" not in later


def test_a_link_is_shown_as_a_preview_with_its_host(http: httpx.Client, graph: httpx.Client) -> None:
    graph.post("/100200300/feed", data={"message": "Läs", "link": "https://region.example/kris?a=1&b=2"})
    page = http.get("/").text
    assert '<a class="preview" href="https://region.example/kris?a=1&amp;b=2" rel="noreferrer">' in page
    assert "<span>region.example</span>" in page


def test_a_voice_tells_about_how_long_it_takes(http: httpx.Client, phone: httpx.Client) -> None:
    made = phone.put("/announcements/RV-2026-0031.sv", json={**announcement(), "text": "ord " * 46}).json()
    assert "En röst på svenska, ungefär 20 av högst 25 s:" in http.get(made["url"]).text
