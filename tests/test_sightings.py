"""What was published is looked at from outside, and the board says what a citizen sees."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from engine import Engine, make_engine
from fakes import worker_for
from service import Clock, Service, ServiceMaker
from sqlalchemy import text
from visitor import Visitor

from broadcaster import sightings
from broadcaster.channels import Fact, Outcome, Step
from broadcaster.outside import Sight, Viewer, shows
from broadcaster.sightings import WAITS_S, Look, wanted, words_of

BY_HAND = {
    "own_web": {"kind": "own_web"},
    "1177_notice": {"kind": "manual", "assignee": "redaktör i beredskap", "deadline_minutes": 30},
}
ADDRESS = "https://www.1177.example/notis"


@pytest.fixture
def engine(tmp_path: Path, clock: Clock) -> Iterator[Engine]:
    made = make_engine(tmp_path, clock, channels=BY_HAND)
    yield made
    made.parts.store.close()


def acknowledged(service: Service, url: str = ADDRESS, **more: Any) -> dict[str, Any]:
    """Send, and acknowledge the notice with an address."""
    sent = service.send(channels=["1177_notice"], **more)
    service.parts.broadcasts.acknowledge(sent["id"], "1177_notice", "sv", {"url": url}, service.anna)
    return sent


def viewer(page: Callable[[], str], asked: list[str]) -> Viewer:
    """Return somebody outside for whom every address is public and shows `page`."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers["host"] + request.url.path)
        return httpx.Response(200, text=page())

    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.215.14"]

    return Viewer(resolve, lambda: httpx.MockTransport(answer))


def looked(engine: Engine, page: Callable[[], str]) -> list[str]:
    asked: list[str] = []

    async def work() -> None:
        await worker_for(engine, {}, viewer=viewer(page, asked)).look_outside()

    asyncio.run(work())
    return asked


def test_the_words_are_seen_and_the_delivery_says_when(engine: Engine) -> None:
    """`seen_at` is set by a look at the address people were given, and never by the person's word alone."""
    sent = acknowledged(engine)
    assert engine.delivery(sent["id"], "1177_notice")["seen_at"] is None
    assert looked(engine, lambda: engine.row("1177_notice")["words"]) == ["www.1177.example/notis"]
    assert engine.delivery(sent["id"], "1177_notice")["seen_at"] is not None
    assert looked(engine, lambda: "") == []
    entries = [one for one in engine.entries() if one["type"] == "delivery:looked_at"]
    assert [(one["sight"], one["url"]) for one in entries] == [("seen", ADDRESS)]


def test_an_editors_page_that_comes_late_is_looked_for_again_and_then_let_be(engine: Engine) -> None:
    """After half a minute, one, two, five and ten; then the board says that it is not there."""
    sent = acknowledged(engine)
    looks = 0
    for wait_s in (0, *WAITS_S):
        engine.clock.advance(wait_s - 1)
        assert wait_s == 0 or looked(engine, lambda: "Ännu inget") == []
        engine.clock.advance(1)
        looks += len(looked(engine, lambda: "Ännu inget"))
    assert looks == 1 + len(WAITS_S)
    engine.clock.advance(3600)
    assert looked(engine, lambda: "Ännu inget") == []
    assert engine.row("1177_notice")["sight"] == "other"
    assert engine.delivery(sent["id"], "1177_notice")["seen_at"] is None
    assert [one["sight"] for one in engine.entries() if one["type"] == "delivery:looked_at"] == ["other"]


def test_a_page_that_appears_at_the_third_look_is_seen(engine: Engine) -> None:
    acknowledged(engine)
    looked(engine, lambda: "")
    for wait_s in WAITS_S[:2]:
        engine.clock.advance(wait_s)
        looked(engine, lambda: engine.row("1177_notice")["words"])
    assert engine.row("1177_notice")["sight"] == "seen"


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001/1177/x/sv", "https://www.1177.example/x"])
def test_two_workers_do_not_look_at_the_same_address(engine: Engine, url: str) -> None:
    """And what is not https is nobody's public address: it is not looked at."""
    acknowledged(engine, url)
    wanted = [url] if url.startswith("https") else []
    assert [one.url for one in sightings.due(engine.parts.store)] == wanted
    assert sightings.due(engine.parts.store) == []


