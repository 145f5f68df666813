"""
What everybody may read: current messages, one incident ("is this genuine?"), what other systems follow by themselves
(feeds, CAP alerts, the announcement for callers), and whether we are well.

Only words that pass the worker's own proof are shown, and nothing of an exercise ever is. The pages need no cookie,
carry no secret and may be kept by a cache for a quarter of a minute, so that a surge never reaches the database;
whoever has an answer already is told so by its ETag.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
)
from flask.blueprints import BlueprintSetupState
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from broadcaster import cap, picture_pages
from broadcaster.auth import guard
from broadcaster.board import Board, PublicMessage
from broadcaster.edition import Edition, Speech, alert_of
from broadcaster.errors import NotFound, Text
from broadcaster.feeds import FEEDS, Feed
from broadcaster.language import DEFAULT, language, place_of
from broadcaster.order import STOPPING
from broadcaster.pages import STATIC, install, packed
from broadcaster.readers import Readers
from broadcaster.settings import Settings

#: A shared link may be opened by ten thousand people in a minute; a correction is at most this late for them.
CACHE_S = 15
#: A telephone system asks often and plays at once; it must not go on for long with what was recalled.
PHONE_CACHE_S = 5
#: A static file is named by its content, so a copy never grows old.
STATIC_S = 365 * 24 * 3600


@dataclass(frozen=True)
class Said:
    """One message in all its languages, the reader's own first."""

    languages: tuple[PublicMessage, ...]
    newest: bool = False
    replaced: bool = False  #: a later correction, false alarm or all-clear says something else

    @property
    def mark(self) -> str:
        """The message's number, as it stands in its words."""
        return self.languages[0].mark

    @property
    def number(self) -> str:
        """The last part of the mark."""
        return self.mark.rpartition("/")[2]

    @property
    def at(self) -> datetime:
        """When it was said."""
        return self.languages[0].at

    @property
    def gone(self) -> bool:
        """Tell whether it was recalled; its words are then not shown."""
        return self.languages[0].recalled


def blueprint(board: Board, settings: Settings, speech: Speech) -> Blueprint:
    """Return the public pages, and with them what every page of ours needs (`pages.install`).

    `speech` makes SSML of words, as the phone channel does.
    """
    pages = guard.public(Blueprint("public", __name__))
    pages.record_once(lambda state: _install(state, settings))
    readers = Readers(lambda: Edition(board.publication(), settings, speech))

    @pages.get("/static/<name>")
    def static(name: str) -> Response:
        return packed(send_from_directory(STATIC, name, max_age=STATIC_S))

    @pages.get("/")
    def home() -> Response:
        return _cached(packed(render_template("home.html", **_home(readers.all().messages, settings))))

    @pages.get("/about")
    def about_us() -> Response:
        host = urlsplit(settings.organisation.base_url).netloc
        facts = {"host": host, "contact_url": settings.organisation.contact_url, "lang_asked": _asked() is not None}
        return _cached(make_response(render_template("colophon.html", **facts)))

    @pages.get("/m")
    def lookup() -> AnyResponse:
        asked = request.args.get("ref", "").strip().upper().partition("/")[0]
        return _elsewhere((f"/m/{quote(asked, safe='')}" if asked else "/") + _kept_language())

    @pages.get("/m/<ref>")
    def about(ref: str) -> Response:
        ref = ref.upper()
        try:
            messages = readers.alone(lambda: board.public_messages(ref))
        except NotFound:
            messages = []
        if not messages:
            facts = {"ref": ref[:40], "example": example(settings), "lang_asked": _asked() is not None}
            return _cached(make_response(render_template("unknown.html", **facts), 404))
        return _cached(make_response(incident_page(ref, messages, settings)))

    @pages.get("/m/<ref>/<int:number>")
    def one(ref: str, number: int) -> AnyResponse:
        return _elsewhere(f"/m/{quote(ref, safe='')}{_kept_language()}#b{number}")

    for feed in FEEDS:
        _add_feed(pages, readers, feed)
    _add_alerts(pages, readers, board, settings)
    _add_announcements(pages, readers)
    picture_pages.add_public(pages, lambda sha256: readers.alone(lambda: board.public_picture(sha256)))
    _add_health(pages, board)
    return pages


def incident_page(ref: str, messages: Sequence[PublicMessage], settings: Settings, *, drill: bool = False) -> str:
    """Return the page of one incident: everything said in it, newest first. `messages` must not be empty."""
    return render_template(
        "about.html",
        drill=drill,
        ref=ref,
        title=messages[0].title,
        host=urlsplit(settings.organisation.base_url).netloc,
        over=messages[0].incident_state == "closed",
        updated_at=max(message.updated_at for message in messages),
        messages=said(messages),
        alerts=_alerts(ref, messages, drill),
        base_url=settings.organisation.base_url,
        lasting=next((one.lasting for one in said(messages)[0].languages), None),
        pictures_at=picture_pages.DESK if drill else picture_pages.PUBLIC,
        lang_asked=_asked() is not None,
    )


def _alerts(ref: str, messages: Sequence[PublicMessage], drill: bool) -> list[dict[str, str]]:
    """Return the mark and address of each message's CAP alert, newest first."""
    folder = f"/desk/drills/{quote(ref, safe='')}/cap" if drill else "/cap"
    recalled = {message.mark: message.recalled for message in messages}
    names = ((mark, cap.identifier(mark, cancelled=gone)) for mark, gone in recalled.items())
    return [{"mark": mark, "address": f"{folder}/{quote(name, safe='')}.xml"} for mark, name in names]


