"""Who may sign in and as what: for administrators, by the same verbs as `broadcaster users`."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster import logbook
from broadcaster.audit import Event
from broadcaster.auth import names, passwords, people
from broadcaster.auth.client import Client, require
from broadcaster.auth.guard import current_client
from broadcaster.auth.people import Person
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.log_words import role_words
from broadcaster.desk.once import fingerprint, submission
from broadcaster.desk.parts import Desk
from broadcaster.errors import Conflict, Invalid, NotFound, Refusal, Text
from broadcaster.idempotency import first_answer, keep_answer
from broadcaster.language import say, t
from broadcaster.logbook import Query
from broadcaster.store import Transaction

Page = str | tuple[str, int] | Response

#: What each role may do, as the one who gives it must understand it.
ROLE_NOTES: dict[str, Text] = {
    "sender": Text("startar händelser och skickar besked", "starts incidents and sends messages"),
    "approver": Text("godkänner ord och säger ja till fria meningar", "approves words and says yes to free sentences"),
    "author": Text("skriver krismallar och föreslår besked", "writes playbooks and proposes messages"),
    "auditor": Text("läser hela loggen", "reads all of the log"),
    "administrator": Text("sköter personer och nycklar", "looks after people and keys"),
}
_NO_PERSON = Text(
    "Det finns ingen med det namnet. Gå tillbaka till listan.", "There is nobody of that name. Go back to the list."
)


@dataclass(frozen=True)
class New:
    """Somebody who is being added, as far as the pages have come; the password never goes from page to page."""

    name: str
    roles: tuple[str, ...]
    step: str


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the list, the pages that add somebody, a person's own page, and what can be done with them."""

    @blueprint.get("/desk/people")
    def people_list() -> str:
        _administrator()
        with desk.store.reading() as transaction:
            rows = [_row(transaction, one) for one in people.list_people(transaction)]
        alive, gone = ([row for row in rows if row["gone"] is is_gone] for is_gone in (False, True))
        return render_template("people.html", alive=alive, gone=gone)

    @blueprint.route("/desk/people/new", methods=["GET", "POST"])
    def new_person() -> Page:
        return _add(desk, _administrator()) if request.method == "POST" else _ask(New("", (), "name"), [])

    @blueprint.get("/desk/people/<name>")
    def person_page(name: str) -> Page:
        return _show(desk, name, [])

    @blueprint.post("/desk/people/<name>/roles")
    def change_roles(name: str) -> Page:
        client, roles = _administrator(), request.form.getlist("roles")
        try:
            with desk.store.transaction() as transaction:
                people.change_roles(transaction, name, roles, client.id)
        except (Invalid, Conflict) as refused:
            return _show(desk, name, [("roles", say(refused.detail))], roles), refused.status
        return redirect(f"/desk/people/{name}?done=roles", 303)

    @blueprint.route("/desk/people/<name>/password", methods=["GET", "POST"])
    def new_password(name: str) -> Page:
        return _password(desk, name)

    @blueprint.route("/desk/people/<name>/disable", methods=["GET", "POST"])
    def disable(name: str) -> Page:
        return _disable(desk, name)


def _add(desk: Desk, client: Client) -> Page:
    """Go one question on, or add the person once everything is answered."""
    new = New(names.tidy(request.form.get("name", "")), _roles(), request.form.get("step", "name"))
    errors = _errors(desk, new)
    if errors:
        return _ask(new, errors), 422
    if new.step != "password":
        return _ask(New(new.name, new.roles, "roles" if new.step == "name" else "password"), [])
    return _write(desk, new, client)


def _write(desk: Desk, new: New, client: Client) -> Page:
    try:
        word = people.keep_password(new.name, request.form["password"], hashing=desk.hashing)
        with desk.store.transaction() as transaction:
            key, body = submission(), fingerprint(new.name, *new.roles)
            if first_answer(transaction, client.id, f"{key}-{body[:16]}", body) is None:
                people.add_person(transaction, new.name, new.roles, word, client.id)
                keep_answer(transaction, client.id, f"{key}-{body[:16]}", new.name.encode())
    except Refusal as refused:
        return _ask(new, [("password" if isinstance(refused, Invalid) else "", say(refused.detail))]), refused.status
    return redirect(f"/desk/people/{new.name}?done=added", 303)


def _errors(desk: Desk, new: New) -> FieldErrors:
    """Return what is wrong with the question that was answered; with all of them before anybody is added."""
    found: FieldErrors = []
    fault = names.fault(new.name)
    if fault:
        found.append(("name", say(fault.message)))
    elif new.step == "name" and _find(desk, new.name) is not None:
        words = t(
            f"Det finns redan någon som heter {new.name}, nu eller tidigare. Välj ett annat namn.",
            f"There is or was somebody called {new.name} already. Choose another name.",
        )
        found.append(("name", words))
    if new.step != "name" and not new.roles:
        found.append(("roles", t("Välj minst en roll.", "Choose at least one role.")))
    if new.step == "password" and not found:
        found += _password_errors(new.name)
    return found


