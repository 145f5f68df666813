"""Opening the channels: live ones with their secrets, drill ones with nothing that could reach the world."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from broadcaster.channels import Channel, Fact, Post, Step
from broadcaster.channels.opening import (
    drill_part,
    from_environment,
    imitations,
    open_channels,
    open_drill,
    open_drill_channels,
    secret_names,
)
from broadcaster.errors import Unfit
from broadcaster.kinds import INSTALLED, Kind, Tools
from broadcaster.settings import Settings

LIVE: dict[str, Any] = {
    "own_web": {"kind": "own_web"},
    "facebook": {"kind": "facebook", "page_id": "555111", "app_id": "99", "protocol": "post"},
    "1177_notice": {"kind": "content_management", "base_url": "https://cms.example", "parent": "4711"},
    "1177_article": {"kind": "content_management", "base_url": "https://cms.example", "parent": "4712"},
    "1177_phone": {"kind": "phone_gateway", "base_url": "https://pbx-gateway.example"},
    "p4": {"kind": "manual", "assignee": "redaktör i beredskap"},
}
WAYS = {
    "own_web": "row",
    "facebook": "post",
    "1177_notice": "upsert",
    "1177_article": "upsert",
    "1177_phone": "upsert",
    "p4": "person",
}
STEPS = {"post": Step.POST, "upsert": Step.PUT}


def configured(**channels: Any) -> Settings:
    """Return settings with these channels, the live ones if none are named."""
    organisation = {"name": "Region Värmland", "short": "RV", "county": "17", "base_url": "https://kris.example"}
    return Settings.model_validate({"folder": Path("/"), "organisation": organisation, "channels": channels or LIVE})


class Safe:
    """A safe that remembers which secrets were asked for, and whether for an imitation."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, name: str, imitation: bool) -> str:
        self.asked.append((name, imitation))
        return f"live-{name.lower()}"


def spoken_to(channels: dict[str, Channel], post: Post) -> None:
    """Let every automatic channel try to send once, and close all of them."""

    async def work() -> None:
        for channel in channels.values():
            if channel.way in STEPS:
                found = await channel.call(STEPS[channel.way], post, 5)
                assert found.fact is not Fact.DONE
        for channel in channels.values():
            await channel.close()

    asyncio.run(work())


def closed(channels: dict[str, Channel]) -> None:
    """Give every connection back."""

    async def work() -> None:
        for channel in channels.values():
            await channel.close()

    asyncio.run(work())


def refusing(asked: list[httpx.Request]) -> Callable[[], httpx.AsyncBaseTransport]:
    """Return a way out that keeps what was asked and says no."""

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path.endswith("/connect/token"):
            return httpx.Response(200, json={"access_token": "eyJ", "expires_in": 3600})
        return httpx.Response(400)

    return lambda: httpx.MockTransport(handle)


def test_every_configured_channel_is_opened_with_its_own_secrets(post: Post) -> None:
    """All keys, each with its way and kind; only the secrets that are needed are asked for, as live ones."""
    safe, asked = Safe(), list[httpx.Request]()
    channels = open_channels(configured(), safe, connect=refusing(asked))
    assert {key: channel.way for key, channel in channels.items()} == WAYS
    assert {key: channel.kind for key, channel in channels.items()} == {key: one["kind"] for key, one in LIVE.items()}
    assert set(safe.asked) == {
        ("BROADCASTER_FACEBOOK_TOKEN", False),
        ("BROADCASTER_FACEBOOK_APP_SECRET", False),
        ("BROADCASTER_1177_CLIENT_ID", False),
        ("BROADCASTER_1177_CLIENT_SECRET", False),
        ("BROADCASTER_1177_PHONE_TOKEN", False),
    }
    spoken_to(channels, post)
    assert {request.url.host for request in asked} == {"graph.facebook.com", "cms.example", "pbx-gateway.example"}


def test_a_manual_region_needs_no_secret() -> None:
    """A region that starts by hand is not asked for keys it does not have."""
    safe = Safe()
    channels = open_channels(configured(p4=LIVE["p4"], own_web=LIVE["own_web"]), safe)
    closed(channels)
    assert (list(channels), safe.asked) == (["p4", "own_web"], [])


