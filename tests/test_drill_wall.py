"""
The wall between drill and live (promise 7), attacked from every side somebody might come from.

Each test is one way to get a drill out to the public, and says what happens instead. Behind most of them stands
everything real: the service, its worker, the channels with their secrets, and imitations over real HTTP that count
what reaches them.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest
from engine import Engine, make_engine
from fakes import Fake, worker_for
from machine import Machine
from service import SECRETS, Clock, Service, ServiceMaker, settings_for
from sqlalchemy import update
from visitor import Visitor

from broadcaster.channels import Channel, Fact, Post, Reason, Step
from broadcaster.channels._drill_wall import Walled, require_imitation, within
from broadcaster.channels._http import over_network
from broadcaster.channels.facebook import Facebook
from broadcaster.channels.opening import open_channels, open_drill_channels
from broadcaster.errors import Unfit
from broadcaster.sandbox import Sandbox
from broadcaster.settings import required_secret
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import incident as incident_table
from broadcaster.tables import message as message_table

NOTICE = ["1177_notice"]
AT = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
DRILL = Post(
    object_uuid="7f0b6f0e-6b0a-5d2a-9a39-0f4f6f1f2a11",
    incident="OVN-RE-2026-0001",
    mark="OVN-RE-2026-0001/1",
    language="sv",
    revision=1,
    words="ÖVNING\n\nDet går inte att ringa 1177.",
    mode="drill",
    starts_at=AT,
    expires_at=None,
)
FIRST_STEP = {"draft": Step.DRAFT, "post": Step.POST, "upsert": Step.PUT}


def drilled(service: Service, **more: Any) -> dict[str, Any]:
    """Send a drill as anna."""
    body = {**service.body(**more), "mode": "drill"}
    return service.parts.broadcasts.send(body, service.anna, f"drill-{more}").json


def reached(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Return every request that changes something and reached these imitations; asking for a token changes nothing."""
    items: list[dict[str, Any]] = httpx.get(f"{sandbox.url}/_log", trust_env=False).json()["items"]
    return [one for one in items if one["method"] != "GET" and "connect/token" not in one["path"]]


def secret_of(name: str, imitation: bool) -> str:
    return required_secret(name, imitation=imitation, environ=SECRETS)


def answers(channels: dict[str, Channel], post: Post) -> dict[str, tuple[Fact, Reason]]:
    """Let every automatic channel take its first step with `post`, and close all of them."""

    async def work() -> dict[str, tuple[Fact, Reason]]:
        found = {}
        for key, channel in channels.items():
            if channel.way in FIRST_STEP:
                own = replace(post, object_uuid=str(uuid5(NAMESPACE_URL, key)))
                got = await channel.call(FIRST_STEP[channel.way], own, 5)
                found[key] = (got.fact, got.reason)
            await channel.close()
        return found

    return asyncio.run(work())


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    made = make_engine(tmp_path, clock)
    yield made
    made.parts.store.close()


def worked(engine: Engine, **more: Any) -> None:
    async def work() -> None:
        worker = worker_for(engine, **more)
        await worker.run_once()
        await worker.drain()

    asyncio.run(work())


