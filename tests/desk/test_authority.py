"""Whoever changes who may do what is seen by the others, and cannot be both of the two that words need."""

from collections.abc import Callable

import pytest
from service import PASSWORD, Service
from visitor import Visitor

Visit = Callable[..., Visitor]
READ = "/desk/authority/read"


@pytest.fixture
def kim(visit: Visit, service: Service) -> Visitor:
    """Return an administrator who may also approve and send, signed in."""
    service.add_person("kim", "administrator", "approver", "sender")
    return visit("kim")


def give(kim: Visitor, name: str) -> None:
    """Give somebody a password at the desk."""
    page = kim.open(f"/desk/people/{name}/password")
    kim.press(page, f"/desk/people/{name}/password", password=PASSWORD, again=PASSWORD)


def test_the_others_read_on_the_first_page_what_was_changed_and_by_whom(kim: Visitor, visit: Visit) -> None:
    give(kim, "cia")
    mine = kim.open("/desk")
    assert "kim gav cia ett nytt lösenord" in mine.line
    assert "Någon annan ska läsa" in mine.line
    bo = visit("bo")
    page = bo.open("/desk")
    assert "kim gav cia ett nytt lösenord" in page.line
    page = bo.press(page, READ)
    assert "nytt lösenord" not in page.line
    assert "nytt lösenord" not in kim.open("/desk").line


def test_it_stands_once_on_the_page_and_not_as_an_alarm_beside(kim: Visitor, visit: Visit) -> None:
    give(kim, "cia")
    page = visit("bo").open("/desk")
    assert page.line.count("kim gav cia ett nytt lösenord") == 1
    assert "Jag tar det" not in page.line


def test_who_may_neither_approve_nor_administer_is_not_asked(kim: Visitor, visit: Visit) -> None:
    give(kim, "cia")
    assert "nytt lösenord" not in visit("anna").open("/desk").line


def test_the_one_it_was_done_to_does_not_read_it_for_the_others(kim: Visitor, visit: Visit) -> None:
    give(kim, "cia")
    page = visit("cia").open("/desk")
    assert "Någon annan ska läsa" in page.line
    assert READ not in page.html


def test_two_approvers_whose_passwords_one_administrator_reset_do_not_approve_words_together(
    kim: Visitor, visit: Visit, service: Service
) -> None:
    give(kim, "cia")
    service.clock.advance(1)
    cia, book = visit("cia"), "/desk/playbooks/dricksvatten"
    assert "Ditt godkännande är sparat" in cia.press(cia.open(book), "/approve", password=PASSWORD).line
    refused = kim.press(kim.open(book), "/approve", password=PASSWORD)
    assert refused.status == 403
    assert "kim har lagt till eller bytt lösenord åt cia det senaste dygnet" in refused.line
    assert "broadcaster users password cia" in refused.line
    bo = visit("bo")
    assert bo.press(bo.open(book), "/approve", password=PASSWORD).status == 200


def test_a_sentence_of_somebody_whose_password_one_has_reset_takes_another_persons_yes(
    kim: Visitor, visit: Visit, service: Service
) -> None:
    give(kim, "anna")
    service.clock.advance(1)
    first = service.send()
    service.clock.advance(60)
    waiting = service.send("update", first["incident"], sentence="Vi öppnar igen klockan nio.")
    board, yes = f"/desk/incidents/{first['incident']}", f"/desk/messages/{waiting['id']}/approve"
    refused = kim.press(kim.open(board), yes)
    assert refused.status == 403
    assert "kim har lagt till eller bytt lösenord åt anna" in refused.line
    assert service.message(waiting["id"])["state"] == "awaiting_approval"
    bo = visit("bo")
    assert bo.press(bo.open(board), yes).address == board
    assert service.message(waiting["id"])["state"] != "awaiting_approval"


def test_broken_glass_is_not_reviewed_by_whoever_reset_that_persons_password(
    kim: Visitor, visit: Visit, service: Service
) -> None:
    service.clock.advance(370 * 86_400)
    kim.sign_in("kim")
    give(kim, "anna")
    service.clock.advance(1)
    anna = visit("anna")
    read = anna.press(anna.open("/desk/new/telefoni-1177?mode=live"), "/desk/new/telefoni-1177", mode="live")
    page = anna.post("/desk/new/telefoni-1177/glass", read.form("/telefoni-1177/send").fields)
    board = anna.press(page, "/glass/send", reason="Ensam i natt.", sure="yes")
    review = f"/desk/messages/{service.parts.board.incident(board.address.rpartition('/')[2])['messages'][0]['id']}"
    said = {"finding": "good", "reason": "Rätt ord."}
    refused = kim.press(kim.open(f"{review}/review"), "/review", **said)
    assert refused.status == 403
    assert "kim har lagt till eller bytt lösenord åt anna" in refused.line
    bo = visit("bo")
    assert bo.press(bo.open(f"{review}/review"), "/review", **said).address == board.address


def test_the_people_page_says_the_rule_before_anybody_is_added(kim: Visitor) -> None:
    assert "räknas i ett dygn inte som en annan person" in kim.open("/desk/people").line
    assert "i ett dygn kan ni två inte godkänna" in kim.open("/desk/people/cia/password").line
