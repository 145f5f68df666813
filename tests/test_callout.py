"""Somebody is woken: in order, at once where a telling is lost, until one of them answers."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from night import ANNA, BO, PEOPLE, STEPS, TIB, TROUBLE, FortySixElks, Night, night
from service import ServiceMaker
from sqlalchemy import update
from test_alarm import mail_server, webhook

from broadcaster import alarm, callout, gsm7
from broadcaster.alarm_tables import alarm_told
from broadcaster.tables import alarm as alarm_table


@pytest.fixture
def duty(make_service: ServiceMaker, elks: FortySixElks) -> Iterator[Night]:
    """Return a night with Anna first, then Bo, then everybody."""
    with night(make_service, elks) as found:
        yield found


class TestTheSecondPersonIsReached:
    """The promise of the roster, over an imitation that loses what it was given."""

    @pytest.mark.parametrize("way", ["link", "sms"])
    def test_when_the_first_sms_never_reaches_a_phone_the_second_person_is_woken_and_takes_it(
        self, duty: Night, elks: FortySixElks, way: str
    ) -> None:
        """46elks took it and said so; the phone never rang and no report came."""
        elks.fail("lost")
        duty.raise_one()
        duty.tell()
        assert (duty.told(), elks.phone(ANNA)) == ([("Anna", "sms", "sent")], [])
        duty.pass_time(59)
        assert elks.phone(BO) == []
        duty.pass_time(1)
        assert duty.told()[0] == ("Anna", "sms", "missing") and TROUBLE.sv in elks.phone(BO)[0]
        elks.report(elks.to(BO)[0], "delivered")
        if way == "link":
            assert duty.press(duty.link(BO)).status_code == 200
        else:
            code = re.search(r"svara (JA \d{4})", elks.phone(BO)[0])
            assert code is not None and elks.reply(BO, code[1]) == 204
        duty.pass_time(3600, 60)
        assert duty.told() == [("Anna", "sms", "missing"), ("Bo", "sms", "delivered")]
        assert (duty.alarms()[0]["answered_by"], duty.log("answered")[0]["how"]) == ("duty:Bo", way)
        assert "Bo tog larmet" in elks.phone(BO)[-1] and elks.phone(TIB) == []

    def test_when_the_answer_to_the_first_sms_is_lost_the_second_person_is_woken_and_takes_it(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        elks.fail("applied_then_drop")
        duty.raise_one()
        duty.tell()
        assert duty.told() == [("Anna", "sms", "unsure")]
        duty.pass_time(59)
        assert duty.woken() == [ANNA]
        duty.pass_time(1)  # no report in a minute: Bo's turn, long before the three minutes are over
        assert duty.woken() == [ANNA, BO]
        assert elks.report(elks.to(BO)[0], "delivered") == 204
        assert duty.press(duty.link(BO)).status_code == 200
        duty.pass_time(3600, 60)
        assert duty.told() == [("Anna", "sms", "missing"), ("Bo", "sms", "delivered")]
        assert duty.alarms()[0]["answered_by"] == "duty:Bo"
        assert TIB not in duty.woken()

    def test_when_the_first_does_not_answer_the_second_is_woken_after_three_minutes(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        duty.raise_one()
        duty.tell()
        elks.report(elks.sent[0], "delivered")
        duty.pass_time(179)
        assert duty.woken() == [ANNA]
        duty.pass_time(1)
        assert duty.woken() == [ANNA, BO]

    def test_a_failed_report_gives_the_turn_to_the_second_at_once(self, duty: Night, elks: FortySixElks) -> None:
        duty.raise_one()
        duty.tell()
        assert elks.report(elks.sent[0], "failed") == 204
        duty.tell()
        assert duty.woken() == [ANNA, BO]

    def test_a_refusal_gives_the_turn_to_the_second_at_once(self, duty: Night, elks: FortySixElks) -> None:
        elks.fail("token_dead")
        duty.raise_one()
        duty.tell()
        duty.tell()
        assert duty.woken() == [BO]
        assert duty.told() == [("Anna", "sms", "failed"), ("Bo", "sms", "sent")]

    def test_after_the_last_step_everybody_is_told_again_every_five_minutes(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        elks.delivers = True
        duty.raise_one()
        duty.tell()
        duty.pass_time(360, 10)
        assert duty.woken()[:2] == [ANNA, BO]
        assert sorted(duty.woken()[2:]) == [ANNA, BO, TIB]
        duty.pass_time(300, 10)
        assert len(elks.sent) == 8

    def test_where_46elks_is_away_the_steps_go_by_and_it_is_tried_again_without_a_storm(
        self, make_service: ServiceMaker, elks: FortySixElks
    ) -> None:
        with night(make_service, elks, sms_url="http://127.0.0.1:1") as duty:
            duty.raise_one()
            duty.pass_time(120)
            assert [one[2] for one in duty.told()] == ["failed"] * len(duty.told())
            assert duty.alarms()[0]["last_error"] == "sms: ConnectError"
            assert 4 <= duty.alarms()[0]["times"] <= 6  # three steps at once, then every half minute


class TestNothingIsRepeatedBlindly:
    def test_an_sms_whose_answer_was_lost_is_never_asked_for_again_in_the_same_telling(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        elks.fail("applied_then_drop")
        duty.raise_one()
        for _ in range(5):
            duty.tell()
        assert duty.woken() == [ANNA]

    def test_a_report_that_comes_late_is_believed(self, duty: Night, elks: FortySixElks) -> None:
        elks.fail("applied_then_drop")
        duty.raise_one()
        duty.pass_time(70)
        assert duty.told()[0] == ("Anna", "sms", "missing")
        elks.report(elks.sent[0], "delivered")
        elks.report(elks.sent[0], "failed")  # and one that comes after it is not
        assert duty.told()[0] == ("Anna", "sms", "delivered")
        assert len(duty.log("delivered")) == 1

    def test_a_report_repeated_for_hours_changes_nothing(self, duty: Night, elks: FortySixElks) -> None:
        duty.raise_one()
        duty.tell()
        assert {elks.report(elks.sent[0], status) for status in ("sent", "failed", "failed", "failed")} == {204}
        assert len(duty.log("undelivered")) == 1

    def test_two_workers_do_not_both_wake_the_same_person(self, duty: Night, elks: FortySixElks) -> None:
        duty.raise_one()
        both = [threading.Thread(target=duty.tell) for _ in range(2)]
        for worker in both:
            worker.start()
        for worker in both:
            worker.join()
        assert duty.woken() == [ANNA]

    def test_a_worker_that_dies_between_writing_and_sending_costs_a_minute_and_not_the_alarm(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        duty.raise_one()
        store = duty.service.parts.store
        calls = callout._take(store, duty.bell, duty.roster)  # committed; then the machine is gone
        assert len(calls) == 1 and duty.woken() == []
        duty.pass_time(60)
        assert duty.woken() == [BO]
        assert duty.told()[0] == ("Anna", "sms", "missing")


class TestOneNightOneSms:
    """Four channels that fail at once are one SMS, not four."""

    def test_alarms_of_one_incident_are_told_together_and_answered_together(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        elks.delivers = True
        ref = duty.service.send()["incident"]
        for kind in ("a", "b", "c"):
            duty.raise_one(kind, incident=ref)
        duty.tell()
        assert len(elks.sent) == 1
        duty.pass_time(180)
        assert "(+2 till)" in elks.to(BO)[0]["message"]
        duty.press(duty.link(BO))
        assert {row["answered_by"] for row in duty.alarms()} == {"duty:Bo"}
        duty.pass_time(1200, 60)
        assert TIB not in duty.woken()

    def test_at_the_desk_each_is_answered_by_itself_and_the_others_go_on_ringing(self, duty: Night) -> None:
        ref = duty.service.send()["incident"]
        for kind in ("a", "b"):
            duty.raise_one(kind, incident=ref)
        duty.tell()
        first = next(row for row in duty.alarms() if row["led_by"] is None)
        assert duty.service.parts.board.answer_alarm(first["id"], duty.service.anna)
        duty.pass_time(10)
        assert len([sms for sms in duty.elks.sent if "Ta larmet" in sms["message"]]) == 1
        duty.pass_time(120)
        assert len([sms for sms in duty.elks.sent if "Ta larmet" in sms["message"]]) == 2

    def test_alarms_about_the_service_itself_are_never_hidden_behind_another(self, duty: Night) -> None:
        duty.raise_one("a")
        duty.raise_one("b")
        duty.tell()
        assert duty.woken() == [ANNA, ANNA]


class TestWhoMayDoWhat:
    """A change of it is no night's alarm, and still everybody has to know."""

    def test_everybody_is_told_at_once_and_only_once(self, duty: Night, elks: FortySixElks) -> None:
        elks.delivers = True
        duty.raise_one(alarm.AUTHORITY)
        duty.tell()
        duty.pass_time(3600, 60)
        for number in (ANNA, BO, TIB):
            (sms,) = elks.phone(number)
            assert sms.startswith("Ändrad behörighet, Region Exempel: ") and "\nJag har läst: " in sms

    def test_while_no_sms_can_be_sent_it_is_tried_again(self, duty: Night, elks: FortySixElks) -> None:
        elks.fail("token_dead", times=3)
        duty.raise_one(alarm.AUTHORITY)
        duty.tell()
        duty.pass_time(60, 10)
        assert len(elks.phone(ANNA)) == len(elks.phone(TIB)) == 1


