"""Stoppa in a browser: one large button for ten seconds, counted down, and then gone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]


def press_send(page: Page) -> None:
    page.goto("/desk/new/allman-handelse?mode=live")
    page.get_by_role("button", name="Visa de exakta orden").click()
    page.get_by_role("button", name="Skicka nu till").click()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("size", [(390, 844), (1280, 800)])
def test_pressed_by_mistake_it_is_stopped_with_one_press(
    look: Look, site: Any, scripts: bool, size: tuple[int, int]
) -> None:
    page = look(java_script_enabled=scripts, viewport={"width": size[0], "height": size[1]})
    press_send(page)
    stop = page.get_by_role("button", name="Stoppa")
    expect(stop).to_be_in_viewport()  # nobody has ten seconds for scrolling
    stop.click()
    expect(page.get_by_text("Stoppat. Inget gick ut någonstans.")).to_be_visible()
    site.pay(seconds=20, steps=3)
    assert site.service.parts.board.public_messages() == []
    page.get_by_role("link", name="Ändra och skicka på nytt").click()
    expect(page.get_by_role("button", name="Visa de exakta orden")).to_be_visible()


def test_the_seconds_are_counted_and_the_button_goes_by_itself_when_it_has_begun(look: Look, site: Any) -> None:
    page = look()
    press_send(page)
    left = page.locator("[data-left]")
    expect(left).to_have_text("10 s")
    expect(left).not_to_have_text("10 s")
    site.pay(seconds=11, steps=3)
    expect(page.get_by_role("button", name="Stoppa")).to_have_count(0)
    expect(page.locator(".sentence")).to_contain_text("Ute i")


def test_the_countdown_is_never_read_aloud(look: Look) -> None:
    """A screen reader that heard every second could hear nothing else."""
    page = look()
    press_send(page)
    expect(page.locator("[data-left]")).not_to_have_text("10 s")
    assert page.locator("[aria-live] [data-left], [role=status] [data-left], [role=alert] [data-left]").count() == 0
    expect(page.locator("#said")).to_have_text("")
