"""
One change of a playbook's words, from what somebody wrote in a form to a version that is kept.

Two may write at once. Each field is held against what its writer began from: what only one of them changed is taken
from that one, and what both changed is asked about. Nothing that was written is thrown away.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from broadcaster import amendment
from broadcaster.errors import Conflict, Text, Unsound
from broadcaster.playbook import Snapshot
from broadcaster.rewriting import Path, Value, rewritten, values
from broadcaster.shelf import Standing, Version
from broadcaster.store import Transaction


@dataclass(frozen=True)
class Draft:
    """What was written, not kept yet. `base` is the version it changes, `mark` names that one's text.

    `written` are all fields as they would be kept, `text` the whole file. `snapshot` is None where `faults` say why.
    `theirs` are the fields that somebody else changed too meanwhile, as that one wrote them.
    """

    base: Version
    mark: str
    written: Mapping[Path, str]
    text: bytes
    snapshot: Snapshot | None
    faults: tuple[Unsound, ...]
    theirs: Mapping[Path, str]

    @property
    def changed(self) -> bool:
        """Whether anything differs from the version it changes."""
        now = values(self.base.text)
        return any(said != _shown(now[path]) for path, said in self.written.items())


def mark_of(text: bytes) -> str:
    """Return what a form carries to say which text it shows."""
    return hashlib.sha256(text).hexdigest()


def draft(
    transaction: Transaction, standing: Standing, base: Version, begun: str, posted: Mapping[Path, str], editor: str
) -> Draft:
    """Return what `posted` makes of `base`, the newest version, by a writer who began from the text marked `begun`."""
    now, then = values(base.text), _begun(transaction, standing, base, begun)
    written, theirs = dict[Path, str](), dict[Path, str]()
    for path, said in posted.items():
        mine, newest, old = _tidy(said), _shown(now[path]), _shown(then[path]) if path in then else None
        written[path] = newest if mine == old else mine
        if mine not in (old, newest) and newest != old:
            theirs[path] = newest
    number = amendment.next_version(transaction, base.playbook, base.number)
    changes: dict[Path, Value] = {path: _kept(said, now[path]) for path, said in written.items()}
    faults = [_not_a_number(path) for path, value in changes.items() if isinstance(now[path], int) and value == -1]
    try:
        text = rewritten(base.text, {**changes, ("version",): number, ("editor",): editor})
    except ValueError as error:
        raise Conflict("not-to-be-followed", _NOT_FOLLOWED) from error
    snapshot, found = standing.prove(base.playbook, text)
    faults += [fault for fault in found if not (faults and fault.key == faults[0].key)]
    return Draft(base, mark_of(base.text), written, text, None if faults else snapshot, tuple(faults), theirs)


def keep(transaction: Transaction, made: Draft) -> None:
    """Keep a draft as a new version. Raises `Conflict` for one that changes nothing or cannot be used."""
    if made.snapshot is None or not made.changed:
        raise Conflict("nothing-to-keep", _NOTHING)
    base = made.base.made or made.base.snapshot
    amendment.propose(transaction, made.snapshot, made.text, base.digest if base else "")


def check_nobody_came_between(made: Draft) -> None:
    """Raise `Conflict` if somebody changed the same words meanwhile."""
    if made.theirs:
        raise Conflict("version-taken", amendment.TAKEN)


def _begun(transaction: Transaction, standing: Standing, base: Version, begun: str) -> Mapping[Path, Value]:
    """Return the values of the text a writer began from; nothing where it is known no more."""
    file = standing.file(base.playbook)
    if begun == mark_of(base.text):
        return values(base.text)
    known = [file.text if file else b"", *amendment.texts(transaction, base.playbook)]
    return next((values(text) for text in known if mark_of(text) == begun), {})


def _tidy(said: str) -> str:
    return said.replace("\r\n", "\n").replace("\r", "\n").strip()


def _shown(value: Value) -> str:
    return str(value).strip()


def _kept(said: str, before: Value) -> Value:
    """Return what is written to the file: a text keeps the line breaks around the one it replaces."""
    if isinstance(before, int):
        return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else -1
    if said == before.strip() or not before.strip():
        return before if said == before.strip() else said
    ends = len(before.rstrip())
    return f"{before[: len(before) - len(before.lstrip())]}{said}{before[ends:]}" if said else ""


def _not_a_number(path: Path) -> Unsound:
    words = Text("är inget helt tal; skriv det i siffror", "is no whole number; write it in digits")
    return Unsound("", 0, words, ".".join(path))


_NOT_FOLLOWED = Text(
    "Krismallens fil är skriven på ett sätt som inte går att ändra här. Inget har ändrats. "
    "Be den som sköter tjänsten att ändra i filen.",
    "The playbook's file is written in a way that cannot be changed here. Nothing has been changed. "
    "Ask whoever runs the service to change the file.",
)
_NOTHING = Text(
    "Det finns inget nytt att spara. Ändra något först, och rätta det som är markerat.",
    "There is nothing new to save. Change something first, and mend what is marked.",
)
