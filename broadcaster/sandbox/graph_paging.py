"""Lists through the imitated Graph API: one part of them, and the addresses of the next and the previous part."""

import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

from broadcaster.sandbox import graph_errors as errors
from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.graph_parameters import cursor, page_size, unix
from broadcaster.sandbox.parting import Part, Placed, part

_T = TypeVar("_T", bound=Placed)
_EMPTY = re.compile(r"empty(\d{1,3})")
"""The cursor after a part that was empty and had a next one all the same."""
_KEPT = ("fields", "since", "until", "summary", "filter", "order", "type")


def part_of(call: Call, found: list[_T], show: Callable[[_T], JsonObject], *, oldest_first: bool = False,
            summary: JsonObject | None = None) -> JsonObject:
    """Return the part of a list that was asked for by `limit`, `after`, `before`, `since`, `until`.

    The list is newest first unless said otherwise; `summary` is what its summary has beside the number.
    Raises GraphError (100) for a question that makes no sense.
    """
    given = call.parameters
    limit, since, until = page_size(given), unix(given.get("since", 0)), unix(given.get("until", 1e12))
    if since is None or until is None:
        raise errors.invalid("Invalid since or until")
    after, before = cursor(given, "after"), cursor(given, "before")
    passed = _EMPTY.fullmatch(after or "")
    empty = int(passed[1]) if passed else 0
    if not before and (passed or not after) and empty < call.conditions.empty_pages:
        return {"data": [], "paging": _nothing_yet(call, limit, f"empty{empty + 1}")}
    found = [one for one in found if since <= one.created_at <= until]
    try:
        cut = part(found, limit, None if passed else after, before, oldest_first=oldest_first)
    except ValueError as foreign:
        raise errors.invalid("Invalid cursors values, the after cursor is invalid") from foreign
    answer: JsonObject = {"data": [show(one) for one in cut.items]}
    if cut.items:
        answer["paging"] = _paging(call, cut, limit)
    if str(given.get("summary", "")).lower() in ("true", "1"):
        answer["summary"] = {**(summary or {}), "total_count": len(found)}
    return answer


def _paging(call: Call, cut: Part[_T], limit: int) -> JsonObject:
    found: JsonObject = {"cursors": {"before": cut.before, "after": cut.after}}
    if cut.has_previous:
        found["previous"] = _address(call, limit, before=cut.before)
    if cut.has_next:
        found["next"] = _address(call, limit, after=cut.after)
    return found


def _nothing_yet(call: Call, limit: int, after: str) -> JsonObject:
    return {"cursors": {"before": after, "after": after}, "next": _address(call, limit, after=after)}


def _address(call: Call, limit: int, **cursors: str) -> str:
    kept = {key: str(value) for key, value in call.parameters.items() if key in _KEPT}
    address = f"{call.base}/graph/{'/'.join(call.request.segments)}"
    # The real service puts the token into these addresses too; whoever logs them leaks it.
    asked = {"access_token": call.token, **kept, "limit": str(limit), **cursors}
    return f"{address}?{urlencode(asked)}"
