"""The night is over: she enters what was pasted by hand, reads what that comes to, and the incident goes on."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from service import Service
from visitor import Page, Visitor

Visit = Callable[..., Visitor]
START = "/desk/by-hand/new/telefoni-1177"
NOTICE = "https://www.1177.se/Varmland/nyheter/telefoni/"
PLACES = ["facebook.sv", "1177_notice.sv", "1177_article.sv", "1177_article.en", "1177_phone.sv", "1177_phone.en"]


def answers(**more: Any) -> dict[str, Any]:
    """Return a filled form: the notice was pasted at 00.40, everything else is sent now."""
    sent = {f"what__{place.replace('.', '__')}": "send" for place in PLACES}
    return {
        **sent, "done_at": "2026-03-14T00:40", "what__1177_notice__sv": "done", "url__1177_notice__sv": NOTICE, **more
    }  # fmt: skip


def review(visitor: Visitor, address: str = START, **more: Any) -> Page:
    return visitor.press(visitor.open(address), address, **answers(**more))


def test_from_the_desks_start_page_to_the_incidents_board(anna: Visitor, service: Service) -> None:
    assert 'href="/desk/by-hand"' in anna.open("/desk").html
    assert f'href="{START}"' in anna.open("/desk/by-hand").html
    read = review(anna, paper_number="20260314-1", changed="Vi strök en mening.")
    assert "Skrivs in som gjort för hand" in read.line
    assert NOTICE in read.line
    assert "14 mars 2026 kl. 00.40" in read.line
    assert "med numret 20260314-1" in read.line
    assert "Vi strök en mening." in read.line
    assert service.parts.board.incidents()["items"] == []  # nothing before she has read it
    board = anna.press(read, "/enter")
    assert board.address == "/desk/incidents/RE-2026-0001"
    assert "Lades ut för hand 14 mars 2026 kl. 00.40 · inskrivet 14 mars 2026 kl. 02.40 av anna" in board.line
    assert "Gjort för hand av anna" in board.line
    assert "Vi strök en mening." not in board.line


def test_pressed_twice_it_is_one_message(anna: Visitor, service: Service) -> None:
    read = review(anna)
    assert anna.press(read, "/enter").address == anna.press(read, "/enter").address
    assert len(service.parts.board.incidents()["items"]) == 1


def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(anna: Visitor, service: Service) -> None:
    page = anna.press(
        anna.open(START), START, done_at="", done_by="", blank__reservnummer="112", url__facebook__sv="ftp://x",
        what__facebook__sv="send",
    )  # fmt: skip
    assert page.status == 422
    unanswered = "Notis på 1177.se, svenska: svara vad som hände där"
    for said in ("Skriv dag och klockslag", "Skriv vem som lade ut det", unanswered):
        assert said in page.line
    assert "Det är inget telefonnummer" in page.line
    assert page.form(START).value("blank.reservnummer") == "112"
    assert page.form(START).value("url.facebook.sv") == "ftp://x"
    assert 'href="#f-done_at"' in page.html
    assert 'href="#f-what-1177_phone-en"' in page.html
    assert service.parts.board.incidents()["items"] == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"done_at": "2026-03-14T02:50"}, "har inte varit än"),
        ({"done_at": "i natt"}, "Skriv dag och klockslag"),
        ({"at__1177_notice__sv": "2026-03-14T00:30"}, "före den då beskedet först lades ut"),
        ({"url__1177_notice__sv": "1177.se"}, "Är inte en webbadress"),
        ({"what__1177_notice__sv": "send"}, "Inget är markerat som gjort för hand"),
        ({"what__facebook__sv": "brevduva"}, "Känns inte igen"),
        ({"mode": None}, "Välj om det är på riktigt eller en övning"),
        ({"version": "sha256:0"}, "ingen godkänd version"),
        ({"paper_number": "9" * 61}, "högst 60 tecken"),
        ({"changed": "x" * 2001}, "högst 2000 tecken"),
        ({"decided_how": "telefon"}, "Skriv vem som bestämde"),
    ],
)
def test_each_wrong_answer_is_told(anna: Visitor, service: Service, changed: dict[str, Any], said: str) -> None:
    page = review(anna, **changed)
    assert page.status == 422
    assert said in page.line
    assert service.parts.board.incidents()["items"] == []


def test_an_hour_that_came_twice_is_asked_about(visit: Visit, service: Service) -> None:
    """On 25 October the clock shows 02.30 twice; an hour is a long time in a crisis."""
    service.clock.at = datetime(2026, 10, 25, 3, 0, tzinfo=UTC)
    anna = visit("anna")
    twice = "2026-10-25T02:30"
    page = review(anna, done_at=twice)
    assert page.status == 422
    assert "visade den tiden två gånger" in page.line
    read = anna.press(page, START, which="winter")
    assert "kl. 02.30 (normaltid)" in read.line
    anna.press(read, "/enter")
    message = service.parts.board.situation("RE-2026-0001").messages[0]
    assert message.accepted_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_time_that_never_came_is_refused(visit: Visit, service: Service) -> None:
    service.clock.at = datetime(2026, 3, 29, 3, 0, tzinfo=UTC)
    anna = visit("anna")
    assert "Skriv dag och klockslag" in review(anna, done_at="2026-03-29T02:30").line


def test_changing_ones_mind_brings_everything_back(anna: Visitor) -> None:
    typed = {"changed": "En mening.", "at__1177_notice__sv": "2026-03-14T01:00"}
    read = review(anna, blank__reservnummer="054-61 50 00", **typed)
    form = anna.press(read, START, button="change").form(START)
    assert form.value("changed") == "En mening."
    assert form.value("blank.reservnummer") == "054-61 50 00"
    assert form.value("at.1177_notice.sv") == "2026-03-14T01:00"
    assert form.value("what.facebook.sv") == "send"


def test_a_later_message_by_hand_in_an_incident_that_is_here(anna: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    service.clock.advance(600)
    address = f"/desk/by-hand/{ref}/update"
    assert f'href="{address}"' in anna.open("/desk/by-hand").html
    read = review(anna, address, done_at="2026-03-14T02:45")
    assert f"{ref}/2" in "".join(read.words())
    board = anna.press(read, "/enter")
    assert board.address == f"/desk/incidents/{ref}"
    assert service.parts.board.incident(ref)["messages"][-1]["phase"] == "update"


def test_the_same_crisis_twice_is_asked_about_and_can_be_entered(anna: Visitor, service: Service) -> None:
    service.send()
    page = anna.press(review(anna), "/enter")
    assert page.status == 409
    assert "redan i gång som RE-2026-0001" in page.line
    assert anna.press(page, "/enter", again="true").address == "/desk/incidents/RE-2026-0002"


def test_a_drill_is_striped_and_nothing_leaves_the_house(anna: Visitor, service: Service) -> None:
    read = review(anna, mode="drill")
    assert read.html.count('class="stripe"') == 2
    assert anna.press(read, "/enter").address.startswith("/desk/incidents/OVN-")
    assert service.parts.board.public_messages() == []


def test_the_board_says_of_what_was_left_that_it_was_left(anna: Visitor) -> None:
    board = anna.press(review(anna, what__facebook__sv="leave"), "/enter")
    assert "Det här lades inte ut för hand, och lämnades när resten skrevs in." in board.line


def test_the_page_says_of_each_place_what_follows(anna: Visitor) -> None:
    post = {"what__facebook__sv": "done", "url__facebook__sv": "https://www.facebook.com/regionexempel/posts/122093451"}
    read = review(anna, **post)
    assert "läggs en rad överst i inlägget" in read.line
    assert "blir det en uppgift att ta bort det som gjordes för hand" in read.line
    opaque = post | {"url__facebook__sv": "https://www.facebook.com/share/p/1AbCdEf/"}
    assert "Adressen säger inte vilket inlägg det är" in review(anna, **opaque).line


def test_what_the_crisis_had_struck_needs_no_answer(anna: Visitor, service: Service) -> None:
    read = review(anna, affected=["1177_phone"], what__1177_phone__sv="send", what__1177_phone__en="send")
    assert "Talsvar före 1177-kön" in read.line
    anna.press(read, "/enter")
    message = service.parts.board.situation("RE-2026-0001").messages[0]
    assert {one.state for one in message.deliveries if one.channel == "1177_phone"} == {"affected"}


@pytest.mark.parametrize("name", ["eva", "cia", "dag"])
def test_whoever_may_not_send_sees_neither_link_nor_page(visit: Visit, service: Service, name: str) -> None:
    visitor = visit(name)
    assert "/desk/by-hand" not in visitor.open("/desk").html
    for address in ("/desk/by-hand", START):
        assert visitor.open(address).status == 403
    assert visitor.client.post(f"{START}/enter", data={"csrf": "x"}).status_code in (400, 403)
    assert service.parts.board.incidents()["items"] == []


def test_without_signing_in_there_is_nothing(visit: Visit) -> None:
    assert visit().open("/desk/by-hand").address.startswith("/login")


def test_every_field_has_a_label_and_its_help_is_tied_to_it(anna: Visitor) -> None:
    for page in (anna.open(START), anna.press(anna.open(START), START)):
        names = re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', page.html)
        assert set(names) <= set(re.findall(r'<label for="([^"]+)"', page.html))
        described = re.findall(r'aria-describedby="([^"]+)"', page.html)
        ids = re.findall(r' id="([^"]+)"', page.html)
        assert {one for many in described for one in many.split()} <= set(ids)
        assert len(ids) == len(set(ids))


def test_in_english_too(anna: Visitor) -> None:
    read = anna.press(anna.open(f"{START}?lang=en"), START, **answers())
    assert "Entered as done by hand" in read.line
    assert "Enter it, and send the rest now" in read.line
