"""How one post, notice, article or announcement looks to the public: as in its own place, in colours of our own.

The words stand in `<div class="words">` exactly as they were: with the tags taken away nothing is added and nothing
lost. Whatever begins as a drill begins, is marked as one.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from html import escape
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from broadcaster.sandbox.comments import Comment
from broadcaster.sandbox.content import Item, Version
from broadcaster.sandbox.graph_page import FANS, PAGE_NAME
from broadcaster.sandbox.phone import Announcement
from broadcaster.sandbox.photos import Photo, address
from broadcaster.sandbox.posts import Post
from broadcaster.sandbox.restapp import Page

_ZONE = ZoneInfo("Europe/Stockholm")
_REGIONS = {"Varmland": "Värmland"}
"""Spelling of region names that the content system keeps without diacritics."""
_LANGUAGES = {"sv": "svenska", "en": "engelska", "ar": "arabiska", "fi": "finska", "so": "somaliska", "uk": "ukrainska",
              "fa": "persiska", "ti": "tigrinja", "es": "spanska", "bs": "bosniska", "se": "nordsamiska"}
_DRILL = re.compile(r"\W*(övning|exercise)\b", re.IGNORECASE)
_WORDS_PER_S = 2.3
"""How fast a calm voice reads Swedish."""


def framed(place: str, where: str, content: str) -> str:
    """Return content inside a window that says where the public would meet it."""
    return f'<div class="window {place}"><p class="bar">{where}</p>\n{content}</div>\n'


def page_head() -> str:
    """Return the head of the Facebook Page."""
    fans = f"{FANS:,}".replace(",", "&nbsp;")
    return (f'<div class="cover"></div><div class="who head">{_AVATAR}<div><b>{escape(PAGE_NAME)}</b>'
            f'<p class="meta">{fans} följare · sjukvård</p></div></div>')


def post_card(post: Post, photos: Iterable[Photo], comments: Iterable[Comment], engagement: dict[str, int],
              onward: str | None) -> str:
    """Return a post of the Page with what people have done with it, and a way to its own page."""
    edited = f" · ändrat {_clock(post.updated_at)}" if post.updated_at > post.created_at else ""
    seen = [comment for comment in comments if not comment.hidden]
    return (f'<article class="card post{_drill(post.message)}"><div class="who">{_AVATAR}'
            f'<div><b>{escape(PAGE_NAME)}</b><p class="meta">{_moment(post.created_at)} · Alla{edited}</p></div>'
            f"{_mark(post.message)}</div>"
            f'<div class="words" dir="auto">{text(post.message)}</div>{_pictures(photos)}{_preview(post.link)}'
            f"{_counts(engagement, len(seen))}"
            '<p class="acts" aria-hidden="true"><span>Gilla</span><span>Kommentera</span><span>Dela</span></p>'
            f"{_comments(seen)}{_onward(onward)}</article>")


def web_card(item: Item, language: str, version: Version, onward: str | None) -> str:
    """Return a notice as it stands above everything on 1177.se, or an article."""
    region = version.value("region") or "Värmland"
    region = escape(_REGIONS.get(region, region))
    notice, words = item.is_notice(), version.heading()
    label = f"Det här meddelandet avser {region}" if notice else f"Innehållet gäller {region}"
    crumb = "" if notice else f'<p class="crumb">Start › Aktuellt i {region}</p>'
    return (f'<article class="card {"notice" if notice else "article"}{_drill(words)}">{crumb}'
            f'<p class="label">{_mark(words)}{label}</p>'
            f"{_headed(language, words, version.paragraphs(), onward)}"
            f'<p class="meta">{"Meddelande" if notice else "Artikel"} på {_language(language)} · '
            f"{_moment(version.saved_at)}</p>{_onward(onward)}</article>")


def site_card(page: Page, onward: str | None) -> str:
    """Return a page of the region's own site."""
    language = str(page.body["language"])
    title, *paragraphs = page.text().split("\n\n")
    drill = page.body["status"] == "exercise"
    return (f'<article class="card article{" drill" if drill else ""}">{_MARK if drill else ""}'
            f"{_headed(language, title, paragraphs, onward)}"
            f'<p class="meta">På {_language(language)} · version {page.revision} · {_moment(page.stored_at)}</p>'
            f"{_onward(onward)}</article>")


