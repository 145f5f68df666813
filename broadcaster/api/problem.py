"""
Saying no in a form that machines can read and people can act on: `application/problem+json` (RFC 9457).

`type` names the kind of problem and never changes; `title` and `detail` are in Swedish, or in English for a client
that asks for it. What went wrong inside stands in our log under the request's id and never in the answer.
"""

import json
import traceback
from typing import Any
from uuid import uuid4

import structlog
from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.exceptions import NotFound as NoSuchAddress

from broadcaster.api.bodies import too_large
from broadcaster.api.queries import no_such_address
from broadcaster.errors import Language, Malformed, Refusal, Text, Unidentified
from broadcaster.store import turned_away

MEDIA_TYPE = "application/problem+json"

_log = structlog.get_logger(__name__)


class _WrongMethod(Refusal):
    status = 405
    title = Text("Så går det inte att använda adressen", "The address cannot be used that way")


def answer(error: Exception) -> Response:
    """Return the problem that `error` is to the client; a fault of ours is logged and named by an id only."""
    if isinstance(error, Refusal):
        return _refusal(error)
    turned = turned_away(error)
    if turned is not None:
        return _refusal(turned)
    if isinstance(error, NoSuchAddress):
        return _refusal(no_such_address())
    if isinstance(error, MethodNotAllowed):
        methods = ", ".join(sorted(error.valid_methods or ()))
        return _refusal(_wrong_method(methods), Allow=methods)
    if isinstance(error, RequestEntityTooLarge):
        return _refusal(too_large())
    if isinstance(error, HTTPException) and 400 <= (error.code or 500) < 500:
        return _refusal(_UNREADABLE)
    return _fault(error)


def language() -> Language:
    """Return the language the client reads best of those we have; Swedish if it does not say."""
    for tag, quality in request.accept_languages:  # best first; a preference for en-GB is one for English
        primary = tag.partition("-")[0].lower()
        if quality > 0 and primary in ("sv", "en"):
            return "en" if primary == "en" else "sv"
    return "sv"


def _refusal(error: Refusal, **headers: str) -> Response:
    chosen = language()
    response = _problem(
        error.status,
        error.slug,
        error.title.in_(chosen),
        error.detail.in_(chosen),
        errors=[{"pointer": one.pointer, "message": one.message.in_(chosen)} for one in error.fields],
    )
    if isinstance(error, Unidentified):
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    response.headers.update(headers)
    return response


def _fault(error: Exception) -> Response:
    chosen, request_id = language(), str(uuid4())
    # Neither the error's own words nor the body: both may hold a key, a name or the text of a message.
    _log.error(
        "request_failed",
        request_id=request_id,
        endpoint=request.endpoint,
        error=f"{type(error).__module__}.{type(error).__qualname__}",
        frames=[f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__)],
    )
    detail = Text(
        "Något gick fel hos oss, och vi vet inte säkert om begäran togs emot. Fråga igen med samma Idempotency-Key: "
        f"den gör inget två gånger. Går det fortfarande inte, ange {request_id} för den som sköter tjänsten.",
        "Something went wrong on our side, and we do not know for certain whether the request was accepted. Ask again "
        f"with the same Idempotency-Key: that does nothing twice. If it still fails, give {request_id} to whoever "
        "runs the service.",
    )
    return _problem(500, "fault", Refusal.title.in_(chosen), detail.in_(chosen), errors=[], request_id=request_id)


def _problem(status: int, slug: str, title: str, detail: str, **more: Any) -> Response:
    problem = {"type": f"/problems/{slug}", "title": title, "status": status, "detail": detail, **more}
    # A pointer may name half a character the client sent; escaped like this it is still JSON.
    body = json.dumps(problem, ensure_ascii=False).encode("utf-8", "backslashreplace")
    response = Response(body, status, content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = language()
    return response


def _wrong_method(methods: str) -> _WrongMethod:
    return _WrongMethod(
        "wrong-method",
        Text(
            f"Adressen svarar bara på {methods}. Inget har gjorts. Se /api/v1/openapi.json.",
            f"The address only answers {methods}. Nothing has been done. See /api/v1/openapi.json.",
        ),
    )


_UNREADABLE = Malformed(
    "unreadable-request",
    Text(
        "Begäran gick inte att läsa. Inget har gjorts. Kontrollera adress, huvuden och kropp och försök igen.",
        "The request could not be read. Nothing has been done. Check address, headers and body and try again.",
    ),
)
