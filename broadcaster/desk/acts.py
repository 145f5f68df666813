"""What a person does on the board: say yes or no, take back, try again, acknowledge."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster.auth.guard import current_client
from broadcaster.board import DeliveryView, channel_name
from broadcaster.desk.form import FieldErrors, beside
from broadcaster.desk.incident import find_message, task_page
from broadcaster.desk.parts import Desk
from broadcaster.desk.stopping import held
from broadcaster.errors import Conflict, Invalid, Refusal, Text
from broadcaster.language import name_of, say, t
from broadcaster.letters import REACHED
from broadcaster.settings import Manual

Page = str | tuple[str, int] | Response


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the acts on messages and on single deliveries."""
    acts = Acts(desk)

    @blueprint.post("/desk/messages/<message_id>/approve")
    def approve(message_id: str) -> Page:
        return acts.approve(message_id)

    @blueprint.post("/desk/messages/<message_id>/reject")
    def reject(message_id: str) -> Page:
        return acts.reject(message_id)

    @blueprint.route("/desk/messages/<message_id>/recall", methods=["GET", "POST"])
    def recall(message_id: str) -> Page:
        return acts.recall(message_id)

    @blueprint.post("/desk/messages/<message_id>/stop")
    def stop(message_id: str) -> Page:
        return acts.stop(message_id)

    @blueprint.post("/desk/messages/<message_id>/deliveries/<channel>/<language>/retry")
    def retry(message_id: str, channel: str, language: str) -> Page:
        return acts.retry(message_id, channel, language)

    @blueprint.post("/desk/messages/<message_id>/deliveries/<channel>/<language>/acknowledge")
    def acknowledge(message_id: str, channel: str, language: str) -> Page:
        return acts.acknowledge(message_id, channel, language)


class Acts:
    """Each act is one verb of the engine and ends on the board of its incident."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def approve(self, message_id: str) -> Page:
        """Say yes to the words whose digest the page carried."""
        body = {"digest": request.form.get("digest", "")}
        answer = self.desk.broadcasts.approve(message_id, body, current_client(), _key("approve", message_id, body))
        return _board(answer.json)

    def reject(self, message_id: str) -> Page:
        """Say no. A reason is asked for in the engine's own words."""
        body = {"reason": request.form.get("reason", "").strip()}
        answer = self.desk.broadcasts.reject(message_id, body, current_client(), _key("reject", message_id, body))
        return _board(answer.json)

    def recall(self, message_id: str) -> Page:
        """Show what a recall will do in every channel; when posted, do it."""
        if request.method == "GET":
            return self._recall_page(message_id, "", [])
        body = {"reason": request.form.get("reason", "").strip()}
        try:
            answer = self.desk.broadcasts.recall(message_id, body, current_client(), _key("recall", message_id, body))
        except (Invalid, Conflict) as refused:
            errors = _reason_errors(refused)
            return self._recall_page(message_id, body["reason"], errors), refused.status
        return _board(answer.json)

    def stop(self, message_id: str) -> Page:
        """Take back what has not begun to leave; what has is read before it is taken back."""
        situation, message = find_message(self.desk, message_id)
        if message.state != "recalled" and held(message) is None:
            return self._recall_page(message_id, "", [("", t(
                "Det hann börja gå ut, så inget är stoppat än. Läs vad som händer och dra tillbaka det här.",
                "It had begun to leave, so nothing is stopped yet. Read what happens and recall it here.",
            ))]), 409
        # What was pressed; whether it was in time, the log shows.
        body = {"reason": t("Stoppat med knappen Stoppa", "Stopped with the Stop button")}
        if message.state != "recalled":
            with suppress(Conflict):  # somebody else took it back the same moment
                self.desk.broadcasts.recall(message_id, body, current_client(), f"desk-stop-{message_id}")
        return redirect(f"/desk/incidents/{situation.ref}", 303)

    def retry(self, message_id: str, channel: str, language: str) -> Page:
        """Ask for another try, or for another look where it is uncertain."""
        try:
            answer = self.desk.broadcasts.retry(message_id, channel, language, current_client(), _submission())
        except Conflict as refused:
            errors = [("", say(refused.detail))]
            return task_page(self.desk, message_id, channel, language, errors), refused.status
        return _board(answer.json)

    def acknowledge(self, message_id: str, channel: str, language: str) -> Page:
        """Record what was done by hand; what was typed stays on the page if it cannot be."""
        url, reason = request.form.get("url", "").strip(), request.form.get("reason", "").strip()
        body = {key: value for key, value in (("url", url), ("reason", reason)) if value}
        key = _submission(*body.values())
        try:
            answer = self.desk.broadcasts.acknowledge(message_id, channel, language, body, current_client(), key)
        except (Invalid, Conflict) as refused:
            errors = [("", words) for _, words in beside(refused.fields, refused.detail)]
            if not body:
                errors = [("", say(_NEITHER))]
            return task_page(self.desk, message_id, channel, language, errors, url, reason), refused.status
        return _board(answer.json)

    def _recall_page(self, message_id: str, reason: str, errors: FieldErrors) -> str:
        situation, message = find_message(self.desk, message_id)
        alike: dict[tuple[str, Text], list[str]] = {}
        for view in message.deliveries:
            alike.setdefault((view.channel, self._effect(view)), []).append(name_of(view.language))
        happens: dict[Text, list[tuple[str, list[str]]]] = {}
        for (channel, effect), languages in alike.items():
            happens.setdefault(effect, []).append((say(channel_name(channel)), languages))
        return render_template(
            "recall.html",
            drill=situation.mode == "drill",
            ref=situation.ref,
            mark=message.mark,
            message_id=message_id,
            happens=list(happens.items()),
            can_correct="correction" in situation.phases,
            reason=reason,
            errors=errors,
        )

    def _effect(self, view: DeliveryView) -> Text:
        """Return what a recall does to one delivery, as far as can be known beforehand."""
        by_hand = isinstance(self.desk.settings.channels.get(view.channel), Manual)
        if by_hand and view.state == "published":
            return _TASK
        if by_hand and view.state == "needs_person":
            return _DROPPED
        if view.recipients and any(one.has in REACHED for one in view.recipients):
            return _HANDED_OVER
        return _EFFECTS.get(view.state, _NOTHING)


