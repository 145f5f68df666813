"""Signing in is the only thing between a duty communicator and the words, and it never loses what they were doing."""

from collections.abc import Callable

import pytest
from service import PASSWORD, Service
from visitor import Visitor

Visit = Callable[..., Visitor]


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page_and_comes_back(visit: Visit, service: Service) -> None:
    ref = service.send()["incident"]
    visitor = visit()
    page = visitor.open(f"/desk/incidents/{ref}")
    assert page.address.startswith("/login?next=")
    after = visitor.press(page, "/login", username="anna", password=PASSWORD)
    assert after.address == f"/desk/incidents/{ref}"


def test_a_wrong_password_says_what_to_do_and_keeps_the_name(visit: Visit) -> None:
    visitor = visit()
    page = visitor.press(visitor.open("/login"), "/login", username="anna", password="fel ord helt och hållet")
    assert page.status == 401
    assert "Du är inte inloggad" in page.line
    assert "be en administratör om hjälp" in page.line
    assert page.form("/login").value("username") == "anna"
    assert page.form("/login").value("password") == ""


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "desk", "/desk\r\nX: 1", ""],
)
def test_signing_in_never_leads_to_another_site(visit: Visit, wanted: str) -> None:
    visitor = visit()
    page = visitor.open("/login")
    fields = {"csrf": page.form("/login").value("csrf"), "next": wanted, "username": "anna", "password": PASSWORD}
    answer = visitor.client.post("/login", data=fields)
    assert answer.status_code == 303
    assert answer.location == "/desk"


def test_a_session_that_ends_halfway_keeps_what_was_filled_in(anna: Visitor) -> None:
    form = anna.open("/desk/new/telefoni-1177?mode=drill")
    signed_out = anna.press(anna.open("/desk"), "/logout")
    assert signed_out.address == "/login"
    page = anna.press(form, "/desk/new/telefoni-1177", blank__reservnummer="054-61 50 00", decided_name="Tina TiB")
    assert page.status == 401
    assert "Allt du fyllde i finns kvar" in page.line
    wrong = anna.press(page, "/login", username="anna", password="fel ord helt och hållet")  # also after a slip
    back = anna.press(wrong, "/login", username="anna", password=PASSWORD)
    again = back.form("/desk/new/telefoni-1177")
    assert again.value("blank.reservnummer") == "054-61 50 00"
    assert again.value("decided_name") == "Tina TiB"
    assert again.value("mode") == "drill"
    assert "Inget har skickats" in back.line
    words = anna.press(back, "/desk/new/telefoni-1177")  # the form is of the new session: it works at once
    assert words.status == 200
    assert any("054-61 50 00" in said for said in words.words())


def test_a_session_that_ends_at_the_button_publishes_nothing_by_signing_in(anna: Visitor, service: Service) -> None:
    ref = service.send()["incident"]
    words = anna.press(anna.open(f"/desk/incidents/{ref}/update"), "/update", sentence="Vi har hittat felet.")
    anna.press(anna.open("/desk"), "/logout")
    page = anna.press(words, "/send", read="sentence")
    back = anna.press(page, "/login", username="anna", password=PASSWORD)
    assert len(service.parts.board.incident(ref)["messages"]) == 1
    assert back.form("/update").value("sentence") == "Vi har hittat felet."
    assert anna.press(back, "/update").form("/send").value("sentence") == "Vi har hittat felet."


def test_what_waits_can_be_read_in_the_other_language_before_signing_in(anna: Visitor) -> None:
    form = anna.open("/desk/new/telefoni-1177?mode=live")
    anna.press(anna.open("/desk"), "/logout")
    page = anna.press(form, "/desk/new/telefoni-1177", blank__reservnummer="054-61 50 00")
    fields = dict(page.form("/login").fields)
    english = anna.client.post("/login?lang=en", data=fields)
    assert "You are not signed in any more" in english.text
    assert "054-61 50 00" in english.text


def test_another_site_can_put_nothing_into_the_form_of_somebody_who_signs_in(visit: Visit) -> None:
    visitor = visit()
    fields = {"mode": "live", "blank.reservnummer": "054-61 50 00"}
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = visitor.client.post("/desk/new/telefoni-1177", data=fields, headers=elsewhere)
    assert answer.status_code == 303
    assert "054" not in answer.location


def test_what_somebody_wrote_never_stands_in_an_address(anna: Visitor) -> None:
    form = anna.open("/desk/new/telefoni-1177?mode=live")
    anna.press(anna.open("/desk"), "/logout")
    page = anna.press(form, "/desk/new/telefoni-1177", decided_name="Tina TiB", decided_how="telefon")
    assert "?" not in page.address
    kept = dict(page.form("/login").fields)
    assert kept["kept.decided_name"] == "Tina TiB"
    assert not {"kept.csrf", "kept.password", "kept.submission"} & set(kept)


def test_signing_out_ends_the_session(anna: Visitor) -> None:
    anna.press(anna.open("/desk"), "/logout")
    assert anna.open("/desk").address.startswith("/login")


def test_a_form_that_is_not_ours_is_refused_and_says_so(anna: Visitor) -> None:
    page = anna.press(anna.open("/desk/new/telefoni-1177?mode=live"), "/desk/new/telefoni-1177", csrf="något annat")
    assert page.status == 403
    assert "Ladda om sidan och försök igen" in page.line


def test_the_desk_is_in_no_cache_and_in_no_search_engine(anna: Visitor) -> None:
    answer = anna.client.get("/desk")
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text
