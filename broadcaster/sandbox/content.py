"""Items of the imitated content management system: the model a writer sends, its rules, and what becomes public."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import Any

from broadcaster.sandbox.exchange import JsonObject, moment

LANGUAGES = ("sv", "en", "sv-x-lattlast", "ar", "so", "fi")
STATUSES = ("CheckedOut", "CheckedIn", "Published", "DelayedPublish", "AwaitingApproval", "Rejected")
LONGEST_NAME = 255
_PUBLIC = ("Published", "DelayedPublish")
_KNOWN = ("contentLink", "name", "language", "contentType", "parentLink", "routeSegment", "startPublish",
          "stopPublish", "status", "url", "saved", "changed", "created", "existingLanguages", "masterLanguage")


class CmsError(Exception):
    """A refusal: HTTP status, the vendor's problem code, and what is wrong."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


@dataclass(frozen=True, slots=True)
class Version:
    """What one language of one item says, and from when until when (unix seconds)."""

    name: str
    status: str
    start: float | None
    stop: float | None
    route_segment: str | None
    properties: Mapping[str, Any]
    saved_at: float

    def changed(self, model: "Model", now: float) -> "Version":
        """Return this version with only the given fields replaced (PATCH)."""
        given = {name: value for name, value in model.fields.items() if name in model.given}
        after = replace(self, **given, properties={**self.properties, **model.properties}, saved_at=now)
        _check_schedule(after.status, after.start)
        return after

    def value(self, name: str) -> str:
        """Return a text property, wrapped in `value` or not; empty when it is absent."""
        found = self.properties.get(name)
        if isinstance(found, dict):
            found = found.get("value")
        return found if isinstance(found, str) else ""

    def heading(self) -> str:
        """Return the heading as a reader sees it; an item without one shows its name."""
        return self.value("heading") or self.name

    def paragraphs(self) -> list[str]:
        """Return the body's paragraphs as plain text."""
        return paragraphs(self.value("mainBody"))

    def text(self) -> str:
        """Return the exact words: heading, then paragraphs, blank lines between."""
        return "\n\n".join([self.heading(), *self.paragraphs()])


@dataclass(slots=True)
class Branch:
    """One language of an item: its latest version, and the latest one that went public."""

    _draft: Version | None = None
    _released: Version | None = None

    @property
    def draft(self) -> Version:
        """The latest saved version, which is what the API reads back."""
        assert self._draft is not None  # a branch is made to be saved
        return self._draft

    def save(self, version: Version) -> None:
        """Make this the latest version; a published one replaces what the public sees."""
        if version.status in _PUBLIC:
            if version.status == "Published" and version.start is None:
                version = replace(version, start=version.saved_at)
            self._released = version
        self._draft = version

    def visible(self, now: float) -> Version | None:
        """Return what the public sees at `now`, or None."""
        shown = self._released
        if shown is None or (shown.start or 0.0) > now or (shown.stop is not None and shown.stop <= now):
            return None
        return shown


@dataclass(slots=True)
class Item:
    """One piece of content in all its languages."""

    guid: str
    number: int
    content_type: list[str]
    parent_link: JsonObject
    master_language: str
    branches: dict[str, Branch] = field(default_factory=dict)

    @classmethod
    def create(cls, guid: str, number: int, model: "Model") -> "Item":
        """Return a new item; raise CmsError unless the model names its type and its parent."""
        if model.content_type is None:
            raise CmsError(400, "InvalidModel", "Content type is required.")
        if model.parent_link is None:
            raise CmsError(400, "InvalidModel", "Parent link is required.")
        return cls(guid, number, model.content_type, model.parent_link, model.language or LANGUAGES[0])

    def check_unmoved(self, model: "Model") -> None:
        """Raise CmsError when a write would change the item's type or move it."""
        if model.content_type is not None and model.content_type != self.content_type:
            raise CmsError(400, "InvalidModel", "The content type of existing content cannot be changed.")
        if model.parent_link is not None and model.parent_link != self.parent_link:
            raise CmsError(400, "InvalidParent", "Content cannot be moved by this call.")

    def is_notice(self) -> bool:
        """Tell a notice (shown at the top of every page) from an article."""
        return any("notice" in name.lower() for name in self.content_type)


@dataclass(frozen=True, slots=True)
class Model:
    """A checked body. `given` names the version fields that were present."""

    language: str | None
    content_type: list[str] | None
    parent_link: JsonObject | None
    fields: Mapping[str, Any]
    given: frozenset[str]
    properties: Mapping[str, Any]

    def version(self, now: float) -> Version:
        """Return the version this whole model describes; what it leaves out is cleared (PUT)."""
        return Version(properties=dict(self.properties), saved_at=now, **self.fields)


