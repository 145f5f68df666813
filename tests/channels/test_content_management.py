"""A page on 1177.se: put whole, read back as a reader sees it, taken down by ending its time."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from broadcaster.channels import Fact, Post, Reason, Step

GUID = "7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a11"
PATH = "/api/episerver/v3.0/contentmanagement"


class Cms:
    """Gives tokens and answers the rest with one response after the other; keeps what was asked."""

    def __init__(self, *answers: httpx.Response, token: httpx.Response | None = None) -> None:
        self.answers, self.token = list(answers), token
        self.asked, self.tokens = list[httpx.Request](), list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/episerver/connect/token":
            self.tokens.append(request)
            given = {"access_token": f"eyJ{len(self.tokens)}", "token_type": "Bearer", "expires_in": 3600}
            return self.token or httpx.Response(200, json=given)
        self.asked.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def bearers(self) -> list[str]:
        """The tokens the calls came with."""
        return [request.headers["authorization"] for request in self.asked]


def stored(heading: str = "Det går inte", body: str = "<p>Ring 112.</p>", **more: Any) -> httpx.Response:
    """Return a page as the API reads it back."""
    content = {
        "contentLink": {"id": 5, "guidValue": GUID},
        "status": "Published",
        "startPublish": "2026-03-14T01:00:00Z",
        "stopPublish": None,
        "heading": {"value": heading},
        "mainBody": {"value": body},
        "url": "https://www.1177.se/notis",
    }
    return httpx.Response(200, json={**content, **more})


@pytest.fixture
def notice(post: Post) -> Post:
    """A message with a heading and one paragraph."""
    return replace(post, words="Det går inte\n\nRing 112.", remote_id=None)


def test_a_put_carries_everything(build: Any, ask: Any, post: Post) -> None:
    """The last writer wins there, so every put is the whole page under our own id."""
    cms = Cms(stored())
    expires = datetime(2026, 3, 14, 20, 15, tzinfo=UTC)
    found = ask(build("cms", handler=cms), Step.PUT, replace(post, expires_at=expires))
    assert (found.fact, found.remote_id, found.url) == (Fact.DONE, GUID, "https://www.1177.se/notis")
    request = cms.asked[0]
    assert (request.method, request.url.path) == ("PUT", f"{PATH}/{GUID}")
    heading = "Det går inte att ringa 1177 i Värmland"
    body = (
        "<p>Är någon i livsfara? Ring 112 &amp; vänta.<br>Läs råd på &lt;1177.se&gt;.</p>"
        "<p>Region Värmland, 14 mars 2026 kl. 02.40. Nummer RV-2026-0031/1.</p>"
    )
    assert json.loads(request.content) == {
        "contentLink": {"guidValue": GUID},
        "name": heading,
        "language": {"name": "sv"},
        "contentType": ["Page", "RegionalNoticePage"],
        "parentLink": {"id": 4711},
        "routeSegment": "telefoni-1177",
        "startPublish": "2026-03-14T01:40:00.000Z",
        "stopPublish": "2026-03-14T20:15:00.000Z",
        "status": "Published",
        "heading": {"value": heading},
        "mainBody": {"value": body},
        "isCrisis": {"value": True},
    }


def test_a_put_without_an_end_clears_an_older_one(build: Any, ask: Any, post: Post) -> None:
    """While the incident is open nothing expires silently; a long heading is a long name, cut where it must be."""
    cms = Cms(stored())
    ask(build("cms", handler=cms), Step.PUT, replace(post, words="R" * 300, slug=""))
    sent = json.loads(cms.asked[0].content)
    assert sent["stopPublish"] is None
    assert (len(sent["name"]), len(sent["heading"]["value"])) == (255, 300)
    assert sent["routeSegment"] == "rv-2026-0031-sv"


@pytest.mark.parametrize("guid", ["00000000-0000-0000-0000-000000000000", "", None])
@pytest.mark.parametrize("step", [Step.PUT, Step.LOOK])
def test_another_id_proves_nothing(step: Step, guid: str | None, build: Any, ask: Any, notice: Post) -> None:
    """An answer about another page is uncertain."""
    found = ask(build("cms", handler=Cms(stored(contentLink={"guidValue": guid}))), step, notice)
    assert found.fact is Fact.UNCERTAIN


def test_ids_are_the_same_in_any_spelling(build: Any, ask: Any, notice: Post) -> None:
    """Capitals and braces are how some versions write the same id."""
    found = ask(build("cms", handler=Cms(stored(contentLink={"guidValue": f"{{{GUID.upper()}}}"}))), Step.LOOK, notice)
    assert found.fact is Fact.DONE


def test_a_look_gives_our_words_exactly(build: Any, ask: Any, notice: Post) -> None:
    """Read in the message's language, shown as plain words, public, with its address."""
    cms = Cms(stored(body="<p>Ring 112.</p>\r\n"))
    found = ask(build("cms", handler=cms), Step.LOOK, notice)
    assert (found.fact, found.reason, found.words, found.public) == (Fact.DONE, Reason.NONE, notice.words, True)
    assert found.url == "https://www.1177.se/notis"
    assert cms.asked[0].headers["accept-language"] == "sv"