class TestTheWords:
    def test_the_first_words_say_what_and_where_and_the_whole_is_at_most_two_parts(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        ref = duty.service.send()["incident"]
        duty.raise_one(incident=ref)
        duty.tell()
        message = elks.sent[0]["message"]
        assert message.startswith(f"KRISLARM {ref}: Facebook svarar inte.")
        assert gsm7.parts(message) <= 2
        assert f"{duty.url}/alarm/" in message and duty.alarms()[0]["code"] in message

    def test_a_real_alarm_of_a_channel_is_cut_in_the_middle_and_never_the_way_to_answer(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        duty.service.send()
        duty.service.clock.advance(61)
        duty.service.outbox().overdue()
        duty.tell()
        message = elks.sent[0]["message"]
        assert gsm7.parts(message) <= 2
        gsm7.septets(message)  # every character is of the alphabet
        assert "inte bekräftat" in message and message.endswith(f"svara JA {_leader(duty)['code']}")

    def test_a_drill_says_so_first(self, duty: Night, elks: FortySixElks) -> None:
        ref = duty.service.send(mode="drill")["incident"]
        duty.raise_one(incident=ref)
        duty.tell()
        assert elks.sent[0]["message"].startswith(f"ÖVNING KRISLARM {ref}:")

    def test_a_sender_that_is_a_name_cannot_be_answered_and_offers_no_code(
        self, make_service: ServiceMaker, elks: FortySixElks
    ) -> None:
        with night(make_service, elks, sms="RVKris") as duty:
            duty.raise_one()
            duty.tell()
        assert "svara JA" not in elks.sent[0]["message"] and elks.sent[0]["from"] == "RVKris"


def _leader(duty: Night) -> dict[str, Any]:
    return next(row for row in duty.alarms() if row["led_by"] is None)


class TestEveryWay:
    def test_mail_and_webhook_go_beside_the_sms_each_with_a_link_of_its_own(
        self, make_service: ServiceMaker, elks: FortySixElks
    ) -> None:
        people = [{"name": "Anna", "phone": ANNA, "email": "anna@region.example"}, *PEOPLE[1:]]
        with mail_server() as room, webhook() as hook:
            ways = {"smtp": f"smtp://127.0.0.1:{room.port}", "sender": "kris@region.example", "webhook": hook.url}
            with night(make_service, elks, people=people, **ways) as duty:
                duty.raise_one()
                duty.tell()
                told = {("Anna", "email", "sent"), ("Anna", "sms", "sent"), (None, "webhook", "sent")}
                assert set(duty.told()) == told and len(duty.told()) == 3
            assert b"KRISLARM" in room.letters[0] and b"To: anna@region.example" in room.letters[0]
            assert b'"people": [{"name": "Anna"' in hook.requests[0][1]

    def test_a_mail_that_went_is_no_reason_to_wait_when_the_sms_did_not(
        self, make_service: ServiceMaker, elks: FortySixElks
    ) -> None:
        """Mail wakes nobody."""
        people = [{"name": "Anna", "phone": ANNA, "email": "anna@region.example"}, *PEOPLE[1:]]
        elks.fail("token_dead")
        with mail_server() as room:
            ways = {"smtp": f"smtp://127.0.0.1:{room.port}", "sender": "kris@region.example"}
            with night(make_service, elks, people=people, **ways) as duty:
                duty.raise_one()
                duty.tell()
                duty.tell()
                assert duty.woken() == [BO]

    def test_nobody_who_can_be_told_is_said_on_the_alarm(self, make_service: ServiceMaker, elks: FortySixElks) -> None:
        with night(make_service, elks, people=[{"name": "Växeln"}], steps=[]) as duty:
            duty.raise_one()
            duty.tell()
            assert "no way is set up" in str(duty.alarms()[0]["last_error"])

    def test_without_a_roster_everything_is_as_it_was(self, make_service: ServiceMaker, elks: FortySixElks) -> None:
        people = [{"name": "Anna", "email": "anna@region.example"}, {"name": "Bo", "email": "bo@region.example"}]
        with mail_server() as room:
            ways = {"smtp": f"smtp://127.0.0.1:{room.port}", "sender": "kris@region.example"}
            with night(make_service, elks, people=people, steps=[], sms=None, **ways) as duty:
                duty.raise_one()
                duty.pass_time(301)
                assert duty.told() == []
        assert len(room.letters) == 2
        assert b"To: anna@region.example, bo@region.example" in room.letters[0]


class TestThanks:
    def test_those_who_were_woken_hear_once_who_took_it(self, duty: Night, elks: FortySixElks) -> None:
        elks.delivers = True
        duty.raise_one()
        duty.pass_time(181)
        duty.press(duty.link(BO))
        duty.pass_time(30)
        notes = [sms for sms in elks.sent if "tog larmet" in sms["message"]]
        assert sorted(sms["to"] for sms in notes) == [ANNA, BO]
        assert notes[0]["message"] == "KRISLARM tjänsten: Bo tog larmet kl. 02.43. Du behöver inte göra något."
        assert gsm7.parts(notes[0]["message"]) == 1
        assert len(duty.log("thanked")) == 2

    def test_nobody_hears_of_an_alarm_they_were_not_told_of(self, duty: Night, elks: FortySixElks) -> None:
        duty.raise_one()
        with duty.service.parts.store.transaction() as transaction:
            alarm.answer(transaction, duty.alarms()[0]["id"], "user:cia")
        duty.pass_time(600, 60)
        assert elks.sent == []


class TestTheLog:
    def test_it_says_who_was_told_how_and_what_became_of_it_without_a_name_or_a_number(
        self, duty: Night, elks: FortySixElks
    ) -> None:
        elks.fail("applied_then_drop")
        duty.raise_one()
        duty.pass_time(61)
        elks.report(elks.to(BO)[0], "delivered")
        duty.press(duty.link(BO))
        kinds = [entry["type"] for entry in duty.service.entries() if entry["type"].startswith("alarm:")]
        assert kinds == [
            "alarm:raised",
            "alarm:calling",
            "alarm:told",
            "alarm:undelivered",
            "alarm:calling",
            "alarm:told",
            "alarm:delivered",
            "alarm:answered",
        ]
        assert [entry["state"] for entry in duty.log("told")] == ["unsure", "sent"]
        assert duty.log("answered")[0]["how"] == "link"
        everything = str(duty.service.entries())
        for hidden in ("Anna", "Bo'", ANNA, BO, duty.link(BO).rsplit("/", 1)[1]):
            assert hidden not in everything, hidden

    def test_no_token_is_in_the_database(self, duty: Night, elks: FortySixElks) -> None:
        duty.raise_one()
        duty.tell()
        token = duty.link(ANNA).rsplit("/", 1)[1]
        report = elks.sent[0]["whendelivered"].rsplit("/", 1)[1]
        with duty.service.parts.store.reading() as transaction:
            kept = str(transaction.execute(alarm_told.select()).all())
        assert token not in kept and report not in kept


def test_an_alarm_that_was_rung_before_the_roster_began_goes_on_with_its_first_step(duty: Night) -> None:
    """Rows of an older version have no step and no code."""
    duty.raise_one()
    with duty.service.parts.store.transaction() as transaction:
        transaction.execute(update(alarm_table).values(times=7))
    duty.tell()
    assert duty.woken() == [ANNA]
    assert STEPS[0] == {"tell": ["Anna"]}