def test_a_drills_address_is_never_looked_at(engine: Engine) -> None:
    """Nothing of a drill leaves the house, not even a look."""
    sent = engine.send(channels=["1177_notice"], mode="drill")
    engine.parts.broadcasts.acknowledge(sent["id"], "1177_notice", "sv", {"url": ADDRESS}, engine.anna)
    assert sightings.due(engine.parts.store) == []


def test_a_look_that_comes_back_late_writes_nothing_over_a_newer_one(engine: Engine) -> None:
    """Its number tells: only the look that is waited for counts, and only for the address that still stands."""
    acknowledged(engine)
    (look,) = sightings.due(engine.parts.store)
    sightings.record(engine.parts.store, look, Sight.SEEN)
    sightings.record(engine.parts.store, look, Sight.OTHER)
    sightings.record(engine.parts.store, Look(look.delivery_id, "https://other.example/", "x", 1), Sight.PRIVATE)
    assert engine.row("1177_notice")["sight"] == "seen"


@pytest.mark.parametrize("sight", list(Sight))
def test_the_board_says_what_was_seen_and_what_to_do(sight: Sight, make_service: ServiceMaker) -> None:
    """In both languages; where the words were not seen, a person is asked to open the page."""
    service = make_service(channels=BY_HAND)
    sent = acknowledged(service)
    (look,) = sightings.due(service.parts.store)
    sightings.record(service.parts.store, look, sight)
    service.add_person("anna", "sender")
    browser = Visitor(service)
    browser.sign_in("anna")
    said = words_of(str(sight))
    shown = browser.open(f"/desk/incidents/{sent['incident']}").line
    assert ("sett utifrån kl." if sight is Sight.SEEN else said.sv) in shown
    assert said.sv.endswith(".") and said.en.endswith(".")
    if sight is not Sight.SEEN:
        assert "själv" in said.sv or "jämför" in said.sv or "Kontrollera" in said.sv


def test_without_a_viewer_nobody_looks(engine: Engine) -> None:
    acknowledged(engine)

    async def work() -> None:
        await worker_for(engine, {}).look_outside()

    asyncio.run(work())
    assert engine.row("1177_notice")["looks"] == 0


