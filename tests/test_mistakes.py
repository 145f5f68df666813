"""Nobody is told that something can be undone which cannot: the page's sentences, done with a real service."""

from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from engine import make_engine
from service import Clock, Service, ServiceMaker

from broadcaster import mistakes
from broadcaster.channels import Way
from broadcaster.errors import Conflict

#: A playbook that goes to every way there is without letters.
PLAYBOOK = "allman-handelse"
WAY_OF = {
    "own_web": "row", "facebook": "draft", "1177_notice": "upsert", "1177_article": "upsert", "1177_phone": "upsert",
    "intranet": "person",
}  # fmt: skip


def recall(service: Service, message: str) -> None:
    service.parts.broadcasts.recall(message, {"reason": "fel"}, service.anna)
    service.pay(steps=3, seconds=2)


def there(service: Service) -> dict[str, Any]:
    """Return what the public sees at the imitations."""
    found: dict[str, Any] = httpx.get(f"{service.sandbox.url}/_state").json()
    return found


def state(service: Service, message: str, channel: str) -> tuple[str, str]:
    found = service.delivery(message, channel)
    return found["intent"], found["state"]


@pytest.fixture
def database_url(tmp_path: object) -> str:
    return f"sqlite:///{tmp_path}/broadcaster.db"


@pytest.fixture
def out(service: Service) -> dict[str, str]:
    """Return a first message that is out everywhere but where a person has it as a task."""
    first = service.send(playbook=PLAYBOOK)
    service.pay(steps=3, seconds=2)
    return {"id": first["id"], "ref": first["incident"]}


def test_every_way_a_channel_can_go_out_has_its_sentences() -> None:
    assert set(mistakes.WAYS) == set(get_args(Way))


def test_each_channel_is_spoken_of_as_it_is_set_up_here(service: Service) -> None:
    assert {one.key: one.way for one in mistakes.channels_here(service.parts.settings)} == WAY_OF


def test_a_channel_that_is_set_up_by_hand_is_spoken_of_as_a_persons(make_service: ServiceMaker) -> None:
    service = make_service(channels={"own_web": {"kind": "own_web"}, "facebook": {"kind": "manual", "assignee": "KiB"}})
    found = {one.key: one for one in mistakes.channels_here(service.parts.settings)}
    assert found["facebook"].way == "person"
    assert "Ingen maskin tar bort något här" in found["facebook"].stays.sv


class TestRecall:
    def test_machines_take_down_what_they_put_out(self, service: Service, out: dict[str, str]) -> None:
        recall(service, out["id"])
        machines = [channel for channel, way in WAY_OF.items() if way != "person"]
        assert {channel: state(service, out["id"], channel)[1] for channel in machines} == dict.fromkeys(
            machines, "withdrawn"
        )

    def test_our_own_page_says_that_it_was_recalled_and_no_longer_what_it_said(
        self, service: Service, out: dict[str, str]
    ) -> None:
        words = service.parts.board.public_messages(out["ref"])[0].words
        recall(service, out["id"])
        page = service.flask().test_client().get(f"/m/{out['ref']}").text
        assert "har dragits tillbaka" in page
        assert words.splitlines()[-1] not in page

    def test_a_text_that_a_newer_one_replaced_in_place_is_not_touched(
        self, service: Service, out: dict[str, str]
    ) -> None:
        update = service.send("update", out["ref"], playbook=PLAYBOOK)
        service.pay(steps=3, seconds=2)
        recall(service, out["id"])
        assert state(service, update["id"], "1177_notice") == ("publish", "published")
        assert state(service, out["id"], "facebook") == ("withdraw", "withdrawn")

    def test_a_persons_task_is_dropped_or_becomes_one_to_take_down(self, service: Service, out: dict[str, str]) -> None:
        recall(service, out["id"])
        assert state(service, out["id"], "intranet")[1] == "superseded"
        second = service.send(playbook=PLAYBOOK, again=True)
        url = {"url": "https://intranet.region.example/1"}
        service.parts.broadcasts.acknowledge(second["id"], "intranet", "sv", url, service.anna)
        recall(service, second["id"])
        assert state(service, second["id"], "intranet") == ("withdraw", "needs_person")

    def test_a_recall_cannot_be_undone(self, service: Service, out: dict[str, str]) -> None:
        recall(service, out["id"])
        with pytest.raises(Conflict):
            recall(service, out["id"])


def test_a_letter_that_was_handed_over_becomes_a_persons_task(tmp_path: Path, clock: Clock) -> None:
    mail = {
        "kind": "email", "host": "127.0.0.1", "security": "none", "sender": "kris@region.example",
        "recipients": [{"name": "P4", "address": "p4@elsewhere.example"}],
    }  # fmt: skip
    engine = make_engine(tmp_path, clock, channels={"own_web": {"kind": "own_web"}, "intranet": mail})
    ways = {one.way: one.undo for one in mistakes.channels_here(engine.parts.settings)}
    assert ways == {"row": "partly", "letter": "cannot"}
    first = engine.send(playbook=PLAYBOOK, channels=["intranet"])
    engine.play()
    engine.recall(first)
    assert (engine.row("intranet")["intent"], engine.row("intranet")["state"]) == ("withdraw", "needs_person")
    engine.parts.store.close()


class TestCorrection:
    def test_the_old_post_stays_and_is_told_at_its_top_and_texts_in_place_are_replaced(
        self, service: Service, out: dict[str, str]
    ) -> None:
        before = {page["id"]: page["text"] for page in there(service)["cms"]}
        service.send("correction", out["ref"], playbook=PLAYBOOK)
        service.pay(steps=4, seconds=2)
        corrected, first = sorted(there(service)["facebook"]["published"], key=lambda post: "/1" in post["text"])
        assert "/2" in corrected["text"]
        assert "/1" in first["text"]
        assert state(service, out["id"], "facebook") == ("update", "published")
        after = {page["id"]: page["text"] for page in there(service)["cms"]}
        assert before.keys() == after.keys()
        assert all(after[place] != text for place, text in before.items())

    def test_it_may_still_be_sent_when_everything_is_over_and_nothing_else_may(
        self, service: Service, out: dict[str, str]
    ) -> None:
        service.send("all_clear", out["ref"], playbook=PLAYBOOK)
        assert service.send("correction", out["ref"], playbook=PLAYBOOK)["phase"] == "correction"
        for phase in ("update", "all_clear", "false_alarm"):
            with pytest.raises(Conflict):
                service.send(phase, out["ref"], playbook=PLAYBOOK)


def test_an_exercise_reaches_no_channel_of_the_public(service: Service) -> None:
    service.send(playbook=PLAYBOOK, mode="drill")
    service.pay(steps=3, seconds=2)
    assert service.parts.board.public_messages() == []
    assert service.parts.board.publication().messages == ()


def test_what_was_acknowledged_as_out_cannot_be_unsaid(service: Service, out: dict[str, str]) -> None:
    url = {"url": "https://intranet.region.example/1"}
    service.parts.broadcasts.acknowledge(out["id"], "intranet", "sv", url, service.anna)
    with pytest.raises(Conflict):
        service.parts.broadcasts.acknowledge(out["id"], "intranet", "sv", {"reason": "nej"}, service.anna)


def test_a_no_cannot_become_a_yes(service: Service, out: dict[str, str]) -> None:
    waiting = service.send("update", out["ref"], playbook=PLAYBOOK, sentence="Vi arbetar med felet.")
    service.parts.broadcasts.reject(waiting["id"], {"reason": "fel"}, service.bo)
    with pytest.raises(Conflict):
        service.parts.broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, service.bo)