def _password_errors(name: str) -> FieldErrors:
    word = request.form.get("password", "")
    if fault := passwords.fault(word, name):
        return [("password", say(fault.message))]
    if word != request.form.get("again", ""):
        return [("again", t("Det andra lösenordet är inte likadant.", "The second password is not the same."))]
    return []


def _ask(new: New, errors: FieldErrors) -> str:
    _administrator()
    asked = errors[0][0] if errors and errors[0][0] in ("name", "roles") else new.step
    return render_template(
        "person_new.html", new=new, step=asked, errors=errors, roles=_choices(), submission=submission(),
        shown_roles=[role_words(role) for role in new.roles], least=passwords.LENGTH_MIN,
    )  # fmt: skip


def _show(desk: Desk, name: str, errors: FieldErrors, roles: list[str] | None = None) -> str:
    client = _administrator()
    with desk.store.reading() as transaction:
        found = _in(transaction, name)
        if found is None:
            raise NotFound("person-unknown", _NO_PERSON)
        row = _row(transaction, found)
    return render_template(
        "person.html", row=row, errors=errors, chosen=row["keys"] if roles is None else roles, roles=_choices(),
        done=_done(), own=client.name == found.name,
    )  # fmt: skip


def _password(desk: Desk, name: str) -> Page:
    client, person = _administrator(), _living(desk, name)
    errors = _password_errors(person.name) if request.method == "POST" else []
    if request.method == "POST" and not errors:
        word = people.keep_password(person.name, request.form["password"], hashing=desk.hashing)
        with desk.store.transaction() as transaction:
            people.set_password(transaction, person.name, word, client.id)
        return redirect(f"/desk/people/{person.name}?done=password", 303)
    own = client.name == person.name
    html = render_template("person_password.html", name=person.name, errors=errors, own=own, least=passwords.LENGTH_MIN)
    return (html, 422) if errors else html


def _disable(desk: Desk, name: str) -> Page:
    client, person = _administrator(), _find(desk, name)
    if person is None:
        raise NotFound("person-unknown", _NO_PERSON)
    errors: FieldErrors = []
    if request.method == "POST":
        try:
            with desk.store.transaction() as transaction:
                people.disable_person(transaction, person.name, client.id)
        except Conflict as refused:
            errors = [("", say(refused.detail))]
        else:
            return redirect(f"/desk/people/{person.name}?done=disabled", 303)
    html = render_template("person_disable.html", name=person.name, errors=errors, gone=person.disabled_at is not None)
    return (html, 409) if errors else html


def _administrator() -> Client:
    """Return who asks. Raises `Forbidden` unless they may change people and keys."""
    client = current_client()
    require(client, "admin")
    return client


def _roles() -> tuple[str, ...]:
    return tuple(role for role in ROLE_NOTES if role in request.form.getlist("roles"))


def _choices() -> list[tuple[str, str, str]]:
    return [(role, role_words(role)[:1].upper() + role_words(role)[1:], say(ROLE_NOTES[role])) for role in ROLE_NOTES]


def _find(desk: Desk, name: str) -> Person | None:
    with desk.store.reading() as transaction:
        return _in(transaction, name)


def _in(transaction: Transaction, name: str) -> Person | None:
    wanted = names.tidy(name)
    return next((one for one in people.list_people(transaction) if one.name == wanted), None)


def _living(desk: Desk, name: str) -> Person:
    person = _find(desk, name)
    if person is None or person.disabled_at is not None:
        raise NotFound("person-unknown", _NO_PERSON)
    return person


def _row(transaction: Transaction, person: Person) -> dict[str, Any]:
    seen = logbook.last_at(transaction, Query(frozenset({Event.USER_SIGNED_IN}), person=person.name))
    return {
        "name": person.name,
        "keys": [role for role in ROLE_NOTES if role in person.roles],
        "roles": [role_words(role) for role in ROLE_NOTES if role in person.roles],
        "added": person.created_at,
        "seen": seen,
        "gone": person.disabled_at is not None,
        "disabled": person.disabled_at,
        "has_password": person.has_password,
    }


def _done() -> str:
    said = {
        "added": t("Personen är tillagd och kan logga in nu.", "The person was added and can sign in now."),
        "roles": t("Rollerna är ändrade. De gäller redan.", "The roles are changed. They hold already."),
        "password": t(
            "Lösenordet är ändrat. Personen är utloggad överallt.",
            "The password is changed. The person is signed out everywhere.",
        ),
        "disabled": t("Personen är avstängd och utloggad.", "The person is shut out and signed out."),
    }
    return said.get(request.args.get("done", ""), "")
