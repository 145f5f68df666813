"""Filling in at night, in a real browser: what was typed is read once more, and nothing entered is ever lost."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from service import PASSWORD

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
NEW = "/desk/new/telefoni-1177?mode=live"
NUMBER = "054-61 50 00"
BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
#: What one page may weigh on a bad line at night, as it is sent.
PAGE_BYTES_MAX = 60 * 1024


def read_words(page: Page) -> None:
    page.get_by_role("button", name="Visa de exakta orden").click()


def messages(site: Any, ref: str) -> int:
    return len(site.service.parts.board.incident(ref)["messages"])


@BOTH
def test_what_was_typed_is_marked_and_must_be_ticked_and_nothing_else(look: Look, site: Any, scripts: bool) -> None:
    page = look(java_script_enabled=scripts)
    page.goto(NEW)
    page.get_by_label("Reservnummer").fill(NUMBER)
    read_words(page)
    expect(page.locator("mark", has_text=NUMBER).first).to_be_visible()
    expect(page.locator("input[name=read]")).to_have_count(1)
    page.get_by_role("button", name="Skicka nu till").click()
    summary = page.locator("#errors")
    expect(summary).to_contain_text("Läs och kryssa i")
    if scripts:
        expect(summary).to_be_focused()
    assert site.service.parts.board.incidents()["items"] == []
    summary.get_by_role("link").click()
    expect(page.locator("input[name=read]")).to_be_in_viewport()
    page.locator("input[name=read]").check()
    page.get_by_role("button", name="Skicka nu till").click()
    page.wait_for_url("**/desk/incidents/**")
    assert len(site.service.parts.board.incidents()["items"]) == 1


@BOTH
def test_a_session_lost_at_any_step_loses_nothing_and_publishes_nothing(look: Look, site: Any, scripts: bool) -> None:
    page = look(java_script_enabled=scripts)
    page.goto(NEW)
    page.get_by_label("Reservnummer").fill(NUMBER)
    page.locator("summary", has_text="Vem har bestämt?").click()
    page.get_by_label("Namn", exact=True).fill("Tina Berg")
    page.context.clear_cookies()
    read_words(page)
    _sign_in_again(page)
    expect(page.get_by_label("Reservnummer")).to_have_value(NUMBER)
    expect(page.get_by_label("Namn", exact=True)).to_have_value("Tina Berg")
    assert "Tina" not in page.url
    read_words(page)
    page.locator("input[name=read]").check()
    page.context.clear_cookies()
    page.get_by_role("button", name="Skicka nu till").click()
    _sign_in_again(page)
    assert site.service.parts.board.incidents()["items"] == []
    expect(page.get_by_label("Reservnummer")).to_have_value(NUMBER)
    read_words(page)
    page.locator("input[name=read]").check()
    page.get_by_role("button", name="Skicka nu till").click()
    page.wait_for_url("**/desk/incidents/**")
    expect(page.locator("main")).to_contain_text("Tina Berg")


@BOTH
def test_nothing_new_is_two_presses_from_the_update_and_never_two_messages(
    look: Look, site: Any, scripts: bool
) -> None:
    """A double click, the browser's Back, a reload and a second tab are all the same message."""
    ref = site.service.send(blanks={"reservnummer": NUMBER})["incident"]
    page, tab = look(java_script_enabled=scripts), look(java_script_enabled=scripts)
    for one in (page, tab):
        one.goto(f"/desk/incidents/{ref}/update")
        one.get_by_role("link", name="Inget nytt, nästa besked senast").click()
        one.reload()
    page.locator("#send button").dblclick(no_wait_after=True)
    page.wait_for_url(f"**/desk/incidents/{ref}")
    page.go_back()
    page.wait_for_url(f"**/desk/incidents/{ref}")  # it has been said: there is nothing to press twice
    tab.locator("#send button").click()
    tab.wait_for_url(f"**/desk/incidents/{ref}")
    assert messages(site, ref) == 2


def test_a_time_a_choice_and_a_number_are_kept_for_the_next_message(look: Look, site: Any) -> None:
    cause = site.service.parts.board.snapshot("telefoni-1177").blanks("first")[2].choices[0][0]
    said = {"reservnummer": NUMBER, "start": "2026-03-14T02:10", "orsak": cause}
    ref = site.service.send(blanks=said)["incident"]
    page = look()
    page.goto(f"/desk/incidents/{ref}/update")
    for name, value in said.items():
        expect(page.locator(f"[name='blank.{name}']")).to_have_value(value)
    read_words(page)
    expect(page.locator("input[name=read]")).to_have_count(0)


@pytest.mark.parametrize(("width", "apart"), [(390, False), (1280, True)])
def test_old_and_new_stand_side_by_side_or_on_a_phone_under_each_other(
    look: Look, site: Any, width: int, apart: bool
) -> None:
    ref = site.service.send()["incident"]
    site.pay(steps=3, seconds=1)
    page = look(viewport={"width": width, "height": 844})
    page.goto(f"/desk/incidents/{ref}/update")
    page.get_by_label("Reservnummer").fill(NUMBER)
    read_words(page)
    old, new = (page.locator(f".beside > div:nth-child({n})").first.bounding_box() for n in (1, 2))
    assert old is not None
    assert new is not None
    assert (new["x"] >= old["x"] + old["width"]) is apart
    assert (old["y"] >= new["y"] + new["height"]) is not apart  # on a phone what is published is read first
    expect(page.locator("ins", has_text=NUMBER).first).to_be_visible()


def test_when_and_in_what_function_somebody_decided_is_filled_in_beforehand(look: Look, site: Any) -> None:
    page = look(java_script_enabled=False)
    page.goto(NEW)
    page.locator("summary", has_text="Vem har bestämt?").click()
    expect(page.get_by_label("När", exact=True)).to_have_value("2026-03-14T02:40")
    expect(page.get_by_label("Funktion")).to_have_value("TiB")


@pytest.mark.parametrize("playbook", ["telefoni-1177", "allman-handelse"])
def test_the_pages_are_light_enough_for_a_bad_line(look: Look, site: Any, playbook: str) -> None:
    ref = site.service.send(playbook=playbook)["incident"]
    site.pay(steps=3, seconds=1)
    page = look()
    for address in (f"/desk/new/{playbook}?mode=live", f"/desk/incidents/{ref}/update"):
        page.goto(address)
        read_words(page)
        assert len(page.content().encode()) <= PAGE_BYTES_MAX


def _sign_in_again(page: Page) -> None:
    expect(page.locator("main")).to_contain_text("Allt du fyllde i finns kvar")
    page.get_by_label("Användarnamn").fill("anna")
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    expect(page.locator("main")).to_contain_text("Du är inloggad igen")
