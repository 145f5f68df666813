"""
Playbooks and the register as people write them: TOML, unknown keys refused, every fault with its line.

    one playbook    what it is, its blanks, its texts per phase, channel and language, its top lines
    the register    what all playbooks share: systems, contacts people are sent to, places, our domains, words, lines

`Content` is both together, trimmed to what one playbook uses: the thing two people approve.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from broadcaster.errors import Text, Unsound
from broadcaster.misfits import explained
from broadcaster.seen import Seen

Phase = Literal["first", "update", "correction", "false_alarm", "all_clear"]
Said = dict[str, str]  #: language → words
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
ChannelKey = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,31}$")]
#: What something can depend on: a system, a channel or a contact.
Target = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]
LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{1,8})*$")]
BlankType = Literal["place", "time", "phone", "link", "choice", "text"]
#: What a place is, so that a sentence is only offered places that make sense in it. `emergency` is a hospital with an
#: emergency department; `hospitals`, `health_centres` and `care` are all of them at once.
PlaceKind = Literal[
    "emergency", "hospital", "hospitals", "health_centre", "health_centres", "care", "municipality", "area"
]
#: The words of CAP 1.2 (OASIS, section 3.2.2); an all-clear is said by a phase, never by a playbook.
CapCategory = Literal[
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
]
CapResponse = Literal["Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "None"]


class Part(BaseModel):
    """A piece of what people write: nothing in it is unknown to us, and nothing changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_Kind = TypeVar("_Kind", bound=Part)


class Both(Part):
    """Words for the people who work here, in the two languages of the interface."""

    sv: str = Field(min_length=1, max_length=400)
    en: str = Field(min_length=1, max_length=400)
    #: the same in languages that messages are translated to; put there by translations, never written in this file
    also: Said | None = None

    def said(self, language: str) -> str:
        """Return the words for a message in `language`; English where nobody wrote them."""
        base, also = language.partition("-")[0], self.also or {}
        return also.get(language) or also.get(base) or (self.sv if base == "sv" else self.en)

    @property
    def text(self) -> Text:
        """The same as the rest of the package passes it about."""
        return Text(self.sv, self.en)


class Place(Both):
    """A place to choose. `kind` is null only in what was approved before places had one."""

    kind: PlaceKind | None = None
    code: str | None = Field(None, pattern=r"^[0-9]{4}$")  #: a municipality's, by Statistics Sweden (SCB)


class County(Part):
    """The county whose register this is."""

    code: str = Field(pattern=r"^[0-9]{2}$")  #: by Statistics Sweden (SCB)
    name: Both


class Choice(Both):
    """One thing to choose; `key` is what is stored, the words are what is said."""

    key: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")


class BlankCase(Part):
    """Other sentences for a blank in one place: a channel, a phase, or `channel/phase`."""

    known: Said | None = None
    unknown: Said | None = None


class BlankSpec(Part):
    """A typed, bounded hole. In a text it is always one of two approved sentences."""

    type: BlankType
    label: Both
    help: Both
    examples: list[str] = []  #: of a place or a link the register has some
    max_length: int | None = Field(None, ge=1, le=200)
    open: bool = False  #: a place may also be one that is not in the register
    kinds: list[PlaceKind] | None = None  #: only such places; null: all of them
    choices: list[Choice] = []
    known: Said
    unknown: Said
    on: dict[str, BlankCase] = {}


class ContactCase(Part):
    """Other sentences about a contact in one place: a channel, a phase, or `channel/phase`."""

    working: Said | None = None
    affected: Said | None = None


class ContactWords(ContactCase):
    """A playbook's own sentences about a contact of the register."""

    on: dict[str, ContactCase] = {}


class Contact(Part):
    """A number or site people are sent to, and what is said instead when the crisis has struck it."""

    value: str = Field(min_length=2, max_length=60)
    name: Both
    also_name: bool = False  #: the value is also what the service is called, so texts may say it
    depends_on: list[Target] = []  #: struck too when one of these is
    spoken: Said = {}
    working: Said = {}
    affected: Said = {}
    on: dict[str, ContactCase] = {}


