"""
READ FIRST: what this service promises, a test for each promise.

    form, api → playbook → broadcast → outbox → worker → channels → audit
"""

import json
from pathlib import Path

import httpx
import pytest
from service import Service, ServiceMaker
from sqlalchemy import update

from broadcaster import audit
from broadcaster.audit import Fault
from broadcaster.auth.client import person_client
from broadcaster.errors import Conflict, Forbidden
from broadcaster.tables import delivery as delivery_table
from broadcaster.tables import message as message_table

EVERY_CHANNEL = {
    ("own_web", "sv"),
    ("own_web", "en"),
    ("own_web", "sv-x-lattlast"),
    ("facebook", "sv"),
    ("1177_notice", "sv"),
    ("1177_article", "sv"),
    ("1177_article", "en"),
    ("1177_phone", "sv"),
    ("1177_phone", "en"),
}


def words_by_pair(service: Service, phase: str = "first", incident: str | None = None) -> dict[tuple[str, str], str]:
    """Return the exact words a preview shows, per channel and language."""
    shown = service.parts.broadcasts.preview(service.body(phase, incident), service.anna)
    return {(one["channel"], one["language"]): one["text"] for one in shown["words"]}


class TestOneDecisionEveryChannel:
    """Promise 1: a pre-approved playbook is published to Facebook and every 1177 channel at once."""

    def test_one_send_reaches_every_channel_with_a_receipt_and_an_address_that_says_the_very_words(
        self, service: Service
    ) -> None:
        """One decision, no typed character: every channel shows the approved words and gives its own proof."""
        message = service.send()
        service.pay()
        found = service.message(message["id"])
        assert {(d["channel"], d["language"]) for d in found["deliveries"]} == EVERY_CHANNEL
        assert {d["state"] for d in found["deliveries"]} == {"published"}
        assert found["state"] == "published"
        assert all(d["receipt"]["id"] for d in found["deliveries"])
        for one in found["deliveries"]:
            if one["channel"] != "own_web":
                assert httpx.get(one["url"], trust_env=False).status_code == 200

    def test_what_a_preview_shows_is_what_is_said(self, service: Service) -> None:
        """The digest of the preview is the message's, and Facebook gets those words with the real reference."""
        shown = service.parts.broadcasts.preview(service.body(), service.anna)
        facebook = next(one["text"] for one in shown["words"] if one["channel"] == "facebook")
        message = service.send(digest=shown["digest"])
        service.pay()
        assert message["digest"] == shown["digest"]
        assert service.posts() == [facebook.replace("RE-2026-0000", message["incident"])]

    def test_each_channel_has_words_of_its_own(self, service: Service) -> None:
        """Copying one text everywhere does not work: no two channels say the same."""
        swedish = [words for (_, language), words in words_by_pair(service).items() if language == "sv"]
        assert len(swedish) == len(set(swedish)) == 5


class TestNeverLost:
    """Promise 2: what was accepted is published, or a named person is told why not."""

    def test_a_worker_that_dies_in_the_middle_of_a_send_loses_nothing(self, service: Service) -> None:
        """The claim of a dead worker runs out, another takes over, and everything arrives once."""
        message = service.send()
        assert len(service.outbox().claim("dead-worker")) == 6
        service.pay()
        assert service.posts() == []
        service.pay(seconds=service.parts.settings.delivery.lease_s + 1, steps=2)
        assert set(service.states(message["id"]).values()) == {"published"}
        assert len(service.posts()) == 1

    def test_a_channel_that_does_not_answer_is_asked_again_until_it_does(self, service: Service) -> None:
        """Facebook drops every connection for a while; the post still comes, once."""
        service.script(facebook=[{"on": "POST /{page}/feed", "do": "drop_before", "times": 3}])
        message = service.send()
        service.pay(seconds=60, steps=6)
        assert service.state(message["id"], "facebook") == "published"
        assert len(service.posts()) == 1

    def test_a_person_is_told_when_a_minute_passes_without_a_receipt(self, service: Service) -> None:
        """At 60 seconds without proof, an alarm waits for somebody's answer."""
        service.script(facebook=[{"on": "POST /{page}/feed", "do": "rate_limited"}])
        service.send()
        service.pay()
        assert service.parts.board.alarms() == []
        service.pay(seconds=61)
        alarms = service.parts.board.alarms()
        assert ["Facebook" in one.text.sv for one in alarms] == [True]
        assert service.parts.board.answer_alarm(alarms[0].id, service.bo)
        assert service.parts.board.alarms() == []

    def test_a_dead_token_becomes_a_persons_task_with_words_that_help(self, service: Service) -> None:
        """What only a person can mend is handed to a person at once, and the other channels go on."""
        service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead"}])
        message = service.send()
        service.pay()
        states = service.states(message["id"])
        assert states.pop(("facebook", "sv")) == "needs_person"
        assert set(states.values()) == {"published"}
        situation = service.parts.board.situation(message["incident"])
        facebook = next(d for d in situation.messages[0].deliveries if d.channel == "facebook")
        assert facebook.advice is not None
        assert facebook.can_retry and facebook.can_acknowledge


