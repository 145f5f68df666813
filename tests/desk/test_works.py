"""The question "what works, what does not?" on the page, without a browser."""

from service import Service
from visitor import Visitor

NEW = "/desk/new/allman-handelse?mode=live"


def test_every_service_is_a_row_and_nothing_is_answered_beforehand(anna: Visitor, service: Service) -> None:
    """A blank begins as not known; a contact has no such answer, for the texts send people there until it is struck."""
    form = anna.open(NEW).form("/desk/new/allman-handelse")
    snapshot = service.parts.board.snapshot("allman-handelse")
    blanks = {one.name for one in snapshot.blanks("first")}
    assert len(snapshot.works) == 10
    for name in snapshot.works:
        assert form.value(f"blank.{name}" if name in blanks else f"works.{name}") == ""


def test_a_contact_of_the_question_is_not_asked_of_twice(anna: Visitor) -> None:
    page = anna.open(NEW)
    assert page.html.count('value="n112"') == 1 and page.html.count('value="n1177"') == 1


def test_a_row_says_when_its_contact_goes_down_with_something_else(anna: Visitor) -> None:
    assert "Drabbat av något annat" not in anna.open(NEW).line
    assert "Drabbat av något annat" in anna.open(f"{NEW}&affected=telefoni1177").line


def test_a_playbook_that_asks_no_such_question_looks_as_before(anna: Visitor) -> None:
    assert "Vad fungerar, vad fungerar inte?" not in anna.open("/desk/new/telefoni-1177?mode=live").line


def test_an_answer_outside_the_two_is_refused_at_its_row(anna: Visitor) -> None:
    page = anna.press(anna.open(NEW), "/desk/new/allman-handelse", blank__recept="kanske")
    assert page.status == 422 and 'href="#f-blank-recept"' in page.html