def _board(message: Mapping[str, Any]) -> Response:
    return redirect(f"/desk/incidents/{message['incident']}", 303)


def _key(verb: str, message_id: str, body: Mapping[str, str]) -> str:
    """Return a key that makes the same act on the same message one act, however often its button is pressed."""
    return f"desk-{verb}-{message_id}-{hashlib.sha256(repr(sorted(body.items())).encode()).hexdigest()[:16]}"


def _submission(*typed: str) -> str | None:
    given = request.form.get("submission")
    if not given:
        return None
    mark = hashlib.sha256("\0".join(typed).encode()).hexdigest()[:16]
    return f"desk-{given[:64]}-{mark}"


def _reason_errors(refused: Refusal) -> FieldErrors:
    if isinstance(refused, Invalid):
        return [("reason", t("Skriv varför, med några få ord.", "Write why, in a few words."))]
    return [("", say(refused.detail))]


_NEITHER = Text(
    "Skriv adressen där texten ligger ute. Går det inte att lägga ut den: skriv varför.",
    "Write the address where the text is out. If it cannot be put out: write why.",
)
_NOTHING = Text("inget, där finns inget att ta bort.", "nothing, there is nothing to take down.")
_TASK = Text(
    "blir en uppgift: en person måste ta bort det för hand.", "becomes a task: a person must take it down by hand."
)
_DROPPED = Text(
    "uppgiften tas bort. Har någon redan klistrat in det måste det tas bort för hand.",
    "the task is dropped. If somebody has already pasted it, it must be taken down by hand.",
)
_HANDED_OVER = Text(
    "går inte att ta tillbaka hos dem som har fått det. Ingen mer får det, och det blir en uppgift för en person.",
    "cannot be taken back from those who have it. Nobody else gets it, and it becomes a person's task.",
)
_NOT_SENT = Text("skickas inte.", "is not sent.")
_LOOKED_FOR = Text(
    "kan vara på väg ut. Vi letar upp det och tar bort det.",
    "may be on its way out. We look for it and take it down.",
)
_TAKEN_DOWN = Text(
    "tas bort, om inte ett senare besked redan har ersatt det.",
    "is taken down, unless a later message has already replaced it.",
)
_EFFECTS: Mapping[str, Text] = {
    "owed": _NOT_SENT,
    "retrying": _NOT_SENT,
    "sending": _LOOKED_FOR,
    "uncertain": _LOOKED_FOR,
    "needs_person": _LOOKED_FOR,
    "published": _TAKEN_DOWN,
}
