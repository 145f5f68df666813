"""The live board of one incident, as a page and as a fragment, and the page of one task."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request

from broadcaster.auth.client import Client
from broadcaster.auth.guard import csrf_token, current_client
from broadcaster.board import MessageView, Situation, channel_name
from broadcaster.desk import checklist
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.headline import Headline, Matters, headline, tally
from broadcaster.desk.parts import FIRST_CHANNEL, Desk, by_channel
from broadcaster.desk.rows import Hour, Row, fact_of, place_of, row_of
from broadcaster.desk.sending import names_of
from broadcaster.desk.states import clock_of, message_look
from broadcaster.desk.stopping import anew, held, stopped
from broadcaster.desk.timeline import Call, Picture, drawn
from broadcaster.desk.vocabulary import PHASES
from broadcaster.errors import NotFound, Text
from broadcaster.language import language, name_of, say, t
from broadcaster.pages import packed
from broadcaster.playbook import Answer, Snapshot
from broadcaster.spoken import DUTY
from broadcaster.watching import pulse, refusal, taken


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the live board, its fragment and the task pages."""

    @blueprint.get("/desk/incidents/<ref>")
    def incident(ref: str) -> Response:
        still = request.args.get("still") == "1"
        return packed(render_template("incident.html", still=still, **_shown(desk, ref)))

    @blueprint.get("/desk/incidents/<ref>/board")
    def board(ref: str) -> Response:
        tag = _tag(desk, ref)
        if request.if_none_match.contains(tag):
            answer = Response(status=304)
        else:
            answer = packed(render_template("_board.html", **_shown(desk, ref)))
        answer.set_etag(tag)
        return answer

    @blueprint.get("/desk/messages/<message_id>/deliveries/<channel>/<language>")
    def task(message_id: str, channel: str, language: str) -> str:
        return task_page(desk, message_id, channel, language, [])


def task_page(
    desk: Desk, message_id: str, channel: str, language: str, errors: FieldErrors, url: str = "", reason: str = ""
) -> str:
    """Return the page of one delivery for whoever settles it by hand; what was typed stays. Raises `NotFound`."""
    situation, message = find_message(desk, message_id)
    here = f"/desk/messages/{message_id}/deliveries/{channel}/{language}"
    for view in message.deliveries:
        if (view.channel, view.language) == (channel, language):
            return render_template(
                "task.html",
                row=row_of(message, view, _hour(desk), typed_url=url, typed_reason=reason),
                here=here,
                here_address=here,
                ref=situation.ref,
                mark=message.mark,
                drill=situation.mode == "drill",
                may_send="send" in current_client().scopes,
                errors=errors,
            )
    raise _no_such()


def find_message(desk: Desk, message_id: str) -> tuple[Situation, MessageView]:
    """Return a message with all that is known of its incident. Raises `NotFound`."""
    situation = desk.board.situation(desk.board.message(message_id)["incident"])
    for message in situation.messages:
        if message.json["id"] == message_id:
            return situation, message
    raise _no_such()


def _shown(desk: Desk, ref: str) -> dict[str, Any]:
    situation, client, hour = desk.board.situation(ref), current_client(), _hour(desk)
    snapshot = desk.pinned(ref, situation.playbook)
    may_send = "send" in client.scopes
    with desk.store.reading() as transaction:
        rejected = (one.json["id"] for one in situation.messages if one.state == "rejected")
        no = {its_id: refusal(transaction, its_id) for its_id in rejected}
        answered = taken(transaction, ref)
        points = checklist.shown(desk, transaction, situation, snapshot)
    messages = [_message(one, client, hour, snapshot, no.get(one.json["id"], "")) for one in situation.messages]
    return {
        "s": situation,
        "drill": situation.mode == "drill",
        "headline": _headline(situation, may_act=may_send),
        "to_do": _to_do(situation, client),
        "stop": _stop(situation, hour.now) if may_send else None,
        "stopped": anew(situation, situation.messages[0]) if may_send and stopped(situation.messages[0]) else None,
        "due": _due(situation, hour.zone),
        "taken": answered,
        "checklist": points,
        "messages": messages,
        "alarms": situation.alarms,
        "answers": _answers(situation, snapshot),
        "here": f"/desk/incidents/{ref}",
        "phases": [PHASES[phase] for phase in situation.phases if phase in PHASES],
        "affected_names": names_of(snapshot, situation.affected),
        "may_write": bool(client.scopes & {"send", "propose"}),
        "may_send": may_send,
        "may_decide": may_send or "approve" in client.scopes,
    }


def _hour(desk: Desk) -> Hour:
    with desk.store.reading() as transaction:
        return Hour(transaction.now, ZoneInfo(desk.settings.organisation.timezone))


def _tag(desk: Desk, ref: str) -> str:
    """Return what differs when the fragment may: the pulse, who reads, in which language, with which form tokens."""
    with desk.store.reading() as transaction:
        beat = pulse(transaction, ref)
    reader = (beat, language(), current_client().id, sorted(current_client().scopes), csrf_token())
    return sha256(repr(reader).encode()).hexdigest()


