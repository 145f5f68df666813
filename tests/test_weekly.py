"""The alarm is tested every week: green only when somebody has it in the hand, red and heard of when nobody has."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from night import ANNA, BO, FortySixElks, Night, night
from service import ServiceMaker
from test_alarm import mail_server

from broadcaster import weekly

#: Monday 16 March 2026, 10.00 in Karlstad.
MONDAY = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def duty(make_service: ServiceMaker, elks: FortySixElks) -> Iterator[Night]:
    with night(make_service, elks) as found:
        yield found


def go_to(duty: Night, at: datetime) -> None:
    duty.clock.at = at
    duty.tell()


def health(duty: Night) -> weekly.Health:
    return duty.service.parts.board.alarm_health()


def press_the_button(duty: Night) -> bool:
    return duty.service.parts.board.test_alarm(duty.service.anna)


def test_it_goes_by_itself_on_monday_once_to_the_first_step_and_says_that_it_is_a_test(
    duty: Night, elks: FortySixElks
) -> None:
    go_to(duty, MONDAY.replace(hour=8, minute=59))
    assert elks.sent == []
    go_to(duty, MONDAY)
    duty.pass_time(300, 30)
    assert duty.woken() == [ANNA]
    assert elks.sent[0]["message"].startswith("PROV av krislarmet, Region Exempel: Inget har hänt.")


def test_it_is_green_only_when_the_report_has_come(duty: Night, elks: FortySixElks) -> None:
    go_to(duty, MONDAY)
    assert (health(duty).state, health(duty).words.en) == ("amber", "A test is running: no report yet.")
    elks.report(elks.sent[0], "delivered")
    assert health(duty).state == "green"
    duty.pass_time(1800, 60)
    assert health(duty).state == "green"
    assert [entry["passed"] for entry in duty.log("tested")] == [True]
    assert duty.woken() == [ANNA]


def test_or_when_somebody_answered(duty: Night) -> None:
    go_to(duty, MONDAY)
    assert "Tack. Provet nådde dig." in duty.press(duty.link(ANNA)).text
    assert health(duty).state == "green"
    duty.pass_time(1800, 60)
    assert duty.woken() == [ANNA]  # and nobody is thanked for a test


def test_an_sms_answers_it_too(duty: Night) -> None:
    go_to(duty, MONDAY)
    duty.elks.reply(ANNA, "JA")
    assert health(duty).state == "green"


def test_a_test_that_reached_nobody_is_red_and_raises_an_alarm_that_goes_on_to_the_next(
    duty: Night, elks: FortySixElks
) -> None:
    elks.fail("lost", 100)
    go_to(duty, MONDAY)
    duty.pass_time(weekly.WINDOW_S + 120, 30)
    assert health(duty).state == "red"
    assert [entry["passed"] for entry in duty.log("tested")] == [False]
    assert BO in duty.woken()
    assert [one.kind for one in duty.service.parts.board.alarms()] == ["test_failed"]


def test_a_test_never_rings_on_the_board_as_an_alarm(duty: Night) -> None:
    go_to(duty, MONDAY)
    assert duty.service.parts.board.alarms() == []


def test_a_week_without_a_test_is_amber_again(duty: Night, elks: FortySixElks) -> None:
    assert health(duty).words.en == "The alarm was never tested."
    go_to(duty, MONDAY)
    elks.report(elks.sent[0], "delivered")
    duty.clock.advance(8 * 24 * 3600 + 60)
    assert (health(duty).state, health(duty).words.en) == ("amber", "The alarm was not tested for over a week.")


def test_a_service_that_was_down_tests_later_that_day_and_never_at_night(duty: Night, elks: FortySixElks) -> None:
    go_to(duty, MONDAY.replace(hour=16))
    assert elks.sent == []
    go_to(duty, MONDAY.replace(hour=14))
    assert duty.woken() == [ANNA]


def test_next_week_it_goes_again_also_when_summer_time_has_begun(duty: Night, elks: FortySixElks) -> None:
    go_to(duty, MONDAY)
    assert health(duty).next_at == datetime(2026, 3, 23, 9, 0, tzinfo=UTC)
    duty.clock.at = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    assert health(duty).next_at == datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
    go_to(duty, datetime(2026, 3, 30, 8, 0, tzinfo=UTC))
    assert duty.woken() == [ANNA, ANNA]


def test_the_button_tests_now_and_not_twice_at_once(duty: Night, elks: FortySixElks) -> None:
    assert press_the_button(duty)
    assert not press_the_button(duty)
    duty.tell()
    assert duty.woken() == [ANNA]
    elks.report(elks.sent[0], "delivered")
    assert press_the_button(duty)


def test_a_roster_with_a_fault_is_never_green(make_service: ServiceMaker, elks: FortySixElks) -> None:
    with night(make_service, elks, steps=[{"tell": ["Annna"]}, {"tell": ["Anna"]}, {"tell": ["*"]}]) as duty:
        go_to(duty, MONDAY)
        elks.report(elks.sent[0], "delivered")
        assert health(duty).state == "amber"
        assert "Annna" in health(duty).problems[0].sv


def test_without_a_roster_nothing_is_tested_by_itself_and_the_button_tests_the_mail(
    make_service: ServiceMaker, elks: FortySixElks
) -> None:
    people = [{"name": "Anna", "email": "anna@region.example"}]
    with mail_server() as room:
        ways = {"smtp": f"smtp://127.0.0.1:{room.port}", "sender": "kris@region.example"}
        with night(make_service, elks, people=people, steps=[], sms=None, **ways) as duty:
            go_to(duty, MONDAY)
            assert room.letters == []
            assert press_the_button(duty)
            duty.tell()
            assert len(room.letters) == 1 and b"PROV" in room.letters[0]
            test = health(duty).test
            assert test is not None and duty.service.parts.board.answer_alarm(test, duty.service.anna)
            assert health(duty).state == "green"
