"""
The door: every address of the web is refused until its author has said who may come in, and how they show it.

`public` is open to everybody. `desk` takes a session (people, cookie) and, for whatever changes something,
proof that the form is ours. `api` takes a key (machines, `Authorization: Bearer`) and never looks at a
cookie. `hook` takes a service that calls us back: what proves it is in the address, and the view looks at it.
What the client may do once inside is the verb's own question: `client.require`.

A later way to sign in (a passkey, the organisation's own) ends in `start_session`, as the password does.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from broadcaster.audit import Event, record
from broadcaster.auth import forgery, throttle
from broadcaster.auth.client import Client
from broadcaster.auth.headers import BODY_BYTES_MAX, NUL, harden, unkeepable
from broadcaster.auth.keys import key_client, key_refused
from broadcaster.auth.people import Person
from broadcaster.auth.sessions import Session, begin_session, find_session, not_signed_in, sign_out
from broadcaster.errors import Forbidden, Text, TooLarge, Unfit
from broadcaster.settings import SECRET_LENGTH_MIN, is_loopback_http
from broadcaster.store import Store

#: The hidden field every form of ours carries.
CSRF_FIELD = "csrf"
#: The same client's refusals are entered in the log at most once in this time, so that nobody can fill it.
LOG_REFUSAL_EVERY_S = 60.0
_EXTENSION = "broadcaster.guard"
_MARK = "broadcaster_access"

_log = logging.getLogger(__name__)
_Declared = TypeVar("_Declared", bound=Callable[..., Any] | Blueprint)


class Access(StrEnum):
    """Who may come in."""

    PUBLIC = "public"
    DESK = "desk"
    API = "api"
    HOOK = "hook"


@dataclass(frozen=True)
class _Guard:
    store: Store
    tokens: forgery.SignInToken
    cookie: str
    secure: bool


def public(view_or_blueprint: _Declared) -> _Declared:
    """Declare a view, or all views of a blueprint, open to all; a form there carries the sign-in token."""
    return _declare(view_or_blueprint, Access.PUBLIC)


def desk(view_or_blueprint: _Declared) -> _Declared:
    """Declare a view, or all views of a blueprint, for people who are signed in."""
    return _declare(view_or_blueprint, Access.DESK)


def api(view_or_blueprint: _Declared) -> _Declared:
    """Declare a view, or all views of a blueprint, for machines with a key."""
    return _declare(view_or_blueprint, Access.API)


def hook(view_or_blueprint: _Declared) -> _Declared:
    """Declare a view for a service that calls us back; the view itself must refuse an address nobody was given."""
    return _declare(view_or_blueprint, Access.HOOK)


def install(app: Flask, store: Store, base_url: str, secret_key: str) -> None:
    """Put the door, and `headers.harden`, on `app`; call it before the app gets its views.

    `secret_key` signs the sign-in page's token only. Raises `Unfit` if it is shorter than 32 characters.
    """
    if len(secret_key) < SECRET_LENGTH_MIN:
        raise Unfit(
            f"BROADCASTER_SECRET_KEY has {len(secret_key)} characters and needs {SECRET_LENGTH_MIN} or more: "
            'make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    secure = not is_loopback_http(base_url)
    tokens = forgery.SignInToken(secret_key, store.clock)
    app.extensions[_EXTENSION] = _Guard(store, tokens, "__Host-session" if secure else "session", secure)
    harden(app, base_url)
    app.before_request(_let_in)
    app.after_request(_log_refusal)


def undeclared(app: Flask) -> list[str]:
    """Return the endpoints nobody has declared, sorted; every request to one is refused."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules() if access(app, rule.endpoint) is None})


def access(app: Flask, endpoint: str) -> Access | None:
    """Return who may come in at `endpoint`: its own declaration, else its blueprint's, else None."""
    own = _declared(app.view_functions.get(endpoint))
    if own is not None:
        return own
    if endpoint == "static":  # Flask's own: our stylesheet and scripts, the same for everybody
        return Access.PUBLIC
    path = endpoint
    while "." in path:
        path = path.rpartition(".")[0]
        if (found := _declared(app.blueprints.get(path))) is not None:
            return found
    return None


def current_client() -> Client:
    """Return who is asking. Raises `Unidentified` where nobody has to say so, on a public page."""
    client: Client | None = g.get("client")
    if client is None:
        raise not_signed_in()
    return client


def csrf_token() -> str:
    """Return what the hidden field `csrf` of a form on this page must carry."""
    session: Session | None = g.get("session")
    return session.csrf if session is not None else _guard().tokens.make()


