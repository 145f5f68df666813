"""
What the rules of a good text say about one sound playbook: every warning, with where it stands. None blocks anything.

Words are judged as people meet them most: with nothing known, and with everything known. The holes a message fills by
itself stay open, so that a rule can see a promise and a mark for what they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from broadcaster import blanks, holes
from broadcaster.errors import Text
from broadcaster.phrasing import OPEN, Phrasing, Spot, home, open_values
from broadcaster.wording import AS_COMPARED, Passage, Rule, warnings

#: The language every playbook has, and which the others are held against.
BASE = "sv"
#: Our own page is the fullest, and all other channels are held against it.
FULLEST = "own_web"


@dataclass(frozen=True)
class Remark:
    """One warning. `path` leads to it in the playbook's file, or in the register's; `words` are what it is about."""

    rule: Rule
    spot: Spot
    text: Text
    path: tuple[str, ...]
    words: str = ""
    in_register: bool = False


def remarks(phrasing: Phrasing) -> tuple[Remark, ...]:
    """Return every warning about the words of a sound playbook, each once, in the order of its texts."""
    found = [*_written(phrasing), *_said(phrasing), *_compared(phrasing)]
    once: dict[tuple[object, ...], Remark] = {}
    for one in found:
        written = one.rule.stage == "written"
        key = (one.rule.name, one.path, one.words) if written else (one.rule.name, one.spot)
        once.setdefault(key, one)
    return tuple(once.values())


def _written(phrasing: Phrasing) -> Iterator[Remark]:
    for spot in phrasing.spots():
        text = phrasing.text(spot)
        for line in text.split("\n"):
            yield from _broken(spot, line, _text_path(spot))
        for name in holes.names(text):
            in_register, path = home(phrasing, name)
            for case in phrasing.cases(name):
                said = phrasing.sentence(name, case, spot) or ""
                yield from _broken(spot, said, path, in_register)
    for phase, lines in phrasing.top_lines.items():
        for language, line in lines.items():
            yield from _broken(Spot(phase, "facebook", language), line, ("top_line", phase, language))


def _broken(spot: Spot, words: str, path: tuple[str, ...], in_register: bool = False) -> Iterator[Remark]:
    for rule in warnings("written"):
        if text := rule(Passage(spot.channel, spot.language, words, phase=spot.phase)):
            yield Remark(rule, spot, text, path, words, in_register)


def _said(phrasing: Phrasing) -> Iterator[Remark]:
    places = _places(phrasing)
    for spot in phrasing.spots():
        for known in (False, True):
            passage = _passage(phrasing, spot, places, known=known)
            for rule in warnings("said"):
                if text := rule(passage):
                    yield Remark(rule, spot, text, _text_path(spot))


def _compared(phrasing: Phrasing) -> Iterator[Remark]:
    for spot in phrasing.spots():
        here = _as_written(phrasing, spot)
        for other in _beside(phrasing, spot):
            beside = _as_written(phrasing, other)
            for rule in AS_COMPARED:
                if text := rule(replace(here, beside=beside)):
                    yield Remark(rule, spot, text, _text_path(spot))


def _beside(phrasing: Phrasing, spot: Spot) -> Iterator[Spot]:
    """Yield what a text is held against: itself in Swedish, our own page, the notice."""
    others = [Spot(spot.phase, spot.channel, BASE)] if spot.language != BASE else []
    others += [Spot(spot.phase, channel, spot.language) for channel in (FULLEST, "1177_notice")]
    return (other for other in others if other != spot and other in set(phrasing.spots()))


def _as_written(phrasing: Phrasing, spot: Spot) -> Passage:
    return Passage(
        spot.channel, spot.language, phrasing.text(spot), phase=spot.phase, kinds=_kinds(phrasing, phrasing.text(spot))
    )


def _passage(phrasing: Phrasing, spot: Spot, places: tuple[str, ...], *, known: bool) -> Passage:
    specs = phrasing.playbook.blanks if known else {}
    taken = {name: blanks.take(spec, phrasing.examples(name)[0], phrasing.bounds) for name, spec in specs.items()}
    words = phrasing.chosen(spot, taken, (), sentence=False)
    return Passage(
        channel=spot.channel,
        language=spot.language,
        words=holes.fill(words, phrasing.values(spot, taken) | open_values()),
        phase=spot.phase,
        places=places,
        kinds=_kinds(phrasing, phrasing.text(spot)),
        known=known,
    )


def _kinds(phrasing: Phrasing, text: str) -> dict[str, str]:
    """Return what each hole of `text` takes, and those inside its shared lines."""
    kinds: dict[str, str] = {}
    for name in holes.names(text):
        if name in phrasing.playbook.blanks:
            kinds[name] = phrasing.playbook.blanks[name].type
        elif name in phrasing.register.contacts:
            kinds[name] = "contact"
        else:
            kinds[name] = "system" if name in OPEN else "line"
    return kinds


def _places(phrasing: Phrasing) -> tuple[str, ...]:
    """Return how our readers know where it is: the register's words and places, in every language."""
    said: set[str] = set()
    for line in phrasing.register.words.values():
        said |= {words for spoken in (line.text, *line.on.values()) for words in spoken.values()}
    for place in phrasing.register.places:
        said |= {place.sv, place.en}
    return tuple(sorted(word for word in said if word))


def _text_path(spot: Spot) -> tuple[str, ...]:
    return ("texts", spot.phase, spot.channel, spot.language)