def test_an_imitation_on_loopback_may_have_the_published_tokens() -> None:
    """The demo runs against loopback, and only there the safe is told so."""
    safe = Safe()
    page = {**LIVE["facebook"], "base_url": "http://127.0.0.1:8001/graph"}
    closed(open_channels(configured(facebook=page), safe))
    assert {imitation for _, imitation in safe.asked} == {True}


def test_a_missing_secret_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts the service reads which secret is missing; a published token is none."""
    monkeypatch.delenv("BROADCASTER_FACEBOOK_TOKEN", raising=False)
    monkeypatch.delenv("BROADCASTER_FACEBOOK_TOKEN_FILE", raising=False)
    with pytest.raises(Unfit, match="BROADCASTER_FACEBOOK_TOKEN is missing"):
        open_channels(configured(facebook=LIVE["facebook"]))
    monkeypatch.setenv("BROADCASTER_FACEBOOK_TOKEN", "PAGETOK")
    with pytest.raises(Unfit, match="imitation's published token"):
        from_environment("BROADCASTER_FACEBOOK_TOKEN", False)
    assert from_environment("BROADCASTER_FACEBOOK_TOKEN", True) == "PAGETOK"


class TestDrill:
    """Drill as you fight: the same keys, the same code, and no way to the world."""

    def test_the_same_keys_and_ways(self) -> None:
        """A drill looks like the live board, channel for channel."""
        channels = open_drill_channels(configured(), "http://127.0.0.1:8001/")
        closed(channels)
        assert {key: channel.way for key, channel in channels.items()} == WAYS

    def test_no_live_address_id_or_secret_is_used(self, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
        """Everything that leaves goes to the imitation, with the imitation's own tokens."""
        for name in (
            "FACEBOOK_TOKEN",
            "FACEBOOK_APP_SECRET",
            "1177_CLIENT_ID",
            "1177_CLIENT_SECRET",
            "1177_PHONE_TOKEN",
        ):
            monkeypatch.setenv(f"BROADCASTER_{name}", "LIVESECRET" * 4)
        asked: list[httpx.Request] = []
        drilled = replace(post, mode="drill")
        spoken_to(open_drill_channels(configured(), "http://127.0.0.1:8001", connect=refusing(asked)), drilled)
        assert {(request.url.host, request.url.port) for request in asked} == {("127.0.0.1", 8001)}
        assert {request.url.path.split("/")[1] for request in asked} == {"graph", "cms", "phone"}
        everything = " ".join(f"{request.url} {request.headers} {request.content!r}" for request in asked)
        for live in ("LIVESECRET", "555111", "graph.facebook.com", "cms.example", "pbx-gateway"):
            assert live not in everything

    def test_every_channel_reaches_the_imitation(self, sandbox: Any, post: Post, state: Any, now: datetime) -> None:
        """A drill publishes everywhere, to nobody."""
        drilled = replace(post, mode="drill")
        channels = open_drill_channels(configured(), sandbox.url, clock=lambda: now)
        other = replace(drilled, object_uuid="00000000-0000-5000-8000-000000000001")

        async def work() -> None:
            for key, channel in channels.items():
                if channel.way in STEPS:
                    words = other if key == "1177_article" else drilled
                    assert (await channel.call(STEPS[channel.way], words, 5)).fact is Fact.DONE, key
                assert (await channel.preflight()).state == "green", key
            for channel in channels.values():
                await channel.close()

        asyncio.run(work())
        found = state()
        assert len(found["facebook"]["published"]) == 1
        assert (len(found["cms"]), len(found["phone"])) == (2, 1)

    @pytest.mark.parametrize(
        "url",
        [
            "https://graph.facebook.com",
            "http://graph.facebook.com",
            "https://127.0.0.1:8001",
            "http://127.0.0.1@evil.example",
            "http://evil.example#127.0.0.1",
            "http://127.0.0.1.evil.example",
            "http://10.0.0.1",
            "http://0.0.0.0:8001",
            "http://localhost:8001",
            "ftp://127.0.0.1",
            "127.0.0.1:8001",
            "//127.0.0.1",
            "",
        ],
    )
    def test_anything_but_loopback_over_http_is_refused(self, url: str) -> None:
        """A drill that could reach the world does not start."""
        with pytest.raises(Unfit, match="imitation on this machine"):
            open_drill_channels(configured(), url)


