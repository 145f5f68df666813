"""Lists through the imitated Graph API: one part of them, and the addresses of the next and the previous part."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_parameters import cursor, page_size, unix
from broadcaster.sandbox.parting import Part, Placed, part

_T = TypeVar("_T", bound=Placed)
_KEPT = ("fields", "since", "until", "summary", "filter", "order", "type")


def part_of(call: Call, found: list[_T], show: Callable[[_T], JsonObject]) -> JsonObject:
    """Return the part of a list (newest first) that was asked for by `limit`, `after`, `before`, `since`, `until`.

    Raises GraphError (100) for a question that makes no sense.
    """
    given = call.parameters
    limit, since, until = page_size(given), unix(given.get("since", 0)), unix(given.get("until", 1e12))
    if since is None or until is None:
        raise errors.invalid("Invalid since or until")
    found = [one for one in found if since <= one.created_at <= until]
    try:
        cut = part(found, limit, cursor(given, "after"), cursor(given, "before"))
    except ValueError as foreign:
        raise errors.invalid("Invalid cursors values, the after cursor is invalid") from foreign
    answer: JsonObject = {"data": [show(one) for one in cut.items]}
    if cut.items:
        answer["paging"] = _paging(call, cut, limit)
    if str(given.get("summary", "")).lower() in ("true", "1"):
        answer["summary"] = {"total_count": len(found)}
    return answer


def _paging(call: Call, cut: Part[_T], limit: int) -> JsonObject:
    found: JsonObject = {"cursors": {"before": cut.before, "after": cut.after}}
    kept = {key: str(value) for key, value in call.parameters.items() if key in _KEPT}
    address = f"{call.base}/graph/{'/'.join(call.request.segments)}"
    # The real service puts the token into these addresses too; whoever logs them leaks it.
    common = {"access_token": call.token, **kept, "limit": str(limit)}
    if cut.has_previous:
        found["previous"] = f"{address}?{urlencode({**common, 'before': cut.before})}"
    if cut.has_next:
        found["next"] = f"{address}?{urlencode({**common, 'after': cut.after})}"
    return found
