"""
A text as it stands on paper: blanks are lines to fill in by hand, and every sentence that may have to go is marked.

`Run`s follow each other as the text does. A run with a number may be struck out or replaced; what stands there instead
is the `Alternative` with the same number. Nothing is decided here that `phrasing` does not decide for a message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from broadcaster import holes
from broadcaster.phrasing import OPEN, Phrasing, Spot

Kind = Literal["blank", "contact", "sentence"]
#: Private-use characters, which no approved text may hold: a sentence begins, its name ends, the sentence ends.
_BEGINS, _NAMED, _ENDS = "\ue000", "\ue001", "\ue002"
_MARKS = re.compile(rf"{_BEGINS}([a-z0-9_]+){_NAMED}(.*?){_ENDS}", re.DOTALL)
_HOLE = re.compile(r"(\$\{[a-z][a-z0-9_]*\})")


@dataclass(frozen=True)
class Piece:
    """Words to say, or a line to fill in: `hole` is the blank's name, or what the service would fill in itself."""

    words: str = ""
    hole: str = ""


@dataclass(frozen=True)
class Run:
    """Pieces that stay or go together; `number` leads to the alternative, 0 where there is none."""

    pieces: tuple[Piece, ...]
    number: int = 0


@dataclass(frozen=True)
class Alternative:
    """What stands in a run's place when the blank is not known or the number is down; no pieces: strike the run."""

    number: int
    kind: Kind
    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Outline:
    """One text of one channel in one language."""

    runs: tuple[Run, ...]
    alternatives: tuple[Alternative, ...]


def outline(phrasing: Phrasing, spot: Spot) -> Outline:
    """Return the text at `spot` with every blank open. Raises `KeyError` where there are no words."""
    struck, values = phrasing.struck(spot.phase, ()), phrasing.values(spot, {})
    alternatives: dict[str, Alternative] = {}

    def choose(name: str) -> str:
        usual, kind, other = _cases(phrasing, spot, name, name in struck)
        if kind is None or not usual or usual == other:
            return usual or other
        pieces = tuple(_pieces(other, values))
        alternatives.setdefault(name, Alternative(len(alternatives) + 1, kind, name, pieces))
        return f"{_BEGINS}{name}{_NAMED}{usual}{_ENDS}"

    text, runs, done = phrasing.compose(spot, choose), [], 0
    for mark in _MARKS.finditer(text):
        runs.append(Run(tuple(_pieces(text[done : mark.start()], values))))
        runs.append(Run(tuple(_pieces(mark[2], values)), alternatives[mark[1]].number))
        done = mark.end()
    runs.append(Run(tuple(_pieces(text[done:], values))))
    return Outline(tuple(run for run in runs if run.pieces), tuple(alternatives.values()))


def _cases(phrasing: Phrasing, spot: Spot, name: str, struck: bool) -> tuple[str, Kind | None, str]:
    """Return the sentence that stands in the text, why it may have to go, and what stands there then."""
    said = {case: phrasing.sentence(name, case, spot) or "" for case in phrasing.cases(name)}
    if "known" in said:
        return said["known"], "blank", said["unknown"]
    if "working" in said:
        return (said["affected"], None, "") if struck else (said["working"], "contact", said["affected"])
    return said[""], "sentence" if name == "sentence" else None, ""


def _pieces(text: str, values: dict[str, str]) -> Iterator[Piece]:
    """Yield `text` in pieces; what is known everywhere is filled in, all else is left open."""
    words = ""
    for part in _HOLE.split(text):
        name = part[2:-1] if _HOLE.fullmatch(part) else ""
        if name and (name in OPEN or name not in values):
            if words:
                yield Piece(words)
            yield Piece(hole=name)
            words = ""
        else:
            words += holes.fill(part, values)
    if words:
        yield Piece(words)
