"""
What may be asked, field by field, and what a wrong field is told.

A body is read strictly: nothing is guessed from another type, unknown fields are refused, and all faults are named at
once. A field that is null is the same as one that is absent. Texts are put into the normal form NFC, so that two
spellings of one word are one word, and characters that nobody can see are refused: they change what a reader or a
log believes without changing what is on the screen.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

import rfc8785
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from broadcaster.errors import FieldError, Invalid, Text
from broadcaster.settings import is_https_or_loopback

Phase = Literal["first", "update", "correction", "false_alarm", "all_clear"]
Mode = Literal["live", "drill"]

SENTENCE_MAX = 280
BLANK_MAX = 2000  #: each blank has a far smaller limit of its own; this one bounds the work of looking at it
URL_MAX = 2000
CHANGED_MAX = 2000  #: what a person changed in words published by hand; kept in the log alone
#: No writing system of the interface's languages stacks more; hundreds on one letter hide the lines around them.
MARKS_IN_A_ROW_MAX = 4
#: More faults than this tell nobody more about what is wrong with a body.
FAULTS_MAX = 100

#: Letters by their category, that are drawn as nothing at all.
_INVISIBLE_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
#: control, format (bidirectional and zero-width), surrogate, private, unassigned, line and paragraph separators
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RFC_3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
_YEARS = range(2000, 2101)  #: so that no instant falls outside the calendar when it is put into another zone


def _fault(sv: str, en: str) -> PydanticCustomError:
    return PydanticCustomError("ours", "{en}", {"sv": sv, "en": en})


def _clean(longest: int, *, strip: bool) -> Callable[[object], object]:
    """Make a validator that normalises a text and refuses characters nobody can see."""

    def clean(value: object) -> object:
        # Normalising long runs of combining marks takes quadratic time, so what is far too long is left to the limit.
        if not isinstance(value, str) or len(value) > 4 * longest:
            return value
        text = unicodedata.normalize("NFC", value)
        if strip:
            text = text.strip(" \u00a0")
        _refuse_unseen(text)
        return text

    return clean


def _refuse_unseen(text: str) -> None:
    marks = 0
    for letter in text:
        category = unicodedata.category(letter)
        if category in _REFUSED_CATEGORIES or letter in _INVISIBLE_LETTERS:
            raise _fault(
                f"Innehåller ett tecken som inte syns (U+{ord(letter):04X}). Ta bort det eller skriv texten på nytt.",
                f"Contains a character that cannot be seen (U+{ord(letter):04X}). Remove it or type the text again.",
            )
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MARKS_IN_A_ROW_MAX:
            raise _fault(
                "Har för många accenter på en och samma bokstav. Skriv texten på nytt.",
                "Has too many accents on one letter. Type the text again.",
            )


def _instant(value: object) -> object:
    if isinstance(value, str):
        upper = value.upper()
        if len(value) > 40 or not _RFC_3339.fullmatch(upper):
            raise _not_an_instant()
        try:
            value = datetime.fromisoformat(upper)
        except ValueError:
            raise _not_an_instant() from None
    if isinstance(value, datetime) and (value.tzinfo is None or value.year not in _YEARS):
        raise _not_an_instant()
    return value


def _not_an_instant() -> PydanticCustomError:
    return _fault(
        "Är inte en tidpunkt med tidszon. Skriv till exempel 2026-03-14T02:40:00+01:00.",
        "Is not a time with its zone. Write for example 2026-03-14T02:40:00+01:00.",
    )


def _address(value: object) -> object:
    if isinstance(value, str) and len(value) <= URL_MAX and not _is_address(value):
        raise _fault(
            "Är inte en webbadress som går att visa. Kopiera hela adressen, från https:// och framåt.",
            "Is not a web address that can be shown. Copy the whole address, from https:// onwards.",
        )
    return value


def _is_address(value: str) -> bool:
    if any(letter.isspace() or unicodedata.category(letter) in _REFUSED_CATEGORIES for letter in value):
        return False
    if "\\" in value:  # browsers read it as a slash, so the host would be another one
        return False
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
        # A Cyrillic letter in a host looks like ours and leads elsewhere; Swedish letters are as ours as they look.
        plain = all(letter.isascii() or letter in "åäöéü" for letter in host)
        return plain and "@" not in parts.netloc and is_https_or_loopback(value)
    except ValueError:
        return False


def _no_twins(value: list[str] | None) -> list[str] | None:
    if value is not None and len(set(value)) != len(value):
        raise _fault("Nämner samma sak två gånger. Ta bort den ena.", "Names the same thing twice. Remove one of them.")
    return value


# Whole texts lose outer spaces; what names something else is taken as it stands. A limit stands before the validator,
# or pydantic would count characters as if they were items.
_Name = Annotated[str, Field(min_length=1, max_length=120), BeforeValidator(_clean(120, strip=True))]
_Label = Annotated[str, Field(min_length=1, max_length=60), BeforeValidator(_clean(60, strip=True))]
_Reason = Annotated[str, Field(min_length=1, max_length=500), BeforeValidator(_clean(500, strip=True))]
_Sentence = Annotated[
    str, Field(min_length=1, max_length=SENTENCE_MAX), BeforeValidator(_clean(SENTENCE_MAX, strip=True))
]
_Changed = Annotated[str, Field(min_length=1, max_length=CHANGED_MAX), BeforeValidator(_clean(CHANGED_MAX, strip=True))]
_Key = Annotated[str, Field(min_length=1, max_length=64), BeforeValidator(_clean(64, strip=False))]
_Digest = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_clean(200, strip=False))]
_Blank = Annotated[str, Field(max_length=BLANK_MAX), BeforeValidator(_clean(BLANK_MAX, strip=False))]
_Instant = Annotated[datetime, BeforeValidator(_instant)]
_Address = Annotated[str, Field(min_length=1, max_length=URL_MAX), BeforeValidator(_address)]
_Keys = Annotated[list[_Key], Field(max_length=100), AfterValidator(_no_twins)]


class _Asked(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if value is not None or name not in cls.model_fields}


class DecidedBy(_Asked):
    """Who decided, in what function, when and how: the one who publishes often does it on a spoken yes."""

    name: _Name
    role: _Label
    at: _Instant | None = None
    how: _Label | None = None


class _OnePhase(_Asked):
    """One phase of an incident. `affected` None keeps the incident's own, an empty list means none."""

    playbook: _Key
    phase: Phase
    mode: Mode
    incident: _Key | None = None
    blanks: Annotated[dict[_Key, _Blank | None], Field(max_length=100)] = {}
    affected: _Keys | None = None
    again: bool = False
    decided_by: DecidedBy | None = None