class TestByTheFrontDoor:
    """Whoever asks for it politely is refused where messages are accepted."""

    def test_a_drill_key_that_asks_for_live_is_told_what_it_is(self, service: Service) -> None:
        """403, in words that say what happened, what it means and what to do; nothing is begun."""
        machine = Machine(service, "read", "propose", "send", mode="drill", name="vaxel")
        got = machine.send(service.body())
        assert got.status_code == 403
        for said in ("övningsnyckel", "Inget har skickats", "skarp nyckel"):
            assert said in got.json["detail"]
        assert service.parts.board.incidents()["items"] == []

    def test_a_drill_key_can_do_nothing_to_a_live_message(self, service: Service) -> None:
        """Not update it, recall it, try it again or acknowledge it; and a drill is never continued as a live one."""
        live = service.send()
        machine = Machine(service, "read", "propose", "send", mode="drill", name="vaxel")
        here = f"messages/{live['id']}"
        for path, body in (
            (f"/{here}/recall", {"reason": "x"}),
            (f"/{here}/deliveries/facebook/sv/retry", {}),
            (f"/{here}/deliveries/facebook/sv/acknowledge", {"url": "https://example.org/"}),
            ("/messages", service.body("update", live["incident"])),
        ):
            assert machine.post(path, body, **{"Idempotency-Key": path[-30:]}).status_code == 403, path
        drill = drilled(service)
        assert machine.send(service.body("update", drill["incident"])).status_code == 403
        person = Machine(service, "read", "send", name="skarp")
        assert person.send(service.body("update", drill["incident"])).status_code == 422

    def test_the_public_pages_asked_for_a_drill_know_of_none(self, service: Service) -> None:
        """Not its page, not a feed, not the front page; its own page wants a signed-in person."""
        drill = drilled(service)
        service.pay()
        assert service.states(drill["id"])["own_web", "sv"] == "published"
        stranger = Visitor(service)
        assert stranger.open(f"/m/{drill['incident']}").status == 404
        for address in ("/", "/feed.atom"):
            page = stranger.open(address)
            assert page.status == 200
            assert drill["incident"] not in page.html and "ÖVNING" not in page.html, address
        assert stranger.open(f"/desk/drills/{drill['incident']}").address.startswith("/login")


class TestByTheDatabase:
    """Whoever can write rows still gets nothing out: where a delivery is claimed, everything is proved again."""

    @pytest.mark.parametrize(
        "turned",
        [
            {"delivery": {"mode": "live"}},
            {"incident": {"mode": "live"}},
            {"delivery": {"mode": "live"}, "incident": {"mode": "live"}},
            {"delivery": {"mode": "live"}, "incident": {"mode": "live", "ref": "RE-2026-0001"}},
        ],
        ids=["the delivery", "the incident", "both", "both, and its number too"],
    )
    def test_a_drill_turned_live_in_rows_reaches_nobody_and_a_person_is_told(
        self, service: Service, turned: dict[str, dict[str, str]]
    ) -> None:
        """The task says that the words are not the approved ones, and that the administrator should be called."""
        drill = drilled(service)
        tables = {"delivery": delivery_table, "incident": incident_table}
        with service.parts.store.transaction() as transaction:
            for name, values in turned.items():
                transaction.execute(update(tables[name]).values(**values))
        service.pay()
        assert reached(service.sandbox) == []
        found = service.delivery(drill["id"], "facebook")
        assert (found["state"], found["error"]["reason"]) == ("needs_person", "forged")

    def test_words_that_no_longer_say_drill_are_stopped_too(self, service: Service) -> None:
        """All rows turned at once, and the words themselves: they do not come out of what two people approved."""
        drill = drilled(service)
        with service.parts.store.transaction() as transaction:
            transaction.execute(update(delivery_table).values(mode="live", words="Det går inte att ringa 1177."))
            transaction.execute(update(incident_table).values(mode="live", ref="RE-2026-0001"))
            transaction.execute(update(message_table).values(number=1))
        service.pay()
        assert reached(service.sandbox) == []
        assert service.state(drill["id"], "facebook") == "needs_person"

    def test_a_withdrawal_of_a_drill_turned_live_takes_nothing_down(self, engine: Engine) -> None:
        """It says nothing, so its words prove nothing: the series of its number gives it away."""
        sent = engine.send(channels=NOTICE, mode="drill")
        live, imitation = Fake(), Fake()
        worked(engine, live={"1177_notice": live}, drill={"1177_notice": imitation})
        engine.parts.broadcasts.recall(sent["id"], {"reason": "slut"}, engine.anna)
        with engine.parts.store.transaction() as transaction:
            transaction.execute(update(delivery_table).values(mode="live"))
            transaction.execute(update(incident_table).values(mode="live"))
        worked(engine, live={"1177_notice": live}, drill={"1177_notice": imitation})
        assert live.calls == []
        assert engine.row("1177_notice")["error"]["reason"] == "forged"