def _message(message: MessageView, client: Client, hour: Hour, snapshot: Snapshot, refused: str) -> dict[str, Any]:
    words = [
        {
            "channel": channel,
            "language": language,
            "text": text,
            "pictures": message.open_pictures.get((channel, language), ()),
        }
        for channel, said in message.open_words.items()
        for language, text in said.items()
    ]
    maker = message.created_by.split(":", 1)[-1]
    views = sorted(message.deliveries, key=lambda view: view.channel != FIRST_CHANNEL)
    rows = [row_of(message, view, hour) for view in views]
    words_by_channel = by_channel(words)
    return {
        "view": message,
        "phase": PHASES[message.phase],
        "look": message_look(
            message.state,
            tally(fact_of(view) for view in views),
            maker=maker,
            reason=refused,
            never_left=stopped(message),
        ),
        "maker": maker,
        "yes": _yes(message.approved_by),
        "mine": message.created_by in (client.id, client.name),
        "rows": rows,
        "first_words": words_by_channel[:1],
        "other_words": words_by_channel[1:],
        "word_count": sum(len(channel["words"]) for channel in words_by_channel[1:]),
        "typed": _typed(message, snapshot),
        "picture": _picture(message, rows),
    }


def _typed(message: MessageView, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return what somebody filled in, each with what it is called."""
    found = []
    for blank in snapshot.blanks(message.phase):
        if value := message.blanks.get(blank.name):
            choices = {key: say(words) for key, words in blank.choices}
            found.append((say(blank.label), choices.get(value, value)))
    return found


def _picture(message: MessageView, rows: Sequence[Row]) -> Picture | None:
    if message.accepted_at is None:
        return None
    lanes = ((f"{row.name}, {name_of(row.view.language)}", row.view.attempts) for row in rows)
    return drawn(message.accepted_at, ((name, [Call(a.at, a.fact) for a in calls]) for name, calls in lanes))


def _yes(approved_by: str | None) -> str:
    """Return whose yes let a message out, and whether it was given by telephone."""
    how, _, name = (approved_by or "").partition(":")
    if not name:
        return ""
    by_phone = t(" per telefon", " by telephone") if f"{how}:" == DUTY else ""
    return f"{t('ja av', 'yes by')} {name}{by_phone}"


def _headline(situation: Situation, *, may_act: bool) -> Headline:
    """Return the sentence on top: of the newest message that was let out, and what is left of those before it."""
    sent = [message for message in situation.messages if message.accepted_at is not None]
    return headline(
        Matters(
            newest=[fact_of(view) for message in sent[:1] for view in message.deliveries],
            older=[fact_of(view) for message in sent[1:] for view in message.deliveries],
            recalled=bool(sent) and sent[0].state == "recalled",
            held=bool(sent) and held(sent[0]) is not None,
            stopped=bool(sent) and stopped(sent[0]),
            sent=bool(sent),
            waiting=sum(message.awaiting for message in situation.messages),
            late=situation.promise is not None and situation.promise.is_late,
            drill=situation.mode == "drill",
            may_act=may_act,
        )
    )


def _stop(situation: Situation, now: datetime) -> dict[str, Any] | None:
    """Return what can still be stopped, and for how many more seconds."""
    for message in situation.messages:
        if at := held(message):
            return {"id": message.json["id"], "mark": message.mark, "left": max(0, ceil((at - now).total_seconds()))}
    return None


def _to_do(situation: Situation, client: Client) -> list[tuple[str, str]]:
    """Return what waits for a person, each with the id of its place on the page; nobody says yes to their own."""
    yes, do = t("Läs och säg ja eller nej:", "Read and say yes or no:"), t("Gör nu:", "Do now:")
    theirs = (one for one in situation.messages if one.awaiting and one.created_by not in (client.id, client.name))
    found = [(f"{yes} {one.mark}", f"m-{one.json['id']}") for one in theirs]
    if "send" in client.scopes:
        found += [
            (f"{do} {say(channel_name(view.channel))}, {name_of(view.language)}", place_of(message.json["id"], view))
            for message in situation.messages
            for view in message.deliveries
            if view.state == "needs_person"
        ]
    return found


def _due(situation: Situation, zone: ZoneInfo) -> list[str]:
    """Return what comes next and when, soonest first: the next attempt, and what people have to do by when."""
    views = [view for message in situation.messages for view in message.deliveries]
    found = []
    tried = [(view.json["next_attempt_at"], view) for view in views if view.state in ("retrying", "uncertain")]
    for at, view in sorted(((at, view) for at, view in tried if at), key=lambda pair: pair[0])[:1]:
        what = t("nästa kontroll", "next check") if view.state == "uncertain" else t("nytt försök", "next attempt")
        found.append(f"{say(channel_name(view.channel))}: {what} {say(clock_of(at, zone))}")
    tasks = [(view.deadline_at, view) for view in views if view.state == "needs_person" and view.deadline_at]
    for by, view in sorted(tasks, key=lambda pair: pair[0]):
        who = f" ({view.json['person']})" if view.json["person"] else ""
        what = f"{t('ska göras senast', 'to be done at the latest')} {say(clock_of(by, zone))}"
        found.append(f"{say(channel_name(view.channel))}: {what}{who}")
    return list(dict.fromkeys(found))


def _answers(situation: Situation, snapshot: Snapshot) -> list[tuple[int, Answer]]:
    """Return the prepared answers that fit what people have read last, each with its place in the playbook."""
    sent = [message.phase for message in situation.messages if message.accepted_at is not None]
    newest = sent[0] if sent else "first"
    return [(place, one) for place, one in enumerate(snapshot.answers) if newest in one.phases]


def _no_such() -> NotFound:
    return NotFound(
        "no-such-delivery",
        Text(
            "Det finns inget sådant utskick. Inget har ändrats. Gå till händelsen och välj därifrån.",
            "There is no such delivery. Nothing has been changed. Go to the incident and choose from there.",
        ),
    )
