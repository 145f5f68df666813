"""Every page that says no says what happened, what it means, what to do, and leads back."""

import re
from collections.abc import Callable

import pytest
from service import Service
from sqlalchemy import text
from visitor import Visitor

from broadcaster.auth import guard


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/desk/finns-inte", 404),
        ("/finns-inte", 404),
        ("/desk/incidents/RE-2026-0404", 404),
        ("/desk/drills/OVN-RE-2026-0404", 404),
        ("/desk/messages/ingen/recall", 404),
        ("/desk/messages/ingen/deliveries/facebook/sv", 404),
        ("/desk/incidents/RE-2026-0404/first", 404),
        ("/logout", 405),
    ],
)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_page_that_is_not_there_says_what_to_do(anna: Visitor, address: str, status: int, language: str) -> None:
    page = anna.open(f"{address}?lang={language}")
    assert page.status == status
    assert f'<html lang="{language}">' in page.html
    paragraphs = re.findall(r"<p>([^<]{25,})</p>", page.html)
    assert paragraphs, page.html
    assert re.search(r'<p><a class="button" href="/(desk)?">', page.html)


def test_no_page_was_left_without_somebody_who_may_open_it(service: Service) -> None:
    app = service.flask()
    ours = [name for name in guard.undeclared(app) if name.startswith(("desk.", "public."))]
    assert ours == []


def test_everything_of_the_desk_takes_a_session_but_signing_in(service: Service) -> None:
    app = service.flask()
    open_to_all = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.") and guard.access(app, rule.endpoint) is not guard.Access.DESK
    }
    assert open_to_all == {"desk.login", "desk.sign_in"}


@pytest.mark.parametrize("path", ["/desk", "/login", "/", "/desk/new/telefoni-1177?mode=live", "/m/RE-2026-0404"])
def test_no_page_carries_a_script_a_style_or_anything_from_elsewhere(visit: Callable[..., Visitor], path: str) -> None:
    html = visit("anna").open(path).html
    assert not re.search(r"<script(?![^>]* src=\"/static/)", html)
    assert "<style" not in html
    assert not re.search(r"\s(?:style|on[a-z]+)=\"", html)
    assert not re.search(r"(?:src|action)=\"(?:https?:)?//", html)


def test_every_form_that_changes_something_carries_its_token(anna: Visitor, service: Service) -> None:
    ref = service.send(playbook="allman-handelse")["incident"]
    for path in (
        "/desk",
        "/desk/new/telefoni-1177?mode=live",
        f"/desk/incidents/{ref}",
        f"/desk/incidents/{ref}/update",
    ):
        forms = anna.open(path).forms
        assert forms
        assert all(form.value("csrf") for form in forms if form.method == "post")


def test_a_form_that_is_too_large_is_refused_in_words(anna: Visitor) -> None:
    page = anna.open("/desk/new/telefoni-1177?mode=live")
    answer = anna.press(page, "/desk/new/telefoni-1177", sentence="å" * 70_000)
    assert answer.status == 413
    assert "Korta texten" in answer.line


def test_hostile_words_in_an_address_stay_words(anna: Visitor) -> None:
    page = anna.open("/desk/new/telefoni-1177?mode=live&blank.reservnummer=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page.html
    assert page.form("/desk/new/telefoni-1177").value("blank.reservnummer") == '"><script>alert(1)</script>'


def test_a_full_disk_says_that_nothing_was_stored(anna: Visitor, service: Service) -> None:
    """Somebody who waits in front of this page has to know that nothing goes out."""
    words = anna.press(anna.open("/desk/new/telefoni-1177?mode=live"), "/desk/new/telefoni-1177")
    with service.parts.store.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))  # the pool gives this connection to the page
    page = anna.press(words, "/send")
    assert page.status == 503
    assert "Disken är full. Inget har sparats och inget skickas." in page.line


def test_a_fault_of_ours_says_how_to_find_out_and_what_to_do_meanwhile(anna: Visitor, service: Service) -> None:
    words = anna.press(anna.open("/desk/new/telefoni-1177?mode=live"), "/desk/new/telefoni-1177")
    with service.parts.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE series"))
    page = anna.press(words, "/send")
    assert page.status == 500
    assert "Vi vet inte säkert om det du gjorde togs emot" in page.line
    assert "klistra in texten för hand" in page.line
    assert "Traceback" not in page.html


def test_an_incident_that_is_not_there_is_said_to_be_not_there(anna: Visitor) -> None:
    for page in ("", "/update", "/change", "/times", "/nothing-new", "/board"):
        assert anna.open(f"/desk/incidents/RE-2026-9999{page}").status == 404, page
