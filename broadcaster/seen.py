"""
Choosing by what one sees: the seven groups that somebody woken at night thinks in, and the search.

Which groups a playbook belongs to is its own word (`seen`, part of what two people approve). What the groups are called
and which everyday words lead to them is ours: it decides where one looks, never what is said.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from broadcaster.errors import Text

Seen = Literal["phone", "computers", "water", "accident", "infection", "premises", "other"]
#: What has no group of its own.
ELSEWHERE: Seen = "other"


@dataclass(frozen=True)
class Group:
    """One of the seven. A word that begins as one of `stems` leads here, whoever says it and in whichever form."""

    name: Text
    stems: tuple[str, ...]


def _group(sv: str, en: str, stems: str) -> Group:
    return Group(Text(sv, en), tuple(stems.split()))


#: In the order they are shown. Stems are without accents, as `_words` leaves them.
GROUPS: Mapping[Seen, Group] = {
    "phone": _group(
        "Telefon", "Telephones",
        "telefon ring samtal vaxel nummer svarar 1177 112 phone call switchboard"
    ),
    "computers": _group(
        "Datorer", "Computers",
        "dator data it journal system natverk internet inlogg hack virus angrepp attack intrang cosmic "
        "utpress ransom cyber comput network record login"
    ),
    "water": _group(
        "Vatten", "Water",
        "vatt kran koka dricks drick water boil drink"
    ),
    "accident": _group(
        "Olycka eller våld", "Accident or violence",
        "olyck krock skad buss taget flyg vald skjut skott hotar terror knivdad bomb explo small brand brinn "
        "brann eld rok gas utslapp kemi raset skred katastrof accident crash injur shoot violen threat fire "
        "burn smoke chemical train"
    ),
    "infection": _group(
        "Smitta", "Infection",
        "smitt sjuka sjukdom magsjuk feber krak influensa covid corona vinter utbrott epidemi pandemi besok "
        "infect outbreak disease visit flu ill sick"
    ),
    "premises": _group(
        "Lokaler och el", "Premises and power",
        "lokal byggnad el elen elavbrott strom varme oversvam vattenlack lacka stang akut mottagning sjukhus "
        "vardcentral reservkraft brand brinn brann rok evaku power electric build flood clos emergency "
        "hospital fire smoke"
    ),
    "other": _group(
        "Annat", "Other",
        "annat ovrig vet okant other else unknown"
    ),
}  # fmt: skip

_SMALL_WORDS = (
    "det den de en ett som har inte ej kan gar och att pa av for med vi ni jag du nagon nagot alla hos ar blir "
    "vara till fran om nar har var ingen inget utan under efter mycket valj the and not for with has have can "
    "are was when choose this that from manniskor patient patienter people patients"
)
#: What everybody writes and nothing follows from.
_SMALL = frozenset(_SMALL_WORDS.split())
#: A shorter piece of a word is in too many others.
_PIECE_MIN = 3
#: What a word counts for where it stands; a group's counts once for each group the playbook belongs to.
_TITLE, _STEM, _USE = 6, 2, 1


class Choosable(Protocol):
    """What can be looked for: what a playbook is called, when to choose it, and its groups."""

    @property
    def title(self) -> Text: ...
    @property
    def use(self) -> Text: ...
    @property
    def seen(self) -> Sequence[Seen]: ...


_Book = TypeVar("_Book", bound=Choosable)


def grouped(books: Iterable[_Book]) -> dict[Seen, list[_Book]]:
    """Return what stands under each group that has anything, in the order of the groups.

    One that belongs to several stands under each of them; one that says nothing stands under the last.
    """
    every = list(books)
    found = {key: [one for one in every if key in (one.seen or (ELSEWHERE,))] for key in GROUPS}
    return {key: here for key, here in found.items() if here}


def search(books: Iterable[_Book], asked: str) -> list[_Book]:
    """Return what fits everyday words, best first: its name, its groups' words, and when to choose it.

    Forms and accents do not matter (`vattnet`, `vaxeln`), in Swedish or English. What nothing follows from finds none.
    """
    words = [word for word in _words(asked) if word not in _SMALL]
    scored = ((sum(_fit(word, one) for word in words), one) for one in books)
    return [one for score, one in sorted(scored, key=lambda pair: -pair[0]) if score]


def _fit(word: str, book: Choosable) -> int:
    """Return how well one word fits; 0 where it does not."""
    led = sum(any(_leads(word, stem) for stem in GROUPS[key].stems) for key in book.seen or (ELSEWHERE,))
    return _TITLE * _names(word, book.title) + _STEM * led + _USE * _names(word, book.use)


def _names(word: str, said: Text) -> bool:
    """Tell whether a word, or the beginning of one, stands in what is said; long pieces count within words too."""
    inside = len(word) > _PIECE_MIN + 1
    there = {one for words in (said.sv, said.en) for one in _words(words)} - _SMALL
    return len(word) >= _PIECE_MIN and any(one.startswith(word) or (inside and word in one) for one in there)


def _leads(word: str, stem: str) -> bool:
    """Tell whether a word is a form of the stem; one of fewer letters than `_PIECE_MIN` has no other form."""
    return word.startswith(stem) if len(stem) >= _PIECE_MIN else word == stem


def _words(said: str) -> list[str]:
    """Return the words in small letters, without accents."""
    plain = unicodedata.normalize("NFKD", said.casefold())
    return re.findall(r"\w+", "".join(one for one in plain if not unicodedata.combining(one)))
