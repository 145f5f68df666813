"""Choosing by what one sees: the groups and what stands under each, the search, and what somebody has already begun."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, render_template, request

from broadcaster import approval
from broadcaster.approval import Approval
from broadcaster.auth.guard import current_client
from broadcaster.begun import Begun, begun
from broadcaster.desk.parts import Desk
from broadcaster.desk.vocabulary import APPROVAL, UNKNOWN, Look
from broadcaster.errors import NotFound, Text
from broadcaster.language import language, say
from broadcaster.playbook import Snapshot
from broadcaster.seen import GROUPS, Seen, grouped, search
from broadcaster.shelf import Standing

#: Longer than anything a person looks for.
ASKED_MAX = 100
_NO_SUCH_GROUP = Text(
    "Det finns ingen rubrik med det namnet. Adressen kan vara felskriven. Välj bland alla krismallar på /desk/what.",
    "There is no heading with that name. The address may be mistyped. Choose among all playbooks at /desk/what.",
)


@dataclass(frozen=True)
class Choice:
    """A playbook to choose. `trouble` is why nothing may begin from it, whoever approved it; None if it may.

    `live` and `drill` are what somebody has begun from it.
    """

    id: str
    title: Text
    use: Text
    seen: tuple[Seen, ...]
    look: Look
    trouble: Text | None
    waiting: bool
    can_start: bool
    live: Begun | None
    drill: Begun | None


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page of everything there is to choose, which is also the search, and one for each group."""

    @blueprint.get("/desk/what")
    def what() -> str:
        every = choices(desk)
        asked = request.args.get("q", "").strip()[:ASKED_MAX]
        if not asked:
            return _page(every, grouped(every))
        found = search(every, asked)
        return _page(every, {"found": found} if found else {}, asked=asked)

    @blueprint.get("/desk/what/<group>")
    def what_of(group: str) -> str:
        if group not in GROUPS:
            raise NotFound("no-such-group", _NO_SUCH_GROUP)
        key, every = cast(Seen, group), choices(desk)
        return _page(every, {key: grouped(every).get(key, [])}, only=key)


def choices(desk: Desk) -> list[Choice]:
    """Return every playbook, those that can be started first, as one reading of the database has them."""
    with desk.store.reading() as transaction:
        standing = desk.books.within(transaction)
        books = standing.all()
        approvals = approval.statuses(transaction, (book.digest for book in books))
        running = begun(transaction)
        every = [_choice(book, standing, approvals[book.digest], running) for book in books]
    return sorted(every, key=lambda one: (not one.can_start, one.title.in_(language())))


def groups(every: list[Choice]) -> list[dict[str, Any]]:
    """Return what stands under each group, as the first page shows it."""
    return [{"key": key, "name": say(GROUPS[key].name), "books": books} for key, books in grouped(every).items()]


def rights() -> dict[str, bool]:
    """Return what whoever is looking may do about a playbook."""
    scopes = current_client().scopes
    return {"may_start": bool(scopes & {"send", "propose"}), "may_send": "send" in scopes}


def by_name(one: Begun) -> str:
    """Return the name of whoever began it: a person's, or a key's."""
    return one.by.partition(":")[2] or one.by


def _page(every: list[Choice], shown: Mapping[Any, list[Choice]], *, asked: str = "", only: Seen | None = None) -> str:
    return render_template(
        "what.html",
        shown=[(key, say(GROUPS[key].name) if key in GROUPS else "", books) for key, books in shown.items()],
        groups=groups(every),
        only=only,
        only_name=say(GROUPS[only].name) if only else "",
        asked=asked,
        otherwise=grouped(every).get("other", []),
        by_name=by_name,
        **rights(),
    )


def _choice(
    book: Snapshot, standing: Standing, stands: Approval, running: Mapping[tuple[str, str], Begun]
) -> Choice:
    trouble, proposed = standing.trouble(book.id), standing.proposed(book.id)
    return Choice(
        id=book.id,
        title=book.title,
        use=book.use,
        seen=book.seen,
        look=APPROVAL.get(stands.state, UNKNOWN),
        trouble=trouble,
        waiting=proposed is not None and proposed.snapshot is not None,
        can_start=stands.state == "approved" and trouble is None,
        live=running.get((book.id, "live")),
        drill=running.get((book.id, "drill")),
    )
