"""Exercises: a prepared one is begun, turns, and ends in its times; and the same times of a live incident."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from broadcaster import chronology, scenarios
from broadcaster.auth.guard import current_client
from broadcaster.board import channel_name
from broadcaster.desk.parts import Desk
from broadcaster.desk.vocabulary import PHASES, look_of_delivery
from broadcaster.errors import NotFound, Text, Unfit
from broadcaster.language import name_of, say, t
from broadcaster.scenarios import Scenario, Turn
from broadcaster.score import Facts, Mark, Score, in_words, score_of
from broadcaster.score_picture import Bar, picture, scale_of

#: Exercises on one page, and in one export.
SHOWN, EXPORTED = 30, 1000
#: Earlier exercises an exercise is held against.
EARLIER = 5
Page = str | AnyResponse

_NAMES: Mapping[str, Text] = {
    "decided": Text("Första beslut (knappen tryckt)", "First decision (button pressed)"),
    "published": Text("Första beskedet släppt", "First message let out"),
    "everywhere": Text("Ute i alla kanaler", "Out in every channel"),
    "over": Text("Sagt att läget är normalt igen", "All-clear sent"),
}
_SLIPS: Mapping[str, Text] = {
    "refused": Text("Nekat: saknad roll eller fel formulär", "Refused: missing role or wrong form"),
    "rejected": Text("Besked som fick nej", "Messages that got a no"),
    "wrong_codes": Text("Fel kod per telefon", "Wrong code by telephone"),
    "corrections": Text("Rättelser som inte ingick", "Corrections that were not part of it"),
    "false_alarms": Text("Falska larm som inte ingick", "False alarms that were not part of it"),
    "recalls": Text("Besked som drogs tillbaka", "Messages that were recalled"),
}
_COUNTED_FROM: Mapping[str, Text] = {
    "begun": Text("då övningen började (knappen Börja)", "when the exercise began (the Begin button)"),
    "signed_in": Text(
        "inloggningen. Annat som gjordes först räknas alltså med",
        "the sign-in. What else was done first is therefore counted",
    ),
    "form": Text(
        "då formuläret öppnades, enligt webbläsaren", "when the form was opened, as the browser says"
    ),
    "press": Text(
        "det första trycket. Ingen start är känd, så hur lång tid det tog att trycka vet vi inte",
        "the first press. No beginning is known, so how long the press took is not known",
    ),
}
_NO_SCENARIO = Text(
    "Det finns ingen sådan övning. Inget har börjat. Välj en i listan.",
    "There is no such exercise. Nothing has begun. Choose one in the list.",
)


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the pages of exercises and the times of live incidents."""
    pages = Scoring(desk)

    @blueprint.get("/desk/drills")
    def drills() -> Page:
        return pages.listed()

    @blueprint.get("/desk/drills.<any(json, csv):form>")
    def drills_file(form: str) -> Page:
        found = chronology.newest(desk.store, "drill", EXPORTED)
        return _file("drills", form, [pages.score(one) for one in found])

    @blueprint.get("/desk/drills/new")
    def prepared() -> Page:
        return render_template("drill_new.html", drill=True, scenarios=pages.offered(), trouble=pages.trouble)

    @blueprint.get("/desk/drills/new/<scenario>")
    def scenario_page(scenario: str) -> Page:
        return pages.before(scenario)

    @blueprint.post("/desk/drills/new/<scenario>")
    def begin(scenario: str) -> Page:
        one = pages.scenario(scenario)
        desk.board.snapshot(one.playbook)
        chronology.begin(desk.store, current_client(), one.id, one.playbook)
        return redirect(f"/desk/new/{one.playbook}?mode=drill&scenario={one.id}", 303)

    @blueprint.get("/desk/drills/<ref>/score")
    def score(ref: str) -> Page:
        return pages.shown(ref, "drill")

    @blueprint.get("/desk/incidents/<ref>/times")
    def times(ref: str) -> Page:
        return pages.shown(ref, "live")

    @blueprint.get("/desk/drills/<ref>/score.<any(json, csv):form>")
    @blueprint.get("/desk/incidents/<ref>/times.<any(json, csv):form>", endpoint="times_file")
    def score_file(ref: str, form: str) -> Page:
        return _file(ref, form, [pages.score(chronology.facts_of(desk.store, ref))])