class System(Part):
    """Something behind numbers and channels that can go down, and takes them with it."""

    name: Both
    depends_on: list[Name] = []  #: other systems
    takes: list[ChannelKey] = []  #: channels that cannot be used without it


class Line(Part):
    """Words that many playbooks share."""

    text: Said
    on: dict[str, Said] = {}


class Question(Part):
    """A question people ask, and the answer prepared for whoever watches the comments."""

    question: Both
    answer: Both
    phases: list[Phase] | None = Field(None, min_length=1)  #: null: all of them
    owner: str | None = Field(None, min_length=2, max_length=120)  #: null: who owns the playbook's facts


class SourceSpec(Part):
    """A medical, legal or otherwise risky line, and who vouches for it: exactly one of the last three."""

    says: str = Field(min_length=3, max_length=400)
    kind: Literal["medical", "legal", "fact"]
    source: str | None = Field(None, max_length=300)
    signed: str | None = Field(None, max_length=120)
    needs_signoff: str | None = Field(None, min_length=2, max_length=120)


class Cap(Part):
    """How warning systems sort this crisis (CAP 1.2). People read none of it, but two of them approve it."""

    category: list[CapCategory] = Field(min_length=1)
    severity: Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
    urgency: Literal["Immediate", "Expected", "Future", "Unknown"]
    certainty: Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
    response: list[CapResponse] = []


class PictureSpec(Part):
    """A picture that goes with the words: its file, where and when it is shown, and what it says in words."""

    file: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}\.(png|jpg)$")
    alt: Said
    channels: list[ChannelKey] = Field(min_length=1)
    phases: list[Phase] = Field(min_length=1)
    languages: list[LanguageTag] | None = None  #: null: beside the words in every language


class PictureFile(Part):
    """What a picture's file is. Its hash makes its bytes part of what two people approve; the bytes stand beside."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    type: Literal["image/png", "image/jpeg"]
    width: int
    height: int
    data: bytes = Field(b"", exclude=True, repr=False)


#: What a health region can honestly say of a crisis that nobody has sorted.
UNSORTED = Cap(category=["Health"], severity="Unknown", urgency="Unknown", certainty="Unknown")


class Playbook(Part):
    """One foreseeable crisis, as its file says it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")
    version: int = Field(ge=1)
    editor: str = Field(min_length=1, max_length=64)
    title: Both
    use: Both
    owner: str = Field(min_length=2, max_length=120)
    if_unsure: Literal["silence", "duplicate"]
    update_minutes: int = Field(ge=15, le=1440)
    stop_seconds: int | None = Field(None, ge=5, le=30)  #: in which it can be stopped; null: none; left out then
    channels: list[ChannelKey] = Field(min_length=1)
    languages: list[LanguageTag] = Field(min_length=1)
    languages_on: dict[str, list[LanguageTag]] = {}
    struck: list[Name] = []  #: contacts and systems
    blanks: dict[Name, BlankSpec] = {}
    contacts: dict[Name, ContactWords] = {}
    texts: dict[Phase, dict[str, Said]]
    top_line: dict[Phase, Said] = {}
    answers: list[Question] = []
    checklist: list[Both] = []
    seen: list[Seen] | None = Field(None, min_length=1)  #: null: under Annat; left out of the digest then
    works: list[Name] | None = Field(None, min_length=1)  #: blanks and contacts asked of as one; null: left out
    cap: Cap | None = None  #: null: unsorted; left out of the digest then
    pictures: list[PictureSpec] | None = None  #: null: words alone; left out of the digest then
    sources: list[SourceSpec] | None = None  #: null: no line needs one; left out of the digest then


class Register(Part):
    """What all playbooks share."""

    systems: dict[Name, System] = {}
    contacts: dict[Name, Contact] = {}
    county: County | None = None
    places: list[Place] = []
    domains: list[str] = []
    words: dict[Name, Line] = {}
    lines: dict[Name, Line] = {}


