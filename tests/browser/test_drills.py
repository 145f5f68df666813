"""An exercise on a phone, from the choice to the picture of how it went; it fits, and is never taken for real."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
#: Text with too little contrast is looked for by `test_looks`; here: what does not fit, and what a thumb misses.
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """
() => [...document.querySelectorAll("button, summary, a.button, a.card, nav a, .task-link a")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip"))
  .filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.textContent.trim())
"""
#: Words in the picture that lie on top of each other or outside of it, and what our own policy kept from being drawn.
CROWDED = """
() => {
  const svg = document.querySelector("svg.score"), all = svg.getBoundingClientRect();
  const boxes = [...svg.querySelectorAll("text")].map((e) => [e.textContent, e.getBoundingClientRect()]);
  const out = boxes.filter(([, b]) => b.left < all.left - 1 || b.right > all.right + 1).map(([said]) => said);
  const over = boxes.flatMap(([said, a], i) => boxes.slice(i + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom - 3 && b.top < a.bottom - 3)
    .map(([other]) => `${said} / ${other}`));
  return [...out, ...over];
}
"""


def run(page: Page, site: Any, scenario: str = "vaxeln-tyst") -> str:
    """Do a whole prepared exercise and return its reference."""
    page.goto("/desk/drills/new")
    page.locator(f"a[href='/desk/drills/new/{scenario}']").click()
    page.get_by_role("button", name="Börja övningen").click()
    expect(page.locator("input[name=mode]")).to_have_value("drill")
    send(page)
    site.pay(steps=2, seconds=3)
    ref = page.url.rsplit("/", 1)[1]
    for _ in range(4):
        page.goto(f"/desk/drills/{ref}/score")
        following = page.get_by_role("link", name="Gör nu:")
        if following.count() == 0:
            break
        following.click()
        send(page)
        site.pay(steps=2, seconds=3)
    return ref


def send(page: Page) -> None:
    page.get_by_role("button", name="Visa de exakta orden").click()
    expect(page.locator(".stripe").first).to_be_visible()
    page.get_by_role("button", name="Öva nu i").click()
    page.wait_for_url("**/desk/incidents/**")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_personal_exercise_from_the_choice_to_its_picture(look: Look, site: Any, scripts: bool) -> None:
    page = look(java_script_enabled=scripts)
    ref = run(page, site)
    expect(page.get_by_role("status").first).to_contain_text("Övningen är slut")
    expect(page.locator("svg.score").first).to_be_visible()
    expect(page.locator("table.times")).to_contain_text("Facebook, svenska")
    page.goto("/desk/drills")
    expect(page.locator("main")).to_contain_text(ref)


@pytest.mark.parametrize("size", [{"width": 390, "height": 844}, {"width": 320, "height": 700}])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_and_can_be_hit(look: Look, site: Any, scheme: str, size: dict[str, int]) -> None:
    page = look(color_scheme=scheme, viewport=size)
    ref = run(page, site, "larmet-var-falskt")
    addresses = ("/desk/drills", "/desk/drills/new", "/desk/drills/new/vattnet", f"/desk/drills/{ref}/score")
    faults = {}
    for address in (*addresses, "/desk/mistakes", f"/desk/incidents/{ref}"):
        page.goto(address)
        if found := [*page.evaluate(SMALL), *([f"{wider} px too wide"] if (wider := page.evaluate(WIDER)) else [])]:
            faults[address] = found
    assert faults == {}


def test_no_words_of_the_picture_lie_on_each_other(look: Look, site: Any) -> None:
    page = look()
    run(page, site)
    assert page.evaluate(CROWDED) == []


def test_the_bars_have_the_colours_of_our_style_sheet_in_light_and_dark(look: Look, site: Any) -> None:
    fills = []
    for scheme in ("light", "dark"):
        page = look(color_scheme=scheme)
        run(page, site)
        fills.append(page.evaluate("getComputedStyle(document.querySelector('svg.score .met')).fill"))
    assert fills[0] != fills[1]
    assert "rgb(0, 0, 0)" not in fills


def test_every_button_that_acts_in_an_exercise_looks_like_one(look: Look, site: Any) -> None:
    """Dashed and yellow on every page of it; the same button of a live incident is neither."""
    page = look()
    live, drill = site.service.send(), site.service.send(mode="drill")
    border = "e => getComputedStyle(e).borderTopStyle"
    pages = ("/desk/new/telefoni-1177?mode={mode}", "/desk/messages/{id}/recall", "/desk/incidents/{ref}/update")
    for address in pages:
        seen = []
        for mode, message in (("live", live), ("drill", drill)):
            page.goto(address.format(mode=mode, id=message["id"], ref=message["incident"]))
            seen.append(page.locator("main button.button:not(.calm)").first.evaluate(border))
        assert seen == ["solid", "dashed"], address
