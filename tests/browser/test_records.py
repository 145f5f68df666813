"""The log, people, keys and channels in a real browser: read by thumb and keyboard, light and dark, narrow and wide."""

from collections.abc import Callable
from typing import Any

import pytest
from looking import ASTRAY, PALE, SMALL, found, open_all, too_wide
from playwright.sync_api import Page, expect
from service import PASSWORD

pytestmark = pytest.mark.browser
Look = Callable[..., Page]

LOW = """
() => [...document.querySelectorAll("a.entry, a.danger")].filter((e) => e.getBoundingClientRect().height < 44).length
"""


def pages(site: Any) -> list[str]:
    """Make some of everything happen and return every page of the records."""
    service = site.service
    service.add_person("kim", "administrator", "auditor")
    service.add_person("en.person-med-ett-mycket-langt-namn@region.example", "author")
    ref = service.send()["incident"]
    service.key("read", "send", name="vaxel")
    service.key("read", mode="drill", name="ett-system-med-ett-langt-namn.exempel")
    site.pay(seconds=2)
    with service.parts.store.reading() as transaction:
        key = transaction.connection.exec_driver_sql("SELECT id FROM api_key").scalars().first()
    return [
        "/desk/log",
        f"/desk/log?incident={ref}",
        "/desk/log?incident=fel&start=fel",
        "/desk/log?kind=trouble&person=ingen",
        "/desk/log/9",
        "/desk/people",
        "/desk/people/new",
        "/desk/people/anna",
        "/desk/people/kim",
        "/desk/people/anna/password",
        "/desk/people/anna/disable",
        "/desk/keys",
        "/desk/keys/new",
        f"/desk/keys/{key}/revoke",
        "/desk/channels",
    ]


def faults(page: Page) -> list[str]:
    open_all(page)
    wrong, wide = found(page, PALE, SMALL, ASTRAY), too_wide(page)
    return [*wrong, *([f"{wide} px too wide"] if wide else []), *(["a line too low"] if page.evaluate(LOW) else [])]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_page_can_be_read_and_hit(look: Look, site: Any, scheme: str, width: int) -> None:
    addresses = pages(site)
    page = look("kim", color_scheme=scheme, viewport={"width": width, "height": 844})
    found = {}
    for address in addresses:
        page.goto(address)
        if wrong := faults(page):
            found[address] = wrong
    assert found == {}


def test_no_page_is_heavier_than_a_bad_connection_bears(look: Look, site: Any) -> None:
    addresses = pages(site)
    for number in range(120):
        site.service.key("read", name=f"system-{number}")
    page = look("kim")
    for address in addresses[:5]:
        answer = page.goto(address)
        assert answer is not None
        assert len(answer.body()) < 60_000, address


@pytest.mark.parametrize("scripts", [True, False])
def test_what_happened_is_found_read_and_opened(look: Look, site: Any, scripts: bool) -> None:
    pages(site)
    page = look("kim", java_script_enabled=scripts)
    page.goto("/desk/log")
    page.locator("summary", has_text="Sök i loggen").click()
    page.get_by_label("Vad", exact=True).select_option("deliveries")
    page.get_by_role("button", name="Sök").click()
    page.get_by_role("link", name="Facebook, svenska: publicerat").first.click()
    assert "Facebook, svenska: publicerat" in page.get_by_role("heading", level=1).inner_text()
    expect(page.get_by_text("Stämmer med posten före")).to_be_visible()


def test_a_wrong_filter_puts_the_fault_where_it_is_read_first(look: Look, site: Any) -> None:
    pages(site)
    page = look("kim")
    page.goto("/desk/log?incident=fel")
    page.locator(".error-summary a").click()
    assert page.evaluate("document.activeElement.name") == "incident"


def test_the_table_and_the_exact_entries_are_taken_home(look: Look, site: Any) -> None:
    pages(site)
    page = look("kim")
    page.goto("/desk/log")
    for name, file in (("Tabell (CSV)", "logg.csv"), ("Exakta poster (JSON)", "logg.jsonl")):
        with page.expect_download() as fetched:
            page.get_by_role("link", name=name).click()
        assert fetched.value.suggested_filename == file


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_is_added_by_keyboard_alone_and_signs_in(look: Look, site: Any, scripts: bool) -> None:
    pages(site)
    page = look("kim", java_script_enabled=scripts)
    page.goto("/desk/people/new")
    page.get_by_label("Användarnamn").fill("nina")
    page.keyboard.press("Enter")
    page.get_by_label("Avsändare").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_label("Lösenord", exact=True).fill(PASSWORD)
    page.get_by_label("Samma lösenord igen").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/people/nina?done=added")
    look("nina")


def test_a_key_is_shown_once_however_the_buttons_are_pressed(look: Look, site: Any) -> None:
    pages(site)
    page = look("kim")
    page.goto("/desk/keys/new")
    page.get_by_label("Systemets namn").fill("nytt")
    page.get_by_role("button", name="Fortsätt").click()
    page.get_by_label("Läsa händelser").check()
    page.get_by_role("button", name="Fortsätt").click()
    page.get_by_role("button", name="Gör nyckeln").click()
    assert page.locator("code.key").inner_text().startswith("cb_drill_")
    page.reload()
    assert page.locator("code.key").count() == 0
    assert "redan gjord" in page.get_by_role("heading", level=1).inner_text()
    page.goto("/desk/keys")
    assert page.get_by_role("link", name="Återkalla … nytt").count() == 1