class TestNeverDoubledNeverStale:
    """Promise 3: no retry ever makes a second post or brings back older words."""

    @pytest.mark.parametrize("fault", ["applied_then_500", "applied_then_drop", "no_id"])
    @pytest.mark.parametrize("call", ["POST /{page}/feed", "POST /{post}"])
    def test_an_error_after_the_post_was_made_does_not_make_a_second_one(
        self, service: Service, fault: str, call: str
    ) -> None:
        """Facebook says "try again" although it did it; the page still shows the message once."""
        service.script(facebook=[{"on": call, "do": fault, "times": 2}])
        message = service.send()
        service.pay(seconds=30, steps=6)
        assert service.state(message["id"], "facebook") == "published"
        assert len(service.posts()) == 1

    @pytest.mark.parametrize("fault", ["applied_then_500", "applied_then_drop", "error_500"])
    def test_a_page_without_drafts_is_looked_at_before_it_is_asked_again(
        self, make_service: ServiceMaker, fault: str
    ) -> None:
        """A one-shot channel that may have posted is read back by the mark; only a certain absence posts again."""
        service = make_service()
        service.script(
            facebook=[
                {"on": "POST /{page}/feed", "do": "refuse_drafts"},
                {"on": "POST /{page}/feed", "do": fault, "times": 1},
            ]
        )
        message = service.send()
        service.pay(seconds=30, steps=4)
        if fault == "error_500":
            assert service.state(message["id"], "facebook") == "uncertain"
            assert service.posts() == []
            service.pay(seconds=60, steps=8)
        assert service.state(message["id"], "facebook") == "published"
        assert len(service.posts()) == 1

    def test_an_older_text_that_arrives_late_does_not_stay(self, service: Service) -> None:
        """On 1177 the last writer wins, so the words are read back and the newest are put again."""
        message = service.send()
        service.pay()
        first = next(item["body"] for item in service.log() if item["method"] == "PUT" and item["service"] == "cms")
        service.send("update", message["incident"])
        service.pay()
        newest = {item["id"]: item["text"] for item in service.shown()["cms"]}
        body = json.loads(first) if isinstance(first, str) else first
        address = f"{service.sandbox.url}/cms/api/episerver/v3.0/contentmanagement/{body['contentLink']['guidValue']}"
        token = httpx.post(
            f"{service.sandbox.url}/cms/api/episerver/connect/token",
            data={
                "grant_type": "client_credentials",
                "client_id": "late",
                "client_secret": "late",
                "scope": "epi_content_management",
            },
            trust_env=False,
        ).json()["access_token"]
        httpx.put(address, json=body, headers={"authorization": f"Bearer {token}"}, trust_env=False).raise_for_status()
        assert {item["id"]: item["text"] for item in service.shown()["cms"]} != newest
        service.pay(seconds=service.parts.settings.delivery.grace_s + 1, steps=2)
        assert {item["id"]: item["text"] for item in service.shown()["cms"]} == newest


