"""The playbooks: every word they can say, who has approved them, and the place to approve them."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from broadcaster import amendment, approval
from broadcaster.auth import names
from broadcaster.auth.client import require
from broadcaster.auth.guard import address, current_client
from broadcaster.auth.people import check_password
from broadcaster.board import channel_name
from broadcaster.desk.changes import changes, fills
from broadcaster.desk.form import FieldErrors
from broadcaster.desk.parts import Desk
from broadcaster.desk.proposal import NO_PROPOSAL, outdated
from broadcaster.desk.sorting import sorting
from broadcaster.desk.vocabulary import APPROVAL, PHASES, SOURCE_KINDS, UNKNOWN
from broadcaster.desk.wondering import wondering
from broadcaster.editors import editors_of
from broadcaster.errors import NotFound, Refusal, Unidentified
from broadcaster.language import say, t
from broadcaster.manuscript import SourceSpec
from broadcaster.pages import packed
from broadcaster.playbook import Answer, Snapshot
from broadcaster.seen import ELSEWHERE, GROUPS
from broadcaster.shelf import Version
from broadcaster.verdicts import NO_SUCH_PLAYBOOK, check_digest
from broadcaster.vouching import needed

Page = str | tuple[str, int] | Response


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the page of a playbook, of the change that is proposed to it, and their approval."""

    @blueprint.get("/desk/playbooks/<playbook>")
    def playbook(playbook: str) -> Page:
        return packed(_page(desk, playbook, [], done=_thanks()))

    @blueprint.get("/desk/playbooks/<playbook>/proposed")
    def proposed(playbook: str) -> Page:
        return packed(_page(desk, playbook, [], proposed=True, done=_thanks()))

    @blueprint.post("/desk/playbooks/<playbook>/approve")
    def approve_words(playbook: str) -> Page:
        return _answer(desk, playbook, proposed=False)

    @blueprint.post("/desk/playbooks/<playbook>/proposed/approve")
    def approve_proposed(playbook: str) -> Page:
        return _answer(desk, playbook, proposed=True)


def _answer(desk: Desk, playbook: str, *, proposed: bool) -> Page:
    try:
        adopted = _approve(desk, playbook, proposed=proposed)
    except Unidentified:
        wrong = t("Lösenordet stämmer inte.", "The password is wrong.")
        again = t("Inget är godkänt. Försök igen.", "Nothing is approved. Try again.")
        return _page(desk, playbook, [("password", f"{wrong} {again}")], proposed=proposed), 422
    except NotFound:
        raise
    except Refusal as refused:
        return _page(desk, playbook, [("", say(refused.detail))], proposed=proposed), refused.status
    here = f"/desk/playbooks/{playbook}{'/proposed' if proposed and not adopted else ''}"
    return redirect(f"{here}?{'adopted' if proposed and adopted else 'approved'}=1", 303)


def _approve(desk: Desk, playbook: str, *, proposed: bool) -> bool:
    """Approve exactly the words that were read, by the person who is signed in and knows the password.

    Return whether two people have now.
    """
    client = current_client()
    require(client, "approve")
    with desk.store.reading() as transaction:
        read = desk.books.within(transaction)
        snapshot = _words(_version(read.proposed(playbook) if proposed else read.in_force(playbook), proposed))
    check_digest(snapshot.digest, request.form.get("digest", ""))
    person = check_password(desk.store, client.name, request.form.get("password", ""), address(), hashing=desk.hashing)
    with desk.store.transaction() as transaction:
        standing = desk.books.within(transaction)
        found = _version(standing.proposed(playbook) if proposed else standing.in_force(playbook), proposed)
        check_digest(_words(found).digest, snapshot.digest)  # somebody may have saved a newer one meanwhile
        if found.made is not None:
            return amendment.approve(transaction, found.made, snapshot, person.name).state == "approved"
        return approval.approve(transaction, snapshot, person.name).state == "approved"


def _version(found: Version | None, proposed: bool) -> Version:
    if found is None:
        raise NotFound(*(("no-such-proposal", NO_PROPOSAL) if proposed else ("no-such-playbook", NO_SUCH_PLAYBOOK)))
    return found


def _words(found: Version) -> Snapshot:
    if found.snapshot is None:
        raise NotFound("no-such-proposal", NO_PROPOSAL)
    return found.snapshot


