"""The page for a second person's yes by telephone: whose telephone, what has become of it, the digits read aloud."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster import spoken
from broadcaster.auth.guard import current_client
from broadcaster.by_telephone import Telephone
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.incident import find_message
from broadcaster.desk.parts import Desk
from broadcaster.errors import Conflict, Invalid, Text
from broadcaster.language import say

Page = str | tuple[str, int] | Response
#: How the telephone stands, for whoever waits with it at the ear.
STATES = {
    "owed": Text("Sms:et är på väg.", "The SMS is on its way."),
    "sending": Text("Sms:et är på väg.", "The SMS is on its way."),
    "sent": Text("Sms:et är skickat.", "The SMS has been sent."),
    "unsure": Text(
        "Det är oklart om sms:et kom fram. Fråga. Kom det inte: skicka igen.",
        "It is uncertain whether the SMS arrived. Ask. If it did not, send it again.",
    ),
    "failed": Text("Sms:et kunde inte skickas. Skicka igen.", "The SMS could not be sent. Send it again."),
    "confirmed": Text("Koden är uppläst.", "The code has been read aloud."),
    "void": Text("Koden gäller inte längre. Skicka sms:et igen.", "The code is worthless now. Send the SMS again."),
}


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page and its two acts."""
    telephone = Telephone(desk.broadcasts)

    @blueprint.get("/desk/messages/<message_id>/telephone")
    def by_telephone(message_id: str) -> str:
        return _page(desk, telephone, message_id, [])

    @blueprint.post("/desk/messages/<message_id>/telephone/ask")
    def ask(message_id: str) -> Page:
        try:
            telephone.ask(message_id, request.form.get("person", ""), current_client())
        except (Conflict, Invalid) as refused:
            return _page(desk, telephone, message_id, [("person", say(refused.detail))]), refused.status
        return redirect(f"/desk/messages/{message_id}/telephone", 303)

    @blueprint.post("/desk/messages/<message_id>/telephone/hear")
    def hear(message_id: str) -> Page:
        digest, code = request.form.get("digest", ""), request.form.get("code", "")
        try:
            answer = telephone.hear(message_id, digest, code, current_client())
        except Conflict as refused:
            return _page(desk, telephone, message_id, [("code", say(refused.detail))]), refused.status
        return redirect(f"/desk/incidents/{answer.json['incident']}", 303)


def _page(desk: Desk, telephone: Telephone, message_id: str, errors: FieldErrors) -> str:
    situation, message = find_message(desk, message_id)
    with desk.store.reading() as transaction:
        asked = spoken.asked_of(transaction, [message_id]).get(message_id)
    waits = asked is not None and asked.state in ("owed", "sending", "sent", "unsure", "confirmed")
    if asked is not None and asked.state == "void" and asked.tries_left == 0:
        errors = [("person", say(_SPENT)) if name == "code" else (name, words) for name, words in errors]
    people = telephone.who(message.json["created_by"])
    shown: dict[str, Any] = {
        "drill": situation.mode == "drill",
        "ref": situation.ref,
        "message": message,
        "message_id": message_id,
        "people": [(one.name, one.name) for one in people],
        "asked": asked,
        "state": say(STATES[asked.state]) if asked else "",
        "waits": waits,
        "may_send": "send" in current_client().scopes and message.awaiting,
        "errors": errors,
    }
    return render_template("telephone.html", **shown)


_SPENT = Text(
    "Koden var fel tre gånger och gäller inte längre. Inget har skickats. Skicka ett nytt sms, eller be en kollega "
    "logga in och säga ja på tavlan.",
    "The code was wrong three times and is worthless now. Nothing has been sent. Send a new SMS, or have a colleague "
    "sign in and say yes on the board.",
)
