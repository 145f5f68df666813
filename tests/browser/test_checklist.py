"""The checklist in a real browser: ticked with a thumb or a key, in place, and seen by whoever follows along."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]


def opened(page: Page, ref: str) -> Locator:
    page.goto(f"/desk/incidents/{ref}")
    page.locator(".checklist summary").click()
    return page.locator("button.point")


def test_ticked_in_place_and_seen_by_a_colleague_without_a_reload(look: Look, site: Any) -> None:
    ref = site.service.send(channels=["own_web"])["incident"]
    page, other = look(), look("bo")
    theirs = opened(other, ref)
    points = opened(page, ref)
    page.evaluate("window.same = true")
    before = page.evaluate("window.scrollY")
    points.nth(1).click()
    expect(points.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".checklist .ticked")).to_have_text("Bockat av anna kl. 02.40")
    assert page.evaluate("window.same === true && window.scrollY") == before
    expect(theirs.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(other.locator(".so-far")).to_contain_text("1 av")
    theirs.nth(1).click()
    expect(points.nth(1)).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".checklist .ticked")).to_have_count(0)
    assert page.locator("#said").text_content() == ""  # the live region is for the channels
    page.reload()
    expect(page.locator(".so-far")).to_contain_text("0 av")


def test_the_keyboard_ticks_them_all_and_keeps_its_place(look: Look, site: Any) -> None:
    ref = site.service.send(channels=["own_web"])["incident"]
    page = look()
    page.goto(f"/desk/incidents/{ref}")
    page.locator(".checklist summary").focus()
    page.keyboard.press("Enter")
    points = page.locator("button.point")
    count = points.count()
    for place in range(count):
        page.keyboard.press("Tab")
        expect(points.nth(place)).to_be_focused()
        page.keyboard.press("Space" if place % 2 else "Enter")
        expect(points.nth(place)).to_have_attribute("aria-pressed", "true")
        expect(points.nth(place)).to_be_focused()
    expect(page.locator(".so-far")).to_have_text(f"✓ alla {count} gjorda")


def test_two_clicks_in_a_row_are_one_tick(look: Look, site: Any) -> None:
    ref = site.service.send(channels=["own_web"])["incident"]
    page = look()
    points = opened(page, ref)
    page.evaluate("() => { const b = document.querySelector('button.point'); b.click(); b.click(); }")
    expect(points.first).to_have_attribute("aria-pressed", "true")
    assert [one["type"] for one in site.service.entries()].count("checklist:ticked") == 1


def test_a_board_that_stands_still_shows_ones_own_tick(look: Look, site: Any) -> None:
    ref = site.service.send(channels=["own_web"])["incident"]
    page = look()
    points = opened(page, ref)
    page.get_by_role("button", name="Låt sidan stå stilla").click()
    points.first.click()
    expect(points.first).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Visa nytt läge igen")).to_be_visible()


def test_what_cannot_be_ticked_any_more_says_why(look: Look, site: Any) -> None:
    """The form goes as it would without the script, and the answer is a page with words."""
    ref = site.service.send(channels=["own_web"])["incident"]
    page = look()
    points = opened(page, ref)
    page.get_by_role("button", name="Låt sidan stå stilla").click()
    site.service.send("all_clear", ref)
    points.first.click()
    expect(page.get_by_text("Händelsen är avslutad, så checklistan ändras inte mer.")).to_be_visible()


def test_whole_without_a_script_and_open_where_one_was(look: Look, site: Any) -> None:
    ref = site.service.send(channels=["own_web"])["incident"]
    page = look(java_script_enabled=False)
    page.goto(f"/desk/incidents/{ref}?still=1")
    page.locator(".checklist summary").click()
    page.locator("button.point").first.click()
    expect(page.locator("button.point").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".checklist .ticked")).to_be_visible()
    assert "still=1" in page.url


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_line_is_easy_to_hit(look: Look, site: Any, width: int) -> None:
    ref = site.service.send(channels=["own_web"])["incident"]
    page = look(viewport={"width": width, "height": 844})
    points = opened(page, ref)
    boxes = [one.bounding_box() for one in points.all()]
    assert boxes and all(box and box["height"] >= 44 and box["width"] >= 200 for box in boxes)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
