"""A page of the region's own website: what is asked of the app, and what its answers prove (docs/restapp.md)."""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from broadcaster.channels import Fact, Outcome, Post, Preflight, Reason, Step
from broadcaster.channels.restapp import CONTRACT, RestApp, RestAppSettings
from broadcaster.kinds import Tools

PAGE = (Path(__file__).parents[2] / "docs" / "restapp.md").read_text("utf-8")
SITE = RestAppSettings(kind="restapp", base_url="https://www.region.example/rest-api/kris", user="kris")
URL = "https://www.region.example/nyheter/1"


@pytest.fixture
def page(post: Post) -> Post:
    """The second revision of a page."""
    return replace(post, revision=2, remote_id=None)


def stored(page: Post, **changed: Any) -> dict[str, Any]:
    """Return what the app says of a page that stands there as it was sent."""
    heading, first, *rest = page.words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split("\n\n")
    html = [f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in (first, *rest)]
    body = {"contract": 1, "object": page.object_uuid, "revision": page.revision, "title": heading,
            "leadHtml": html[0], "bodyHtml": "".join(html[1:]), "url": URL, "published": True}  # fmt: skip
    return {**body, **changed}


Ask = Callable[..., Any]


@pytest.fixture
def app(naps: Any, now: datetime) -> Ask:
    """Ask one thing of a channel whose app always answers the same, and keep what it was asked."""

    def ask(answer: httpx.Response, what: Step | None, page: Post, asked: list[httpx.Request] | None = None) -> Any:
        def handle(request: httpx.Request) -> httpx.Response:
            if asked is not None:
                asked.append(request)
            return answer

        tools = Tools(lambda name: f"hemligt{name}", lambda: httpx.MockTransport(handle), lambda: now, naps.sleep)

        async def whole() -> Outcome | Preflight:
            channel = RestApp("region_web", SITE, tools)
            try:
                return await (channel.preflight() if what is None else channel.call(what, page, 10))
            finally:
                await channel.close()

        return asyncio.run(whole())

    return ask


def test_a_message_is_put_whole_under_our_own_name(app: Ask, page: Post) -> None:
    """Everything the contract names, and nothing else; who we are; and a key that is the same for the same words."""
    asked: list[httpx.Request] = []
    expires = datetime(2026, 3, 14, 6, tzinfo=UTC)
    answer = httpx.Response(201, json=stored(page))
    found = app(answer, Step.PUT, replace(page, expires_at=expires), asked)
    assert (found.fact, found.remote_id, found.url) == (Fact.DONE, page.object_uuid, URL)
    (request,) = asked
    assert (request.method, request.url.path) == ("POST", "/rest-api/kris/messages")
    assert request.headers["idempotency-key"] == "RV-2026-0031/1:region_web:sv:2"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"kris:hemligtPASSWORD").decode()
    assert json.loads(request.content) == {
        "contract": CONTRACT,
        "object": page.object_uuid,
        "id": "RV-2026-0031",
        "mark": "RV-2026-0031/1",
        "revision": 2,
        "status": "actual",
        "language": "sv",
        "title": "Det går inte att ringa 1177 i Värmland",
        "leadHtml": "<p>Är någon i livsfara? Ring 112 &amp; vänta.<br>Läs råd på &lt;1177.se&gt;.</p>",
        "bodyHtml": "<p>Region Värmland, 14 mars 2026 kl. 02.40. Nummer RV-2026-0031/1.</p>",
        "startsAt": "2026-03-14T01:40:00.000Z",
        "expiresAt": "2026-03-14T06:00:00.000Z",
    }


def test_every_field_that_is_sent_or_read_stands_in_the_published_contract(app: Ask, page: Post) -> None:
    """A web team builds from the page alone."""
    asked: list[httpx.Request] = []
    app(httpx.Response(201, json=stored(page)), Step.PUT, page, asked)
    shown = json.loads(re.search(r"^\{.*?\}$", PAGE, re.MULTILINE | re.DOTALL)[0])  # type: ignore[index]
    assert set(json.loads(asked[0].content)) == set(shown)
    assert [name for name in stored(page) if f"`{name}`" not in PAGE and f'"{name}"' not in PAGE] == []


def test_a_drill_says_of_itself_that_it_is_one(app: Ask, page: Post) -> None:
    asked: list[httpx.Request] = []
    app(httpx.Response(201, json=stored(page)), Step.PUT, replace(page, mode="drill"), asked)
    assert json.loads(asked[0].content)["status"] == "exercise"


