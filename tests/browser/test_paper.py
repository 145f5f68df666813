"""The folder for paper, opened from the disk by a real browser without a network, and made into A4 pages."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser
from service import PLAYBOOKS

from broadcaster.paper import Region, file_of, print_folder
from broadcaster.playbook import Playbooks

pytestmark = pytest.mark.browser
TEMPLATES = Path(__file__).parent.parent.parent / "templates"
PHONE = {"width": 390, "height": 844}
#: A4 is 210 × 297 mm, which a PDF counts in points of 1/72 inch.
A4 = (595, 842)


def test_from_a_usb_stick_every_sheet_becomes_an_a4_page_of_its_own(chromium: Browser, tmp_path: Path) -> None:
    loaded = Playbooks.load(PLAYBOOKS, organisation="Region Värmland", timezone="Europe/Stockholm")
    now = datetime(2026, 3, 14, 1, 40, tzinfo=UTC)
    region = Region("Region Värmland", now, ZoneInfo("Europe/Stockholm"), "https://kris.region.example")
    print_folder(tmp_path, loaded.all(), region, templates=TEMPLATES)
    context = chromium.new_context(offline=True, viewport=PHONE)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_role("link", name=loaded["telefoni-1177"].title.sv).click()
    page.wait_for_url("**/krismall-telefoni-1177.html")
    assert [url.rpartition("/")[2] for url in asked] == ["index.html", file_of(loaded["telefoni-1177"])]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sheets = page.locator("section.sheet").count() + 1
    pdf = page.pdf(prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {A4}
    assert sheets <= len(sizes) < 2 * sheets, "each sheet begins a page, and none of them runs on and on"
    context.close()
