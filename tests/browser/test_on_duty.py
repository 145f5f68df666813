"""Who is on duty, read on the phone of whoever starts an incident, and on their board."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from service import Service, ServiceMaker

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
ROTA = '[KiB]\n"2026-03-13 08:00" = "Anna Ek"\n"2026-03-14 06:00" = "Bo Lind"\n'
ALARM = {
    "people": [{"name": "Anna Ek", "email": "anna@region.example"}, {"name": "Bo Lind", "email": "bo@region.example"}],
    "smtp": "smtp://127.0.0.1:1",
    "sender": "kris@region.example",
    "rota": "rota.toml",
    "steps": [{"tell": ["KiB"]}, {"tell": ["*"]}],
}
NOW = "I beredskap nu: Anna Ek (till kl. 06.00). Därefter: Bo Lind."


@pytest.fixture
def service(make_service: ServiceMaker, tmp_path: Path) -> Service:
    (tmp_path / "rota.toml").write_text(ROTA, "utf-8")
    return make_service(alarm=ALARM)


@pytest.mark.parametrize("scripts", [True, False])
def test_it_is_read_before_the_press_and_after_it_with_and_without_scripts(
    look: Look, site: Any, scripts: bool
) -> None:
    page = look(java_script_enabled=scripts)
    page.goto("/desk/new/telefoni-1177?mode=live")
    page.locator("#fill button.wide").click()
    expect(page.get_by_text(NOW)).to_be_visible()
    page.locator("#send button.live").click()
    expect(page.locator(".ahead").get_by_text(NOW)).to_be_visible()


def test_the_handover_is_seen_without_a_reload(look: Look, site: Any) -> None:
    ref = site.service.send(channels=["own_web"])["incident"]
    site.service.clock.advance(3 * 3600 + 19 * 60)
    page = look()
    page.goto(f"/desk/incidents/{ref}")
    expect(page.locator(".ahead")).to_contain_text("I beredskap nu: Anna Ek")
    site.service.clock.advance(2 * 60)
    expect(page.locator(".ahead")).to_contain_text("I beredskap nu: Bo Lind.")
