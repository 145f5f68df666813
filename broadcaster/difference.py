"""
What two approvers must read: how a playbook differs from the version that was approved before it, word by word.

Nothing that is approved can change unseen: every value of the content is compared, whatever it is called. Equal
content has no difference, and equal pairs have the same one.
"""

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

from broadcaster.errors import Text
from broadcaster.manuscript import Content, Phase

#: What things are, in the order they are read, as one and as many of them are called.
SECTIONS: Mapping[str, tuple[Text, Text]] = {
    "texts": (Text("text", "text"), Text("texter", "texts")),
    "blanks": (Text("uppgift", "blank"), Text("uppgifter", "blanks")),
    "numbers": (Text("nummer", "number"), Text("nummer", "numbers")),
    "sites": (Text("webbplats", "site"), Text("webbplatser", "sites")),
    "lines": (Text("gemensam mening", "shared sentence"), Text("gemensamma meningar", "shared sentences")),
    "places": (Text("plats", "place"), Text("platser", "places")),
    "pictures": (Text("bild", "picture"), Text("bilder", "pictures")),
    "answers": (Text("färdigt svar", "prepared answer"), Text("färdiga svar", "prepared answers")),
    "sources": (Text("källa", "source"), Text("källor", "sources")),
    "checklist": (Text("punkt i checklistan", "checklist item"), Text("punkter i checklistan", "checklist items")),
    "cap": (Text("CAP-värde", "CAP value"), Text("CAP-värden", "CAP values")),
    "about": (Text("inställning", "setting"), Text("inställningar", "settings")),
    "edition": (Text("", ""), Text("", "")),  # version and last editor change every time: shown, never counted
}
#: Comparing takes as long as there are pairs of equal words. Two texts with more pairs or more words than this are
#: compared by lines, and where there are too many of those too, as a whole. A text of ours has fewer than a thousand.
PAIRS_MAX, WORDS_MAX = 100_000, 20_000
#: With less in common than this, a mixture of both is harder to read than one after the other.
ALIKE_MIN = 0.25
#: So many characters of what stayed the same are kept on each side of a change, and no fewer than `CUT_MIN` left out.
CONTEXT, CUT_MIN = 120, 60

_WORD = re.compile(r"\$\{\w+\}|\+?\d+(?:[ .:-]\d+)*|\w+|\s+|[^\w\s]")  # a number is one word: a digit makes it another
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_PHASES: tuple[str, ...] = get_args(Phase)
#: What the order of named things stands under; none of them can be called so.
ORDER = "*"
#: Where nothing at all is another thing than an empty list: in every language, or in none.
_EMPTY_SAYS = frozenset({"pictures", "languages"})
#: How the values of a thing are read, where the alphabet would turn them round.
_READ_FIRST = ("says", "question", "answer", "label", "help", "known", "unknown", "working", "affected")
_EDITION = frozenset({"version", "editor"})
_Path = tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """Some characters: the same in both, gone from the earlier, or new; `cut` stands for much that is the same."""

    kind: Literal["same", "gone", "new", "cut"]
    text: str


