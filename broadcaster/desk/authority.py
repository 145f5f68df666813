"""Who may do what has changed: a notice on the first page, until another person than whoever did it has read it."""

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from broadcaster import authority
from broadcaster.auth.guard import current_client
from broadcaster.authority import Change
from broadcaster.desk.parts import Desk


@dataclass(frozen=True)
class Changes:
    """What the one who is signed in has to read, and what somebody else has to: their own doings."""

    theirs: tuple[Change, ...] = ()
    own: tuple[Change, ...] = ()


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the notice that the first page shows, and its button."""

    @blueprint.post("/desk/authority/read")
    def read_authority() -> Response:
        with desk.store.transaction() as transaction:
            authority.read(transaction, request.form.getlist("change"), current_client())
        return redirect("/desk", 303)

    blueprint.context_processor(lambda: {"authority_changes": lambda: _changes(desk)})


def _changes(desk: Desk) -> Changes:
    client = current_client()
    if not client.scopes & {"approve", "admin"}:
        return Changes()
    with desk.store.reading() as transaction:
        waiting = authority.unread(transaction)
        theirs = tuple(one for one in waiting if authority.may_read(transaction, one, client))
    return Changes(theirs, tuple(one for one in waiting if one not in theirs))
