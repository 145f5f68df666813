"""The playbooks: every word they can say, who has approved them, and the place to approve them."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster import approval
from broadcaster.auth.client import require
from broadcaster.auth.guard import address, current_client
from broadcaster.auth.people import check_password
from broadcaster.board import channel_name
from broadcaster.desk.changes import changes, fills
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.parts import Desk
from broadcaster.desk.sorting import sorting
from broadcaster.desk.vocabulary import APPROVAL, PHASES, SOURCE_KINDS, UNKNOWN
from broadcaster.errors import Refusal, Unidentified
from broadcaster.language import name_of, say, t
from broadcaster.manuscript import SourceSpec
from broadcaster.playbook import Answer, Snapshot
from broadcaster.verdicts import check_digest
from broadcaster.vouching import needed

Page = str | tuple[str, int] | Response


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page of a playbook and its approval."""

    @blueprint.get("/desk/playbooks/<playbook>")
    def playbook(playbook: str) -> str:
        return _page(desk, playbook, [], request.args.get("approved") == "1")

    @blueprint.post("/desk/playbooks/<playbook>/approve")
    def approve_words(playbook: str) -> Page:
        try:
            _approve(desk, desk.board.snapshot(playbook))
        except Unidentified:
            wrong = t("Lösenordet stämmer inte.", "The password is wrong.")
            again = t("Inget är godkänt. Försök igen.", "Nothing is approved. Try again.")
            return _page(desk, playbook, [("password", f"{wrong} {again}")]), 422
        except Refusal as refused:
            return _page(desk, playbook, [("", say(refused.detail))]), refused.status
        return redirect(f"/desk/playbooks/{playbook}?approved=1", 303)


def _approve(desk: Desk, snapshot: Snapshot) -> None:
    """Approve exactly the words that were read, by the person who is signed in and knows the password."""
    client = current_client()
    require(client, "approve")
    check_digest(snapshot.digest, request.form.get("digest", ""))
    person = check_password(desk.store, client.name, request.form.get("password", ""), address(), hashing=desk.hashing)
    with desk.store.transaction() as transaction:
        approval.approve(transaction, snapshot, person.name)


def _page(desk: Desk, playbook: str, errors: FieldErrors, done: bool = False) -> str:
    book, snapshot = desk.board.playbook(playbook), desk.board.snapshot(playbook)
    scopes = current_client().scopes
    state = book["approval"]["state"]
    thanks = t("Ditt godkännande är sparat.", "Your approval is kept.")
    return render_template(
        "playbook.html",
        book=book,
        title=say(snapshot.title),
        use=say(snapshot.use),
        look=APPROVAL.get(state, UNKNOWN),
        phases=[_phase(snapshot, phase) for phase in snapshot.phases],
        answers=[_answer(one, snapshot) for one in snapshot.answers],
        sources=[_source(one) for one in snapshot.sources],
        blocked=say(needed(snapshot.waiting)),
        checklist=[say(line) for line in snapshot.checklist],
        sorting=sorting(snapshot.cap),
        warnings=_warnings(snapshot),
        changed=changes(desk.store, snapshot),
        may_start=bool(scopes & {"send", "propose"}),
        may_approve="approve" in scopes and state != "revoked",
        here_address=f"/desk/playbooks/{playbook}",
        done=thanks if done else "",
        errors=errors,
    )


def _answer(one: Answer, snapshot: Snapshot) -> dict[str, str]:
    """Return a prepared answer; `phases` is empty where it fits in all of them."""
    everywhere = set(one.phases) >= set(snapshot.phases)
    phases = "" if everywhere else ", ".join(say(PHASES[phase].name) for phase in one.phases)
    return {"question": say(one.question), "answer": say(one.answer), "phases": phases, "owner": one.owner}


def _source(one: SourceSpec) -> dict[str, Any]:
    """Return a line and who vouches for it; `waits`: nobody does yet."""
    by, waits = one.source or one.signed or one.needs_signoff, one.needs_signoff is not None
    return {"says": one.says, "kind": say(SOURCE_KINDS[one.kind]), "by": by, "signed": bool(one.signed), "waits": waits}


def _warnings(snapshot: Snapshot) -> list[dict[str, Any]]:
    """Return what the rules of a good text wonder about, each once with its reason and everywhere it stands."""
    found: dict[str, dict[str, Any]] = {}
    for one in sorted(snapshot.remarks, key=lambda one: snapshot.phases.index(one.spot.phase)):
        text, reason = say(one.text), say(one.rule.reason)
        told = found.setdefault(text, {"text": text[:1].upper() + text[1:], "reason": reason, "where": []})
        channel, language = say(channel_name(one.spot.channel)), name_of(one.spot.language)
        told["where"].append(f"{say(PHASES[one.spot.phase].name)}, {channel}, {language}")
    return list(found.values())


def _phase(snapshot: Snapshot, phase: str) -> dict[str, Any]:
    """Return a phase's words twice: with nothing known, and with every blank filled by its example."""
    empty, full = fills(snapshot, phase)
    spots = [(channel, language) for channel in snapshot.channels for language in snapshot.languages_of(channel, phase)]
    return {
        "key": phase,
        "name": PHASES[phase].name,
        "channels": [
            {
                "key": channel,
                "name": say(channel_name(channel)),
                "language": language,
                "text": snapshot.render(empty, channel, language, None),
                "filled": snapshot.render(full, channel, language, None),
                "pictures": snapshot.pictures(phase, channel, language, "live"),
            }
            for channel, language in spots
        ],
    }
