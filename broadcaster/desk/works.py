"""The question "what works, what does not?": one row per service, one press a row, nothing to type."""

from dataclasses import dataclass
from typing import Any

from broadcaster.blanks import FAILING, WORKING, Blank
from broadcaster.desk.form import BLANK, CONTACT, Filled
from broadcaster.errors import Text
from broadcaster.language import say
from broadcaster.playbook import Snapshot

_UNKNOWN = Text("Vet inte än", "Not known yet")
_WORKS = Text("Fungerar", "Works")
_FAILS = Text("Fungerar inte", "Does not work")
_FOLLOWS = Text("Drabbat av något annat du har kryssat i.", "Struck by something else that you have ticked.")
_SIGNS = {WORKING: "✓", FAILING: "×"}


@dataclass(frozen=True)
class Row:
    """One service. `answers` are the value, the words and a sign for each; `said` is the last message's answer."""

    name: str
    label: str
    help: str
    value: str
    said: str
    answers: tuple[tuple[str, str, str], ...]


def question(snapshot: Snapshot, phase: str, start: Filled, filled: Filled) -> dict[str, Any]:
    """Return the question as the page of a phase shows it: its rows, the blank it stands before, all it asks of.

    A phase whose words ask of no such blank has no question, and its contacts are marked as everywhere else.
    """
    asked = {one.name: one for one in snapshot.blanks(phase)}
    blanks = [name for name in snapshot.works if name in asked]
    if not blanks:
        return {"works_rows": (), "works_before": None, "works_names": frozenset()}
    contacts = dict(snapshot.register_numbers())
    down = snapshot.struck(phase, filled.affected)
    rows = [
        _of_blank(asked[name], start, filled)
        if name in asked
        else _of_contact(name, contacts[name], start, filled, name in down)
        for name in snapshot.works
        if name in asked or name in contacts
    ]
    first = next(name for name in asked if name in blanks)
    return {"works_rows": rows, "works_before": first, "works_names": frozenset(snapshot.works)}


def _of_blank(blank: Blank, start: Filled, filled: Filled) -> Row:
    words = {WORKING: say(_WORKS), FAILING: say(_FAILS)}
    answers = ("", say(_UNKNOWN), ""), *((key, said, _SIGNS[key]) for key, said in words.items())
    said = words.get(start.blanks.get(blank.name, ""), "")
    value = filled.blanks.get(blank.name, "")
    return Row(BLANK + blank.name, say(blank.label), "", value, said, answers)


def _of_contact(key: str, name: Text, start: Filled, filled: Filled, down: bool) -> Row:
    """Return the row of a contact. The texts send people there until it is struck, so it has no third answer."""
    follows = say(_FOLLOWS) if down and key not in filled.affected else ""
    answers = ("", say(_WORKS), _SIGNS[WORKING]), (key, say(_FAILS), _SIGNS[FAILING])
    said = say(_FAILS) if key in start.affected else ""
    return Row(CONTACT + key, say(name), follows, key if key in filled.affected else "", said, answers)
