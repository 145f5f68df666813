"""
Prove a folder of playbooks sound before anything starts from it; every fault with its file and line.

A fault here would meet a frightened person at 02:40: a hole nobody fills, a text that does not fit its channel, a
number that cannot be left out when the crisis strikes it. So each is found when the file is read, in the worst case.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from broadcaster import holes, pictures
from broadcaster.blanks import Bounds
from broadcaster.channels import limit_of
from broadcaster.entries import CHARACTERS, hidden_faults, hole_faults, names_in, register_faults, spec_faults
from broadcaster.errors import Text, Unsound
from broadcaster.manuscript import Content, PictureFile, Playbook, Register, Source, strings
from broadcaster.phrasing import OPEN, REQUIRED_LINES, SPOKEN, STRUCK_PHASES, SYSTEM, Phrasing, Spot, home
from broadcaster.wording import AS_SAID, AS_WRITTEN, Passage

_Kind = TypeVar("_Kind", Playbook, Register)

REGISTER = "register.toml"
REQUIRED_PHASES = ("first", "update", "correction", "all_clear")
#: Phases that put a line on top of the incident's earlier posts.
ENDINGS = ("correction", "false_alarm", "all_clear")
#: Shorter channels have no room for a free sentence.
ROOM_FOR_SENTENCE = 1000
#: What finished words must show, so that people and machines can tell whether they are genuine and how old.
MUST_SHOW: Mapping[str, tuple[str, ...]] = {
    "own_web": ("mark", "published", "organisation"),
    "facebook": ("mark", "link", "published", "organisation"),
    "1177_article": ("mark", "link", "published", "organisation"),
    "1177_notice": ("published", "organisation"),
}


def proofread(folder: Path, organisation: str, timezone: str) -> tuple[list[Content], list[Unsound]]:
    """Return what the playbooks of `folder` say, by file name, and every fault in them."""
    reader = Proofreader(folder, organisation, timezone)
    return reader.contents, reader.faults


class Proofreader:
    """A folder of playbooks, read once: `contents` by file name, and every fault in them.

    It goes on to prove other texts of these playbooks against the register as it was then, whatever becomes of the
    folder meanwhile: processes that serve one address must not each read a folder that is being edited.
    """

    def __init__(self, folder: Path, organisation: str, timezone: str) -> None:
        self.contents: list[Content] = []
        self.faults: list[Unsound] = []
        #: the bytes of each playbook's file, by the name of the file without its ending
        self.texts: dict[str, bytes] = {}
        self._folder, self._speaks = folder, (organisation, timezone)
        self._shared: Source | None = None
        self._register: Register | None = None
        #: each picture as it was when the folder was read: a text that is proved later gets these
        self._pictures: dict[str, PictureFile] = {}
        if not folder.is_dir():
            advice = "is not a folder; name the folder of the playbooks in the settings"
            self.faults.append(Unsound(str(folder), 0, advice))
            return
        self._read_folder()
        self._pictures = {name: file for one in self.contents for name, file in (one.pictures or {}).items()}

    def prove(self, playbook_id: str, text: bytes) -> tuple[Content | None, list[Unsound]]:
        """Return what `text` says as the file of a playbook, None if it is none, and every fault in it."""
        faults: list[Unsound] = []
        source = _open(self._folder / f"{playbook_id}.toml", faults, text)
        return self._proved(source, faults), faults

    def _read_folder(self) -> None:
        files = [self._folder / REGISTER, *sorted(self._folder.glob("*.toml"))]
        opened = {file.stem: _open(file, self.faults) for file in files}
        self._shared = opened.pop(Path(REGISTER).stem)
        self._register = _read(self._shared, Register, self.faults)
        if self._shared is None or self._register is None:
            return
        self.faults += [*hidden_faults(self._shared, self._register), *register_faults(self._shared, self._register)]
        self.texts = {stem: source.bytes for stem, source in opened.items() if source is not None}
        found = (self._proved(source, self.faults) for source in opened.values())
        self.contents = [content for content in found if content is not None]
        if not opened:
            self.faults.append(Unsound(str(self._folder), 0, "has no playbooks; put some there, one file each"))

    def _proved(self, source: Source | None, faults: list[Unsound]) -> Content | None:
        playbook = _read(source, Playbook, faults)
        if source is None or playbook is None or self._shared is None or self._register is None:
            return None
        content = _trimmed(playbook, self._register, *self._speaks)
        faults += hidden_faults(source, playbook)
        faults += _Proof(source, self._shared, self._register, Phrasing(content)).faults()
        return pictures.hung(content, self._folder, source, faults, self._pictures)


@dataclass(frozen=True)
class _Proof:
    """One playbook under proof. `register` is the whole one, `phrasing` knows only what the playbook uses."""

    source: Source
    shared: Source
    register: Register
    phrasing: Phrasing

    def faults(self) -> list[Unsound]:
        """Return every fault; words are measured only when all of them can be said."""
        first = [*self._identity(), *self._texts(), *self._blanks(), *self._top_lines(), *self._holes()]
        found = first or [*self._written(), *self._said(), *self._shown()]
        seen: dict[tuple[str, int, str], Unsound] = {(fault.file, fault.line, fault.reason): fault for fault in found}
        return sorted(seen.values(), key=lambda fault: (fault.file, fault.line))

    def _identity(self) -> Iterator[Unsound]:
        playbook = self.phrasing.playbook
        if f"{playbook.id}.toml" != self.source.name:
            yield self.source.fault(("id",), f"its id is not the file's name; call the file {playbook.id}.toml")
        for key, listed in (("channels", playbook.channels), ("languages", playbook.languages)):
            if len(set(listed)) != len(listed):
                yield self.source.fault((key,), "names something twice; name each once")
        if "sv" not in playbook.languages:
            yield self.source.fault(("languages",), "has no Swedish; add sv, every playbook is in Swedish too")
        for channel, languages in playbook.languages_on.items():
            if channel not in playbook.channels or not languages or set(languages) - set(playbook.languages):
                reason = "names a channel or language the playbook has not; add or remove it"
                yield self.source.fault(("languages_on", channel), reason)
        if "facebook" in playbook.channels and len(playbook.languages_on.get("facebook", playbook.languages)) > 1:
            reason = 'facebook gets one post in one language; write facebook = ["sv"]'
            yield self.source.fault(("languages_on",), reason)
        for section, names in (("struck", playbook.struck), ("contacts", list(playbook.contacts))):
            for name in names:
                if name not in self.register.contacts:
                    reason = f"{name} is no contact of the register; add it there, or mend the name"
                    yield self.source.fault((section, name), reason)

    def _texts(self) -> Iterator[Unsound]:
        texts, channels = self.phrasing.texts, self.phrasing.playbook.channels
        for phase in REQUIRED_PHASES:
            if phase not in texts:
                reason = f"there are no texts for the phase {phase}; write them for every channel"
                yield self.source.fault(("texts",), reason)
        for phase, per_channel in texts.items():
            for channel in [*channels, *(set(per_channel) - set(channels))]:
                needed = set(self.phrasing.languages_of(channel)) if channel in channels else set()
                path = ("texts", phase, channel)
                for language in sorted(needed - set(per_channel.get(channel, {}))):
                    yield self.source.fault(path, f"there are no words for {phase}, {channel}, {language}; write them")
                for language in sorted(set(per_channel.get(channel, {})) - needed):
                    reason = f"{channel} in {language} is not among the channels and languages; add it, or remove this"
                    yield self.source.fault((*path, language), reason)

    def _blanks(self) -> Iterator[Unsound]:
        used = {name for spot in self.phrasing.spots() for name in names_in(self.phrasing.text(spot))}
        taken = {*SYSTEM, *self.register.contacts, *self.register.words, *self.register.lines}
        for name, spec in self.phrasing.playbook.blanks.items():
            reasons: list[tuple[str, str | Text]] = list(spec_faults(spec, name, self._bounds()))
            if name not in used:
                unused = f"uppgiften {name} används inte i någon text; skriv ${{{name}}} i en"
                also = f"the blank {name} is used in no text; write ${{{name}}} in one, or remove it"
                reasons.append(("", Text(unused, also)))
            if name in taken:
                reasons.append(("", f"{name} is already a name of the register or the system; choose another"))
            for key, reason in reasons:
                yield self.source.fault(("blanks", name, key), reason)

    def _top_lines(self) -> Iterator[Unsound]:
        lines, languages = self.phrasing.top_lines, self.phrasing.playbook.languages
        for phase in ENDINGS:
            for language in languages if phase in self.phrasing.texts else ():
                if language not in lines.get(phase, {}):
                    reason = f"there is no top line for {phase}, {language}; write it"
                    yield self.source.fault(("top_line", phase), reason)
        for phase, said in lines.items():
            for language, line in said.items():
                if phase not in ENDINGS or language not in languages or "\n" in line:
                    reason = f"no top line goes here; write one line, for {', '.join(ENDINGS)}, in one of the languages"
                    yield self.source.fault(("top_line", phase, language), reason)
                elif {"link", "published"} - set(names_in(line)):
                    yield self.source.fault(("top_line", phase, language), _LACKS)

    def _holes(self) -> Iterator[Unsound]:
        playbook = self.phrasing.playbook
        values = {*SYSTEM, *self.register.words}
        known = values | {*self.register.contacts, *self.register.lines, *playbook.blanks}
        for phase, per_channel in self.phrasing.texts.items():
            allowed = known if phase == "update" else known - {"sentence"}
            yield from hole_faults(self.source, ("texts", phase), per_channel, allowed)
        for name, spec in playbook.blanks.items():
            yield from hole_faults(self.source, ("blanks", name), spec.model_dump(), values | {name})
        for name, own in playbook.contacts.items():
            yield from hole_faults(self.source, ("contacts", name), own.model_dump(), values | {name})
        yield from hole_faults(self.source, ("top_line",), self.phrasing.top_lines, values)
        for section in ("title", "use", "answers", "checklist"):
            yield from hole_faults(self.source, (section,), playbook.model_dump()[section], set())
        places = [("blanks", name, list(spec.on)) for name, spec in playbook.blanks.items()]
        places += [("contacts", name, list(own.on)) for name, own in playbook.contacts.items()]
        for section, name, wheres in places:
            for where in wheres:
                channel, _, phase = where.rpartition("/")
                if where not in {*playbook.channels, *self.phrasing.texts} and not (
                    channel in playbook.channels and phase in self.phrasing.texts
                ):
                    reason = f"{where} is no channel or phase here; mend it, or remove it"
                    yield self.source.fault((section, name, "on", where), reason)

    def _written(self) -> Iterator[Unsound]:
        for spot in self.phrasing.spots():
            for line in self.phrasing.text(spot).split("\n"):
                yield from self._broken(spot, line, self.source, ("texts", spot.phase, spot.channel, spot.language))
            for name in holes.names(self.phrasing.text(spot)):
                for case in self.phrasing.cases(name):
                    sentence = self.phrasing.sentence(name, case, spot)
                    source, path = self._home(name)
                    if sentence is None:
                        reason = (
                            f"{name} has no '{case}' sentence for {spot.channel}, {spot.language} ({spot.phase}); "
                            "write one, it may be empty"
                        )
                        yield source.fault(path, reason)
                    else:
                        yield from self._broken(spot, sentence, source, path)
        for phase, said in self.phrasing.top_lines.items():
            for language, line in said.items():
                yield from self._broken(Spot(phase, "facebook", language), line, self.source, ("top_line", phase))
        for name, spec in self.phrasing.playbook.blanks.items():
            for choice in spec.choices:
                for language, words in choice.model_dump(exclude={"key"}).items():
                    yield from self._broken(Spot("first", "", language), words, self.source, ("blanks", name))

    def _broken(self, spot: Spot, words: str, source: Source, path: tuple[str, ...]) -> Iterator[Unsound]:
        contacts = self.register.contacts.values()
        names = tuple((c.value, c.also_name) for c in contacts if spot.channel not in c.struck_by or c.also_name)
        for reason in _judged(spot.spoken, spot.language, words, names):
            yield source.fault(path, reason, words)

    def _said(self) -> Iterator[Unsound]:
        if any(True for _ in self._unsayable()):
            return
        for spot in self.phrasing.spots():
            longest = self.phrasing.longest(spot, len)
            wordiest = self.phrasing.extreme(spot, lambda said: len(said.split()), drill=True)
            shortest = self.phrasing.extreme(spot, len, drill=False, shortest=True)
            path = ("texts", spot.phase, spot.channel, spot.language)
            for rule in AS_SAID:
                whole = (Passage(spot.channel, spot.language, words) for words in (longest, wordiest, shortest))
                if reason := next((found for found in map(rule, whole) if found), None):
                    yield self.source.fault(path, reason)

    def _shown(self) -> Iterator[Unsound]:
        if any(True for _ in self._unsayable()):
            return
        for spot in self.phrasing.spots():
            path = ("texts", spot.phase, spot.channel, spot.language)
            shown = set(holes.names(self.phrasing.chosen(spot, (), (), True)))
            needed = set(MUST_SHOW.get(spot.channel, ()))
            if spot.phase in STRUCK_PHASES and not spot.spoken:
                needed.add("next_update")
            if spot.phase == "update" and limit_of(spot.channel).characters >= ROOM_FOR_SENTENCE:
                needed.add("sentence")
            for name in sorted(needed - shown):
                never = Text(f"säger aldrig ${{{name}}}; lägg till det", f"never says ${{{name}}}; add it")
                yield self.source.fault(path, never)
            everything = set(holes.names(self.phrasing.chosen(spot, self.phrasing.playbook.blanks, (), True)))
            links = {name for name, spec in self.phrasing.playbook.blanks.items() if spec.type == "link"}
            unspeakable = ({*OPEN, *links} - {"next_update"}) & (shown | everything) if spot.spoken else set()
            for name in sorted(unspeakable):
                mute = f"en röst kan inte säga ${{{name}}}; ta bort det"
                yield self.source.fault(path, Text(mute, f"a voice cannot say ${{{name}}}; leave it out"))

    def _unsayable(self) -> Iterator[str]:
        for spot in self.phrasing.spots():
            for name in holes.names(self.phrasing.text(spot)):
                yield from (c for c in self.phrasing.cases(name) if self.phrasing.sentence(name, c, spot) is None)

    def _home(self, name: str) -> tuple[Source, tuple[str, ...]]:
        in_register, path = home(self.phrasing, name)
        return self.shared if in_register else self.source, path

    def _bounds(self) -> Bounds:
        contacts = self.register.contacts
        struck = frozenset(contacts[key].value for key in self.phrasing.playbook.struck if key in contacts)
        return replace(self.phrasing.bounds, struck=struck)


_LACKS = Text(
    "saknar ${published} eller ${link}; en rad överst säger när och var, lägg till dem",
    "lacks ${published} or ${link}; a top line says when and where, add them",
)


@lru_cache(maxsize=4096)
def _judged(spoken: bool, language: str, words: str, names: tuple[tuple[str, bool], ...]) -> tuple[Text, ...]:
    """Return what is wrong with a sentence or line. The same one stands in many texts, and is judged once."""
    passage = Passage(next(iter(SPOKEN)) if spoken else "", language, words, names)
    reasons = (rule(passage) for rule in AS_WRITTEN if rule not in CHARACTERS)  # characters: told of the whole file
    return tuple(reason for reason in reasons if reason)


def _trimmed(playbook: Playbook, register: Register, organisation: str, timezone: str) -> Content:
    """Return the playbook with what it uses of the register: changing the rest changes no approval."""
    used = {name for _, text in strings(playbook.model_dump()) for name in names_in(text)}
    silent: dict[str, object] = {"spoken": {}, "working": {}, "affected": {}, "on": {}}
    contacts = {
        key: contact if key in used else contact.model_copy(update=silent) for key, contact in register.contacts.items()
    }
    lines = {key: line for key, line in register.lines.items() if key in used or key in REQUIRED_LINES}
    for thing in [*contacts.values(), *lines.values()]:
        used |= {name for _, text in strings(thing.model_dump()) for name in names_in(text)}
    types = {spec.type for spec in playbook.blanks.values()}
    return Content(
        v=1,
        organisation=organisation,
        timezone=timezone,
        order=list(playbook.blanks),
        playbook=playbook,
        register=Register(
            contacts=contacts,
            places=register.places if "place" in types else [],
            domains=register.domains if "link" in types else [],
            words={key: words for key, words in register.words.items() if key in used},
            lines=lines,
        ),
    )


def _open(file: Path, faults: list[Unsound], text: bytes | None = None) -> Source | None:
    try:
        return Source(file, text)
    except Unsound as fault:
        faults.append(fault)
        return None


def _read(source: Source | None, kind: type[_Kind], faults: list[Unsound]) -> _Kind | None:
    if source is None:
        return None
    found, unlike = source.read(kind)
    faults += unlike
    return found