def start_session(response: Response, person: Person) -> None:
    """Sign `person` in on the browser that gets `response`: a new session, never one it already had.

    From here on this request is that person's too, so its answer may carry forms of the new session. Raises
    `Unidentified` if the person was disabled in the meantime.
    """
    guard = _guard()
    token = begin_session(guard.store, person, address(), instead_of=request.cookies.get(guard.cookie))
    g.session = find_session(guard.store, token)
    if g.session is not None:
        g.client = g.session.client
    response.set_cookie(guard.cookie, token, path="/", secure=guard.secure, httponly=True, samesite="Lax")


def is_same_site() -> bool:
    """Tell whether the browser says that this request came from a page of ours, or says nothing."""
    try:
        forgery.require_same_site(
            request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), request.host
        )
    except Forbidden:
        return False
    return True


def end_session(response: Response) -> None:
    """Sign out the browser that gets `response`."""
    guard = _guard()
    token = request.cookies.get(guard.cookie)
    if token is not None:
        sign_out(guard.store, token, address())
    response.delete_cookie(guard.cookie, path="/", secure=guard.secure, httponly=True, samesite="Lax")


def address() -> str:
    """Return where the request comes from, as the server or the trusted proxy in front of it says."""
    return request.remote_addr or "unknown"


def _let_in() -> None:
    endpoint = request.endpoint
    if endpoint is None:  # no such address or method; routing says so itself
        return
    how = access(current_app, endpoint)
    if how is None:
        raise _undeclared()
    if how is Access.HOOK:
        return
    if how is Access.API:
        g.client = key_client(_guard().store, _bearer())
        return
    if how is Access.DESK:
        g.session = _session()
        g.client = g.session.client
    if request.method not in forgery.SAFE_METHODS:
        _require_our_form()


def _session() -> Session:
    guard = _guard()
    token = request.cookies.get(guard.cookie)
    session = find_session(guard.store, token) if token else None
    if session is None:
        raise not_signed_in()
    return session


def _bearer() -> str:
    given = request.headers.getlist("Authorization")
    scheme, _, presented = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise key_refused()
    return presented.strip()


def _require_our_form() -> None:
    forgery.require_same_site(
        request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin"), request.host
    )
    try:
        presented = request.form.getlist(CSRF_FIELD)
    except RequestEntityTooLarge as error:
        raise _too_large() from error
    session: Session | None = g.get("session")
    if session is not None:
        forgery.require_token(presented, session.csrf)
    else:
        _guard().tokens.require(presented)
    if any(NUL in said for pair in request.form.items(multi=True) for said in pair):
        raise unkeepable()


def _log_refusal(response: Response) -> Response:
    """Enter a refusal of the desk or the api in the log; a failed sign-in has entered itself already."""
    endpoint = request.endpoint
    if response.status_code not in (401, 403) or endpoint is None:
        return response
    if access(current_app, endpoint) is Access.PUBLIC:
        return response
    client: Client | None = g.get("client")
    by = client.id if client is not None else None
    try:
        _enter_refusal(by, endpoint, response.status_code)
    except SQLAlchemyError:  # nothing was done that the log must prove, and the client must hear the refusal
        _log.exception("a refusal could not be entered in the log")
    return response


def _enter_refusal(by: str | None, endpoint: str, status: int) -> None:
    store, who = _guard().store, by or throttle.neighbourhood(address())
    with store.reading() as transaction:  # first, so that a flood of bad keys never holds the writers up
        if throttle.is_noted(transaction, "refusal", who):
            return
    with store.transaction() as transaction:
        if throttle.first_in(transaction, "refusal", who, LOG_REFUSAL_EVERY_S):
            private = {"address": address()}
            record(
                transaction, Event.REQUEST_REFUSED, by=by, private=private, endpoint=endpoint, status=status
            )


def _declare(target: _Declared, how: Access) -> _Declared:
    setattr(target, _MARK, how)
    return target


def _declared(target: object) -> Access | None:
    how = getattr(target, _MARK, None)
    return how if isinstance(how, Access) else None


def _guard() -> _Guard:
    guard: _Guard = current_app.extensions[_EXTENSION]
    return guard


def _undeclared() -> Forbidden:
    return Forbidden(
        "undeclared",
        Text(
            "Den här adressen är inte öppnad för någon. Inget har gjorts. Säg till den som sköter tjänsten.",
            "This address has not been opened to anybody. Nothing was done. Tell whoever runs the service.",
        ),
    )


def _too_large() -> TooLarge:
    return TooLarge(
        "too-large",
        Text(
            f"Det som skickades är för stort (högst {BODY_BYTES_MAX // 1024} KiB). Inget har ändrats. "
            "Korta texten och försök igen.",
            f"What was sent is too large (at most {BODY_BYTES_MAX // 1024} KiB). Nothing has been changed. "
            "Shorten the text and try again.",
        ),
    )
