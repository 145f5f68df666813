"""By keyboard alone, and heard rather than seen: publish, update, recall; errors are met; only states are told."""

from collections.abc import Callable
from typing import Any

import pytest
from browser.scenes import prepare, show
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
#: More steps than any page has places to stop at; whoever gets lost is caught.
STEPS = 200
#: Everything that can be pressed and is under 24 px one way; links inside a sentence are exempt, as WCAG 2.5.8 says.
TINY = """
() => [...document.querySelectorAll("button, summary, select, textarea, input:not([type=hidden]), a")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip, .hidden"))
  .filter((e) => !(e.matches("a") && getComputedStyle(e).display === "inline"))
  .map((e) => [e, e.getBoundingClientRect()]).filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([e, { width, height }]) => `${width} x ${height} ${e.tagName} ${e.textContent.trim().slice(0, 40)}`)
"""
#: On the way to the public a thumb at night must not miss.
PATH = """
() => [...document.querySelectorAll("main .button, main summary, main select, main .box, main input[type=text]")]
  .filter((e) => e.checkVisibility()).map((e) => [e, e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([e, { width, height }]) => `${width} x ${height} ${e.tagName} ${e.textContent.trim().slice(0, 40)}`)
"""
FOCUSED = "() => document.activeElement.textContent.trim()"


def press(page: Page, words: str) -> None:
    """Go with Tab to what begins with `words`, and press Enter there: it leads to another page."""
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(words):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab never came to: {words}")


def test_publish_update_and_recall_by_keyboard_alone(look: Look, site: Any) -> None:
    page = look(viewport={"width": 1280, "height": 800})
    press(page, "Starta skarpt: Det går inte att ringa 1177")
    press(page, "Visa de exakta orden")
    press(page, "Skicka nu till")
    page.wait_for_url("**/desk/incidents/*")
    site.pay(steps=3, seconds=1)
    page.reload()
    board = page.url
    press(page, "Skriv en uppdatering")
    press(page, "Visa de exakta orden")
    press(page, "Skicka nu till")
    page.wait_for_url(board)
    expect(page.get_by_role("heading", name="Uppdatering")).to_be_visible()
    site.pay(steps=3, seconds=1)
    page.goto(f"{board}?still=1")
    press(page, "Dra tillbaka det här beskedet")
    press(page, "Dra tillbaka nu")
    errors = page.locator("#errors")
    expect(errors).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("Fel krismall")
    assert page.get_by_label("Varför?").input_value() == "Fel krismall"
    press(page, "Dra tillbaka nu")
    page.wait_for_url(board)


def test_focus_goes_to_what_is_wrong_and_from_there_to_the_field(look: Look) -> None:
    page = look()
    page.goto("/desk/new/telefoni-1177?mode=live")
    page.get_by_label("Reservnummer").fill("112")
    page.get_by_role("button", name="Visa de exakta orden").click()
    expect(page.locator("#errors")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reservnummer")).to_be_focused()


def test_a_state_is_told_once_and_passing_seconds_are_never_told(look: Look, site: Any) -> None:
    site.service.script(facebook=[{"on": "POST /{page}/feed", "do": "drop_before", "times": 99}])
    ref = site.service.send()["incident"]
    page = look()
    page.goto(f"/desk/incidents/{ref}")
    page.evaluate("""() => { window.told = []; new MutationObserver(() =>
        window.told.push(document.getElementById("said").textContent))
        .observe(document.getElementById("said"), { childList: true, characterData: true, subtree: true }); }""")
    clock = page.locator("[data-elapsed] .time").first
    first = clock.inner_text()
    expect(clock).not_to_have_text(first)
    assert page.evaluate("window.told") == []
    site.pay()
    expect(page.locator("#said")).to_contain_text("Facebook")
    told = page.evaluate("window.told")
    assert "Facebook" in " ".join(told)
    assert page.locator("[aria-live], [role=status]").locator(".time").count() == 0


def test_nothing_is_too_small_to_hit_and_the_way_to_the_public_is_roomy(look: Look, site: Any) -> None:
    scenes = prepare(site.service, site.pay)
    viewers = {who: look(name=who) for who in {one.who for one in scenes}}
    faults: dict[str, Any] = {}
    for scene in scenes:
        page = viewers[scene.who]
        show(page, scene)
        found = page.evaluate(TINY)
        if scene.name.split("-")[0] in ("fill", "words", "update", "correction", "recall", "board", "nothing"):
            found += page.evaluate(PATH)
        if found:
            faults[scene.name] = found
    assert faults == {}
