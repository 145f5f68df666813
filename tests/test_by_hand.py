"""What was done by hand while the service was away is entered afterwards, and the incident goes on in the service."""

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from service import PLAYBOOKS, Service

from broadcaster import approval, audit, by_hand
from broadcaster.auth.client import Client, person_client
from broadcaster.channels.facebook import appsecret_proof
from broadcaster.errors import Conflict, Forbidden, Invalid
from broadcaster.playbook import Playbooks

PAGE = "100200300"
NOTICE = "https://www.1177.se/Varmland/nyheter/telefoni/"


def ago(service: Service, minutes: int) -> str:
    return (service.clock.now() - timedelta(minutes=minutes)).isoformat()


def pasted(service: Service, words: str) -> tuple[str, str]:
    """Paste words into the Page by hand; return the post's id and its address."""
    answer = httpx.post(
        f"{service.sandbox.url}/graph/v25.0/{PAGE}/feed",
        data={"message": words, "fields": "id,permalink_url", "appsecret_proof": appsecret_proof("PAGETOK", "s3cr3t")},
        headers={"Authorization": "Bearer PAGETOK"},
        trust_env=False,
    )
    made = answer.raise_for_status().json()
    return made["id"], made["permalink_url"]


def entry(service: Service, phase: str = "first", incident: str | None = None, **more: Any) -> dict[str, Any]:
    """Return an entry: notice and post were made by hand at 02.40, the rest is sent now."""
    snapshot = service.parts.playbooks["telefoni-1177"]
    places = [
        (channel, language)
        for channel in snapshot.channels
        if channel in service.parts.settings.channels
        for language in snapshot.languages_of(channel, phase)
    ]
    done: dict[tuple[str, str], dict[str, Any]] = more.pop("done", {("1177_notice", "sv"): {"url": NOTICE}})
    leave: tuple[tuple[str, str], ...] = more.pop("leave", ())
    channels = [
        {"channel": channel, "language": language, "what": "done", **done[channel, language]}
        if (channel, language) in done
        else {"channel": channel, "language": language, "what": "leave" if (channel, language) in leave else "send"}
        for channel, language in places
    ]
    return {
        "playbook": "telefoni-1177", "playbook_digest": snapshot.digest, "phase": phase, "mode": "live",
        "incident": incident, "done_at": ago(service, 120), "done_by": "Anna Ek", "channels": channels, **more,
    }  # fmt: skip


def enter(service: Service, body: dict[str, Any], client: Client | None = None, key: str = "k") -> dict[str, Any]:
    return service.parts.broadcasts.enter_by_hand(body, client or service.anna, key).json


def logged(service: Service, kind: str) -> list[dict[str, Any]]:
    return [one for one in service.entries() if one["type"] == kind]


