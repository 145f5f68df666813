"""Breaking the glass: one decision more than usual, what it means in plain words, and the review afterwards."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster import approval, glass
from broadcaster.auth.guard import current_client
from broadcaster.desk.form import FieldErrors, Filled, beside, read_form
from broadcaster.desk.incident import find_message
from broadcaster.desk.parts import Desk, by_channel
from broadcaster.errors import Invalid, NotFound, Refusal, Unidentified
from broadcaster.glass import Broken
from broadcaster.language import say, t
from broadcaster.playbook import Snapshot

Page = str | tuple[str, int] | Response
#: Pages of a playbook whose approval may just have run out, by endpoint.
_OF_PLAYBOOK = frozenset({"desk.playbook", "desk.new", "desk.send_new"})


@dataclass(frozen=True)
class Offer:
    """Words whose approval ran out at `ended`, with which one person may begin until `closes`."""

    playbook: str
    ended: datetime
    closes: datetime


@dataclass(frozen=True)
class Notice:
    """What stands above a page of the desk: what waits for a review, and where the glass may be broken."""

    reviews: tuple[Broken, ...] = ()
    offer: Offer | None = None
    waiting: Mapping[str, str] | None = None  #: one's own waiting message: its `id` and `mark`


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the pages of both ways to break the glass, of the review, and what stands above other pages about them."""

    @blueprint.route("/desk/new/<playbook>/glass", methods=["GET", "POST"])
    def glass_new(playbook: str) -> Page:
        if request.method == "GET":  # signed in again halfway: the words are read first
            asked = f"?{request.query_string.decode()}" if request.query_string else ""
            return redirect(f"/desk/new/{playbook}{asked}", 303)
        return _new_page(desk, playbook, "", [])

    @blueprint.post("/desk/new/<playbook>/glass/send")
    def break_new(playbook: str) -> Page:
        return _break_new(desk, playbook)

    @blueprint.route("/desk/messages/<message_id>/glass", methods=["GET", "POST"])
    def glass_waiting(message_id: str) -> Page:
        return _waiting_page(desk, message_id, "", []) if request.method == "GET" else _break_waiting(desk, message_id)

    @blueprint.route("/desk/messages/<message_id>/review", methods=["GET", "POST"])
    def glass_review(message_id: str) -> Page:
        return _review_page(desk, message_id, []) if request.method == "GET" else _review(desk, message_id)

    blueprint.context_processor(lambda: {"glass_notice": lambda: _notice(desk)})


def _new_page(desk: Desk, playbook: str, reason: str, errors: FieldErrors, refused: str = "") -> str:
    snapshot = desk.board.snapshot(playbook)
    filled = read_form(request.form).at_the_latest(desk.store.clock())
    shown = desk.broadcasts.preview(_body(snapshot, filled), current_client())
    offer = _offer(desk, playbook)
    return render_template(
        "glass.html",
        drill=filled.mode == "drill",
        title=say(snapshot.title),
        offer=offer,
        shown=by_channel(shown["words"]),
        action=f"/desk/new/{playbook}/glass",
        back=f"/desk/new/{playbook}",
        repost_fields=filled.pairs(),
        # What was read on the page before, so that nothing changes between reading and sending; where it has, the page
        # says so and shows the words anew.
        digest=shown["digest"] if refused == "digest" else request.form.get("digest") or shown["digest"],
        submission=request.form.get("submission") or str(uuid4()),
        ask_again=refused == "already-running",
        reason=reason,
        errors=errors,
    )


def _break_new(desk: Desk, playbook: str) -> Page:
    snapshot = desk.board.snapshot(playbook)
    filled = read_form(request.form).at_the_latest(desk.store.clock())
    body = _body(snapshot, filled) | {"digest": request.form.get("digest") or None}
    why = {"reason": request.form.get("reason", "").strip()}
    if request.form.get("sure") != "yes":
        return _new_page(desk, playbook, why["reason"], [_not_sure()]), 422
    key = f"desk-glass-{(request.form.get('submission') or str(uuid4()))[:64]}"
    try:
        answer = desk.broadcasts.break_glass(body, why, current_client(), key)
    except Unidentified:
        raise
    except Refusal as error:
        return _new_page(desk, playbook, why["reason"], _errors(error), error.slug), error.status
    return redirect(f"/desk/incidents/{answer.json['incident']}", 303)


def _body(snapshot: Snapshot, filled: Filled) -> dict[str, Any]:
    return filled.body(snapshot.id, "first", None)


def _waiting_page(desk: Desk, message_id: str, reason: str, errors: FieldErrors) -> str:
    situation, message = find_message(desk, message_id)
    words = [
        {"channel": channel, "language": language, "text": text}
        for channel, said in message.open_words.items()
        for language, text in said.items()
    ]
    return render_template(
        "glass.html",
        drill=situation.mode == "drill",
        title=say(situation.title),
        ref=situation.ref,
        mark=message.mark,
        message=message,
        free_at=glass.free_at(message.created_at, desk.settings.glass),
        may=_mine(message.created_by) and message.awaiting and message.sentence is None,
        now=desk.store.clock(),
        shown=by_channel(words),
        action=f"/desk/messages/{message_id}/glass",
        back=f"/desk/incidents/{situation.ref}",
        digest=message.json["digest"],
        reason=reason,
        errors=errors,
    )


