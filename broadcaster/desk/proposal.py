"""A proposed change of a playbook taken back, and a playbook as a file to take away."""

from flask import Blueprint, make_response, redirect, request
from werkzeug.wrappers import Response

from broadcaster import amendment
from broadcaster.auth.client import require
from broadcaster.auth.guard import current_client
from broadcaster.desk.parts import Desk
from broadcaster.errors import NotFound, Text
from broadcaster.language import name_of
from broadcaster.verdicts import NO_SUCH_PLAYBOOK

_HOME = "/desk/playbooks/<playbook>"


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the withdrawal of a proposal, and the file of what holds or is proposed."""

    @blueprint.post(f"{_HOME}/withdraw")
    def withdraw(playbook: str) -> Response:
        client = current_client()
        require(client, "edit")
        with desk.store.transaction() as transaction:
            found = desk.books.within(transaction).proposed(playbook)
            if found is None or found.made is None or found.made.id != request.form.get("amendment"):
                raise NotFound("no-such-proposal", NO_PROPOSAL)
            amendment.withdraw(transaction, found.made, client.name)
        return redirect(f"/desk/playbooks/{playbook}?withdrawn=1", 303)

    @blueprint.get(f"{_HOME}/file")
    def file(playbook: str) -> Response:
        with desk.store.reading() as transaction:
            standing = desk.books.within(transaction)
            found = standing.proposed(playbook) if request.args.get("proposed") else standing.in_force(playbook)
        if found is None:
            raise NotFound("no-such-playbook", NO_SUCH_PLAYBOOK)
        answer = make_response(found.text)
        answer.headers["Content-Type"] = "application/toml"
        answer.headers["Content-Disposition"] = f'attachment; filename="{playbook}.toml"'
        return answer


def outdated(desk: Desk, playbook: str, text: bytes) -> tuple[str, ...]:
    """Return what the languages are called whose translation was signed for other Swedish than that of `text`."""
    return tuple(map(name_of, desk.books.reader.outdated(playbook, text))) if desk.books.reader else ()


NO_PROPOSAL = Text(
    "Det finns inget förslag till ändring här: det är godkänt, taget tillbaka eller ersatt av ett nyare. "
    "Öppna krismallen och läs det som gäller nu.",
    "There is no proposed change here: it was approved, withdrawn or replaced by a newer one. "
    "Open the playbook and read the words in force.",
)
