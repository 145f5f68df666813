"""At night the next message may wait until the morning: chosen with one touch, said in the words, kept as promised."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from service import Service
from visitor import Page, Visitor

Visit = Callable[..., Visitor]
#: Promises the next message within the hour: its readers cannot wait. The other one promises it in two.
HOUR, TWO_HOURS = "telefoni-1177", "it-avbrott-journal"
SIX = "2026-03-14T06:00:00+01:00"


def at(service: Service, clock: str) -> None:
    """Set the clock to a local time of that winter's day."""
    hour, minute = map(int, clock.split("."))
    service.clock.at = datetime(2026, 3, 14, hour, minute, tzinfo=UTC).replace(hour=(hour - 1) % 24)


def words(anna: Visitor, playbook: str, **chosen: str) -> Page:
    new = f"/desk/new/{playbook}"
    return anna.press(anna.open(f"{new}?mode=live"), new, **chosen)


def checked(page: Page, playbook: str) -> str:
    return page.form(f"/desk/new/{playbook}").value("next_update")


def test_at_night_the_morning_is_one_touch_away_and_the_playbooks_own_time_is_chosen(anna: Visitor) -> None:
    page = anna.open(f"/desk/new/{HOUR}?mode=live")
    assert "När lovar vi nästa besked?" in page.line
    for clock in ("03.45, som krismallen säger", "06.00", "08.00"):
        assert f"Lördag 14 mars kl. {clock}" in page.line
    assert checked(page, HOUR) == ""


def test_a_playbook_that_can_wait_has_the_morning_chosen_already(anna: Visitor) -> None:
    assert checked(anna.open(f"/desk/new/{TWO_HOURS}?mode=live"), TWO_HOURS) == SIX
    assert "Orden lovar nästa besked senast 14 mars 2026 kl. 06.00" in words(anna, TWO_HOURS).line


@pytest.mark.parametrize(("local", "asked"), [("20.59", False), ("21.00", True), ("04.30", True), ("05.00", False)])
def test_by_day_nothing_is_asked_and_the_playbook_decides(
    visit: Visit, service: Service, local: str, asked: bool
) -> None:
    at(service, local)
    page = visit("anna").open(f"/desk/new/{HOUR}?mode=live")
    assert ("När lovar vi nästa besked?" in page.line) == asked


def test_nothing_is_asked_where_the_playbooks_own_time_is_the_morning_or_later(anna: Visitor) -> None:
    """Closed visits are told of once a day."""
    assert "När lovar vi nästa besked?" not in anna.open("/desk/new/besoksforbud?mode=live").line


def test_the_chosen_time_stands_in_every_channel_on_the_board_and_in_the_reminder(
    anna: Visitor, service: Service
) -> None:
    page = words(anna, HOUR, next_update=SIX)
    assert "Orden lovar nästa besked senast 14 mars 2026 kl. 06.00" in page.line
    assert all("06.00" in text for text in page.words() if "ästa besked" in text)
    board = anna.press(page, "/send")
    assert "Nästa besked utlovat senast kl. 06.00" in board.line
    message = service.parts.board.situation("RE-2026-0001").messages[0]
    assert all("03.45" not in view.words for view in message.deliveries)
    service.pay(steps=3, seconds=1)
    assert set(service.states(message.json["id"]).values()) == {"published"}
    cap = anna.open(f"/m/{message.json['incident']}").line
    assert "lördag 14 mars kl. 06.00" in cap


def test_nobody_has_to_choose_and_then_it_is_as_the_playbook_says(anna: Visitor) -> None:
    assert "Nästa besked utlovat senast kl. 03.45" in anna.press(words(anna, HOUR), "/send").line


def test_a_time_that_has_passed_is_asked_about_and_nothing_is_sent(anna: Visitor, service: Service) -> None:
    answer = words(anna, HOUR, next_update="2026-03-14T02:30:00+01:00")
    assert answer.status == 422
    assert "en tid som inte har passerat" in answer.line
    assert service.parts.board.incidents()["items"] == []


def test_nothing_new_at_night_promises_the_morning_too(anna: Visitor, service: Service) -> None:
    ref = service.send(playbook=TWO_HOURS)["incident"]
    service.pay(steps=3, seconds=1)
    page = anna.open(f"/desk/incidents/{ref}/nothing-new")
    assert "Orden lovar nästa besked senast 14 mars 2026 kl. 06.00" in page.line
    assert "Nästa besked utlovat senast kl. 06.00" in anna.press(page, "/send").line


def test_whoever_changes_something_else_keeps_what_was_chosen(anna: Visitor) -> None:
    page = words(anna, HOUR, next_update=SIX)
    again = anna.press(page, f"/desk/new/{HOUR}", button="change")
    assert checked(again, HOUR) == SIX
