"""Every check between a decision and its words: each refusal leaves everything as it was."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from service import PLAYBOOKS, Service, ServiceMaker

from broadcaster import app, approval
from broadcaster.auth.client import Client, person_client
from broadcaster.errors import Conflict, Forbidden, Invalid, NotFound
from broadcaster.settings import PlaybookFolder

MACHINE = Client("key:larm", "larm", frozenset({"read", "propose"}), "live", person=False, roles=frozenset())
SENDING_MACHINE = Client("key:vaxel", "vaxel", frozenset({"read", "send"}), "live", person=False, roles=frozenset())
DRILL_MACHINE = Client("key:ovn", "ovn", frozenset({"read", "send"}), "drill", person=False, roles=frozenset())
SENTENCE = "Felet gäller bara mobiltelefoner."


Edit = Callable[..., Service]


@pytest.fixture
def edit(tmp_path: Path) -> Iterator[Edit]:
    """Return what starts a service again after somebody changed the playbook's file."""
    made: list[Service] = []

    def edit_(service: Service, *, approved: bool) -> Service:
        folder = tmp_path / "edited"
        shutil.copytree(PLAYBOOKS, folder)
        file = folder / "telefoni-1177.toml"
        text = file.read_text("utf-8").replace("Expect a queue.", "Expect to wait.")
        file.write_text(re.sub(r"(?m)^version = [0-9]+$", "version = 99", text), "utf-8")
        settings = service.parts.settings.model_copy(update={"playbooks": PlaybookFolder(folder=str(folder))})
        parts = app.build(settings, clock=service.clock.now, ring=lambda: None)
        made.append(Service(parts, service.clock, service.sandbox))
        if approved:
            made[-1].approve_all()
        return made[-1]

    yield edit_
    for service in made:
        service.parts.store.close()


def revoke(service: Service, digest: str) -> None:
    with service.parts.store.transaction() as transaction:
        approval.revoke(transaction, digest, "approver-1")


def refused(service: Service, slug: str, phase: str = "first", incident: str | None = None, **more: Any) -> None:
    """Send, see it refused for that reason, and see that nothing has changed."""
    before = len(service.entries())
    with pytest.raises((Conflict, Invalid, Forbidden)) as refusal:
        service.send(phase, incident, **more)
    assert refusal.value.slug == slug
    assert len(service.entries()) == before


class TestTheGuard:
    """The same crisis is not started twice by mistake."""

    def test_same_playbook_mode_and_place_is_asked_about_while_it_is_fresh(self, service: Service) -> None:
        def start(place: str | None, **more: Any) -> dict[str, Any]:
            return service.send(playbook="it-avbrott-journal", blanks={"plats": place}, **more)

        karlstad = start("Centralsjukhuset i Karlstad")
        refused(service, "already-running", playbook="it-avbrott-journal", blanks={"plats": karlstad_place()})
        start("sjukhuset i Arvika")
        start(None)
        refused(service, "already-running", playbook="it-avbrott-journal", blanks={"plats": ""})
        start("Centralsjukhuset i Karlstad", mode="drill")
        assert start(karlstad_place(), again=True)["incident"] != karlstad["incident"]
        service.clock.advance(60 * 60)
        assert start(karlstad_place())["state"] == "sending"

    def test_a_closed_incident_is_not_in_the_way_and_zero_turns_the_question_off(
        self, make_service: ServiceMaker
    ) -> None:
        service = make_service()
        first = service.send()
        service.send("false_alarm", first["incident"])
        second = service.send()
        service.parts.broadcasts.recall(second["id"], {"reason": "fel"}, service.anna)
        assert service.send()["state"] == "sending"
        unguarded = make_service(delivery={"guard_minutes": 0, "call_timeout_s": 1, "lease_s": 6})
        assert unguarded.send()["state"] == "sending"

    def test_a_proposal_asks_again_when_it_is_approved_but_only_about_what_is_news(self, service: Service) -> None:
        """Who proposed *again* was already asked about the one under way; one begun since is another question."""
        broadcasts = service.parts.broadcasts
        under_way = service.send()
        proposed = broadcasts.send(service.body(again=True), MACHINE, "p").json
        assert proposed["state"] == "awaiting_approval"
        assert broadcasts.approve(proposed["id"], {"digest": proposed["digest"]}, service.bo).json["state"] == "sending"
        waiting = broadcasts.send(service.body(again=True), MACHINE, "q").json
        service.clock.advance(1)
        service.send(again=True)
        with pytest.raises(Conflict) as question:
            broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, service.bo)
        assert question.value.slug == "already-running"
        assert under_way["incident"] not in question.value.detail.sv