class SendRequest(_OnePhase):
    """A phase to be said."""

    channels: Annotated[_Keys, Field(min_length=1)] | None = None
    sentence: _Sentence | None = None
    next_update: _Instant | None = None
    digest: _Digest | None = None


class ApproveRequest(_Asked):
    """A yes to the exact words whose digest this is."""

    digest: _Digest


class RejectRequest(_Asked):
    """A no, and why."""

    reason: _Reason


class RecallRequest(_Asked):
    """Take it back, and why."""

    reason: _Reason


class RetryRequest(_Asked):
    """Try again; there is nothing more to say."""


class AcknowledgeRequest(_Asked):
    """It is out there at `url`, or it never will be because of `reason`; neither: it has been taken down."""

    url: _Address | None = None
    reason: _Reason | None = None

    @model_validator(mode="after")
    def _one_or_none(self) -> Self:
        if self.url is not None and self.reason is not None:
            raise _fault(
                "Ange antingen url (det är publicerat) eller reason (det blir inte publicerat), inte båda.",
                "Give either url (it is published) or reason (it will not be), not both.",
            )
        return self


class ByHand(_Asked):
    """What became of one channel in one language: a person published it (`at`, `url` if known), or nobody did."""

    channel: _Key
    language: _Key
    what: Literal["done", "send", "leave"]
    at: _Instant | None = None
    url: _Address | None = None


class ByHandRequest(_OnePhase):
    """A message that people published by hand in the words of `playbook_digest`, entered afterwards."""

    playbook_digest: _Digest
    done_at: _Instant
    done_by: _Name
    paper_number: _Label | None = None
    changed: _Changed | None = None
    channels: Annotated[list[ByHand], Field(max_length=200)]


