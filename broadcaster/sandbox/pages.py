"""What the public would see, as pages: an overview, and one page per post, notice, article and announcement.

`cards` draws them. No logo and no colour of Facebook or 1177: this must never be mistaken for the real thing.
"""

from collections.abc import Iterable
from importlib.resources import files

from broadcaster.sandbox import screens
from broadcaster.sandbox.cards import framed, page_head, phone_card, post_card, site_card, web_card
from broadcaster.sandbox.cms import page_address
from broadcaster.sandbox.exchange import Answer, Request
from broadcaster.sandbox.phone import queue_address
from broadcaster.sandbox.posts import permalink
from broadcaster.sandbox.restapp import site_address
from broadcaster.sandbox.state import State

_STYLE = files("broadcaster.sandbox").joinpath("style.css").read_bytes()
_POLICY = ("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
           "frame-ancestors 'none'")
_WARNING = (
    '<div class="warning" role="note"><b>Det här är en övningsmiljö.</b> Inget här är på riktigt och inget har gått '
    'ut. <span lang="en">This is an imitation for exercises; nothing here is real.</span></div>')
_NOT_FOUND = (
    '<h1>Finns inte</h1><p class="lone">Här finns inget att visa: det är inte publicerat, eller har tagits bort.<br>'
    '<span lang="en">Nothing is published at this address.</span></p>'
    '<p class="lone"><a href="/">Till översikten</a></p>')
_WHERE = {"facebook": "facebook.com · imitation", "web": "1177.se · Värmland · imitation", "phone": "1177 · imitation",
          "site": "Regionens webbplats · imitation"}
_TITLES = {"facebook": "Facebooksidan", "phone": "Telefonkön 1177"}
"""Headings where the words have none of their own."""
_BACK = '<p class="lone"><a href="/">Till översikten</a></p>'


def page(state: State, request: Request) -> Answer:
    """Return the page at this address, or a 404 that says what the address would show."""
    path, base = request.segments, request.base
    if path == ():
        return _overview(state, base)
    if path == ("style.css",):
        return Answer(200, _STYLE, "text/css; charset=utf-8", {"Cache-Control": "max-age=60"})
    if path[:2] == ("facebook", "photos") and len(path) == 3:
        return _photo(state, path[2])
    if path in (("phones",), ("mail",)):
        shown = screens.phones(state.elks) if path == ("phones",) else screens.letters(state.mailbox)
        return _html(200, "Telefonerna" if path == ("phones",) else "Breven", shown + _BACK, refresh=True)
    name, cards = _alone(state, path)
    if not cards:
        return _html(404, "Finns inte", _NOT_FOUND)
    title = f"<h1>{_TITLES[name]}</h1>" if name in _TITLES else ""
    return _html(200, "Publicerat", f'{title}<div class="alone">{_in_place(name, cards[0])}</div>{_BACK}')


def _overview(state: State, base: str) -> Answer:
    public = state.cms.public()
    web = [web_card(item, language, version, page_address(base, item.guid, language))
           for notices_first in (True, False)
           for item, language, version in public if item.is_notice() is notices_first]
    sites = [site_card(page, site_address(base, page.object)) for page in state.restapp.pages()]
    calls = [phone_card(entry, queue_address(base, entry.key)) for entry in state.phone.playing()]
    body = (f'<h1>Så ser det ut utifrån</h1>{_jumps(bool(sites))}<div class="columns">'
            + _section("facebook", "Facebooksidan", "The Facebook Page", _posts(state, base), _no_posts(state),
                       is_there=state.graph.conditions.page_published)
            + _section("web", "1177.se", "Notices and articles on 1177.se", web, "Inga meddelanden just nu.")
            + _section("phone", "Telefonkön 1177", "What callers hear before the queue", calls,
                       "Inget talat meddelande just nu.")
            + (_section("site", "Regionens egna webbplatser", "The region's own sites", sites, "") if sites else "")
            + "</div>" + screens.links(state.elks, state.mailbox))
    return _html(200, "Översikt", body, refresh=True)