def phone_card(entry: Announcement, onward: str | None) -> str:
    """Return what a voice says before the queue, and about how long it takes."""
    language, words = str(entry.body["language"]), str(entry.body["text"])
    seconds, longest = round(len(words.split()) / _WORDS_PER_S), entry.body.get("max_seconds")
    length = f"ungefär {seconds} av högst {escape(str(longest))} s" if longest else f"ungefär {seconds} s"
    return (f'<article class="card call{_drill(words)}"><p class="label">{_mark(words)}En röst på '
            f'{_language(language)}, {length}:</p><div class="words" {_spoken(language)}>{text(words)}</div>'
            f'<p class="meta">{escape(entry.key)} · version {entry.revision} · {_moment(entry.stored_at)}</p>'
            f"{_onward(onward)}</article>")


def text(words: str) -> str:
    """Return words as they may stand in a page."""
    return escape(words, quote=False)


_AVATAR = f'<span class="avatar" aria-hidden="true">{PAGE_NAME[0]}</span>'
_MARK = '<span class="mark">Övning</span>'


def _drill(words: str) -> str:
    return " drill" if _DRILL.match(words) else ""


def _mark(words: str) -> str:
    return _MARK if _DRILL.match(words) else ""


def _headed(language: str, title: str, paragraphs: Iterable[str], onward: str | None) -> str:
    level = "h1" if onward is None else "h3"
    words = "\n\n".join([f"<{level}>{text(title)}</{level}>", *(f"<p>{text(one)}</p>" for one in paragraphs)])
    return f'<div class="words" {_spoken(language)}>{words}</div>'


def _pictures(photos: Iterable[Photo]) -> str:
    return "".join(f'<img src="{address("", photo.id)}" alt="{escape(photo.alt_text)}" width="{photo.picture.width}"'
                   f' height="{photo.picture.height}">' for photo in photos)


def _preview(link: str) -> str:
    # A link of another scheme (javascript:, data:) is shown, never offered.
    if not link.startswith(("http://", "https://")):
        return f'<p class="preview">{text(link)}</p>' if link else ""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        host = ""
    return (f'<a class="preview" href="{escape(link)}" rel="noreferrer"><span>{escape(host)}</span> '
            f"<b>{text(link)}</b></a>")


def _counts(engagement: dict[str, int], comments: int) -> str:
    counted = ((engagement["reactions"], "reaktion", "reaktioner"), (comments, "kommentar", "kommentarer"),
               (engagement["shares"], "delning", "delningar"))
    said = [f"{count} {one if count == 1 else several}" for count, one, several in counted if count]
    return f'<p class="counts">{" · ".join(said)}</p>' if said else ""


def _comments(comments: list[Comment]) -> str:
    shown = "".join(f'<li dir="auto"><b>{escape(one.author[1])}</b> {text(one.message)}</li>' for one in comments)
    return f'<ul class="comments" aria-label="Kommentarer">{shown}</ul>' if shown else ""


def _onward(onward: str | None) -> str:
    return f'<p class="onward"><a href="{escape(onward)}">Egen sida</a></p>' if onward else ""


def _language(language: str) -> str:
    return escape(_LANGUAGES.get(language.partition("-")[0], language))


def _spoken(language: str) -> str:
    direction = ' dir="rtl"' if language.partition("-")[0] in ("ar", "fa", "he", "ur") else ""
    return f'lang="{escape(language)}"{direction}'


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, _ZONE).strftime("%H.%M.%S")


def _moment(at: float) -> str:
    local = datetime.fromtimestamp(at, _ZONE)
    return f'<time datetime="{local.isoformat(timespec="seconds")}">{local.day}/{local.month} kl. {_clock(at)}</time>'
