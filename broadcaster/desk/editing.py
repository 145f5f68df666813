"""Changing a playbook's words in the desk: a page per text, judged before it is saved, kept as a new version."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster.auth.client import require
from broadcaster.auth.guard import current_client
from broadcaster.board import channel_name
from broadcaster.desk.changes import fills, reached
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.parts import Desk
from broadcaster.desk.proposal import outdated
from broadcaster.desk.sections import Field, Section, sections
from broadcaster.desk.vocabulary import HOLES, PHASES
from broadcaster.desk.wondering import wondering
from broadcaster.difference import words
from broadcaster.drafting import Draft, check_nobody_came_between, draft, keep, mark_of
from broadcaster.errors import Conflict, NotFound, Text
from broadcaster.inspection import measured
from broadcaster.language import language, say
from broadcaster.manuscript import Content
from broadcaster.playbook import Snapshot
from broadcaster.rewriting import values
from broadcaster.shelf import Standing, Version
from broadcaster.store import Transaction
from broadcaster.verdicts import NO_SUCH_PLAYBOOK

Page = str | tuple[str, int] | Response
_HOME = "/desk/playbooks/<playbook>"


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the list of everything that can be changed, and a page for each."""

    @blueprint.get(f"{_HOME}/edit")
    def edit(playbook: str) -> str:
        require(current_client(), "edit")
        with desk.store.reading() as transaction:
            base = _base(desk.books.within(transaction), playbook)
        return render_template("edit.html", groups=_groups(_sections(base)), **_about(base))

    @blueprint.get(f"{_HOME}/edit/<section>")
    def edit_section(playbook: str, section: str) -> str:
        require(current_client(), "edit")
        with desk.store.reading() as transaction:
            base = _base(desk.books.within(transaction), playbook)
        return _form(desk, base, _section(base, section), None, [])

    @blueprint.post(f"{_HOME}/edit/<section>")
    def write_section(playbook: str, section: str) -> Page:
        require(current_client(), "edit")
        # Proving a text takes its time, and nobody who has to send may wait for it: so it is done while only reading.
        with desk.store.reading() as transaction:
            made, chosen = _draft(transaction, desk.books.within(transaction), playbook, section)
        errors = _errors(made, chosen)
        if request.form.get("act") != "save" or errors or made.theirs:
            return _form(desk, made.base, chosen, made, errors), 422 if errors or made.theirs else 200
        with desk.store.transaction() as transaction:
            made, chosen = _draft(transaction, desk.books.within(transaction), playbook, section)
            try:
                check_nobody_came_between(made)
                keep(transaction, made)
            except Conflict as refused:
                return _form(desk, made.base, chosen, made, [("", say(refused.detail))]), refused.status
        return redirect(f"/desk/playbooks/{playbook}/proposed?saved=1", 303)


def _base(standing: Standing, playbook: str) -> Version:
    found = standing.newest(playbook)
    if found is None:
        raise NotFound("no-such-playbook", NO_SUCH_PLAYBOOK)
    file = standing.file(playbook)
    if found.snapshot is None and file is not None:  # it cannot be used as it is: its words are mended, as the file's
        found = replace(found, snapshot=file.snapshot) if _alike(found, file) else file
    return found


def _alike(one: Version, other: Version) -> bool:
    """Tell whether two texts have the same places for words."""
    try:
        return values(one.text).keys() == values(other.text).keys()
    except ValueError:
        return False


def _content(base: Version) -> Content:
    assert base.snapshot is not None
    return Content.model_validate_json(base.snapshot.content)


def _sections(base: Version) -> list[Section]:
    return sections(_content(base), values(base.text))


def _section(base: Version, key: str) -> Section:
    found = next((one for one in _sections(base) if one.key == key), None)
    if found is None:
        raise NotFound("no-such-text", _NO_TEXT)
    return found


def _draft(transaction: Transaction, standing: Standing, playbook: str, key: str) -> tuple[Draft, Section]:
    base = _base(standing, playbook)
    section, editor = _section(base, key), current_client().name
    posted = {one.path: request.form.get(one.name, one.value) for one in section.fields}
    return draft(transaction, standing, base, request.form.get("begun", ""), posted, editor), section


def _errors(made: Draft, section: Section) -> FieldErrors:
    """Return every fault beside the field it is about; one that is about none here stands on top with its place."""
    found: FieldErrors = []
    for fault in made.faults:
        said = say(fault.said)
        name = next((one.name for one in section.fields if one.name == fault.key), "")
        name = name or next((one.name for one in section.fields if one.name.startswith(f"{fault.key}.")), "")
        found.append((name, said[:1].upper() + said[1:] if name else f"{fault.key}: {said}"))
    return found