class TestNeverForged:
    """Promise 4: only words two people approved, with only their declared blanks filled, can leave."""

    def test_a_playbook_nobody_approved_cannot_start(self, make_service: ServiceMaker) -> None:
        """Without two people's yes there is a clear refusal and nothing is begun."""
        service = make_service(approved=False)
        with pytest.raises(Conflict) as refusal:
            service.send()
        assert "två personer" in refusal.value.detail.sv
        assert service.parts.board.incidents()["items"] == []

    def test_words_changed_in_the_database_are_never_sent(self, service: Service) -> None:
        """The worker makes the words anew before each call; one changed character goes to a person instead."""
        message = service.send()
        with service.parts.store.transaction() as transaction:
            facebook = delivery_table.c.channel == "facebook"
            transaction.execute(update(delivery_table).where(facebook).values(words="Region Exempel stänger."))
        service.pay()
        assert service.posts() == []
        assert service.state(message["id"], "facebook") == "needs_person"
        assert service.delivery(message["id"], "facebook")["error"]["reason"] == "forged"

    def test_a_number_changed_in_the_database_is_never_sent_either(self, service: Service) -> None:
        """A blank and the words changed together still do not make what was accepted: it goes to a person."""
        message = service.send(blanks={"reservnummer": "010-000 00 00"})
        words = service.parts.board.situation(message["incident"]).messages[0].deliveries[0].words
        with service.parts.store.transaction() as transaction:
            transaction.execute(update(message_table).values(blanks={"reservnummer": "010-666 66 66"}))
            facebook = delivery_table.c.channel == "facebook"
            changed = words.replace("010-000 00 00", "010-666 66 66")
            transaction.execute(update(delivery_table).where(facebook).values(words=changed))
        service.pay()
        assert service.shown() == {"facebook": {"published": [], "drafts": []}, "cms": [], "phone": []}
        assert service.delivery(message["id"], "facebook")["error"]["reason"] == "forged"

    def test_a_free_sentence_waits_for_a_second_persons_yes(self, service: Service) -> None:
        """The one bounded sentence an update may carry goes out only when somebody else approves the exact words."""
        first = service.send()
        waiting = service.send("update", first["incident"], sentence="Felet gäller bara mobiltelefoner.")
        service.pay()
        assert waiting["state"] == "awaiting_approval"
        assert waiting["deliveries"] == []
        answer = {"digest": waiting["digest"]}
        with pytest.raises(Forbidden):
            service.parts.broadcasts.approve(waiting["id"], answer, service.anna)
        service.parts.broadcasts.approve(waiting["id"], answer, service.bo)
        service.pay()
        assert service.message(waiting["id"])["state"] == "published"
        assert any("Felet gäller bara mobiltelefoner." in words for words in service.posts())


class TestStopMeansStop:
    """Promise 5: what ends a message supersedes everything still queued for it, and takes back what got out."""

    def test_a_correction_stops_what_is_still_queued(self, service: Service) -> None:
        """The first message never reaches Facebook once its correction is accepted; the correction does."""
        service.script(facebook=[{"on": "POST /{page}/feed", "do": "rate_limited", "times": 1}])
        first = service.send()
        service.pay()
        assert service.state(first["id"], "facebook") == "retrying"
        correction = service.send("correction", first["incident"])
        service.pay(seconds=120, steps=2)
        assert service.state(first["id"], "facebook") == "superseded"
        assert service.message(first["id"])["state"] == "superseded"
        assert service.state(correction["id"], "facebook") == "published"
        assert len(service.posts()) == 1

    def test_the_all_clear_is_written_at_the_top_of_what_was_shared(self, service: Service) -> None:
        """A post that people share on must stop lying: its first line says that it is over."""
        first = service.send()
        service.pay()
        before = service.posts()[0]
        service.send("all_clear", first["incident"])
        service.pay()
        changed = next(words for words in service.posts() if words.endswith(before))
        assert len(changed) > len(before)
        assert service.parts.board.incident(first["incident"])["state"] == "closed"

    def test_a_recall_takes_every_object_down(self, service: Service) -> None:
        """After a recall the imitation Facebook, 1177 and phone queue show nothing of the message."""
        first = service.send()
        service.pay()
        service.parts.broadcasts.recall(first["id"], {"reason": "fel region"}, service.anna)
        service.pay()
        assert service.shown() == {"facebook": {"published": [], "drafts": []}, "cms": [], "phone": []}
        assert service.message(first["id"])["state"] == "recalled"
        assert {d["state"] for d in service.message(first["id"])["deliveries"]} == {"withdrawn"}

    def test_a_post_that_may_have_got_out_is_looked_for_and_taken_down(self, make_service: ServiceMaker) -> None:
        """A recall of an uncertain post finds it by its mark and deletes it."""
        service = make_service()
        service.script(
            facebook=[
                {"on": "POST /{page}/feed", "do": "refuse_drafts"},
                {"on": "POST /{page}/feed", "do": "applied_then_500", "times": 1},
                {"on": "GET /{page}/published_posts", "do": "error_500", "times": 30},
            ]
        )
        first = service.send()
        service.pay()
        assert service.state(first["id"], "facebook") == "uncertain"
        assert len(service.posts()) == 1
        service.parts.broadcasts.recall(first["id"], {"reason": "fel"}, service.anna)
        service.script(facebook=[])
        service.pay(seconds=30, steps=4)
        assert service.posts() == []
        assert service.state(first["id"], "facebook") == "withdrawn"