def _page(desk: Desk, playbook: str, errors: FieldErrors, *, proposed: bool = False, done: str = "") -> str:
    with desk.store.reading() as transaction:
        standing = desk.books.within(transaction)
        waiting, holds = standing.proposed(playbook), standing.in_force(playbook)
        trouble, notice = standing.trouble(playbook), standing.notice(playbook)
    snapshot = _words(_version(waiting, True)) if proposed else desk.board.snapshot(playbook)
    with desk.store.reading() as transaction:
        wrote = editors_of(transaction, snapshot)
    book = desk.board.described(snapshot)
    client, state = current_client(), book["approval"]["state"]
    home = f"/desk/playbooks/{playbook}"
    return render_template(
        "playbook.html",
        book=book,
        title=say(snapshot.title),
        use=say(snapshot.use),
        look=APPROVAL.get(state, UNKNOWN),
        phases=[_phase(snapshot, phase) for phase in snapshot.phases],
        answers=[_prepared(one, snapshot) for one in snapshot.answers],
        sources=[_source(one) for one in snapshot.sources],
        translators=_translators(desk, snapshot),
        outdated=outdated(desk, playbook, shown.text) if (shown := waiting if proposed else holds) else (),
        blocked=say(needed(snapshot.waiting)),
        checklist=[say(line) for line in snapshot.checklist],
        sorting=sorting(snapshot.cap),
        found_under=[say(GROUPS[key].name) for key in snapshot.seen or (ELSEWHERE,)],
        warnings=wondering(snapshot),
        changed=changes(desk.store, snapshot),
        may_start=bool(client.scopes & {"send", "propose"}) and not trouble and not proposed,
        may_approve="approve" in client.scopes and state != "revoked",
        may_edit="edit" in client.scopes,
        may_withdraw=proposed and waiting is not None and _is_by(waiting, client.name),
        is_editor=wrote.last == names.tidy(client.name),
        wrote=wrote,
        is_earlier=names.tidy(client.name) in wrote.earlier,
        proposed=proposed,
        waiting=waiting,
        trouble=say(trouble) if trouble else "",
        notice=say(notice) if notice else "",
        here_address=f"{home}/proposed" if proposed else home,
        done=done,
        errors=errors,
    )


def _prepared(one: Answer, snapshot: Snapshot) -> dict[str, str]:
    """Return a prepared answer; `phases` is empty where it fits in all of them."""
    everywhere = set(one.phases) >= set(snapshot.phases)
    phases = "" if everywhere else ", ".join(say(PHASES[phase].name) for phase in one.phases)
    return {"question": say(one.question), "answer": say(one.answer), "phases": phases, "owner": one.owner}


def _source(one: SourceSpec) -> dict[str, Any]:
    """Return a line and who vouches for it; `waits`: nobody does yet."""
    by, waits = one.source or one.signed or one.needs_signoff, one.needs_signoff is not None
    return {"says": one.says, "kind": say(SOURCE_KINDS[one.kind]), "by": by, "signed": bool(one.signed), "waits": waits}


def _translators(desk: Desk, snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return who signed the words in languages that approvers may not read, as the folder says it."""
    signed = desk.books.reader.signers(snapshot.id) if desk.books.reader else ()
    return [(language, by) for language, by in signed if language in snapshot.languages]


def _is_by(found: Version, name: str) -> bool:
    return found.made is not None and names.tidy(found.made.editor) == names.tidy(name)


def _thanks() -> str:
    told = {
        "approved": t(
            "Ditt godkännande är sparat. Orden gäller när två har godkänt dem.",
            "Your approval is kept. The words take effect when two people have approved them.",
        ),
        "adopted": t(
            "Ditt godkännande är sparat. Två personer har godkänt, så de nya orden gäller från och med nu.",
            "Your approval is kept. Two people have approved, so the new words are in force from now on.",
        ),
        "saved": t(
            "Ditt förslag är sparat. Det gäller när två andra personer har godkänt det.",
            "Your proposal is saved. It takes effect when two other people have approved it.",
        ),
        "withdrawn": t(
            "Förslaget är taget tillbaka. Orden här nedanför gäller, precis som förut.",
            "The proposal is withdrawn. The words below are in force, just as before.",
        ),
    }
    return next((words for name, words in told.items() if request.args.get(name) == "1"), "")


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
