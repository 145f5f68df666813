"""
What everybody may read: current messages, one incident ("is this genuine?"), the feed, and whether we are well.

Only words that pass the worker's own proof are shown, and nothing of an exercise ever is. The pages need no cookie,
carry no secret and may be kept by a cache for a quarter of a minute, so that a surge never reaches the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote, urlsplit

from feedgenerator import Atom1Feed
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

from broadcaster.auth import guard
from broadcaster.board import Board, PublicMessage
from broadcaster.errors import NotFound, Text
from broadcaster.language import language, say, t
from broadcaster.order import STOPPING
from broadcaster.pages import STATIC, install
from broadcaster.readers import Readers
from broadcaster.settings import Settings

#: A shared link may be opened by ten thousand people in a minute; a correction is at most this late for them.
CACHE_S = 15
FEED_ENTRIES_MAX = 50
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


def blueprint(board: Board, settings: Settings) -> Blueprint:
    """Return the public pages, and with them what every page of ours needs (`pages.install`)."""
    pages = guard.public(Blueprint("public", __name__))
    pages.record_once(lambda state: _install(state, settings))
    readers = Readers(board.public_messages)

    @pages.get("/static/<name>")
    def static(name: str) -> Response:
        return send_from_directory(STATIC, name, max_age=STATIC_S)

    @pages.get("/")
    def home() -> Response:
        return _cached(make_response(render_template("home.html", **_home(readers.all(), settings))))

    @pages.get("/m")
    def lookup() -> AnyResponse:
        asked = request.args.get("ref", "").strip().upper().partition("/")[0]
        return redirect((f"/m/{quote(asked, safe='')}" if asked else "/") + _kept_language(), 303)

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
        return redirect(f"/m/{quote(ref, safe='')}{_kept_language()}#b{number}", 303)

    @pages.get("/feed.atom")
    def feed() -> Response:
        return _cached(_atom(readers.all(), settings))

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
        lang_asked=_asked() is not None,
    )


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


def _add_health(pages: Blueprint, board: Board) -> None:
    @pages.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @pages.get("/readyz")
    def ready() -> Response:
        try:
            reasons = board.ready()
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


def _atom(messages: Sequence[PublicMessage], settings: Settings) -> Response:
    base = settings.organisation.base_url
    feed = Atom1Feed(
        title=f"{settings.organisation.name}: {t('krisinformation', 'crisis information')}",
        link=f"{base}/",
        feed_url=f"{base}/feed.atom",
        description=None,
        language="sv",
        author_name=settings.organisation.name,
    )
    for message in sorted(messages, key=lambda one: one.updated_at, reverse=True)[:FEED_ENTRIES_MAX]:
        heading, _, _ = message.words.partition("\n")
        gone = Text(f"Besked {message.mark} gäller inte längre", f"Message {message.mark} is no longer valid")
        feed.add_item(
            title=say(gone) if message.recalled else heading,
            link=f"{base}/m/{message.ref}?lang={message.language}",
            description=say(gone) if message.recalled else message.words,
            unique_id=f"{base}/m/{message.mark}#{message.language}",
            pubdate=message.at,
            updateddate=message.updated_at,
            categories=[message.phase],
        )
    return Response(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={CACHE_S}"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _asked() -> str | None:
    return request.args.get("lang")


def _kept_language() -> str:
    return f"?lang={language()}" if _asked() is not None else ""


def _reader_first(message: PublicMessage) -> tuple[bool, bool, str]:
    wanted = _asked() or language()
    return message.language != wanted, message.language != "sv", message.language
