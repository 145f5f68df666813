"""One person alone may let approved words out, is seen doing it, and gets nothing else out by it."""

from typing import Any

import pytest
from night import ANNA, BO, TIB, FortySixElks, night
from service import Service, ServiceMaker
from sqlalchemy import update

from broadcaster import approval, audit, glass
from broadcaster.auth.client import Client, person_client
from broadcaster.errors import Conflict, Forbidden, Invalid, Refusal
from broadcaster.glass_table import broken_glass
from broadcaster.tables import alarm as alarm_table
from broadcaster.tables import approval as approval_table
from broadcaster.tables import private
from broadcaster.tables import snapshot as snapshot_table

DAY = 86_400.0
WHY = {"reason": "Ensam i natt. Ringde Bo och Cia, ingen svarade."}
EVA = person_client("eva", ("author",))
CIA = person_client("cia", ("approver",))
MACHINE = Client("key:vaxel", "vaxel", frozenset({"read", "send", "propose"}), "live", person=False, roles=frozenset())


@pytest.fixture
def expired(service: Service) -> Service:
    """Return a service whose playbooks were all approved a year and five days ago."""
    service.clock.advance(370 * DAY)
    return service


def begin(service: Service, client: Client | None = None, why: Any = None, **more: Any) -> dict[str, Any]:
    body = service.body(**more)
    return service.parts.broadcasts.break_glass(body, why or WHY, client or service.anna, "glass-1").json


def propose(service: Service, phase: str = "first", incident: str | None = None, **more: Any) -> dict[str, Any]:
    body = service.body(phase, incident, **more)
    return service.parts.broadcasts.send(body, EVA, f"eva-{phase}-{incident}").json


def alone(service: Service, message: dict[str, Any], client: Client = EVA) -> dict[str, Any]:
    body = {"digest": message["digest"]}
    return service.parts.broadcasts.break_waiting(message["id"], body, WHY, client, "alone-1").json


