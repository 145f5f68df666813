"""The phones and the letters show the very words, and what a phone never got is not on it."""

import html
import re
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage

import httpx
import pytest

from broadcaster.sandbox import Sandbox
from broadcaster.sandbox.elks import PASSWORD, USER

ANNA, BO, OURS = "+46700000001", "+46700000002", "+46766861234"
ALARM = 'KRISLARM <b> "RV-1": åäö\nTa larmet: http://127.0.0.1:8000/alarm/x eller svara JA 4821'


@pytest.fixture
def sandbox(now: list[float]) -> Iterator[Sandbox]:
    """A sandbox that takes letters too."""
    with Sandbox(clock=lambda: now[0], smtp_port=0) as running:
        running.state.elks.put({"reports": False, "numbers": {OURS: "http://127.0.0.1:1/"}})
        yield running


def sms(sandbox: Sandbox, to: str, message: str = ALARM) -> None:
    """Send an SMS."""
    form = {"from": "RVKris", "to": to, "message": message}
    answer = httpx.post(f"{sandbox.url}/elks/a1/sms", data=form, auth=(USER, PASSWORD), trust_env=False)
    assert answer.status_code == 200


def words_on(page: httpx.Response) -> list[str]:
    found = re.findall(r'<div class="words"[^>]*>(.*?)</div>', page.text, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", entry)) for entry in found]


def test_each_phone_shows_its_own_sms_latest_first(sandbox: Sandbox, http: httpx.Client, now: list[float]) -> None:
    sms(sandbox, BO)
    now[0] += 5
    sms(sandbox, ANNA)
    now[0] += 5
    sms(sandbox, ANNA, "Bo tog larmet")
    page = http.get("/phones")
    assert words_on(page) == ["Bo tog larmet", ALARM, ALARM]
    assert page.text.index(ANNA) < page.text.index(BO)
    assert "Det här är en övningsmiljö" in page.text and 'content="3"' in page.text


def test_the_way_to_answer_can_be_pressed_and_nothing_else_in_the_words_is_markup(
    sandbox: Sandbox, http: httpx.Client
) -> None:
    sms(sandbox, ANNA)
    page = http.get("/phones").text
    assert '<a href="http://127.0.0.1:8000/alarm/x" rel="noreferrer">' in page
    assert "&lt;b&gt;" in page and "<b> " not in page


def test_an_sms_that_was_lost_is_not_on_the_phone_and_the_page_says_so(sandbox: Sandbox, http: httpx.Client) -> None:
    http.put("/_script", json={"elks": [{"on": "POST /a1/sms", "do": "lost"}]})
    sms(sandbox, ANNA)
    page = http.get("/phones")
    assert words_on(page) == [] and "Ett sms från RVKris kom aldrig fram" in page.text


def test_an_answer_stands_on_the_phone_it_was_sent_from(sandbox: Sandbox, http: httpx.Client) -> None:
    http.post("/_elks/reply", json={"from": ANNA, "to": OURS, "message": "JA 4821"})
    page = http.get("/phones")
    assert words_on(page) == ["JA 4821"] and f"Svar till {OURS}" in page.text and f"<h2>{ANNA}</h2>" in page.text


def test_the_letters_are_shown_with_who_has_them(sandbox: Sandbox, http: httpx.Client) -> None:
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = "Ring <112>", "kris@region.example", "a@b.example, c@d.example"
    letter.set_content("Två\nrader & <i>")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port or 0, timeout=60) as post:
        post.send_message(letter)
    page = http.get("/mail")
    assert words_on(page) == ["Två\nrader & <i>"]
    assert "<h2>Ring &lt;112&gt;</h2>" in page.text and "a@b.example, c@d.example" in page.text


def test_the_overview_leads_to_them_once_there_is_something(sandbox: Sandbox, http: httpx.Client) -> None:
    assert "/phones" not in http.get("/").text and "Inga sms ännu." in http.get("/phones").text
    assert "/mail" not in http.get("/").text and "Inga brev ännu." in http.get("/mail").text
    sms(sandbox, ANNA)
    assert '<a href="/phones">Telefonerna</a> (1)' in http.get("/").text
