"""Keys of machines: for administrators, by the same verbs as `broadcaster keys`. A key is shown exactly once."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from broadcaster.auth import keys, names
from broadcaster.auth.client import KEY_SCOPES, Client, Mode, require
from broadcaster.auth.guard import current_client
from broadcaster.auth.keys import Key
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.once import fingerprint, submission
from broadcaster.desk.parts import Desk
from broadcaster.errors import NotFound, Text
from broadcaster.idempotency import first_answer, keep_answer
from broadcaster.language import say, t

Page = str | tuple[str, int] | AnyResponse

SCOPES: dict[str, tuple[Text, Text]] = {
    "read": (Text("Läsa", "Read"), Text("händelser, besked och kanaler", "incidents, messages and channels")),
    "propose": (Text("Föreslå", "Propose"), Text("besked som väntar på en person", "messages that wait for a person")),
    "send": (Text("Skicka", "Send"), Text("godkända besked utan att fråga", "approved messages without asking")),
    "audit": (Text("Läsa loggen", "Read the log"), Text("alla poster", "every entry")),
}
MODES: dict[str, tuple[Text, Text]] = {
    "drill": (Text("Bara övning", "Exercises only"), Text("når aldrig allmänheten", "never reaches the public")),
    "live": (Text("Skarpt och övning", "For real and exercises"), Text("kan publicera", "can publish")),
}
_NO_KEY = Text("Det finns ingen sådan nyckel. Gå tillbaka till listan.", "There is no such key. Go back to the list.")


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the list, the pages that make a key, and the one that asks before a key is revoked."""

    @blueprint.get("/desk/keys")
    def key_list() -> str:
        _administrator()
        with desk.store.reading() as transaction:
            rows = [_row(one) for one in keys.list_keys(transaction)]
        alive, gone = ([row for row in rows if row["gone"] is is_gone] for is_gone in (False, True))
        done = t("Nyckeln är återkallad och öppnar inget mer.", "The key is revoked and opens nothing any more.")
        return render_template("keys.html", alive=alive, gone=gone, done=done if "revoked" in request.args else "")

    @blueprint.route("/desk/keys/new", methods=["GET", "POST"])
    def new_key() -> Page:
        client = _administrator()
        if request.method == "GET":
            return _ask("", [], "drill", "name", [])
        return _add(desk, client)

    @blueprint.route("/desk/keys/<which>/revoke", methods=["GET", "POST"])
    def revoke(which: str) -> Page:
        client, key = _administrator(), _find(desk, which)
        if request.method == "POST":
            with desk.store.transaction() as transaction:
                keys.revoke_key(transaction, key.id, client.id)
            return redirect("/desk/keys?revoked=1", 303)
        return render_template("key_revoke.html", row=_row(key))


def _add(desk: Desk, client: Client) -> Page:
    """Go one question on, or make the key once everything is answered."""
    name, step = names.tidy(request.form.get("name", "")), request.form.get("step", "name")
    scopes = [scope for scope in SCOPES if scope in request.form.getlist("scopes")]
    mode: Mode = "live" if request.form.get("mode") == "live" else "drill"
    errors: FieldErrors = []
    if fault := names.fault(name):
        errors.append(("name", say(fault.message)))
    elif step != "name" and not scopes:
        errors.append(("scopes", t("Välj minst en rätt.", "Choose at least one scope.")))
    if errors:
        return _ask(name, scopes, mode, errors[0][0], errors), 422
    if step != "mode":
        return _ask(name, scopes, mode, "scopes" if step == "name" else "mode", [])
    return _made(_make(desk, name, scopes, mode, client), name, mode)


def _make(desk: Desk, name: str, scopes: list[str], mode: Mode, client: Client) -> str:
    """Return a new key, or nothing where this very form has made its key already: it was shown then."""
    body = fingerprint(name, mode, *scopes)
    which = f"{submission()}-{body[:16]}"
    with desk.store.transaction() as transaction:
        if first_answer(transaction, client.id, which, body) is not None:
            return ""
        presented = keys.add_key(transaction, name, scopes, mode, client.id)
        keep_answer(transaction, client.id, which, b"made")
    return presented


def _made(presented: str, name: str, mode: Mode) -> Response:
    page = make_response(render_template("key_made.html", presented=presented, name=name, mode=mode))
    page.headers["Cache-Control"] = "no-store"  # Back must not show it again
    return page


def _ask(name: str, scopes: list[str], mode: Mode, step: str, errors: FieldErrors) -> str:
    return render_template(
        "key_new.html", name=name, chosen=scopes, mode=mode, step=step, errors=errors, submission=submission(),
        scopes=[(key, *map(say, SCOPES[key])) for key in SCOPES if key in KEY_SCOPES],
        modes=[(key, *map(say, MODES[key])) for key in MODES], said=[say(SCOPES[key][0]) for key in scopes],
    )  # fmt: skip


def _administrator() -> Client:
    """Return who asks. Raises `Forbidden` unless they may change people and keys."""
    client = current_client()
    require(client, "admin")
    return client


def _find(desk: Desk, which: str) -> Key:
    """Return one key by its id; a client's name, which would be all its keys, is none here. Raises `NotFound`."""
    with desk.store.reading() as transaction:
        found = next((one for one in keys.list_keys(transaction) if one.id == which), None)
    if found is None:
        raise NotFound("key-unknown", _NO_KEY)
    return found


def _row(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "hint": f"{key.hint}…",
        "live": key.mode == "live",
        "mode": say(MODES[key.mode][0]),
        "scopes": [say(SCOPES[scope][0]).lower() for scope in SCOPES if scope in key.scopes],
        "added": key.created_at,
        "used": key.used_at,
        "gone": key.revoked_at is not None,
        "revoked": key.revoked_at,
    }
