"""Seen on a phone, in the dark, enlarged: everything fits, can be hit with a thumb, and can be read."""

from collections.abc import Callable
from typing import Any

import pytest
from looking import ASTRAY, PALE, SMALL, found, open_all, too_wide
from playwright.sync_api import Page, expect
from service import Service

pytestmark = pytest.mark.browser
Look = Callable[..., Page]


def every_page(service: Service) -> list[str]:
    """Make one of everything happen and return every kind of page."""
    live = service.send(playbook="allman-handelse")
    drill = service.send(mode="drill")["incident"]
    ref = live["incident"]
    waiting = service.send("update", ref, playbook="allman-handelse", sentence="Vi arbetar med felet.")
    return [
        "/",
        f"/m/{ref}",
        f"/m/{ref}?lang=en",
        f"/m/{ref}?lang=sv-x-lattlast",
        "/m/RE-2026-0404",
        "/desk",
        "/desk/what",
        "/desk/what/phone",
        "/desk/what?q=zebra",
        "/desk/playbooks/telefoni-1177",
        "/desk/playbooks/telefoni-1177/edit",
        "/desk/playbooks/telefoni-1177/edit/text-first-facebook",
        "/desk/playbooks/telefoni-1177/edit/answers",
        "/desk/by-hand",
        "/desk/by-hand/new/telefoni-vaxel",
        f"/desk/by-hand/{ref}/update",
        f"/desk/messages/{waiting['id']}/telephone",
        "/desk/new/telefoni-1177?mode=live",
        "/desk/new/telefoni-1177?mode=drill",
        f"/desk/incidents/{ref}",
        f"/desk/incidents/{ref}/update",
        f"/desk/incidents/{ref}/nothing-new",
        f"/desk/incidents/{drill}",
        f"/desk/drills/{drill}",
        f"/desk/messages/{live['id']}/recall",
        f"/desk/messages/{live['id']}/deliveries/intranet/sv",
        "/desk/finns-inte",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_and_hit_on_a_phone(look: Look, site: Any, scheme: str) -> None:
    page = look(color_scheme=scheme)
    faults: dict[str, Any] = {}
    for address in every_page(site.service):
        page.goto(address)
        open_all(page)
        if wrong := found(page, PALE, SMALL, ASTRAY):
            faults.setdefault(address, []).extend(wrong)
        if wider := too_wide(page):
            faults.setdefault(address, []).append(f"{wider} px too wide")
    assert faults == {}


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_cut_off_on_a_narrow_or_a_wide_screen(look: Look, site: Any, width: int) -> None:
    page = look(viewport={"width": width, "height": 900})
    for address in every_page(site.service):
        page.goto(address)
        assert too_wide(page) == 0, address


def test_a_page_with_wrong_fields_and_the_exact_words_can_be_read_too(look: Look) -> None:
    page = look()
    page.goto("/desk/new/telefoni-1177?mode=live")
    page.get_by_label("Reservnummer").fill("112")
    page.get_by_role("button", name="Visa de exakta orden").click()
    assert found(page, PALE, SMALL, ASTRAY) == []
    page.get_by_label("Reservnummer").fill("")
    page.get_by_role("button", name="Visa de exakta orden").click()
    assert found(page, PALE, SMALL, ASTRAY) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_beside_what_stands_ticks_and_the_way_back_in_can_be_read(look: Look, site: Any, scheme: str) -> None:
    """What is new, what goes, what was typed and is not yet ticked, and the sign-in page with what waits on it."""
    ref = site.service.send()["incident"]
    site.pay(steps=3, seconds=1)
    page = look(color_scheme=scheme)
    page.goto(f"/desk/incidents/{ref}/update")
    page.get_by_label("Reservnummer").fill("054-61 50 00")
    page.get_by_role("button", name="Visa de exakta orden").click()
    open_all(page)
    assert found(page, PALE, SMALL, ASTRAY) == []
    assert too_wide(page) == 0
    page.get_by_role("button", name="Skicka nu till").click()
    assert found(page, PALE, SMALL, ASTRAY) == []
    page.context.clear_cookies()
    page.get_by_role("button", name="Ändra uppgifterna").click()
    assert found(page, PALE, SMALL, ASTRAY) == []


def test_words_that_are_wrong_twice_and_then_right_can_be_read_before_and_after_saving(look: Look) -> None:
    """Each fault has a place of its own beside its field, and what was saved says so on top."""
    page = look()
    page.goto("/desk/playbooks/telefoni-1177/edit/text-first-facebook")
    field = page.get_by_label("Svenska")
    words = field.input_value()
    field.fill(words.replace("Vi arbetar", "Vi beklagar eventuella olägenheter i natt. Vi arbetar"))
    page.get_by_role("button", name="Granska").click()
    expect(page.locator(".field-error")).to_have_count(2)
    assert found(page, PALE, SMALL, ASTRAY) == []
    field.fill(words.replace("Vi arbetar", "Vi arbetar hela tiden"))
    page.get_by_role("button", name="Granska").click()
    assert found(page, PALE, SMALL, ASTRAY) == []
    page.get_by_role("button", name="Spara som förslag").click()
    assert "Ditt förslag är sparat" in page.get_by_role("status").first.inner_text()
    assert found(page, PALE, SMALL, ASTRAY) == []


def test_a_drill_can_never_be_taken_for_real_at_a_glance(look: Look, site: Any) -> None:
    page = look()
    live, drill = site.service.send()["incident"], site.service.send(mode="drill")["incident"]

    def glance(ref: str) -> tuple[Any, ...]:
        page.goto(f"/desk/incidents/{ref}")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        top = page.evaluate("getComputedStyle(document.querySelector('.top')).backgroundColor")
        return page.locator(".stripe").count(), ground, top

    assert glance(drill)[0] == 2
    assert glance(live)[0] == 0
    assert all(one != other for one, other in zip(glance(live), glance(drill), strict=True))


def test_focus_is_always_seen(look: Look) -> None:
    page = look()
    page.goto("/desk/new/telefoni-1177?mode=live")
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert float(outline.removesuffix("px")) >= 3


def test_on_paper_only_the_words_are_left(look: Look, site: Any) -> None:
    page = look()
    page.goto(f"/desk/incidents/{site.service.send()['incident']}")
    page.emulate_media(media="print")
    assert page.locator("form:visible").count() == 0
    assert page.locator("h1").is_visible()