def faults(service: Service, body: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with an entry, by field; nothing may have been kept."""
    with pytest.raises(Invalid) as refused:
        enter(service, body)
    assert service.parts.board.incidents()["items"] == []
    return {fault.pointer: fault.message.sv for fault in refused.value.fields}


class TestTheIncidentGoesOnInTheService:
    def test_from_paper_to_all_clear(self, service: Service) -> None:
        """Pasted at 02.40, entered at 04.40: the update, the correction and the end reach every channel."""
        post, address = pasted(service, "Det går inte att ringa 1177. Besked 20260314-1.")
        body = entry(service, done={("facebook", "sv"): {"url": address}, ("1177_notice", "sv"): {"url": NOTICE}})
        first = enter(service, body)
        assert first["phase"] == "first"
        service.pay()
        assert service.posts() == ["Det går inte att ringa 1177. Besked 20260314-1."]  # never posted twice
        update = service.send("update", first["incident"])
        service.pay()
        assert service.state(update["id"], "facebook") == "published"
        assert len(service.posts()) == 2
        correction = service.send("correction", first["incident"])
        service.pay()
        assert service.state(correction["id"], "facebook") == "published"
        changed = next(one for one in service.shown()["facebook"]["published"] if one["id"] == post)
        assert correction["incident"] in changed["text"]
        assert service.delivery(first["id"], "facebook")["state"] == "published"
        end = service.send("all_clear", first["incident"])
        service.pay()
        assert {state for pair, state in service.states(end["id"]).items() if pair[0] != "intranet"} == {"published"}
        assert isinstance(audit.verify(service.parts.store), int)

    def test_what_was_not_done_is_sent_now_and_our_own_page_speaks_at_once(self, service: Service) -> None:
        first = enter(service, entry(service))
        assert service.state(first["id"], "own_web") == "published"
        assert service.state(first["id"], "facebook") == "owed"
        service.pay()
        assert service.state(first["id"], "facebook") == "published"
        assert len(service.posts()) == 1

    def test_the_words_on_our_page_say_when_they_were_published(self, service: Service) -> None:
        """The clock is 02.40; it was pasted at 00.40."""
        first = enter(service, entry(service))
        shown = service.parts.board.public_messages(first["incident"])
        swedish = next(one for one in shown if one.language == "sv")
        assert "14 mars 2026 kl. 00.40" in swedish.words
        assert swedish.at == service.clock.now() - timedelta(minutes=120)
        assert service.parts.board.publication().changed_at == service.clock.now()

    def test_a_channel_done_by_hand_has_a_persons_receipt_with_its_time_and_address(self, service: Service) -> None:
        later = ago(service, 100)
        first = enter(service, entry(service, done={("1177_notice", "sv"): {"url": NOTICE, "at": later}}))
        found = service.delivery(first["id"], "1177_notice")
        assert found["state"] == "published"
        assert found["url"] == NOTICE
        assert found["receipt"]["by"] == "Anna Ek"
        assert datetime.fromisoformat(found["receipt"]["at"]) == datetime.fromisoformat(later)
        assert found["attempts"] == 0
        service.pay()
        assert service.delivery(first["id"], "1177_notice") == found

    def test_something_without_an_address_is_done_all_the_same(self, service: Service) -> None:
        first = enter(service, entry(service, done={("1177_phone", "sv"): {}}))
        found = service.delivery(first["id"], "1177_phone")
        assert (found["state"], found["url"], found["receipt"]["by"]) == ("published", None, "Anna Ek")

    def test_what_was_left_says_so_and_can_still_be_sent(self, service: Service) -> None:
        first = enter(service, entry(service, leave=(("facebook", "sv"),)))
        service.pay()
        assert service.posts() == []
        assert service.state(first["id"], "facebook") == "failed"
        service.parts.broadcasts.retry(first["id"], "facebook", "sv", service.anna)
        service.pay()
        assert len(service.posts()) == 1

    def test_the_hand_made_notice_becomes_a_persons_task_when_the_services_own_takes_its_place(
        self, service: Service
    ) -> None:
        """Only a person knows the notice that a person made; without a task two would stand side by side."""
        first = enter(service, entry(service))
        update = service.send("update", first["incident"])
        old = service.delivery(first["id"], "1177_notice")
        assert (old["intent"], old["state"]) == ("withdraw", "needs_person")
        service.pay()
        assert service.state(update["id"], "1177_notice") == "published"
        service.parts.broadcasts.acknowledge(first["id"], "1177_notice", "sv", {}, service.anna)
        assert service.state(first["id"], "1177_notice") == "withdrawn"

    def test_a_post_that_is_another_messages_already_is_never_changed_for_two(self, service: Service) -> None:
        """Whoever names it would have that message's words overwritten by the next correction."""
        sent = service.send()
        service.pay()
        before = service.delivery(sent["id"], "facebook")
        other = entry(service, again=True, done={("facebook", "sv"): {"url": before["url"]}})
        with pytest.raises(Invalid) as refused:
            enter(service, other)
        (fault,) = refused.value.fields
        assert fault.pointer.endswith("/url") and sent["mark"] in fault.message.sv
        assert len(service.parts.board.incidents()["items"]) == 1

    def test_a_post_whose_id_nobody_knows_is_a_persons_task_when_it_has_to_change(self, service: Service) -> None:
        opaque = "https://www.facebook.com/permalink.php?story_fbid=pfbid0abcDEF&id=100200300"
        first = enter(service, entry(service, done={("facebook", "sv"): {"url": opaque}}))
        service.send("correction", first["incident"])
        service.pay()
        found = service.delivery(first["id"], "facebook")
        assert (found["intent"], found["state"]) == ("update", "needs_person")
        view = next(
            one
            for message in service.parts.board.situation(first["incident"]).messages
            for one in message.deliveries
            if message.json["id"] == first["id"] and one.channel == "facebook"
        )
        assert view.advice is not None
        assert "lades ut för hand" in view.advice.sv

    def test_a_later_phase_done_by_hand_joins_its_incident_and_stops_what_it_replaces(self, service: Service) -> None:
        first = service.send()
        service.pay()
        service.clock.advance(3600)
        body = entry(service, "correction", first["incident"], done_at=ago(service, 30))
        correction = enter(service, body)
        assert correction["mark"] == f"{first['incident']}/2"
        service.pay()
        assert service.message(first["id"])["state"] == "superseded"
        top = next(one for one in service.posts() if first["mark"] in one)
        assert correction["incident"] in top.split("\n")[0]
        assert service.parts.board.alarms() == [] or all(one.kind != "late" for one in service.parts.board.alarms())

    def test_an_all_clear_by_hand_closes_the_incident(self, service: Service) -> None:
        first = service.send()
        service.pay()
        service.clock.advance(3600)
        enter(service, entry(service, "all_clear", first["incident"], done_at=ago(service, 30)))
        assert service.parts.board.incident(first["incident"])["state"] == "closed"

    def test_a_drill_is_entered_as_a_drill(self, service: Service) -> None:
        first = enter(service, entry(service, mode="drill"))
        assert first["incident"].startswith("OVN-")
        assert service.parts.board.public_messages() == []

    def test_a_double_click_is_one_incident(self, service: Service) -> None:
        body = entry(service)
        assert enter(service, body) == enter(service, body)
        assert len(service.parts.board.incidents()["items"]) == 1


class TestTheLog:
    def test_it_says_plainly_that_it_was_done_by_hand_when_and_when_it_was_entered(self, service: Service) -> None:
        first = enter(service, entry(service, paper_number="20260314-1", changed="Vi strök numret."))
        said = logged(service, "message:by_hand")
        assert len(said) == 1
        assert said[0]["message"] == first["id"]
        assert datetime.fromisoformat(said[0]["done_at"]) == service.clock.now() - timedelta(minutes=120)
        assert datetime.fromisoformat(said[0]["entered_at"]) == service.clock.now()
        assert {"paper_number", "changed", "done_by"} <= said[0]["private"].keys()
        assert said[0]["words_were_changed"] is True
        done = [one for one in logged(service, "delivery:acknowledged") if one["by_hand"]]
        assert [(one["channel"], one["state"]) for one in done] == [("1177_notice", "published")]
        assert datetime.fromisoformat(done[0]["done_at"]) == service.clock.now() - timedelta(minutes=120)

    def test_what_was_changed_is_kept_for_an_inquiry_and_published_nowhere(self, service: Service) -> None:
        secret = "Vi skrev vid misstag fel nummer."
        name = "ringde Eva Ek, rum 3"  # people write more than a number where one was asked for
        first = enter(service, entry(service, changed=secret, paper_number=name))
        service.pay()
        said = logged(service, "message:by_hand")[0]
        log = json.dumps(service.entries(), ensure_ascii=False)
        assert secret not in log and name not in log  # only their HMAC; erasable
        with service.parts.store.reading() as transaction:
            values = audit.revealed(transaction, said["private"].values()).values()
        assert secret in values
        assert secret not in json.dumps(service.parts.board.incident(first["incident"]), ensure_ascii=False)
        assert all(secret not in one.words for one in service.parts.board.public_messages())
        assert all(secret not in one for one in service.posts())


class TestWhatIsRefused:
    def test_everything_wrong_is_named_at_once(self, service: Service) -> None:
        body = entry(service, done_at=ago(service, -5), blanks={"reservnummer": "112"})
        assert set(faults(service, body)) == {"/done_at", "/blanks/reservnummer"}

    @pytest.mark.parametrize(("minutes", "said"), [(-1, "har inte varit än"), (15 * 24 * 60, "mer än 14 dagar")])
    def test_a_time_that_cannot_be(self, service: Service, minutes: int, said: str) -> None:
        assert said in faults(service, entry(service, done_at=ago(service, minutes)))["/done_at"]

    def test_a_channel_before_the_message_itself_or_in_the_future(self, service: Service) -> None:
        early = entry(service, done={("1177_notice", "sv"): {"at": ago(service, 121)}})
        assert any("först lades ut" in one for one in faults(service, early).values())
        late = entry(service, done={("1177_notice", "sv"): {"at": ago(service, -1)}})
        assert any("har inte varit än" in one for one in faults(service, late).values())

    def test_nothing_done_by_hand_is_no_entry(self, service: Service) -> None:
        assert "Inget är markerat" in faults(service, entry(service, done={}))["/channels"]

    def test_our_own_page_cannot_have_been_done_by_hand_nor_be_left(self, service: Service) -> None:
        for body in (
            entry(service, done={("own_web", "sv"): {}, ("1177_notice", "sv"): {}}),
            entry(service, leave=(("own_web", "sv"),)),
        ):
            assert any("Vår egen sida" in one for one in faults(service, body).values())

    def test_each_place_is_answered_once(self, service: Service) -> None:
        body = entry(service)
        short = {**body, "channels": body["channels"][1:]}
        assert "svara vad som hände" in faults(service, short)["/channels"]
        double = {**body, "channels": [*body["channels"], body["channels"][0]]}
        assert any("besvarat två gånger" in one for one in faults(service, double).values())
        strange = {**body, "channels": [*body["channels"], {"channel": "brevduva", "language": "sv", "what": "done"}]}
        assert any("brevduva" in one for one in faults(service, strange).values())

    def test_an_address_that_is_none(self, service: Service) -> None:
        body = entry(service, done={("1177_notice", "sv"): {"url": "javascript:alert(1)"}})
        assert any(pointer.endswith("/url") for pointer in faults(service, body))

    def test_words_nobody_approved_or_that_are_another_playbooks(self, service: Service) -> None:
        other = service.parts.playbooks["dricksvatten"].digest
        for digest in ("sha256:" + "0" * 64, other):
            assert "Det finns ingen godkänd version" in faults(service, entry(service, playbook_digest=digest))[
                "/playbook_digest"
            ]

    def test_words_that_were_revoked_since(self, service: Service) -> None:
        digest = service.parts.playbooks["telefoni-1177"].digest
        with service.parts.store.transaction() as transaction:
            approval.revoke(transaction, digest, "bo")
        assert "återkallat" in faults(service, entry(service))["/playbook_digest"]
        with service.parts.store.reading() as transaction:
            assert by_hand.versions(transaction, service.parts.playbooks, "telefoni-1177") == []

    def test_a_closed_incident_and_an_order_that_was_not(self, service: Service) -> None:
        first = service.send()
        service.clock.advance(3600)
        with pytest.raises(Invalid) as refused:
            enter(service, entry(service, "update", first["incident"], done_at=ago(service, 61)))
        assert "före händelsens senaste besked" in refused.value.fields[0].message.sv
        service.send("all_clear", first["incident"])
        service.clock.advance(3600)
        with pytest.raises(Conflict):
            enter(service, entry(service, "update", first["incident"], done_at=ago(service, 1)))

    def test_the_same_crisis_twice_is_asked_about(self, service: Service) -> None:
        service.send()
        with pytest.raises(Conflict) as question:
            enter(service, entry(service))
        assert question.value.slug == "already-running"
        assert enter(service, entry(service, again=True), key="k2")["incident"]

    def test_whoever_may_only_propose_cannot_nor_can_a_machine(self, service: Service) -> None:
        machine = Client("key:vaxel", "vaxel", frozenset({"read", "send"}), "live", person=False, roles=frozenset())
        for client in (person_client("eva", ("author",)), person_client("cia", ("approver",)), machine):
            with pytest.raises(Forbidden):
                enter(service, entry(service), client)
        assert service.parts.board.incidents()["items"] == []


def test_the_words_of_an_older_paper_are_the_words_of_the_message(service: Service) -> None:
    """The paper may be older than today's file; what was approved then and pasted is what our page says."""
    older = Playbooks.load(PLAYBOOKS, organisation="Region Förr", timezone="Europe/Stockholm")["telefoni-1177"]
    with service.parts.store.transaction() as transaction:
        for name in ("approver-1", "approver-2"):
            approval.approve(transaction, older, name)
        found = by_hand.versions(transaction, service.parts.playbooks, "telefoni-1177")
    assert [one.current for one in found] == [True, False]
    assert found[1].digest == older.digest
    first = enter(service, entry(service, playbook_digest=older.digest))
    said = service.parts.board.public_messages(first["incident"])
    assert said
    assert all("Region Förr" in one.words for one in said)
    assert service.send("update", first["incident"])["phase"] == "update"
