"""Choosing on a phone at night: one look, one press, and one's own words where the headings do not help."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
#: What is chosen by and is smaller than a thumb needs.
SMALL = """
() => [...document.querySelectorAll("main a, main button, main input:not([type=hidden]), main summary")]
  .filter((e) => e.checkVisibility())
  .map((e) => [e, e.getBoundingClientRect()]).filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([e, { width, height }]) => `${width} x ${height} ${e.textContent.trim().slice(0, 40)}`)
"""
#: How many columns the headings stand in.
COLUMNS = "() => new Set([...document.querySelectorAll('.group')].map((e) => e.getBoundingClientRect().left)).size"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@SCRIPTS
def test_one_press_on_the_first_page_leads_to_the_form(look: Look, scripts: bool) -> None:
    page = look(java_script_enabled=scripts)
    page.get_by_role("link", name="Starta skarpt: Det går inte att ringa 1177").click()
    expect(page).to_have_url("/desk/new/telefoni-1177?mode=live")
    expect(page.get_by_role("button", name="Visa de exakta orden")).to_be_visible()


@SCRIPTS
def test_a_heading_and_then_an_exercise(look: Look, scripts: bool) -> None:
    page = look(java_script_enabled=scripts)
    page.get_by_role("link", name="Olycka eller våld").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Olycka eller våld")
    page.locator('a[href="/desk/new/masskada?mode=drill"]').click()
    expect(page.locator(".stripe").first).to_contain_text("ÖVNING")


@SCRIPTS
def test_ones_own_words_by_keyboard_alone_and_then_others(look: Look, scripts: bool) -> None:
    page = look(java_script_enabled=scripts)
    page.get_by_label("Sök med egna ord").focus()
    page.keyboard.type("zebra")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Ingen krismall passar")
    expect(page.locator('a[href="/desk/new/allman-handelse?mode=live"]')).to_be_visible()
    page.get_by_label("Sök med egna ord").fill("vattnet")
    page.keyboard.press("Enter")
    expect(page.locator('a[href="/desk/new/dricksvatten?mode=live"]')).to_be_visible()
    page.go_back()
    expect(page.get_by_role("status")).to_contain_text("Ingen krismall passar")


@SCRIPTS
def test_the_one_woken_second_is_led_to_what_the_first_began(look: Look, site: Any, scripts: bool) -> None:
    ref = site.service.send()["incident"]
    page = look("bo", java_script_enabled=scripts)
    page.get_by_role("link", name="Startades av anna kl. 02.40").click()
    expect(page).to_have_url(f"/desk/incidents/{ref}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_to_choose_by_can_be_hit_and_stands_in_one_column_on_a_phone(
    look: Look, site: Any, scheme: str
) -> None:
    site.service.send(mode="drill")
    page = look(color_scheme=scheme)
    assert page.evaluate(COLUMNS) == 1
    for address in ("/desk", "/desk/what", "/desk/what/phone", "/desk/what?q=brand", "/desk/what?q=zebra"):
        page.goto(address)
        assert page.evaluate(SMALL) == [], address
        assert page.evaluate(WIDER) == 0, address


def test_a_wide_screen_shows_two_columns(look: Look) -> None:
    page = look(viewport={"width": 1280, "height": 800})
    assert page.evaluate(COLUMNS) == 2