def karlstad_place() -> str:
    return "Centralsjukhuset i Karlstad"


class TestThePreview:
    def test_the_digest_holds_the_very_words_channels_blanks_and_struck_numbers(self, service: Service) -> None:
        shown = service.parts.broadcasts.preview(service.body(), service.anna)
        for change in (
            {"blanks": {"orsak": "strom"}},
            {"channels": ["own_web", "facebook"]},
            {"affected": ["facebook"]},
            {"mode": "drill"},
        ):
            refused(service, "digest", **{"digest": shown["digest"], **change})
        sent = service.send(digest=shown["digest"])
        assert sent["digest"] == shown["digest"]
        later = service.parts.broadcasts.preview(service.body("update", sent["incident"]), service.anna)
        assert service.send("update", sent["incident"], digest=later["digest"])["digest"] == later["digest"]

    def test_only_chosen_channels_get_it_and_unknown_ones_are_named_all_at_once(self, service: Service) -> None:
        sent = service.send(channels=["facebook", "own_web"])
        assert {one["channel"] for one in sent["deliveries"]} == {"own_web", "facebook"}
        with pytest.raises(Invalid) as refusal:
            service.send(channels=["facebook", "brevduva", "intranet"], blanks={"nonsens": "x"}, again=True)
        assert {fault.pointer for fault in refusal.value.fields} == {"/channels/1", "/channels/2", "/blanks/nonsens"}


