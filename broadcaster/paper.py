"""
Playbooks on paper and on a USB stick: for the hour when the service, the network or the power is gone.

`print_folder` writes one HTML file a playbook and an index. Each is whole in itself: no server, no script, no font and
no picture from anywhere else. Printed on A4, every channel's text is a sheet that can be torn off and carried away.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from broadcaster import moments
from broadcaster.approval import Approval
from broadcaster.blanks import Blank
from broadcaster.channels.names import channel_name
from broadcaster.desk.vocabulary import PHASES
from broadcaster.errors import Language, Text
from broadcaster.language import NAMES
from broadcaster.outline import Outline
from broadcaster.picture import Picture
from broadcaster.playbook import Snapshot
from broadcaster.quick_code import quick_code
from broadcaster.roster import EVERYBODY
from broadcaster.settings import Alarm, Manual, Settings
from broadcaster.typesetting import RIGHT_TO_LEFT, typeset

#: How the names of playbooks' files begin; by it those of an earlier printing are known.
FILES_BEGIN = "krismall-"
#: How much of a digest stands on each sheet: enough to tell versions apart by eye.
DIGEST_LENGTH = 12
#: What the service fills in by itself, and a person does on paper.
OPEN_LABELS: Mapping[str, Text] = {
    "mark": Text("nummer", "number"),
    "published": Text("dag, datum och klockslag nu", "day, date and time now"),
    "next_update": Text("dag, datum och klockslag för nästa besked", "day, date and time of the next message"),
    "link": Text("den egna webbsidans adress", "the address of our own page"),
    "sentence": Text("egen mening, högst 280 tecken", "a sentence of your own, at most 280 characters"),
}


@dataclass(frozen=True)
class Call:
    """One line of the phone chain. `step` is 0 for those who are in no step; without a phone a line is left."""

    step: int
    name: str
    phone: str = ""
    hours: str = ""


@dataclass(frozen=True)
class Desk:
    """Where a person pastes a channel's text; empty parts are lines to fill in."""

    place: str = ""
    assignee: str = ""


@dataclass(frozen=True)
class Region:
    """Who prints, and what of their settings helps on paper. Without settings, lines are left to fill in."""

    organisation: str
    printed: datetime  #: aware
    zone: ZoneInfo
    site: str = ""  #: address of our own page
    calls: tuple[Call, ...] = ()
    desks: Mapping[str, Desk] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)  #: by digest; missing: nobody could look

    @classmethod
    def of(cls, settings: Settings, printed: datetime, approvals: Mapping[str, Approval]) -> "Region":
        """Return what `settings` say."""
        tasks = ((key, one) for key, one in settings.channels.items() if isinstance(one, Manual))
        desks = {key: Desk(one.place or "", one.assignee) for key, one in tasks}
        who = settings.organisation
        return cls(who.name, printed, settings.zone, who.base_url, phone_chain(settings.alarm), desks, approvals)


def phone_chain(alarm: Alarm) -> tuple[Call, ...]:
    """Return whom to call in which order: the steps of the alarm, then everybody who is named in none.

    A duty stands by its name, because who has it changes after the paper is printed.
    """
    people = {person.name: person for person in alarm.people}
    calls: list[Call] = []
    for number, step in enumerate(alarm.steps, 1):
        named = [name for told in step.tell for name in (people if told == EVERYBODY else (told,))]
        for name in dict.fromkeys(named):
            phone = (people[name].phone or "") if name in people else ""
            calls.append(Call(number, name, phone, ", ".join(step.hours)))
    listed = {call.name for call in calls}
    return (*calls, *(Call(0, one.name, one.phone or "") for one in alarm.people if one.name not in listed))


