"""
What of a playbook may be changed in the desk, a page each: the words, never the structure.

New blanks, channels, languages and phases stay with the file: they change what a form asks and what a channel gets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from broadcaster.board import channel_name
from broadcaster.desk.changes import said_path
from broadcaster.desk.vocabulary import PHASES
from broadcaster.errors import Text
from broadcaster.language import NAMES, name_of, say
from broadcaster.manuscript import Content
from broadcaster.rewriting import Path, Value

_ABOUT = Text("Namn, när den används och vem som äger fakta", "Title, when to use it and who owns the facts")
_FIXED: Mapping[str, Text] = {
    "about": _ABOUT,
    "top": Text("Raden överst i tidigare inlägg", "The line on top of earlier posts"),
    "answers": Text("Färdiga svar på frågor", "Prepared answers to questions"),
    "checklist": Text("Checklista", "Checklist"),
}
_GROUPS: Mapping[str, Text] = {
    "text": Text("", ""),  # named by its phase
    "about": Text("Om krismallen", "About the playbook"),
    "blank": Text("Meningar för uppgifter att fylla i", "Sentences for blanks to fill in"),
    "contact": Text("Krismallens egna meningar om nummer", "The playbook's own sentences about numbers"),
}
_BOTH = ("sv", "en")
#: Where the words stand that may be changed, and on which page; a star is any key.
_CHANGEABLE: tuple[tuple[Path, str], ...] = (
    (("title", "*"), "about"),
    (("use", "*"), "about"),
    (("owner",), "about"),
    (("texts", "*", "*", "*"), "text-{1}-{2}"),
    (("top_line", "*", "*"), "top"),
    *((("answers", "*", what, "*"), "answers") for what in ("question", "answer")),
    (("checklist", "*", "*"), "checklist"),
    *((("blanks", "*", what, "*"), "blank-{1}") for what in ("label", "help", "known", "unknown")),
    *((("blanks", "*", "on", "*", what, "*"), "blank-{1}") for what in ("known", "unknown")),
    *((("blanks", "*", "choices", "*", language), "blank-{1}") for language in _BOTH),
    *((("contacts", "*", what, "*"), "contact-{1}") for what in ("working", "affected")),
    *((("contacts", "*", "on", "*", what, "*"), "contact-{1}") for what in ("working", "affected")),
)


@dataclass(frozen=True)
class Field:
    """One value. `name` is its input's, `language` that of the words, `long` whether it has lines."""

    path: Path
    name: str
    label: str
    language: str | None
    value: str
    long: bool


@dataclass(frozen=True)
class Section:
    """One page. `spots` are the phase and channel whose text it is; None for sentences that stand in many."""

    key: str
    group: str
    title: str
    fields: tuple[Field, ...]
    spot: tuple[str, str] | None


def sections(content: Content, values: Mapping[Path, Value]) -> list[Section]:
    """Return what may be changed, in the order of the phases first; `values` are those of the file."""
    found: dict[str, list[Path]] = {}
    for path in values:
        if key := _key(path, values[path]):
            found.setdefault(key, []).append(path)
    made = [_section(key, paths, content, values) for key, paths in found.items()]
    return sorted(made, key=lambda one: _rank(one.key, content))


def _key(path: Path, value: Value) -> str | None:
    """Return the page that a value is changed on; None for what stays with the file."""
    if path in (("update_minutes",), ("stop_seconds",)):
        return "about"
    if not isinstance(value, str):
        return None
    for pattern, key in _CHANGEABLE:
        if len(pattern) == len(path) and all(want in ("*", part) for want, part in zip(pattern, path, strict=True)):
            return key.format(*path)
    return None


def _section(key: str, paths: Sequence[Path], content: Content, values: Mapping[Path, Value]) -> Section:
    kind, _, rest = key.partition("-")
    phase, _, channel = rest.partition("-")
    if kind == "text":
        group, title = say(PHASES[phase].name), say(channel_name(channel))
    elif kind == "blank":
        group, title = say(_GROUPS[kind]), f"{say(content.playbook.blanks[rest].label.text)} (${{{rest}}})"
    elif kind == "contact":
        named = content.register_.contacts.get(rest)
        group, title = say(_GROUPS[kind]), f"{say(named.name.text) if named else rest} (${{{rest}}})"
    else:
        group, title = say(_GROUPS["about"]), say(_FIXED[key])
    fields = tuple(_field(kind, path, values[path]) for path in paths)
    return Section(key, group, title, fields, (phase, channel) if kind == "text" else None)


def _field(kind: str, path: Path, value: Value) -> Field:
    language = path[-1] if path[-1] in NAMES else None
    own = {"text": 3, "blank": 2, "contact": 2, "top": 1, "answers": 0, "checklist": 0}.get(kind, 0)
    keys = [str(int(key) + 1) if key.isdigit() else key for key in path[own:]]
    if kind in ("answers", "checklist"):
        keys = keys[1:]
    label = name_of(language) if kind == "text" and language else said_path(tuple(keys))
    if kind == "answers":  # the question first: "Fråga 2 · svenska"
        label = f"{said_path((keys[1],))} {keys[0]} · {name_of(keys[2])}"
    said = str(value)
    return Field(path, ".".join(path), label, language, said.strip(), "\n" in said.strip() or kind == "text")


def _rank(key: str, content: Content) -> tuple[int, int, int]:
    kind, _, rest = key.partition("-")
    phase, _, channel = rest.partition("-")
    if kind == "text":
        channels = list(content.playbook.channels)
        return 0, list(PHASES).index(phase), channels.index(channel) if channel in channels else len(channels)
    if kind == "blank":
        return 1, content.order.index(rest), 0
    return (2, 0, 0) if kind == "contact" else (3, list(_FIXED).index(key), 0)
