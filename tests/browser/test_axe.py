"""What an independent judge of accessibility finds on any page, in any state, language and theme: nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.scenes import Scene, alone, prepare, show
from looking import open_all
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Look = Callable[..., Page]
#: WCAG 2.2 A and AA, which the law asks of a region, and the tool's best practices.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
#: The heaviest page that is still there at once on a poor connection, as it is transferred.
HEAVIEST_BYTES = 60_000

SENT = """
() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, one) => sum + one.transferSize, 0)
"""


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(look: Look, site: Any, scheme: str, language: str) -> None:
    scenes = prepare(site.service, site.pay)
    assert faults_in(scenes, look, scheme, language) == {}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_one_person_is_alone(look: Look, site: Any, scheme: str, language: str) -> None:
    """An approval that ran out, the glass, its board, and its review."""
    scenes = alone(site.service)
    assert faults_in(scenes, look, scheme, language) == {}


def faults_in(scenes: list[Scene], look: Look, scheme: str, language: str) -> dict[str, list[str]]:
    """Return what axe finds in each scene, with everything unfolded."""
    viewers = {who: look(name=who, color_scheme=scheme) for who in {scene.who for scene in scenes}}
    faults: dict[str, list[str]] = {}
    for scene in scenes:
        page = viewers[scene.who]
        show(page, scene, language)
        open_all(page)
        if found := judged(page):
            faults[scene.name] = found
    return faults


def judged(page: Page) -> list[str]:
    """Return what axe finds: the rule, and the first element that breaks it."""
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])} in all)"
        for one in Axe().run(page, options=RULES).response["violations"]
    ]


def test_no_page_is_heavier_than_a_poor_connection_carries(look: Look, site: Any) -> None:
    scenes = prepare(site.service, site.pay)
    viewers = {who: look(name=who) for who in {scene.who for scene in scenes}}
    sizes = {scene.name: _transferred(viewers[scene.who], scene) for scene in scenes}
    assert all(sizes.values())
    assert {name: size for name, size in sizes.items() if size > HEAVIEST_BYTES} == {}


def _transferred(page: Page, scene: Scene) -> int:
    """Return how many bytes the page and all it brings along are, as they are sent; nothing comes out of a cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    show(page, scene)
    page.wait_for_load_state("networkidle")
    session.detach()
    return int(page.evaluate(SENT))
