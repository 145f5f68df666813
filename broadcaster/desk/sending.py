"""
Choose, fill in, read the exact words, send: the four decisions, and the same path for every later phase.

The pages hold everything in their own hidden fields, so Back, Reload and a second tab never lose anything. A preview
carries a `submission` that is the Idempotency-Key of its send: however often it is pressed, it is one message. What
was typed or changed tonight, and only that, must be ticked as read before it is sent.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from broadcaster.auth.guard import current_client
from broadcaster.beginning import HELD_PHASES
from broadcaster.board import channel_name
from broadcaster.dependence import Struck
from broadcaster.desk.deciding import deciders, local_of, moment_of, watch_at
from broadcaster.desk.errand import Errand, begun
from broadcaster.desk.exact import impact
from broadcaster.desk.form import FieldErrors, Filled, beside, blanks_shown, hows, missing, read_form
from broadcaster.desk.next_word import chosen_of, offered, proposed
from broadcaster.desk.parts import Desk
from broadcaster.desk.reading import Pair, cards, earlier_of, passed, spoken_of, typed
from broadcaster.desk.states import clock_of
from broadcaster.desk.vocabulary import PHASES
from broadcaster.desk.works import question
from broadcaster.errors import Invalid, NotFound, Refusal, Text
from broadcaster.language import say, t, when
from broadcaster.playbook import Snapshot

Page = str | tuple[str, int] | Response
#: The refusal that may be answered with `again`.
_ALREADY_RUNNING = "already-running"
#: The same words were sent from another page of the same person: they are out, and not once more.
_SENT_BEFORE = "idempotency-key-reused"


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

    @blueprint.get("/desk/incidents/<ref>/nothing-new")
    def nothing_new(ref: str) -> Page:
        return pages.nothing_new(pages.later_errand(ref, "update"))

    @blueprint.post(f"/desk/incidents/<ref>/<any({_later()}):phase>/send")
    def send_later(ref: str, phase: str) -> Page:
        return pages.send(pages.later_errand(ref, phase))


class Sending:
    """The two pages of an errand, and the act itself. `holds`: a playbook's moment to stop it is given."""

    def __init__(self, desk: Desk, *, holds: bool = True) -> None:
        self.desk, self.holds = desk, holds

    def new_errand(self, playbook: str) -> Errand:
        """Return the errand of starting a new incident. Raises `NotFound`."""
        snapshot = self.desk.board.snapshot(playbook)
        start = Filled(
            mode=request.args.get("mode", ""),
            channels=tuple(self.desk.channels_of(snapshot)),
            next_update=self._proposed(snapshot, "first"),
        )
        return Errand(snapshot, PHASES["first"], None, start)

    def later_errand(self, ref: str, phase: str) -> Errand:
        """Return the errand of a later phase of an incident. Raises `NotFound`."""
        situation = self.desk.board.situation(ref)
        snapshot = self.desk.pinned(ref, situation.playbook)
        if phase not in snapshot.phases:
            raise _no_words()
        channels = tuple(self.desk.channels_of(snapshot))
        earlier = earlier_of(self.desk, situation)
        asked = {one.name for one in snapshot.blanks(phase)}
        kept = {name: value for name, value in (earlier.blanks if earlier else {}).items() if name in asked}
        start = Filled(
            mode=situation.mode,
            blanks=kept,
            channels=channels,
            affected=situation.affected,
            next_update=self._proposed(snapshot, phase),
        )
        return Errand(snapshot, PHASES[phase], ref, start, earlier)

    def _proposed(self, snapshot: Snapshot, phase: str) -> str:
        return proposed(self.desk.settings, snapshot, phase, self.desk.store.clock())

    def form(self, errand: Errand) -> Page:
        """Show the form; once posted, show the exact words it makes, or what is wrong with it."""
        if request.method == "GET":
            return self._fill(errand, begun(errand.start, request.args), [])
        filled = self._posted(errand)
        if "change" in request.form:
            return self._fill(errand, filled, [])
        errors = missing(filled)
        if moment_of(filled.decided_at, self.desk.settings.zone) is None:
            errors.append(("decided_at", t("Det är ingen tid som finns.", "There is no such time.")))
        if errors:
            return self._fill(errand, filled, errors), 422
        return self._or_form(errand, filled, lambda: self._preview(errand, filled))

    def nothing_new(self, errand: Errand) -> Page:
        """Show the update that says the same again and when the next comes, ready to be sent with one press.

        The address names the message it comes after: Back and Reload lead to the board once a newer one is there.
        """
        if errand.earlier is None:
            return redirect(errand.action, 303)
        after = str(errand.earlier.count)
        if request.args.get("after") != after:
            known = "after" in request.args
            return redirect(errand.back if known else f"{errand.back}/nothing-new?after={after}", 303)
        filled = errand.start.at_the_latest(self.desk.store.clock())
        return self._or_form(errand, filled, lambda: self._preview(errand, filled))

    def resume(self, errand: Errand, given: MultiDict[str, str]) -> str:
        """Show the form as it was when the session ended. Nothing is sent."""
        filled = replace(read_form(given), again=False)
        filled = filled if errand.incident is None else replace(filled, mode=errand.start.mode)
        return self._fill(errand, filled, [], resumed=True)

    def send(self, errand: Errand) -> Page:
        """Send what the preview showed, once, and go to the live board."""
        filled = self._posted(errand)
        unread = self._unread(errand, filled)
        if unread:
            return self._or_form(errand, filled, lambda: (self._preview(errand, filled, unread=unread), 422))
        body = errand.body(filled) | {"digest": request.form.get("digest") or None}
        key = f"desk-{(request.form.get('submission') or str(uuid4()))[:64]}"
        send = partial(self.desk.broadcasts.send, watched=True) if self.holds else self.desk.broadcasts.send
        try:
            answer = send(body, current_client(), key)
        except Invalid as refused:
            if refused.slug == _SENT_BEFORE and errand.incident is not None:
                return redirect(errand.back, 303)
            return self._fill(errand, filled, beside(refused.fields, refused.detail)), refused.status
        except Refusal as refused:
            error = refused
            return self._or_form(errand, filled, lambda: (self._preview(errand, filled, error), error.status))
        return redirect(f"/desk/incidents/{answer.json['incident']}", 303)

    def _posted(self, errand: Errand) -> Filled:
        filled = read_form(request.form).at_the_latest(self.desk.store.clock())
        filled = replace(filled, decided_at=moment_of(filled.decided_at, self.desk.settings.zone) or filled.decided_at)
        return filled if errand.incident is None else replace(filled, mode=errand.start.mode)

    def _or_form(self, errand: Errand, filled: Filled, show: Callable[[], Page]) -> Page:
        """Show the words, or the form again where there are no words to show."""
        try:
            return show()
        except Invalid as refused:
            return self._fill(errand, filled, beside(refused.fields, refused.detail)), refused.status
        except Refusal as refused:
            return self._fill(errand, filled, [("", say(refused.detail))]), refused.status

    def _unread(self, errand: Errand, filled: Filled) -> FieldErrors:
        """Return what was typed or changed tonight and is not ticked as read."""
        read = request.form.getlist("read")
        return [
            (f"read.{one.name}", t(f"Läs och kryssa i: {one.label}", f"Read and tick: {one.label}"))
            for one in typed(errand.snapshot, errand.phase.key, errand.start, filled)
            if one.name not in read
        ]

    def _fill(self, errand: Errand, filled: Filled, errors: FieldErrors, *, resumed: bool = False) -> str:
        now = self.desk.store.clock()
        filled = filled.at_the_latest(now)
        snapshot, possible = errand.snapshot, self.desk.channels_of(errand.snapshot)
        works = question(snapshot, errand.phase.key, errand.start, filled)
        numbers = [(key, say(of), "") for key, of in snapshot.register_numbers() if key not in works["works_names"]]
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
            filled=filled,
            resumed=resumed,
            earlier=errand.earlier,
            kept=spoken_of(snapshot, errand.phase.key, errand.start.blanks),
            nothing_new=self._nothing_new(errand, now),
            deciders=deciders(self.desk.settings, now),
            decided_local=local_of(filled.decided_at, self.desk.settings.zone),
            all_channels=set(filled.channels) == set(possible),
            errors=errors,
            # Once it is said which it is, no stray touch may turn an exercise into a live incident.
            modes=None if errand.incident or filled.mode in ("live", "drill") else modes(),
            blanks=blanks_shown(snapshot.blanks(errand.phase.key)),
            takes_sentence=errand.phase.key == "update",
            next_words=offered(self.desk.settings, snapshot, errand.phase.key, now),
            **works,
            channels=channels,
            affected=systems + channels + numbers,
            affected_before=errand.start.affected if errand.incident else (),
            hows=hows(),
            switch_form="fill",
        )

    def _nothing_new(self, errand: Errand, now: datetime) -> dict[str, Any] | None:
        """Return when the next message would be promised if nothing is new, and who has the watch then."""
        if errand.phase.key != "update" or errand.earlier is None:
            return None
        due = errand.snapshot.next_due("update", now, chosen_of(errand.start.next_update))
        zone = self.desk.settings.zone
        today = due is not None and due.astimezone(zone).date() == now.astimezone(zone).date()
        said = say(clock_of(due, zone)) if due and today else when(due, zone)
        return {"due": said, "watch": watch_at(self.desk.settings, due) if due else []}

    def _preview(
        self, errand: Errand, filled: Filled, refused: Refusal | None = None, unread: FieldErrors | None = None
    ) -> str:
        snapshot, phase, settings = errand.snapshot, errand.phase.key, self.desk.settings
        body = errand.body(filled)
        shown = self.desk.broadcasts.preview(body, current_client())
        channels = cards(self.desk, snapshot, phase, filled, shown["words"], self._against(errand, filled))
        drill = filled.mode == "drill"
        waits = bool(filled.sentence) or "send" not in current_client().scopes
        keys = [channel["key"] for channel in channels]
        now = self.desk.store.clock()
        old = passed(snapshot, phase, errand.start, filled, errand.earlier.at, now) if errand.earlier else []
        due = snapshot.next_due(phase, now, chosen_of(filled.next_update))
        return render_template(
            "preview.html",
            drill=drill,
            title=say(snapshot.title),
            phase_name=errand.phase.name,
            ref=errand.incident,
            earlier=errand.earlier,
            action=errand.action,
            here_address=errand.action,
            back=errand.back,
            filled=filled,
            shown=channels,
            typed=typed(snapshot, phase, errand.start, filled),
            unknown_again=errand.unknown_again(filled),
            ticked=request.form.getlist("read"),
            passed=old,
            due=due,
            watch=watch_at(settings, due) if due else [],
            impact=impact(keys, snapshot, settings, drill=drill, waits=waits),
            warnings=[Text(sv, en) for sv, en in zip(shown["warnings"], shown["warnings_en"], strict=True)],
            affected_names=names_of(snapshot, filled.affected),
            left_out=[say(channel_name(key)) for key in filled.channels if key not in keys],
            digest=shown["digest"],
            submission=request.form.get("submission") or errand.submission(current_client().id, shown["digest"]),
            repost_fields=filled.pairs(),
            switch_form="change",
            errors=[("", say(refused.detail))] if refused else (unread or []),
            refused=say(refused.title) if refused else None,
            ask_again=refused is not None and refused.slug == _ALREADY_RUNNING,
            running=refused.incident if refused else None,
            waits=waits,
            stop_seconds=snapshot.stop_seconds if self.holds and not waits and phase in HELD_PHASES else 0,
            send_label=_send_label(len(channels), drill, waits),
        )

    def _against(self, errand: Errand, filled: Filled) -> dict[Pair, str]:
        """Return what to set beside the new words: what stands now; at first, what would be said were nothing struck.

        Nothing where those words cannot be made: then the new ones are read alone.
        """
        if errand.earlier is not None:
            return dict(errand.earlier.words)
        if not filled.affected:
            return {}
        try:
            body = errand.body(replace(filled, affected=()))
            whole = self.desk.broadcasts.preview(body, current_client())
        except Refusal:
            return {}
        return {(one["channel"], one["language"]): one["text"] for one in whole["words"]}


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
