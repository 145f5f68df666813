"""Nobody else can sign in: a colleague hears the exact words on a telephone and reads back four digits."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browser.conftest import PHONE, Site
from night import TIB, FortySixElks, Night, night
from playwright.sync_api import Page, expect
from service import ServiceMaker
from test_spoken import SENTENCE, code_in, send

pytestmark = pytest.mark.browser
Look = Callable[..., Page]


@pytest.fixture
def duty(make_service: ServiceMaker, elks: FortySixElks) -> Iterator[Night]:
    """Return a night on which Anna is alone at the computer, and TiB has a telephone."""
    with night(make_service, elks) as found:
        found.service.add_person("anna", "sender")
        yield found


@pytest.fixture
def site(duty: Night) -> Iterator[Site]:
    site = Site(duty.service)
    yield site
    site.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "desktop"])
def test_a_yes_by_telephone_lets_the_sentence_out(
    look: Look, site: Any, duty: Night, size: dict[str, int], scripts: bool
) -> None:
    first = site.service.send()["incident"]
    site.pay(steps=3, seconds=1)
    site.service.send("update", first, sentence=SENTENCE)
    page = look(viewport=size, java_script_enabled=scripts)
    page.goto(f"/desk/incidents/{first}")
    page.get_by_role("link", name="Få ett ja per telefon").click()
    page.locator("[name=person]").select_option("TiB")
    page.get_by_role("button", name="Skicka meningen som sms").click()
    expect(page.locator("main")).to_contain_text("Ring TiB")
    site.aside(lambda: send(duty))
    page.locator("[name=code]").fill(code_in(duty.elks.phone(TIB)[-1]))
    page.get_by_role("button", name="Personen sa ja: publicera nu").click()
    page.wait_for_url(f"**/desk/incidents/{first}")
    expect(page.locator("main")).to_contain_text("ja av TiB per telefon")
    site.pay(steps=3, seconds=1)
    expect(page.locator("[data-key=overall]")).to_contain_text("Ute i alla 5 kanaler")