M = TypeVar("M", bound=BaseModel)


def read(model: type[M], body: object) -> M:
    """Return `body` as a `model`; what was null is absent, and texts are in NFC.

    Raises `Invalid` naming every wrong field at once, each with its JSON pointer.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)[:FAULTS_MAX]
    fields = tuple(FieldError(_pointer(fault["loc"]), _message(fault)) for fault in faults)
    raise Invalid(
        "invalid-fields",
        Text(
            "En eller flera uppgifter är fel, så inget har gjorts. Rätta det som står under errors och försök igen.",
            "One or more fields are wrong, so nothing was done. Correct what errors lists and try again.",
        ),
        fields=fields,
    )


def fingerprint(body: object) -> str:
    """Return the hex SHA-256 by which two bodies are the same request: key order, spaces and nulls do not count."""
    try:
        whole = _without_nulls(body)
        try:
            data = rfc8785.dumps(whole)  # type: ignore[arg-type]
        except (ValueError, TypeError, rfc8785.CanonicalizationError):
            data = json.dumps(whole, sort_keys=True, default=str).encode()
    except (ValueError, TypeError, RecursionError):
        # No such body is ever accepted and remembered, so one value for all of them equals no stored one.
        data = b"unreadable"
    return hashlib.sha256(data).hexdigest()


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _pointer(place: Sequence[int | str]) -> str:
    """Return the JSON pointer (RFC 6901) of where a fault is; a fault in a name points at its member."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in place if part != "[key]"]
    return "".join(f"/{part}" for part in parts)


_OBJECT = Text("Ska vara ett JSON-objekt, {{…}}.", "Must be a JSON object, {{…}}.")
_STRING = Text("Ska vara en text inom citattecken.", "Must be a string.")
#: What each kind of fault is told; the braces are filled from the fault itself.
_MESSAGES: Mapping[str, Text] = {
    "missing": Text("Saknas. Fyll i uppgiften.", "Is missing. Fill it in."),
    "extra_forbidden": Text(
        "Finns inte som uppgift. Ta bort den eller rätta stavningen.",
        "Is not a field we know. Remove it or correct its spelling.",
    ),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "string_type": _STRING,
    "string_unicode": Text(
        "Innehåller ett halvt tecken. Skriv texten på nytt.", "Contains half a character. Type the text again."
    ),
    "string_too_short": Text("Får inte vara tom.", "May not be empty."),
    "string_too_long": Text(
        "Är för lång. Korta ner till högst {max_length} tecken.", "Is too long. Use at most {max_length} characters."
    ),
    "bool_type": Text("Ska vara true eller false.", "Must be true or false."),
    "list_type": Text("Ska vara en lista, […].", "Must be a list, […]."),
    "too_short": Text(
        "Får inte vara en tom lista. Utelämna uppgiften om du menar alla.",
        "May not be an empty list. Leave the field out if you mean all.",
    ),
    "too_long": Text("Är för många. Ange högst {max_length}.", "Are too many. Give at most {max_length}."),
    "literal_error": Text("Känns inte igen. Välj ett av: {choices}.", "Is not known. Choose one of: {choices}."),
    "datetime_type": Text(
        "Ska vara en tidpunkt med tidszon, till exempel 2026-03-14T02:40:00+01:00.",
        "Must be a time with its zone, for example 2026-03-14T02:40:00+01:00.",
    ),
}
_OTHER = Text(
    "Har fel form. Se beskrivningen i openapi.json.", "Has the wrong form. See its description in openapi.json."
)


def _message(fault: Mapping[str, Any]) -> Text:
    context: Mapping[str, Any] = fault.get("ctx", {})
    if fault["type"] == "ours":
        return Text(context["sv"], context["en"])
    text = _MESSAGES.get(fault["type"], _OTHER)
    filling = {
        "max_length": context.get("max_length", ""),
        "choices": ", ".join(re.findall(r"'([^']*)'", str(context.get("expected", "")))),
    }
    return Text(text.sv.format(**filling), text.en.format(**filling))
