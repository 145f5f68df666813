"""
Proof of one entry at a time: a blank, an entry of the register, the holes of a piece of text, its every character.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

from broadcaster import blanks, holes
from broadcaster.areas import COUNTIES
from broadcaster.blanks import Bounds, Unfitting
from broadcaster.channels import LIMITS
from broadcaster.channels.names import CHANNEL_NAMES
from broadcaster.dependence import misdeclared
from broadcaster.errors import Text, Unsound
from broadcaster.manuscript import BlankSpec, BlankType, Part, Register, Source, strings
from broadcaster.originals import Original
from broadcaster.phrasing import REQUIRED_LINES, SYSTEM
from broadcaster.wording import Passage
from broadcaster.wording.spreading import has_invisible, has_lookalike

#: So many holes are told by name, where no other can stand.
FEW = 12
#: What an example of each type looks like, to be shown where the writer's own is no good.
EXAMPLES: Mapping[BlankType, str] = {
    "place": "a place of the register", "time": "2026-03-14T02:10", "phone": "010-000 00 00",
    "link": "https://www.1177.se", "choice": "the key of a choice", "text": "a few words",
}  # fmt: skip
#: What holds for every character of a file, and not only for words.
CHARACTERS = (has_invisible, has_lookalike)


def hidden_faults(source: Source, entries: Part, language: str = "sv") -> list[Unsound]:
    """Return every character that nobody sees, or takes for another one, wherever it stands."""
    return [
        source.fault(path, reason, text)
        for path, text in strings(entries.model_dump())
        for reason in (rule(Passage("own_web", language, text)) for rule in CHARACTERS)
        if reason
    ]


def spec_faults(spec: BlankSpec, name: str, bounds: Bounds) -> Iterator[tuple[str, str | Text]]:
    """Yield the key and the reason of everything that is wrong with a blank by itself."""
    if (spec.type == "choice") != bool(spec.choices):
        yield "choices", "a choice needs choices, and nothing else has any; add or remove them"
        return
    if spec.kinds is not None and (spec.type != "place" or spec.open):
        yield "kinds", "only a place that must be in the register has kinds; remove them"
        return
    if (spec.type == "place" and not spec.open and not blanks.offered(spec, bounds.places)) or (
        spec.type == "link" and not bounds.domains
    ):
        kinds = f" of the kind {' or '.join(spec.kinds)}" if spec.kinds else ""
        yield "type", f"the register has nothing to choose a {spec.type}{kinds} from; add some there"
        return
    told = spec.model_copy(update={"examples": [EXAMPLES[spec.type]]})
    for example in spec.examples:
        try:
            blanks.take(told, example, bounds)
        except Unfitting as unfitting:
            why = str(unfitting)
            yield "examples", f"the example {example!r} is not accepted; {why[0].lower()}{why[1:]}"
    for language, sentence in spec.known.items():
        if name not in names_in(sentence):
            yield "known", Text(
                f"meningen på {language} för när {name} är känt säger inte ${{{name}}}; lägg till det",
                f"the sentence in {language} for a known {name} does not say ${{{name}}}; add it",
            )
    for said in [spec.unknown, *(other.unknown or {} for other in spec.on.values())]:
        if any(name in names_in(sentence) for sentence in said.values()):
            yield "unknown", Text(
                f"meningen för när {name} inte är känt säger ${{{name}}}; det finns inget att säga då, ta bort det",
                f"the sentence for an unknown {name} says ${{{name}}}; there is nothing to say, remove it",
            )


def register_faults(source: Original, register: Register, channels: Iterable[str]) -> Iterator[Unsound]:
    """Yield every fault of the register by itself; `channels` are those that playbooks have words for."""
    for name in REQUIRED_LINES:
        if name not in register.lines:
            yield source.fault(("lines",), f"the line {name} is missing; every message needs it, add it")
    whole, taken = register.model_dump(), dict.fromkeys(SYSTEM, "the system")
    for section in ("systems", "contacts", "words", "lines"):
        for name, thing in whole[section].items():
            if name in taken:
                yield source.fault((section, name), f"{name} is already a name in {taken[name]}; choose another")
            taken[name] = section
            allowed = set() if section in ("systems", "words") else {*SYSTEM, *register.words}
            allowed |= {name} if section == "contacts" or name == "sentence" else set()
            yield from hole_faults(source, (section, name), thing, allowed)
    for path, reason in misdeclared(register, {*channels, *CHANNEL_NAMES, *LIMITS}):
        yield source.fault(path, reason)
    yield from _place_faults(source, register)
    before = register.lines.get("drill_before")
    for line in [before.text, *before.on.values()] if before else []:
        if not all(words.startswith("ÖVNING") for words in line.values()):
            reason = "a drill that does not begin with ÖVNING is taken for real; begin with it, in every language"
            yield source.fault(("lines", "drill_before"), reason)
    after = register.lines.get("drill_after")
    for line in [after.text, *after.on.values()] if after else []:
        ours = [words for language, words in line.items() if language.partition("-")[0] in ("sv", "en")]
        if not all(re.search(r"övning|exercise", words, re.IGNORECASE) for words in ours):
            reason = "a drill that does not end by saying so is taken for real; write 'Detta är en övning.'"
            yield source.fault(("lines", "drill_after"), reason)
    for domain in register.domains:
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain):
            yield source.fault(("domains",), f"{domain} is no domain; write it like 1177.se", domain)


def _place_faults(source: Original, register: Register) -> Iterator[Unsound]:
    county, seen = register.county, set[str]()
    if county is None:
        yield source.fault(("county",), 'says no county; add [county] with its code, such as "17", and its name')
    elif county.code not in COUNTIES:
        known = ", ".join(f"{code} {name}" for code, name in COUNTIES.items())
        yield source.fault(("county", "code"), f"{county.code} is no county; there are {known}")
    for place in register.places:
        reasons = {
            "says no kind; write kind = \"hospital\", or what else it is": place.kind is None,
            "is a municipality without its code; add code, the four digits of Statistics Sweden":
                place.kind == "municipality" and place.code is None,
            "has a code and is no municipality; remove the code, or write kind = \"municipality\"":
                place.kind != "municipality" and place.code is not None,
            f"has the code {place.code}, which is in another county; its code begins with that of [county]":
                place.code is not None and county is not None and not place.code.startswith(county.code),
            "is there twice, or has the name or code of another place; name each once":
                bool(seen & {place.sv.casefold(), place.en.casefold(), place.code or place.sv.casefold()}),
        }  # fmt: skip
        seen |= {place.sv.casefold(), place.en.casefold(), place.code or place.sv.casefold()}
        for reason in (one for one, wrong in reasons.items() if wrong):
            yield source.fault(("places",), f"{place.sv} {reason}", place.sv)


def hole_faults(source: Original, path: tuple[str, ...], words: object, allowed: Iterable[str]) -> Iterator[Unsound]:
    """Yield every hole in `words` that is broken or none of `allowed`."""
    for where, text in strings(words):
        for line in text.split("\n"):
            if holes.is_broken(line):
                yield source.fault((*path, *where), _BROKEN, line)
                continue
            for name in set(holes.names(line)) - set(allowed):
                yield source.fault((*path, *where), _misplaced(name, allowed), f"${{{name}}}")


def names_in(text: str) -> tuple[str, ...]:
    """Return the holes of a text; of one with a broken hole none, which is told elsewhere."""
    return () if holes.is_broken(text) else holes.names(text)


_BROKEN = Text(
    "har ett $ som inte börjar något hål; hål skrivs ${namn}", "has a $ that begins no hole; holes are written ${name}"
)


def _misplaced(name: str, allowed: Iterable[str]) -> Text:
    instead = _instead(name, sorted(allowed))
    return Text(
        f"${{{name}}} finns inte, eller kan inte stå här; {instead.sv}",
        f"${{{name}}} is not declared, or cannot stand here; {instead.en}",
    )


def _instead(name: str, allowed: list[str]) -> Text:
    near = difflib.get_close_matches(name, allowed, 1)
    if name == "sentence":
        return Text(
            "den fria meningen får bara stå i uppdateringar, ta bort den",
            "the free sentence stands in updates only, remove it",
        )
    if near:
        return Text(f"skriv ${{{near[0]}}}, eller ta bort det", f"write ${{{near[0]}}}, or remove it")
    if not allowed:
        return Text("inget hål kan det, skriv ordet självt", "no hole can, write the word itself")
    if len(allowed) <= FEW:
        those = ", ".join(f"${{{one}}}" for one in allowed)
        return Text(f"det som kan är {those}", f"what can is {those}")
    return Text("gör det till en uppgift i filen, eller ta bort det", "declare it as a blank, or remove it")
