"""
The typed holes a person fills: what each takes, the one way its value is written down, and how it is said.

Values are bounded hard, because whatever gets through is published under the region's name: no links but to our own
domains, no numbers but where a number is asked for, nothing invisible, nothing that looks like a personal number.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from broadcaster import moments
from broadcaster.errors import Text
from broadcaster.manuscript import BlankSpec, BlankType, Place
from broadcaster.telephone import dialled, is_number, spell

SENTENCE_LENGTH_MAX = 280
LENGTH_MAX: Mapping[str, int] = {"place": 60, "time": 32, "phone": 20, "link": 120, "choice": 40, "text": 80}
#: Types whose values are the register's, so that it has examples of them too.
OF_REGISTER = ("place", "link")
#: E.164 allows fifteen digits; a Swedish number has at most ten.
#: The two answers of a blank that `works` asks of; no answer is the third.
WORKING, FAILING = "fungerar", "fungerar-inte"
_PHONE = re.compile(r"(\+[1-9][0-9]{6,14}|0[1-9][0-9]{5,9})")
_PHONE_LOOKS = re.compile(r"\+?[0-9][0-9 -]*[0-9]")
#: Numbers that cost extra to ring: no crisis message of a region may ever name one.
_COSTLY = ("0900", "0939", "0944", "099")
_PUNCTUATION = frozenset(" .,:;!?()'’\"”–-/&%+§°")
#: Letters of the languages around us that are no ASCII letter with an accent: Nordic, Sámi, German, Polish, French.
_LETTERS = frozenset("æÆøØßđĐðÐþÞłŁŋŊŧŦœŒ")
_CODE = re.compile(r"%\(|&#|&[A-Za-z]+;")
_PERSONAL = re.compile(r"(?<![0-9])(?:19|20)?[0-9]{2}[01][0-9][0-9]{2}[-+ ]?[0-9]{4}(?![0-9])")
_LONG_NUMBER = re.compile(r"[0-9](?:[ .,/()-]{0,2}[0-9]){6,}")
_DATES = re.compile(r"(?:\b[0-9]{1,2}(?: [a-zåäö]+)? )?\b20[0-9]{2}\b|\b[0-9]{1,2}[.:][0-9]{2}\b")
_CALL = re.compile(r"\b(?:ring|slå|sms|sms:a|smsa|call|dial)\b[^.!?]{0,40}?[0-9]{3,}", re.IGNORECASE)
_ADDRESS = re.compile(r"://|www\.|@|\b[\w-]+\.[a-z]{2,}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Blank:
    """A blank as the form shows it; `unknown` is what the words say when nobody fills it."""

    name: str
    type: BlankType
    label: Text
    help: Text
    examples: tuple[str, ...]
    choices: tuple[tuple[str, Text], ...]
    max_length: int
    unknown: Mapping[str, str]
    open: bool = False

    def schema(self) -> dict[str, object]:
        """Return the JSON schema of a value."""
        schema: dict[str, object] = {
            "type": "string",
            "title": self.label.sv,
            "description": self.help.sv,
            "examples": list(self.examples),
            "maxLength": self.max_length,
        }
        if self.choices and not self.open:
            schema["enum"] = [key for key, _ in self.choices]
        return schema


@dataclass(frozen=True)
class Bounds:
    """What values are held against: places, domains, the local time, and numbers and sites nobody may be sent to."""

    zone: ZoneInfo
    places: Sequence[Place] = ()
    domains: Sequence[str] = ()
    struck: frozenset[str] = frozenset()


class Unfitting(Exception):
    """A value that cannot be taken; `text` says why and what to write instead."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def take(spec: BlankSpec, raw: str, bounds: Bounds) -> str:
    """Return the one way `raw` is written down. Raises `Unfitting`."""
    value = _visible(raw)
    longest = length_of(spec)
    if len(value) > longest:
        raise Unfitting(Text(f"Högst {longest} tecken. Korta ner.", f"At most {longest} characters. Shorten it."))
    return _TAKERS[spec.type](spec, value, bounds)


def take_sentence(raw: str) -> str:
    """Return the free sentence as it is written down. Raises `Unfitting`."""
    value = _visible(raw)
    if len(value) > SENTENCE_LENGTH_MAX:
        raise Unfitting(
            Text(
                f"Meningen får ha högst {SENTENCE_LENGTH_MAX} tecken, den har {len(value)}. Korta ner.",
                f"The sentence may have at most {SENTENCE_LENGTH_MAX} characters, it has {len(value)}. Shorten it.",
            )
        )
    return _prose(value)


