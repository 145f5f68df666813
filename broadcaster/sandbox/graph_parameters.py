"""Reading the parameters of a Graph call the way Facebook reads them; whatever cannot be read is error 100."""

import json
from datetime import UTC, datetime
from typing import Any

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_fields import fields

LONGEST_MESSAGE = 63_206
SOONEST_S, LATEST_S = 600, 30 * 86_400
"""The window for scheduled posts."""


def text(given: JsonObject, name: str) -> str:
    """Return a text parameter, empty when it is absent; raise GraphError (100) for anything but text."""
    value = given.get(name, "")
    if not isinstance(value, str):
        raise errors.invalid(f"Param {name} must be a string")
    return value


def boolean(given: JsonObject, name: str, *, default: bool) -> bool:
    """Return a yes or no in any of the spellings Facebook takes; raise GraphError (100) for others."""
    value = given.get(name, default)
    spelled: dict[str, bool] = {"true": True, "1": True, "false": False, "0": False}
    if str(value).lower() not in spelled:
        raise errors.invalid(f"Param {name} must be a boolean")
    return spelled[str(value).lower()]


def nested(given: JsonObject, name: str, default: object = None) -> Any:
    """Return a list or object, which forms carry as JSON; raise GraphError (100) for a text that is no JSON."""
    value = given.get(name, default)
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(value)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair could be kept, but never be sent back
        return found
    except (ValueError, RecursionError) as unreadable:
        raise errors.invalid(f"Param {name} is not valid JSON") from unreadable


def choice(given: JsonObject, name: str, choices: tuple[str, ...]) -> str:
    """Return one of these words, the first when absent; raise GraphError (100) for any other."""
    value = given.get(name) or choices[0]
    if value not in choices:
        raise errors.invalid(f"Param {name} must be one of {{{', '.join(choices)}}}")
    return str(value)


def wanted(given: JsonObject, known: frozenset[str], kind: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in `fields`, without what is wanted inside them; raise GraphError (100) for an unknown one."""
    names = tuple(dict.fromkeys(one.name for one in fields(given)))
    for name in names:
        if name not in known:
            raise errors.invalid(f"Tried accessing nonexisting field ({name}) on node type ({kind})")
    return names or default


def page_size(given: JsonObject) -> int:
    """Return `limit`, 25 when absent; raise GraphError (100) beyond 100."""
    try:
        limit = int(given.get("limit", 25))
    except (TypeError, ValueError, OverflowError):
        limit = -1
    if not 0 <= limit <= 100:
        raise errors.invalid("Please reduce the amount of data you're asking for: limit must be 0 to 100")
    return limit


def cursor(given: JsonObject, name: str) -> str | None:
    """Return a paging cursor as text, or None."""
    return str(given[name]) if given.get(name) else None


def check_length(message: str) -> None:
    """Raise GraphError (100) for words longer than the longest message seen to pass."""
    if len(message) > LONGEST_MESSAGE:
        raise errors.invalid("Name parameter too long")


def unix(value: Any) -> float | None:
    """Return unix seconds for a number or an ISO 8601 text, None for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def due(given: JsonObject, now: float, *, published: bool) -> float | None:
    """Return `scheduled_publish_time` in unix seconds, None when absent; raise GraphError (100) outside the window."""
    value = given.get("scheduled_publish_time")
    if value is None:
        return None
    at = unix(value)
    if published or at is None or not SOONEST_S <= at - now <= LATEST_S:
        raise errors.invalid("The specified scheduled publish time is invalid.")
    return at


def iso_time(at: float) -> str:
    """Return unix seconds as Facebook writes times."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