class TestByTheSettings:
    """Whoever can change where a drill goes gets no worker at all."""

    @pytest.mark.parametrize(
        "url", ["https://graph.facebook.com", "http://127.0.0.1.evil.example", "http://localhost:8001", "http://10.1.1.1"]
    )
    def test_an_imitation_at_an_address_of_the_world_stops_the_start(self, url: str, tmp_path: Path) -> None:
        """Also `localhost`: a name leads wherever a file says."""
        with pytest.raises(Unfit, match="a drill reaches only an imitation on this machine"):
            open_drill_channels(settings_for(tmp_path, "https://cms.example"), url)
        with pytest.raises(Unfit):
            require_imitation(url)

    def test_live_addresses_in_the_settings_are_not_where_a_drill_goes(self, tmp_path: Path) -> None:
        """The settings name the world; every request of the drill comes to the imitation all the same."""
        settings = settings_for(tmp_path, "https://outside.example")
        with Sandbox() as imitation:
            found = answers(open_drill_channels(settings, imitation.url), DRILL)
            assert {fact for fact, _ in found.values()} == {Fact.DONE}
            assert len(reached(imitation)) == len(found) == 4


class TestByTheWorker:
    """Whoever puts the tables of channels together wrongly finds that a channel knows what it was opened for."""

    def test_without_a_table_for_drills_a_drill_stays_here(self, engine: Engine) -> None:
        """It becomes a person's task; the live channel is not asked."""
        live = Fake()
        engine.send(channels=NOTICE, mode="drill")
        worked(engine, live={"1177_notice": live})
        assert live.calls == []
        assert engine.row("1177_notice")["state"] == "needs_person"

    def test_a_live_table_in_the_drills_place_refuses_every_drill(self, engine: Engine) -> None:
        """The words go nowhere, and the board says that they are not what they should be."""
        live = Fake()
        engine.send(channels=NOTICE, mode="drill")
        table = {"1177_notice": Walled(live, "live")}
        worked(engine, live=table, drill=table)
        assert live.calls == []
        row = engine.row("1177_notice")
        assert (row["state"], row["error"]["reason"]) == ("needs_person", "forged")
        assert "a drill post came to a channel of mode live" in row["error"]["detail"]

    def test_live_words_do_not_vanish_into_an_imitation_either(self, engine: Engine) -> None:
        """A receipt from an imitation would be a lie to everybody who waits for the message."""
        imitation = Fake()
        engine.send(channels=NOTICE)
        worked(engine, live={"1177_notice": Walled(imitation, "drill")})
        assert imitation.calls == []
        assert engine.row("1177_notice")["state"] == "needs_person"

    def test_every_live_channel_refuses_a_drill_before_it_asks_anybody(self, tmp_path: Path) -> None:
        """Opened as the worker opens them, with real secrets: not even a token is asked for."""
        with Sandbox() as world:
            live = open_channels(settings_for(tmp_path, world.url), secret_of)
            found = answers(live, DRILL)
            assert set(found.values()) == {(Fact.REFUSED, Reason.FORGED)}
            assert set(found) == {"facebook", "1177_notice", "1177_article", "1177_phone"}
            assert httpx.get(f"{world.url}/_log", trust_env=False).json()["items"] == []


