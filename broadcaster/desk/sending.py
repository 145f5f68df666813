"""
Choose, fill in, read the exact words, send: the four decisions, and the same path for every later phase.

The pages hold everything in their own hidden fields, so Back, Reload and a second tab never lose anything. A preview
carries a `submission` that is the Idempotency-Key of its send: however often it is pressed, it is one message.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from broadcaster.auth.guard import current_client
from broadcaster.board import channel_name
from broadcaster.dependence import Struck
from broadcaster.desk.form import FieldErrors, Filled, beside, blanks_shown, hows, missing, read_form
from broadcaster.desk.parts import Desk, by_channel
from broadcaster.desk.vocabulary import PHASES, Phase
from broadcaster.errors import Invalid, NotFound, Refusal, Text
from broadcaster.language import say, t
from broadcaster.playbook import Snapshot

Page = str | tuple[str, int] | Response
#: The refusal that may be answered with `again`.
_ALREADY_RUNNING = "already-running"


@dataclass(frozen=True)
class Errand:
    """What is being written: which phase, in which words, of which incident (None: a new one)."""

    snapshot: Snapshot
    phase: Phase
    incident: str | None
    start: Filled

    @property
    def action(self) -> str:
        """The address of the form; its words are sent to `{action}/send`."""
        if self.incident is None:
            return f"/desk/new/{self.snapshot.id}"
        return f"/desk/incidents/{self.incident}/{self.phase.key}"

    @property
    def back(self) -> str:
        """Where somebody who changes their mind goes."""
        return "/desk" if self.incident is None else f"/desk/incidents/{self.incident}"

    def body(self, filled: Filled) -> dict[str, Any]:
        """Return the request that `filled` makes."""
        return filled.body(self.snapshot.id, self.phase.key, self.incident)


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the pages of a new incident and of every later phase."""
    pages = Sending(desk)

    @blueprint.route("/desk/new/<playbook>", methods=["GET", "POST"])
    def new(playbook: str) -> Page:
        return pages.form(pages.new_errand(playbook))

    @blueprint.post("/desk/new/<playbook>/send")
    def send_new(playbook: str) -> Page:
        return pages.send(pages.new_errand(playbook))

    @blueprint.route(f"/desk/incidents/<ref>/<any({_later()}):phase>", methods=["GET", "POST"])
    def later(ref: str, phase: str) -> Page:
        return pages.form(pages.later_errand(ref, phase))

    @blueprint.post(f"/desk/incidents/<ref>/<any({_later()}):phase>/send")
    def send_later(ref: str, phase: str) -> Page:
        return pages.send(pages.later_errand(ref, phase))