def _jumps(sites: bool) -> str:
    """Return a way past a long feed, for small screens."""
    shown = {"facebook": "Facebook", "web": "1177.se", "phone": "Telefon", **({"site": "Webbplatser"} if sites else {})}
    links = "".join(f'<a href="#{name}">{title}</a>' for name, title in shown.items())
    return f'<nav class="jump" aria-label="På sidan">{links}</nav>'


def _section(name: str, title: str, subtitle: str, cards: list[str], empty: str, *, is_there: bool = True) -> str:
    shown = "\n".join(cards) if cards else f'<p class="empty">{empty}</p>'
    return (f'<section class="channel" aria-labelledby="{name}"><header><h2 id="{name}">{title}</h2>'
            f'<p class="subtitle" lang="en">{subtitle}</p></header>\n{_in_place(name, shown, is_there)}</section>\n')


def _in_place(name: str, content: str, is_there: bool = True) -> str:
    """Return cards where the public would meet them; a Page that is not there has no head."""
    if name == "facebook" and is_there:
        content = page_head() + content
    if name == "phone":
        content = f'<p class="step">Någon ringer 1177. Före kön hörs:</p>{content}<p class="step">Sedan följer kön.</p>'
    return framed(name, _WHERE[name], content)


def _posts(state: State, base: str | None, only: str | None = None) -> list[str]:
    """Return the posts an anonymous reader sees, newest first; each with a way to its own page if a base is given."""
    graph = state.graph
    with graph.lock:
        return [post_card(post, graph.photos.of(post.photos), graph.comments.on(post.id), graph.engagement(post),
                          base and permalink(base, post.id))
                for post in graph.public() if only in (None, post.id)]


def _no_posts(state: State) -> str:
    """Return why the public sees no post, for the one who wonders where they are."""
    conditions = state.graph.conditions
    if not conditions.page_published:
        return "Sidan är inte publicerad: allmänheten ser ingenting av den."
    if conditions.development:
        return "Appen är i utvecklingsläge: inlägg går att göra, men allmänheten ser dem inte."
    return "Inga inlägg ännu."


def _photo(state: State, photo_id: str) -> Answer:
    with state.graph.lock:
        photo = state.graph.photos.get(photo_id) if state.graph.is_open else None
    if photo is None:
        return _html(404, "Finns inte", _NOT_FOUND)
    return Answer(200, photo.picture.content, photo.picture.media_type, {
        "Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def _alone(state: State, path: tuple[str, ...]) -> tuple[str, list[str]]:
    """Return where the address lies, and the one card that stands there or none."""
    if path[:2] == ("facebook", "posts") and len(path) == 3:
        return "facebook", _posts(state, None, path[2])
    if path[0] == "1177" and len(path) == 3:
        return "web", [web_card(item, language, version, None) for item, language, version in state.cms.public()
                       if (item.guid, language) == path[1:]]
    if path[0] == "phone-queue" and len(path) == 2:
        return "phone", [phone_card(entry, None) for entry in state.phone.playing() if entry.key == path[1]]
    if path[0] == "site" and len(path) == 2:
        return "site", [site_card(page, None) for page in state.restapp.pages() if page.object == path[1]]
    return "", []


def _html(status: int, title: str, body: str, *, refresh: bool = False) -> Answer:
    lines: Iterable[str] = (
        "<!DOCTYPE html>", '<html lang="sv">', "<head>", '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="robots" content="noindex">', '<meta name="color-scheme" content="light dark">',
        *(['<meta http-equiv="refresh" content="3">'] if refresh else []),
        f"<title>{title} – övningsmiljö</title>", '<link rel="stylesheet" href="/style.css">', "</head>", "<body>",
        _WARNING,
        f"<main>\n{body}\n</main>", "</body>", "</html>", "")
    return Answer(status, "\n".join(lines).encode(), "text/html; charset=utf-8",
                  {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
                   "Referrer-Policy": "no-referrer"})
