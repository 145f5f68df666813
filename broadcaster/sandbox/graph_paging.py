"""Paging of lists: the addresses of the next and the previous part."""

from urllib.parse import urlencode

from broadcaster.sandbox.exchange import JsonObject
from broadcaster.sandbox.graph_call import Call
from broadcaster.sandbox.posts import Cut


def paging(call: Call, part: Cut, limit: int) -> JsonObject:
    """Return `paging` for one part of a list."""
    found: JsonObject = {"cursors": {"before": part.before, "after": part.after}}
    kept = {key: str(value) for key, value in call.parameters.items()
            if key in ("fields", "since", "until", "summary")}
    address = f"{call.base}/graph/{'/'.join(call.request.segments)}"
    # The real service puts the token into these addresses too; whoever logs them leaks it.
    common = {"access_token": call.token, **kept, "limit": str(limit)}
    if part.has_newer:
        found["previous"] = f"{address}?{urlencode({**common, 'before': part.before})}"
    if part.has_older:
        found["next"] = f"{address}?{urlencode({**common, 'after': part.after})}"
    return found