def said(messages: Iterable[PublicMessage]) -> list[Said]:
    """Return the messages of one incident, newest first, each with its languages together."""
    found: list[Said] = []
    replaced = False
    for _, group in groupby(messages, key=lambda message: message.mark):
        languages = tuple(sorted(group, key=_reader_first))
        valid = not languages[0].recalled
        newest = valid and not any(one.newest for one in found)
        found.append(Said(languages, newest, replaced and valid))
        replaced = replaced or (valid and languages[0].phase in STOPPING)
    return found


def example(settings: Settings) -> str:
    """Return what a message's number looks like."""
    return f"{settings.organisation.short}-2026-0031"


def _add_feed(pages: Blueprint, readers: Readers[Edition], feed: Feed) -> None:
    @pages.get(feed.path, endpoint=feed.path.strip("/").replace(".", "_"))
    def followed() -> Response:
        return _for_machines(readers.all().feed(feed, _asked()), feed.content_type)


def _add_alerts(pages: Blueprint, readers: Readers[Edition], board: Board, settings: Settings) -> None:
    @pages.get("/cap/<identifier>.xml")
    def alert(identifier: str) -> Response:
        name = cap.named(identifier)
        if name is None:
            raise NotFound("no-such-alert", NO_SUCH_ALERT)
        # What is going on is in the edition that everybody shares; what is over, few ask for, and it is read by itself.
        found = readers.all().alert(name)
        if found is None:
            found = alert_of(name, readers.alone(lambda: board.public_messages(name.ref)), settings)
        if found is None:
            raise NotFound("no-such-alert", NO_SUCH_ALERT)
        body, recalled = found
        response = _for_machines(body, cap.CONTENT_TYPE)
        if recalled:
            response.headers["Content-Location"] = f"/cap/{quote(cap.identifier(name.mark, cancelled=True))}.xml"
        return response


def _add_announcements(pages: Blueprint, readers: Readers[Edition]) -> None:
    def spoken(body: bytes, content_type: str, edition: Edition, tongue: str) -> Response:
        response = _for_machines(body, content_type, PHONE_CACHE_S)
        response.headers["Announcement"] = edition.marks(tongue)
        return response

    @pages.get("/feeds/phone/1177.txt")
    def phone_text() -> Response:
        edition, tongue = readers.all(), _asked() or DEFAULT
        return spoken(edition.text(tongue), "text/plain; charset=utf-8", edition, tongue)

    @pages.get("/feeds/phone/1177.vxml")
    def phone_voice_xml() -> Response:
        edition, tongue = readers.all(), _asked() or DEFAULT
        return spoken(edition.voice_xml(tongue), "application/voicexml+xml; charset=utf-8", edition, tongue)


def _add_health(pages: Blueprint, board: Board) -> None:
    @pages.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @pages.get("/readyz")
    def ready() -> Response:
        try:
            reasons = [one.en for one in board.ready()]  # for whoever runs it
        except SQLAlchemyError:
            reasons = ["the database does not answer: see the service's log"]
        response = jsonify(ready=not reasons, reasons=reasons)
        response.status_code = 503 if reasons else 200
        return response


def _install(state: BlueprintSetupState, settings: Settings) -> None:
    assert isinstance(state.app, Flask)
    install(state.app, settings)


def _home(current: Sequence[PublicMessage], settings: Settings) -> dict[str, Any]:
    entries = []
    for ref, group in groupby(current, key=lambda message: message.ref):
        messages = list(group)
        newest = next((one for one in said(messages) if one.newest), None)
        if newest is None:
            continue
        updated_at = max(message.updated_at for message in messages)
        state, title = messages[0].incident_state, messages[0].title
        entries.append({"ref": ref, "newest": newest, "title": title, "updated_at": updated_at, "state": state})
    return {
        "running": [entry for entry in entries if entry["state"] == "open"],
        "over": [entry for entry in entries if entry["state"] != "open"],
        "example": example(settings),
        "lang_asked": _asked() is not None,
    }


def _cached(response: Response) -> Response:
    """Let a page be kept for a moment, in the languages it is asked for in."""
    response.vary.update(("Accept-Language", "Cookie"))
    return _kept(response, CACHE_S)


def _for_machines(body: bytes, content_type: str, seconds: int = CACHE_S) -> Response:
    """Return bytes that are the same for everybody, whatever they send along; a page of another site may read them."""
    response = Response(body, content_type=content_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return _kept(response, seconds)


def _kept(response: Response, seconds: int) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    if response.status_code == 200:
        response.add_etag()
        response.make_conditional(request)
    return response


def _elsewhere(address: str) -> AnyResponse:
    """Send a reader on; where to depends on nothing but what was asked for and in which language."""
    response = redirect(address, 303)
    response.headers["Cache-Control"] = f"public, max-age={CACHE_S}"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _asked() -> str | None:
    return request.args.get("lang")


def _kept_language() -> str:
    return f"?lang={language()}" if _asked() is not None else ""


def _reader_first(message: PublicMessage) -> tuple[bool, tuple[int, str]]:
    return message.language != (_asked() or language()), place_of(message.language)


NO_SUCH_ALERT = Text(
    "Det finns inget CAP-meddelande med det namnet. Det kan vara felskrivet. Alla som gäller står i /cap.atom.",
    "There is no CAP message with that name. It may be mistyped. All that are current are in /cap.atom.",
)
