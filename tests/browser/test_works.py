"""The question "what works, what does not?": three presses, no typing, and the words that are sent say it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
NEW = "/desk/new/allman-handelse?mode=live"
BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
#: The publish path's smallest target, in CSS pixels.
TARGET_MIN = 44


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name)


def answer(page: Page, name: str, says: str) -> None:
    row(page, name).get_by_role("radio", name=says, exact=True).check()


def approved(site: Any, blank: str, key: str) -> str:
    """Return what the approved words say for one answer."""
    asked = {one.name: one for one in site.service.parts.board.snapshot("allman-handelse").blanks("first")}
    return str(dict(asked[blank].choices)[key].sv)


@BOTH
def test_three_presses_change_the_words_and_are_kept_for_the_update(look: Look, site: Any, scripts: bool) -> None:
    """One works, one does not, and a number is struck: the words say the first two and never the number."""
    page = look(java_script_enabled=scripts)
    page.goto(NEW)
    answer(page, "Recept", "Fungerar inte")
    answer(page, "Provsvar", "Fungerar")
    answer(page, "Telefonnumret 1177", "Fungerar inte")
    page.get_by_role("button", name="Visa de exakta orden").click()
    words = page.locator(".words")
    expect(words.filter(has_text=approved(site, "recept", "fungerar-inte")).first).to_be_visible()
    expect(words.filter(has_text=approved(site, "provsvar", "fungerar")).first).to_be_visible()
    expect(words.filter(has_text="Ring 1177")).to_have_count(0)
    for tick in page.locator("input[name=read]").all():
        tick.check()
    page.get_by_role("button", name="Skicka nu till").click()
    page.wait_for_url("**/desk/incidents/**")
    site.pay(steps=3, seconds=1)
    ref = page.url.rpartition("/")[2].partition("?")[0]
    page.goto(f"/desk/incidents/{ref}/update")
    expect(row(page, "Recept").get_by_role("radio", name="Fungerar inte")).to_be_checked()
    expect(row(page, "Recept")).to_contain_text("Vi sa: Fungerar inte")
    expect(row(page, "Telefonnumret 1177").get_by_role("radio", name="Fungerar inte")).to_be_checked()
    expect(page.locator("#f-works")).to_contain_text("Gäller det vi sa fortfarande?")
    answer(page, "Recept", "Fungerar")
    answer(page, "Telefonnumret 1177", "Fungerar")
    page.get_by_role("button", name="Visa de exakta orden").click()
    expect(words.filter(has_text=approved(site, "recept", "fungerar")).first).to_be_visible()
    expect(words.filter(has_text="Ring 1177").first).to_be_visible()


def test_the_question_is_ten_rows_of_large_targets_and_says_nothing_by_itself(look: Look, site: Any) -> None:
    page = look()
    page.goto(NEW)
    rows = page.locator(".works .row")
    expect(rows).to_have_count(10)
    for label in page.locator(".works .answer label").all():
        box = label.bounding_box()
        assert box is not None and box["height"] >= TARGET_MIN and box["width"] >= TARGET_MIN
    page.get_by_role("button", name="Visa de exakta orden").click()
    for blank in ("recept", "provsvar", "sjukresor", "journal"):
        for key in ("fungerar", "fungerar-inte"):
            expect(page.locator(".words", has_text=approved(site, blank, key))).to_have_count(0)


def test_a_changed_answer_survives_the_way_back_from_the_words(look: Look, site: Any) -> None:
    page = look(java_script_enabled=False)
    page.goto(NEW)
    answer(page, "Sjukresor", "Fungerar inte")
    answer(page, "Webbplatsen 1177.se", "Fungerar inte")
    page.get_by_role("button", name="Visa de exakta orden").click()
    page.locator("[name=change]").first.click()
    for name in ("Sjukresor", "Webbplatsen 1177.se"):
        expect(row(page, name).get_by_role("radio", name="Fungerar inte")).to_be_checked()
