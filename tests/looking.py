"""What is asked of a page in a browser: what of it cannot be read, hit or found. An empty answer is a good one."""

from typing import Any

from playwright.sync_api import Page

OPEN_ALL = "() => document.querySelectorAll('details').forEach((d) => { d.open = true; })"

#: Text that is hard to read: each visible piece with less contrast than WCAG AA asks for (4.5, or 3 where large).
PALE = """
() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const lum = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
  const found = [];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || e.closest(".hidden, .skip")) continue;
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own) continue;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const [a, b] = [lum(parse(style.color)), lum(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${e.tagName} ${e.textContent.trim().slice(0, 40)}`);
  }
  return found;
}
"""
#: What a thumb must hit and is smaller than 44 px either way; links inside a sentence are exempt.
SMALL = """
() => [...document.querySelectorAll(
    "button, summary, select, textarea, input:not([type=hidden]), a.button, nav a, .box label")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip"))
  .map((e) => [e, (e.matches(".box input") ? e.closest(".box") : e).getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([e, { width, height }]) => `${width} x ${height} ${e.tagName} ${e.textContent.trim().slice(0, 40)}`)
"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: Ids that are used twice, and what is pointed at and is not there.
ASTRAY = """
() => {
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  const lost = [...document.querySelectorAll("label[for], [aria-describedby], [aria-labelledby]")]
    .flatMap((e) => ["for", "aria-describedby", "aria-labelledby"].flatMap((a) => (e.getAttribute(a) || "").split(" ")))
    .filter((id) => id && !document.getElementById(id));
  return [...twice, ...lost];
}
"""


def found(page: Page, *questions: str) -> list[Any]:
    """Return what is wrong with the whole page. A press returns before the next page is there: nothing is wrong yet."""
    page.wait_for_load_state()
    return [one for question in questions for one in page.evaluate(question)]


def too_wide(page: Page) -> int:
    """Return by how many pixels the page must be scrolled sideways."""
    page.wait_for_load_state()
    return int(page.evaluate(WIDER))


def open_all(page: Page) -> None:
    """Unfold everything that is folded."""
    page.wait_for_load_state()
    page.evaluate(OPEN_ALL)
