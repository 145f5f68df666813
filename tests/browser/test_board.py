"""The live board in a real browser: fresh within a second, cheap while nothing happens, never by one sense alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from looking import ASTRAY, PALE, SMALL, found, open_all, too_wide
from playwright.sync_api import Page, Response, expect

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
FRAGMENT = "/board"
#: Counts the tones, so that nobody has to listen.
LISTEN = """
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) {
    window.tones.push(this.frequency.value);
    return start.apply(this, at);
  };
"""


def board_of(page: Page, site: Any, **how: Any) -> str:
    ref = str(site.service.send(**how)["incident"])
    page.goto(f"/desk/incidents/{ref}")
    return ref


def test_the_sentence_and_the_title_follow_what_happens(look: Look, site: Any) -> None:
    page = look()
    board_of(page, site)
    top = page.locator(".sentence")
    expect(top).to_contain_text("Ute i 1 av 5 kanaler.")
    assert not page.title().startswith(("✓", "(!)"))
    site.pay(steps=3, seconds=1)
    expect(top).to_contain_text("Ute i alla 5 kanaler. Du behöver inte göra något nu.")
    expect(page).to_have_title(re.compile("^✓ "))


def test_while_nothing_happens_the_board_asks_for_nothing_but_a_304(look: Look, site: Any) -> None:
    page = look()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if answer.url.endswith(FRAGMENT) else None)
    board_of(page, site)
    while len(answers) < 4:
        page.wait_for_timeout(100)
    assert [one.status for one in answers[:4]] == [200, 304, 304, 304]
    site.pay(steps=3, seconds=1)
    expect(page.locator("[data-said^='Facebook, svenska']")).to_contain_text("Publicerat kl.")


def test_trouble_is_in_the_title_and_under_the_sentence_is_the_way_to_it(look: Look, site: Any) -> None:
    site.service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead", "times": 1}])
    page = look()
    board_of(page, site)
    site.pay()
    expect(page).to_have_title(re.compile(r"^\(!\) "))
    expect(page.locator(".sentence")).to_contain_text("Du behöver göra 1 sak.")
    page.locator(".jumps").get_by_role("link", name="Facebook, svenska").click()
    row = page.locator("[data-said^='Facebook, svenska']")
    expect(row).to_be_in_viewport()
    expect(row.get_by_role("button", name="Kopiera texten")).to_be_visible()
    expect(row.get_by_role("button", name="Försök igen")).to_be_visible()


def test_there_is_no_sound_until_somebody_wants_it_and_the_choice_is_kept(look: Look, site: Any) -> None:
    page = look()
    page.add_init_script(LISTEN)
    board_of(page, site)
    off = page.get_by_role("button", name="Ljud och vibration: av")
    expect(off).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("window.tones") == []
    off.click()
    assert len(page.evaluate("window.tones")) == 2  # how it will sound
    page.reload()
    expect(page.get_by_role("button", name="Ljud och vibration: på")).to_be_visible()
    site.pay(steps=3, seconds=1)
    expect(page).to_have_title(re.compile("^✓ "))
    assert len(page.evaluate("window.tones")) == 2


def test_a_silent_board_stays_silent(look: Look, site: Any) -> None:
    page = look()
    page.add_init_script(LISTEN)
    board_of(page, site)
    site.pay(steps=3, seconds=1)
    expect(page).to_have_title(re.compile("^✓ "))
    assert page.evaluate("window.tones") == []


def test_time_goes_while_something_is_under_way_and_a_screen_reader_hears_nothing_of_it(look: Look, site: Any) -> None:
    page = look()
    board_of(page, site)
    row = page.locator("[data-said^='Facebook, svenska']")
    began = row.locator(".time").inner_text()
    expect(row.locator(".time")).not_to_have_text(began)
    assert page.locator("#said").inner_text() == ""


def test_a_colleague_sees_what_waits_and_what_is_new_in_it_without_scrolling_for_the_answer(
    look: Look, site: Any
) -> None:
    """The new sentence, the yes and the no stand within one and a half phone screens."""
    ref = str(site.service.send()["incident"])
    site.service.send("update", ref, sentence="Vi har hittat felet.")
    page = look("bo")
    page.goto(f"/desk/incidents/{ref}")
    panel = page.locator("[data-key=yes]")
    expect(panel.locator("ins")).to_have_text("Vi har hittat felet.")
    box = panel.bounding_box()
    assert box is not None and box["height"] < 844
    panel.get_by_text("Nej, skicka det inte").click()
    panel.get_by_label("Varför nej?").fill("Det vet vi inte.")
    panel.get_by_role("button", name="Säg nej").click()
    expect(page.get_by_text("Nekad: Det vet vi inte.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_of_trouble_can_be_read_and_hit_with_everything_open(look: Look, site: Any, scheme: str) -> None:
    site.service.script(facebook=[{"on": "POST /{page}/feed", "do": "token_dead", "times": 1}])
    first = site.service.send(playbook="allman-handelse")
    site.pay(steps=2, seconds=2)
    site.service.send("update", first["incident"], playbook="allman-handelse", sentence="Vi har hittat felet.")
    page = look("bo", color_scheme=scheme)
    page.goto(f"/desk/incidents/{first['incident']}")
    open_all(page)
    assert page.locator("svg.timeline").is_visible()
    assert found(page, PALE, SMALL, ASTRAY) == []
    assert too_wide(page) == 0


def test_no_two_signs_of_the_picture_cover_each_other_on_a_phone(look: Look, site: Any) -> None:
    site.service.send()
    site.pay(steps=3, seconds=1)
    page = look()
    page.goto("/desk/incidents/RE-2026-0001")
    open_all(page)
    circles = page.locator("svg.timeline circle")
    boxes = [box for n in range(circles.count()) if (box := circles.nth(n).bounding_box())]
    assert len(boxes) > 5
    near = [
        (a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :]
        if abs(a["y"] - b["y"]) < 5 and abs(a["x"] - b["x"]) < a["width"] - 0.5
    ]  # fmt: skip
    assert near == []
