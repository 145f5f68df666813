"""
The form for what was done by hand as data: what stands in it, the body it makes, and what is wrong with it.

It is the emergency form with more around it: which words stood on the paper, when and by whom they were published, and
for each place what became of it. Times are typed as the clock on the wall showed them; an hour that came twice that
night is asked about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from broadcaster import moments
from broadcaster.board import channel_name
from broadcaster.desk.form import FieldErrors, Filled, beside, read_form
from broadcaster.errors import FieldError
from broadcaster.language import name_of, say, t

Pair = tuple[str, str]
OWN_PAGE = "own_web"
#: Which of the two hours with the same name, as `datetime.fold` counts them.
_FOLDS = {"summer": 0, "winter": 1}
_SINGLE = ("version", "done_at", "which", "done_by", "paper_number", "changed")
_POINTERS = {"/playbook_digest": "version", "/channels": ""} | {f"/{name}": name for name in _SINGLE}


@dataclass(frozen=True)
class Place:
    """What stands in the form about one channel in one language."""

    what: str = ""
    url: str = ""
    at: str = ""


@dataclass(frozen=True)
class Paperwork:
    """What stands in the form. `version` is a digest; times are local, as a browser writes them."""

    filled: Filled
    version: str = ""
    done_at: str = ""
    which: str = ""
    done_by: str = ""
    paper_number: str = ""
    changed: str = ""
    places: Mapping[Pair, Place] = field(default_factory=dict)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the form as the hidden fields that post it again."""
        single = [(name, getattr(self, name)) for name in _SINGLE]
        placed = [
            (f"{name}.{channel}.{language}", value)
            for (channel, language), one in self.places.items()
            for name, value in (("what", one.what), ("url", one.url), ("at", one.at))
        ]
        return [*self.filled.pairs(), *((name, value) for name, value in single + placed if value)]

    def is_twice(self, zone: ZoneInfo) -> bool:
        """Tell whether any of the times came twice that night, so that somebody has to say which one is meant."""
        times = [self.done_at, *(one.at for one in self.places.values())]
        read = [moments.canonical(one, zone) for one in times if one]
        return any(moments.is_twice(datetime.fromisoformat(one).replace(tzinfo=zone)) for one in read if one)

    def body(
        self, playbook: str, phase: str, incident: str | None, zone: ZoneInfo, now: datetime
    ) -> tuple[dict[str, Any], FieldErrors]:
        """Return the request this form makes, and what the form itself lacks; then the body has something instead."""
        errors: FieldErrors = []
        done_at = self._time("done_at", self.done_at, zone, errors)
        if not self.done_by:
            errors.append(("done_by", t("Skriv vem som lade ut det.", "Write who published it.")))
        channels = [
            {
                "channel": channel,
                "language": language,
                "what": one.what or "leave",
                "url": (one.url or None) if one.what == "done" else None,
                "at": self._place_time((channel, language), one, zone, errors),
            }
            for (channel, language), one in self.places.items()
        ]
        errors += [(f"what.{a}.{b}", _unanswered(a, b)) for (a, b), one in self.places.items() if not one.what]
        filled = self.filled.body(playbook, phase, incident)
        shared = {name: filled[name] for name in ("playbook", "phase", "mode", "incident", "blanks", "affected")}
        return {
            **shared,
            "again": self.filled.again,
            "decided_by": filled["decided_by"],
            "playbook_digest": self.version,
            "done_at": (done_at or now).isoformat(),
            "done_by": self.done_by or "–",
            "paper_number": self.paper_number or None,
            "changed": self.changed or None,
            "channels": channels,
        }, errors

    def errors(self, faults: Sequence[FieldError], body: Mapping[str, Any]) -> FieldErrors:
        """Return the engine's faults by the input they belong to."""
        found: FieldErrors = []
        for fault in faults:
            parts = fault.pointer.strip("/").split("/")
            if parts[0] == "channels" and len(parts) > 1:
                one = body["channels"][int(parts[1])]
                name = parts[2] if len(parts) > 2 and parts[2] in ("url", "at") else "what"
                found.append((f"{name}.{one['channel']}.{one['language']}", say(fault.message)))
            elif fault.pointer in _POINTERS:
                found.append((_POINTERS[fault.pointer], say(fault.message)))
            else:
                found.extend(beside([fault], fault.message))
        return list(dict.fromkeys(found))

    def _place_time(self, pair: Pair, one: Place, zone: ZoneInfo, errors: FieldErrors) -> str | None:
        if one.what != "done" or not one.at:
            return None
        at = self._time(f"at.{pair[0]}.{pair[1]}", one.at, zone, errors)
        return at.isoformat() if at else None

    def _time(self, name: str, typed: str, zone: ZoneInfo, errors: FieldErrors) -> datetime | None:
        read = moments.canonical(typed, zone) if typed else None
        if read is None:
            words = t(
                "Skriv dag och klockslag, så som klockan visade.", "Write the day and the time, as the clock showed it."
            )
            errors.append((name, words))
            return None
        local = datetime.fromisoformat(read).replace(tzinfo=zone)
        if moments.is_twice(local):
            if self.which not in _FOLDS:
                words = t(
                    "Klockan visade den tiden två gånger den natten. Välj vilken av dem.",
                    "The clock showed that time twice that night. Choose which of them.",
                )
                errors.append(("which", words))
            local = local.replace(fold=_FOLDS.get(self.which, 0))
        return local


def read_paperwork(form: MultiDict[str, str], places: Sequence[Pair]) -> Paperwork:
    """Return what a posted form says of these places. Our own page has one answer only, so it is not asked for."""
    single = {name: " ".join(form.get(name, "").split()) for name in _SINGLE}
    return Paperwork(read_form(form), **single, places={pair: _place(form, pair) for pair in places})


def _place(form: MultiDict[str, str], pair: Pair) -> Place:
    end = f"{pair[0]}.{pair[1]}"
    what = "send" if pair[0] == OWN_PAGE else form.get(f"what.{end}", "")
    return Place(what, form.get(f"url.{end}", "").strip(), form.get(f"at.{end}", "").strip())


def _unanswered(channel: str, tag: str) -> str:
    where = f"{say(channel_name(channel))}, {name_of(tag)}"
    return t(f"{where}: svara vad som hände där.", f"{where}: answer what happened there.")