class TestAlwaysProvable:
    """Promise 6: every act and every answer is in a log that a stranger can verify offline."""

    def test_the_log_tells_the_whole_story_and_verifies_without_us(self, service: Service, tmp_path: Path) -> None:
        """An exported log is whole, names every attempt before and after it, and holds no person's name."""
        service.send()
        service.pay()
        types = [entry["type"] for entry in service.entries()]
        assert types[0] == "log:opened"
        assert types.count("attempt:opened") == types.count("attempt:closed") > 0
        assert types.count("delivery:published") == len(EVERY_CHANNEL)
        count = audit.export(service.parts.store, tmp_path / "export")
        assert audit.verify_folder(tmp_path / "export") == count == audit.verify(service.parts.store)
        assert b"anna" not in (tmp_path / "export" / "entries.jsonl").read_bytes()

    def test_one_changed_character_is_found_and_named(self, service: Service, tmp_path: Path) -> None:
        """A log that was touched says at which entry."""
        service.send()
        audit.export(service.parts.store, tmp_path)
        file = tmp_path / "entries.jsonl"
        lines = file.read_bytes().split(b"\n")
        lines[3] = lines[3].replace(b'"v":1', b'"v": 1')
        file.write_bytes(b"\n".join(lines))
        found = audit.verify_folder(tmp_path)
        assert isinstance(found, Fault) and found.seq == 3


class TestDrillAsYouFight:
    """Promise 7: a drill takes the same path, reads different, and cannot reach a live channel."""

    def test_a_drill_says_so_in_every_text_and_is_nowhere_public(self, service: Service) -> None:
        """Every text begins with ÖVNING, the reference is of the drills' own series, our own page shows nothing."""
        drill = service.parts.broadcasts.send({**service.body(), "mode": "drill"}, service.anna, "drill").json
        service.pay()
        assert drill["incident"] == "OVN-RE-2026-0001"
        assert set(service.states(drill["id"]).values()) == {"published"}
        assert all(words.startswith("ÖVNING") for words in service.posts())
        assert service.parts.board.public_messages() == []

    def test_a_drill_turned_live_in_the_database_reaches_nobody(self, service: Service) -> None:
        """Whoever can change a row still cannot make a drill public."""
        drill = service.parts.broadcasts.send({**service.body(), "mode": "drill"}, service.anna, "drill").json
        with service.parts.store.transaction() as transaction:
            transaction.execute(update(delivery_table).values(mode="live"))
        service.pay()
        assert service.posts() == []
        assert service.state(drill["id"], "facebook") == "needs_person"

    def test_a_drill_key_cannot_send_live(self, service: Service) -> None:
        """A machine that only drills is refused, and nothing is begun."""
        machine = person_client("larmsystem", ("sender",))
        drill_only = type(machine)("key:larm", "larm", machine.scopes, "drill", person=False, roles=frozenset())
        with pytest.raises(Forbidden):
            service.parts.broadcasts.send(service.body(), drill_only, "k")
        assert service.parts.board.incidents()["items"] == []


class TestUsableUnderStress:
    """Promise 8: at most four decisions from sign-in to live, zero typed characters possible."""

    def test_a_message_needs_no_blank_to_be_filled(self, service: Service) -> None:
        """With nothing known yet, every channel still says something true and whole: no hole is left open."""
        for words in words_by_pair(service).values():
            assert "${" not in words
            assert all(line == line.strip() and "  " not in line for line in words.split("\n"))

    def test_the_same_crisis_is_not_started_twice_by_mistake(self, service: Service) -> None:
        """Two people who press at once get one incident; the second is shown it and may still insist."""
        first = service.send()
        with pytest.raises(Conflict) as question:
            service.send()
        assert first["incident"] in question.value.detail.sv
        assert service.send(again=True)["incident"] != first["incident"]

    def test_asking_twice_with_the_same_key_is_asking_once(self, service: Service) -> None:
        """A double click, a lost answer, a reload: the first answer comes again, byte for byte."""
        once = service.parts.broadcasts.send(service.body(), service.anna, "same")
        twice = service.parts.broadcasts.send(service.body(), service.anna, "same")
        assert twice.replayed and twice.body == once.body
        assert len(service.parts.board.incidents()["items"]) == 1
