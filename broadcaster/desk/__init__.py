"""
The emergency web form and the live board: choose, fill in, read the exact words, send; then watch every channel.

    signing   sign in, sign out              overview   alarms, what runs, what can be started
    sending   the form and the exact words   incident   the live board, its fragment, single tasks
    acts      yes, no, recall, retry, done   shelf      the playbooks and their approval
    drill     what the public would see      vocabulary every state in words
    pictures  what goes beside the words     calling    a second person's yes by telephone
    editing   changing a playbook's words    proposal   a change taken back, its file
    by_hand   what was done without us       paperwork  its form as data
    errand    what is being written          reading    what must be seen before the button is pressed
    exact     each channel in its own shape  deciding   who decided, who has the watch
    choosing  by what one sees; the search   mistakes   what can be undone
    scoring   exercises: begin, turns, times
    log       the log, read by people        log_words  every type of entry in words
    people    who may sign in, and as what   keys      the keys of machines
    authority who may do what has changed    readiness every channel before it is needed
    planned   what waits in Meta's planner
    glass     one person alone, and its review
    changing  another playbook for the same incident

Every page works without JavaScript, and every form by posting its own hidden fields.
"""

from typing import Any

from flask import Blueprint, Response, g, request

from broadcaster import language
from broadcaster.auth import guard
from broadcaster.auth.passwords import Passwords
from broadcaster.auth.people import PASSWORDS
from broadcaster.desk import (
    acts,
    authority,
    by_hand,
    calling,
    changing,
    checklist,
    choosing,
    drill,
    editing,
    glass,
    incident,
    keys,
    log,
    mistakes,
    on_duty,
    overview,
    people,
    pictures,
    planned,
    proposal,
    readiness,
    scoring,
    sending,
    shelf,
    signing,
)
from broadcaster.desk.parts import Desk, Parts
from broadcaster.desk.unreached import unreached
from broadcaster.desk.vocabulary import TOLD, WAYS
from broadcaster.pages import install_errors

__all__ = ["blueprint", "install_errors"]


def blueprint(parts: Parts, *, hashing: Passwords = PASSWORDS) -> Blueprint:
    """Return the desk's pages, for an app that has the door (`guard.install`) and the public pages.

    `hashing` is how passwords are checked.
    """
    pages = guard.desk(Blueprint("desk", __name__))
    desk = Desk(parts.store, parts.playbooks, parts.broadcasts, parts.board, parts.settings, hashing)
    parts_of_desk = (signing, overview, sending, by_hand, incident, acts, calling, shelf, editing, proposal)
    exercises, behind = (drill, scoring, mistakes), (log, people, keys, authority, readiness)
    for part in (*parts_of_desk, checklist, on_duty, glass, changing, choosing, *exercises, pictures, planned, *behind):
        part.add(pages, desk)
    pages.after_request(language.remember)
    pages.after_request(_back_works)
    words = {"TOLD": TOLD, "WAYS": WAYS, "unreached": unreached}
    pages.context_processor(lambda: _reader() | words)
    return pages


def _reader() -> dict[str, Any]:
    """Return what every page knows of who reads it."""
    client = g.client if "client" in g else None
    return {"person": client.name if client else None, "scopes": client.scopes if client else frozenset()}


def _back_works(response: Response) -> Response:
    """Let the browser itself keep a page that was posted, or its Back would show an error instead of the words."""
    if request.method == "POST" and request.endpoint != "desk.sign_in":
        response.headers.setdefault("Cache-Control", "private, no-cache")
    return response
