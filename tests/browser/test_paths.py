"""The ways that are walked seldom and at night, on a phone and on a desk, with scripts and without."""

from collections.abc import Callable
from typing import Any

import pytest
from browser.conftest import PHONE
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
DESKTOP = {"width": 1280, "height": 800}
WHY = "Ensam i natt. Ringde Bo och Cia, ingen svarade."


@pytest.fixture(params=["phone", "desktop"])
def size(request: pytest.FixtureRequest) -> dict[str, int]:
    return PHONE if request.param == "phone" else DESKTOP


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def how(request: pytest.FixtureRequest, size: dict[str, int]) -> dict[str, Any]:
    """Return how the browser is: its size, and whether it runs scripts."""
    return {"viewport": size, "java_script_enabled": request.param}


def send(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Visa de exakta orden").click()
    page.locator("#send button.wide").click()
    page.wait_for_url("**/desk/incidents/**")


def test_a_second_person_reads_the_new_sentence_and_says_yes(look: Look, site: Any, how: dict[str, Any]) -> None:
    ref = site.service.send()["incident"]
    site.pay(steps=3, seconds=1)
    anna, bo = look(**how), look(name="bo", **how)
    anna.goto(f"/desk/incidents/{ref}/update")
    anna.locator("[name=sentence]").fill("Vi arbetar med felet hela natten.")
    anna.get_by_role("button", name="Visa de exakta orden").click()
    anna.locator("#send button.wide").click()
    expect(anna.locator("main")).to_contain_text("Inget har skickats")  # what was typed has not been ticked as read
    anna.locator("input[name=read]").check()
    anna.locator("#send button.wide").click()
    anna.wait_for_url(f"**/desk/incidents/{ref}")
    assert anna.get_by_role("button", name="Ja, skicka de här orden").count() == 0
    bo.goto(f"/desk/incidents/{ref}")
    expect(bo.locator("ins", has_text="Vi arbetar med felet hela natten.")).to_be_visible()
    bo.get_by_role("button", name="Ja, skicka de här orden").click()
    site.pay(steps=3, seconds=1)
    expect(anna.locator("[data-key=overall]")).to_contain_text("Ute i alla 5 kanaler")
    assert "Vi arbetar med felet hela natten." in "".join(site.service.posts())


def test_alone_and_the_approval_has_run_out(look: Look, site: Any, how: dict[str, Any]) -> None:
    site.service.clock.advance(370 * 86_400.0)
    page = look(**how)
    page.goto("/desk/new/telefoni-1177?mode=live")
    page.get_by_role("button", name="Visa de exakta orden").click()
    expect(page.locator("#send")).to_contain_text("godkännandet har gått ut")
    page.locator("#send").get_by_role("button", name="bryt glaset").click()
    page.locator("[name=reason]").fill(WHY)
    page.locator("[name=sure]").check()
    page.locator("#glass button").last.click()
    page.wait_for_url("**/desk/incidents/**")
    site.pay(steps=3, seconds=1)
    expect(page.locator("[data-key=overall]")).to_contain_text("Ute i alla 5 kanaler")
    page.goto("/desk")
    expect(page.locator("main")).to_contain_text("på eget beslut")


def test_an_update_while_nobody_knows_whether_the_first_is_out(look: Look, site: Any, how: dict[str, Any]) -> None:
    """The channel answers errors and comes back: each message comes out once, and the board tells the truth."""
    page = look(**how)
    send(page, "/desk/new/telefoni-1177?mode=live")
    site.service.script(facebook=[{"on": "POST /{post}", "do": "applied_then_500", "times": 99}])
    site.pay(seconds=1)
    expect(page.locator("[data-key=overall]")).to_contain_text("Facebook kontrolleras")
    ref = page.url.rsplit("/", 1)[1].partition("?")[0]
    send(page, f"/desk/incidents/{ref}/update")
    site.service.script(facebook=[])
    site.pay(steps=8, seconds=120)
    expect(page.locator("[data-key=overall]")).to_contain_text("Ute i alla 5 kanaler")
    assert len(site.service.posts()) == 2
