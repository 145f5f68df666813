"""
What the content management API behind 1177.se says when it refuses a page, and what that means for people.

The code of a refusal comes in one of two envelopes: `application/problem+json` with a member `code`, or the early
release's `{"Error": {"Code": …}, "StatusCode": …}`. Only codes of the vendor's own list are ever written down; the rest
of an answer stays where it is. Every refusal here is certain: nothing was published, and the same page is refused
again, so there is no wait.
"""

import re
from collections.abc import Mapping

from pydantic import BaseModel, Field

from broadcaster.channels._http import Answer
from broadcaster.errors import Text


class _Early(BaseModel):
    Code: str | None = None


class _Problem(BaseModel):
    code: str | None = None
    early: _Early | None = Field(None, alias="Error")


def refusal_code(answer: Answer) -> str:
    """Return the vendor's code for a refusal, or "" where there is none that we know."""
    read = answer.read(_Problem)
    code = (read.code or (read.early.Code if read.early else None) or "") if read else ""
    return code if code in WORDS else ""


def words_for(detail: str) -> Text | None:
    """Return what the code at the end of a call's `detail` means for whoever has to act, or None: no such code."""
    found = re.search(r": HTTP 4\d\d (\w+)$", detail)
    return WORDS.get(found[1]) if found else None


_BY_HAND_SV = "Publicera för hand nu och kvittera här."
_BY_HAND_EN = "Publish by hand now and acknowledge here."


def _said(what_sv: str, then_sv: str, what_en: str, then_en: str) -> Text:
    return Text(f"{what_sv} {_BY_HAND_SV} {then_sv}", f"{what_en} {_BY_HAND_EN} {then_en}")


_PARENT_SV = "Be sedan administratören rätta sidans plats (parent) i inställningarna."
_PARENT_EN = "Then ask the administrator to correct the page's place (parent) in the settings."
_TYPE_SV = "Be sedan administratören rätta sidtypen (content_type) i inställningarna."
_TYPE_EN = "Then ask the administrator to correct the page type (content_type) in the settings."
_OWNER_SV = "Be sedan administratören tala med dem som förvaltar 1177.se."
_OWNER_EN = "Then ask the administrator to talk to those who look after 1177.se."

#: By the vendor's code, spelled as the vendor spells it.
WORDS: Mapping[str, Text] = {
    "InvalidModel": _said(
        "ett fält på sidan följer inte reglerna där. Inget är publicerat, och samma text nekas igen.",
        "Rubriken kan vara för lång. Visa annars administratören försöken här nedanför.",
        "a field of the page breaks the rules there. Nothing is published, and the same text is refused again.",
        "The heading may be too long. Otherwise show the administrator the attempts below.",
    ),
    "ContentValidation": _said(
        "sidtypens egen kontroll godkände inte texten. Inget är publicerat, och samma text nekas igen.",
        "Be sedan administratören jämföra sidtypens krav med krismallens längder.",
        "the page type's own check did not pass the text. Nothing is published, and the same text is refused again.",
        "Then ask the administrator to compare the page type's demands with the playbook's lengths.",
    ),
    "InvalidParent": _said(
        "platsen där sidan ska ligga finns inte, eller så får den inte flyttas dit. Inget är publicerat.",
        _PARENT_SV,
        "the place where the page is to lie does not exist, or it may not be moved there. Nothing is published.",
        _PARENT_EN,
    ),
    "NotAllowedParent": _said(
        "en sådan sida får inte ligga på den platsen. Inget är publicerat.",
        _PARENT_SV,
        "such a page may not lie in that place. Nothing is published.",
        _PARENT_EN,
    ),
    "SystemContent": _said(
        "platsen hör till systemet självt och får inte ändras. Inget är publicerat.",
        _PARENT_SV,
        "the place belongs to the system itself and may not be changed. Nothing is published.",
        _PARENT_EN,
    ),
    "NotFound": _said(
        "platsen eller sidan finns inte där. Inget är publicerat.",
        _PARENT_SV,
        "the place or the page is not there. Nothing is published.",
        _PARENT_EN,
    ),
    "ContentNotRoutable": _said(
        "en sådan sida får ingen egen adress. Inget är publicerat.",
        _TYPE_SV,
        "such a page gets no address of its own. Nothing is published.",
        _TYPE_EN,
    ),
    "ContentNotVersionable": _said(
        "en sådan sida kan inte sparas i versioner. Inget är publicerat.",
        _TYPE_SV,
        "such a page cannot be kept in versions. Nothing is published.",
        _TYPE_EN,
    ),
    "ContentNotLocalizable": _said(
        "en sådan sida kan inte finnas på flera språk. Inget är publicerat på det här språket.",
        _TYPE_SV,
        "such a page cannot exist in several languages. Nothing is published in this language.",
        _TYPE_EN,
    ),
    "PropertyReferenceNotFound": _said(
        "sidan hänvisar till något som inte finns där. Inget är publicerat.",
        "Be sedan administratören se över fälten (properties) i inställningarna.",
        "the page refers to something that is not there. Nothing is published.",
        "Then ask the administrator to review the fields (properties) in the settings.",
    ),
    "ReadOnlyContent": _said(
        "sidan är låst för ändringar. Det som stod där förut står kvar.",
        "Be sedan en redaktör låsa upp sidan.",
        "the page is locked. What stood there before still stands.",
        "Then ask an editor to unlock the page.",
    ),
    "StatusTransition": _said(
        "sidan kan inte gå till publicerad från det läge den har. Inget nytt är publicerat.",
        "Någon kan ha sidan öppen som utkast. Titta i redigeringsläget.",
        "the page cannot become published from the state it is in. Nothing new is published.",
        "Somebody may have it open as a draft. Look in the editor.",
    ),
    "InvalidAction": _said(
        "på den platsen kan sidor inte publiceras direkt, bara godkännas av någon. Inget är publicerat.",
        "Be sedan administratören om en plats utan godkännande i flera steg.",
        "in that place pages cannot be published directly, only approved by somebody. Nothing is published.",
        "Then ask the administrator for a place without an approval sequence.",
    ),
    "ScheduledPublishing": _said(
        "sidan väntar redan på en tidsinställd publicering. Inget nytt är publicerat.",
        "Be sedan en redaktör ta bort tidsinställningen.",
        "the page already waits for a scheduled publication. Nothing new is published.",
        "Then ask an editor to remove the schedule.",
    ),
    "DelayedPulish": _said(  # the vendor spells it so
        "en tidsinställd publicering saknar starttid. Inget är publicerat.",
        _OWNER_SV,
        "a scheduled publication has no time to start. Nothing is published.",
        _OWNER_EN,
    ),
    "ForceVersion": _said(
        "sidan måste anges utan version. Inget är publicerat.",
        _OWNER_SV,
        "the page must be named without a version. Nothing is published.",
        _OWNER_EN,
    ),
    "ContentProvider": _said(
        "sidan hör till ett annat system som inte tar emot ändringar. Inget är publicerat.",
        _OWNER_SV,
        "the page belongs to another system that takes no changes. Nothing is published.",
        _OWNER_EN,
    ),
}