def _named(errors: FieldErrors, section: Section) -> FieldErrors:
    """Return the faults for the list on top of the page, each with its field's label where there are several."""
    labels = {one.name: one.label for one in section.fields} if len(section.fields) > 1 else {}
    return [(name, f"{labels[name]}: {words}" if name in labels else words) for name, words in errors]


def _groups(found: list[Section]) -> list[tuple[str, list[Section]]]:
    groups: dict[str, list[Section]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(one)
    return list(groups.items())


def _about(base: Version) -> dict[str, Any]:
    assert base.snapshot is not None
    return {
        "playbook": base.playbook,
        "version": base.number,
        "title": say(base.snapshot.title),
        "proposed_by": base.made.editor if base.made and base.made.adopted_at is None else None,
    }


def _form(desk: Desk, base: Version, section: Section, made: Draft | None, errors: FieldErrors) -> str:
    snapshot = made.snapshot if made else base.snapshot
    return render_template(
        "edit_section.html",
        section=section,
        fields=[_field(one, made, snapshot, section.spot) for one in section.fields],
        holes=_holes(base, section),
        begun=mark_of(base.text),
        outdated=outdated(desk, base.playbook, made.text if made else base.text),
        errors=errors,
        listed=_named(errors, section),
        overtaken=bool(made and made.theirs),
        reviewed=made is not None and not errors,
        changed=made is not None and made.changed,
        preview=_preview(base.snapshot, snapshot, section) if made and base.snapshot and snapshot else [],
        warnings=_warnings(snapshot, section) if made and snapshot else [],
        **_about(base),
    )


def _field(one: Field, made: Draft | None, snapshot: Snapshot | None, spot: tuple[str, str] | None) -> dict[str, Any]:
    value = made.written[one.path] if made else one.value
    theirs = made.theirs.get(one.path) if made else None
    size = measured(snapshot, *spot, one.language) if snapshot and spot and one.language else None
    return {
        "name": one.name,
        "label": one.label,
        "language": one.language,
        "value": value,
        "rows": min(24, max(2, value.count("\n") + 2 + len(value) // 70)) if one.long or len(value) > 60 else 1,
        "theirs": words(theirs, value) if theirs is not None else None,
        "size": size,
    }


def _holes(base: Version, section: Section) -> list[tuple[str, str]]:
    """Return what may be written into these words as a hole, and what each stands for."""
    content = _content(base)
    named = [(name, say(content.playbook.blanks[name].label.text)) for name in content.order]
    named += [(name, say(one.name.text)) for name, one in content.register_.contacts.items()]
    for shared in (content.register_.words, content.register_.lines):
        for name, line in shared.items():
            if name not in HOLES and not name.startswith("drill_"):
                named.append((name, line.text.get(language()) or line.text.get("sv", "")))
    system = [(name, say(said)) for name, said in HOLES.items()]
    everything = [*named, *system]
    if section.spot:
        return [one for one in everything if one[0] != "sentence" or section.spot[0] == "update"]
    own = section.key.partition("-")[2]
    few = {own, *content.register_.words, *HOLES} - {"sentence", "promise", "sender"}
    return [one for one in everything if one[0] in few] if section.group and "-" in section.key else []


def _preview(before: Snapshot, now: Snapshot, section: Section) -> list[dict[str, Any]]:
    """Return the words of this text, and of every other that reads differently now, as the public will see them."""
    differing = reached(before, now)
    shown = []
    for phase in now.phases:
        empty, full = fills(now, phase)
        for channel in now.channels:
            for tongue in now.languages_of(channel, phase):
                if (phase, channel) == section.spot or (phase, channel, tongue) in differing:
                    said = [now.render(fill, channel, tongue, None) for fill in (empty, full)]
                    where = f"{say(PHASES[phase].name)} · {say(channel_name(channel))}"
                    shown.append({"where": where, "language": tongue, "text": said[0], "filled": said[1]})
    return shown


def _warnings(snapshot: Snapshot, section: Section) -> list[dict[str, Any]]:
    return wondering(snapshot, lambda spot: section.spot in (None, (spot.phase, spot.channel)))


_NO_TEXT = Text(
    "Det finns ingen sådan text i krismallen. Gå tillbaka och välj en ur listan.",
    "There is no such text in the playbook. Go back and choose one of the list.",
)