def example(keeps: frozenset[str] = frozenset(), **changed: Any) -> Kind:
    """Return a kind as another package would bring it: a site under our own name, which it is not."""
    site = INSTALLED.named("restapp")
    return replace(site, keeps=keeps, **changed)


SITE = {"kind": "restapp", "base_url": "https://www.region.example/rest-api/kris", "user": "live@region.example"}


class TestAnotherKindOfTheRegionsOwn:
    """What another package brings is opened by the same rules as what is ours."""

    def test_each_channel_has_a_secret_of_its_own(self) -> None:
        """Website and intranet are two places with two passwords."""
        safe = Safe()
        intranet = {**SITE, "base_url": "http://127.0.0.1:8001/restapp"}
        closed(open_channels(configured(region_web=SITE, intranet=intranet), safe))
        assert safe.asked == [
            ("BROADCASTER_REGION_WEB_PASSWORD", False),
            ("BROADCASTER_INTRANET_PASSWORD", True),
        ]

    def test_the_web_process_is_told_which_secrets_are_none_of_its_business(self) -> None:
        assert secret_names(configured(region_web=SITE, p4=LIVE["p4"])) == {"BROADCASTER_REGION_WEB_PASSWORD"}
        assert len(secret_names(configured())) == 5

    def test_an_imitations_password_opens_nothing_live(self) -> None:
        with pytest.raises(Unfit, match="BROADCASTER_REGION_WEB_PASSWORD is an imitation's published token"):
            open_channels(configured(region_web=SITE), lambda name, imitation: "RESTPASS")

    def test_a_drill_takes_over_nothing_live_unless_the_kind_says_so(self) -> None:
        """Neither the address nor the name we have there: a drill is made of the imitation and nothing else."""
        part = configured(region_web=SITE).channels["region_web"]
        drilled = drill_part(INSTALLED.named("restapp"), part, "http://127.0.0.1:8001")
        assert drilled.model_dump() == {
            "kind": "restapp",
            "base_url": "http://127.0.0.1:8001/restapp",
            "user": "kris",
        }

    def test_a_kind_that_would_keep_an_address_cannot_be_drilled(self) -> None:
        part = configured(region_web=SITE).channels["region_web"]
        with pytest.raises(Unfit, match="what it keeps in a drill is an address"):
            drill_part(example(frozenset({"user"}), drill={}), part, "http://127.0.0.1:8001")

    def test_a_kind_whose_drill_makes_no_settings_says_so(self) -> None:
        part = configured(region_web=SITE).channels["region_web"]
        with pytest.raises(Unfit, match=r"(?s)its drill has no whole settings.*user"):
            drill_part(example(drill={}), part, "http://127.0.0.1:8001")

    def test_a_secret_that_the_kind_does_not_name_is_not_given(self) -> None:
        """So no kind can read the secrets of another channel."""

        def curious(key: str, part: Any, tools: Tools) -> Channel:
            tools.secret("BROADCASTER_FACEBOOK_TOKEN")
            raise AssertionError("it was given")

        part = configured(region_web=SITE).channels["region_web"]
        with pytest.raises(Unfit, match="asks for the secret BROADCASTER_FACEBOOK_TOKEN, which it does not name"):
            open_drill(example(open=curious), "region_web", part, "http://127.0.0.1:8001", connect=refusing([]))

    def test_one_that_breaks_while_it_is_opened_is_named(self) -> None:
        def broken(key: str, part: Any, tools: Tools) -> Channel:
            raise ZeroDivisionError("by zero")

        part = configured(region_web=SITE).channels["region_web"]
        with pytest.raises(Unfit, match="channel region_web: its kind 'restapp' cannot be opened: ZeroDivisionError"):
            open_drill(example(open=broken), "region_web", part, "http://127.0.0.1:8001", connect=refusing([]))

    def test_one_that_opens_something_else_than_it_says_is_not_used(self) -> None:
        """The way decides what may be repeated: a channel of another way would be asked twice."""
        part = configured(region_web=SITE).channels["region_web"]
        with pytest.raises(Unfit, match="opened something else than it says"):
            open_drill(example(way="post"), "region_web", part, "http://127.0.0.1:8001", connect=refusing([]))

    def test_imitations_of_ours_are_the_sandboxs_own(self) -> None:
        """Only what other packages bring has to be mounted."""
        assert imitations(configured(**LIVE, region_web=SITE)) == {}
