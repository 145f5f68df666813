"""
Enter afterwards what was done by hand: choose what it was, fill in, read what will be logged and what is sent now.

As on the emergency form, the pages hold everything in their own hidden fields and one press is one message.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster import by_hand, hand_made, verdicts
from broadcaster.auth.guard import current_client
from broadcaster.board import channel_name
from broadcaster.desk.form import FieldErrors, Filled, blanks_shown, hows, missing
from broadcaster.desk.paperwork import OWN_PAGE, Pair, Paperwork, Place, read_paperwork
from broadcaster.desk.parts import Desk, by_channel
from broadcaster.desk.sending import modes, names_of
from broadcaster.desk.vocabulary import PHASES, Phase
from broadcaster.errors import Invalid, NotFound, Refusal, Text
from broadcaster.language import say, t
from broadcaster.playbook import Snapshot
from broadcaster.proof import load_snapshot
from broadcaster.request import ByHandRequest, read
from broadcaster.settings import Facebook, Manual

Page = str | tuple[str, int] | Response
_ALREADY_RUNNING = "already-running"
#: After these the incident is over.
_ENDING = ("false_alarm", "all_clear")


@dataclass(frozen=True)
class Sheet:
    """What is being entered: which phase, in the words of which paper, of which incident (None: a new one)."""

    snapshot: Snapshot
    phase: Phase
    incident: str | None
    mode: str
    affected: tuple[str, ...]
    versions: Sequence[by_hand.Version]
    places: tuple[Pair, ...]

    @property
    def action(self) -> str:
        """The address of the form; it is entered at `{action}/enter`."""
        tail = f"new/{self.snapshot.id}" if self.incident is None else f"{self.incident}/{self.phase.key}"
        return f"/desk/by-hand/{tail}"


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the choice, the form and the reading of it."""
    pages = ByHand(desk)

    @blueprint.get("/desk/by-hand")
    def by_hand_choice() -> Page:
        return pages.choice()

    @blueprint.route("/desk/by-hand/new/<playbook>", methods=["GET", "POST"])
    def by_hand_new(playbook: str) -> Page:
        return pages.form(pages.new_sheet(playbook))

    @blueprint.post("/desk/by-hand/new/<playbook>/enter")
    def enter_new(playbook: str) -> Page:
        return pages.enter(pages.new_sheet(playbook))

    later = ", ".join(key for key in PHASES if key != "first")

    @blueprint.route(f"/desk/by-hand/<ref>/<any({later}):phase>", methods=["GET", "POST"])
    def by_hand_later(ref: str, phase: str) -> Page:
        return pages.form(pages.later_sheet(ref, phase))

    @blueprint.post(f"/desk/by-hand/<ref>/<any({later}):phase>/enter")
    def enter_later(ref: str, phase: str) -> Page:
        return pages.enter(pages.later_sheet(ref, phase))