def say(spec: BlankSpec, value: str, language: str, bounds: Bounds, *, spoken: bool) -> str:
    """Return a value that was taken, as it is written or spoken in `language`."""
    if spec.type == "time":
        return moments.said(datetime.fromisoformat(value), bounds.zone, language, spoken=spoken)
    if spec.type == "choice":
        return next(choice.said(language) for choice in spec.choices if choice.key == value)
    if spec.type == "place":
        return next((place.said(language) for place in bounds.places if place.sv == value), value)
    if spec.type == "phone" and spoken:
        return spell(value, language)
    return value.removeprefix("https://") if spec.type == "link" else value


def longest_said(spec: BlankSpec, language: str, bounds: Bounds, *, spoken: bool) -> str:
    """Return words as long as any value of this blank can become."""
    if spec.type == "time":
        return moments.longest(language, spoken=spoken)
    if spec.type == "choice":
        return max((choice.said(language) for choice in spec.choices), key=len)
    if spec.type == "phone":
        return spell("+467012345678901", language) if spoken else "0" * length_of(spec)
    if spec.type == "place" and not spec.open:
        return max((place.said(language) for place in offered(spec, bounds.places)), key=len)
    return ("ord " * length_of(spec))[: length_of(spec) - 1] + "d"


def offered(spec: BlankSpec, places: Sequence[Place]) -> tuple[Place, ...]:
    """Return the places that make sense in this blank's sentences."""
    return tuple(place for place in places if spec.kinds is None or place.kind in spec.kinds)


def length_of(spec: BlankSpec) -> int:
    """Return how many characters a value may have."""
    return spec.max_length or LENGTH_MAX[spec.type]


def _visible(raw: str) -> str:
    value = unicodedata.normalize("NFC", raw).replace("\u00a0", " ").strip()
    hidden = [
        mark for mark in value if unicodedata.category(mark)[0] in "CM" or unicodedata.category(mark) in ("Zl", "Zp")
    ]
    if hidden:
        name = f"U+{ord(hidden[0]):04X}"
        raise Unfitting(
            Text(
                f"Här finns ett osynligt tecken eller en radbrytning ({name}). Skriv om värdet för hand på en rad.",
                f"There is an invisible character or a line break ({name}). Type the value by hand, on one line.",
            )
        )
    return re.sub(r" +", " ", value)


def _place(spec: BlankSpec, value: str, bounds: Bounds) -> str:
    named = [place for place in bounds.places if value.casefold() in (place.sv.casefold(), place.en.casefold())]
    if fitting := offered(spec, named):
        return fitting[0].sv
    if spec.open:
        return _prose(value)
    if named:
        raise Unfitting(
            Text(
                "Det är en annan sorts plats än den här uppgiften gäller. Välj en i listan eller lämna tomt.",
                "That is another kind of place than this is about. Choose one from the list or leave it empty.",
            )
        )
    raise Unfitting(
        Text(
            "Platsen finns inte i registret. Välj en i listan eller lämna tomt.",
            "The place is not in the register. Choose one from the list or leave it empty.",
        )
    )


def _time(spec: BlankSpec, value: str, bounds: Bounds) -> str:
    moment = moments.canonical(value, bounds.zone)
    if moment is None:
        raise Unfitting(
            Text(
                f"Det är ingen tid som finns. Skriv datum och klockslag så här: {spec.examples[0]}.",
                f"There is no such time. Write date and time like this: {spec.examples[0]}.",
            )
        )
    return moment


def _phone(spec: BlankSpec, value: str, bounds: Bounds) -> str:
    value = re.sub(r"\s*[‐‑‒–—]\s*", "-", value)
    digits = dialled(value)
    if not _PHONE_LOOKS.fullmatch(value) or not (
        _PHONE.fullmatch(digits) or _PHONE.fullmatch(re.sub(r"[ -]", "", value))
    ):
        raise Unfitting(
            Text(
                f"Det är inget telefonnummer. Skriv med riktnummer, så här: {spec.examples[0]}. "
                "Korta nummer som 112 står i registret och fylls inte i här.",
                f"That is no telephone number. Write it with its area code, like this: {spec.examples[0]}. "
                "Short numbers such as 112 are in the register and are not filled in here.",
            )
        )
    if digits in {dialled(number) for number in bounds.struck if is_number(number)}:
        raise Unfitting(
            Text(
                "Numret är drabbat av händelsen. Skriv ett som fungerar eller lämna tomt.",
                "The event has struck this number. Write one that works or leave it empty.",
            )
        )
    if digits.startswith(_COSTLY):
        raise Unfitting(
            Text(
                "Det är ett betalnummer. Skriv ett vanligt nummer.",
                "That is a premium-rate number. Use an ordinary one.",
            )
        )
    return re.sub(r" ?- ?", "-", value)