class Scoring:
    """What the pages show, from facts and scenarios."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.trouble = desk, ""
        try:
            self.scenarios = scenarios.load(desk.settings)
        except Unfit as error:  # a slip in a text for exercises must never keep the desk from opening
            self.scenarios, self.trouble = scenarios.ours(), str(error)

    def scenario(self, name: str) -> Scenario:
        """Return the scenario of that id. Raises `NotFound`."""
        if name not in self.scenarios:
            raise NotFound("no-such-scenario", _NO_SCENARIO)
        return self.scenarios[name]

    def score(self, facts: Facts) -> Score:
        """Return the score of an incident against the region's targets."""
        scenario = self.scenarios.get(facts.scenario or "")
        return score_of(facts, self.desk.settings.drill, scenario.asks if scenario else ())

    def offered(self) -> list[dict[str, Any]]:
        """Return every scenario, those that can begin now first."""
        states = {book["id"]: book["approval"]["state"] for book in self.desk.board.playbooks()}
        found = [
            {"one": one, "playbook": say(self.desk.title_of(one.playbook)), "can": states.get(one.playbook)}
            for one in self.scenarios.values()
        ]
        return sorted(({**one, "can": one["can"] == "approved"} for one in found), key=lambda one: not one["can"])

    def before(self, name: str) -> str:
        """Return the page one reads before the time begins."""
        self.scenario(name)
        shown = next(one for one in self.offered() if one["one"].id == name)
        may = bool(current_client().scopes & {"send", "propose"})
        return render_template("drill_before.html", drill=True, may_start=may, targets=self._targets(), **shown)

    def listed(self) -> str:
        """Return the list of exercises, newest first."""
        scores = [self.score(one) for one in chronology.newest(self.desk.store, "drill", SHOWN)]
        rows = [
            {
                "facts": one.facts,
                "times": [(say(_NAMES[key]), _said(one.mark(key)), one.mark(key).met) for key in _NAMES],
                "slips": one.slipped,
            }
            for one in scores
        ]
        may = bool(current_client().scopes & {"send", "propose"})
        return render_template("drills.html", drill=True, rows=rows, targets=self._targets(), may_start=may)

    def shown(self, ref: str, mode: str) -> Page:
        """Return the score as picture and table, and while a prepared exercise runs, what happens in it now."""
        facts = chronology.facts_of(self.desk.store, ref)
        if facts.mode != mode:
            return redirect(_address(facts), 303)
        score, scenario = self.score(facts), self.scenarios.get(facts.scenario or "")
        found = chronology.earlier(self.desk.store, facts, EARLIER)
        # Counted from another beginning, a time says nothing about this one.
        earlier = [self.score(one) for one in found if one.beginning == facts.beginning]
        bars = _bars(score, earlier)
        return render_template(
            "score.html",
            drill=mode == "drill",
            on_score=True,
            ref=ref,
            facts=facts,
            title=say(facts.title),
            picture=picture(bars, say(in_words(scale_of(bars)))),
            rows=_rows(score, earlier),
            earlier=[one.facts for one in earlier],
            slips=[(say(_SLIPS[one.key]), one.count) for one in score.slips if one.count],
            counted_from=say(_COUNTED_FROM[facts.beginning]),
            scenario=scenario,
            address=_address(facts),
            **_stage(scenario, facts),
        )

    def _targets(self) -> list[tuple[str, str]]:
        aims = self.desk.settings.drill
        pairs = (("decided", aims.decided_s), ("published", aims.published_s), ("everywhere", aims.reached_s))
        return [(say(_NAMES[key]), say(in_words(seconds))) for key, seconds in pairs]


def _address(facts: Facts) -> str:
    return f"/desk/drills/{facts.ref}/score" if facts.mode == "drill" else f"/desk/incidents/{facts.ref}/times"


def _stage(scenario: Scenario | None, facts: Facts) -> dict[str, Any]:
    """Return what happens now in a prepared exercise: nothing before the first message is out, nor when it is over."""
    out = [one.phase for one in facts.said if one.accepted_at is not None]
    turn: Turn | None = None
    if scenario is not None and out and facts.closed_at is None:
        turn = scenario.turn_after(out)
    return {"turn": turn, "do": PHASES[turn.do] if turn else None, "waits": not out}


