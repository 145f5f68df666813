"""
The emergency form as data: what was filled in, the body it makes, and how it travels from page to page.

A form is re-posted whole, so nothing is kept on the server between the pages and the browser's Back always works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from broadcaster.blanks import Blank
from broadcaster.desk.vocabulary import HOWS, ROLE
from broadcaster.errors import FieldError, Text
from broadcaster.language import language, say, t

BLANK = "blank."
#: A row of the question of what works that is a contact; its value is the contact when it is struck.
CONTACT = "works."
#: (name of the input or "", what is wrong)
FieldErrors = list[tuple[str, str]]

_POINTERS = {
    "/decided_by": "decided_name",
    "/decided_by/name": "decided_name",
    "/decided_by/role": "decided_role",
    "/decided_by/how": "decided_how",
}
_WHOLE = ("channels", "affected", "sentence", "next_update", "mode")


@dataclass(frozen=True)
class Filled:
    """What stands in the form. Everything may be empty but `mode`, `channels` and `decided_at` (RFC 3339)."""

    mode: str = ""
    blanks: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    sentence: str = ""
    next_update: str = ""  #: when the next message is promised (RFC 3339); empty: as the playbook says
    decided_name: str = ""
    decided_role: str = ROLE
    decided_how: str = ""
    decided_at: str = ""
    again: bool = False

    def body(self, playbook: str, phase: str, incident: str | None) -> dict[str, Any]:
        """Return the body of `POST previews` and `POST messages` this form asks for."""
        return {
            "playbook": playbook,
            "phase": phase,
            "mode": self.mode,
            "incident": incident,
            "blanks": dict(self.blanks),
            "channels": list(self.channels),
            "affected": list(self.affected),
            "sentence": self.sentence or None,
            "next_update": self.next_update or None,
            "again": self.again,
            "decided_by": self._decided_by(),
        }

    def pairs(self) -> list[tuple[str, str]]:
        """Return the form as the hidden fields that post it again; `again` is asked anew on every page."""
        single = (
            ("mode", self.mode),
            ("sentence", self.sentence),
            ("next_update", self.next_update),
            ("decided_name", self.decided_name),
            ("decided_role", self.decided_role),
            ("decided_how", self.decided_how),
            ("decided_at", self.decided_at),
        )
        return [
            *((name, value) for name, value in single if value),
            *((BLANK + name, value) for name, value in self.blanks.items()),
            *(("channels", key) for key in self.channels),
            *(("affected", key) for key in self.affected),
        ]

    def at_the_latest(self, now: datetime) -> "Filled":
        """Return the form with the decision's time set, if it has none."""
        return self if self.decided_at else replace(self, decided_at=now.isoformat(timespec="seconds"))

    def _decided_by(self) -> dict[str, str | None] | None:
        if not self.decided_name and not self.decided_how:
            return None
        how = self.decided_how or None
        return {"name": self.decided_name, "role": self.decided_role, "at": self.decided_at or None, "how": how}


def read_form(form: MultiDict[str, str]) -> Filled:
    """Return what a posted form says. Nothing is judged here; the engine names all faults at once."""
    blanks = {name.removeprefix(BLANK): form[name].strip() for name in form if name.startswith(BLANK)}
    struck = [form[name] for name in form if name.startswith(CONTACT)]
    return Filled(
        mode=form.get("mode", ""),
        blanks={name: value for name, value in blanks.items() if value},
        channels=tuple(dict.fromkeys(form.getlist("channels"))),
        affected=tuple(dict.fromkeys(value for value in (*form.getlist("affected"), *struck) if value)),
        sentence=" ".join(form.get("sentence", "").split()),
        next_update=form.get("next_update", ""),
        decided_name=form.get("decided_name", "").strip(),
        decided_role=form.get("decided_role", ROLE).strip(),
        decided_how=form.get("decided_how", "").strip(),
        decided_at=form.get("decided_at", ""),
        again=form.get("again") == "true",
    )


def missing(filled: Filled) -> FieldErrors:
    """Return what the form itself must have before the engine can be asked."""
    errors: FieldErrors = []
    if filled.mode not in ("live", "drill"):
        errors.append(("mode", t("Välj om det är på riktigt eller en övning.", "Choose for real or an exercise.")))
    if not filled.channels:
        errors.append(("channels", t("Välj minst en kanal.", "Choose at least one channel.")))
    if filled.decided_how and not filled.decided_name:
        words = t("Skriv vem som bestämde, eller välj Inte angivet.", "Write who decided, or choose Not stated.")
        errors.append(("decided_name", words))
    return errors


def beside(fields: Sequence[FieldError], detail: Text) -> FieldErrors:
    """Return the engine's faults by the input they belong to; its own words when it names no field."""
    found = [(_input_of(fault.pointer), say(fault.message)) for fault in fields]
    return list(dict.fromkeys(found)) or [("", say(detail))]


def blanks_shown(blanks: Sequence[Blank]) -> list[dict[str, Any]]:
    """Return the blanks as the template shows them: help, example, and what is said when nobody knows."""
    return [_shown(blank) for blank in blanks]


def hows() -> list[tuple[str, str]]:
    """Return the ways a decision can reach the one who publishes."""
    return [(key, say(words)) for key, words in HOWS]


def _shown(blank: Blank) -> dict[str, Any]:
    chosen = [(key, say(words)) for key, words in blank.choices]
    unknown = blank.unknown.get(language()) or blank.unknown.get("sv", "")
    kinds = {"phone": "tel", "link": "url"}
    return {
        "name": blank.name,
        "label": say(blank.label),
        "help": say(blank.help),
        "example": "" if chosen or blank.type == "time" else blank.examples[0],
        "unknown": unknown,
        "unknown_language": language() if blank.unknown.get(language()) else "sv",
        "options": chosen,
        "maxlength": blank.max_length,
        "type": "datetime-local" if blank.type == "time" else "text",
        "inputmode": kinds.get(blank.type),
    }


def _input_of(pointer: str) -> str:
    if pointer in _POINTERS:
        return _POINTERS[pointer]
    parts = pointer.strip("/").split("/")
    if parts[0] == "blanks" and len(parts) > 1:
        return BLANK + parts[1]
    return parts[0] if parts[0] in _WHOLE else ""