def read_model(given: JsonObject, *, partial: bool) -> Model:
    """Check a body against the server's rules and return it; raise CmsError (400) naming the first breach.

    `partial` (PATCH) allows everything to be left out. Every root key that is not known is a content property.
    """
    fields = {"name": _name(given, partial), "status": _status(given), "start": _time(given, "startPublish"),
              "stop": _time(given, "stopPublish"), "route_segment": _optional_text(given, "routeSegment")}
    if not partial:
        _check_schedule(fields["status"], fields["start"])
    sent = {"name": "name", "status": "status", "startPublish": "start", "stopPublish": "stop",
            "routeSegment": "route_segment"}
    return Model(
        language=_language(given, partial), content_type=_content_type(given), parent_link=_parent(given),
        fields=fields, given=frozenset(name for key, name in sent.items() if key in given),
        properties={key: value for key, value in given.items() if key not in _KNOWN})


def paragraphs(html: str) -> list[str]:
    """Return the text of each block of simple HTML; `<br>` becomes a line break, entities become characters."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.finished()


def _name(given: JsonObject, partial: bool) -> str:
    if partial and "name" not in given:
        return ""
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise CmsError(400, "InvalidModel", "'Name' is required.")
    if len(name) > LONGEST_NAME:
        raise CmsError(400, "InvalidModel", f"'Name' has exceeded its limit of {LONGEST_NAME} characters.")
    return name


def _status(given: JsonObject) -> str:
    status = given.get("status", "CheckedOut")
    if status not in STATUSES:
        raise CmsError(400, "StatusTransition", f"The status {status!r} cannot be set.")
    if status == "AwaitingApproval":
        raise CmsError(400, "InvalidAction",
                       "Action RequestApproval requires that an approval definition is defined.")
    return str(status)


def _check_schedule(status: Any, start: Any) -> None:
    if status == "DelayedPublish" and start is None:
        raise CmsError(400, "DelayedPulish", "DelayedPublish needs a startPublish.")  # the vendor spells it so


def _language(given: JsonObject, partial: bool) -> str | None:
    language = given.get("language")
    name = language.get("name") if isinstance(language, dict) else None
    if language is None and partial:
        return None
    if not isinstance(name, str):
        raise CmsError(400, "InvalidModel", "'Language' is required for localizable content.")
    if name.lower() not in LANGUAGES:
        raise CmsError(400, "InvalidModel", f"The language {name!r} is not enabled.")
    return name.lower()


def _content_type(given: JsonObject) -> list[str] | None:
    value = given.get("contentType")
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(name, str) and name for name in value):
        raise CmsError(400, "InvalidModel", "'ContentType' is a list of names.")
    return list(value)


def _parent(given: JsonObject) -> JsonObject | None:
    value = given.get("parentLink")
    if value is None:
        return None
    number = value.get("id") if isinstance(value, dict) else None
    if isinstance(number, str) and number.isdigit():
        number = int(number)
    if isinstance(number, int) and not isinstance(number, bool) and number > 0:
        return {"id": number}
    if isinstance(value, dict) and isinstance(value.get("guidValue"), str):
        return {"guidValue": value["guidValue"]}
    raise CmsError(400, "InvalidParent", "The parent could not be found.")


def _time(given: JsonObject, key: str) -> float | None:
    try:
        return moment(given.get(key))
    except ValueError as wrong:
        raise CmsError(400, "InvalidModel", f"'{key}' is not a date and time.") from wrong


def _optional_text(given: JsonObject, key: str) -> str | None:
    value = given.get(key)
    if value is not None and (not isinstance(value, str) or not re.fullmatch(r"[\w.~-]+", value)):
        raise CmsError(400, "InvalidModel", f"'{key}' may hold letters, digits, '-', '_', '.' and '~'.")
    return value


class _Reader(HTMLParser):
    _BLOCKS = frozenset({"p", "li", "ul", "ol", "h1", "h2", "h3", "h4", "div", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[str] = []
        self._current = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._current += "\n"
        elif tag in self._BLOCKS:
            self._end_block()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._BLOCKS:
            self._end_block()

    def handle_data(self, data: str) -> None:
        self._current += data

    def finished(self) -> list[str]:
        self._end_block()
        return self._done

    def _end_block(self) -> None:
        if self._current.strip():
            self._done.append(self._current)
        self._current = ""