class TestAnIncident:
    def test_it_goes_on_in_the_words_it_began_with_after_the_file_was_changed(
        self, service: Service, edit: Edit
    ) -> None:
        first = service.send(blanks={"reservnummer": "010-000 00 00"})
        after = edit(service, approved=False)
        update = after.send("update", first["incident"], blanks={"reservnummer": "010-000 00 00"})
        after.pay()
        assert after.message(update["id"])["state"] == "published"
        english = [one.words for one in after.parts.board.public_messages(first["incident"]) if one.language == "en"]
        assert all("Expect a queue." in words for words in english) and english
        refused(after, "playbook-pending", again=True)

    def test_after_a_revocation_it_waits_for_a_newer_version_and_goes_on_in_that(
        self, service: Service, edit: Edit
    ) -> None:
        """What the desk previews then is what it sends."""
        first = service.send()
        revoke(service, service.parts.board.snapshot("telefoni-1177").digest)
        refused(service, "playbook-revoked", "correction", first["incident"])
        refused(service, "playbook-revoked", again=True)
        warned = service.parts.broadcasts.preview(service.body("update", first["incident"]), service.anna)
        assert "återkallat" in warned["warnings"][0]
        after = edit(service, approved=True)
        body = after.body("correction", first["incident"], blanks={"reservnummer": "010-000 00 00"})
        shown = after.parts.broadcasts.preview(body, after.anna)
        assert shown["warnings"] == []
        assert any("Expect to wait." in one["text"] for one in shown["words"])
        assert after.parts.board.pinned(first["incident"]).version == 99
        sent = after.parts.broadcasts.send({**body, "digest": shown["digest"]}, after.anna, "k").json
        assert sent["digest"] == shown["digest"]
        assert [entry["type"] for entry in after.entries()].count("incident:pinned") == 1

    def test_an_approval_that_ran_out_stops_new_incidents_only(self, service: Service) -> None:
        first = service.send()
        service.clock.advance(approval.VALID.total_seconds())
        refused(service, "playbook-expired", again=True)
        assert service.send("update", first["incident"])["state"] == "sending"

    def test_closed_it_takes_only_a_correction(self, service: Service) -> None:
        first = service.send()
        service.send("all_clear", first["incident"])
        for phase in ("update", "all_clear", "false_alarm"):
            refused(service, "incident-closed", phase, first["incident"])
        assert service.send("correction", first["incident"])["state"] == "sending"
        assert service.parts.board.incident(first["incident"])["state"] == "closed"

    def test_it_keeps_what_is_struck_until_told_otherwise(self, service: Service) -> None:
        first = service.send(affected=["facebook"])
        assert service.state(first["id"], "facebook") == "affected"
        kept = service.send("update", first["incident"])
        assert service.state(kept["id"], "facebook") == "affected"
        freed = service.send("update", first["incident"], affected=[])
        assert service.state(freed["id"], "facebook") == "owed"
        assert service.parts.board.incident(first["incident"])["affected"] == []

    def test_drill_and_live_are_never_mixed(self, service: Service) -> None:
        live = service.send()
        drill = service.send(mode="drill")
        for incident, mode in ((live["incident"], "drill"), (drill["incident"], "live")):
            with pytest.raises(Invalid) as refusal:
                service.send("update", incident, mode=mode)
            assert [fault.pointer for fault in refusal.value.fields] == ["/mode"]
        for act in ("recall", "reject", "approve"):
            answer = {"digest": "x"} if act == "approve" else {"reason": "x"}
            with pytest.raises(Forbidden):
                getattr(service.parts.broadcasts, act)(live["id"], answer, DRILL_MACHINE)
        with pytest.raises(Forbidden):
            service.parts.broadcasts.retry(live["id"], "facebook", "sv", DRILL_MACHINE)
        with pytest.raises(Forbidden):
            service.parts.broadcasts.acknowledge(live["id"], "facebook", "sv", {"url": "https://x.se"}, DRILL_MACHINE)
        with pytest.raises(NotFound):
            service.parts.board.public_messages(drill["incident"])

    def test_a_field_that_does_not_fit_is_named_by_the_preview_and_by_the_send(self, service: Service) -> None:
        service.send()
        before = len(service.entries())
        cases: list[tuple[str, str | None, dict[str, Any], str]] = [
            ("first", "RE-2026-0001", {}, "/incident"),
            ("update", None, {}, "/incident"),
            ("update", "RE-2026-0099", {}, "/incident"),
            ("update", "RE-2026-0001", {"playbook": "allman-handelse"}, "/playbook"),
            ("first", None, {"playbook": "finns-inte"}, "/playbook"),
            ("first", None, {"sentence": SENTENCE}, "/sentence"),
            ("first", None, {"affected": ["brevduva"]}, "/affected/0"),
        ]
        for phase, incident, more, pointer in cases:
            body = service.body(phase, incident, **more)
            with pytest.raises(Invalid) as refusal:
                service.parts.broadcasts.send({**body, "again": True}, service.anna, "k")
            assert [fault.pointer for fault in refusal.value.fields] == [pointer]
            if phase == "update" and incident is None:
                continue  # a later phase without an incident can be previewed
            with pytest.raises(Invalid) as refusal:
                service.parts.broadcasts.preview(body, service.anna)
            assert [fault.pointer for fault in refusal.value.fields] == [pointer]
        assert len(service.entries()) == before