def refused(act: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(Refusal) as found:
        act(*args, **more)
    return found.value.slug


def digest_of(service: Service) -> str:
    return service.parts.playbooks["telefoni-1177"].digest


def reviews(service: Service) -> list[glass.Broken]:
    with service.parts.store.reading() as transaction:
        return glass.reviews(transaction)


def review(
    service: Service, message_id: str, client: Client, finding: str = "good", said: str = "Orden var rätt."
) -> None:
    with service.parts.store.transaction() as transaction:
        glass.review(transaction, message_id, {"finding": finding, "reason": said}, client)


def alarms(service: Service) -> list[Any]:
    return [one for one in service.parts.board.alarms() if one.kind == "glass"]


class TestAnApprovalThatJustRanOut:
    def test_the_words_go_out_on_one_persons_decision_and_the_worker_proves_them_as_any_other(
        self, expired: Service
    ) -> None:
        assert refused(expired.send) == "playbook-expired"
        message = begin(expired)
        expired.pay(seconds=1, steps=3)
        assert expired.state(message["id"], "facebook") == expired.state(message["id"], "1177_notice") == "published"
        assert len(expired.posts()) == 1 and message["mark"] in expired.posts()[0]

    def test_the_incident_goes_on_in_the_same_words_without_breaking_anything_more(self, expired: Service) -> None:
        first = begin(expired)
        expired.pay(seconds=1, steps=2)
        later = expired.send("all_clear", first["incident"])
        assert later["state"] == "sending" and len(reviews(expired)) == 1

    def test_everybody_is_told_who_which_playbook_and_until_when_it_was_approved(self, expired: Service) -> None:
        message = begin(expired)
        (one,) = alarms(expired)
        title = expired.parts.playbooks["telefoni-1177"].title
        assert one.incident == message["incident"]
        for said in ("anna", message["mark"], title.sv, "gick ut söndag 14 mars 2027", "på eget beslut"):
            assert said in one.text.sv, said
        assert "on their own" in one.text.en and title.en in one.text.en

    def test_a_reason_is_required_and_stands_in_the_log_only_as_hmac(self, expired: Service) -> None:
        with pytest.raises(Invalid):
            begin(expired, why={"reason": ""})
        assert expired.parts.board.incidents()["items"] == []
        begin(expired)
        (entry,) = [one for one in expired.entries() if one["type"] == "glass:broken"]
        assert entry["cause"] == "expired" and entry["playbook_digest"] == digest_of(expired)
        assert set(entry["private"]) == {"by", "reason"}
        assert not any("Ringde Bo" in str(one) or "anna" in str(one) for one in expired.entries())
        assert reviews(expired)[0].reason == WHY["reason"]
        assert isinstance(audit.verify(expired.parts.store), int)

    def test_pressing_twice_is_one_message_one_alarm_and_one_review(self, expired: Service) -> None:
        assert begin(expired)["id"] == begin(expired)["id"]
        assert len(reviews(expired)) == len(alarms(expired)) == 1

    def test_a_drill_does_the_same_and_says_in_the_alarm_that_it_is_one(self, expired: Service) -> None:
        message = begin(expired, mode="drill")
        expired.pay(seconds=1, steps=3)
        assert message["mark"].startswith("OVN-") and reviews(expired)[0].mode == "drill"
        assert "ÖVNING" in alarms(expired)[0].text.sv
        assert all("ÖVNING" in one for one in expired.posts())


class TestWhatItNeverLetsOut:
    def test_words_that_ran_out_longer_ago_than_the_setting_says(self, service: Service) -> None:
        service.clock.advance((365 + 91) * DAY)
        assert refused(begin, service) == "expired-too-long"

    def test_nothing_where_the_setting_is_nought(self, make_service: ServiceMaker) -> None:
        service = make_service(glass={"expired_days": 0})
        service.clock.advance(366 * DAY)
        assert refused(begin, service) == "expired-too-long"

    def test_words_that_nobody_approved(self, make_service: ServiceMaker) -> None:
        assert refused(begin, make_service(approved=False)) == "playbook-pending"

    def test_words_that_only_one_person_approved_however_long_ago(self, make_service: ServiceMaker) -> None:
        service = make_service(approved=False)
        with service.parts.store.transaction() as transaction:
            approval.approve(transaction, service.parts.playbooks["telefoni-1177"], "approver-1")
        service.clock.advance(370 * DAY)
        assert refused(begin, service) == "playbook-pending"

    def test_words_that_were_revoked(self, expired: Service) -> None:
        with expired.parts.store.transaction() as transaction:
            approval.revoke(transaction, digest_of(expired), "bo")
        assert refused(begin, expired) == "playbook-revoked"

    def test_words_whose_bytes_were_changed_in_the_database(self, expired: Service) -> None:
        with expired.parts.store.transaction() as transaction:
            mine = snapshot_table.c.digest == digest_of(expired)
            transaction.execute(update(snapshot_table).where(mine).values(content=b"{}"))
        assert refused(begin, expired) == "playbook-forged"

    def test_words_that_are_approved_need_no_broken_glass(self, service: Service) -> None:
        assert refused(begin, service) == "glass-not-needed"

    def test_a_free_sentence(self, expired: Service) -> None:
        with pytest.raises(Invalid):
            begin(expired, sentence="Gå till akuten i stället.")

    def test_a_later_phase_which_needs_no_broken_glass(self, expired: Service) -> None:
        first = begin(expired)
        body = expired.body("update", first["incident"])
        with pytest.raises(Invalid):
            expired.parts.broadcasts.break_glass(body, WHY, expired.anna, "glass-2")

    def test_the_same_crisis_twice_without_saying_so(self, expired: Service) -> None:
        begin(expired)
        body = expired.body()
        assert refused(expired.parts.broadcasts.break_glass, body, WHY, expired.anna, "glass-2") == "already-running"

    def test_other_words_than_those_that_were_read(self, expired: Service) -> None:
        assert refused(begin, expired, digest="sha256:" + "0" * 64) == "digest"

    def test_anything_for_a_machine_or_for_somebody_who_may_not_send(self, expired: Service) -> None:
        """One thing may be missing: whoever may only propose does not get expired words out besides."""
        assert refused(begin, expired, MACHINE) == "person-needed"
        for client in (EVA, CIA, person_client("dag", ("auditor",))):
            assert refused(begin, expired, client) == "role-missing"

    def test_words_whose_approval_is_revoked_after_it_are_not_sent_by_the_worker(self, expired: Service) -> None:
        message = begin(expired)
        with expired.parts.store.transaction() as transaction:
            approval.revoke(transaction, digest_of(expired), "bo")
        expired.pay(seconds=1, steps=3)
        assert expired.posts() == [] and expired.state(message["id"], "facebook") == "needs_person"

    def test_words_without_their_approvals_are_not_sent_by_the_worker(self, expired: Service) -> None:
        """A row in our own table says nothing to the proof: the approvals themselves have to stand."""
        begin(expired)
        with expired.parts.store.transaction() as transaction:
            transaction.execute(approval_table.delete().where(approval_table.c.by == "approver-1"))
        expired.pay(seconds=1, steps=3)
        assert expired.posts() == []


class TestNobodyAnswers:
    def test_whoever_may_only_propose_waits_first_and_then_lets_the_same_words_out(self, service: Service) -> None:
        waiting = propose(service)
        assert waiting["state"] == "awaiting_approval"
        assert refused(alone, service, waiting) == "wait-first"
        service.clock.advance(600)
        assert alone(service, waiting)["state"] == "sending"
        service.pay(seconds=1, steps=3)
        assert len(service.posts()) == 1
        (one,) = reviews(service)
        assert (one.cause, one.by, one.mark) == ("alone", "eva", waiting["mark"])
        assert "ingen svarade" in alarms(service)[0].text.sv
        assert "message:approved" not in {entry["type"] for entry in service.entries()}

    def test_an_update_of_an_incident_that_goes_on_in_words_that_ran_out(self, service: Service) -> None:
        first = service.send()
        service.clock.advance(370 * DAY)
        waiting = propose(service, "update", first["incident"])
        service.clock.advance(600)
        assert alone(service, waiting)["state"] == "sending"

    def test_never_a_free_sentence(self, service: Service) -> None:
        first = service.send()
        waiting = propose(service, "update", first["incident"], sentence="Gå till akuten i stället.")
        service.clock.advance(600)
        assert refused(alone, service, waiting) == "sentence-needs-two"
        own = service.send("update", first["incident"], sentence="Gå till akuten i stället.")
        service.clock.advance(600)
        assert refused(alone, service, own, service.anna) == "sentence-needs-two"

    def test_never_anothers_message_nor_for_a_machine(self, service: Service) -> None:
        waiting = propose(service)
        service.clock.advance(600)
        other = person_client("fia", ("author",))
        assert refused(alone, service, waiting, other) == "not-the-maker"
        assert refused(alone, service, waiting, MACHINE) == "person-needed"

    def test_never_two_missing_things_at_once(self, service: Service) -> None:
        service.clock.advance(365 * DAY - 300)
        waiting = propose(service)
        service.clock.advance(600)
        assert refused(alone, service, waiting) == "playbook-expired"
        assert reviews(service) == [] and alarms(service) == []

    def test_never_what_was_revoked_rejected_or_overtaken_meanwhile(self, service: Service) -> None:
        waiting = propose(service)
        service.clock.advance(600)
        service.parts.broadcasts.reject(waiting["id"], {"reason": "fel"}, service.bo)
        assert refused(alone, service, waiting) == "not-waiting"
        first = service.send()
        later = propose(service, "update", first["incident"])
        service.clock.advance(600)
        with service.parts.store.transaction() as transaction:
            approval.revoke(transaction, digest_of(service), "bo")
        assert refused(alone, service, later) == "playbook-revoked"


class TestTheReview:
    def test_somebody_else_who_may_approve_closes_it_in_words_of_their_own_and_the_alarm_ends(
        self, expired: Service
    ) -> None:
        message = begin(expired)
        review(expired, message["id"], CIA, "not_good", "Numret hade ändrats.")
        assert reviews(expired) == [] and alarms(expired) == []
        with expired.parts.store.reading() as transaction:
            one = glass.review_of(transaction, message["id"])
        assert (one.finding, one.reviewed_by, one.found) == ("not_good", "cia", "Numret hade ändrats.")
        (entry,) = [one for one in expired.entries() if one["type"] == "glass:reviewed"]
        assert entry["finding"] == "not_good" and set(entry["private"]) == {"by", "found"}

    def test_never_whoever_broke_it_whatever_else_they_may_do(self, expired: Service) -> None:
        message = begin(expired, expired.bo)
        assert refused(review, expired, message["id"], expired.bo) == "own-review"
        assert refused(review, expired, message["id"], person_client("Bo", ("approver",))) == "own-review"
        assert len(reviews(expired)) == 1

    def test_never_somebody_who_may_not_approve_nor_twice(self, expired: Service) -> None:
        message = begin(expired)
        assert refused(review, expired, message["id"], EVA) == "role-missing"
        assert refused(review, expired, message["id"], MACHINE) == "person-needed"
        review(expired, message["id"], CIA)
        assert refused(review, expired, message["id"], expired.bo) == "reviewed"

    def test_needs_a_finding_and_a_sentence(self, expired: Service) -> None:
        message = begin(expired)
        for finding, said in (("maybe", "Jo."), ("good", "")):
            with pytest.raises(Invalid):
                review(expired, message["id"], CIA, finding, said)
        assert len(reviews(expired)) == 1

    def test_a_reason_that_was_erased_is_said_to_be_gone(self, expired: Service) -> None:
        message = begin(expired)
        with expired.parts.store.transaction() as transaction:
            transaction.execute(update(private).values(value=None, salt=None))
        with expired.parts.store.reading() as transaction:
            assert glass.review_of(transaction, message["id"]).reason is None


class TestWhoIsTold:
    def test_whoever_broke_it_cannot_silence_the_alarm_and_a_colleague_can(self, expired: Service) -> None:
        begin(expired, expired.bo)
        (one,) = alarms(expired)
        with pytest.raises(Forbidden):
            expired.parts.board.answer_alarm(one.id, expired.bo)
        assert len(alarms(expired)) == 1
        assert expired.parts.board.answer_alarm(one.id, expired.anna)
        assert alarms(expired) == []

    def test_everybody_gets_it_at_once_not_only_whoever_is_on_duty(
        self, make_service: ServiceMaker, elks: FortySixElks
    ) -> None:
        with night(make_service, elks) as duty:
            service = duty.service
            service.clock.advance(370 * DAY)
            begin(service)
            duty.tell()
            for phone in (ANNA, BO, TIB):
                assert any("bröt glaset" in sms for sms in duty.elks.phone(phone)), phone

    def test_another_alarm_of_the_incident_does_not_swallow_it(self, expired: Service) -> None:
        begin(expired)
        with expired.parts.store.reading() as transaction:
            rows = transaction.execute(alarm_table.select().where(alarm_table.c.kind == "glass")).mappings().all()
        assert [row["led_by"] for row in rows] == [None] and rows[0]["next_at"] is not None


def test_a_row_of_it_is_one_of_two_causes(expired: Service) -> None:
    begin(expired)
    with expired.parts.store.reading() as transaction:
        row = transaction.execute(broken_glass.select()).mappings().one()
    assert (row["cause"], row["broken_by"], row["finding"]) == ("expired", "user:anna", None)
    assert row["approved_until"] < row["broken_at"]


def test_words_renewed_while_somebody_writes_the_reason_are_sent_as_usual(expired: Service) -> None:
    expired.approve_all()
    with pytest.raises(Conflict, match="need not be broken"):
        begin(expired)
    assert expired.send()["state"] == "sending"