class TestByTheAdapter:
    """Whoever builds a drill's adapter with a live address or secret finds no way out for it."""

    def test_a_drill_never_sees_a_live_secret(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The live secrets lie in the environment; nothing that leaves the drill has any of them."""
        for name in SECRETS:
            monkeypatch.setenv(name, "LIVESECRET" * 4)
        asked: list[str] = []

        def keep(request: httpx.Request) -> httpx.Response:
            asked.append(f"{request.url} {request.headers} {request.content!r}")
            return httpx.Response(200, json={"access_token": "eyJ", "expires_in": 3600})

        settings = settings_for(tmp_path, "https://outside.example")
        drill = open_drill_channels(settings, "http://127.0.0.1:9", connect=lambda: httpx.MockTransport(keep))
        answers(drill, DRILL)
        assert len(asked) > 3
        assert "LIVESECRET" not in " ".join(asked)

    def test_an_adapter_with_an_address_of_the_world_is_held_back(self, tmp_path: Path) -> None:
        """Whatever a kind of channel does inside: its way out leads to the imitation and to nothing else."""
        with Sandbox() as imitation, Sandbox() as world:
            page: Any = settings_for(tmp_path, world.url).channels["facebook"]
            way_out = within(over_network(), imitation.url)
            stray = Facebook("facebook", page, "PAGETOK", "s3cr3t", connect=way_out)
            assert answers({"facebook": Walled(stray, "drill")}, DRILL) == {
                "facebook": (Fact.NOT_SENT, Reason.NETWORK)
            }
            assert httpx.get(f"{world.url}/_log", trust_env=False).json()["items"] == []

    def test_a_live_adapter_in_a_drills_wall_speaks_to_nobody(self, tmp_path: Path) -> None:
        """Built by hand with live address and token, it still refuses live words, and drill words stay drill words."""
        page: Any = settings_for(tmp_path, "https://outside.example").channels["facebook"]
        live = Facebook("facebook", page, "LIVE" * 9, "SECRET" * 6)
        assert answers({"facebook": Walled(live, "drill")}, replace(DRILL, mode="live")) == {
            "facebook": (Fact.REFUSED, Reason.FORGED)
        }


class TestByTheEnvironment:
    """Whoever sets a proxy for the process catches nothing."""

    def test_a_proxy_in_the_environment_is_not_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither for a drill nor for what is live; the imitation is reached directly."""
        with spying() as spy, Sandbox() as imitation:
            for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
                monkeypatch.setenv(name, spy.address)
            monkeypatch.setenv("NO_PROXY", "")
            monkeypatch.setenv("no_proxy", "")
            settings = settings_for(tmp_path, "https://outside.example")
            found = answers(open_drill_channels(settings, imitation.url), DRILL)
            assert {fact for fact, _ in found.values()} == {Fact.DONE}
            assert spy.seen == []


class _Spy(ThreadingHTTPServer):
    """A proxy that writes down what it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.seen: list[str] = []
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class _Asked(BaseHTTPRequestHandler):
    server: _Spy

    def handle_one_request(self) -> None:
        self.server.seen.append(str(self.rfile.readline(65537)))
        self.close_connection = True


@contextmanager
def spying() -> Iterator[_Spy]:
    """Run a proxy that nobody should ask."""
    spy = _Spy()
    thread = threading.Thread(target=spy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield spy
    finally:
        spy.shutdown()
        spy.server_close()
        thread.join(5)


class TestByHand:
    """Whoever is given a task in a drill is not led to the place where the real words go."""

    def test_a_drills_task_says_to_paste_it_nowhere_and_has_no_way_there(self, make_service: ServiceMaker) -> None:
        """The editor's address stands on the task when it is live, and not when it is a drill."""
        place = "https://redaktion.example/1177"
        service = make_service(
            channels={
                "own_web": {"kind": "own_web"},
                "1177_notice": {"kind": "manual", "assignee": "redaktör i beredskap", "place": place},
            }
        )
        service.add_person("anna", "sender")
        browser = Visitor(service)
        browser.sign_in("anna")
        drill, live = drilled(service), service.send()
        page = browser.open(f"/desk/incidents/{drill['incident']}")
        assert place not in page.html
        assert "Klistra inte in den någonstans: det här är en övning." in page.line
        page = browser.open(f"/desk/incidents/{live['incident']}")
        assert place in page.html and "Klistra inte in den" not in page.line