def _rows(score: Score, earlier: Sequence[Score]) -> list[dict[str, Any]]:
    return [
        {
            "name": _name(one),
            "said": _said(one),
            "target": say(in_words(one.target)) if one.target is not None else "–",
            "met": one.met,
            "by_hand": one.by_hand,
            "earlier": [_said(old.mark(one.key)) for old in earlier] if one.key in _NAMES else ["" for _ in earlier],
        }
        for one in score.marks
    ]


def _name(mark: Mark) -> str:
    if mark.key in _NAMES:
        return say(_NAMES[mark.key])
    return f"{say(channel_name(mark.channel))}, {name_of(mark.language)}"


def _said(mark: Mark) -> str:
    if mark.seconds is not None:
        return say(in_words(mark.seconds))
    if mark.state:
        return say(look_of_delivery(mark.state, "publish").words)
    return t("okänt", "not known") if mark.at is None and mark.key == "decided" else "–"


def _bars(score: Score, earlier: Sequence[Score]) -> list[Bar]:
    """Return one bar a moment; a channel's languages are one bar, as long as the last of them."""
    bars = [_bar(score.mark("decided"), earlier), _bar(score.mark("published"), earlier)]
    reached = [one for one in score.marks if one.key == "reached"]
    for channel in dict.fromkeys(one.channel for one in reached):
        mine = [one for one in reached if one.channel == channel]
        last = max(mine, key=lambda one: (one.seconds is None, one.seconds or 0.0))
        bars.append(Bar(say(channel_name(channel)), last.seconds, _said(last), last.target))
    return [*bars, _bar(score.mark("everywhere"), earlier), _bar(score.mark("over"), earlier)]


def _bar(mark: Mark, earlier: Sequence[Score]) -> Bar:
    before = (one.mark(mark.key).seconds for one in earlier)
    return Bar(_name(mark), mark.seconds, _said(mark), mark.target, tuple(one for one in before if one is not None))


def _file(name: str, form: str, scores: Sequence[Score]) -> Response:
    """Return the scores as a file for those who lead: no names of people, every time in seconds and UTC."""
    if form == "json":
        data = json.dumps({"items": [_json(one) for one in scores]}, ensure_ascii=False, indent=1)
        kind = "application/json"
    else:
        data, kind = _csv(scores), "text/csv; charset=utf-8"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(data, content_type=kind, headers=headers)


def _json(score: Score) -> dict[str, Any]:
    facts = score.facts
    return {
        "ref": facts.ref,
        "mode": facts.mode,
        "playbook": facts.playbook,
        "scenario": facts.scenario,
        "counted_from": facts.beginning,
        "began_at": facts.began_at.isoformat(),
        "opened_at": facts.opened_at.isoformat(),
        "closed_at": facts.closed_at.isoformat() if facts.closed_at else None,
        "marks": [_mark_json(one) for one in score.marks],
        "slips": {one.key: one.count for one in score.slips},
    }


def _mark_json(mark: Mark) -> dict[str, Any]:
    return {
        "key": mark.key,
        "channel": mark.channel or None,
        "language": mark.language or None,
        "at": mark.at.isoformat() if mark.at else None,
        "seconds": round(mark.seconds) if mark.seconds is not None else None,
        "target_s": mark.target,
        "met": mark.met,
        "by_hand": mark.by_hand,
    }


def _csv(scores: Sequence[Score]) -> str:
    """Return a line a moment, which every spreadsheet can turn round."""
    out = io.StringIO()
    columns = ("key", "channel", "language", "at", "seconds", "target_s", "met", "by_hand")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(("ref", "mode", "playbook", "counted_from", "slips", *columns))
    for score in scores:
        facts = score.facts
        for mark in score.marks:
            said = _mark_json(mark)
            values = ("" if said[name] is None else said[name] for name in columns)
            lines.writerow((facts.ref, facts.mode, facts.playbook, facts.beginning, score.slipped, *values))
    return out.getvalue()
