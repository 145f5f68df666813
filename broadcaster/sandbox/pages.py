"""What the public would see, as pages: an overview, and one page per post, notice, article and announcement.

No logo and no colour of Facebook or 1177: this must never be mistaken for the real thing.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from importlib.resources import files
from zoneinfo import ZoneInfo

from broadcaster.sandbox.cms import page_address
from broadcaster.sandbox.content import Item, Version
from broadcaster.sandbox.exchange import Answer, Request
from broadcaster.sandbox.graph_page import PAGE_NAME
from broadcaster.sandbox.phone import Announcement, queue_address
from broadcaster.sandbox.photos import address
from broadcaster.sandbox.posts import Post, permalink
from broadcaster.sandbox.restapp import Page, site_address
from broadcaster.sandbox.state import State

_ZONE = ZoneInfo("Europe/Stockholm")
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
_REGIONS = {"Varmland": "Värmland"}
"""Spelling of region names that the content system keeps without diacritics."""


def page(state: State, request: Request) -> Answer:
    """Return the page at this address, or a 404 that says what the address would show."""
    path, base = request.segments, request.base
    if path == ():
        return _overview(state, base)
    if path == ("style.css",):
        return Answer(200, _STYLE, "text/css; charset=utf-8", {"Cache-Control": "max-age=60"})
    if path[:2] == ("facebook", "photos") and len(path) == 3:
        return _photo(state, path[2])
    found: str | None = None
    if path[:2] == ("facebook", "posts") and len(path) == 3:
        found = _facebook_page(state, path[2])
    elif path[0] == "1177" and len(path) == 3:
        found = _web_page(state, path[1], path[2])
    elif path[0] == "phone-queue" and len(path) == 2:
        found = _phone_page(state, path[1])
    elif path[0] == "site" and len(path) == 2:
        found = next((_site_card(page, None) for page in state.restapp.pages() if page.object == path[1]), None)
    if found is None:
        return _html(404, "Finns inte", _NOT_FOUND)
    return _html(200, "Publicerat", found + '<p class="lone"><a href="/">Till översikten</a></p>')


def _overview(state: State, base: str) -> Answer:
    with state.graph.lock:
        state.graph.posts.publish_due()
        posts = [_post_card(state, post, base) for post in state.graph.posts.published()]
    public = state.cms.public()
    web = [_web_card(item, language, version, base)
           for notices_first in (True, False)
           for item, language, version in public if item.is_notice() is notices_first]
    sites = [_site_card(page, base) for page in state.restapp.pages()]
    calls = [_phone_card(entry, base) for entry in state.phone.playing()]
    body = ('<h1>Så ser det ut utifrån</h1><div class="columns">'
            + _section("facebook", "Facebooksidan", "The Facebook Page", posts, "Inga inlägg ännu.")
            + _section("web", "1177.se", "Notices and articles on 1177.se", web, "Inga meddelanden just nu.")
            + _section("phone", "Telefonkön 1177", "What callers hear before the queue", calls,
                       "Inget talat meddelande just nu.")
            + (_section("site", "Regionens egna webbplatser", "The region's own sites", sites, "") if sites else "")
            + "</div>")
    return _html(200, "Översikt", body, refresh=True)


def _section(name: str, title: str, subtitle: str, cards: list[str], empty: str) -> str:
    shown = "\n".join(cards) if cards else f'<p class="empty">{empty}</p>'
    return (f'<section class="channel {name}" aria-labelledby="{name}"><header><h2 id="{name}">{title}</h2>'
            f'<p class="subtitle" lang="en">{subtitle}</p></header>\n{shown}\n</section>\n')


def _facebook_page(state: State, post_id: str) -> str | None:
    with state.graph.lock:
        state.graph.posts.publish_due()
        post = state.graph.posts.get(post_id)
        seen = post is not None and post.published
        return f"<h1>Facebooksidan</h1>{_post_card(state, post, None)}" if post and seen else None


def _photo(state: State, photo_id: str) -> Answer:
    with state.graph.lock:
        photo = state.graph.photos.get(photo_id)
    if photo is None:
        return _html(404, "Finns inte", _NOT_FOUND)
    return Answer(200, photo.picture.content, photo.picture.media_type, {
        "Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def _web_page(state: State, guid: str, language: str) -> str | None:
    for item, found, version in state.cms.public():
        if (item.guid, found) == (guid, language):
            return _web_card(item, language, version, None)
    return None


def _phone_page(state: State, key: str) -> str | None:
    found = next((entry for entry in state.phone.playing() if entry.key == key), None)
    return f"<h1>Telefonkön 1177</h1>{_phone_card(found, None)}" if found is not None else None


def _post_card(state: State, post: Post, base: str | None) -> str:
    edited = f" · ändrat {_clock(post.updated_at)}" if post.updated_at > post.created_at else ""
    link = f'<p class="link">{_anchor(post.link)}</p>' if post.link else ""
    return (f'<article class="card post"><p class="meta"><b>{escape(PAGE_NAME)}</b> · '
            f"{_moment(post.created_at)}{edited}</p>"
            f'<div class="words">{_text(post.message)}</div>{_pictures(state, post)}{link}'
            f"{_onward(base and permalink(base, post.id))}</article>")


def _pictures(state: State, post: Post) -> str:
    return "".join(f'<img src="{address("", photo.id)}" alt="{escape(photo.alt_text)}" width="{photo.picture.width}"'
                   f' height="{photo.picture.height}">' for photo in state.graph.photos.of(post.photos))


def _web_card(item: Item, language: str, version: Version, base: str | None) -> str:
    region = version.value("region") or "Värmland"
    region = escape(_REGIONS.get(region, region))
    notice = item.is_notice()
    label = f"Det här meddelandet avser {region}" if notice else f"Innehållet gäller {region}"
    level = "h1" if base is None else "h3"
    # The words stand in the page exactly as they were: with the tags taken away nothing is added and nothing lost.
    words = "\n\n".join([f"<{level}>{_text(version.heading())}</{level}>",
                         *(f"<p>{_text(paragraph)}</p>" for paragraph in version.paragraphs())])
    kind = "notice" if notice else "article"
    return (f'<article class="card {kind}"><p class="label">{label}</p>'
            f'<div class="words" {_spoken(language)}>{words}</div>'
            f'<p class="meta">{"Meddelande" if notice else "Aktuellt"} · {escape(language)} · '
            f"{_moment(version.saved_at)}</p>"
            f"{_onward(base and page_address(base, item.guid, language))}</article>")


def _phone_card(entry: Announcement, base: str | None) -> str:
    language = str(entry.body["language"])
    longest = entry.body.get("max_seconds")
    length = f" · högst {escape(str(longest))} sekunder" if longest else ""
    return (f'<article class="card call"><p class="label">Talat meddelande före kön</p>'
            f'<div class="words" {_spoken(language)}>{_text(entry.body["text"])}</div>'
            f'<p class="meta">{escape(entry.key)} · version {entry.revision}{length} · {_moment(entry.stored_at)}</p>'
            f"{_onward(base and queue_address(base, entry.key))}</article>")


def _site_card(page: Page, base: str | None) -> str:
    language, level = str(page.body["language"]), "h1" if base is None else "h3"
    title, *paragraphs = page.text().split("\n\n")
    words = "\n\n".join([f"<{level}>{_text(title)}</{level}>", *(f"<p>{_text(one)}</p>" for one in paragraphs)])
    drill = "Övning · " if page.body["status"] == "exercise" else ""
    return (f'<article class="card article"><div class="words" {_spoken(language)}>{words}</div>'
            f'<p class="meta">{drill}{escape(language)} · version {page.revision} · {_moment(page.stored_at)}</p>'
            f"{_onward(base and site_address(base, page.object))}</article>")


def _onward(address: str | None) -> str:
    return f'<p class="onward"><a href="{escape(address)}">Egen sida</a></p>' if address else ""


def _anchor(address: str) -> str:
    # A link of another scheme (javascript:, data:) is shown, never offered.
    if not address.startswith(("http://", "https://")):
        return _text(address)
    return f'<a href="{escape(address)}" rel="noreferrer">{_text(address)}</a>'


def _text(words: str) -> str:
    return escape(words, quote=False)


def _spoken(language: str) -> str:
    direction = ' dir="rtl"' if language.partition("-")[0] in ("ar", "fa", "he", "ur") else ""
    return f'lang="{escape(language)}"{direction}'


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, _ZONE).strftime("%H.%M.%S")


def _moment(at: float) -> str:
    local = datetime.fromtimestamp(at, _ZONE)
    return f'<time datetime="{local.isoformat(timespec="seconds")}">{local.day}/{local.month} kl. {_clock(at)}</time>'


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