class Content(Part):
    """Everything the words can come from: what a playbook digest is of."""

    v: Literal[1]
    organisation: str
    timezone: str
    order: list[str]  #: the blanks, in the order the form asks for them
    playbook: Playbook
    register_: Register = Field(alias="register")
    pictures: dict[str, PictureFile] | None = None  #: by file name; null: words alone, and left out of the digest


class Source:
    """The text of one file, and where in it things stand."""

    def __init__(self, file: Path, text: bytes | None = None) -> None:
        """Read `file`, or `text` as if it stood there. Raises `Unsound` when it cannot be read or is not TOML."""
        self.name = file.name
        try:
            self.bytes = file.read_bytes() if text is None else text
            self.text = self.bytes.decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            advice = "save it as UTF-8, where the service may read it"
            raise Unsound(self.name, 0, f"cannot be read: {error}; {advice}") from error
        try:
            self.data: dict[str, Any] = tomllib.loads(self.text.replace("\r\n", "\n"))
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            line = int(at[1]) if at else len(self.text.splitlines())
            advice = "mend that line, and look for a quote or bracket that is not closed"
            raise Unsound(self.name, line, f"is not TOML: {error}; {advice}") from error
        self._lines: dict[tuple[str, ...], int] = {}
        for path, number in _places(self.text):
            for length in range(1, len(path) + 1):
                self._lines.setdefault(path[:length], number)

    def line(self, path: Sequence[str], needle: str = "") -> int:
        """Return the line of the key or table, or of `needle` from there on; the closest one above if it has none."""
        for length in range(len(path), 0, -1):
            if tuple(path[:length]) in self._lines:
                return self._line_with(needle, self._lines[tuple(path[:length])])
        return self._line_with(needle, 0)

    def fault(self, path: Sequence[str], reason: str | Text, needle: str = "") -> Unsound:
        """Return the fault at that place."""
        return Unsound(self.name, self.line(path, needle), reason, ".".join(part for part in path if part))

    def read(self, kind: type[_Kind]) -> tuple[_Kind | None, list[Unsound]]:
        """Return what the file says, or every way in which it is not a `kind`."""
        try:
            return kind.model_validate(self.data), []
        except ValidationError as error:
            return None, [self._unlike(fault) for fault in error.errors(include_url=False)]

    def _unlike(self, fault: ErrorDetails) -> Unsound:
        path = [str(part) for part in fault["loc"] if part != "[key]"]
        keys = {name for part in _parts(Part) for name in part.model_fields}
        named = next((part for part in reversed(path) if not part.isdigit()), "")
        reason = explained(fault["type"], named, fault["input"], fault.get("ctx", {}), keys)
        return self.fault(path, reason)

    def _line_with(self, needle: str, start: int) -> int:
        lines = enumerate(self.text.splitlines(), 1) if needle else ()
        return next((number for number, line in lines if number >= start and needle in line), start)


def _parts(kind: type[Part]) -> Iterator[type[Part]]:
    for part in kind.__subclasses__():
        yield part
        yield from _parts(part)


def _places(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield every table header and key with its line; what is inside a multi-line string is neither."""
    header: tuple[str, ...] = ()
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside:
            inside = "" if line.count(inside) % 2 else inside
            continue
        if found := re.match(r"\s*\[\[?([^\[\]]+)\]\]?\s*(#.*)?$", line):
            header = _keys(found[1])
            yield header, number
        elif found := re.match(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*'|\s*\.\s*)+)\s*=(.*)""", line):
            yield header + _keys(found[1]), number
            inside = next((quotes for quotes in ('"""', "'''") if found[2].count(quotes) % 2), "")


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in re.findall(r"""([\w-]+)|"([^"]*)"|'([^']*)'""", dotted))


def strings(thing: object) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every piece of text in plain data, with the keys that lead to it."""
    if isinstance(thing, str):
        yield (), thing
    elif isinstance(thing, dict):
        for key, inner in thing.items():
            yield from (((str(key), *path), text) for path, text in strings(inner))
    elif isinstance(thing, list):
        for inner in thing:
            yield from strings(inner)
