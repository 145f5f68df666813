"""
Prove a folder of playbooks sound before anything starts from it; every fault with its file and line.

A fault here would meet a frightened person at 02:40: a hole nobody fills, a text that does not fit its channel, a
number that cannot be left out when the crisis strikes it. So each is found when the file is read, in the worst case.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from broadcaster import blanks, holes, pictures
from broadcaster.blanks import Bounds, Unfitting
from broadcaster.channels import limit_of
from broadcaster.errors import Unsound
from broadcaster.manuscript import BlankSpec, Content, Playbook, Register, Source, strings
from broadcaster.phrasing import OPEN, REQUIRED_LINES, STRUCK_PHASES, SYSTEM, Phrasing, Spot
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
    faults: list[Unsound] = []
    if not folder.is_dir():
        return [], [Unsound(str(folder), 0, "is not a folder; name the folder of the playbooks in the settings")]
    opened = {file.stem: _open(file, faults) for file in [folder / REGISTER, *sorted(folder.glob("*.toml"))]}
    shared = opened.pop(Path(REGISTER).stem)
    register = _read(shared, Register, faults)
    if shared is None or register is None:
        return [], faults
    faults += _register_faults(shared, register)
    contents = []
    for source in opened.values():
        playbook = _read(source, Playbook, faults)
        if source is None or playbook is None:
            continue
        content = _trimmed(playbook, register, organisation, timezone)
        faults += _Proof(source, shared, register, Phrasing(content)).faults()
        contents.append(pictures.hung(content, folder, source, faults))
    if not opened:
        faults.append(Unsound(str(folder), 0, "has no playbooks"))
    return contents, faults


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
            yield self.source.fault(("id",), f"the file of {playbook.id} must be called {playbook.id}.toml")
        for key, listed in (("channels", playbook.channels), ("languages", playbook.languages)):
            if len(set(listed)) != len(listed):
                yield self.source.fault((key,), f"{key} names something twice")
        if "sv" not in playbook.languages:
            yield self.source.fault(("languages",), "every playbook is in Swedish too: add sv")
        for channel, languages in playbook.languages_on.items():
            if channel not in playbook.channels or not languages or set(languages) - set(playbook.languages):
                yield self.source.fault(("languages_on", channel), "names a channel or language the playbook has not")
        if "facebook" in playbook.channels and len(playbook.languages_on.get("facebook", playbook.languages)) > 1:
            yield self.source.fault(("languages_on",), "facebook gets one post in one language, found by its mark")
        for section, names in (("struck", playbook.struck), ("contacts", list(playbook.contacts))):
            for name in names:
                if name not in self.register.contacts:
                    yield self.source.fault((section, name), f"{name} is no contact of the register")

    def _texts(self) -> Iterator[Unsound]:
        texts, channels = self.phrasing.texts, self.phrasing.playbook.channels
        for phase in REQUIRED_PHASES:
            if phase not in texts:
                yield self.source.fault(("texts",), f"there are no texts for the phase {phase}")
        for phase, per_channel in texts.items():
            for channel in [*channels, *(set(per_channel) - set(channels))]:
                needed = set(self.phrasing.languages_of(channel)) if channel in channels else set()
                path = ("texts", phase, channel)
                for language in sorted(needed - set(per_channel.get(channel, {}))):
                    yield self.source.fault(path, f"there are no words for {phase}, {channel}, {language}")
                for language in sorted(set(per_channel.get(channel, {})) - needed):
                    reason = f"{channel} in {language} is not among the playbook's channels and languages"
                    yield self.source.fault((*path, language), reason)

    def _blanks(self) -> Iterator[Unsound]:
        used = {name for spot in self.phrasing.spots() for name in _names(self.phrasing.text(spot))}
        taken = {*SYSTEM, *self.register.contacts, *self.register.words, *self.register.lines}
        for name, spec in self.phrasing.playbook.blanks.items():
            reasons = list(_spec_faults(spec, name, self._bounds()))
            if name not in used:
                reasons.append(("", f"the blank {name} is used in no text"))
            if name in taken:
                reasons.append(("", f"{name} is already a name of the register or the system"))
            for key, reason in reasons:
                yield self.source.fault(("blanks", name, key), reason)

    def _top_lines(self) -> Iterator[Unsound]:
        lines, languages = self.phrasing.top_lines, self.phrasing.playbook.languages
        for phase in ENDINGS:
            for language in languages if phase in self.phrasing.texts else ():
                if language not in lines.get(phase, {}):
                    yield self.source.fault(("top_line", phase), f"there is no top line for {phase}, {language}")
        for phase, said in lines.items():
            for language, line in said.items():
                if phase not in ENDINGS or language not in languages or "\n" in line:
                    reason = f"a top line is one line, for one of {', '.join(ENDINGS)}, in a language of the playbook"
                    yield self.source.fault(("top_line", phase, language), reason)
                elif {"link", "published"} - set(_names(line)):
                    yield self.source.fault(("top_line", phase, language), "a top line has ${published} and ${link}")

    def _holes(self) -> Iterator[Unsound]:
        playbook = self.phrasing.playbook
        values = {*SYSTEM, *self.register.words}
        known = values | {*self.register.contacts, *self.register.lines, *playbook.blanks}
        for phase, per_channel in self.phrasing.texts.items():
            allowed = known if phase == "update" else known - {"sentence"}
            yield from _hole_faults(self.source, ("texts", phase), per_channel, allowed)
        for name, spec in playbook.blanks.items():
            yield from _hole_faults(self.source, ("blanks", name), spec.model_dump(), values | {name})
        for name, own in playbook.contacts.items():
            yield from _hole_faults(self.source, ("contacts", name), own.model_dump(), values | {name})
        yield from _hole_faults(self.source, ("top_line",), self.phrasing.top_lines, values)
        for section in ("title", "use", "answers", "checklist"):
            yield from _hole_faults(self.source, (section,), playbook.model_dump()[section], set())
        places = [("blanks", name, list(spec.on)) for name, spec in playbook.blanks.items()]
        places += [("contacts", name, list(own.on)) for name, own in playbook.contacts.items()]
        for section, name, wheres in places:
            for where in wheres:
                channel, _, phase = where.rpartition("/")
                if where not in {*playbook.channels, *self.phrasing.texts} and not (
                    channel in playbook.channels and phase in self.phrasing.texts
                ):
                    yield self.source.fault((section, name, "on", where), f"{where} is no channel or phase here")

    def _written(self) -> Iterator[Unsound]:
        for spot in self.phrasing.spots():
            for line in self.phrasing.text(spot).split("\n"):
                yield from self._broken(spot, line, self.source, ("texts", spot.phase, spot.channel, spot.language))
            for name in holes.names(self.phrasing.text(spot)):
                for case in self.phrasing.cases(name):
                    sentence = self.phrasing.sentence(name, case, spot)
                    source, path = self._home(name)
                    if sentence is None:
                        reason = f"{name} has no '{case}' sentence for {spot.channel}, {spot.language} ({spot.phase})"
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
        for rule in AS_WRITTEN:
            if reason := rule(Passage(spot.channel, spot.language, words, names)):
                yield source.fault(path, reason, words)

    def _said(self) -> Iterator[Unsound]:
        if any(True for _ in self._unsayable()):
            return
        for spot in self.phrasing.spots():
            longest = self.phrasing.extreme(spot, len, drill=True)
            if spot.channel == "facebook":
                longest += "x" * self._top_room(spot)
            wordiest = self.phrasing.extreme(spot, lambda said: len(said.split()), drill=True)
            shortest = self.phrasing.extreme(spot, len, drill=False, shortest=True)
            for words in (longest, wordiest, shortest):
                for rule in AS_SAID:
                    if reason := rule(Passage(spot.channel, spot.language, words)):
                        path = ("texts", spot.phase, spot.channel, spot.language)
                        yield self.source.fault(path, f"{spot.phase}, {spot.channel}, {spot.language}: {reason}")

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
                yield self.source.fault(path, f"{spot.phase}, {spot.channel}, {spot.language} never says ${{{name}}}")
            everything = set(holes.names(self.phrasing.chosen(spot, self.phrasing.playbook.blanks, (), True)))
            links = {name for name, spec in self.phrasing.playbook.blanks.items() if spec.type == "link"}
            unspeakable = ({*OPEN, *links} - {"next_update"}) & (shown | everything) if spot.spoken else set()
            for name in sorted(unspeakable):
                yield self.source.fault(path, f"a voice cannot say ${{{name}}}")

    def _unsayable(self) -> Iterator[str]:
        for spot in self.phrasing.spots():
            for name in holes.names(self.phrasing.text(spot)):
                yield from (c for c in self.phrasing.cases(name) if self.phrasing.sentence(name, c, spot) is None)

    def _top_room(self, spot: Spot) -> int:
        values = self.phrasing.longest_values(spot)
        before = self.phrasing.sentence("drill_before", "", spot) or ""
        lines = [said[spot.language] for said in self.phrasing.top_lines.values() if spot.language in said]
        return max((len(f"{before} {holes.fill(line, values)}\n\n") for line in lines), default=0)

    def _home(self, name: str) -> tuple[Source, tuple[str, ...]]:
        playbook = self.phrasing.playbook
        if name in playbook.blanks:
            return self.source, ("blanks", name)
        if name in playbook.contacts:
            return self.source, ("contacts", name)
        return self.shared, ("contacts" if name in self.register.contacts else "lines", name)

    def _bounds(self) -> Bounds:
        contacts = self.register.contacts
        struck = frozenset(contacts[key].value for key in self.phrasing.playbook.struck if key in contacts)
        return replace(self.phrasing.bounds, struck=struck)


def _spec_faults(spec: BlankSpec, name: str, bounds: Bounds) -> Iterator[tuple[str, str]]:
    if (spec.type == "choice") != bool(spec.choices):
        yield "choices", "a choice needs choices, and nothing else has any"
        return
    if (spec.type == "place" and not spec.open and not bounds.places) or (spec.type == "link" and not bounds.domains):
        yield "type", f"the register has nothing to choose a {spec.type} from"
        return
    for example in spec.examples:
        try:
            blanks.take(spec, example, bounds)
        except Unfitting as unfitting:
            yield "examples", f"the example {example!r} is not accepted: {unfitting}"
    for language, sentence in spec.known.items():
        if name not in _names(sentence):
            yield "known", f"the sentence in {language} for a known {name} does not say ${{{name}}}"
    for said in [spec.unknown, *(other.unknown or {} for other in spec.on.values())]:
        if any(name in _names(sentence) for sentence in said.values()):
            yield "unknown", f"the sentence for an unknown {name} says ${{{name}}}"


def _register_faults(source: Source, register: Register) -> Iterator[Unsound]:
    for name in REQUIRED_LINES:
        if name not in register.lines:
            yield source.fault(("lines",), f"the line {name} is missing; every message needs it")
    whole, taken = register.model_dump(), dict.fromkeys(SYSTEM, "the system")
    for section in ("contacts", "words", "lines"):
        for name, thing in whole[section].items():
            if name in taken:
                yield source.fault((section, name), f"{name} is already a name in {taken[name]}")
            taken[name] = section
            allowed = set() if section == "words" else {*SYSTEM, *register.words}
            allowed |= {name} if section == "contacts" or name == "sentence" else set()
            yield from _hole_faults(source, (section, name), thing, allowed)
    before = register.lines.get("drill_before")
    for line in [before.text, *before.on.values()] if before else []:
        if not all(words.startswith("ÖVNING") for words in line.values()):
            yield source.fault(("lines", "drill_before"), "every drill begins with ÖVNING, in every language")
    for domain in register.domains:
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain):
            yield source.fault(("domains",), f"{domain} is no domain; write it like 1177.se", domain)


def _hole_faults(source: Source, path: tuple[str, ...], words: object, allowed: Iterable[str]) -> Iterator[Unsound]:
    for where, text in strings(words):
        for line in text.split("\n"):
            if holes.is_broken(line):
                yield source.fault((*path, *where), "has a $ that begins no hole; holes are written ${name}", line)
                continue
            for name in set(holes.names(line)) - set(allowed):
                yield source.fault(
                    (*path, *where), f"${{{name}}} is not declared, or cannot stand here", f"${{{name}}}"
                )


def _names(text: str) -> tuple[str, ...]:
    return () if holes.is_broken(text) else holes.names(text)


def _trimmed(playbook: Playbook, register: Register, organisation: str, timezone: str) -> Content:
    """Return the playbook with what it uses of the register: changing the rest changes no approval."""
    used = {name for _, text in strings(playbook.model_dump()) for name in _names(text)}
    silent: dict[str, object] = {"spoken": {}, "working": {}, "affected": {}, "on": {}}
    contacts = {
        key: contact if key in used else contact.model_copy(update=silent) for key, contact in register.contacts.items()
    }
    lines = {key: line for key, line in register.lines.items() if key in used or key in REQUIRED_LINES}
    for thing in [*contacts.values(), *lines.values()]:
        used |= {name for _, text in strings(thing.model_dump()) for name in _names(text)}
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


def _open(file: Path, faults: list[Unsound]) -> Source | None:
    try:
        return Source(file)
    except Unsound as fault:
        faults.append(fault)
        return None


def _read(source: Source | None, kind: type[_Kind], faults: list[Unsound]) -> _Kind | None:
    if source is None:
        return None
    found, unlike = source.read(kind)
    faults += unlike
    return found