def test_a_look_at_plain_properties_is_the_same(build: Any, ask: Any, notice: Post) -> None:
    """Newer versions write properties without their wrapping."""
    found = ask(build("cms", handler=Cms(stored(heading="x", mainBody="<p>Ring 112.</p>"))), Step.LOOK, notice)
    assert found.words == "x\n\nRing 112."
    assert found.reason is Reason.OTHER_WORDS


@pytest.mark.parametrize(
    ("changed", "public"),
    [
        ({}, True),
        ({"status": "CheckedOut"}, False),
        ({"status": None}, False),
        ({"stopPublish": "2026-03-14T01:40:00Z"}, False),
        ({"stopPublish": "2026-03-14T01:40:01Z"}, True),
        ({"stopPublish": "2026-03-14T01:39:00"}, False),
        ({"startPublish": "2026-03-14T03:00:00Z"}, False),
        ({"startPublish": None}, True),
    ],
)
def test_public_is_published_begun_and_not_ended(
    changed: dict[str, Any], public: bool, build: Any, ask: Any, notice: Post
) -> None:
    """All three, by the clock of this call."""
    assert ask(build("cms", handler=Cms(stored(**changed))), Step.LOOK, notice).public is public


def test_a_page_that_is_not_there_is_certainly_absent(build: Any, ask: Any, notice: Post) -> None:
    """404 is the API's word for it; taking it down again is done."""
    missing = httpx.Response(404, json={"status": 404, "code": "NotFound"})
    look = ask(build("cms", handler=Cms(missing)), Step.LOOK, notice)
    assert (look.fact, look.reason) == (Fact.ABSENT, Reason.GONE)
    withdrawn = ask(build("cms", handler=Cms(missing)), Step.WITHDRAW, notice)
    assert (withdrawn.fact, withdrawn.reason) == (Fact.DONE, Reason.GONE)


def test_taking_down_ends_its_time_and_keeps_its_history(build: Any, ask: Any, notice: Post) -> None:
    """Nothing is deleted: what was said stays a public record."""
    cms = Cms(httpx.Response(204))
    found = ask(build("cms", handler=cms), Step.WITHDRAW, notice)
    assert found.fact is Fact.DONE
    assert (cms.asked[0].method, json.loads(cms.asked[0].content)) == (
        "PATCH",
        {"stopPublish": "2026-03-14T01:40:00.000Z"},
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"url": "/notis"}, "https://outside.example/notis"),
        ({"url": None, "routeSegment": "avbrott"}, "https://outside.example/avbrott"),
        ({"url": None}, "https://outside.example/telefoni-1177"),
        ({"url": "javascript:alert(1)"}, "https://outside.example/telefoni-1177"),
    ],
)
def test_there_is_always_an_address(given: Any, expected: str, build: Any, ask: Any, notice: Post) -> None:
    """The answer's own, or the page's place under the same name."""
    assert ask(build("cms", handler=Cms(stored(**given))), Step.PUT, notice).url == expected


