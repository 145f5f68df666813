"""With text twice as large nothing is cut off, and nobody has to scroll sideways, on any page in any state."""

from collections.abc import Callable
from typing import Any

import pytest
from browser.scenes import prepare, show
from looking import WIDER
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
#: Text that is wider or higher than the box that hides what does not fit.
CUT = """
() => [...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility() && !e.closest(".hidden, .skip, svg, .sideways") && !e.matches("select, input"))
  .filter((e) => ["hidden", "clip"].includes(getComputedStyle(e).overflowX))
  .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
  .map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`)
"""
#: Frames that text runs out of to the right.
OUTSIDE = """
() => [...document.querySelectorAll(".button, .tag, .card, .panel, .delivery, .overall, .words, label, summary")]
  .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
  .map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 40)}`)
"""


def test_text_twice_as_large_is_whole_on_every_page_in_every_state(look: Look, site: Any) -> None:
    scenes = prepare(site.service, site.pay)
    viewers = {who: look(name=who, viewport={"width": 640, "height": 844}) for who in {one.who for one in scenes}}
    faults: dict[str, Any] = {}
    for scene in scenes:
        page = viewers[scene.who]
        show(page, scene)
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        assert page.evaluate("() => parseFloat(getComputedStyle(document.documentElement).fontSize)") == 32
        found = page.evaluate(CUT) + page.evaluate(OUTSIDE)
        if wider := page.evaluate(WIDER):
            found.append(f"{wider} px too wide")
        if found:
            faults[scene.name] = found
    assert faults == {}
