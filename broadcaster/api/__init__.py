"""
`/api/v1`: what the form can do, as JSON for machines.

    key, scope ──> body, Idempotency-Key ──> query ──> one verb ──> JSON, or a problem
     401  403         415 413 400             422       404 409 422

    routes   the addresses as facts           openapi   the same facts as an OpenAPI document
    bodies   reading JSON in only one way     queries   reading what stands in the address
    verbs    one call of the engine each      problem   saying no

Every request takes the same way in, whatever it asks, so no address can forget a check.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from broadcaster.api import openapi, problem
from broadcaster.api.bodies import idempotency_key, json_body
from broadcaster.api.queries import no_such_address, query, variables
from broadcaster.api.routes import PREFIX, ROUTES, Route
from broadcaster.api.verbs import Asked, Verbs, answer
from broadcaster.auth import guard
from broadcaster.auth.client import require
from broadcaster.board import Board
from broadcaster.broadcast import Broadcasts
from broadcaster.errors import Refusal

__all__ = ["blueprint", "install_errors"]

_ErrorHandler = Callable[[Any], Any]


def blueprint(broadcasts: Broadcasts, board: Board) -> Blueprint:
    """Return the API, for an app that has the door (`guard.install`). Call `install_errors` on that app too."""
    pages = guard.api(Blueprint("api", __name__, url_prefix=PREFIX))
    verbs, document = Verbs(broadcasts, board), openapi.document()
    for route in ROUTES:
        view = _open_view(route, document) if not route.scopes else _view(route, getattr(verbs, route.name))
        rule = route.path.replace("{", "<").replace("}", ">")
        pages.add_url_rule(rule, endpoint=route.name, view_func=view, methods=[route.method])
    pages.before_app_request(_never_redirect)
    pages.register_error_handler(Exception, problem.answer)
    return pages


def install_errors(app: Flask) -> None:
    """Make every error under `/api/` a problem, also where no route is met.

    Call it after everybody else has put their error handlers on `app`: those go on answering for other addresses.
    """
    others = app.error_handler_spec[None][None]
    for kind in (Refusal, HTTPException):
        app.register_error_handler(kind, _under_api(others.get(kind)))


def _view(route: Route, verb: Callable[[Asked], Response]) -> Callable[..., Response]:
    def view(**given: str) -> Response:
        client = guard.current_client()
        if not client.scopes.intersection(route.scopes):
            require(client, route.scopes[0])
        at = variables(given)
        body = json_body(may_be_empty=route.may_be_empty) if route.body is not None else None
        key = idempotency_key(required=route.key == "required") if route.key is not None else None
        return verb(Asked(client, at, query(route.query), body, key))

    return view


def _open_view(route: Route, document: dict[str, Any]) -> Callable[..., Response]:
    def view() -> Response:
        query(route.query)
        return answer(document)

    return guard.public(view)


def _under_api(other: _ErrorHandler | None) -> _ErrorHandler:
    def handler(error: Exception) -> Any:
        if _is_ours():
            return problem.answer(error)
        if other is not None:
            return other(error)
        if isinstance(error, HTTPException):
            return error
        raise error

    return handler


def _never_redirect() -> None:
    """Refuse an address that is only nearly ours: a client that follows a redirect may drop its body or its key."""
    if isinstance(request.routing_exception, RequestRedirect) and _is_ours():
        raise no_such_address()


def _is_ours() -> bool:
    return request.path.lstrip("/").startswith("api/")