class TestASecondPersonsYes:
    def test_a_proposal_does_nothing_until_somebody_who_may_says_yes(self, service: Service) -> None:
        broadcasts = service.parts.broadcasts
        waiting = broadcasts.send(service.body(), MACHINE, "k").json
        service.pay()
        assert (waiting["state"], waiting["deliveries"]) == ("awaiting_approval", [])
        assert service.posts() == [] and service.parts.board.public_messages() == []
        answer = {"digest": waiting["digest"]}
        for client in (MACHINE, person_client("dora", ("author",)), person_client("eva", ("auditor",))):
            with pytest.raises(Forbidden):
                broadcasts.approve(waiting["id"], answer, client)
            with pytest.raises(Forbidden):
                broadcasts.reject(waiting["id"], {"reason": "nej"}, client)
            with pytest.raises(Forbidden):
                broadcasts.recall(waiting["id"], {"reason": "nej"}, client)
        with pytest.raises(Conflict) as refusal:
            broadcasts.approve(waiting["id"], {"digest": "sha256:" + "0" * 64}, service.bo)
        assert refusal.value.slug == "digest"
        with pytest.raises(Conflict):
            broadcasts.recall(waiting["id"], {"reason": "fel"}, service.anna)
        sent = broadcasts.approve(waiting["id"], answer, SENDING_MACHINE).json
        assert sent["state"] == "sending" and sent["digest"] == waiting["digest"]
        with pytest.raises(Conflict) as refusal:
            broadcasts.approve(waiting["id"], answer, service.bo)
        assert refusal.value.slug == "not-waiting"

    def test_the_maker_never_approves_and_a_machine_never_a_free_sentence(self, service: Service) -> None:
        broadcasts = service.parts.broadcasts
        first = service.send()
        waiting = service.send("update", first["incident"], sentence=SENTENCE)
        answer = {"digest": waiting["digest"]}
        for client, slug in ((service.anna, "maker-may-not-approve"), (SENDING_MACHINE, "person-needed")):
            with pytest.raises(Forbidden) as refusal:
                broadcasts.approve(waiting["id"], answer, client)
            assert refusal.value.slug == slug
        assert broadcasts.approve(waiting["id"], answer, person_client("cilla", ("approver",))).json["deliveries"]

    def test_a_no_ends_it_and_closes_an_incident_that_never_began(self, service: Service) -> None:
        broadcasts = service.parts.broadcasts
        waiting = broadcasts.send(service.body(), MACHINE, "k").json
        assert broadcasts.reject(waiting["id"], {"reason": "fel mall"}, service.bo).json["state"] == "rejected"
        assert service.parts.board.incident(waiting["incident"])["state"] == "closed"
        assert b"fel mall" not in b"".join(str(entry).encode() for entry in service.entries())
        with pytest.raises(Conflict):
            broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, service.bo)

    def test_a_yes_that_comes_too_late_is_no_yes(self, service: Service) -> None:
        broadcasts = service.parts.broadcasts
        first = service.send()
        old = service.send("update", first["incident"], sentence=SENTENCE)
        service.send("update", first["incident"])
        with pytest.raises(Conflict) as refusal:
            broadcasts.approve(old["id"], {"digest": old["digest"]}, service.bo)
        assert refusal.value.slug == "newer-accepted"
        waiting = service.send("update", first["incident"], sentence=SENTENCE)
        service.clock.advance(service.parts.settings.delivery.not_after_minutes * 60)
        assert service.message(waiting["id"])["state"] == "expired"
        with pytest.raises(Conflict) as refusal:
            broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, service.bo)
        assert refusal.value.slug == "not-waiting"

    def test_words_revoked_while_it_waited_are_not_sent(self, service: Service) -> None:
        waiting = service.parts.broadcasts.send(service.body(), MACHINE, "k").json
        revoke(service, service.parts.board.snapshot("telefoni-1177").digest)
        with pytest.raises(Conflict) as refusal:
            service.parts.broadcasts.approve(waiting["id"], {"digest": waiting["digest"]}, service.bo)
        assert refusal.value.slug == "playbook-revoked"


class TestRights:
    def test_each_verb_asks_for_its_scope(self, service: Service) -> None:
        broadcasts = service.parts.broadcasts
        reader = person_client("eva", ("auditor",))
        nobody = Client("key:x", "x", frozenset(), "live", person=False, roles=frozenset())
        first = service.send()
        for act in (
            lambda: broadcasts.send(service.body(), reader, "k"),
            lambda: broadcasts.preview(service.body(), nobody),
            lambda: broadcasts.recall(first["id"], {"reason": "x"}, reader),
            lambda: broadcasts.retry(first["id"], "facebook", "sv", reader),
            lambda: broadcasts.acknowledge(first["id"], "facebook", "sv", {"url": "https://x.se"}, reader),
        ):
            with pytest.raises(Forbidden):
                act()
        for missing in ("no-such-message", ""):
            with pytest.raises(NotFound):
                broadcasts.recall(missing, {"reason": "x"}, service.anna)
        assert broadcasts.preview(service.body(), reader)["digest"]

    def test_the_worker_is_rung_after_the_commit_and_not_for_an_answer_given_before(
        self, make_service: ServiceMaker
    ) -> None:
        service = make_service()
        rung: list[int] = []
        broadcasts = service.parts.broadcasts
        broadcasts.ring = lambda: rung.append(len(service.parts.board.incidents()["items"]))
        broadcasts.send(service.body(), service.anna, "k")
        broadcasts.send(service.body(), service.anna, "k")
        with pytest.raises(Conflict):
            broadcasts.send(service.body(), service.anna, "other")
        assert rung == [1]
