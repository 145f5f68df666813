"""
Prove one playbook sound, in the worst case: every hole, sentence and length of every text in every place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from broadcaster import holes
from broadcaster.blanks import FAILING, WORKING, Bounds
from broadcaster.channels import limit_of
from broadcaster.entries import CHARACTERS, hole_faults, names_in, spec_faults
from broadcaster.errors import Text, Unsound
from broadcaster.manuscript import Register
from broadcaster.originals import Original
from broadcaster.phrasing import OPEN, SPOKEN, STRUCK_PHASES, SYSTEM, Phrasing, Spot, home
from broadcaster.wording import AS_SAID, AS_WRITTEN, Passage

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


@dataclass(frozen=True)
class Soundness:
    """One playbook under proof. `register` is the whole one, `phrasing` knows only what the playbook uses."""

    source: Original
    shared: Original
    register: Register
    phrasing: Phrasing

    def faults(self) -> list[Unsound]:
        """Return every fault; words are measured only when all of them can be said."""
        first = [*self._identity(), *self._texts(), *self._blanks(), *self._works(), *self._top_lines(), *self._holes()]
        found = first or [*self._written(), *self._said(), *self._shown()]
        seen: dict[tuple[str, int, str], Unsound] = {(fault.file, fault.line, fault.reason): fault for fault in found}
        return sorted(seen.values(), key=lambda fault: (fault.file, fault.line))

    def _identity(self) -> Iterator[Unsound]:
        playbook = self.phrasing.playbook
        if f"{playbook.id}.toml" != self.source.name:
            yield self.source.fault(("id",), f"its id is not the file's name; call the file {playbook.id}.toml")
        named = {"channels": playbook.channels, "languages": playbook.languages, "seen": playbook.seen or ()}
        named["works"] = playbook.works or ()
        for key, listed in named.items():
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
        contacts, systems = self.register.contacts, self.register.systems
        for section, names, known in (
            ("struck", playbook.struck, {*contacts, *systems}),
            ("contacts", list(playbook.contacts), {*contacts}),
        ):
            for name in names:
                if name not in known:
                    what = "contact or system" if section == "struck" else "contact"
                    reason = f"{name} is no {what} of the register; add it there, or mend the name"
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

    def _works(self) -> Iterator[Unsound]:
        """Yield each row of the question of what works that can be no row: no blank of two answers, no contact."""
        blanks, contacts = self.phrasing.playbook.blanks, self.phrasing.register.contacts
        for name in self.phrasing.playbook.works or ():
            if name in blanks:
                if {choice.key for choice in blanks[name].choices} != {WORKING, FAILING}:
                    reason = f"{name} must have the choices {WORKING} and {FAILING} and no other; write both"
                    yield self.source.fault(("blanks", name, "choices"), reason)
            elif name not in contacts:
                reason = f"{name} is no blank and no contact that the texts use; add it, or remove it here"
                yield self.source.fault(("works",), reason)

    def _top_lines(self) -> Iterator[Unsound]:
        lines, languages = self.phrasing.top_lines, self.phrasing.playbook.languages
        written = [language for language in languages if language not in self.source.translations]
        for phase in ENDINGS:
            for language in written if phase in self.phrasing.texts else ():
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
                        yield source.fault(path, reason, language=spot.language)
                    else:
                        yield from self._broken(spot, sentence, source, path)
        for phase, said in self.phrasing.top_lines.items():
            for language, line in said.items():
                yield from self._broken(Spot(phase, "facebook", language), line, self.source, ("top_line", phase))
        for name, spec in self.phrasing.playbook.blanks.items():
            for choice in spec.choices:
                for language, words in {"sv": choice.sv, "en": choice.en, **(choice.also or {})}.items():
                    yield from self._broken(Spot("first", "", language), words, self.source, ("blanks", name))

    def _broken(self, spot: Spot, words: str, source: Original, path: tuple[str, ...]) -> Iterator[Unsound]:
        contacts = self.register.contacts.values()
        names = tuple((c.value, c.also_name) for c in contacts if spot.channel not in c.depends_on or c.also_name)
        for reason in _judged(spot.spoken, spot.language, words, names):
            yield source.fault(path, reason, words, spot.language)

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

    def _home(self, name: str) -> tuple[Original, tuple[str, ...]]:
        in_register, path = home(self.phrasing, name)
        return self.shared if in_register else self.source, path

    def _bounds(self) -> Bounds:
        contacts = self.register.contacts
        struck = frozenset(contacts[key].value for key in self.phrasing.struck("first", ()))
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
