"""The whole story on a phone, with JavaScript and without: four decisions, then a board that tells the truth."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
NEW = "/desk/new/telefoni-1177"


def start(page: Page, mode: str = "live", playbook: str = "telefoni-1177") -> str:
    """Choose, read, send; return the reference."""
    page.goto("/desk" if mode == "live" else "/desk/what")
    page.locator(f'a[href="/desk/new/{playbook}?mode={mode}"]').click()
    page.get_by_role("button", name="Visa de exakta orden").click()
    page.locator("#send button").click()
    page.wait_for_url("**/desk/incidents/**")
    return page.url.rsplit("/", 1)[1]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_sign_in_to_all_clear_on_a_phone(look: Look, site: Any, scripts: bool) -> None:
    page = look(java_script_enabled=scripts)
    ref = start(page)
    facebook = page.locator("[data-said^='Facebook, svenska']")
    expect(facebook).to_contain_text("Väntar på att skickas")
    site.pay(steps=3, seconds=1)
    expect(facebook).to_contain_text("Publicerat")  # nobody reloaded: the page did
    page.get_by_role("link", name="Rätta något fel").click()
    page.get_by_role("button", name="Visa de exakta orden").click()
    page.get_by_role("button", name="Skicka nu till").click()
    expect(page.get_by_role("heading", name="Rättelse")).to_be_visible()
    page.get_by_role("link", name="Det är löst").click()
    page.get_by_role("button", name="Visa de exakta orden").click()
    page.get_by_role("button", name="Skicka nu till").click()
    expect(page.locator("main")).to_contain_text("Händelsen är avslutad")
    page.goto(f"/m/{ref}")
    expect(page.locator("main")).to_contain_text("kommer från Region Exempel")


def test_the_whole_way_by_keyboard_alone(look: Look) -> None:
    page = look(name=None)
    page.goto("/login")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Hoppa till innehållet")
    page.get_by_label("Användarnamn").focus()
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type("fyra ord utan samband")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    for wanted in ("Starta skarpt: Det går inte att ringa 1177", "Visa de exakta orden", "Skicka nu till"):
        _tab_to(page, wanted)
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.wait_for_url("**/desk/incidents/**")


def test_a_double_click_and_back_are_one_message(look: Look, site: Any) -> None:
    page = look()
    page.goto(f"{NEW}?mode=live")
    page.get_by_role("button", name="Visa de exakta orden").click()
    page.locator("#send button").dblclick(no_wait_after=True)
    page.wait_for_url("**/desk/incidents/**")
    page.go_back()
    page.locator("#send button").click()
    page.wait_for_url("**/desk/incidents/**")
    assert len(site.service.parts.board.incidents()["items"]) == 1


def test_what_somebody_types_on_the_board_is_never_touched(look: Look, site: Any) -> None:
    page = look()
    page.goto(f"/desk/incidents/{site.service.send(playbook='allman-handelse')['incident']}")
    field = page.locator("[data-key='d-intranet-sv'] input[name=url]")
    field.fill("https://intranet.region.example/hal")
    log = page.locator("[data-key='d-facebook-sv'] details.log")
    log.locator("summary").click()
    field.focus()
    site.pay(steps=3, seconds=1)
    expect(page.locator("[data-said^='Facebook, svenska']")).to_contain_text("Publicerat")
    expect(field).to_have_value("https://intranet.region.example/hal")
    expect(field).to_be_focused()
    expect(log).to_have_attribute("open", "")
    page.keyboard.press("End")
    page.keyboard.type("vtid")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said^='Intranätet, svenska']")).to_contain_text("Publicerat")
    expect(page.locator("a[href='https://intranet.region.example/halvtid']")).to_be_visible()


def test_what_happens_is_said_to_a_screen_reader(look: Look, site: Any) -> None:
    page = look()
    start(page)
    expect(page.locator("#said")).to_have_attribute("aria-live", "polite")
    site.pay(steps=3, seconds=1)
    expect(page.locator("#said")).to_contain_text("Facebook, svenska: Publicerat")


def test_the_board_says_when_it_has_lost_contact(look: Look, site: Any) -> None:
    page = look()
    start(page)
    expect(page.locator("#lost")).to_be_hidden()
    site.stop()
    expect(page.locator("#lost")).to_contain_text("Ingen kontakt med tjänsten just nu")


def test_the_board_says_when_its_reader_was_signed_out(look: Look) -> None:
    page = look()
    start(page)
    page.context.clear_cookies()
    expect(page.locator("#lost")).to_contain_text("Du har loggats ut")


def test_a_paused_board_stands_still_until_it_is_told_to_go_on(look: Look, site: Any) -> None:
    page = look()
    start(page)
    page.get_by_role("button", name="Låt sidan stå stilla").click()
    site.pay(steps=3, seconds=1)
    page.wait_for_timeout(2500)  # longer than a refresh
    facebook = page.locator("[data-said^='Facebook, svenska']")
    expect(facebook).to_contain_text("Väntar på att skickas")
    page.get_by_role("button", name="Visa nytt läge igen").click()
    expect(facebook).to_contain_text("Publicerat")


def test_without_javascript_nothing_can_be_typed_where_a_reload_would_empty_it(look: Look, site: Any) -> None:
    page = look(java_script_enabled=False)
    page.goto(f"/desk/incidents/{site.service.send(playbook='allman-handelse')['incident']}")
    row = page.locator("[data-key='d-intranet-sv']")
    expect(row.locator("input[name=url]")).to_be_hidden()
    row.get_by_role("link", name="Öppna uppgiften på en sida som står stilla").click()
    page.locator("input[name=url]").fill("https://intranet.region.example/nytt")
    page.get_by_role("button", name="Den ligger ute").click()
    expect(page.locator("[data-said^='Intranätet, svenska']")).to_contain_text("Publicerat")


def test_the_exact_words_are_copied_with_one_press(look: Look, site: Any) -> None:
    page = look(permissions=["clipboard-read", "clipboard-write"])
    ref = site.service.send(playbook="allman-handelse")["incident"]
    page.goto(f"/desk/incidents/{ref}")
    row = page.locator("[data-key='d-intranet-sv']")
    row.get_by_role("button", name="Kopiera texten").click()
    expect(row.get_by_role("button", name="Texten är kopierad")).to_be_visible()
    message = site.service.parts.board.situation(ref).messages[0]
    words = next(view.words for view in message.deliveries if view.channel == "intranet")
    assert page.evaluate("navigator.clipboard.readText()") == words


def test_the_other_language_keeps_everything_that_was_filled_in(look: Look) -> None:
    page = look()
    page.goto(f"{NEW}?mode=live")
    page.get_by_label("Reservnummer").fill("054-61 50 00")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("[name='blank.reservnummer']")).to_have_value("054-61 50 00")
    page.get_by_role("button", name="Show the exact words").click()
    page.get_by_role("button", name="Svenska").click()
    expect(page.get_by_role("button", name="Skicka nu till")).to_be_visible()
    expect(page.locator(".words").first).to_contain_text("054-61 50 00")


def _tab_to(page: Page, name: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.textContent")
        if name in " ".join(focused.split()) and len(focused) < 200:
            return
    raise AssertionError(f"no way to {name} by keyboard")
