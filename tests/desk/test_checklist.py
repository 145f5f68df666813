"""The checklist on the board: ticked by whoever has done it, seen by everybody, whole without JavaScript."""

from collections.abc import Callable

import pytest
from service import Service
from visitor import Page, Visitor

from broadcaster.audit import digest_of

Visit = Callable[..., Visitor]
WEB = ["own_web"]


@pytest.fixture(params=["live", "drill"])
def ref(service: Service, request: pytest.FixtureRequest) -> str:
    return str(service.send(channels=WEB, mode=request.param)["incident"])


def board(visitor: Visitor, ref: str, more: str = "") -> Page:
    return visitor.open(f"/desk/incidents/{ref}{more}")


def tick(visitor: Visitor, ref: str, place: int) -> Page:
    """Press the button of one line, as it stands on the page now."""
    forms = [one for one in board(visitor, ref).forms if one.action.endswith("/checklist")]
    return visitor.post(forms[place].action, forms[place].fields)


def test_ticked_with_who_and_when_and_seen_by_all(anna: Visitor, visit: Visit, service: Service, ref: str) -> None:
    count = len(service.parts.board.pinned(ref).checklist)
    assert f"0 av {count} gjorda" in board(anna, ref).line
    service.clock.advance(240)
    page = tick(anna, ref, 1)
    assert page.status == 200 and page.address == f"/desk/incidents/{ref}?list=1"
    assert '<details class="checklist" id="checklist" data-key="checklist" open>' in page.html
    for reader in (anna, visit("bo"), visit("cia"), visit("dag")):
        assert f"1 av {count} gjorda" in board(reader, ref).line
        assert "Bockat av anna kl. 02.44" in board(reader, ref).line
    assert f"1 of {count} done" in board(anna, ref, "?lang=en").line
    assert "Ticked by anna at 02:44" in board(anna, ref, "?lang=en").line


def test_the_button_that_was_pressed_takes_the_tick_away(anna: Visitor, service: Service, ref: str) -> None:
    tick(anna, ref, 0)
    assert board(anna, ref).html.count('aria-pressed="true"') == 1
    tick(anna, ref, 0)
    assert 'aria-pressed="true"' not in board(anna, ref).html and "Bockat av" not in board(anna, ref).line
    assert "0 av" in board(anna, ref).line


def test_a_second_press_of_the_same_page_does_nothing_worse(anna: Visitor, service: Service, ref: str) -> None:
    form = next(one for one in board(anna, ref).forms if one.action.endswith("/checklist"))
    for _ in range(3):
        assert anna.post(form.action, form.fields).status == 200
    assert [one["type"] for one in service.entries()].count("checklist:ticked") == 1


def test_when_everything_is_done_the_heading_says_so(anna: Visitor, service: Service, ref: str) -> None:
    count = len(service.parts.board.pinned(ref).checklist)
    for place in range(count):
        page = tick(anna, ref, place)
    assert f"alla {count} gjorda" in page.line and "all-done" in page.html
    assert f"all {count} done" in board(anna, ref, "?lang=en").line


def test_whoever_may_only_read_sees_it_and_cannot_press(visit: Visit, service: Service, ref: str) -> None:
    dag = visit("dag")
    page = board(dag, ref)
    assert not page.has_form("/checklist") and "Gör nu" in page.line
    line = digest_of(service.parts.board.pinned(ref).checklist[0].sv)
    forms = [("csrf", page.forms[0].value("csrf")), ("line", line), ("done", "1")]
    assert dag.post(f"/desk/incidents/{ref}/checklist", forms).status == 403
    assert "Bockat av" not in board(dag, ref).line


def test_a_closed_incident_shows_it_as_it_stood(anna: Visitor, service: Service, ref: str) -> None:
    tick(anna, ref, 0)
    form = next(one for one in board(anna, ref).forms if one.action.endswith("/checklist"))
    service.send("all_clear", ref, mode=service.parts.board.incident(ref)["mode"])
    page = board(anna, ref)
    assert not page.has_form("/checklist") and "Checklistan, som den stod när händelsen avslutades" in page.line
    assert "Bockat av anna kl. 02.40" in page.line and "1 av" in page.line
    refused = anna.post(form.action, form.fields)
    assert refused.status == 409 and "Händelsen är avslutad, så checklistan ändras inte mer" in refused.line


def test_a_tick_of_yesterday_says_its_day(anna: Visitor, service: Service, ref: str) -> None:
    tick(anna, ref, 0)
    service.clock.advance(24 * 3600)
    anna.sign_in("anna")
    assert "Bockat av anna 14 mars 2026 kl. 02.40" in board(anna, ref).line


def test_the_board_that_stands_still_stands_still_after_the_tick(anna: Visitor, ref: str) -> None:
    form = next(one for one in board(anna, ref, "?still=1").forms if one.action.endswith("/checklist"))
    assert anna.post(form.action, form.fields).address == f"/desk/incidents/{ref}?list=1&still=1"


def test_the_fragment_a_colleague_asks_for_is_new_after_a_tick(anna: Visitor, visit: Visit, ref: str) -> None:
    bo = visit("bo")
    address = f"/desk/incidents/{ref}/board"
    tag = bo.client.get(address).headers["ETag"]
    assert bo.client.get(address, headers={"If-None-Match": tag}).status_code == 304
    tick(anna, ref, 0)
    assert "Bockat av anna" in bo.client.get(address, headers={"If-None-Match": tag}).text


def test_the_log_says_which_line_and_who(anna: Visitor, ref: str) -> None:
    tick(anna, ref, 1)
    tick(anna, ref, 1)
    page = anna.open(f"/desk/log?incident={ref}")
    assert "Avbockat på checklistan (punkt 2)" in page.line
    assert "Bocken togs bort på checklistan (punkt 2)" in page.line
