"""
Messages as warning systems read them: CAP 1.2 (OASIS, 2010), one alert a message, one `info` a language.

An alert that was once published never changes: its identifier is its mark, its references are what came before it,
and all else comes from what was accepted. What happens to it later is another alert: an update, or the `Cancel` that
a recall makes. Nothing here is or claims to be a public warning of the state; those come from Sveriges Radio.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from broadcaster.areas import county
from broadcaster.errors import Text
from broadcaster.order import ENDING
from broadcaster.publication import Earlier, PublicMessage
from broadcaster.settings import Organisation

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CONTENT_TYPE = "application/cap+xml; charset=utf-8"
#: What the standard aims at for a headline, so that small displays can show it (CAP 1.2, section 3.2.2).
HEADLINE_MAX = 160
_CANCELLED = ".cancel"
_IDENTIFIER = re.compile(r"(?P<ref>[^./]+)\.(?P<number>[0-9]+)(?P<cancelled>\.cancel)?")
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LISTED = re.compile(r"^– ", re.MULTILINE)
#: What Sveriges Radio calls Swedish; every other tag is said as it is.
_TAGS = {"sv": "sv-SE"}


@dataclass(frozen=True)
class Name:
    """What a CAP identifier says."""

    ref: str
    mark: str
    cancelled: bool


def identifier(mark: str, *, cancelled: bool = False) -> str:
    """Return the identifier of a message, or of the `Cancel` that its recall made; neither ever changes."""
    return mark.replace("/", ".") + (_CANCELLED if cancelled else "")


def named(text: str) -> Name | None:
    """Return what an identifier names, or None for what is no identifier of ours."""
    found = _IDENTIFIER.fullmatch(text)
    if found is None:
        return None
    return Name(found["ref"], f"{found['ref']}/{found['number']}", found["cancelled"] is not None)


def address(base_url: str, name: str) -> str:
    """Return where the alert with this identifier can be fetched, for ever."""
    return f"{base_url}/cap/{quote(name)}.xml"


def plain(words: str) -> str:
    """Return `words` with a space for every character that XML cannot carry."""
    return _NOT_XML.sub(" ", words)


def gone(mark: str) -> Text:
    """Return what is said of a recalled message, in place of its words."""
    return Text(f"Besked {mark} gäller inte längre", f"Message {mark} is no longer valid")


def interface_language(language: str) -> str:
    """Return which of our own two languages is said to readers of this one."""
    return "sv" if language.partition("-")[0] == "sv" else "en"


class Caster:
    """Writes alerts of one organisation. `zone` is the one whose offset every time is said with."""

    def __init__(self, organisation: Organisation, zone: ZoneInfo) -> None:
        self._organisation, self._zone = organisation, zone
        self.sender = urlsplit(organisation.base_url).netloc

    def alert(self, languages: Sequence[PublicMessage]) -> bytes:
        """Return the alert of one message, given in all its languages; of a recalled one, its `Cancel`.

        `languages` must not be empty.
        """
        message = languages[0]
        root = ET.Element("alert", {"xmlns": NAMESPACE})
        _add(root, "identifier", identifier(message.mark, cancelled=message.recalled))
        _add(root, "sender", self.sender)
        _add(root, "sent", self.said(message.updated_at))
        _add(root, "status", "Exercise" if message.mode == "drill" else "Actual")
        _add(root, "msgType", kind_of(message))
        _add(root, "scope", "Public")
        if message.mode == "drill":
            _add(root, "note", "ÖVNING / EXERCISE")
        _add(root, "references", " ".join(self._reference(one) for one in _referred(message)))
        _add(root, "incidents", message.ref)
        for one in sorted(languages, key=lambda one: (one.language != "sv", one.language)):
            self._add_info(root, one)
        ET.indent(root)
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode").encode() + b"\n"

    def said(self, at: datetime) -> str:
        """Return a time as CAP wants it: whole seconds and a numeric offset, `-00:00` for UTC and never `Z`."""
        text = at.astimezone(self._zone).isoformat(timespec="seconds")
        return text.removesuffix("+00:00") + "-00:00" if text.endswith("+00:00") else text

    def _reference(self, earlier: Earlier) -> str:
        return f"{self.sender},{identifier(earlier.mark)},{self.said(earlier.at)}"

    def _add_info(self, root: ET.Element, message: PublicMessage) -> None:
        info = ET.SubElement(root, "info")
        _add(info, "language", _TAGS.get(message.language, message.language))
        for category in message.cap.category:
            _add(info, "category", category)
        _add(info, "event", message.title.in_(interface_language(message.language)))
        _add_sorting(info, message)
        code = ET.SubElement(info, "eventCode")
        _add(code, "valueName", "region-playbook")
        _add(code, "value", message.playbook)
        _add(info, "expires", self.said(message.updated_at + (message.expires_at - message.at)))
        _add(info, "senderName", message.organisation)
        _add_words(info, message)
        _add(info, "web", self._page(message))
        if message.next_due is not None and not message.recalled:
            parameter = ET.SubElement(info, "parameter")
            _add(parameter, "valueName", "nextUpdate")
            _add(parameter, "value", self.said(message.next_due))
        for picture in message.pictures:
            resource = ET.SubElement(info, "resource")
            _add(resource, "resourceDesc", picture.alt)
            _add(resource, "mimeType", picture.type)
            _add(resource, "uri", f"{self._organisation.base_url}{_GALLERY[message.mode]}{picture.name}")
        ours = self._organisation.county
        for area in (county(ours), *(one for one in message.areas if one.code.startswith(ours))):
            element = ET.SubElement(info, "area")
            _add(element, "areaDesc", area.name)
            geocode = ET.SubElement(element, "geocode")
            _add(geocode, "valueName", area.scheme)
            _add(geocode, "value", area.code)

    def _page(self, message: PublicMessage) -> str:
        way = "desk/drills" if message.mode == "drill" else "m"
        return f"{self._organisation.base_url}/{way}/{quote(message.ref)}"


#: Where the pictures of each mode are served; those of a drill to the signed-in only.
_GALLERY = {"live": "/pictures/", "drill": "/desk/pictures/"}


def kind_of(message: PublicMessage) -> str:
    """Return the CAP `msgType`. What refers to nothing earlier can only be an `Alert`."""
    if message.recalled:
        return "Cancel"
    if not message.earlier:
        return "Alert"
    return "Cancel" if message.phase == "false_alarm" else "Update"


def _referred(message: PublicMessage) -> Iterable[Earlier]:
    if message.recalled:
        return (Earlier(message.mark, message.phase, message.at),)
    return message.earlier


def _add_sorting(info: ET.Element, message: PublicMessage) -> None:
    """Add what to do, how soon, how bad and how sure. A recall says nothing about the crisis itself."""
    cap = message.cap
    responses: Sequence[str] = cap.response
    sorting: Sequence[str] = (cap.urgency, cap.severity, cap.certainty)
    if message.recalled:
        responses, sorting = (), ("Past", "Unknown", "Unknown")
    elif message.phase in ENDING or any(one.phase in ENDING and one.stood(message.at) for one in message.earlier):
        certainty = "Unlikely" if message.phase == "false_alarm" else "Observed"
        responses, sorting = ("AllClear",), ("Past", "Minor", certainty)
    for response in responses:
        _add(info, "responseType", response)
    for name, value in zip(("urgency", "severity", "certainty"), sorting, strict=True):
        _add(info, name, value)


def _add_words(info: ET.Element, message: PublicMessage) -> None:
    """Add every word of the message once: its heading, what is so, and what to do (the paragraphs that list it)."""
    if message.recalled:
        _add(info, "headline", gone(message.mark).in_(interface_language(message.language)))
        return
    heading, _, rest = message.words.partition("\n")
    paragraphs = [part for part in rest.strip("\n").split("\n\n") if part.strip()]
    if len(heading) > HEADLINE_MAX:
        paragraphs.insert(0, heading)
        heading = heading[: HEADLINE_MAX - 1] + "…"
    _add(info, "headline", heading)
    _add(info, "description", "\n\n".join(part for part in paragraphs if not _LISTED.search(part)))
    _add(info, "instruction", "\n\n".join(part for part in paragraphs if _LISTED.search(part)))


def _add(parent: ET.Element, name: str, text: str) -> None:
    """Add an element, unless there is nothing to put into it."""
    if text.strip():
        ET.SubElement(parent, name).text = plain(text)