class Sending:
    """The two pages of an errand, and the act itself."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def new_errand(self, playbook: str) -> Errand:
        """Return the errand of starting a new incident. Raises `NotFound`."""
        snapshot = self.desk.board.snapshot(playbook)
        start = Filled(mode=request.args.get("mode", ""), channels=tuple(self.desk.channels_of(snapshot)))
        return Errand(snapshot, PHASES["first"], None, start)

    def later_errand(self, ref: str, phase: str) -> Errand:
        """Return the errand of a later phase of an incident. Raises `NotFound`."""
        situation = self.desk.board.situation(ref)
        snapshot = self.desk.pinned(ref, situation.playbook)
        if phase not in snapshot.phases:
            raise _no_words()
        channels = tuple(self.desk.channels_of(snapshot))
        start = Filled(mode=situation.mode, channels=channels, affected=situation.affected)
        return Errand(snapshot, PHASES[phase], ref, start)

    def form(self, errand: Errand) -> Page:
        """Show the form; once posted, show the exact words it makes, or what is wrong with it."""
        if request.method == "GET":
            return self._fill(errand, _begun(errand.start, request.args), [])
        filled = self._posted(errand)
        if "change" in request.form:
            return self._fill(errand, filled, [])
        errors = missing(filled)
        if errors:
            return self._fill(errand, filled, errors), 422
        return self._or_form(errand, filled, lambda: self._preview(errand, filled))

    def send(self, errand: Errand) -> Page:
        """Send what the preview showed, once, and go to the live board."""
        filled = self._posted(errand)
        body = errand.body(filled) | {"digest": request.form.get("digest") or None}
        key = f"desk-{(request.form.get('submission') or str(uuid4()))[:64]}"
        try:
            answer = self.desk.broadcasts.send(body, current_client(), key)
        except Invalid as refused:
            return self._fill(errand, filled, beside(refused.fields, refused.detail)), refused.status
        except Refusal as refused:
            error = refused
            return self._or_form(errand, filled, lambda: (self._preview(errand, filled, error), error.status))
        return redirect(f"/desk/incidents/{answer.json['incident']}", 303)

    def _posted(self, errand: Errand) -> Filled:
        filled = read_form(request.form).at_the_latest(self.desk.store.clock())
        return filled if errand.incident is None else replace(filled, mode=errand.start.mode)

    def _or_form(self, errand: Errand, filled: Filled, show: Callable[[], Page]) -> Page:
        """Show the words, or the form again where there are no words to show."""
        try:
            return show()
        except Invalid as refused:
            return self._fill(errand, filled, beside(refused.fields, refused.detail)), refused.status
        except Refusal as refused:
            return self._fill(errand, filled, [("", say(refused.detail))]), refused.status

    def _fill(self, errand: Errand, filled: Filled, errors: FieldErrors) -> str:
        snapshot, possible = errand.snapshot, self.desk.channels_of(errand.snapshot)
        numbers = [(key, say(name), "") for key, name in snapshot.register_numbers()]
        follows = ((one, _follows(one, possible)) for one in snapshot.systems())
        systems = [(one.key, say(one.name), said) for one, said in follows if said]
        channels = [(key, say(channel_name(key)), "") for key in possible]
        return render_template(
            "fill.html",
            drill=filled.mode == "drill",
            title=say(snapshot.title),
            phase_name=errand.phase.name,
            phase_help=errand.phase.help,
            ref=errand.incident,
            action=errand.action,
            back=errand.back,
            filled=filled.at_the_latest(self.desk.store.clock()),
            all_channels=set(filled.channels) == set(possible),
            errors=errors,
            modes=modes() if errand.incident is None else None,
            blanks=blanks_shown(snapshot.blanks(errand.phase.key)),
            takes_sentence=errand.phase.key == "update",
            channels=channels,
            affected=systems + channels + numbers,
            hows=hows(),
            switch_form="fill",
        )

    def _preview(self, errand: Errand, filled: Filled, refused: Refusal | None = None) -> str:
        shown = self.desk.broadcasts.preview(errand.body(filled), current_client())
        channels = by_channel(shown["words"])
        drill = filled.mode == "drill"
        waits = bool(filled.sentence) or "send" not in current_client().scopes
        return render_template(
            "preview.html",
            drill=drill,
            title=say(errand.snapshot.title),
            phase_name=errand.phase.name,
            ref=errand.incident,
            action=errand.action,
            back=errand.back,
            filled=filled,
            shown=channels,
            warnings=[Text(sv, en) for sv, en in zip(shown["warnings"], shown["warnings_en"], strict=True)],
            affected_names=names_of(errand.snapshot, filled.affected),
            digest=shown["digest"],
            submission=request.form.get("submission") or str(uuid4()),
            repost_fields=filled.pairs(),
            switch_form="change",
            errors=[("", say(refused.detail))] if refused else [],
            refused=say(refused.title) if refused else None,
            ask_again=refused is not None and refused.slug == _ALREADY_RUNNING,
            waits=waits,
            send_label=_send_label(len(channels), drill, waits),
        )


def names_of(snapshot: Snapshot, keys: tuple[str, ...]) -> list[str]:
    """Return what is affected, as people call it, and what goes down with each system of it."""
    numbers, systems = dict(snapshot.register_numbers()), {one.key: one for one in snapshot.systems()}
    names: list[Text] = []
    for key in keys:
        if key in systems:
            one = systems[key]
            names += [one.name, *one.contacts, *(channel_name(channel) for channel in one.channels)]
        else:
            names.append(numbers.get(key) or channel_name(key))
    return list(dict.fromkeys(say(name) for name in names))


def _follows(system: Struck, possible: Collection[str]) -> str:
    """Return what goes down with a system, for whoever ticks it; nothing if nothing does."""
    channels = (channel_name(key) for key in system.channels if key in possible)
    names = ", ".join(say(name) for name in (*system.contacts, *channels))
    return names and t(f"– drar med sig: {names}", f"– takes with it: {names}")


def _begun(start: Filled, given: MultiDict[str, str]) -> Filled:
    """Return `start` with what the address already says: somebody signed in again halfway, or followed a link."""
    asked = read_form(given)
    return replace(
        start,
        blanks=asked.blanks,
        channels=tuple(key for key in asked.channels if key in start.channels) or start.channels,
        affected=asked.affected or start.affected,
        sentence=asked.sentence,
    )


def _send_label(count: int, drill: bool, waits: bool) -> str:
    if waits:
        return t("Be en annan person säga ja", "Ask another person to say yes")
    where = t("kanal" if count == 1 else "kanaler", "channel" if count == 1 else "channels")
    if drill:
        return t(f"Öva nu i {count} {where}", f"Exercise now in {count} {where}")
    return t(f"Skicka nu till {count} {where}", f"Send now to {count} {where}")


def modes() -> list[tuple[str, str, str]]:
    """Return the two modes, as they are offered."""
    return [
        ("live", t("På riktigt", "For real"), t("– når allmänheten", "– reaches the public")),
        ("drill", t("ÖVNING", "EXERCISE"), t("– inget lämnar huset", "– nothing leaves the house")),
    ]


def _later() -> str:
    return ", ".join(key for key in PHASES if key != "first")


def _no_words() -> NotFound:
    return NotFound(
        "no-such-phase",
        Text(
            "Krismallen har inga ord för det här skedet. Inget har skickats. Gå till händelsen och välj ett annat.",
            "The playbook has no words for this phase. Nothing has been sent. Go to the incident and choose another.",
        ),
    )