def print_folder(
    folder: Path, snapshots: Sequence[Snapshot], region: Region, *, templates: Path, language: Language = "sv"
) -> tuple[Path, ...]:
    """Write the folder and return its files, the index first. Raises `OSError`. What else lies there is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in paper(snapshots, region, templates=templates, language=language).items():
        (folder / name).write_text(text, "utf-8")
        written.append(folder / name)
    return tuple(written)


def paper(
    snapshots: Sequence[Snapshot], region: Region, *, templates: Path, language: Language = "sv"
) -> dict[str, str]:
    """Return every file by name, the index first."""
    pages = _pages(region, templates, language)
    files = {"index.html": pages.get_template("paper_index.html").render(snapshots=snapshots)}
    sheets = pages.get_template("paper_sheets.html")
    for one in snapshots:
        files[file_of(one)] = sheets.render(one=one, phases=list(_phases(one, language)))
    return files


def file_of(snapshot: Snapshot) -> str:
    """Return the name of a playbook's file."""
    return f"{FILES_BEGIN}{snapshot.id}.html"


def short(digest: str) -> str:
    """Return the beginning of a digest that stands on each sheet."""
    return digest.removeprefix("sha256:")[:DIGEST_LENGTH]


def css_string(text: str) -> Markup:
    """Return `text` as a string of a style sheet, in which none of its characters can mean anything."""
    said = "".join(one if one.isalnum() or one in " .,-" else f"\\{ord(one):06x} " for one in text)
    return Markup('"{}"').format(said)


@dataclass(frozen=True)
class _Words:
    """One text on a sheet."""

    language: str
    language_name: str
    outline: Outline
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class _Sheet:
    """What is torn off: one channel's texts in one phase."""

    channel: str
    channel_name: str
    words: tuple[_Words, ...]


@dataclass(frozen=True)
class _Phase:
    """A phase: what to find out first, then a sheet a channel."""

    key: str
    name: str
    help: str
    blanks: tuple[Blank, ...]
    labels: Mapping[str, str]
    sheets: tuple[_Sheet, ...]


def _phases(one: Snapshot, language: Language) -> Iterator[_Phase]:
    numbers = {key: name.in_(language) for key, name in one.register_numbers()}
    for phase in one.phases:
        blanks = one.blanks(phase)
        labels = {name: text.in_(language) for name, text in OPEN_LABELS.items()} | numbers
        labels |= {blank.name: blank.label.in_(language) for blank in blanks}
        said = PHASES[phase]
        sheets = tuple(
            _Sheet(channel, channel_name(channel).in_(language), tuple(_words(one, phase, channel, language)))
            for channel in one.channels
            if one.languages_of(channel, phase)
        )
        yield _Phase(phase, said.name.in_(language), said.help.in_(language), blanks, labels, sheets)


def _words(one: Snapshot, phase: str, channel: str, language: Language) -> Iterator[_Words]:
    for tag in one.languages_of(channel, phase):
        name = NAMES[tag].in_(language) if tag in NAMES else tag
        pictures = (
            replace(shown, data=one.files.get(shown.sha256, b"")) for shown in one.pictures(phase, channel, tag, "live")
        )
        yield _Words(tag, name, one.outline(phase, channel, tag), tuple(pictures))


def _pages(region: Region, templates: Path, language: Language) -> Environment:
    made = Environment(
        loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(
        file_of=file_of, short=short, say=lambda text: text.in_(language), both=_both, picture=_picture,
        css_string=css_string, typeset=typeset,
    )  # fmt: skip
    made.globals.update(
        region=region, lang=language, t=lambda sv, en: en if language == "en" else sv,
        RIGHT_TO_LEFT=RIGHT_TO_LEFT, printed=moments.said(region.printed, region.zone, language, year=True),
        printed_on=region.printed.astimezone(region.zone).date().isoformat(),
        desk_of=lambda key: region.desks.get(key, Desk()),
        code=quick_code(region.site) if region.site else "",
    )  # fmt: skip
    return made


def _both(text: Text) -> str:
    """Return what is to be written in Swedish texts and in English ones."""
    return text.sv if text.sv == text.en else f"{text.sv} / {text.en}"


def _picture(one: Picture) -> str:
    return f"data:{one.type};base64,{b64encode(one.data).decode('ascii')}"