def _break_waiting(desk: Desk, message_id: str) -> Page:
    reason, digest = request.form.get("reason", "").strip(), request.form.get("digest", "")
    if request.form.get("sure") != "yes":
        return _waiting_page(desk, message_id, reason, [_not_sure()]), 422
    key = f"desk-glass-{message_id}-{hashlib.sha256(f'{digest}{reason}'.encode()).hexdigest()[:16]}"
    try:
        answer = desk.broadcasts.break_waiting(
            message_id, {"digest": digest}, {"reason": reason}, current_client(), key
        )
    except (Unidentified, NotFound):
        raise
    except Refusal as error:
        return _waiting_page(desk, message_id, reason, _errors(error)), error.status
    return redirect(f"/desk/incidents/{answer.json['incident']}", 303)


def _review_page(desk: Desk, message_id: str, errors: FieldErrors, finding: str = "", found: str = "") -> str:
    with desk.store.reading() as transaction:
        one = glass.review_of(transaction, message_id)
    situation, message = find_message(desk, message_id)
    words = [{"channel": v.channel, "language": v.language, "text": v.words} for v in message.deliveries]
    return render_template(
        "glass_review.html",
        drill=one.mode == "drill",
        one=one,
        title=say(situation.title),
        shown=by_channel(words),
        may="approve" in current_client().scopes and one.by != current_client().name,
        mine=one.by == current_client().name,
        finding=finding,
        found=found,
        errors=errors,
    )


def _review(desk: Desk, message_id: str) -> Page:
    body = {"finding": request.form.get("finding") or None, "reason": request.form.get("reason", "").strip()}
    try:
        with desk.store.transaction() as transaction:
            glass.review(transaction, message_id, body, current_client())
    except Invalid as refused:
        return _review_page(desk, message_id, _found_errors(refused), body["finding"] or "", body["reason"] or ""), 422
    with desk.store.reading() as transaction:
        ref = glass.review_of(transaction, message_id).ref
    return redirect(f"/desk/incidents/{ref}", 303)


def _notice(desk: Desk) -> Notice:
    """Return what stands above the page that is being made; nothing on most of them."""
    endpoint, named = request.endpoint or "", request.view_args or {}
    if "client" not in g:  # the page on which somebody signs in again
        return Notice()
    if endpoint == "desk.overview":
        return Notice(reviews=_reviews(desk))
    if endpoint == "desk.incident":
        return Notice(reviews=_reviews(desk, named["ref"]), waiting=_my_waiting(desk, named["ref"]))
    if endpoint in _OF_PLAYBOOK and "send" in current_client().scopes:
        return Notice(offer=_offer(desk, named["playbook"]))
    return Notice()


def _reviews(desk: Desk, ref: str | None = None) -> tuple[Broken, ...]:
    with desk.store.reading() as transaction:
        return tuple(glass.reviews(transaction, ref))


def _offer(desk: Desk, playbook: str) -> Offer | None:
    with desk.store.reading() as transaction:
        snapshot = desk.books.within(transaction).get(playbook)
        closes = glass.until(transaction, snapshot.digest, desk.settings.glass) if snapshot else None
        ended = approval.status(transaction, snapshot.digest).expires_at if snapshot else None
    return Offer(playbook, ended, closes) if ended and closes else None


def _my_waiting(desk: Desk, ref: str) -> dict[str, str] | None:
    """Return one's own message that waits for a yes, of approved words alone, for somebody who may only propose."""
    if "send" in current_client().scopes:
        return None
    for message in desk.board.situation(ref).messages:
        if message.awaiting and message.sentence is None and _mine(message.created_by):
            return {"id": message.json["id"], "mark": message.mark}
    return None


def _mine(created_by: str) -> bool:
    return created_by in (current_client().id, current_client().name)


def _errors(refused: Refusal) -> FieldErrors:
    if not isinstance(refused, Invalid):
        return [("", say(refused.detail))]
    if any(one.pointer == "/reason" for one in refused.fields):
        return [("reason", t("Skriv varför, med några få ord.", "Write why, in a few words."))]
    return beside(refused.fields, refused.detail)


def _found_errors(refused: Invalid) -> FieldErrors:
    wrong = {one.pointer for one in refused.fields}
    errors = [("finding", t("Välj om det var rätt eller inte.", "Choose whether it was right or not."))]
    words = [("reason", t("Skriv med en mening vad du har sett.", "Write in one sentence what you saw."))]
    return (errors if "/finding" in wrong else []) + (words if "/reason" in wrong else [])


def _not_sure() -> tuple[str, str]:
    return "sure", t("Kryssa i att du förstår vad det betyder.", "Tick that you understand what it means.")
