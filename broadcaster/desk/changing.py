"""It is something else: choose another playbook for an incident, and send its first words by the usual two pages."""

from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from broadcaster.auth.guard import current_client
from broadcaster.broadcast import Broadcasts
from broadcaster.changing import PHASES as CHANGING
from broadcaster.changing import Carried, Changes, carried
from broadcaster.desk.errand import Errand
from broadcaster.desk.form import BLANK, Filled
from broadcaster.desk.parts import Desk
from broadcaster.desk.sending import Sending
from broadcaster.desk.vocabulary import PHASES
from broadcaster.errors import NotFound
from broadcaster.language import say
from broadcaster.lookup import playbooks_of
from broadcaster.playbook import Snapshot
from broadcaster.tables import incident as incident_table
from broadcaster.verdicts import NO_SUCH_PLAYBOOK

Page = str | tuple[str, int] | Response
_PHASE = f"<any({', '.join(CHANGING)}):phase>"
_STEPS = frozenset({"desk.change_words", "desk.send_change"})


@dataclass(frozen=True)
class ChangeErrand(Errand):
    """The first words of another playbook."""

    @property
    def action(self) -> str:
        """The address of the form; its words are sent to `{action}/send`."""
        return f"/desk/incidents/{self.incident}/change/{self.snapshot.id}/{self.phase.key}"


@dataclass(frozen=True)
class Notice:
    """What stands above a page: the playbooks that were left, or what is being changed to what."""

    ref: str = ""
    before: tuple[str, ...] = ()
    now: str = ""
    to: str = ""


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page that chooses, the two pages of the first words, and what stands above the board about it."""
    # The usual pages, whose preview and send are those of a change.
    # What a change replaces is stopped the moment it is sent, so there is nothing that stopping it could keep.
    pages = Sending(replace(desk, broadcasts=cast(Broadcasts, Changes(desk.broadcasts))), holds=False)

    @blueprint.get("/desk/incidents/<ref>/change")
    def change(ref: str) -> str:
        return _choose(desk, ref)

    @blueprint.route(f"/desk/incidents/<ref>/change/<playbook>/{_PHASE}", methods=["GET", "POST"])
    def change_words(ref: str, playbook: str, phase: str) -> Page:
        errand, known = _errand(desk, ref, playbook, phase)
        if request.method == "GET" and known.blanks and not request.args:  # the form takes them from its address
            return redirect(f"{errand.action}?{urlencode({BLANK + name: said for name, said in known.blanks.items()})}")
        return pages.form(errand)

    @blueprint.post(f"/desk/incidents/<ref>/change/<playbook>/{_PHASE}/send")
    def send_change(ref: str, playbook: str, phase: str) -> Page:
        return pages.send(_errand(desk, ref, playbook, phase)[0])

    blueprint.context_processor(lambda: {"change_notice": lambda: _notice(desk)})


def _choose(desk: Desk, ref: str) -> str:
    situation = desk.board.situation(ref)
    return render_template(
        "change.html",
        drill=situation.mode == "drill",
        ref=ref,
        title=say(situation.title),
        is_open=situation.state == "open",
        playbooks=_others(desk, situation.playbook),
        may="send" in current_client().scopes,
    )


def _others(desk: Desk, playbook: str) -> list[dict[str, Any]]:
    """Return every other playbook that may be begun from now, each with what can be said first in it."""
    with desk.store.reading() as transaction:
        standing = desk.books.within(transaction)
        sound = {one.id: one for one in standing.all() if standing.trouble(one.id) is None}
    approved = [book["id"] for book in desk.board.playbooks() if book["approval"]["state"] == "approved"]
    found = [sound[name] for name in approved if name in sound and name != playbook]
    return sorted((_other(one) for one in found), key=lambda one: str(one["title"]))


def _other(snapshot: Snapshot) -> dict[str, Any]:
    phases = [PHASES[key] for key in CHANGING if key in snapshot.phases]
    return {"id": snapshot.id, "title": say(snapshot.title), "use": say(snapshot.use), "phases": phases}


def _errand(desk: Desk, ref: str, playbook: str, phase: str) -> tuple[ChangeErrand, Carried]:
    situation, snapshot = desk.board.situation(ref), desk.board.snapshot(playbook)
    if phase not in snapshot.phases:
        raise NotFound("no-such-playbook", NO_SUCH_PLAYBOOK)
    with desk.store.reading() as transaction:
        row = transaction.execute(select(incident_table).where(incident_table.c.ref == ref)).mappings().one()
        known = carried(transaction, dict(row), snapshot, phase)
    start = Filled(mode=situation.mode, channels=tuple(desk.channels_of(snapshot)), affected=known.affected)
    return ChangeErrand(snapshot, PHASES[phase], ref, start), known


def _notice(desk: Desk) -> Notice | None:
    endpoint, named = request.endpoint or "", request.view_args or {}
    if endpoint not in (*_STEPS, "desk.incident") or "client" not in g:
        return None
    ref = named["ref"]
    with desk.store.reading() as transaction:
        row = transaction.execute(select(incident_table).where(incident_table.c.ref == ref)).mappings().one_or_none()
        spoken = playbooks_of(transaction, ref)
    if row is None:  # the page that says so
        return None
    now = say(desk.title_of(row["playbook"]))
    if endpoint in _STEPS:
        return Notice(ref, now=now, to=say(desk.title_of(named["playbook"])))
    before = tuple(say(desk.title_of(one)) for one in spoken if one != row["playbook"])
    return Notice(ref, before, now)