class ByHand:
    """The pages. Only a signed-in person who may send gets to see any of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.playbooks = desk.broadcasts.playbooks

    def choice(self) -> Page:
        """Show what can be entered: a later message of what is going on, or the first of something new."""
        verdicts.check_person(current_client())
        board = self.desk.board
        found = [board.situation(item["ref"]) for item in board.incidents(state="open", limit=50)["items"]]
        running = [
            {
                "ref": one.ref,
                "mode": one.mode,
                "title": say(self.desk.title_of(one.playbook)),
                "phases": [PHASES[phase] for phase in one.phases if phase in PHASES],
            }
            for one in found
        ]
        books = [{"id": one.id, "title": say(one.title)} for one in self.playbooks.all()]
        return render_template("by_hand.html", running=running, books=sorted(books, key=lambda one: one["title"]))

    def new_sheet(self, playbook: str) -> Sheet:
        """Return the sheet of a new incident. Raises `NotFound`."""
        return self._sheet(self.desk.board.snapshot(playbook), "first", None, "", ())

    def later_sheet(self, ref: str, phase: str) -> Sheet:
        """Return the sheet of a later phase of an incident. Raises `NotFound`."""
        situation = self.desk.board.situation(ref)
        snapshot = self.desk.pinned(ref, situation.playbook)
        if phase not in snapshot.phases:
            raise _no_words()
        return self._sheet(snapshot, phase, ref, situation.mode, situation.affected)

    def form(self, sheet: Sheet) -> Page:
        """Show the form; once posted, what it comes to, or all that is wrong with it."""
        if request.method == "GET":
            return self._fill(sheet, self._begun(sheet), [])
        work = self._posted(sheet)
        if "change" in request.form:
            return self._fill(sheet, work, [])
        return self._reviewed(sheet, work, None)

    def enter(self, sheet: Sheet) -> Page:
        """Enter what the review showed, once, and go to the live board."""
        work = self._posted(sheet)
        body, errors = self._body(sheet, work)
        if errors:
            return self._fill(sheet, work, errors), 422
        key = f"desk-{(request.form.get('submission') or str(uuid4()))[:64]}"
        try:
            answer = self.desk.broadcasts.enter_by_hand(body, current_client(), key)
        except Invalid as refused:
            return self._fill(sheet, work, work.errors(refused.fields, body)), refused.status
        except Refusal as refused:
            return self._reviewed(sheet, work, refused)
        return redirect(f"/desk/incidents/{answer.json['incident']}", 303)

    def _sheet(
        self, snapshot: Snapshot, phase: str, incident: str | None, mode: str, affected: tuple[str, ...]
    ) -> Sheet:
        """Return the sheet in the words of the version that was chosen, where one was."""
        verdicts.check_person(current_client())
        chosen = request.form.get("version") or request.args.get("version")
        with self.desk.store.reading() as transaction:
            versions = by_hand.versions(transaction, self.playbooks, snapshot.id)
            if chosen in [one.digest for one in versions] and chosen != snapshot.digest:
                snapshot = load_snapshot(transaction, chosen or snapshot.digest)
        if phase not in snapshot.phases:
            raise _no_words()
        places = tuple(
            (channel, language)
            for channel in self.desk.channels_of(snapshot)
            for language in snapshot.languages_of(channel, phase)
        )
        return Sheet(snapshot, PHASES[phase], incident, mode, affected, versions, places)

    def _begun(self, sheet: Sheet) -> Paperwork:
        filled = Filled(mode=sheet.mode or request.args.get("mode", "live"), affected=sheet.affected)
        places = {pair: Place("send" if pair[0] == OWN_PAGE else "") for pair in sheet.places}
        return Paperwork(filled, sheet.snapshot.digest, done_by=current_client().name, places=places)

    def _posted(self, sheet: Sheet) -> Paperwork:
        work = read_paperwork(request.form, sheet.places)
        channels = tuple(dict.fromkeys(channel for channel, _ in sheet.places))
        filled = replace(work.filled, channels=channels)
        return replace(work, filled=replace(filled, mode=sheet.mode) if sheet.incident else filled)

    def _body(self, sheet: Sheet, work: Paperwork) -> tuple[dict[str, Any], FieldErrors]:
        zone, now = self.desk.settings.zone, self.desk.store.clock()
        struck = {pair: Place("leave") for pair in work.places if pair[0] in work.filled.affected}
        asked = replace(work, places={**work.places, **struck})
        body, errors = asked.body(sheet.snapshot.id, sheet.phase.key, sheet.incident, zone, now)
        return body, missing(work.filled) + errors

    def _reviewed(self, sheet: Sheet, work: Paperwork, refused: Refusal | None) -> Page:
        """Show what an entry comes to, or the form with everything that is wrong."""
        body, errors = self._body(sheet, work)
        told = {name for name, _ in errors}
        try:
            return self._review(sheet, work, body, errors, refused)
        except Invalid as wrong:
            # Where the form had nothing to give, the engine judged a stand-in: that is said already.
            more = [one for one in work.errors(wrong.fields, body) if one[0] not in told and (one[0] or not told)]
            return self._fill(sheet, work, [*errors, *more]), 422
        except Refusal as wrong:
            return self._fill(sheet, work, [*errors, ("", say(wrong.detail))]), wrong.status

    def _fill(self, sheet: Sheet, work: Paperwork, errors: FieldErrors) -> str:
        snapshot, zone = sheet.snapshot, self.desk.settings.zone
        channels = [(key, say(channel_name(key)), "") for key in self.desk.channels_of(snapshot)]
        return render_template(
            "by_hand_fill.html",
            drill=work.filled.mode == "drill",
            title=say(snapshot.title),
            phase_name=sheet.phase.name,
            ref=sheet.incident,
            action=sheet.action,
            work=work,
            filled=work.filled,
            errors=errors,
            modes=modes() if sheet.incident is None else None,
            versions=[(one.digest, _version_words(one)) for one in sheet.versions],
            twice=work.is_twice(zone) or any(name == "which" for name, _ in errors),
            whiches=_whiches(),
            blanks=blanks_shown(snapshot.blanks(sheet.phase.key)),
            affected=channels + [(key, say(name), "") for key, name in snapshot.register_numbers()],
            places=[_place_shown(pair, work.places[pair]) for pair in sheet.places],
            whats=_whats(),
            hows=hows(),
            switch_form="fill",
        )

    def _review(
        self, sheet: Sheet, work: Paperwork, body: dict[str, Any], errors: FieldErrors, refused: Refusal | None
    ) -> Page:
        asked = read(ByHandRequest, body)
        desk = self.desk
        with desk.store.reading() as transaction:
            planned = by_hand.plan(transaction, self.playbooks, desk.settings, asked)
            shown = by_hand.words(transaction, planned, desk.settings, desk.broadcasts.proof, asked.done_at)
        if errors:
            return self._fill(sheet, work, errors), 422
        sent_now = [one for one in shown if planned.whats[one["channel"], one["language"]].what == "send"]
        page = render_template(
            "by_hand_review.html",
            drill=work.filled.mode == "drill",
            title=say(sheet.snapshot.title),
            phase_name=sheet.phase.name,
            ref=sheet.incident,
            action=sheet.action,
            asked=asked,
            done=self._answered(asked, shown, "done"),
            sent=self._answered(asked, shown, "send"),
            left=self._answered(asked, shown, "leave"),
            affected_names=names_of(sheet.snapshot, work.filled.affected),
            ends=sheet.phase.key in _ENDING,
            shown=by_channel(sent_now),
            submission=request.form.get("submission") or str(uuid4()),
            repost_fields=work.pairs(),
            switch_form="change",
            errors=[("", say(refused.detail))] if refused else [],
            refused=say(refused.title) if refused else None,
            ask_again=refused is not None and refused.slug == _ALREADY_RUNNING,
        )
        return (page, refused.status) if refused else page

    def _answered(self, asked: ByHandRequest, shown: Sequence[dict[str, str]], what: str) -> list[dict[str, Any]]:
        """Return the places with this answer, each with what follows from it."""
        said = {(one["channel"], one["language"]) for one in shown}
        return [
            {
                "name": say(channel_name(one.channel)),
                "language": one.language,
                "url": one.url,
                "at": one.at or asked.done_at,
                "note": say(self._follows(one.channel, one.url, what)),
            }
            for one in asked.channels
            if one.what == what and (one.channel, one.language) in said
        ]

    def _follows(self, channel: str, url: str | None, what: str) -> Text:
        configured = self.desk.settings.channels[channel]
        if what == "send" and isinstance(configured, Manual):
            return Text(f"blir en uppgift för {configured.assignee}", f"becomes a task for {configured.assignee}")
        if what == "done" and isinstance(configured, Facebook):
            known = url is not None and hand_made.post_id(url, configured.page_id) is not None
            return _POST_KNOWN if known else _POST_UNKNOWN
        if what == "done" and not isinstance(configured, Manual):
            return _TO_TAKE_DOWN
        return Text("", "")


def _place_shown(pair: Pair, place: Place) -> dict[str, Any]:
    channel, tag = pair
    name = say(channel_name(channel))
    return {"end": f"{channel}.{tag}", "name": name, "language": tag, "place": place, "own": channel == OWN_PAGE}


def _version_words(one: by_hand.Version) -> str:
    short = one.digest.removeprefix("sha256:")[:12]
    today = t(" (gäller nu)", " (in force now)") if one.current else ""
    return f"version {one.version} · {short}{today}"


def _whats() -> list[tuple[str, str]]:
    return [
        ("", t("Välj …", "Choose …")),
        ("done", t("Gjort för hand", "Done by hand")),
        ("send", t("Inte gjort. Skicka nu.", "Not done. Send now.")),
        ("leave", t("Inte gjort. Lämna det.", "Not done. Leave it.")),
    ]


def _whiches() -> list[tuple[str, str]]:
    return [
        ("", t("Välj …", "Choose …")),
        ("summer", t("Sommartid: första gången", "Summer time: the first one")),
        ("winter", t("Normaltid: andra gången", "Winter time: the second one")),
    ]


def _no_words() -> NotFound:
    return NotFound(
        "no-such-phase",
        Text(
            "Krismallen har inga ord för det här skedet. Inget är inskrivet. Gå tillbaka och välj ett annat.",
            "The playbook has no words for this phase. Nothing has been entered. Go back and choose another.",
        ),
    )


_POST_KNOWN = Text(
    "Vid rättelse, falskt larm och när händelsen avslutas läggs en rad överst i inlägget. Låter Facebook oss inte "
    "ändra det blir det en uppgift.",
    "A correction, false alarm or all-clear puts a line at the top of the post. If Facebook does not let us change it, "
    "that becomes a task.",
)
_POST_UNKNOWN = Text(
    "Adressen säger inte vilket inlägg det är. Måste inlägget ändras eller tas bort blir det en uppgift för en person.",
    "The address does not tell which post it is. If the post must be changed or taken down, that becomes a person's "
    "task.",
)
_TO_TAKE_DOWN = Text(
    "När tjänsten säger något nytt här blir det en uppgift att ta bort det som gjordes för hand.",
    "When the service says something new here, taking down what was made by hand becomes a task.",
)
