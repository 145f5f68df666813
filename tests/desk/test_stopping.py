"""Stoppa: ten seconds after the last press, one large button, and what it says is true."""

from collections.abc import Callable

import pytest
from service import Service
from visitor import Page, Visitor

Visit = Callable[..., Visitor]
HELD = "/desk/new/allman-handelse"
AT_ONCE = "/desk/new/telefoni-1177"


def sent(anna: Visitor, address: str = HELD, mode: str = "live", **blanks: str) -> Page:
    """Fill in, read and send; return the board."""
    words = anna.press(anna.open(f"{address}?mode={mode}"), address, **blanks)
    return anna.press(words, "/send", read=[name.removeprefix("blank__") for name in blanks])


@pytest.mark.parametrize("mode", ["live", "drill"])
def test_the_board_begins_with_what_can_be_stopped_and_for_how_long(anna: Visitor, mode: str) -> None:
    board = sent(anna, mode=mode)
    assert "Inget har gått ut än. Det går att stoppa." in board.line
    assert "Låt det vara, så går det ut om 10 s." in board.line
    assert board.has_form("/stop")


def test_the_button_is_told_of_before_the_last_press(anna: Visitor) -> None:
    page = anna.press(anna.open(f"{HELD}?mode=live"), HELD)
    assert "kan du stoppa det i 10 sekunder, innan något går ut" in page.line
    page = anna.press(anna.open(f"{AT_ONCE}?mode=live"), AT_ONCE)
    assert "stoppa det i" not in page.line


def test_stopped_it_is_said_that_nothing_went_out_and_all_is_there_to_begin_again_from(anna: Visitor) -> None:
    board = anna.press(sent(anna, blank__handelse="brand"), "/stop")
    assert board.address == "/desk/incidents/RE-2026-0001"
    assert "Stoppat. Inget gick ut någonstans." in board.line
    assert "Skickas inte, tillbakadraget" in board.line
    assert not board.has_form("/stop")
    again = f"{HELD}?mode=live&amp;blank.handelse=brand"
    assert f'href="{again}"' in board.html
    form = anna.open(again.replace("&amp;", "&")).form(HELD)
    assert form.value("blank.handelse") == "brand"


def test_pressed_twice_it_is_stopped_once_and_nothing_is_asked(anna: Visitor, service: Service) -> None:
    board = sent(anna)
    first, second = anna.press(board, "/stop"), anna.press(board, "/stop")
    assert first.status == second.status == 200
    assert [one["type"] for one in service.entries()].count("message:recalled") == 1


def test_pressed_too_late_nothing_is_done_before_one_has_read_what_a_recall_does(
    anna: Visitor, service: Service
) -> None:
    board = sent(anna)
    service.pay(seconds=11, steps=2)
    page = anna.press(board, "/stop")
    assert page.status == 409
    assert "Det hann börja gå ut, så inget är stoppat än." in page.line
    assert page.has_form("/recall")
    assert "message:recalled" not in [one["type"] for one in service.entries()]


def test_a_worker_that_is_away_leaves_the_button_standing_because_it_still_can_be_stopped(
    anna: Visitor, service: Service
) -> None:
    board = sent(anna)
    service.clock.advance(60)
    assert "går det ut om 0 s" in anna.open(board.address).line
    assert "Stoppat. Inget gick ut någonstans." in anna.press(board, "/stop").line


def test_once_it_leaves_there_is_no_button_and_the_board_tells_of_the_channels(
    anna: Visitor, service: Service
) -> None:
    board = sent(anna)
    service.pay(seconds=11, steps=3)
    later = anna.open(board.address)
    assert not later.has_form("/stop")
    assert "Ute i" in later.line


def test_what_is_not_held_shows_no_button_even_for_a_moment(anna: Visitor) -> None:
    board = sent(anna, AT_ONCE)
    assert not board.has_form("/stop")


def test_who_may_not_send_sees_no_button_and_cannot_stop(visit: Visit, anna: Visitor, service: Service) -> None:
    board = sent(anna)
    message = service.parts.board.situation("RE-2026-0001").messages[0].json["id"]
    dag = visit("dag")
    seen = dag.open(board.address)
    assert not seen.has_form("/stop")
    assert "Inget har gått ut än." in seen.line
    token = seen.form("/logout").value("csrf")
    assert dag.post(f"/desk/messages/{message}/stop", [("csrf", token)]).status == 403
    assert service.message(message)["state"] == "sending"


def test_an_update_that_was_stopped_leaves_what_stood_before(anna: Visitor, service: Service) -> None:
    first = service.send(playbook="allman-handelse")
    service.pay(steps=3, seconds=1)
    address = f"/desk/incidents/{first['incident']}/update"
    board = anna.press(anna.press(anna.open(address), "/update"), "/update/send")
    stopped = anna.press(board, "/stop")
    assert "Stoppat. Inget gick ut någonstans." in stopped.line
    assert f'href="{address}?' in stopped.html
    service.pay(seconds=30, steps=3)
    assert service.message(first["id"])["state"] == "partly_published"
    assert service.parts.board.public_messages()[0].mark.endswith("/1")
