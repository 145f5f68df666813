"""
Where those who were woken answer without signing in, and where 46elks says what became of an SMS.

A link in an SMS is opened by phones and mail filters before any person sees it, so opening it changes nothing: only
the button of the page does. Wrong addresses are slowed down for whoever tries them; a right one never waits.
"""

import hmac

import structlog
from flask import Blueprint, Response, make_response, render_template, request

from broadcaster import alarm_words, answering, language
from broadcaster.answering import LinkView
from broadcaster.auth import guard, throttle
from broadcaster.errors import NotFound, Text, TooMany
from broadcaster.roster import Roster
from broadcaster.store import Store

log = structlog.get_logger()


def blueprint(store: Store, roster: Roster, reply_secret: str | None) -> Blueprint:
    """Return the answer page and the two addresses 46elks calls; `reply_secret` None: no SMS comes in."""
    pages = Blueprint("alarm", __name__)

    @pages.get("/alarm/<token>")
    @guard.public
    def look(token: str) -> Response:
        return _page(_view(store, token))

    @pages.post("/alarm/<token>")
    @guard.public
    def take(token: str) -> Response:
        _view(store, token)
        with store.transaction() as transaction:
            mine = answering.take(transaction, token)
        return _page(_view(store, token), mine=mine)

    @pages.post("/alarm/delivered/<token>")
    @guard.hook
    def delivered(token: str) -> Response:
        with store.transaction() as transaction:
            known = answering.delivered(transaction, roster, token, request.form.get("status", ""))
        log.info("alarm_report", status=request.form.get("status", "")[:20], known=known)
        if not known:
            _slow_down(store)
        return Response(status=204)

    @pages.post("/alarm/reply/<secret>")
    @guard.hook
    def reply(secret: str) -> Response:
        if reply_secret is None or not hmac.compare_digest(secret.encode(), reply_secret.encode()):
            _slow_down(store)
            raise _no_such_link()
        given = request.form
        with store.transaction() as transaction:
            done = answering.reply(
                transaction, roster, given.get("from", ""), given.get("message", ""), given.get("id", "")
            )
        log.info("alarm_reply", did=done)
        # Words in the answer are sent by 46elks to whoever wrote.
        return Response(alarm_words.NOT_TAKEN, mimetype="text/plain") if done == "explain" else Response(status=204)

    pages.after_request(language.remember)
    return pages


def _view(store: Store, token: str) -> LinkView:
    with store.reading() as transaction:
        found = answering.look(transaction, token)
    if found is None:
        _slow_down(store)
        raise _no_such_link()
    return found


def _page(view: LinkView, *, mine: bool = False) -> Response:
    """Return the page: what is wrong and one button, or who took it."""
    mine = (mine or view.answered_by == view.person) and not view.overtaken
    words = render_template("alarm.html", alarm=view, mine=mine, drill=view.drill)
    return make_response(words, 410 if view.answered_by and not mine else 200)


def _slow_down(store: Store) -> None:
    """Count a wrong address. Raises `TooMany` for whoever tries many."""
    who = throttle.stranger("alarm", guard.address())
    with store.reading() as transaction:  # first, so that a flood of them never holds the writers up
        wait_s = throttle.wait_s(transaction, who)
    if wait_s:
        raise TooMany("too-many-links", _TOO_MANY, retry_after_s=wait_s)
    with store.transaction() as transaction:
        throttle.failed(transaction, who)


def _no_such_link() -> NotFound:
    return NotFound("no-such-alarm", _NO_SUCH_LINK)


_NO_SUCH_LINK = Text(
    "Den här länken gäller inte: larmet är besvarat sedan länge, eller adressen är avklippt. Inget har ändrats. "
    "Öppna länken ur sms:et igen, eller logga in på krisdesken.",
    "This link does not work: the alarm was answered long ago, or the address was cut off. Nothing was changed. "
    "Open the link in the SMS again, or sign in to the crisis desk.",
)
_TOO_MANY = Text(
    "För många felaktiga länkar härifrån. Inget har ändrats. Vänta några sekunder och öppna länken ur sms:et igen.",
    "Too many wrong links from here. Nothing was changed. Wait some seconds and open the link in the SMS again.",
)