class TestToken:
    """The key that opens the API for an hour."""

    def test_it_is_asked_for_once(self, build: Any, run: Any, notice: Post) -> None:
        """Several calls share one token, fetched with our id and secret in the form."""
        cms = Cms(stored())
        channel = build("cms", handler=cms)

        async def three() -> None:
            for _ in range(3):
                await channel.call(Step.PUT, notice, 5)

        run(channel, three)
        assert cms.bearers == ["Bearer eyJ1"] * 3
        form = {name: values[0] for name, values in parse_qs(cms.tokens[0].content.decode()).items()}
        assert form == {
            "grant_type": "client_credentials",
            "client_id": "kris",
            "client_secret": "CLIENTSECRET",
            "scope": "epi_content_management",
        }

    @pytest.mark.parametrize("expires_in", [30, 0, 29.5])
    def test_a_short_token_is_not_kept(self, expires_in: float, build: Any, run: Any, notice: Post) -> None:
        """Thirty seconds before its end a token counts as dead."""
        given = {"access_token": "x", "expires_in": expires_in}
        cms = Cms(stored(), token=httpx.Response(200, json=given))
        channel = build("cms", handler=cms)

        async def two() -> None:
            await channel.call(Step.PUT, notice, 5)
            await channel.call(Step.PUT, notice, 5)

        run(channel, two)
        assert len(cms.tokens) == 2

    def test_a_dead_token_is_replaced_once_and_the_call_repeated(self, build: Any, ask: Any, notice: Post) -> None:
        """401 says no before acting: with a new token the same call goes through."""
        cms = Cms(httpx.Response(401), stored())
        assert ask(build("cms", handler=cms), Step.PUT, notice).fact is Fact.DONE
        assert cms.bearers == ["Bearer eyJ1", "Bearer eyJ2"]

    def test_a_second_401_is_a_refusal(self, build: Any, ask: Any, notice: Post) -> None:
        """A new token that is refused too is a matter for a person."""
        cms = Cms(httpx.Response(401))
        found = ask(build("cms", handler=cms), Step.PUT, notice)
        assert (found.fact, found.reason) == (Fact.REFUSED, Reason.TOKEN)
        assert len(cms.asked) == 2

    @pytest.mark.parametrize(
        ("token", "fact", "reason"),
        [
            (httpx.Response(500), Fact.NOT_SENT, Reason.SERVER),
            (httpx.Response(302), Fact.NOT_SENT, Reason.SERVER),
            (httpx.Response(200, content=b"<html>"), Fact.NOT_SENT, Reason.SERVER),
            (httpx.Response(200, json={"access_token": ""}), Fact.NOT_SENT, Reason.SERVER),
            (httpx.Response(200, json={"access_token": "x", "expires_in": -1}), Fact.NOT_SENT, Reason.SERVER),
            (httpx.Response(400, json={"error": "invalid_client"}), Fact.REFUSED, Reason.TOKEN),
            (httpx.Response(401), Fact.REFUSED, Reason.TOKEN),
            (httpx.Response(403), Fact.REFUSED, Reason.PERMISSION),
            (httpx.Response(404), Fact.REFUSED, Reason.CONTENT),
            (httpx.Response(429, headers={"Retry-After": "9"}), Fact.REFUSED, Reason.RATE),
        ],
    )
    @pytest.mark.parametrize("step", [Step.PUT, Step.LOOK, Step.WITHDRAW])
    def test_without_a_token_no_words_were_sent(
        self, step: Step, token: httpx.Response, fact: Fact, reason: Reason, build: Any, ask: Any, notice: Post
    ) -> None:
        """Whatever went wrong there, the message certainly did not leave."""
        cms = Cms(stored(), token=token)
        found = ask(build("cms", handler=cms), step, notice)
        assert (found.fact, found.reason) == (fact, reason)
        assert cms.asked == []
        assert found.detail.endswith("no words were sent")
        assert found.wait_s == (9 if reason is Reason.RATE else None)

    def test_a_token_that_never_comes_means_not_sent(self, build: Any, ask: Any, notice: Post) -> None:
        """A broken line to the token address is no doubt about the message."""

        def broken(request: httpx.Request) -> httpx.Response:
            raise httpx.ReadTimeout("slow")

        assert ask(build("cms", handler=broken), Step.PUT, notice).fact is Fact.NOT_SENT


class TestPreflight:
    """What an editor is told before it matters."""

    @pytest.mark.parametrize(
        ("cms", "state"),
        [
            (Cms(httpx.Response(200, json={})), "green"),
            (Cms(httpx.Response(404)), "green"),
            (Cms(httpx.Response(403)), "red"),
            (Cms(httpx.Response(401)), "red"),
            (Cms(httpx.Response(500)), "red"),
            (Cms(httpx.Response(429)), "amber"),
            (Cms(stored(), token=httpx.Response(400)), "red"),
            (Cms(stored(), token=httpx.Response(404)), "red"),
            (Cms(stored(), token=httpx.Response(503)), "red"),
        ],
    )
    def test_states(self, cms: Cms, state: str, build: Any, run: Any) -> None:
        """Green where a put would be taken, as far as one can know without putting."""
        channel = build("cms", handler=cms)
        assert run(channel, channel.preflight).state == state


def test_times_leave_in_utc_whatever_zone_they_came_in(build: Any, ask: Any, notice: Post) -> None:
    """02.40 in Karlstad is 01.40 in the world."""
    cms = Cms(stored())
    swedish = notice.starts_at.astimezone(timezone(timedelta(hours=1)))
    ask(build("cms", handler=cms), Step.PUT, replace(notice, starts_at=swedish))
    assert json.loads(cms.asked[0].content)["startPublish"] == "2026-03-14T01:40:00.000Z"
