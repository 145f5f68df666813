"""
One reading made into bytes: every feed, alert and announcement is written once, however many readers share it.

Nothing is kept from one reading to the next, so what was recalled is gone from the very next edition.
"""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Hashable, Iterable
from urllib.parse import quote

from broadcaster import cap, feeds
from broadcaster.cap import Name
from broadcaster.feeds import Feed
from broadcaster.publication import Announcement, Publication, PublicMessage
from broadcaster.settings import Settings

#: Words and language → SSML 1.1, as the phone channel sends it.
Speech = Callable[[str, str], str]
VOICE_XML = "http://www.w3.org/2001/vxml"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HEADER = b'<?xml version="1.0" encoding="UTF-8"?>\n'


class Edition:
    """What is public at one moment, ready to be sent."""

    def __init__(self, publication: Publication, settings: Settings, speech: Speech) -> None:
        self.publication = publication
        self.messages = publication.messages
        self._settings, self._speech = settings, speech
        self._languages = {one.language for one in publication.messages}
        self._written: dict[Hashable, bytes] = {}

    def feed(self, feed: Feed, language: str | None) -> bytes:
        """Return a feed, in all languages or in one."""
        organisation = self._settings.organisation
        if language is not None and language not in self._languages:
            return feeds.written(feed, self.publication, organisation, language)  # not kept: anybody can make one up
        return self._once(
            (feed.path, language), lambda: feeds.written(feed, self.publication, organisation, language)
        )

    def alert(self, name: Name) -> tuple[bytes, bool] | None:
        """Return an alert and whether its message was recalled, or None if it is not in this edition."""
        return alert_of(name, self.messages, self._settings, self._once)

    def marks(self, language: str) -> str:
        """Return which messages are played in a language, the first one first; `none` for none."""
        return ", ".join(quote(one.mark) for one in self._spoken(language)) or "none"

    def text(self, language: str) -> bytes:
        """Return what callers should hear, a paragraph an incident; empty when there is nothing to say."""
        words = "\n\n".join(one.words for one in self._spoken(language))
        return f"{words}\n".encode() if words else b""

    def voice_xml(self, language: str) -> bytes:
        """Return a VoiceXML 2.1 document that plays the same, and one that plays nothing when there is nothing to say.

        It ends without an `exit`, so whatever called it goes on with the queue.
        """
        return self._once(("vxml", language), lambda: self._voice_xml(language)) if self._spoken(language) else _SILENCE

    def _voice_xml(self, language: str) -> bytes:
        root = ET.Element("vxml", {"version": "2.1", "xmlns": VOICE_XML})
        root.append(ET.Comment(f" {self.marks(language)} "))
        block = ET.SubElement(ET.SubElement(root, "form", {"id": "announcement"}), "block")
        for one in self._spoken(language):
            spoken = ET.fromstring(self._speech(one.words, language))  # noqa: S314 - made by us a moment ago
            tongue = spoken.get(_XML_LANG, language)
            root.attrib.setdefault(_XML_LANG, tongue)
            prompt = ET.SubElement(block, "prompt", {_XML_LANG: tongue})
            prompt.text = spoken.text
            prompt.extend(_without_namespace(spoken))
        return _HEADER + ET.tostring(root, encoding="unicode").encode() + b"\n"

    def _spoken(self, language: str) -> tuple[Announcement, ...]:
        return tuple(one for one in self.publication.announcements if one.language == language)

    def _once(self, key: Hashable, write: Callable[[], bytes]) -> bytes:
        found = self._written.get(key)
        if found is None:
            found = self._written[key] = write()
        return found


def alert_of(
    name: Name,
    messages: Iterable[PublicMessage],
    settings: Settings,
    once: Callable[[Hashable, Callable[[], bytes]], bytes] = lambda _, write: write(),
) -> tuple[bytes, bool] | None:
    """Return the alert with this name and whether its message was recalled, or None if it is not among them.

    The name an alert once had leads to its `Cancel` when its message was recalled.
    """
    languages = [one for one in messages if one.mark == name.mark]
    if not languages or (name.cancelled and not languages[0].recalled):
        return None
    caster = cap.Caster(settings.organisation, settings.zone)
    return once(("cap", name.mark), lambda: caster.alert(languages)), languages[0].recalled


def _without_namespace(element: ET.Element) -> list[ET.Element]:
    """Return the children as VoiceXML has them: the speech elements are its own there."""
    for one in element.iter():
        one.tag = one.tag.rpartition("}")[2]
    return list(element)


_SILENCE = _HEADER + (
    f'<vxml xmlns="{VOICE_XML}" version="2.1"><!-- nothing to say --><form id="announcement"><block /></form></vxml>\n'
).encode()
