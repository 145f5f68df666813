"""
The shapes of what is asked and answered, as JSON Schema 2020-12.

What may be asked comes from the models that read it (`broadcaster.request`), where a delivery can stand from the state
machine (`broadcaster.standing`). The shapes of the answers are written out here; tests hold them to real answers.
Clients are to ignore members they do not know: an answer may gain some, and never loses or changes one.
"""

from typing import Any, get_args

from pydantic.json_schema import models_json_schema

from broadcaster.api.routes import ROUTES
from broadcaster.errors import Refusal
from broadcaster.request import Mode, Phase
from broadcaster.standing import Intent, State

Schema = dict[str, Any]

MESSAGE_STATES = (
    "awaiting_approval", "rejected", "expired", "recalled", "superseded",
    "sending", "published", "partly_published", "failed",
)  # fmt: skip
APPROVAL_STATES = ("approved", "pending", "expired", "revoked")

_STRING: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
_PHASE: Schema = {"type": "string", "enum": list(get_args(Phase))}
_MODE: Schema = {"type": "string", "enum": list(get_args(Mode))}


def request_schemas() -> dict[str, Schema]:
    """Return the schema of every body that may be sent, by its model's name."""
    models = {route.body for route in ROUTES if route.body is not None}
    wanted = sorted(models, key=lambda model: model.__name__)
    _, found = models_json_schema([(one, "validation") for one in wanted], ref_template="#/components/schemas/{model}")
    schemas: dict[str, Schema] = found["$defs"]
    for schema in schemas.values():
        required = schema.get("required", [])
        schema["properties"] = {
            name: _plain(one, may_be_null=name not in required) for name, one in schema.get("properties", {}).items()
        }
        schema.pop("title", None)
    return schemas


def answer_schemas() -> dict[str, Schema]:
    """Return the schema of every answer, by name."""
    lists = {"Playbooks": "Playbook", "Incidents": "Incident", "Channels": "Channel", "Log": "Entry"}
    return {
        "Document": {"type": "object", "description": "An OpenAPI 3.1 document."},
        "Problem": _problem(),
        "Playbook": _playbook(),
        "Preview": _preview(),
        "Message": _message(),
        "Delivery": _delivery(),
        "Incident": _incident(),
        "Channel": _channel(),
        "Entry": _object(seq=_COUNT, entry={**_STRING, "description": "The exact text; hash these very bytes."}),
        **{name: _list_of(item) for name, item in lists.items()},
    }


def _plain(schema: Schema, *, may_be_null: bool) -> Schema:
    """Return a member's schema without generated titles; what may be left out may also be null."""
    schema = {key: value for key, value in schema.items() if key not in ("title", "default")}
    if not may_be_null:
        return schema
    choices = [one for one in schema.pop("anyOf", [schema]) if one != {"type": "null"}]
    return {"anyOf": [*choices, {"type": "null"}]}


def _problem() -> Schema:
    fault = _object(
        pointer={**_STRING, "description": "JSON pointer into the body, or / and the name of a query parameter."},
        message=_STRING,
    )
    return _object(
        type={**_STRING, "description": "Names the kind of problem and never changes."},
        title=_STRING,
        status={"type": "integer", "minimum": 400, "maximum": Refusal.status},
        detail={**_STRING, "description": "What happened, what it means, what to do."},
        errors=_array(fault),
    )


def _playbook() -> Schema:
    approval = _object(
        state={"type": "string", "enum": list(APPROVAL_STATES)}, by=_array(_STRING), expires_at=_or_null(_INSTANT)
    )
    phase = _object(blanks={"type": "object", "description": "The JSON Schema of `blanks` in this phase."})
    phases = {"type": "object", "propertyNames": {"enum": _PHASE["enum"]}, "additionalProperties": phase}
    return _object(
        id=_STRING,
        title=_STRING,
        version={"type": "integer", "minimum": 1},
        digest=_DIGEST,
        approval=approval,
        channels=_array(_STRING),
        languages=_array(_STRING),
        phases=phases,
        affected=_array(_markable()),
    )


def _markable() -> Schema:
    kind = {"type": "string", "enum": ["system", "channel", "contact"]}
    return _object(key=_STRING, kind=kind, name=_STRING, contacts=_array(_STRING), channels=_array(_STRING))


def _preview() -> Schema:
    picture = _object(name=_STRING, type=_STRING, width=_COUNT, height=_COUNT, alt=_STRING)
    pictures = _array(picture)
    words = _object(
        channel=_STRING, language=_STRING, text=_STRING, length=_COUNT, limit=_COUNT, pictures=pictures)  # fmt: skip
    return _object(digest=_DIGEST, words=_array(words), warnings=_array(_STRING), warnings_en=_array(_STRING))


def _message() -> Schema:
    return _object(
        id=_STRING,
        incident=_STRING,
        mark=_STRING,
        playbook=_STRING,
        phase=_PHASE,
        mode=_MODE,
        state={"type": "string", "enum": list(MESSAGE_STATES)},
        digest=_DIGEST,
        created_at=_INSTANT,
        created_by=_STRING,
        url=_STRING,
        deliveries=_array(_ref("Delivery")),
    )


def _letter() -> Schema:
    names = {**_array(_STRING), "description": "By the names in the settings; addresses are in no answer."}
    return {
        "type": "object",
        "description": "A letter: how many have it, who certainly has not, and of whom nobody knows.",
        "properties": {"accepted": _COUNT, "total": _COUNT, "missed": names, "unsure": names},
        "required": ["accepted", "total", "missed", "unsure"],
    }


def _delivery() -> Schema:
    receipt = _object(id=_STRING, at=_INSTANT, by=_or_null(_STRING))
    error = {
        "type": "object",
        "properties": {
            "reason": _STRING,
            "detail": _STRING,
            "code": _or_null({"type": "integer"}),
            "subcode": _or_null({"type": "integer"}),
            "trouble": _or_null({**_STRING, "description": "The provider's own error by name: facebook:190/460."}),
            "wait_s": _or_null({"type": "number", "description": "Seconds to the next attempt, from `at`."}),
            "letter": _letter(),
        },
        "required": ["reason"],
    }
    return _object(
        channel=_STRING,
        language=_STRING,
        intent={"type": "string", "enum": list(get_args(Intent))},
        state={"type": "string", "enum": [str(state) for state in State]},
        attempts=_COUNT,
        receipt=_or_null(receipt),
        url=_or_null(_STRING),
        seen_at=_or_null(_INSTANT),
        error=_or_null(error),
        next_attempt_at=_or_null(_INSTANT),
        person=_or_null(_STRING),
    )


def _incident() -> Schema:
    return _object(
        ref=_STRING,
        mode=_MODE,
        playbook=_STRING,
        state={"type": "string", "enum": ["open", "closed"]},
        messages=_array(_ref("Message")),
    )


def _channel() -> Schema:
    preflight = _object(
        state={"type": "string", "enum": ["green", "amber", "red"]},
        checked_at=_or_null(_INSTANT),
        problems=_array(_STRING),
        problems_en=_array(_STRING),
    )
    return _object(key=_STRING, kind=_STRING, preflight=preflight)


def _list_of(item: str) -> Schema:
    description = "Pass this as `after` to get the page behind; null at the end."
    return _object(items=_array(_ref(item)), next={"type": ["string", "integer", "null"], "description": description})


def _object(**members: Schema) -> Schema:
    return {"type": "object", "properties": members, "required": list(members)}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