@dataclass(frozen=True)
class Change:
    """One value that differs. `path` says which of its thing's; None is a value that was not, or is no more."""

    path: _Path
    before: str | None
    after: str | None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The two in one, as they are read; long stretches without a change are cut."""
        return tuple(_shortened(words(self.before, self.after)))


@dataclass(frozen=True)
class Thing:
    """A text, a blank, a number … that differs in something. `key` names it within its section."""

    section: str
    key: _Path
    kind: Literal["changed", "added", "removed"]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Difference:
    """Everything that differs, in the order it is read."""

    things: tuple[Thing, ...]

    def told(self) -> Text:
        """Return what changed and how much, in one breath; empty if that is the version and the editor at most."""
        counts = {section: sum(one.section == section for one in self.things) for section in SECTIONS}
        counted = [(n, SECTIONS[section][n > 1]) for section, n in counts.items() if n and section != "edition"]
        sv, en = ([f"{n} {noun.in_(language)}" for n, noun in counted] for language in ("sv", "en"))
        return Text(", ".join(sv), ", ".join(en))


def difference(before: Content, after: Content) -> Difference:
    """Return how `after` differs from `before`."""
    was, now = _values(before, after, "before"), _values(after, before, "after")
    found: dict[tuple[str, _Path], list[Change]] = {}
    kept: set[tuple[str, _Path]] = set()
    for section, key, path in dict.fromkeys([*now, *was]):
        old, new = was.get((section, key, path)), now.get((section, key, path))
        if old != new:
            found.setdefault((section, key), []).append(Change(path, old, new))
        else:
            kept.add((section, key))
    ranks = _ranks(before) | _ranks(after)
    sections = list(SECTIONS)
    things = [
        Thing(section, key, _kind(changes, (section, key) in kept), _sorted(changes, ranks))
        for (section, key), changes in found.items()
    ]
    things.sort(key=lambda one: (sections.index(one.section), [ranks.get(part, 0) for part in one.key], one.key))
    return Difference(tuple(things))


@lru_cache(maxsize=32)
def since(before: bytes, after: bytes) -> Difference:
    """Return how one stored content differs from another; kept, for the same page is opened by every approver."""
    return difference(Content.model_validate_json(before), Content.model_validate_json(after))


def words(before: str | None, after: str | None) -> tuple[Piece, ...]:
    """Return two texts in one. Without its new pieces it reads as `before`, without the gone ones as `after`."""
    if before is not None and after is not None:
        for unit in (_WORD, _LINE):
            old, new = unit.findall(before), unit.findall(after)
            if len(old) + len(new) <= WORDS_MAX and _pairs(old, new) <= PAIRS_MAX:
                return _mixed(old, new) or _whole(before, after)
    return _whole(before, after)


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    once, again = Counter(old), Counter(new)
    return sum(count * again[word] for word, count in once.items() if not word.isspace())


def _whole(before: str | None, after: str | None) -> tuple[Piece, ...]:
    gone = () if before is None else (Piece("gone", before),)
    return gone if after is None else (*gone, Piece("new", after))


def _mixed(old: Sequence[str], new: Sequence[str]) -> tuple[Piece, ...] | None:
    """Return the pieces of two texts; None when they have too little in common."""
    runs: list[tuple[str, str, str]] = []  # what is the same, or else what is gone and what is new
    alike = 0
    for tag, a, b, c, d in difflib.SequenceMatcher(str.isspace, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(("".join(old[a:b]), "", ""))
            alike += sum(map(_says, old[a:b]))
        else:
            runs.append(("", "".join(old[a:b]), "".join(new[c:d])))
    if alike < ALIKE_MIN * max(sum(map(_says, old)), sum(map(_says, new))):
        return None
    return tuple(_joined(runs))


def _says(word: str) -> bool:
    return any(letter.isalnum() for letter in word)


def _joined(runs: list[tuple[str, str, str]]) -> Iterator[Piece]:
    """Yield the pieces; changes with a mere space or comma between them are one change."""
    gone = new = ""
    for index, (same, old, added) in enumerate(runs):
        apart = "\n" in same or _says(same) or not (gone or new) or index == len(runs) - 1
        if same and apart:
            yield from _changed(gone, new)
            yield Piece("same", same)
            gone = new = ""
        else:
            gone, new = gone + same + old, new + same + added
    yield from _changed(gone, new)


def _changed(gone: str, new: str) -> Iterator[Piece]:
    if gone:
        yield Piece("gone", gone)
    if new:
        yield Piece("new", new)


def _shortened(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for index, piece in enumerate(pieces):
        first, last = index == 0, index == len(pieces) - 1
        if piece.kind != "same" or len(piece.text) <= CONTEXT * (2 - first - last) + CUT_MIN:
            yield piece
            continue
        if not first:
            yield Piece("same", piece.text[:CONTEXT].rsplit(None, 1)[0])
        yield Piece("cut", "[…]")
        if not last:
            yield Piece("same", piece.text[-CONTEXT:].split(None, 1)[-1])


def _kind(changes: Iterable[Change], kept: bool) -> Literal["changed", "added", "removed"]:
    if not kept and all(change.before is None for change in changes):
        return "added"
    return "removed" if not kept and all(change.after is None for change in changes) else "changed"


def _sorted(changes: Iterable[Change], ranks: Mapping[str, int]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda one: ([ranks.get(part, 0) for part in one.path], one.path)))


def _ranks(content: Content) -> dict[str, int]:
    """Return what stands before what, where that is not the alphabet's business."""
    playbook = content.playbook
    ordered: tuple[Sequence[str], ...] = (_PHASES, playbook.channels, playbook.languages, content.order, _READ_FIRST)
    most = max(len(playbook.answers), len(playbook.checklist), len(playbook.sources or ()))
    numbers = {str(number): number for number in range(most + 1)}
    return numbers | {name: rank for names in ordered for rank, name in enumerate(names)}


def _values(content: Content, other: Content, side: str) -> dict[tuple[str, _Path, _Path], str]:
    """Return every value of `content` by its section, its thing and its path there."""
    numbers = content.register_.contacts | other.register_.contacts
    found: dict[tuple[str, _Path, _Path], str] = {}
    for path, value in _leaves(_prepared(content, other, side)):
        section, depth, skipped = _home(path)
        if section == "numbers" and path[skipped] in numbers and _says_letters(numbers[path[skipped]].value):
            section = "sites"
        key, rest = path[skipped : skipped + depth], path[skipped + depth :]
        mark = (path[0],) if path[:2] in _DOUBLED else ()
        found[section, key, (*mark, *rest)] = value
    return found


