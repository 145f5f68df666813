"""
The API described for machines and their makers: OpenAPI 3.1, written from the routes that serve it.
"""

import re
from typing import Any

from broadcaster.api.bodies import KEY_LENGTH_MAX
from broadcaster.api.routes import PREFIX, ROUTES, Parameter, Route
from broadcaster.api.schemas import answer_schemas, request_schemas

Part = dict[str, Any]

_DESCRIPTION = """\
Say pre-approved words on every channel of a region at once, and follow each delivery.

A message is accepted with 202 when it has been stored; `deliveries` then says how far each channel has come.
Every `POST /messages` carries an `Idempotency-Key`: asking again with the same key gives the first answer, with
`Idempotency-Replayed: true`, and sends nothing. A member that is null is the same as one that is absent; a member
we do not know is refused. Problems are `application/problem+json`, in Swedish or by `Accept-Language` in English.
"""
#: What each refusal means here, in the order the checks are made.
_PROBLEMS = {
    401: "No key, or one that opens nothing.",
    403: "The key's scopes do not reach this, a drill key was used live, or the maker approves.",
    415: "The body is not JSON in UTF-8.",
    413: "The body is larger than 64 KiB.",
    400: "The body is not JSON, the Idempotency-Key is missing or unreadable, or the host is not ours.",
    422: "Fields or query parameters are wrong, all named at once; or the Idempotency-Key was used for another body.",
    404: "There is nothing at this address.",
    409: "Right request, wrong moment: unapproved, other words, already running, closed, wrong state.",
    429: "Too many attempts; Retry-After says when the next one is heard.",
    500: "A fault of ours, named by `request_id`.",
    503: "Nothing was stored: the database is busy, or its disk is full; Retry-After says when to ask again.",
}
_NEEDS_BODY = frozenset({413, 415})


def document() -> Part:
    """Return the OpenAPI document of every route."""
    paths: dict[str, Part] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Crisis communication broadcaster", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": PREFIX}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": {**answer_schemas(), **request_schemas()},
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "cb_live_… does both, cb_drill_… only drills.",
                }
            },
        },
    }


def _operation(route: Route) -> Part:
    operation: Part = {"operationId": route.name, "summary": route.summary, "responses": _responses(route)}
    parameters = [*_in_path(route), *(_in_query(one) for one in route.query), *_key_header(route)]
    if parameters:
        operation["parameters"] = parameters
    if route.scopes:
        operation["description"] = f"Needs the scope {' or '.join(route.scopes)}."
    else:
        operation["security"] = []
    if route.body is not None:
        schema = {"$ref": f"#/components/schemas/{route.body.__name__}"}
        operation["requestBody"] = {
            "required": not route.may_be_empty,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _responses(route: Route) -> Part:
    found: Part = {str(status): _problem(status) for status in sorted(_PROBLEMS) if _can_answer(route, status)}
    if route.answer != "Problem":
        found[str(route.status)] = _success(route)
    return dict(sorted(found.items()))


def _can_answer(route: Route, status: int) -> bool:
    if status in _NEEDS_BODY:
        return route.body is not None
    if status == 409:
        return route.status == 202
    if status in (401, 403):
        return bool(route.scopes)
    return True


def _success(route: Route) -> Part:
    schema = {"$ref": f"#/components/schemas/{route.answer}"}
    success: Part = {"description": route.summary, "content": {"application/json": {"schema": schema}}}
    if route.key is not None:
        replayed = {"description": "The first answer again; nothing was done now.", "schema": {"const": "true"}}
        success["headers"] = {"Idempotency-Replayed": replayed}
    if route.name == "send":
        success["headers"]["Location"] = {"description": "Where the message can be followed.", "schema": _TEXT}
    return success


def _problem(status: int) -> Part:
    schema = {"$ref": "#/components/schemas/Problem"}
    problem: Part = {"description": _PROBLEMS[status], "content": {"application/problem+json": {"schema": schema}}}
    if status == 401:
        problem["headers"] = {"WWW-Authenticate": {"required": True, "schema": {"const": "Bearer"}}}
    if status == 429:
        problem["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}}
    return problem


def _in_path(route: Route) -> list[Part]:
    names = re.findall(r"\{(\w+)\}", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]


def _in_query(parameter: Parameter) -> Part:
    schema: Part = {"type": parameter.kind}
    if parameter.kind == "integer":
        schema |= {"minimum": parameter.minimum, "maximum": parameter.maximum}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.default is not None:
        schema["default"] = parameter.default
    return {"name": parameter.name, "in": "query", "schema": schema}


def _key_header(route: Route) -> list[Part]:
    if route.key is None:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX}
    return [{"name": "Idempotency-Key", "in": "header", "required": route.key == "required", "schema": schema}]


_TEXT: Part = {"type": "string", "minLength": 1}
