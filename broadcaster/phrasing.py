"""
How the words of one message come from approved content and nothing else: no clock, no file, no network.

    text → whole approved sentences for its holes → tidied → drill lines → values, once

Sentences are looked up where they are needed: `channel/phase` before `channel` before `phase` before the general one,
and the playbook's own before the register's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from broadcaster import blanks, holes, moments
from broadcaster.blanks import Bounds
from broadcaster.dependence import Dependence
from broadcaster.manuscript import BlankSpec, Contact, ContactWords, Content, Line, Said

#: Channels a voice reads: no links, no marks, no digits.
SPOKEN = frozenset({"1177_phone"})
#: What stays open in digests, and what else every text may say.
OPEN = ("mark", "published", "next_update", "link")
SYSTEM = (*OPEN, "organisation")
#: Lines that must be in the register, because every message needs them.
REQUIRED_LINES = ("sender", "promise", "sentence", "drill_before", "drill_after")
#: Phases in which what a playbook is about is still down.
STRUCK_PHASES = frozenset({"first", "update", "correction"})
#: Room for `RV-2026-0031/1` and `https://kris.region.example/desk/drills/OVN-RV-2026-0007` at their longest.
MARK_ROOM = 24
LINK_ROOM = 90

#: Texts kept with their sentences put in: every spot of a large playbook, in the few cases a crisis meets.
KEPT = 512

Layer = Mapping[str, Said]  #: where → language → words; where "" is everywhere else


@dataclass(frozen=True)
class Spot:
    """Where words stand."""

    phase: str
    channel: str
    language: str

    @property
    def spoken(self) -> bool:
        """Whether a voice reads them."""
        return self.channel in SPOKEN


class Phrasing:
    """Approved content, ready to say any of its texts."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.playbook, self.register = content.playbook, content.register_
        self.texts: dict[str, dict[str, Said]] = {str(phase): said for phase, said in self.playbook.texts.items()}
        self.top_lines: dict[str, Said] = {str(phase): said for phase, said in self.playbook.top_line.items()}
        self.zone = ZoneInfo(content.timezone)
        self.bounds = Bounds(self.zone, self.register.places, self.register.domains)
        self.dependence = Dependence(self.register)
        # Content never changes, so what is a function of it and of hashable arguments is worked out once.
        self._composed = lru_cache(maxsize=KEPT)(self._compose_chosen)
        self._steady = lru_cache(maxsize=KEPT)(self._steady_values)
        self._longest = lru_cache(maxsize=KEPT)(self._longest_values)

    def languages_of(self, channel: str) -> tuple[str, ...]:
        """Return the languages this channel speaks, in the playbook's order."""
        only = self.playbook.languages_on.get(channel, self.playbook.languages)
        return tuple(language for language in self.playbook.languages if language in only)

    def spots(self) -> Iterator[Spot]:
        """Return everywhere this playbook has words."""
        for phase, channels in self.texts.items():
            for channel in self.playbook.channels:
                for language in self.languages_of(channel):
                    if language in channels.get(channel, {}):
                        yield Spot(phase, channel, language)

    def text(self, spot: Spot) -> str:
        """Return the approved text as it is written in the playbook."""
        return self.texts[spot.phase][spot.channel][spot.language].strip("\n")

    def sentence(self, name: str, case: str, spot: Spot) -> str | None:
        """Return the approved sentence for a hole in one case, or None if nobody wrote one."""
        if name in self.playbook.blanks:
            return _nearest([_blank_layer(self.playbook.blanks[name], case)], spot)
        if name in self.register.contacts:
            own = self.playbook.contacts.get(name)
            layers = [_contact_layer(own, case)] if own else []
            return _nearest([*layers, _contact_layer(self.register.contacts[name], case)], spot)
        line = self.register.lines.get(name)
        return _nearest([_line_layer(line)], spot) if line else None

    def cases(self, name: str) -> tuple[str, ...]:
        """Return the cases a hole has sentences for; none if it is a plain value."""
        if name in self.playbook.blanks:
            return ("known", "unknown")
        if name in self.register.contacts:
            return ("working", "affected")
        return ("",) if name in self.register.lines else ()

    def struck(self, phase: str, affected: Iterable[str]) -> frozenset[str]:
        """Return the contacts that must not be named: struck by the crisis, or by something they depend on."""
        return self.down(phase, affected) & {*self.register.contacts}

    def down(self, phase: str, affected: Iterable[str]) -> frozenset[str]:
        """Return everything that is struck: what is marked, what the playbook is about, and what follows from both."""
        return self.dependence.fallen({*affected, *(self.playbook.struck if phase in STRUCK_PHASES else ())})

    def compose(self, spot: Spot, choose: Callable[[str], str]) -> str:
        """Return the text with the sentence `choose` gives for each hole; values are still open."""
        text = self.text(spot)
        return holes.with_sentences(
            text, {name: choose(name) if self.cases(name) else f"${{{name}}}" for name in holes.names(text)}
        )

    def chosen(self, spot: Spot, known: Iterable[str], affected: Iterable[str], sentence: bool) -> str:
        """Return the text with the sentences that go with these blanks known and these contacts affected."""
        return self._composed(spot, frozenset(known), self.struck(spot.phase, affected), sentence)

    def _compose_chosen(self, spot: Spot, filled: frozenset[str], struck: frozenset[str], sentence: bool) -> str:
        def choose(name: str) -> str:
            if name in self.playbook.blanks:
                case = "known" if name in filled else "unknown"
            elif name in self.register.contacts:
                case = "affected" if name in struck else "working"
            elif name == "sentence" and not sentence:
                return ""
            else:
                case = ""
            return self.sentence(name, case, spot) or ""

        return self.compose(spot, choose)

    def values(self, spot: Spot, known: Mapping[str, str]) -> dict[str, str]:
        """Return every value that stands in sentences here; `known` are blanks as they were taken."""
        values = dict(self._steady(spot))
        for name, value in known.items():
            spec = self.playbook.blanks[name]
            values[name] = blanks.say(spec, value, spot.language, self.bounds, spoken=spot.spoken)
        return values

    def _steady_values(self, spot: Spot) -> Mapping[str, str]:
        values = {"organisation": self.content.organisation}
        for name, words in self.register.words.items():
            values[name] = _nearest([_line_layer(words)], spot) or ""
        for name, contact in self.register.contacts.items():
            values[name] = (_spoken(contact, spot.language) if spot.spoken else None) or contact.value
        return values

    def drilled(self, words: str, spot: Spot) -> str:
        """Return the words so that nobody can take them for real, wherever they begin or stop reading."""
        before, after = (self.sentence(name, "", spot) for name in ("drill_before", "drill_after"))
        return f"{before} {words}{' ' if spot.spoken else chr(10) * 2}{after}"

    def extreme(self, spot: Spot, measure: Callable[[str], int], *, drill: bool, shortest: bool = False) -> str:
        """Return the longest (or shortest) words that `measure` can find here, to prove that they fit."""
        values = self.longest_values(spot)

        def size(sentence: str) -> int:
            return measure(holes.fill(sentence, values))

        def choose(name: str) -> str:
            said = [self.sentence(name, case, spot) or "" for case in self.cases(name)]
            said += [""] if name == "sentence" else []
            return min(said, key=size) if shortest else max(said, key=size)

        words = self.compose(spot, choose)
        return holes.fill(self.drilled(words, spot) if drill else words, values)

    def longest(self, spot: Spot, measure: Callable[[str], int]) -> str:
        """Return the longest words that can ever stand here: in a drill, and on Facebook with room for a top line."""
        words = self.extreme(spot, measure, drill=True)
        return f"{words}{'x' * self._top_room(spot)}" if spot.channel == "facebook" else words

    def _top_room(self, spot: Spot) -> int:
        values = self.longest_values(spot)
        before = self.sentence("drill_before", "", spot) or ""
        lines = [said[spot.language] for said in self.top_lines.values() if spot.language in said]
        return max((len(f"{before} {holes.fill(line, values)}\n\n") for line in lines), default=0)

    def longest_values(self, spot: Spot) -> dict[str, str]:
        """Return values as long as any can become here."""
        return dict(self._longest(spot))

    def _longest_values(self, spot: Spot) -> Mapping[str, str]:
        spoken = spot.spoken
        return self.values(spot, {}) | {
            "mark": "M" * MARK_ROOM,
            "link": "l" * LINK_ROOM,
            "published": moments.longest(spot.language, spoken=spoken, year=True),
            "next_update": moments.longest(spot.language, spoken=spoken),
            "sentence": "ord " * (blanks.SENTENCE_LENGTH_MAX // 4 - 1) + "ord.",
            **{
                name: blanks.longest_said(spec, spot.language, self.bounds, spoken=spoken)
                for name, spec in self.playbook.blanks.items()
            },
        }


def open_values() -> dict[str, str]:
    """Return the holes that stay open in digests, as themselves."""
    return {name: f"${{{name}}}" for name in OPEN}


def home(phrasing: Phrasing, name: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether the sentences of a hole stand in the register's file, and the keys that lead to them there."""
    playbook = phrasing.playbook
    if name in playbook.blanks:
        return False, ("blanks", name)
    if name in playbook.contacts:
        return False, ("contacts", name)
    return True, ("contacts" if name in phrasing.register.contacts else "lines", name)


def _blank_layer(spec: BlankSpec, case: str) -> Layer:
    if case == "known":
        return {"": spec.known, **{where: other.known for where, other in spec.on.items() if other.known}}
    return {"": spec.unknown, **{where: other.unknown for where, other in spec.on.items() if other.unknown}}


def _contact_layer(spec: Contact | ContactWords, case: str) -> Layer:
    if case == "working":
        return {
            "": spec.working or {},
            **{where: other.working for where, other in spec.on.items() if other.working},
        }
    return {
        "": spec.affected or {},
        **{where: other.affected for where, other in spec.on.items() if other.affected},
    }


def _spoken(contact: Contact, language: str) -> str | None:
    return next((contact.spoken[one] for one in tongues(language) if one in contact.spoken), None)


def _line_layer(line: Line) -> Layer:
    return {"": line.text, **line.on}


def _nearest(layers: Iterable[Layer], spot: Spot) -> str | None:
    """Return the sentence closest to `spot`: the place counts for more than the tongue.

    A tongue such as easy Swedish says in its own base language what it has no words for. A sentence made for one phase
    is true in that phase, in either; an easier one made for all of them may not be.
    """
    ordered = list(layers)
    for where in (f"{spot.channel}/{spot.phase}", spot.channel, spot.phase, ""):
        for layer in ordered:
            said = layer.get(where, {})
            for tongue in tongues(spot.language):
                if tongue in said:
                    return said[tongue]
    return None


def tongues(language: str) -> tuple[str, ...]:
    """Return a language and the one it falls back to: `sv-x-lattlast` to `sv`."""
    base = language.partition("-")[0]
    return (language,) if base == language else (language, base)