#: path → section, and how many of its keys name the thing; the longest that fits. What fits none is a setting.
_HOMES: Mapping[_Path, tuple[str, int]] = {
    ("playbook", "texts"): ("texts", 3),
    ("playbook", "top_line"): ("texts", 2),
    ("playbook", "blanks"): ("blanks", 1),
    ("playbook", "contacts"): ("numbers", 1),
    ("register", "contacts"): ("numbers", 1),
    ("register", "lines"): ("lines", 1),
    ("register", "words"): ("lines", 1),
    ("register", "places"): ("places", 1),
    ("playbook", "pictures"): ("pictures", 1),
    ("pictures",): ("pictures", 1),
    ("playbook", "answers"): ("answers", 1),
    ("playbook", "sources"): ("sources", 1),
    ("playbook", "checklist"): ("checklist", 1),
    ("playbook", "cap"): ("cap", 1),
}
#: Lists whose things have no name but their place.
_LISTED = ("answers", "sources", "checklist")
#: Two places that tell of one thing: the playbook's own sentences about a contact stand apart from the register's.
_DOUBLED = frozenset({("playbook", "contacts")})


def _home(path: _Path) -> tuple[str, int, int]:
    """Return the section of a value, how many keys name its thing, and how many stand before those."""
    for length in (2, 1):
        if path[:length] in _HOMES and len(path) > length:
            section, depth = _HOMES[path[:length]]
            return section, depth, length
    skipped = 1 if path[0] in ("playbook", "register") and len(path) > 1 else 0
    return ("edition" if path[skipped] in _EDITION else "about"), 1, skipped


def _says_letters(value: str) -> bool:
    return any(letter.isalpha() for letter in value)


def _prepared(content: Content, other: Content, side: str) -> dict[str, Any]:
    """Return plain data in which what stands in a list has a name that the other side calls it by too."""
    plain, theirs = _plain(content), _plain(other)
    playbook, register = plain["playbook"], plain["register"]
    for section in _LISTED:
        mine, others = playbook.get(section, []), theirs["playbook"].get(section, [])
        names = _numbered(mine, others) if side == "before" else [str(number + 1) for number in range(len(mine))]
        playbook[section] = dict(zip(names, mine, strict=True))
    for name, spec in playbook["blanks"].items():
        there = theirs["playbook"]["blanks"].get(name, {"choices": []})
        spec["choices"] = _named(spec["choices"], there["choices"], "key")
    if "pictures" in playbook:
        playbook["pictures"] = _named(playbook["pictures"], theirs["playbook"].get("pictures", []), "file")
    register["places"] = _named(register["places"], theirs["register"]["places"], "sv")
    if set(content.order) == set(playbook["blanks"]) and set(other.order) == set(theirs["playbook"]["blanks"]):
        plain["order"] = [name for name in content.order if name in other.order]  # the blanks tell the rest
    return plain


def _plain(content: Content) -> dict[str, Any]:
    return content.model_dump(mode="json", by_alias=True, exclude_none=True)


def _numbered(mine: Sequence[object], theirs: Sequence[object]) -> list[str]:
    """Return for each of `mine` the number it has now among `theirs`; `3-` was the third and is no more."""
    names = [f"{number + 1}-" for number in range(len(mine))]
    old, new = [json.dumps(one) for one in mine], [json.dumps(one) for one in theirs]
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag in ("equal", "replace"):
            for one, two in zip(range(a, b), range(c, d), strict=False):
                names[one] = str(two + 1)
    return names


def _named(items: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]], key: str) -> dict[str, Any]:
    """Return the items by what they are called, and under `ORDER` the order of those both have: it is shown."""
    found: dict[str, Any] = {}
    for item in items:
        name = str(item[key])
        found[name if name not in found else f"{name} ({len(found) + 1})"] = item
    others = {str(item[key]) for item in theirs}
    both = [name for name in found if name in others]
    return found | ({ORDER: both} if len(both) > 1 else {})


def _leaves(thing: object, path: _Path = ()) -> Iterator[tuple[_Path, str]]:
    if isinstance(thing, dict | list) and not thing:
        if path[-1] in _EMPTY_SAYS:
            yield path, ""
    elif isinstance(thing, dict):
        for key, inner in thing.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(thing, list):
        plain = all(isinstance(one, str) and ", " not in one for one in thing)
        yield path, ", ".join(thing) if plain else json.dumps(thing, ensure_ascii=False)
    else:
        yield path, thing if isinstance(thing, str) else json.dumps(thing)
