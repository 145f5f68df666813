"""An outage that turns out to be an attack: the same incident goes on in another playbook's words."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from service import Service, ServiceMaker, settings_for
from sqlalchemy import select, update

from broadcaster import approval, audit
from broadcaster.auth.client import Client, person_client
from broadcaster.changing import Changes, carried
from broadcaster.errors import Conflict, Invalid, Refusal
from broadcaster.playbook import Stamp
from broadcaster.sandbox import Sandbox
from broadcaster.tables import incident as incident_table
from broadcaster.tables import snapshot as snapshot_table

DAY = 86_400.0
EVA = person_client("eva", ("author",))
MACHINE = Client("key:vaxel", "vaxel", frozenset({"read", "send", "propose"}), "live", person=False, roles=frozenset())
OUTAGE, ATTACK = "it-avbrott-journal", "cyberattack"


def begin(service: Service, playbook: str = OUTAGE, **more: Any) -> dict[str, Any]:
    first = service.send(playbook=playbook, **more)
    service.pay(seconds=1, steps=2)
    service.clock.advance(120)
    return first


def changes(service: Service) -> Changes:
    return Changes(service.parts.broadcasts)


def change(service: Service, ref: str, to: str = ATTACK, phase: str = "update", **more: Any) -> dict[str, Any]:
    client, key = more.pop("client", service.anna), more.pop("key", f"change-{to}-{phase}")
    return changes(service).send(service.body(phase, ref, playbook=to, **more), client, key).json


def later(service: Service, phase: str, ref: str, playbook: str = ATTACK, **more: Any) -> dict[str, Any]:
    message = service.send(phase, ref, playbook=playbook, **more)
    service.pay(seconds=1, steps=2)
    return message


def refused(act: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(Refusal) as found:
        act(*args, **more)
    return found.value.slug


def incident(service: Service, ref: str) -> dict[str, Any]:
    with service.parts.store.reading() as transaction:
        wanted = select(incident_table).where(incident_table.c.ref == ref)
        return dict(transaction.execute(wanted).mappings().one())


def notices(service: Service) -> list[str]:
    return [one["text"] for one in service.shown()["cms"]]


def said_in(service: Service, message: dict[str, Any], *channels: str) -> set[str]:
    situation = service.parts.board.situation(message["incident"])
    deliveries = next(one for one in situation.messages if one.mark == message["mark"]).deliveries
    return {one.words for one in deliveries if one.channel in channels}


def line_of(service: Service, message: dict[str, Any]) -> str:
    """Return the line that the new playbook puts on top of earlier posts."""
    at = datetime.fromisoformat(message["created_at"])
    stamp = Stamp(message["mark"], at, f"http://127.0.0.1:8000/m/{message['incident']}")
    return service.parts.playbooks[ATTACK].top_line(message["phase"], "sv", message["mode"], stamp)


def site(service: Service) -> list[str]:
    return [one["text"] for one in service.shown().get("restapp", [])]


def title(service: Service, playbook: str) -> str:
    return service.parts.playbooks[playbook].title.sv


@pytest.fixture
def by_machine(make_service: ServiceMaker, sandbox: Sandbox, tmp_path: Path) -> Service:
    """Return a service where a machine publishes on the intranet, where the attack says nothing."""
    listed = settings_for(tmp_path, sandbox.url).channels.items()
    channels = {key: part.model_dump(exclude_defaults=True) | {"kind": part.kind} for key, part in listed}
    site = {"kind": "restapp", "base_url": f"{sandbox.url}/restapp", "user": "kris"}
    return make_service(channels={**channels, "intranet": site})


class TestTheSameIncidentInOtherWords:
    def test_the_reference_and_the_objects_stay_and_the_words_are_new(self, service: Service) -> None:
        first = begin(service)
        objects = {one["id"] for one in service.shown()["cms"]}
        message = change(service, first["incident"])
        service.pay(seconds=1, steps=3)
        assert message["incident"] == first["incident"] and message["mark"].endswith("/2")
        assert {one["id"] for one in service.shown()["cms"]} == objects
        assert set(notices(service)) == said_in(service, message, "1177_notice", "1177_article")
        assert len(service.posts()) == 2
        view = service.parts.board.incident(first["incident"])
        assert view["playbook"] == ATTACK and view["state"] == "open"
        assert service.parts.board.situation(first["incident"]).title.sv == title(service, ATTACK)

    def test_what_is_sent_is_exactly_what_was_shown(self, service: Service) -> None:
        first = begin(service)
        body = service.body("update", first["incident"], playbook=ATTACK)
        shown = changes(service).preview(body, service.anna)
        message = change(service, first["incident"], digest=shown["digest"])
        assert message["digest"] == shown["digest"]
        service.pay(seconds=1, steps=3)
        said = {(one["channel"], one["language"]): one["text"] for one in shown["words"]}
        with service.parts.store.reading():
            situation = service.parts.board.situation(first["incident"])
        assert {(one.channel, one.language): one.words for one in situation.messages[0].deliveries} == said

    def test_later_phases_are_of_the_new_playbook_and_the_old_one_is_refused(self, service: Service) -> None:
        first = begin(service)
        change(service, first["incident"])
        with pytest.raises(Invalid):
            service.send("update", first["incident"], playbook=OUTAGE)
        service.pay(seconds=1, steps=2)
        service.clock.advance(60)
        over = later(service, "all_clear", first["incident"])
        assert service.message(over["id"])["state"] in ("sending", "published")
        assert service.parts.board.incident(first["incident"])["state"] == "closed"
        posts = service.posts()
        assert len(posts) == 3 and sum(one.startswith(line_of(service, over)) for one in posts) == 2

    def test_a_correction_stands_on_top_of_the_earlier_post_at_once(self, service: Service) -> None:
        first = begin(service)
        message = change(service, first["incident"], phase="correction")
        service.pay(seconds=1, steps=3)
        assert sum(one.startswith(line_of(service, message)) for one in service.posts()) == 1
        assert service.message(first["id"])["state"] == "superseded"

    def test_a_drill_changes_as_a_drill(self, service: Service) -> None:
        first = begin(service, mode="drill")
        message = change(service, first["incident"], mode="drill")
        service.pay(seconds=1, steps=3)
        assert message["incident"].startswith("OVN-") and all("ÖVNING" in one for one in service.posts())
        assert refused(change, service, first["incident"], "dricksvatten", mode="live") == "fields"

    def test_it_can_be_changed_back(self, service: Service) -> None:
        first = begin(service)
        change(service, first["incident"])
        service.clock.advance(60)
        change(service, first["incident"], OUTAGE)
        service.pay(seconds=1, steps=3)
        assert service.parts.board.incident(first["incident"])["playbook"] == OUTAGE

    def test_the_log_says_from_which_words_to_which(self, service: Service) -> None:
        first = begin(service)
        change(service, first["incident"])
        (entry,) = [one for one in service.entries() if one["type"] == "incident:changed"]
        books = service.parts.playbooks
        assert (entry["playbook_before"], entry["playbook"]) == (OUTAGE, ATTACK)
        assert entry["playbook_digest_before"] == books[OUTAGE].digest
        assert entry["playbook_digest"] == books[ATTACK].digest
        assert set(entry["private"]) == {"by"} and isinstance(audit.verify(service.parts.store), int)

    def test_pressing_twice_is_one_message(self, service: Service) -> None:
        first = begin(service)
        assert change(service, first["incident"])["id"] == change(service, first["incident"])["id"]

    def test_the_public_page_and_the_feeds_say_each_message_in_its_own_words(self, service: Service) -> None:
        first = begin(service)
        change(service, first["incident"])
        service.pay(seconds=1, steps=3)
        shown = {one.mark: one.playbook for one in service.parts.board.public_messages(first["incident"])}
        assert shown == {first["mark"]: OUTAGE, f"{first['incident']}/2": ATTACK}


class TestWhatOneHasAndTheOtherLacks:
    def test_the_preview_says_where_the_old_words_go_on_standing(self, by_machine: Service) -> None:
        first = begin(by_machine)
        body = by_machine.body("update", first["incident"], playbook=ATTACK)
        shown = changes(by_machine).preview(body, by_machine.anna)
        assert any("står kvar" in one for one in shown["warnings"])
        assert not any(one["channel"] == "intranet" for one in shown["words"])

    def test_the_all_clear_takes_down_what_still_stands_there(self, by_machine: Service) -> None:
        first = begin(by_machine)
        change(by_machine, first["incident"])
        by_machine.pay(seconds=1, steps=3)
        assert by_machine.state(first["id"], "intranet") == "published"
        assert said_in(by_machine, first, "intranet") & set(site(by_machine))
        by_machine.clock.advance(60)
        later(by_machine, "all_clear", first["incident"])
        by_machine.pay(seconds=1, steps=3)
        assert by_machine.state(first["id"], "intranet") == "withdrawn"
        assert not said_in(by_machine, first, "intranet") & set(site(by_machine))

    def test_recalling_the_earlier_message_takes_it_down_just_there(self, by_machine: Service) -> None:
        first = begin(by_machine)
        message = change(by_machine, first["incident"])
        by_machine.pay(seconds=1, steps=3)
        by_machine.parts.broadcasts.recall(first["id"], {"reason": "fel"}, by_machine.anna)
        by_machine.pay(seconds=1, steps=3)
        assert by_machine.state(first["id"], "intranet") == "withdrawn"
        assert by_machine.state(message["id"], "1177_article") == "published"
        assert said_in(by_machine, message, "1177_article") <= set(notices(by_machine))

    def test_what_is_not_out_yet_there_is_never_sent(self, by_machine: Service) -> None:
        """It spoke of a crisis that is none: coming late, it would be what people read last in that channel."""
        first = by_machine.send(playbook=OUTAGE)
        change(by_machine, first["incident"])
        assert by_machine.state(first["id"], "intranet") == "superseded"
        by_machine.pay(seconds=2, steps=10)
        assert not said_in(by_machine, first, "intranet") & set(site(by_machine))

    def test_what_may_be_out_there_is_looked_up_and_taken_down(self, by_machine: Service) -> None:
        by_machine.script(restapp=[{"on": "POST /messages", "do": "applied_then_drop", "times": 100}])
        first = by_machine.send(playbook=OUTAGE)
        by_machine.pay()
        assert by_machine.state(first["id"], "intranet") == "uncertain" and site(by_machine)
        by_machine.script()
        change(by_machine, first["incident"])
        by_machine.pay(seconds=2, steps=10)
        assert site(by_machine) == [] and by_machine.state(first["id"], "intranet") == "withdrawn"

    def test_a_task_to_paste_in_a_channel_of_the_old_one_alone_is_dropped_or_ended(self, service: Service) -> None:
        first = begin(service)
        service.parts.broadcasts.acknowledge(
            first["id"], "intranet", "sv", {"url": "https://intra.example/1"}, service.anna
        )
        change(service, first["incident"])
        assert service.state(first["id"], "intranet") == "published"
        service.pay(seconds=1, steps=2)
        later(service, "all_clear", first["incident"])
        one = service.delivery(first["id"], "intranet")
        assert (one["intent"], one["state"]) == ("withdraw", "needs_person")

    def test_what_was_struck_is_struck_still_and_known_facts_come_along(self, service: Service) -> None:
        first = begin(service, "telefoni-1177", affected=["1177_phone"])
        with service.parts.store.reading() as transaction:
            row = incident(service, first["incident"])
            known = carried(transaction, row, service.parts.playbooks[ATTACK], "update")
        assert {"n1177", "1177_phone"} <= set(known.affected)
        message = change(service, first["incident"], affected=list(known.affected), blanks=dict(known.blanks))
        assert service.state(message["id"], "1177_phone") == "affected"


def test_a_false_alarm_after_a_change_asks_whether_what_was_said_first_was_true(service: Service) -> None:
    first = begin(service)
    body = service.body("false_alarm", first["incident"], playbook=OUTAGE)
    assert "byt tillbaka krismall" not in str(service.parts.broadcasts.preview(body, service.anna)["warnings"])
    change(service, first["incident"])
    body = service.body("false_alarm", first["incident"], playbook=ATTACK)
    assert "byt tillbaka krismall" in str(service.parts.broadcasts.preview(body, service.anna)["warnings"])


class TestWhatIsRefused:
    @pytest.fixture
    def first(self, service: Service) -> dict[str, Any]:
        return begin(service)

    def test_words_that_nobody_stands_behind_now(self, service: Service, first: dict[str, Any]) -> None:
        digest = service.parts.playbooks[ATTACK].digest
        mine = snapshot_table.c.digest == digest
        with service.parts.store.transaction() as transaction:
            content = transaction.execute(select(snapshot_table.c.content).where(mine)).scalar_one()
            transaction.execute(update(snapshot_table).where(mine).values(content=b"{}"))
        assert refused(change, service, first["incident"]) == "playbook-forged"
        with service.parts.store.transaction() as transaction:
            transaction.execute(update(snapshot_table).where(mine).values(content=content))
            approval.revoke(transaction, digest, "bo")
        assert refused(change, service, first["incident"]) == "playbook-revoked"
        assert incident(service, first["incident"])["playbook"] == OUTAGE

    def test_words_whose_approval_has_run_out_as_for_a_new_incident(self, service: Service) -> None:
        first = begin(service)
        service.clock.advance(370 * DAY)
        assert refused(change, service, first["incident"]) == "playbook-expired"
        assert later(service, "update", first["incident"], OUTAGE)["state"] == "sending"

    def test_a_free_sentence_and_every_phase_that_is_none(self, service: Service, first: dict[str, Any]) -> None:
        assert refused(change, service, first["incident"], sentence="Det är en attack.") == "fields"
        for phase in ("first", "all_clear", "false_alarm"):
            assert refused(change, service, first["incident"], phase=phase) == "fields"

    def test_the_same_playbook_and_an_incident_that_is_over(self, service: Service, first: dict[str, Any]) -> None:
        assert refused(change, service, first["incident"], OUTAGE) == "same-playbook"
        later(service, "all_clear", first["incident"], OUTAGE)
        for phase in ("update", "correction"):
            assert refused(change, service, first["incident"], phase=phase) == "incident-closed"

    def test_whoever_may_not_send_and_every_machine(self, service: Service, first: dict[str, Any]) -> None:
        assert refused(change, service, first["incident"], client=EVA) == "role-missing"
        assert refused(change, service, first["incident"], client=MACHINE) == "person-needed"

    def test_other_words_than_those_that_were_read(self, service: Service, first: dict[str, Any]) -> None:
        assert refused(change, service, first["incident"], digest="sha256:" + "0" * 64) == "digest"

    def test_a_crisis_that_runs_already_is_asked_about(self, service: Service, first: dict[str, Any]) -> None:
        service.send(playbook=ATTACK)
        assert refused(change, service, first["incident"]) == "already-running"
        assert change(service, first["incident"], again=True)["state"] == "sending"

    def test_a_colleague_who_wakes_to_the_outage_is_asked_about_it_although_it_is_an_attack_by_now(
        self, service: Service, first: dict[str, Any]
    ) -> None:
        change(service, first["incident"])
        assert refused(service.send, playbook=OUTAGE) == "already-running"
        assert service.send(playbook=OUTAGE, again=True)["incident"] != first["incident"]

    def test_a_message_that_waited_in_the_old_words_is_too_old(self, service: Service, first: dict[str, Any]) -> None:
        waiting = service.send("update", first["incident"], playbook=OUTAGE, sentence="Vi felsöker.")
        change(service, first["incident"])
        with pytest.raises(Conflict, match="newer message"):
            service.parts.broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, service.bo)

    def test_the_old_words_of_the_incident_are_still_proved_each_by_their_own(
        self, service: Service, first: dict[str, Any]
    ) -> None:
        """A row that says an earlier post was of the new playbook makes other words, and those are refused."""
        change(service, first["incident"])
        service.pay(seconds=1, steps=2)
        with service.parts.store.transaction() as transaction:
            approval.revoke(transaction, service.parts.playbooks[OUTAGE].digest, "bo")
        later(service, "all_clear", first["incident"])
        assert len(service.posts()) == 3 and service.state(first["id"], "facebook") == "needs_person"
