"""Alone at the computer: a colleague's yes by telephone, on a page that says what to do next."""

from collections.abc import Callable, Iterator

import pytest
from night import TIB, FortySixElks, Night, night
from service import ServiceMaker
from test_spoken import SENTENCE, code_in, send
from visitor import Page, Visitor


@pytest.fixture
def duty(make_service: ServiceMaker, elks: FortySixElks) -> Iterator[Night]:
    """Return a night on which Anna is alone at the computer, and TiB has a telephone."""
    with night(make_service, elks) as found:
        found.service.add_person("anna", "sender")
        found.service.add_person("dag", "auditor")
        yield found


@pytest.fixture
def page(duty: Night) -> Callable[[Visitor], Page]:
    """Return what opens the telephone's page, from the board, for an update with a sentence of Anna's own."""
    first = duty.service.send()
    duty.clock.advance(60)
    waiting = duty.service.send("update", first["incident"], sentence=SENTENCE)

    def open_(visitor: Visitor) -> Page:
        address = f"/desk/messages/{waiting['id']}/telephone"
        board = visitor.open(f"/desk/incidents/{first['incident']}")
        assert (address in board.html) == ("Logga ut (anna)" in board.line)
        return visitor.open(address)

    return open_


def visitor(duty: Night, name: str) -> Visitor:
    found = Visitor(duty.service)
    found.sign_in(name)
    return found


def test_ask_call_type_four_digits_and_the_words_are_out(duty: Night, page: Callable[[Visitor], Page]) -> None:
    """And the board says afterwards whose yes it was, and how it was given."""
    anna = visitor(duty, "anna")
    asked = anna.press(page(anna), "/telephone/ask", person="TiB")
    assert "Ring TiB" in asked.line and "Sms:et är på väg" in asked.line
    send(duty)
    waits = anna.open(asked.address)
    assert "Sms:et är skickat" in waits.line and SENTENCE in waits.line
    board = anna.press(waits, "/telephone/hear", code=code_in(duty.elks.phone(TIB)[-1]))
    assert board.address.startswith("/desk/incidents/")
    assert "ja av TiB per telefon" in board.line


def test_a_wrong_code_is_said_beside_its_field_and_how_many_tries_are_left(
    duty: Night, page: Callable[[Visitor], Page]
) -> None:
    anna = visitor(duty, "anna")
    asked = anna.press(page(anna), "/telephone/ask", person="TiB")
    send(duty)
    right = code_in(duty.elks.phone(TIB)[-1])
    wrong = anna.press(asked, "/telephone/hear", code=f"{(int(right) + 1) % 10_000:04}")
    assert wrong.status == 409
    assert wrong.line.count("Koden stämmer inte") == 2
    assert "Försök kvar: 2" in wrong.line


def test_after_three_wrong_codes_nobody_is_told_to_read_the_same_one_again(
    duty: Night, page: Callable[[Visitor], Page]
) -> None:
    """The list of faults points to the place where a new SMS is sent, for there is nowhere to type a code."""
    anna = visitor(duty, "anna")
    asked = anna.press(page(anna), "/telephone/ask", person="TiB")
    send(duty)
    wrong = f"{(int(code_in(duty.elks.phone(TIB)[-1])) + 1) % 10_000:04}"
    for _ in range(3):
        last = anna.press(asked, "/telephone/hear", code=wrong)
    assert "Koden var fel tre gånger" in last.line and "läsa upp den igen" not in last.line
    assert 'href="#f-person"' in last.html and not last.has_form("/hear") and last.has_form("/ask")


def test_whoever_may_not_send_sees_the_sentence_and_no_button(duty: Night, page: Callable[[Visitor], Page]) -> None:
    found = page(visitor(duty, "dag"))
    assert SENTENCE in found.line and not found.has_form("/ask")


def test_the_maker_is_not_in_the_list(duty: Night, page: Callable[[Visitor], Page]) -> None:
    assert ">Anna<" not in page(visitor(duty, "anna")).html