def _link(spec: BlankSpec, value: str, bounds: Bounds) -> str:
    try:
        parts = urlsplit(value)
        host, odd = parts.hostname or "", parts.port is not None or "@" in parts.netloc
    except ValueError:
        host, odd = "", True
    ours = any(host == domain or host.endswith("." + domain) for domain in bounds.domains)
    plain = re.fullmatch(r"https://[A-Za-z0-9._~/?=&%+#-]+", value) is not None
    if odd or not ours or not plain:
        allowed = ", ".join(bounds.domains)
        raise Unfitting(
            Text(
                f"Länken måste börja med https:// och gå till en av våra adresser: {allowed}.",
                f"The link must begin with https:// and lead to one of our addresses: {allowed}.",
            )
        )
    if any(host == down or host.endswith("." + down) for down in bounds.struck):
        raise Unfitting(
            Text(
                "Webbplatsen är drabbad av händelsen. Länka till en som fungerar eller lämna tomt.",
                "The event has struck this website. Link to one that works or leave it empty.",
            )
        )
    return f"https://{host}{value[len('https://') + len(host) :]}"


def _choice(spec: BlankSpec, value: str, bounds: Bounds) -> str:
    if value in {choice.key for choice in spec.choices}:
        return value
    keys = ", ".join(choice.key for choice in spec.choices)
    raise Unfitting(Text(f"Välj ett av dessa: {keys}.", f"Choose one of these: {keys}."))


def _text(spec: BlankSpec, value: str, bounds: Bounds) -> str:
    return _prose(value)


def _prose(value: str) -> str:
    """Return `value` if it is words a reader can trust: no links, no numbers to ring, no personal numbers."""
    odd = next((mark for mark in value if not _is_plain(mark)), None)
    if odd is not None:
        raise Unfitting(_unusable(odd))
    if found := _CODE.search(value):
        raise Unfitting(
            Text(
                f"{found[0]} ser ut som kod. Skriv med vanliga ord.",
                f"{found[0]} looks like code. Write with ordinary words.",
            )
        )
    if _PERSONAL.search(value):
        raise Unfitting(
            Text(
                "Det ser ut som ett personnummer. Sådana får aldrig publiceras. Ta bort det.",
                "It looks like a personal identity number. Those may never be published. Remove it.",
            )
        )
    if _LONG_NUMBER.search(_DATES.sub(" x ", value)) or _CALL.search(value):
        raise Unfitting(
            Text(
                "Här står ett telefonnummer. Nummer får bara stå i de fält som är till för nummer. Ta bort det.",
                "There is a telephone number here. Numbers may only stand in the fields made for them. Remove it.",
            )
        )
    if _ADDRESS.search(value):
        raise Unfitting(
            Text(
                "Här står en adress till en webbplats eller e-post. Skriv utan adresser. "
                "Om det är slutet på en mening: sätt mellanslag efter punkten.",
                "There is a web or e-mail address here. Write without addresses. "
                "If it is the end of a sentence, put a space after the full stop.",
            )
        )
    if re.search(r"\bVMA\b", value, re.IGNORECASE):
        raise Unfitting(
            Text(
                "Skriv inte VMA: det får bara den sända som har rätt till det. Beskriv i stället vad som gäller.",
                "Do not write VMA: only those with the right to may send one. Describe what applies instead.",
            )
        )
    return value


def _is_plain(mark: str) -> bool:
    """Tell whether a mark is what it looks like: an ASCII letter with or without its accent, or one of a few others."""
    base = unicodedata.normalize("NFD", mark)[0]
    return mark in _PUNCTUATION or mark in _LETTERS or (base.isascii() and base.isalnum())


def _unusable(mark: str) -> Text:
    """Return what is said of a character: by its number, for it may look like another."""
    code = f"U+{ord(mark):04X}"
    if mark.isalpha() or mark.isdigit():
        return Text(
            f"Ett tecken ser vanligt ut men är ett annat ({code}). Skriv om ordet för hand.",
            f"A character looks like a usual one and is another ({code}). Type the word again by hand.",
        )
    return Text(
        f"Tecknet {mark} ({code}) går inte att använda. Skriv med vanliga bokstäver, siffror och skiljetecken.",
        f"The character {mark} ({code}) cannot be used. Write with ordinary letters, digits and punctuation.",
    )


_TAKERS: Mapping[BlankType, Callable[[BlankSpec, str, Bounds], str]] = {
    "place": _place,
    "time": _time,
    "phone": _phone,
    "link": _link,
    "choice": _choice,
    "text": _text,
}
