"""
Feeds that other systems follow: Atom, RSS and JSON Feed of our messages, and the list of CAP alerts.

One entry a message and language, under an id that stays the same for ever; a recalled message keeps its entry, which
then says that it is no longer valid. Equal messages make equal bytes: no feed knows what time it is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import quote

from feedgenerator import Atom1Feed, Rss201rev2Feed, rfc3339_date

from broadcaster import cap
from broadcaster.publication import Publication, PublicMessage
from broadcaster.settings import Organisation
from broadcaster.typesetting import RIGHT_TO_LEFT

ENTRIES_MAX = 50
#: Minutes a reader of RSS may wait before it asks again.
RSS_TTL = "1"
#: When a feed changed that never had anything in it.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True)
class Feed:
    """One address that can be followed."""

    path: str
    content_type: str
    name: str


ATOM = Feed("/feed.atom", "application/atom+xml; charset=utf-8", "Atom")
RSS = Feed("/feed.rss", "application/rss+xml; charset=utf-8", "RSS")
JSON = Feed("/feed.json", "application/feed+json; charset=utf-8", "JSON Feed")
ALERTS = Feed("/cap.atom", "application/atom+xml; charset=utf-8", "CAP 1.2")
FEEDS = (ATOM, RSS, JSON, ALERTS)


def written(feed: Feed, publication: Publication, organisation: Organisation, language: str | None = None) -> bytes:
    """Return `feed` of what is public now, newest change first; with `language`, only the entries in it.

    An alert has all its languages in one, so the list of alerts is always whole.
    """
    chosen = [one for one in publication.messages if language in (None, one.language)]
    newest = sorted(chosen, key=lambda one: one.updated_at, reverse=True)
    asked = f"?lang={quote(language, safe='')}" if language and feed is not ALERTS else ""
    write = _Writer(publication.changed_at or NEVER, organisation, f"{organisation.base_url}{feed.path}{asked}")
    if feed is JSON:
        return write.json(newest[:ENTRIES_MAX])
    if feed is RSS:
        return write.rss(newest[:ENTRIES_MAX])
    return write.alerts(publication.messages) if feed is ALERTS else write.atom(newest[:ENTRIES_MAX])


def entry_id(base_url: str, message: PublicMessage) -> str:
    """Return what an entry is called in every feed, for ever."""
    return f"{base_url}/m/{message.mark}#{message.language}"


@dataclass(frozen=True)
class _Writer:
    changed_at: datetime
    organisation: Organisation
    own: str

    def atom(self, messages: Sequence[PublicMessage]) -> bytes:
        feed = _Atom(**self._head("krisinformation"), changed_at=self.changed_at)
        for message in messages:
            alert = cap.address(self.base, cap.identifier(message.mark, cancelled=message.recalled))
            feed.add_item(**self._entry(message), alert=alert, rel="related")
        return bytes(feed.writeString("utf-8"), "utf-8")

    def alerts(self, messages: Sequence[PublicMessage]) -> bytes:
        """Return the list of alerts: one entry an alert, whatever languages it has in it."""
        feed = _Atom(**self._head("CAP 1.2"), changed_at=self.changed_at)
        groups = (list(group) for _, group in groupby(messages, key=lambda one: one.mark))
        swedish = [min(group, key=lambda one: one.language != "sv") for group in groups]
        for message in sorted(swedish, key=lambda one: one.updated_at, reverse=True)[:ENTRIES_MAX]:
            alert = cap.address(self.base, cap.identifier(message.mark, cancelled=message.recalled))
            entry = self._entry(message) | {"link": alert, "unique_id": alert, "pubdate": message.updated_at}
            title = f"{cap.kind_of(message)}: {entry['title']}"
            feed.add_item(**entry | {"title": title, "description": None}, alert=alert, rel=None)
        return bytes(feed.writeString("utf-8"), "utf-8")

    def rss(self, messages: Sequence[PublicMessage]) -> bytes:
        feed = _Rss(**self._head("krisinformation"), ttl=RSS_TTL, changed_at=self.changed_at)
        for message in messages:
            entry = self._entry(message)
            html = as_html(entry["description"], entry["language"])
            feed.add_item(**entry | {"description": html}, unique_id_is_permalink=False)
        return bytes(feed.writeString("utf-8"), "utf-8")

    def json(self, messages: Sequence[PublicMessage]) -> bytes:
        head = self._head("krisinformation")
        document = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": head["title"],
            "home_page_url": head["link"],
            "feed_url": self.own,
            "language": "sv",
            "authors": [{"name": self.organisation.name, "url": head["link"]}],
            "items": [self._item(message) for message in messages],
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"

    @property
    def base(self) -> str:
        return self.organisation.base_url

    def _head(self, what: str) -> dict[str, Any]:
        return {
            "title": f"{self.organisation.name}: {what}",
            "link": f"{self.base}/",
            "feed_url": self.own,
            # The first feed is known by the address of the page, and keeps that name.
            "feed_guid": f"{self.base}/" if self.own == f"{self.base}{ATOM.path}" else self.own,
            "description": f"Besked från {self.organisation.name} när något har hänt",
            "language": "sv",
            "author_name": self.organisation.name,
        }

    def _entry(self, message: PublicMessage) -> dict[str, Any]:
        language, words = message.language, cap.plain(message.words)
        if message.recalled:
            language = cap.interface_language(message.language)
            words = cap.gone(message.mark).in_(language)
        return {
            "title": words.partition("\n")[0],
            "link": f"{self.base}/m/{message.ref}?lang={message.language}",
            "description": words,
            "unique_id": entry_id(self.base, message),
            "pubdate": message.at,
            "updateddate": message.updated_at,
            "categories": [message.phase],
            "language": language,
        }

    def _item(self, message: PublicMessage) -> dict[str, Any]:
        entry = self._entry(message)
        alert = cap.address(self.base, cap.identifier(message.mark, cancelled=message.recalled))
        return {
            "id": entry["unique_id"],
            "url": entry["link"],
            "title": entry["title"],
            "content_text": entry["description"],
            "date_published": rfc3339_date(message.at),
            "date_modified": rfc3339_date(message.updated_at),
            "language": entry["language"],
            "tags": entry["categories"],
            **({"image": f"{self.base}/pictures/{message.pictures[0].name}"} if message.pictures else {}),
            "attachments": [{"url": alert, "mime_type": "application/cap+xml", "title": "CAP 1.2"}],
        }


def as_html(words: str, language: str) -> str:
    """Return words as the HTML that readers of RSS show: a paragraph each, in their language and direction."""
    direction = ' dir="rtl"' if language in RIGHT_TO_LEFT else ""
    paragraphs = (escape(part, quote=False).replace("\n", "<br>") for part in words.split("\n\n"))
    return "".join(f'<p lang="{escape(language)}"{direction}>{part}</p>' for part in paragraphs)


class _Atom(Atom1Feed):  # type: ignore[misc]
    """Atom with a language an entry, plain text said to be plain, an alert's address, and no clock of its own."""

    def latest_post_date(self) -> datetime:
        changed_at: datetime = self.feed["changed_at"]
        return changed_at

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        handler.addQuickElement("title", item["title"])
        if item["rel"]:
            handler.addQuickElement("link", "", {"href": item["link"], "rel": "alternate", "type": "text/html"})
        alert = {"href": item["alert"], "rel": item["rel"] or "alternate", "type": "application/cap+xml"}
        handler.addQuickElement("link", "", alert)
        handler.addQuickElement("published", rfc3339_date(item["pubdate"]))
        handler.addQuickElement("updated", rfc3339_date(item["updateddate"]))
        handler.addQuickElement("id", item["unique_id"])
        if item["description"]:
            handler.addQuickElement("summary", item["description"], {"type": "text"})
            content = as_html(item["description"], item["language"])
            handler.addQuickElement("content", content, {"type": "html"})
        for category in item["categories"]:
            handler.addQuickElement("category", "", {"term": category})


class _Rss(Rss201rev2Feed):  # type: ignore[misc]
    """RSS with a language and a time of change an item, and no clock of its own."""

    def latest_post_date(self) -> datetime:
        changed_at: datetime = self.feed["changed_at"]
        return changed_at

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:dc": _DUBLIN_CORE}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("dc:language", item["language"])
        handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))