class TestReceiptsOfMachines:
    """What a machine put there is looked at too, as everybody sees it: a few times, and only where that shows words."""

    @pytest.fixture
    def machines(self, tmp_path: Path, clock: Clock) -> Iterator[Engine]:
        made = make_engine(tmp_path, clock)
        yield made
        made.parts.store.close()

    def public(self, engine: Engine, *channels: str, **more: Any) -> dict[str, Any]:
        """Send, and let every channel show it at an https address."""
        sent = engine.send(channels=list(channels), **more)
        done = Outcome(Fact.DONE, remote_id="100200300_7", url=ADDRESS)
        engine.play({Step.PUT: done, Step.DRAFT: done, Step.PUBLISH: done})
        return sent

    def test_a_page_that_a_machine_put_there_is_looked_at(self, machines: Engine) -> None:
        sent = self.public(machines, "1177_notice")
        read_back = machines.row("1177_notice")["seen_at"]
        machines.clock.advance(5)
        asked = looked(machines, lambda: machines.row("1177_notice")["words"])
        assert asked == ["www.1177.example/notis"] * len(sent["deliveries"])
        row = machines.row("1177_notice")
        assert (row["sight"], row["seen_at"]) == ("seen", machines.now) and row["seen_at"] > read_back

    def test_what_an_old_cache_shows_is_said_though_the_read_back_was_good(self, machines: Engine) -> None:
        """The API has the new words, and the public does not: the board must not stay quiet about it."""
        sent = self.public(machines, "1177_notice")
        looked(machines, lambda: "Gamla ord")
        assert machines.state(sent["id"], "1177_notice") == "published"
        view = machines.parts.board.situation(sent["incident"]).messages[0].deliveries[0]
        assert view.sight == words_of("other") and not view.seen

    @pytest.mark.parametrize("channel", ["facebook", "1177_phone"])
    def test_where_a_stranger_sees_no_words_nobody_looks(self, machines: Engine, channel: str) -> None:
        """A post wants an account, and an announcement is heard; their read-back counts."""
        self.public(machines, channel)
        assert machines.row(channel)["url"] == ADDRESS
        assert sightings.due(machines.parts.store) == []

    def test_our_own_page_is_looked_at_too(self, machines: Engine) -> None:
        machines.send(channels=["own_web"])
        machines.write(machines.row("own_web"), url=ADDRESS)
        assert [one.url for one in sightings.due(machines.parts.store)] == [ADDRESS]

    def test_our_own_page_shows_a_citizen_every_line_of_the_words(self, make_service: ServiceMaker) -> None:
        """Else each look at it would be an alarm about nothing."""
        service = make_service()
        sent = service.send(channels=["own_web"])
        browser = Visitor(service)
        for one in service.parts.board.situation(sent["incident"]).messages[0].deliveries:
            assert shows(browser.open(f"/m/{sent['incident']}?lang={one.language}").html, one.words)

    def test_a_drill_is_never_looked_at(self, machines: Engine) -> None:
        self.public(machines, "1177_notice", mode="drill")
        assert machines.row("1177_notice")["url"] == ADDRESS
        assert sightings.due(machines.parts.store) == []

    def test_words_that_newer_ones_replaced_are_not_looked_for(self, machines: Engine) -> None:
        """They are not there any more, as they should be."""
        first = self.public(machines, "1177_notice")
        self.public(machines, "1177_notice", phase="update", incident=first["incident"])
        assert [one.delivery_id for one in sightings.due(machines.parts.store)] == [machines.row("1177_notice")["id"]]

    def test_at_most_eight_are_taken_at_once(self, machines: Engine) -> None:
        for _ in range(10):
            self.public(machines, "1177_notice", again=True)
        taken = [len(sightings.due(machines.parts.store)) for _ in range(3)]
        assert taken == [sightings.AT_ONCE, 10 - sightings.AT_ONCE, 0]

    def test_asking_whether_a_look_is_due_keeps_nobody_waiting(self, machines: Engine) -> None:
        """It is asked every five seconds, and somebody may be sending just then."""
        with machines.parts.store.transaction():
            assert sightings.due(machines.parts.store) == []

    def test_years_of_deliveries_are_not_read_for_it(self, machines: Engine) -> None:
        """Only what belongs to incidents that go on, or ended lately, found by an index."""
        store = machines.parts.store
        asked = wanted(machines.now).compile(store.engine, compile_kwargs={"literal_binds": True})
        with store.reading() as transaction:
            plan = [row[3] for row in transaction.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
        assert any(step.startswith("SEARCH delivery USING INDEX") and "incident_id" in step for step in plan), plan
        assert not any(step.startswith("SCAN delivery") for step in plan), plan


class TestTheDeadline:
    """Whoever has the task hears of it before it is too late, and others when it is."""

    def test_at_two_thirds_of_the_time_there_is_a_reminder_once(self, engine: Engine) -> None:
        """With who has it, how long is left and what to do; the alarm at the deadline comes all the same."""
        sent = engine.send(channels=["1177_notice"])
        engine.clock.advance(20 * 60 - 1)
        engine.outbox().overdue()
        assert list(engine.parts.board.alarms()) == []
        engine.clock.advance(1)
        for _ in range(3):
            assert engine.outbox().overdue() == 0
        (told,) = engine.parts.board.alarms()
        assert told.kind == "reminder" and told.incident == sent["incident"]
        assert "redaktör i beredskap har 10 min kvar" in told.text.sv
        assert "has 10 min left" in told.text.en
        engine.clock.advance(10 * 60)
        assert engine.outbox().overdue() == 1
        assert {one.kind for one in engine.parts.board.alarms()} == {"reminder", "delivery"}

    def test_acknowledging_ends_the_reminder(self, engine: Engine) -> None:
        """Nobody is told again about what is done."""
        sent = engine.send(channels=["1177_notice"])
        engine.clock.advance(21 * 60)
        engine.outbox().overdue()
        engine.parts.broadcasts.acknowledge(sent["id"], "1177_notice", "sv", {"url": ADDRESS}, engine.anna)
        assert [one for one in engine.parts.board.alarms() if one.answered_by is None] == []

    def test_a_drills_reminder_says_that_it_is_one(self, engine: Engine) -> None:
        engine.send(channels=["1177_notice"], mode="drill")
        engine.clock.advance(21 * 60)
        engine.outbox().overdue()
        (told,) = engine.parts.board.alarms()
        assert told.text.sv.startswith("ÖVNING.") and told.text.en.startswith("EXERCISE.")