@pytest.mark.parametrize(
    ("changed", "proves"),
    [
        ({}, True),
        ({"object": "00000000-0000-5000-8000-000000000001"}, False),
        ({"object": 5}, False),
        ({"revision": 1}, False),
        ({"revision": "2"}, False),
        ({"revision": True}, False),
        ({"error": "no"}, False),
        ({"url": None}, True),
    ],
)
def test_only_our_name_with_our_revision_proves_that_it_is_public(
    app: Ask, page: Post, changed: dict[str, Any], proves: bool
) -> None:
    found = app(httpx.Response(200, json=stored(page, **changed)), Step.PUT, page)
    assert found.fact is (Fact.DONE if proves else Fact.UNCERTAIN)


def test_an_address_that_people_cannot_follow_is_left_out(app: Ask, page: Post) -> None:
    found = app(httpx.Response(200, json=stored(page, url="http://intern/1")), Step.PUT, page)
    assert (found.fact, found.url) == (Fact.DONE, None)


@pytest.mark.parametrize("step", [Step.PUT, Step.WITHDRAW])
def test_an_older_revision_is_stale(app: Ask, page: Post, step: Step) -> None:
    found = app(httpx.Response(409, json={"contract": 1, "revision": 4}), step, page)
    assert (found.fact, found.reason) == (Fact.REFUSED, Reason.STALE)


def test_what_the_app_cannot_publish_goes_to_a_person(app: Ask, page: Post) -> None:
    found = app(httpx.Response(422, json={"contract": 1, "errors": ["title"]}), Step.PUT, page)
    assert (found.fact, found.reason, found.wait_s) == (Fact.REFUSED, Reason.CONTENT, None)


def test_a_look_compares_what_stands_there(app: Ask, page: Post) -> None:
    """Ours, somebody else's words, a newer revision, a page that nobody can see: each is told apart."""

    def look(**changed: Any) -> Any:
        return app(httpx.Response(200, json=stored(page, **changed)), Step.LOOK, page)

    assert (look().fact, look().words, look().public) == (Fact.DONE, page.words, True)
    assert look(title="Annat").reason is Reason.OTHER_WORDS
    assert look(revision=3).reason is Reason.STALE
    assert look(published=False).public is False
    assert look(published="yes").fact is Fact.UNCERTAIN
    assert look(object="00000000-0000-5000-8000-000000000001").fact is Fact.UNCERTAIN


@pytest.mark.parametrize(
    ("body", "fact"),
    [
        ({"contract": 1}, {Step.LOOK: Fact.ABSENT, Step.WITHDRAW: Fact.DONE, Step.PUT: Fact.REFUSED}),
        ({}, {Step.LOOK: Fact.REFUSED, Step.WITHDRAW: Fact.REFUSED, Step.PUT: Fact.REFUSED}),
        ({"contract": 2}, {Step.LOOK: Fact.REFUSED, Step.WITHDRAW: Fact.REFUSED, Step.PUT: Fact.REFUSED}),
    ],
)
def test_only_the_apps_own_404_says_that_there_is_no_page(
    app: Ask, page: Post, body: dict[str, Any], fact: dict[Step, Fact]
) -> None:
    """A website from which the app was removed answers 404 too: that is no proof that our page is not there."""
    assert {step: app(httpx.Response(404, json=body), step, page).fact for step in fact} == fact


def test_taking_down_names_the_revision(app: Ask, page: Post) -> None:
    asked: list[httpx.Request] = []
    assert app(httpx.Response(204), Step.WITHDRAW, page, asked).fact is Fact.DONE
    where = f"https://www.region.example/rest-api/kris/messages/{page.object_uuid}?revision=2"
    assert (asked[0].method, str(asked[0].url)) == ("DELETE", where)


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (httpx.Response(200, json={"contract": 1}), "green", ""),
        (httpx.Response(200, json={"contract": 2}), "red", "har version 2 av gränssnittet, och vi har version 1"),
        (httpx.Response(200, html="<html>Nyheter"), "red", "något annat än vår app"),
        (httpx.Response(404, html="<html>"), "red", "något annat än vår app"),
        (httpx.Response(401), "red", "godtar inte vårt namn och lösenord"),
        (httpx.Response(403), "red", "godtar inte vårt namn och lösenord"),
        (httpx.Response(429), "amber", "tar inte emot något just nu"),
        (httpx.Response(503), "red", "går inte att nå"),
    ],
)
def test_a_wrong_address_is_never_green(app: Ask, page: Post, answer: httpx.Response, state: str, said: str) -> None:
    """Most websites answer something under any address."""
    found = app(answer, None, page)
    assert found.state == state
    assert said in " ".join(found.problems)
